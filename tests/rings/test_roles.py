"""A ring made by hand in which every role occurs."""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pytest

from duanka.flow.ledger import Int64, Ledger
from duanka.rings.network import SINK, SOURCE, Network
from duanka.rings.paymasters import HOLDER, OUTLET, PAYMASTER, STUDIO
from duanka.rings.roles import A_THIRD, AGAIN, LARGE, LIVES_BY_IT, OF_ALL, SEVERAL, Known, Role, paid_last, roles
from duanka.rings.tiers import tiers
from rings.made_rings import along, ring_of, rows_of

VICTIM, WINNER, REGULAR, TWICE = 0, 1, 2, 3
COLLECTOR, CARRIER, PAYER_OUT, CASHIER = 10, 11, 12, 13
FIRM, FIRM_ONCE, PERSON, WALLET = 20, 21, 22, 23
MORE_VICTIMS = range(24, 31)  # so that few of the sources are paid back
FEEDER, NODES = 31, 32

CHAINS = [
    along(900, VICTIM, COLLECTOR, CARRIER, CASHIER, PERSON),
    along(900, TWICE, COLLECTOR, CARRIER, CASHIER, PERSON),
    along(900, TWICE, COLLECTOR, CARRIER, CASHIER, PERSON),
    *[along(900, REGULAR, COLLECTOR, CARRIER, CASHIER, FIRM)] * AGAIN,
    along(1_900, WINNER, COLLECTOR, FEEDER, PAYER_OUT, WINNER),
    along(900, WINNER, COLLECTOR, FEEDER, PAYER_OUT, REGULAR),
    along(900, REGULAR, COLLECTOR, CARRIER, CASHIER, WALLET),
    along(900, REGULAR, COLLECTOR, CARRIER, CASHIER, FIRM_ONCE),
]
VICTIMS = [along(900, one, COLLECTOR, CARRIER, CASHIER, WALLET) for one in MORE_VICTIMS]


def ring(*, victims: bool = True) -> tuple[Ledger, Network]:
    ledger, _ = rows_of([*CHAINS, *(VICTIMS if victims else [])], NODES)
    sources = {VICTIM, WINNER, REGULAR, TWICE, *(MORE_VICTIMS if victims else [])}
    workers = {COLLECTOR, CARRIER, FEEDER, PAYER_OUT, CASHIER}
    return ledger, ring_of(ledger, sources=sources, workers=workers, sinks={FIRM, FIRM_ONCE, PERSON, WALLET})


def holders(nodes: int, same: Iterable[tuple[int, int]] = ()) -> Int64:
    """Everybody has one account, but those in these pairs, who are one person."""
    holder = np.arange(nodes)
    for one, other in same:
        holder[other] = one
    return holder


def told(
    ledger: Ledger, found: Network, reporting: Iterable[int] = (), same: Iterable[tuple[int, int]] = ()
) -> dict[int, tuple[str, float]]:
    """Role and confidence by node."""
    corporate, outlet = np.zeros(ledger.nodes, np.bool_), np.zeros(ledger.nodes, np.bool_)
    corporate[[FIRM, FIRM_ONCE]] = True
    outlet[WALLET] = True
    reported = np.zeros(ledger.nodes, np.bool_)
    reported[list(reporting)] = True
    said = roles(ledger, found, Known(corporate, outlet, reported, holders(ledger.nodes, same)))
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
    workers, sinks = {COLLECTOR, CARRIER, FEEDER, PAYER_OUT, CASHIER, other}, {FIRM, FIRM_ONCE, PERSON, WALLET}
    found = ring_of(ledger, sources={VICTIM, WINNER, REGULAR, TWICE, 4}, workers=workers, sinks=sinks)
    said = told(ledger, found, reporting={VICTIM})
    assert {said[one][0] for one in (VICTIM, TWICE, WINNER, REGULAR)} == {Role.VICTIM}
    assert said[4][0] == Role.BETTOR
    assert told(ledger, found, reporting={FIRM})[VICTIM][0] == Role.BETTOR, "somebody reported, and not these"


def test_whom_cards_pay_that_pay_winnings_are_gamblers_too() -> None:
    winner, seller = 4, 5
    chains = [
        *CHAINS,
        along(900, VICTIM, COLLECTOR, FEEDER, PAYER_OUT, winner),
        along(900, TWICE, COLLECTOR, CARRIER, CASHIER, seller),
    ]
    ledger, _ = rows_of(chains, NODES)
    workers, sinks = {COLLECTOR, CARRIER, FEEDER, PAYER_OUT, CASHIER}, {FIRM, FIRM_ONCE, PERSON, WALLET, winner, seller}
    said = told(ledger, ring_of(ledger, sources={VICTIM, WINNER, REGULAR, TWICE}, workers=workers, sinks=sinks))
    assert said[winner][0] == Role.BETTOR
    assert said[seller][0] == Role.GOOD_FAITH


def test_a_worker_who_gets_as_much_from_outside_as_from_inside_is_in_doubt() -> None:
    ledger, _ = rows_of([along(500, 0, 1, 2, 3), along(500, 0, 2, 3), along(500, 3, 4)], NODES)
    said = told(ledger, ring_of(ledger, sources={0}, workers={1, 2, 3}, sinks={4}))
    assert said[2] == (Role.TRANSIT, 0)


def test_who_collects_and_pays_back_collects() -> None:
    ledger, _ = rows_of([along(500, 0, 1, 0), along(500, 1, 2, 3)], NODES)
    assert told(ledger, ring_of(ledger, sources={0}, workers={1}, sinks={2, 3}))[1][0] == Role.COLLECTION


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
    said = roles(ledger, found, Known(nobody, nobody, nobody, holders(ledger.nodes)))
    assert (said.role[np.isin(found.node, SELLERS)] == Role.GOOD_FAITH).all()
    return str(said.role[found.node == OPERATOR][0])


def test_whom_several_cards_pay_a_large_part_is_the_operator() -> None:
    """Of twelve sellers' 12,000: 1 % for who is paid by SEVERAL, 30 % for others; 30 % of all that he receives."""
    assert (SEVERAL, OF_ALL, A_THIRD, LIVES_BY_IT) == (3, 0.01, 0.3, 0.3)
    assert beneficiary(3, 41) == Role.OPERATOR
    assert beneficiary(3, 40) == Role.GOOD_FAITH, "120 of 12,120"
    assert beneficiary(2, 2_571) == Role.GOOD_FAITH, "too few cards, and 5,142 of 17,142 is no third"
    assert beneficiary(2, 2_572) == Role.OPERATOR
    assert beneficiary(3, 5_000, elsewhere=35_001) == Role.GOOD_FAITH, "he does not live by it"
    assert beneficiary(3, 5_000, elsewhere=35_000) == Role.OPERATOR


def test_who_bets_a_little_and_lives_by_the_ring_is_its_operator_and_is_paid_last() -> None:
    chains = [along(1_000, VICTIM, COLLECTOR, CARDS[place % 3], seller) for place, seller in enumerate(SELLERS)]
    chains += [along(1_000, VICTIM, COLLECTOR, card, OPERATOR) for card in CARDS] + [along(50, OPERATOR, COLLECTOR)]
    ledger, _ = rows_of(chains, NODES + 40)
    found = ring_of(ledger, sources={VICTIM, OPERATOR}, workers={COLLECTOR, *CARDS}, sinks=set(SELLERS))
    nobody = np.zeros(ledger.nodes, np.bool_)
    said = roles(ledger, found, Known(nobody, nobody, nobody, holders(ledger.nodes)))
    assert said.role[found.node == OPERATOR] == Role.OPERATOR
    parts = dict(zip(found.node.tolist(), paid_last(found, said).part.tolist(), strict=True))
    assert (parts[VICTIM], parts[OPERATOR]) == (SOURCE, SINK)
    assert tiers(ledger, paid_last(found, said)).tier[found.node == OPERATOR] == 3


def test_a_firm_that_receives_much_else_sold_in_good_faith() -> None:
    ledger, _ = rows_of([*CHAINS, along(100_000, PERSON, FIRM)], NODES)
    own = np.flatnonzero(ledger.payer != PERSON)
    workers, sinks = {COLLECTOR, CARRIER, FEEDER, PAYER_OUT, CASHIER}, {FIRM, FIRM_ONCE, PERSON, WALLET}
    found = ring_of(ledger, sources={VICTIM, WINNER, REGULAR, TWICE}, workers=workers, sinks=sinks)
    found = dataclasses.replace(found, row=own, row_ring=np.zeros(len(own), np.int64))
    assert told(ledger, found)[FIRM][0] == Role.GOOD_FAITH


def test_who_reported_is_a_victim_even_among_gamblers() -> None:
    said = told(*ring(), reporting={REGULAR})
    role, sure = said[REGULAR]
    assert role == Role.VICTIM
    assert sure == pytest.approx(0.9)


def test_who_reported_is_a_gambler_where_many_are_paid_back_and_few_report() -> None:
    """Eleven who bet on one card, of whom three are paid back: one report is less than a tenth, two are more."""
    many = [*range(10), 24]
    ledger, _ = rows_of([along(900, one, COLLECTOR, CARRIER, PAYER_OUT, one % 3) for one in many], NODES)
    found = ring_of(ledger, sources=set(many), workers={COLLECTOR, CARRIER, PAYER_OUT}, sinks=set())
    assert {told(ledger, found, reporting={5})[one][0] for one in (0, 5, 24)} == {Role.BETTOR}
    assert {told(ledger, found, reporting={5, 6})[one][0] for one in (0, 5, 24)} == {Role.VICTIM}


LENDER, INTAKE, PAYING, CLAIMANT, BETTOR, DESK, WINNINGS = 0, 10, 11, 24, 1, 12, 13


def bank(amount: int) -> tuple[Ledger, Network]:
    """An underground bank takes in and pays out this amount; beside it a card takes a bet, and somebody reports."""
    chains = [along(amount, LENDER, INTAKE, PAYING, CLAIMANT)] * 4
    chains += [along(900, 2, DESK, WINNINGS, BETTOR), *[along(900, BETTOR, DESK, WINNINGS, BETTOR)] * 3]
    ledger, _ = rows_of(chains, NODES)
    return ledger, ring_of(
        ledger, sources={LENDER, BETTOR, 2}, workers={INTAKE, PAYING, DESK, WINNINGS}, sinks={CLAIMANT}
    )  # fmt: skip


def test_who_pays_in_more_than_is_bet_at_once_is_a_customer_and_so_is_who_is_paid_it() -> None:
    said = told(*bank(LARGE + 1), reporting={NODES - 1})
    assert said[LENDER][0] == said[CLAIMANT][0] == Role.CUSTOMER
    assert said[BETTOR][0] == Role.BETTOR
    assert said[INTAKE][0] == Role.COLLECTION
    assert said[PAYING][0] == said[WINNINGS][0] == Role.PAYOUT


def test_what_is_bet_at_once_makes_no_customer() -> None:
    said = told(*bank(LARGE), reporting={NODES - 1})
    assert said[LENDER][0] == Role.BETTOR
    assert said[CLAIMANT][0] != Role.CUSTOMER
    assert said[PAYING][0] == Role.CASH_OUT


def test_customers_are_not_told_from_victims_where_nobody_reported() -> None:
    assert told(*bank(LARGE + 1))[LENDER][0] == Role.BETTOR, "he pays again and again"


def test_a_firm_that_pays_in_is_a_customer_and_the_firm_that_it_pays_hands_on() -> None:
    """Who is paid out what a firm had paid in is one, too; the card that pays him makes money private."""
    ledger, _ = rows_of([along(LARGE + 1, FIRM, FIRM_ONCE, CASHIER, PERSON)] * 3, NODES)
    found = ring_of(ledger, sources={FIRM}, workers={FIRM_ONCE, CASHIER}, sinks={PERSON})
    said = told(ledger, found)
    assert [said[one][0] for one in (FIRM, FIRM_ONCE, CASHIER, PERSON)] == [
        Role.CUSTOMER, Role.TRANSIT, Role.CASH_OUT, Role.CUSTOMER,
    ]  # fmt: skip
    assert told(ledger, found, reporting={FIRM})[FIRM][0] == Role.VICTIM


CODES, BANKS, SUPPLIER, UPPER, PLATFORM, TRADER = (10, 11, 12), (13, 14, 15), 16, 17, 18, 19
GOODS, COINS = (24, 25, 26), (27, 28, 29)
OWN = list(zip(CODES, BANKS, strict=True))


def code_ring(merchants: int, times: int = AGAIN) -> tuple[Ledger, Network]:
    """Gamblers pay by code; each merchant's wallet pays his bank card, that the supplier, he the platform's card.

    From there half goes to sellers of goods, and half to one who buys coins of others.
    """
    chains = [along(900, n, CODES[n], BANKS[n], SUPPLIER, PLATFORM, TRADER, COINS[n]) for n in range(merchants)]
    chains += [along(900, n, CODES[n], BANKS[n], SUPPLIER, PLATFORM, GOODS[n]) for n in range(merchants)]
    chains += [along(10, 0, CODES[0], BANKS[0], SUPPLIER, UPPER)] * times
    ledger, _ = rows_of(chains, NODES)
    workers = {*CODES[:merchants], *BANKS[:merchants], SUPPLIER, PLATFORM, TRADER}
    return ledger, ring_of(
        ledger, sources=set(range(merchants)), workers=workers, sinks={UPPER, *GOODS[:merchants], *COINS[:merchants]}
    )


def test_who_gathers_from_several_merchants_is_their_agent_and_the_card_that_he_pays_settles() -> None:
    said = told(*code_ring(SEVERAL), same=OWN)
    assert {said[one][0] for one in CODES} == {Role.COLLECTION}
    assert {said[one][0] for one in BANKS} == {Role.TRANSIT}
    assert [said[one][0] for one in (SUPPLIER, PLATFORM, TRADER, UPPER)] == [
        Role.AGENT, Role.SETTLEMENT, Role.CASH_OUT, Role.AGENT,
    ]  # fmt: skip
    assert {said[one][0] for one in GOODS + COINS} == {Role.GOOD_FAITH}


def test_of_two_merchants_or_of_strangers_nobody_gathers() -> None:
    assert told(*code_ring(SEVERAL - 1), same=OWN)[SUPPLIER][0] == Role.TRANSIT
    assert told(*code_ring(SEVERAL))[SUPPLIER][0] == Role.TRANSIT


def test_whom_an_agent_pays_once_or_twice_sold_him_something() -> None:
    assert told(*code_ring(SEVERAL, AGAIN - 1), same=OWN)[UPPER][0] == Role.GOOD_FAITH


POOL, SETTLED, HOUSE = 32, 33, 34


def platform(times: int = AGAIN) -> tuple[Ledger, Network]:
    """A pool feeds a card that pays winners and one that pays the gambling site and sellers."""
    chains = [along(900, WINNER, COLLECTOR, POOL, PAYER_OUT, WINNER)] * 3
    chains += [along(900, WINNER, COLLECTOR, POOL, SETTLED, HOUSE)] * times
    chains += [along(900, WINNER, COLLECTOR, POOL, SETTLED, one) for one in (PERSON, FIRM)]
    ledger, _ = rows_of(chains, NODES + 3)
    return ledger, ring_of(
        ledger, sources={WINNER}, workers={COLLECTOR, POOL, PAYER_OUT, SETTLED}, sinks={HOUSE, PERSON, FIRM}
    )  # fmt: skip


def test_beside_the_card_that_pays_winners_stands_the_one_that_settles_with_the_merchant() -> None:
    said = told(*platform())
    assert [said[one][0] for one in (POOL, PAYER_OUT, SETTLED)] == [Role.TRANSIT, Role.PAYOUT, Role.SETTLEMENT]
    assert said[HOUSE][0] == Role.MERCHANT
    assert said[PERSON][0] == said[FIRM][0] == Role.GOOD_FAITH
