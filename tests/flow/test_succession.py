"""Receipts before payments, in the records and rewired, and what is carried along them: against slow twins."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from duanka.flow import succession as module
from duanka.flow.index import index
from duanka.flow.ledger import NO_BALANCE, NOBODY, Int64, Ledger
from duanka.flow.succession import LATEST, Succession, handed_on, rewired, succession
from flow.ordered import WINDOWS, in_order
from strategies import DAY, SECOND, build, ledgers

Pair = tuple[int, int, int, int]
"""Receipt, payment, dwell, between."""

SLOW = settings(max_examples=80, deadline=None)
OUTSIDE, CARD, SHOP = 0, 1, 2


def pairs_of(found: Succession) -> list[Pair]:
    columns = (found.receipt, found.payment, found.dwell, found.between)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def counts(ledger: Ledger, row: int) -> bool:
    return bool(ledger.amount[row] > 0 and ledger.payer[row] != ledger.payee[row])


def before(ledger: Ledger, time: list[int], payment: int, when: int, within: int) -> list[Pair]:
    """The pairs of one payment, had it happened at `when`: the nearest receipt first."""
    node = ledger.payer[payment]
    if node == NOBODY or not counts(ledger, payment):
        return []
    receipts = [
        row
        for row in range(len(ledger))
        if ledger.payee[row] == node and counts(ledger, row) and (time[row], row) < (when, payment)
    ]
    nearest = receipts[::-1][:LATEST]
    return [(row, payment, when - time[row], place) for place, row in enumerate(nearest) if when - time[row] <= within]


def succession_twin(ledger: Ledger, moment: Int64, within: int) -> list[Pair]:
    time = moment.tolist()
    return [pair for row in range(len(ledger)) for pair in before(ledger, time, row, time[row], within)]


def rewired_twin(ledger: Ledger, moment: Int64, nodes: list[int], turns: list[int], within: int) -> list[Pair]:
    time = moment.tolist()
    found: list[Pair] = []
    for node, turn in zip(nodes, turns, strict=True):
        own = [row for row in range(len(ledger)) if node in (ledger.payer[row], ledger.payee[row])]
        paid = [row for row in own if ledger.payer[row] == node]
        if not paid or not any(ledger.payee[row] == node for row in own):
            continue
        first = min(time[row] for row in own)
        period = max(time[row] for row in own) - first + 1
        turned = [(first + (time[row] - first + turn) % period, row) for row in paid]
        for when, row in sorted(turned):
            found += before(ledger, time, row, when, within)
    return found


def plain(*payments: tuple[int, int, int, int], nodes: int = 3) -> Ledger:
    """Ledger of (second, payer, payee, amount)."""
    rows = [
        (at * SECOND, SECOND, payer, payee, sum_, sum_, NO_BALANCE, NO_BALANCE) for at, payer, payee, sum_ in payments
    ]
    return build(rows, nodes=nodes)


@SLOW
@given(ledgers(max_rows=16), st.sampled_from([0, *WINDOWS]))
def test_agrees_with_its_twin(drawn: Ledger, within: int) -> None:
    ledger, moment = in_order(drawn)
    found = succession(ledger, within, moment=moment)
    assert pairs_of(found) == succession_twin(ledger, moment, within)
    assert len(found) <= LATEST * np.count_nonzero(ledger.payer != NOBODY)
    assert (found.payment[1:] >= found.payment[:-1]).all()


@SLOW
@given(st.data(), ledgers(max_rows=12), st.sampled_from([0, *WINDOWS]))
def test_rewired_agrees_with_its_twin(data: st.DataObject, drawn: Ledger, within: int) -> None:
    ledger, moment = in_order(drawn)
    nodes = data.draw(st.permutations(range(ledger.nodes)))
    turn = st.sampled_from([0, 1, SECOND, 3 * SECOND, DAY, 10 * DAY])
    turns = data.draw(st.lists(turn, min_size=len(nodes), max_size=len(nodes)))
    found = rewired(ledger, index(ledger), np.array(nodes, np.int64), np.array(turns, np.int64), within, moment=moment)
    assert pairs_of(found) == rewired_twin(ledger, moment, nodes, turns, within)


@SLOW
@given(ledgers(max_rows=16), st.sampled_from(WINDOWS))
def test_turned_by_nothing_or_by_the_whole_period_the_pairs_are_those_of_the_records(
    drawn: Ledger, within: int
) -> None:
    ledger, moment = in_order(drawn)
    nodes = np.arange(ledger.nodes)
    periods = []
    for node in nodes:
        own = moment[(ledger.payer == node) | (ledger.payee == node)]
        periods.append(int(own.max() - own.min()) + 1 if len(own) else 1)
    recorded = sorted(pairs_of(succession(ledger, within, moment=moment)))
    for turn in (np.zeros(len(nodes), np.int64), np.array(periods, np.int64)):
        assert sorted(pairs_of(rewired(ledger, index(ledger), nodes, turn, within, moment=moment))) == recorded


def test_the_limit_is_closed_and_the_newest_receipts_count() -> None:
    ledger = plain(*((at, OUTSIDE, CARD, 5) for at in range(6)), (10, CARD, SHOP, 7))
    at_most = [(5, 6, 5 * SECOND, 0), (4, 6, 6 * SECOND, 1), (3, 6, 7 * SECOND, 2), (2, 6, 8 * SECOND, 3)]
    assert pairs_of(succession(ledger, 8 * SECOND)) == at_most
    assert pairs_of(succession(ledger, 60 * SECOND)) == at_most
    assert pairs_of(succession(ledger, 8 * SECOND - 1)) == at_most[:3]


@pytest.mark.parametrize("row", [(2, CARD, CARD, 5), (2, OUTSIDE, CARD, 0), (2, NOBODY, NOBODY, 5), (2, CARD, SHOP, 0)])
def test_a_payment_to_oneself_and_one_of_nothing_are_neither(row: tuple[int, int, int, int]) -> None:
    without = plain((1, OUTSIDE, CARD, 5), (3, CARD, SHOP, 5))
    ledger = plain((1, OUTSIDE, CARD, 5), row, (3, CARD, SHOP, 5))
    assert pairs_of(succession(without, DAY)) == [(0, 1, 2 * SECOND, 0)]
    assert pairs_of(succession(ledger, DAY)) == [(0, 2, 2 * SECOND, 0)]


def test_a_hub_costs_no_more_than_its_rows() -> None:
    ledger = plain(*((at, at % 2, 1 - at % 2, 5) for at in range(2_000)), nodes=2)
    assert len(succession(ledger, DAY)) <= LATEST * 2_000
    turned = rewired(ledger, index(ledger), np.arange(2), np.array([7, 11]) * SECOND, DAY)
    assert len(turned) <= LATEST * 2_000
    assert (turned.dwell >= 0).all()


def test_of_a_hub_every_kth_payment_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    ledger = plain((0, OUTSIDE, CARD, 9), *((at, CARD, SHOP, 1) for at in range(1, 9)))
    found = rewired(ledger, index(ledger), np.array([CARD]), np.zeros(1, np.int64), DAY)
    assert found.payment.tolist() == [1, 4, 7]


def test_time_must_not_go_back() -> None:
    ledger = plain((2, OUTSIDE, CARD, 5), (1, CARD, SHOP, 5))
    with pytest.raises(ValueError, match="earlier than row 0"):
        succession(ledger, DAY)
    with pytest.raises(ValueError, match="earlier than row 0"):
        rewired(ledger, index(ledger), np.zeros(1, np.int64), np.zeros(1, np.int64), DAY)


# --- what is carried along -------------------------------------------------------------------------------------------


def strength_twin(pairs: list[Pair], weight: list[float], row: int, keep: float, *, backwards: bool) -> float:
    """The best chain that ends (or, backwards, begins) with this row."""
    best = 0.0
    for (receipt, payment, _, _), worth in zip(pairs, weight, strict=True):
        here, there = (receipt, payment) if backwards else (payment, receipt)
        if here == row and worth > 0:
            best = max(best, worth + keep * strength_twin(pairs, weight, there, keep, backwards=backwards))
    return best


@SLOW
@given(ledgers(max_rows=12), st.sampled_from([0.0, 0.5, 1.0]), st.data())
def test_handed_on_agrees_with_its_twin(drawn: Ledger, keep: float, data: st.DataObject) -> None:
    ledger, moment = in_order(drawn)
    found = succession(ledger, DAY, moment=moment)
    worth = st.sampled_from([-2.0, -0.5, 0.0, 0.25, 1.0, 3.0])
    weight = data.draw(st.lists(worth, min_size=len(found), max_size=len(found)))
    second, first = handed_on(found, np.array(weight, np.float32), len(ledger), keep)
    assert (second >= 0).all()
    assert (first >= 0).all()
    pairs = pairs_of(found)
    for row in range(len(ledger)):
        assert second[row] == pytest.approx(strength_twin(pairs, weight, row, keep, backwards=False), rel=1e-5)
        assert first[row] == pytest.approx(strength_twin(pairs, weight, row, keep, backwards=True), rel=1e-5)


@given(st.sampled_from([0.1, 0.5, 1.0]))
@example(0.3)
def test_a_chain_of_three_counts_more_than_single_steps(keep: float) -> None:
    chain = plain((0, 0, 1, 5), (1, 1, 2, 5), (2, 2, 3, 5), (3, 3, 4, 5), nodes=5)
    found = succession(chain, DAY)
    second, first = handed_on(found, np.full(len(found), 2, np.float32), 4, keep)
    expected = [0, 2, 2 + 2 * keep, 2 + (2 + 2 * keep) * keep]
    assert second.tolist() == pytest.approx(expected)
    assert first.tolist() == pytest.approx(expected[::-1])


def test_what_speaks_against_a_relay_takes_nothing_from_a_row() -> None:
    ledger = plain((0, OUTSIDE, CARD, 5), (1, OUTSIDE, CARD, 5), (2, CARD, SHOP, 5))
    found = succession(ledger, DAY)
    second, first = handed_on(found, np.array([-4, 3], np.float32), 3, 0.5)
    assert second.tolist() == [0, 0, 3]
    assert first.tolist() == [3, 0, 0]
