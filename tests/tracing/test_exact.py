"""Exact division of products, and largest remainders, against Python's whole numbers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.trace.exact import divided, share
from tracing.twins import largest_remainder

MOST = 2**63 - 1


@settings(max_examples=300, deadline=None)
@given(st.integers(0, MOST), st.integers(1, MOST), st.data())
def test_products_are_divided_exactly(factor: int, divisor: int, data: st.DataObject) -> None:
    other = data.draw(st.integers(0, divisor))
    assert divided(factor, other, divisor) == divmod(factor * other, divisor)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 9), st.integers(0, 10**17)), min_size=1, max_size=30), st.data())
def test_units_left_over_go_to_the_largest_remainders(weights: list[int], data: st.DataObject) -> None:
    whole = sum(weights)
    total = data.draw(st.integers(0, whole))
    count = len(weights)
    parts, spare = np.zeros(count, np.int64), np.zeros(2 * count, np.int64)
    share(total, np.array(weights, np.int64), whole, count, parts, spare)
    assert parts.tolist() == largest_remainder(total, weights)
    assert parts.sum() == (total if whole else 0)
