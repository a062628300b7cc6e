from functools import partial

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from duanka.report.long import LongTable


def table() -> LongTable:
    schema = pl.Schema({"number": pl.Int64(), "name": pl.String()})

    def named(name: str, narrow: pl.DataFrame) -> pl.DataFrame:
        return narrow.select(pl.col("number").cast(pl.Int64), name=pl.lit(name))

    parts = [("a", [1, 2, 3]), ("none", []), ("b", [7])]
    narrow = [(name, pl.DataFrame({"number": numbers}, schema={"number": pl.Int8})) for name, numbers in parts]
    return LongTable(schema, tuple((frame, partial(named, name)) for name, frame in narrow))


@pytest.mark.parametrize("lines", [1, 2, 100])
def test_batches_are_the_whole_in_order(lines: int) -> None:
    whole = pl.DataFrame({"number": [1, 2, 3, 7], "name": ["a", "a", "a", "b"]})
    assert len(table()) == 4
    assert_frame_equal(table().frame(), whole)
    assert_frame_equal(pl.concat(table().frames(lines)), whole)
    assert all(len(one) <= lines for one in table().frames(lines))


def test_a_table_without_lines_has_its_columns() -> None:
    empty = LongTable(table().schema, ())
    assert len(empty) == 0
    assert_frame_equal(empty.frame(), pl.DataFrame(schema=table().schema))
