"""Lift by hand, and what it can't be computed of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.typologies.lift import Lift, wilson


def test_by_hand() -> None:
    lift = Lift(accounts=1000, positives=50, hits=20, hit_positives=10)
    assert (lift.precision, lift.recall, lift.rest, lift.lift) == (0.5, 0.2, 10 / 950, 10.0)
    assert lift.interval == pytest.approx((5.986, 14.014), abs=5e-3)  # Wilson's of 10 in 20: 0.2993 … 0.7007


@pytest.mark.parametrize(
    "lift", [Lift(0, 0, 0, 0), Lift(9, 0, 3, 0), Lift(9, 3, 0, 0)], ids=["nobody", "no positive", "no hit"]
)
def test_nothing_to_divide_by(lift: Lift) -> None:
    assert lift.lift is None
    assert lift.interval is None
    assert lift.facts()["lift_95"] is None


@given(st.integers(1, 10**6).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_interval_holds_the_share(counts: tuple[int, int]) -> None:
    part, whole = counts
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole + 1e-12
    assert part / whole - 1e-12 <= high <= 1
    assert low < high
