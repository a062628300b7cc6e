"""Rows that join others stand where sorting would have put them."""

from dataclasses import fields

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duanka.synth.movements import Movements, movements, nothing, together

TIMES = st.lists(st.integers(0, 6), max_size=12)


def at(times: list[int], ring: int) -> Movements:
    return movements(times, np.arange(len(times)) + 1, 0, 5, 1, ring=ring) if times else nothing()


@given(TIMES, TIMES)
def test_rows_join_in_their_places(first: list[int], more: list[int]) -> None:
    rows, added = at(first, 1).in_order(), at(more, 2)
    joined, expected = rows.joined_by(added), together([rows, added]).in_order()
    for field in fields(Movements):
        np.testing.assert_array_equal(getattr(joined, field.name), getattr(expected, field.name))
        assert getattr(joined, field.name).dtype == getattr(expected, field.name).dtype
