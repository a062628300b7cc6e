"""Reach against its slow twin, and its laws."""

import dataclasses
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow import reach
from duanka.flow.index import index
from duanka.flow.ledger import NO_BALANCE, NOBODY, Ledger
from duanka.flow.lineage import lineage
from duanka.flow.reach import Reach, backward, forward
from flow.ordered import OPENED, WINDOWS, covered_ledgers, in_order
from flow.twins import links_of, reach_twin
from strategies import SECOND, build


def hops_of(found: Reach) -> dict[int, int]:
    return dict(zip(found.row.tolist(), found.hop.tolist(), strict=True))


def some_rows(ledger: Ledger) -> st.SearchStrategy[list[int]]:
    return st.lists(st.sampled_from(range(len(ledger))), max_size=3) if len(ledger) else st.just([])


@settings(max_examples=200, deadline=None)
@given(st.data(), covered_ledgers(max_rows=20), st.integers(0, 6), st.booleans())
def test_agrees_with_its_twin(data: st.DataObject, drawn: Ledger, hops: int, covered_only: bool) -> None:  # noqa: FBT001 - drawn
    ledger, moment = in_order(drawn)
    seeds = data.draw(some_rows(ledger))
    bound = data.draw(st.none() | st.integers(-1, 4).map(lambda second: OPENED + second * SECOND))
    within = data.draw(st.none() | st.sampled_from((0, *WINDOWS)))
    rows = np.array(seeds, np.int64)
    known = data.draw(st.sampled_from([None, index(ledger)]))
    with patch.object(reach, "FEW", data.draw(st.sampled_from([1, 4, 64]))):
        down = forward(
            ledger, rows, hops, index=known, until=bound, within=within, covered_only=covered_only, moment=moment
        )
        up = backward(
            ledger, rows, hops, index=known, since=bound, within=within, covered_only=covered_only, moment=moment
        )
    for found, ahead in ((down, True), (up, False)):
        twin = reach_twin(
            ledger, moment, seeds, hops, ahead=ahead, until=bound, within=within, covered_only=covered_only
        )
        assert hops_of(found) == twin
        assert found.row.tolist() == sorted(twin)


@settings(max_examples=60, deadline=None)
@given(covered_ledgers(), st.integers(0, 4), st.sampled_from([None, SECOND]))
def test_up_is_down_seen_from_the_other_end(drawn: Ledger, hops: int, within: int | None) -> None:
    ledger, moment = in_order(drawn)
    rows = range(len(ledger))
    down = [hops_of(forward(ledger, np.array([row]), hops, within=within, moment=moment)) for row in rows]
    up = [hops_of(backward(ledger, np.array([row]), hops, within=within, moment=moment)) for row in rows]
    assert all(down[row].get(other) == up[other].get(row) for row in rows for other in rows)


@settings(max_examples=60, deadline=None)
@given(covered_ledgers())
def test_no_link_of_a_lineage_leads_out_of_reach(drawn: Ledger) -> None:
    ledger, _ = in_order(drawn)
    for source, target, _ in links_of(lineage(ledger)):
        if source != NOBODY:
            assert hops_of(forward(ledger, np.array([source]), 1, covered_only=True))[target] == 1


def chain(*pairs: tuple[int, int]) -> Ledger:
    return build([(at, 1, a, b, 1, 1, NO_BALANCE, NO_BALANCE) for at, (a, b) in enumerate(pairs)], nodes=5)


def test_money_does_not_go_back_in_time() -> None:
    ledger = chain((1, 2), (0, 1), (1, 3), (2, 4), (3, 4))
    assert hops_of(forward(ledger, np.array([1]), 6)) == {1: 0, 2: 1, 4: 2}
    assert hops_of(backward(ledger, np.array([4]), 6)) == {1: 2, 2: 1, 4: 0}
    assert hops_of(forward(ledger, np.array([1]), 1)) == {1: 0, 2: 1}


def test_an_earlier_arrival_with_more_hops_still_opens_more_rows() -> None:
    ledger = chain((0, 1), (1, 2), (2, 3), (3, 4), (0, 3), (3, 4))
    with patch.object(reach, "FEW", 1):
        for known in (None, index(ledger)):
            found = forward(ledger, np.array([0, 4]), 6, index=known)
            assert hops_of(found) == {0: 0, 1: 1, 2: 2, 3: 3, 4: 0, 5: 1}


@pytest.mark.parametrize(("begin", "end", "reached"), [(0, 9, [0, 1]), (1, 9, [0]), (0, 0, [0]), (0, 1, [0, 1])])
def test_covered_only_asks_at_receipt_and_at_payment(begin: int, end: int, reached: list[int]) -> None:
    ledger = dataclasses.replace(
        chain((0, 1), (1, 2)), covered_from=np.full(5, begin, np.int64), covered_to=np.full(5, end, np.int64)
    )
    assert forward(ledger, np.array([0]), 6, covered_only=True).row.tolist() == reached
    assert (0 in backward(ledger, np.array([1]), 6, covered_only=True).row) == (1 in reached)


def test_seeds_that_are_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="Seeds are rows 0 to 1; they run from 0 to 2"):
        forward(chain((0, 1), (1, 2)), np.array([0, 2]), 1)
    with pytest.raises(ValueError, match="Seeds"):
        backward(chain((0, 1)), np.array([-1]), 1)


def test_nothing_follows_from_nothing() -> None:
    assert len(forward(chain(), np.array([], np.int64), 3)) == 0
