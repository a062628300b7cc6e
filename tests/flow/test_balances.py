"""Printed balances against the rows, beside their slow twins."""

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.balances import breaks, opening
from duanka.flow.ledger import NO_BALANCE, NOBODY, Ledger
from flow.twins_balances import breaks_twin, opening_twin
from strategies import MIDNIGHT, SECOND, Truth, build, consistent_ledger, ledgers, run

SLOW = settings(max_examples=150, deadline=None)


@st.composite
def partly_covered(draw: st.DrawFn) -> Ledger:
    """A ledger whose nodes are covered for part of the time only."""
    ledger = draw(ledgers())
    moments = st.sampled_from([*ledger.time.tolist(), MIDNIGHT])
    bounds = draw(st.lists(st.tuples(moments, moments), min_size=ledger.nodes, max_size=ledger.nodes))
    start, end = np.array(bounds, np.int64).T.copy()
    return dataclasses.replace(ledger, covered_from=start, covered_to=end)


@SLOW
@given(st.one_of(ledgers(), partly_covered()))
def test_breaks_agree_with_their_twin(ledger: Ledger) -> None:
    found = breaks(ledger)
    columns = (found.row, found.node, found.expected, found.printed)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == breaks_twin(ledger)
    assert len(found) == len(found.row)


@SLOW
@given(st.one_of(ledgers(), partly_covered()))
def test_openings_agree_with_their_twin(ledger: Ledger) -> None:
    assert opening(ledger).tolist() == opening_twin(ledger)


@SLOW
@given(consistent_ledger(distinct=False))
def test_true_balances_have_no_breaks_and_imply_the_true_opening(truth: Truth) -> None:
    ledger = truth.ledger.take(truth.sequence)
    assert len(breaks(ledger)) == 0
    seen = np.isin(np.arange(ledger.nodes), [ledger.payer, ledger.payee])
    assert opening(ledger).tolist() == np.where(seen, truth.opening, 0).tolist()


@SLOW
@given(consistent_ledger(distinct=False))
def test_an_implied_opening_is_the_least_that_is_enough(truth: Truth) -> None:
    ledger = truth.ledger.take(truth.sequence)
    bare = dataclasses.replace(
        ledger,
        balance_payer=np.full(len(ledger), NO_BALANCE),
        balance_payee=np.full(len(ledger), NO_BALANCE),
    )
    for node, start in enumerate(opening(bare).tolist()):
        moves = np.where(bare.payee == node, bare.received, 0) - np.where(bare.payer == node, bare.amount, 0)
        lowest = min([start, *(start + np.cumsum(moves)).tolist()])
        assert lowest >= 0
        assert start == 0 or lowest == 0


def test_a_missing_row_breaks_once() -> None:
    payments = [(MIDNIGHT + i * SECOND, SECOND, NOBODY, 0, 10) for i in range(4)]
    rows = run(payments, [5])
    found = breaks(build([rows[0], rows[2], rows[3]], nodes=1))
    assert (found.row.tolist(), found.node.tolist()) == ([1], [0])
    assert (found.expected.tolist(), found.printed.tolist()) == ([25], [35])


def test_rows_without_a_printed_balance_are_summed_up() -> None:
    rows = run([(MIDNIGHT + i * SECOND, SECOND, 0, NOBODY, 10) for i in range(3)], [100])
    rows[1] = (*rows[1][:6], NO_BALANCE, NO_BALANCE)
    assert len(breaks(build(rows, nodes=1))) == 0


def test_a_credit_card_opens_below_zero() -> None:
    rows = run([(MIDNIGHT, SECOND, 0, NOBODY, 10)], [-500])
    assert opening(build(rows, nodes=1)).tolist() == [-500]


def test_an_account_that_is_not_covered_says_nothing() -> None:
    rows = run([(MIDNIGHT + i * SECOND, SECOND, 0, NOBODY, 10) for i in range(2)], [-500])
    ledger = build([rows[1], rows[0]], nodes=1, covered=[False])
    assert len(breaks(ledger)) == 0
    assert opening(ledger).tolist() == [0]
