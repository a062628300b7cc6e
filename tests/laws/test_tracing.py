"""Traces add up, under every doctrine, down and up: the laws, on ledgers with and without printed balances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import Ledger
from duanka.trace.book import book
from duanka.trace.doctrine import ALLOCATING, BY_LINKS, UPWARD, Doctrine
from duanka.trace.follow import down, up
from duanka.trace.seeds import seeds
from flow.ordered import covered_ledgers, in_order
from tracing import laws
from tracing.drawn import booked, limited, sown, unprinted

SETTINGS = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize("doctrine", ALLOCATING)
@SETTINGS
@given(st.data(), covered_ledgers())
def test_every_unit_is_accounted_for(doctrine: Doctrine, data: st.DataObject, drawn: Ledger) -> None:
    ledger, moment = in_order(drawn)
    start = data.draw(sown(ledger))
    ready = book(ledger, moment=moment)
    found = down(ready, start, doctrine)
    laws.all_of(ready, ledger, start, found)
    laws.within_what_is_held(ready, found)


@pytest.mark.parametrize("doctrine", ALLOCATING)
@SETTINGS
@given(st.data(), unprinted())
def test_every_unit_is_accounted_for_within_limits(doctrine: Doctrine, data: st.DataObject, ledger: Ledger) -> None:
    start = data.draw(sown(ledger))
    ready = booked(ledger)
    laws.all_of(ready, ledger, start, down(ready, start, doctrine, data.draw(limited(ledger, start))))


@pytest.mark.parametrize("doctrine", sorted(UPWARD))
@SETTINGS
@given(st.data(), covered_ledgers())
def test_every_unit_is_accounted_for_on_the_way_up(doctrine: Doctrine, data: st.DataObject, drawn: Ledger) -> None:
    ledger, moment = in_order(drawn)
    start = data.draw(sown(ledger, up=True))
    ready = book(ledger, moment=moment)
    laws.all_of(ready, ledger, start, up(ready, start, doctrine))


@pytest.mark.parametrize("doctrine", sorted(BY_LINKS))
@SETTINGS
@given(st.data(), unprinted())
def test_down_and_up_agree(doctrine: Doctrine, data: st.DataObject, ledger: Ledger) -> None:
    same = Ledger(**{name: getattr(ledger, name) for name in Ledger.__dataclass_fields__} | {"received": ledger.amount})
    if len(same) < 2:
        return
    first, last = sorted(data.draw(st.lists(st.integers(0, len(same) - 1), min_size=2, max_size=2, unique=True)))
    ready = booked(same)
    below = down(ready, seeds(same, np.array([first])), doctrine)
    above = up(ready, seeds(same, np.array([last]), up=True), doctrine)
    laws.agree_both_ways(below, above, first, last)


@pytest.mark.parametrize("doctrine", ALLOCATING)
@SETTINGS
@given(st.data(), unprinted())
def test_numbers_of_accounts_change_nothing(doctrine: Doctrine, data: st.DataObject, ledger: Ledger) -> None:
    start = data.draw(sown(ledger))
    name = np.array(data.draw(st.permutations(range(ledger.nodes))), np.int64)
    one = down(booked(ledger), start, doctrine)
    two = down(booked(laws.renumbered(ledger, name)), start, doctrine)
    laws.same_but_for_names(one, two, name)


@SETTINGS
@given(st.data(), unprinted())
def test_a_claim_is_capped_by_the_lowest_balance_since(data: st.DataObject, ledger: Ledger) -> None:
    """Unless traced money comes back to it: a new deposit of it is a new claim."""
    ready = booked(ledger)
    rows = [
        row
        for row in range(len(ledger))
        if ledger.payee[row] >= 0 and ready.down.after[ready.place[row]] and ledger.received[row]
    ]
    if rows:
        row = data.draw(st.sampled_from(rows))
        start = seeds(ledger, np.array([row]))
        found = down(ready, start, Doctrine.LOWEST_BALANCE)
        back = found.steps.row[ledger.payee[found.steps.row] == ledger.payee[row]]
        if not len(back):
            laws.lowest_between(ready, found, row, int(ledger.received[row]))
