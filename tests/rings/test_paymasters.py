"""Who pays the holders of a ring's cards, and where they are paid."""

import dataclasses

import numpy as np
import pytest

from duanka.flow.ledger import NOBODY, Ledger
from duanka.rings.network import SINK, WORKER, Network, network
from duanka.rings.paymasters import (
    AGAIN,
    FEWEST,
    HOLDER,
    OUTLET,
    PAYMASTER,
    PROBE,
    STUDIO,
    Persons,
    with_people,
)
from rings.made_rings import Chain, along, rows_of, told
from rings.test_network import described, members
from scoring.planted import renamed

WORKERS, VICTIMS, OUT = range(6), range(10, 40), 9
OWN = range(40, 46)
"""Other accounts of the workers' holders, in this order."""

DEALER, HIS_STUDIO, SHOP, EMPLOYER = 50, 51, 52, 53
STAFF, CUSTOMERS, NODES = range(60, 100), range(100, 160), 180


def crew(workers: range, victims: range) -> list[Chain]:
    return [along(10_000, one, workers[n % 3], workers[3 + n // 3 % 3], OUT) for n, one in enumerate(victims)]


def ordinary() -> list[Chain]:
    """An employer and a shop, and many who pay each other: what chance is measured by."""
    paid = [along(5_000, EMPLOYER, one) for one in STAFF]
    friends = [along(90, one, one + step) for step in range(1, 7) for one in CUSTOMERS[:-step]]
    return [*paid, *(along(300, one, SHOP) for one in CUSTOMERS), *friends]


def persons(**shared: int) -> Persons:
    """Everybody is his own holder, but the workers, who have another account each."""
    holder = np.arange(NODES)
    holder[list(OWN)] = list(WORKERS)
    for name, other in shared.items():
        holder[int(name[1:])] = other
    personal = np.ones(NODES, np.bool_)
    personal[[SHOP, EMPLOYER]] = False
    return Persons(holder, personal)


def found(chains: list[Chain], who: Persons | None = None) -> tuple[Ledger, Network]:
    ledger, pairs = rows_of(chains, NODES)
    evidence, relays = told(ledger, pairs)
    return ledger, with_people(ledger, network(ledger, evidence, relays), who or persons())


def wages(payer: int = DEALER, count: int = len(OWN)) -> list[Chain]:
    return [along(800 + 10 * n, payer, one) for n, one in enumerate(OWN[:count])]


def test_a_dealer_his_holders_and_his_studio() -> None:
    studio = [along(3_000, DEALER, HIS_STUDIO)] * AGAIN + [along(3_000, DEALER, 55)] * (AGAIN - 1)
    _, rings = found([*crew(WORKERS, VICTIMS), *ordinary(), *wages(), *studio, along(60, DEALER, SHOP)])
    assert rings.rings == 1
    assert members(rings, 0, WORKER) == set(WORKERS)
    assert members(rings, 0, PAYMASTER) == {DEALER}
    assert members(rings, 0, HOLDER) == set(OWN)
    assert members(rings, 0, STUDIO) == {HIS_STUDIO}
    assert members(rings, 0, SINK) == {OUT}


@pytest.mark.parametrize(("times", "is_studio"), [(AGAIN, True), (AGAIN - 1, False)])
def test_where_he_shops_with_many_others_is_no_studio(times: int, *, is_studio: bool) -> None:
    """A stall in a person's name has 97 other customers: 3 of 100 receipts are the least that make a studio."""
    others = [along(300, CUSTOMERS[n % 60], HIS_STUDIO) for n in range(97)]
    bought = [along(3_000, DEALER, HIS_STUDIO)] * times
    _, rings = found([*crew(WORKERS, VICTIMS), *ordinary(), *wages(), *bought, *others])
    assert (members(rings, 0, STUDIO) == {HIS_STUDIO}) is is_studio
    _, rings = found([*crew(WORKERS, VICTIMS), *ordinary(), *wages(), *bought, *others, *others[:3]])
    assert members(rings, 0, STUDIO) == set()


@pytest.mark.parametrize("count", range(len(OWN) + 1))
def test_a_paymaster_pays_three_holders_at_least(count: int) -> None:
    _, rings = found([*crew(WORKERS, VICTIMS), *ordinary(), *wages(count=count)])
    assert members(rings, 0, PAYMASTER) == ({DEALER} if count >= FEWEST else set())
    assert members(rings, 0, HOLDER) == (set(OWN[:count]) if count >= FEWEST else set())


def test_an_employer_of_many_who_has_a_few_of_the_holders_is_none() -> None:
    staff = [along(5_000, EMPLOYER, one) for one in OWN[:FEWEST]]
    many = [along(5_000, EMPLOYER, one) for one in CUSTOMERS]
    _, rings = found([*crew(WORKERS, VICTIMS), *ordinary(), *staff, *many])
    assert not len(members(rings, 0, PAYMASTER) | members(rings, 0, HOLDER))


def test_what_is_paid_to_the_cards_themselves_says_nothing_but_a_probe_does() -> None:
    many = [*crew(WORKERS, VICTIMS), *ordinary()]
    _, rings = found([*many, *(along(PROBE + 1, DEALER, one) for one in WORKERS)])
    assert not len(members(rings, 0, PAYMASTER) | members(rings, 0, HOLDER))
    _, rings = found([*many, *(along(PROBE, DEALER, one) for one in WORKERS)])
    assert members(rings, 0, PAYMASTER) == {DEALER}
    assert not len(members(rings, 0, HOLDER)), "the cards go on working"
    assert members(rings, 0, WORKER) == set(WORKERS)


def test_what_a_worker_pays_to_the_cards_is_no_probe() -> None:
    _, rings = found([*crew(WORKERS, VICTIMS), *ordinary(), *(along(PROBE, WORKERS[0], one) for one in WORKERS[1:])])
    assert not len(members(rings, 0, PAYMASTER))


def test_holders_who_are_not_known_prove_nothing() -> None:
    unknown = Persons(np.full(NODES, NOBODY), np.ones(NODES, np.bool_))
    _, rings = found([*crew(WORKERS, VICTIMS), *ordinary(), *wages()], unknown)
    assert set(rings.part.tolist()) <= {0, 1, 2}


def test_a_worker_who_hands_on_to_holders_wallets_is_no_dealer() -> None:
    """A hundredth of all that he pays."""
    chains = [*crew(WORKERS, VICTIMS), *ordinary(), *(along(40, WORKERS[3], one) for one in OWN)]
    _, rings = found(chains)
    assert members(rings, 0, WORKER) == set(WORKERS)
    assert members(rings, 0, PAYMASTER) == set()
    assert members(rings, 0, OUTLET) == set(OWN) - {OWN[3]}, "his own other account is his own affair"


def test_a_worker_whose_money_goes_to_holders_is_their_dealer() -> None:
    chains = [*crew(WORKERS, VICTIMS), *ordinary(), *(along(20_000, WORKERS[3], one) for one in OWN)]
    ledger, rings = found(chains)
    assert members(rings, 0, PAYMASTER) == {WORKERS[3]}
    assert members(rings, 0, WORKER) == set(WORKERS) - {WORKERS[3]}
    works = np.isin(ledger.payer[rings.row], WORKERS) | np.isin(ledger.payee[rings.row], WORKERS)
    assert works.all()


def test_rings_that_one_dealer_pays_first_of_all_are_one() -> None:
    second, own = range(160, 166), range(170, 176)
    ends = {f"n{one}": worker for one, worker in zip(own, second, strict=True)}
    chains = [
        *crew(WORKERS, VICTIMS[:15]), *(along(9_000, one, second[n % 3], second[3 + n // 3 % 3], 8)
                                        for n, one in enumerate(VICTIMS[15:])),
    ]  # fmt: skip
    alone = found([*chains, *ordinary(), *wages()], persons(**ends))[1]
    assert alone.rings == 2
    both = found([*chains, *ordinary(), *wages(), *(along(900, DEALER, one) for one in own)], persons(**ends))[1]
    assert both.rings == 1
    assert members(both, 0, WORKER) == {*WORKERS, *second}
    assert members(both, 0, HOLDER) == {*OWN, *own}
    assert (np.diff(both.row) > 0).all()


@pytest.mark.parametrize("seed", [2, 3])
def test_names_of_accounts_and_holders_play_no_part(seed: int) -> None:
    ledger, pairs = rows_of([*crew(WORKERS, VICTIMS), *ordinary(), *wages()], NODES)
    evidence, relays = told(ledger, pairs)
    other, number = renamed(ledger, seed)
    back, who = np.argsort(number), persons()
    moved = dataclasses.replace(evidence, node=evidence.node[back], best=evidence.best[back])
    names = np.random.default_rng(seed).permutation(NODES)
    one = with_people(ledger, network(ledger, evidence, relays), who)
    two = with_people(other, network(other, moved, relays), Persons(names[who.holder[back]], who.personal[back]))
    assert described(one, number) == described(two, np.arange(NODES))


def test_no_ring_has_nobody_behind_it() -> None:
    _, rings = found(ordinary())
    assert rings.rings == 0
