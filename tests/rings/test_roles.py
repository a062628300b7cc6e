"""A ring made by hand in which every role occurs."""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pytest

from duanka.flow.ledger import Ledger
from duanka.rings.network import Network
from duanka.rings.paymasters import HOLDER, OUTLET, PAYMASTER, STUDIO
from duanka.rings.roles import AGAIN, Role, roles
from rings.made_rings import along, ring_of, rows_of

VICTIM, WINNER, REGULAR, TWICE = 0, 1, 2, 3
COLLECTOR, CARRIER, PAYER_OUT, CASHIER = 10, 11, 12, 13
FIRM, FIRM_ONCE, PERSON, WALLET = 20, 21, 22, 23
MORE_VICTIMS = range(24, 31)  # so that few of the sources are paid back
NODES = 31

CHAINS = [
    along(900, VICTIM, COLLECTOR, CARRIER, CASHIER, PERSON),
    along(900, TWICE, COLLECTOR, CARRIER, CASHIER, PERSON),
    along(900, TWICE, COLLECTOR, CARRIER, CASHIER, PERSON),
    *[along(900, REGULAR, COLLECTOR, CARRIER, CASHIER, FIRM)] * AGAIN,
    along(900, WINNER, COLLECTOR, CARRIER, PAYER_OUT, WINNER),
    along(900, WINNER, COLLECTOR, CARRIER, PAYER_OUT, REGULAR),
    along(900, REGULAR, COLLECTOR, CARRIER, CASHIER, WALLET),
    along(900, REGULAR, COLLECTOR, CARRIER, CASHIER, FIRM_ONCE),
]
VICTIMS = [along(900, one, COLLECTOR, CARRIER, CASHIER, WALLET) for one in MORE_VICTIMS]


def ring(*, victims: bool = True) -> tuple[Ledger, Network]:
    ledger, _ = rows_of([*CHAINS, *(VICTIMS if victims else [])], NODES)
    sources = {VICTIM, WINNER, REGULAR, TWICE, *(MORE_VICTIMS if victims else [])}
    workers = {COLLECTOR, CARRIER, PAYER_OUT, CASHIER}
    return ledger, ring_of(ledger, sources=sources, workers=workers, sinks={FIRM, FIRM_ONCE, PERSON, WALLET})


def told(ledger: Ledger, found: Network, reporting: Iterable[int] = ()) -> dict[int, tuple[str, float]]:
    corporate, outlet = np.zeros(NODES, np.bool_), np.zeros(NODES, np.bool_)
    corporate[[FIRM, FIRM_ONCE]] = True
    outlet[WALLET] = True
    reported = np.zeros(NODES, np.bool_)
    reported[list(reporting)] = True
    said = roles(ledger, found, corporate, outlet, reported)
    return {
        node: (role, sure)
        for node, role, sure in zip(found.node.tolist(), said.role.tolist(), said.confidence.tolist(), strict=True)
    }


@pytest.mark.parametrize(
    ("node", "role"),
    [
        (VICTIM, Role.VICTIM),
        (TWICE, Role.VICTIM),
        (WINNER, Role.VICTIM),
        (REGULAR, Role.BETTOR),
        (COLLECTOR, Role.COLLECTION),
        (CARRIER, Role.TRANSIT),
        (PAYER_OUT, Role.PAYOUT),
        (CASHIER, Role.CASH_OUT),
        (FIRM, Role.MERCHANT),
        (FIRM_ONCE, Role.GOOD_FAITH),
        (PERSON, Role.GOOD_FAITH),
        (WALLET, Role.CASH_OUT),
    ],
)
def test_each_role(node: int, role: Role) -> None:
    assert told(*ring())[node][0] == role


@pytest.mark.parametrize(
    ("part", "role"), [(PAYMASTER, Role.DEALER), (STUDIO, Role.STUDIO), (HOLDER, Role.FARMER), (OUTLET, Role.CASH_OUT)]
)
def test_who_is_behind_the_cards_has_the_role_of_the_part(part: int, role: Role) -> None:
    ledger, found = ring()
    changed = np.where(found.node == PERSON, part, found.part)
    assert told(ledger, dataclasses.replace(found, part=changed))[PERSON][0] == role


def test_confidences_are_shares() -> None:
    said = told(*ring())
    assert said[COLLECTOR][1] == said[CARRIER][1] == 1
    assert all(0 <= sure <= 1 for _, sure in said.values())
    assert said[REGULAR][1] > said[WINNER][1], "he is paid, and not called a gambler"


def test_a_ring_that_pays_many_of_its_sources_takes_stakes() -> None:
    said = told(*ring(victims=False))
    assert {said[one][0] for one in (VICTIM, TWICE, WINNER, REGULAR)} == {Role.BETTOR}
    assert {said[one][0] for one in (FIRM, FIRM_ONCE)} == {Role.MERCHANT, Role.GOOD_FAITH}
    assert said[WALLET][0] == Role.CASH_OUT


def test_whose_cards_are_reported_are_victims_and_others_gamblers() -> None:
    """Who pays the reported card is a victim, too, even if he is paid; who pays another card bets."""
    other = 5
    chains = [*CHAINS, along(900, 4, other, CARRIER, CASHIER, PERSON)]
    ledger, _ = rows_of(chains, NODES)
    workers, sinks = {COLLECTOR, CARRIER, PAYER_OUT, CASHIER, other}, {FIRM, FIRM_ONCE, PERSON, WALLET}
    found = ring_of(ledger, sources={VICTIM, WINNER, REGULAR, TWICE, 4}, workers=workers, sinks=sinks)
    said = told(ledger, found, reporting={VICTIM})
    assert {said[one][0] for one in (VICTIM, TWICE, WINNER, REGULAR)} == {Role.VICTIM}
    assert said[4][0] == Role.BETTOR
    assert told(ledger, found, reporting={FIRM})[VICTIM][0] == Role.BETTOR, "somebody reported, and not these"


def test_whom_cards_pay_that_pay_winnings_are_gamblers_too() -> None:
    winner, seller = 4, 5
    chains = [
        *CHAINS,
        along(900, VICTIM, COLLECTOR, CARRIER, PAYER_OUT, winner),
        along(900, TWICE, COLLECTOR, CARRIER, CASHIER, seller),
    ]
    ledger, _ = rows_of(chains, NODES)
    workers, sinks = {COLLECTOR, CARRIER, PAYER_OUT, CASHIER}, {FIRM, FIRM_ONCE, PERSON, WALLET, winner, seller}
    said = told(ledger, ring_of(ledger, sources={VICTIM, WINNER, REGULAR, TWICE}, workers=workers, sinks=sinks))
    assert said[winner][0] == Role.BETTOR
    assert said[seller][0] == Role.GOOD_FAITH


def test_a_worker_who_gets_as_much_from_outside_as_from_inside_is_in_doubt() -> None:
    ledger, _ = rows_of([along(500, 0, 1, 2, 3), along(500, 0, 2, 3), along(500, 3, 4)], NODES)
    said = told(ledger, ring_of(ledger, sources={0}, workers={1, 2, 3}, sinks={4}))
    assert said[2] == (Role.TRANSIT, 0)


def test_who_collects_and_pays_back_pays_out() -> None:
    ledger, _ = rows_of([along(500, 0, 1, 0), along(500, 1, 2, 3)], NODES)
    assert told(ledger, ring_of(ledger, sources={0}, workers={1}, sinks={2, 3}))[1][0] == Role.PAYOUT


def test_no_ring_has_no_roles() -> None:
    ledger, _ = rows_of([along(900, 0, 1)], NODES)
    none = np.zeros(0, np.int64)
    assert told(ledger, Network(none, none, none, none, none)) == {}


OPERATOR, CARDS, SELLERS = 20, (21, 22, 23), range(30, 30 + 12)


def beneficiary(cards: int, amount: int, *, elsewhere: int = 0) -> str:
    """The role of one whom so many cards pay this amount, where twelve sellers are paid 1,000 each."""
    chains = [along(1_000, VICTIM, COLLECTOR, CARDS[place % 3], seller) for place, seller in enumerate(SELLERS)]
    chains += [along(amount, VICTIM, COLLECTOR, card, OPERATOR) for card in CARDS[:cards]]
    chains += [along(elsewhere, 50, OPERATOR)] if elsewhere else []
    ledger, _ = rows_of(chains, NODES + 40)
    found = ring_of(ledger, sources={VICTIM}, workers={COLLECTOR, *CARDS}, sinks={OPERATOR, *SELLERS})
    own = np.flatnonzero(ledger.payer != 50)
    found = dataclasses.replace(found, row=own, row_ring=np.zeros(len(own), np.int64))
    nobody = np.zeros(ledger.nodes, np.bool_)
    said = roles(ledger, found, nobody, nobody, nobody)
    assert (said.role[np.isin(found.node, SELLERS)] == Role.GOOD_FAITH).all()
    return str(said.role[found.node == OPERATOR][0])


def test_whom_several_cards_pay_a_large_part_is_the_operator() -> None:
    assert beneficiary(3, 5_000) == Role.OPERATOR
    assert beneficiary(2, 5_000) == Role.GOOD_FAITH, "too few cards"
    assert beneficiary(3, 200) == Role.GOOD_FAITH, "600 of 12,600 is no large part"
    assert beneficiary(3, 5_000, elsewhere=15_001) == Role.GOOD_FAITH, "he does not live by it"
    assert beneficiary(3, 5_000, elsewhere=15_000) == Role.OPERATOR


def test_a_firm_that_receives_much_else_sold_in_good_faith() -> None:
    ledger, _ = rows_of([*CHAINS, along(100_000, PERSON, FIRM)], NODES)
    own = np.flatnonzero(ledger.payer != PERSON)
    workers, sinks = {COLLECTOR, CARRIER, PAYER_OUT, CASHIER}, {FIRM, FIRM_ONCE, PERSON, WALLET}
    found = ring_of(ledger, sources={VICTIM, WINNER, REGULAR, TWICE}, workers=workers, sinks=sinks)
    found = dataclasses.replace(found, row=own, row_ring=np.zeros(len(own), np.int64))
    assert told(ledger, found)[FIRM][0] == Role.GOOD_FAITH


def test_who_reported_is_a_victim_even_among_gamblers() -> None:
    said = told(*ring(), reporting={REGULAR})
    role, sure = said[REGULAR]
    assert role == Role.VICTIM
    assert sure == pytest.approx(0.9)
