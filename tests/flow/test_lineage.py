"""Lineage against its slow twin, and small cases that can be read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import NO_BALANCE, NOBODY, Ledger
from duanka.flow.lineage import Doctrine, lineage
from flow.ordered import covered_ledgers, in_order, openings
from flow.twins import Link, lineage_twin, links_of
from strategies import SECOND, build

OUTSIDE, CARD, SHOP = 0, 1, 2


def rows(*payments: tuple[int, int, int]) -> Ledger:
    """Ledger of (payer, payee, amount), a second apart, three nodes, of which OUTSIDE is not covered."""
    table = [(at * SECOND, SECOND, *payment, payment[2], NO_BALANCE, NO_BALANCE) for at, payment in enumerate(payments)]
    return build(table, nodes=3, covered=[False, True, True])


@settings(max_examples=200, deadline=None)
@given(st.data(), covered_ledgers(), st.sampled_from(Doctrine))
def test_agrees_with_its_twin(data: st.DataObject, drawn: Ledger, doctrine: Doctrine) -> None:
    ledger, _ = in_order(drawn)
    opening = data.draw(openings(ledger))
    found = lineage(ledger, doctrine=doctrine, opening=opening)
    links, remaining, left = lineage_twin(ledger, doctrine, opening)
    assert links_of(found) == links
    assert found.remaining.tolist() == remaining
    assert found.opening_left.tolist() == left


@pytest.mark.parametrize(
    ("doctrine", "links", "remaining"),
    [
        (Doctrine.FIFO, [(NOBODY, 0, 100), (NOBODY, 1, 50), (0, 2, 60), (0, 3, 40), (1, 3, 10)], [0, 40, 60, 50]),
        (Doctrine.LIFO, [(NOBODY, 0, 100), (NOBODY, 1, 50), (1, 2, 50), (0, 2, 10), (0, 3, 50)], [40, 0, 60, 50]),
    ],
)
def test_spends_the_oldest_or_the_newest_first(doctrine: Doctrine, links: list[Link], remaining: list[int]) -> None:
    ledger = rows((OUTSIDE, CARD, 100), (OUTSIDE, CARD, 50), (CARD, SHOP, 60), (CARD, SHOP, 50))
    found = lineage(ledger, doctrine=doctrine)
    assert links_of(found) == links
    assert found.remaining.tolist() == remaining
    assert len(found) == len(links)


@pytest.mark.parametrize(
    ("doctrine", "links", "left"),
    [
        (Doctrine.FIFO, [(NOBODY, 0, 10), (NOBODY, 1, 25)], 5),
        (Doctrine.LIFO, [(NOBODY, 0, 10), (0, 1, 10), (NOBODY, 1, 15)], 15),
    ],
)
def test_the_opening_balance_is_the_oldest_money(doctrine: Doctrine, links: list[Link], left: int) -> None:
    ledger = rows((OUTSIDE, CARD, 10), (CARD, SHOP, 25))
    found = lineage(ledger, doctrine=doctrine, opening=np.array([0, 30, 0], np.int64))
    assert links_of(found) == links
    assert found.opening_left.tolist() == [0, left, 0]


@pytest.mark.parametrize("doctrine", Doctrine)
def test_opening_and_shortage_of_one_payment_are_one_link(doctrine: Doctrine) -> None:
    ledger = rows((OUTSIDE, CARD, 10), (CARD, SHOP, 25))
    found = lineage(ledger, doctrine=doctrine, opening=np.array([0, 5, 0], np.int64))
    assert links_of(found)[1:] == [(0, 1, 10), (NOBODY, 1, 15)]


def test_a_node_never_covered_has_no_opening_and_keeps_nothing() -> None:
    found = lineage(rows((CARD, OUTSIDE, 10), (OUTSIDE, SHOP, 5)), opening=np.array([7, 0, 0], np.int64))
    assert links_of(found) == [(NOBODY, 0, 10), (NOBODY, 1, 5)]
    assert found.remaining.tolist() == [0, 5]
    assert found.opening_left.tolist() == [0, 0, 0]


def test_a_payment_to_oneself_spends_before_it_is_received() -> None:
    found = lineage(rows((OUTSIDE, CARD, 10), (CARD, CARD, 4), (CARD, SHOP, 10)))
    assert links_of(found) == [(NOBODY, 0, 10), (0, 1, 4), (0, 2, 6), (1, 2, 4)]


def test_no_rows() -> None:
    found = lineage(rows(), opening=np.array([1, 2, 3], np.int64))
    assert len(found) == 0
    assert found.opening_left.tolist() == [0, 2, 3]
