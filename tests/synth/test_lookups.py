"""Strings by row: kept or made when wanted, they are the same."""

import numpy as np
import polars as pl
import pytest

from duanka.synth import lookups
from duanka.synth.chance import Ints
from duanka.synth.lookups import Lookup, pick

SIZE = 50


def squares(rows: Ints) -> pl.Series:
    return pl.Series(rows * rows).cast(pl.String)


@pytest.mark.parametrize("rows", [[], [-1], [0], [49, 3, 3, -1, 0, 49], list(range(SIZE))])
def test_a_long_table_gives_what_a_short_one_gives(rows: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = np.array(rows, dtype=np.int32)
    expected = [None if row < 0 else str(row * row) for row in rows]
    assert Lookup(squares, SIZE)(wanted).to_list() == expected
    monkeypatch.setattr(lookups, "_KEPT", SIZE - 1)
    assert Lookup(squares, SIZE)(wanted).to_list() == expected


def test_a_long_table_makes_only_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(rows: Ints) -> pl.Series:
        made.extend(rows.tolist())
        return squares(rows)

    monkeypatch.setattr(lookups, "_KEPT", 0)
    Lookup(counted, SIZE)(np.array([7, 7, 2, -1]))
    assert made == [2, 7]


def test_words_are_picked_by_row() -> None:
    assert pick(pl.Series(["a", "b"]), np.array([1, -1, 0], dtype=np.int8)).to_list() == ["b", None, "a"]
