"""Dealers, studios and recruiters among those who pay holders, and whom they pay."""

from collections.abc import Iterable

import numpy as np
import pytest

from duanka.flow.ledger import Int64, Ledger
from duanka.rings.hiring import PAID, hired
from duanka.rings.network import SINK, SOURCE, WORKER, Network
from duanka.rings.paymasters import AGAIN, HOLDER, PAYMASTER, STUDIO, Persons
from rings.made_rings import Chain, along, rows_of

CARDS, OWN, GAMBLERS = (0, 1, 2, 3), (10, 11, 12, 13), (4, 5)
"""Cards; other accounts of their holders, in this order."""

DEALER, HEAD, HAND, TOUT, SELLER = 20, 21, 22, 23, 24
OTHERS, NODES = range(30, 70), 70
WORK = [along(900, GAMBLERS[n % 2], card, SELLER) for n, card in enumerate(CARDS)]
ORDINARY = [along(90, one, other) for one in OTHERS for other in OTHERS if one < other < one + 5]


def rings(chains: Iterable[Chain], parts: dict[int, int]) -> tuple[Ledger, Network]:
    """One ring of these cards and of who is behind them; its rows are those of the cards."""
    ledger, _ = rows_of([*chains, *ORDINARY], NODES)
    every = dict.fromkeys(CARDS, WORKER) | dict.fromkeys(GAMBLERS, SOURCE) | {SELLER: SINK} | parts
    node = np.array(sorted(every), np.int64)
    part = np.array([every[one] for one in node.tolist()], np.int64)
    row = np.flatnonzero(np.isin(ledger.payer, GAMBLERS) | np.isin(ledger.payer, CARDS))
    return ledger, Network(np.zeros(len(node), np.int64), node, part, np.zeros(len(row), np.int64), row)


def persons(firms: Iterable[int] = ()) -> Persons:
    holder: Int64 = np.arange(NODES)
    holder[list(OWN)] = CARDS
    personal = np.ones(NODES, np.bool_)
    personal[list(firms)] = False
    return Persons(holder, personal)


def roles(chains: Iterable[Chain], parts: dict[int, int], firms: Iterable[int] = ()) -> tuple[set[int], ...]:
    """Dealers, studios and recruiters."""
    ledger, found = rings(chains, parts)
    told = hired(ledger, found, persons(firms))
    return tuple(set(found.node[each].tolist()) for each in (told.dealer, told.studio, told.recruiter))


BEHIND = {DEALER: PAYMASTER, HEAD: PAYMASTER, HAND: STUDIO, TOUT: STUDIO} | dict.fromkeys(OWN, HOLDER)
PRICES = [along(500, DEALER, one) for one in OWN]
WAGES = [along(700, HEAD, one) for one in OWN]
LOTS = [along(2_000, HEAD, DEALER)] * AGAIN
STAFF = [*[along(300, HEAD, HAND)] * AGAIN, *[along(40, DEALER, TOUT)] * AGAIN]


def test_who_buys_of_the_dealer_is_a_studio_and_whom_the_dealer_pays_then_recruits() -> None:
    assert roles([*PRICES, *WORK, *WAGES, *LOTS, *STAFF], BEHIND) == ({DEALER}, {HEAD, HAND}, {TOUT})


def test_who_pays_a_holder_before_his_card_works_is_a_dealer_even_if_he_pays_another() -> None:
    """Then whom they pay again and again are studios."""
    early = [along(700, HEAD, OWN[0])]
    assert roles([*PRICES, *early, *WORK, *WAGES, *LOTS, *STAFF], BEHIND) == ({DEALER, HEAD}, {HAND, TOUT}, set())


def test_of_whom_nobody_buys_again_and_again_is_paid_for_something_else() -> None:
    told = roles([*PRICES, *WORK, *WAGES, *LOTS[1:], *STAFF], BEHIND)
    assert told == ({DEALER, HEAD}, {HAND, TOUT}, set())


@pytest.mark.parametrize("part", [SINK, STUDIO])
def test_whom_the_ring_pays_and_who_pays_two_of_its_holders_is_a_dealer(part: int) -> None:
    paid = [along(100, CARDS[0], SELLER)] * AGAIN
    few = [along(600, SELLER, one) for one in OWN[: PAID - 1]]
    enough = [along(600, SELLER, one) for one in OWN[:PAID]]
    assert roles([*WORK, *paid, *few], {SELLER: part})[0] == set()
    assert roles([*WORK, *paid, *enough], {SELLER: part})[0] == {SELLER}
    assert roles([*WORK, *paid, *enough], {SELLER: part}, firms=[SELLER])[0] == set(), "a firm pays wages"
    many = [along(600, SELLER, one) for one in OTHERS]
    assert roles([*WORK, *paid, *enough, *many], {SELLER: part})[0] == set(), "two of 42 may be chance"


def test_who_bets_and_pays_two_holders_is_none() -> None:
    enough = [along(600, GAMBLERS[0], one) for one in OWN[:PAID]]
    assert roles([*WORK, *enough], {}) == (set(), set(), set())


def test_no_ring_hires_nobody() -> None:
    none = np.zeros(0, np.int64)
    ledger, _ = rows_of(ORDINARY, NODES)
    told = hired(ledger, Network(none, none, none, none, none), persons())
    assert len(told.dealer) == len(told.studio) == len(told.recruiter) == 0
