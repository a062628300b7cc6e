"""Devices of accounts, once a day, equal a set of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duanka.signals.tables import once

ROW = st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(-20_000, 20_000) | st.integers(0, 2))


@given(st.lists(ROW, max_size=60))
def test_each_row_stands_once_and_in_order(rows: list[tuple[int, int, int]]) -> None:
    columns = np.array(rows, np.int32).reshape(-1, 3).T.copy()
    found = once(columns[0], columns[1], columns[2])
    assert list(zip(*(column.tolist() for column in found), strict=True)) == sorted(set(rows))
    assert {column.dtype for column in found} == {np.dtype(np.int32)}
