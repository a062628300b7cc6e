"""Intervals matched one to one: every matching tried by hand, and as many as there can be."""

from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow import closest as module
from duanka.flow.closest import ALONE, Spans, claim, closest, reached

Interval = tuple[int, int, int]
Pairs = tuple[tuple[int, int], ...]
SLOW = settings(max_examples=200, deadline=None)


def spans(chosen: list[Interval]) -> Spans:
    columns = [np.array([one[place] for one in chosen], np.int64) for place in range(3)]
    return Spans(*columns)


def gap(one: Interval, two: Interval) -> int:
    return max(two[1] - one[2], one[1] - two[2], 0)


def allowed(these: list[Interval], those: list[Interval], pairs: Pairs, within: int) -> bool:
    return all(these[i][0] == those[j][0] and gap(these[i], those[j]) <= within for i, j in pairs)


def worth(these: list[Interval], those: list[Interval], pairs: Pairs) -> tuple[int, int, int]:
    """More is better."""
    gaps = sum(gap(these[i], those[j]) for i, j in pairs)
    return len(pairs), -gaps, -sum(abs(these[i][1] - those[j][1]) for i, j in pairs)


def best_twin(these: list[Interval], those: list[Interval], within: int, *, crossing: bool) -> tuple[int, int, int]:
    """The worth of the best of all matchings, tried one by one."""
    best = (0, 0, 0)
    for size in range(1, min(len(these), len(those)) + 1):
        for left in combinations(range(len(these)), size):
            orders = permutations(range(len(those)), size) if crossing else combinations(range(len(those)), size)
            for right in orders:
                pairs = tuple(zip(left, right, strict=True))
                if allowed(these, those, pairs, within):
                    best = max(best, worth(these, those, pairs))
    return best


@st.composite
def sides(draw: st.DrawFn, *, equal: bool, most: int = 4) -> tuple[list[Interval], list[Interval]]:
    """Two sides that crowd in two groups."""
    found = []
    for _ in range(2):
        one_length = draw(st.integers(0, 3))
        lengths = st.just(one_length) if equal else st.integers(0, 6)
        parts = draw(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 12), lengths), max_size=most))
        found.append(sorted((group, start, start + length) for group, start, length in parts))
    return found[0], found[1]


def pairs_of(these: list[Interval], those: list[Interval], within: int) -> Pairs:
    partner = closest(spans(these), spans(those), within)
    return tuple((i, int(j)) for i, j in enumerate(partner) if j != ALONE)


@SLOW
@given(sides(equal=True), st.integers(0, 6))
def test_of_equal_lengths_no_matching_at_all_is_better(
    both: tuple[list[Interval], list[Interval]], within: int
) -> None:
    pairs = pairs_of(*both, within)
    assert allowed(*both, pairs, within)
    assert worth(*both, pairs)[:2] == best_twin(*both, within, crossing=True)[:2]


@SLOW
@given(sides(equal=False), st.integers(0, 6))
def test_of_any_lengths_no_matching_that_keeps_the_order_is_better(
    both: tuple[list[Interval], list[Interval]], within: int
) -> None:
    pairs = pairs_of(*both, within)
    assert allowed(*both, pairs, within)
    assert len({j for _, j in pairs}) == len(pairs)
    assert all(one[1] < two[1] for one, two in pairwise(pairs))
    assert worth(*both, pairs) == best_twin(*both, within, crossing=False)


@SLOW
@given(sides(equal=True, most=6), st.integers(0, 6), st.integers(-5, 5))
def test_as_many_are_reached_as_are_matched(
    both: tuple[list[Interval], list[Interval]], within: int, shift: int
) -> None:
    these, those = both
    moved = [(group, start + shift, end + shift) for group, start, end in these]
    found = reached(spans(these), spans(those), within, shift_us=shift)
    assert int(found.sum()) == len(pairs_of(moved, those, within))


@SLOW
@given(sides(equal=True, most=6), st.integers(0, 6))
def test_a_crowd_too_dense_for_a_table_loses_no_pair(both: tuple[list[Interval], list[Interval]], within: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_CELLS", 1)
        quick = pairs_of(*both, within)
    assert allowed(*both, quick, within)
    assert len(quick) == len(pairs_of(*both, within))


def test_the_limit_is_closed() -> None:
    one, near, far = [(0, 100, 100)], [(0, 110, 110)], [(0, 111, 111)]
    assert pairs_of(one, near, 10) == ((0, 0),)
    assert pairs_of(one, far, 10) == ()
    assert pairs_of([], near, 10) == pairs_of(one, [], 10) == ()


def test_more_pairs_come_before_closer_ones() -> None:
    these, those = [(0, 0, 0), (0, 11, 11)], [(0, 10, 10), (0, 21, 21)]
    assert pairs_of(these, those, 10) == ((0, 0), (1, 1))


def test_hub_of_one_account_and_amount_is_settled() -> None:
    count = 3_000
    crowd = Spans(np.zeros(count, np.int64), np.arange(count) * 7, np.arange(count) * 7)
    assert (closest(crowd, crowd, 10**6) == np.arange(count)).all()


def test_the_best_pair_claims_both_sides() -> None:
    first, second = np.array([0, 0, 1, 2]), np.array([1, 0, 1, 0])
    assert claim(first, second, 3, 2).tolist() == [True, False, False, True]


def test_what_makes_no_sense_is_refused() -> None:
    good = spans([(0, 1, 2)])
    with pytest.raises(ValueError, match="tolerance"):
        closest(good, good, -1)
    with pytest.raises(ValueError, match="tolerance"):
        reached(good, good, -1)
    with pytest.raises(ValueError, match="sorted"):
        spans([(0, 2, 2), (0, 1, 1)])
    with pytest.raises(ValueError, match="before it starts"):
        spans([(0, 2, 1)])
