"""Pairs of the two sides of transfers: a slow twin, and as many as there can be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import Int64
from duanka.flow.pairing import ALONE, pair
from flow.twins_balances import Side, may_pair, most_pairs, pair_twin
from strategies import DAY, MINUTE, SECOND

SLOW = settings(max_examples=300, deadline=None)
TOLERANCE = 2 * SECOND


@st.composite
def sides(draw: st.DrawFn, *, max_size: int = 8) -> list[Side]:
    """Elements that crowd in two groups, each with its own tie."""
    widths = st.sampled_from([1, SECOND, SECOND, MINUTE, DAY])
    parts = draw(
        st.lists(
            st.tuples(st.integers(0, 1), st.integers(0, 9), widths, st.booleans(), st.sampled_from([0, 0, 0, 7, 8])),
            max_size=max_size,
        )
    )
    tie = draw(st.permutations(range(len(parts))))
    return [
        Side(group=group, time=at * SECOND - at * SECOND % width, width=width, side=side, tie=rank, serial=serial)
        for (group, at, width, side, serial), rank in zip(parts, tie, strict=True)
    ]


def run_pair(chosen: list[Side], tolerance: int = TOLERANCE, *, with_serial: bool = True) -> list[int]:
    def column(name: str) -> Int64:
        return np.array([getattr(side, name) for side in chosen], np.int64)

    found = pair(
        column("group"),
        column("time"),
        column("width"),
        column("side").astype(np.bool_),
        column("tie"),
        tolerance,
        serial=column("serial") if with_serial else None,
    )
    return [int(partner) for partner in found]


def at(time: int, *, paid: bool, tie: int, width: int = SECOND, serial: int = 0, group: int = 0) -> Side:
    return Side(group=group, time=time, width=width, side=paid, tie=tie, serial=serial)


@SLOW
@given(sides(), st.sampled_from([0, 1, TOLERANCE]))
def test_agrees_with_its_twin(chosen: list[Side], tolerance: int) -> None:
    assert run_pair(chosen, tolerance) == pair_twin(chosen, tolerance)


@SLOW
@given(sides(max_size=7))
def test_pairs_are_mutual_allowed_and_as_many_as_can_be_in_each_step(chosen: list[Side]) -> None:
    partner = run_pair(chosen)
    pairs = [(chosen[i], chosen[j]) for i, j in enumerate(partner) if i < j]
    assert all(partner[j] in (ALONE, i) for i, j in enumerate(partner) if j != ALONE)
    assert all(partner[j] == i for i, j in enumerate(partner) if j != ALONE)
    assert all(may_pair(one, two, TOLERANCE) for one, two in pairs)

    numbered = [p for p in pairs if p[0].serial == p[1].serial != 0]
    by_serial = [[side for side in chosen if side.serial == serial] for serial in (7, 8)]
    assert len(numbered) == sum(most_pairs(same, TOLERANCE) for same in by_serial)
    left = [side for side in chosen if not any(side in p for p in numbered)]
    timed = [p for p in pairs if p not in numbered and max(p[0].width, p[1].width) <= MINUTE]
    assert len(timed) == most_pairs([side for side in left if side.width <= MINUTE], TOLERANCE)
    left = [side for side in left if not any(side in p for p in timed)]
    assert len(pairs) - len(numbered) - len(timed) == most_pairs(left, TOLERANCE)


@SLOW
@given(sides(), st.data())
def test_does_not_depend_on_the_order_of_input(chosen: list[Side], data: st.DataObject) -> None:
    place = data.draw(st.permutations(range(len(chosen))))
    one, two = run_pair(chosen), run_pair([chosen[i] for i in place])
    assert [ALONE if one[i] == ALONE else place.index(one[i]) for i in place] == two


def test_serials_go_before_times_but_do_not_keep_apart() -> None:
    early, late = at(0, paid=True, tie=0, serial=7), at(SECOND, paid=True, tie=1, serial=5)
    other = [at(0, paid=False, tie=2, serial=9), at(SECOND, paid=False, tie=3, serial=7)]
    assert run_pair([early, late, *other]) == [3, 2, 1, 0]
    assert run_pair([early, late, *other], with_serial=False) == [2, 3, 0, 1]


def test_the_tolerance_is_measured_between_the_intervals() -> None:
    paid = at(0, paid=True, tie=0)
    for gap, expected in ((-1, 1), (0, ALONE), (1, ALONE)):
        assert run_pair([paid, at(SECOND + TOLERANCE + gap, paid=False, tie=1)])[0] == expected


def test_a_dated_side_takes_what_the_timed_leave() -> None:
    chosen = [
        at(0, paid=True, tie=0, width=DAY),
        at(DAY // 2, paid=True, tie=1),
        at(DAY // 2, paid=False, tie=2),
        at(DAY // 3, paid=False, tie=3),
    ]
    assert run_pair(chosen) == [3, 2, 1, 0]


def test_nothing_to_pair() -> None:
    assert run_pair([]) == []


def test_a_negative_tolerance_or_an_empty_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="tolerance"):
        run_pair([at(0, paid=True, tie=0)], -1)
    with pytest.raises(ValueError, match="length"):
        run_pair([at(0, paid=True, tie=0, width=0)])
