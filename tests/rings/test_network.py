"""Rings from evidence: who works in which, who pays in and is paid out, and that shops join nobody."""

import dataclasses

import numpy as np
import pytest

from duanka.flow.ledger import NOBODY, Ledger
from duanka.rings.network import CORE, SINK, SMALLEST, SOURCE, WEAK, WORKER, Network, network
from duanka.rings.strands import Shared
from duanka.scoring.accounts import Evidence
from duanka.scoring.relays import Relays
from rings.made_rings import Chain, along, rows_of, told
from scoring.planted import renamed

FIRST, SECOND = range(6), range(6, 12)
VICTIMS, OTHER_VICTIMS = range(20, 40), range(40, 60)
SHOP, CUSTOMERS = 12, range(60, 90)
NODES = 90


def crew(workers: range, victims: range) -> list[Chain]:
    """Three collectors, three that carry on, in every combination; the money ends at the shop."""
    collectors, carriers = workers[:3], workers[3:]
    return [
        along(10_000 + 100 * place, victim, collectors[place % 3], carriers[place // 3 % 3], SHOP)
        for place, victim in enumerate(victims)
    ]


def two_rings() -> tuple[Ledger, Evidence, Relays]:
    chains = [*crew(FIRST, VICTIMS), *crew(SECOND, OTHER_VICTIMS), *(along(500, one, SHOP) for one in CUSTOMERS)]
    ledger, pairs = rows_of(chains, NODES)
    return ledger, *told(ledger, pairs)


def members(found: Network, ring: int, part: int) -> set[int]:
    return set(found.node[(found.ring == ring) & (found.part == part)].tolist())


def described(found: Network, number: np.ndarray) -> set[tuple[object, ...]]:
    """The rings by content: members as (number, part), and rows."""
    return {
        (
            frozenset(zip(number[found.node[own]].tolist(), found.part[own].tolist(), strict=True)),
            tuple(found.row[found.row_ring == ring].tolist()),
        )
        for ring in range(found.rings)
        for own in [found.ring == ring]
    }


def test_two_rings_that_share_a_shop_only_are_two() -> None:
    ledger, evidence, relays = two_rings()
    found = network(ledger, evidence, relays)
    assert found.rings == 2
    for ring, workers, victims in ((0, FIRST, VICTIMS), (1, SECOND, OTHER_VICTIMS)):
        assert members(found, ring, WORKER) == set(workers)
        assert members(found, ring, SOURCE) == set(victims)
        assert members(found, ring, SINK) == {SHOP}
        own = found.row[found.row_ring == ring]
        assert (np.diff(own) > 0).all()
        expected = np.isin(ledger.payer, workers) | np.isin(ledger.payee, workers)
        assert own.tolist() == np.flatnonzero(expected).tolist()


def test_memberships_ascend_and_come_once() -> None:
    found = network(*two_rings())
    places = list(zip(found.ring.tolist(), found.node.tolist(), strict=True))
    assert places == sorted(set(places))
    own = list(zip(found.row_ring.tolist(), found.row.tolist(), strict=True))
    assert own == sorted(set(own))


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_names_of_accounts_play_no_part(seed: int) -> None:
    ledger, evidence, relays = two_rings()
    other, number = renamed(ledger, seed)
    back = np.argsort(number)
    moved = dataclasses.replace(evidence, node=evidence.node[back], best=evidence.best[back])
    one, two = network(ledger, evidence, relays), network(other, moved, relays)
    assert described(one, number) == described(two, np.arange(NODES))


def test_the_same_again() -> None:
    one, two = network(*two_rings()), network(*two_rings())
    for field in dataclasses.fields(Network):
        assert getattr(one, field.name).tolist() == getattr(two, field.name).tolist()


@pytest.mark.parametrize("chains", [[], [along(5, 0, 1), along(5, 1, 2)]])
def test_without_relays_there_is_no_ring(chains: list[Chain]) -> None:
    ledger, pairs = rows_of(chains, 3)
    evidence, relays = told(ledger, pairs)
    found = network(ledger, evidence, relays)
    assert found.rings == 0
    assert not len(found.ring) + len(found.node) + len(found.part) + len(found.row) + len(found.row_ring)


@pytest.mark.parametrize("workers", range(1, SMALLEST + 2))
def test_a_ring_has_three_workers_at_least(workers: int) -> None:
    outside, out = workers, workers + 1
    ledger, pairs = rows_of([along(900, outside, *range(workers), out)] * 5, workers + 2)
    evidence, relays = told(ledger, pairs)
    found = network(ledger, evidence, relays)
    assert found.rings == (workers >= SMALLEST)
    if workers >= SMALLEST:
        assert members(found, 0, WORKER) == set(range(workers))
        assert members(found, 0, SOURCE) == {outside}
        assert members(found, 0, SINK) == {out}


def test_an_account_in_two_currencies_is_one_worker() -> None:
    """0 and 1 work, and so does 2, in which 0 has its dollars."""
    ledger, pairs = rows_of([along(900, 5, 0, 1, 2, 6)] * 5, 7)
    evidence, relays = told(ledger, pairs)
    assert network(ledger, evidence, relays, account=np.array([0, 1, 0, 3, 4, 5, 6])).rings == 0
    found = network(ledger, evidence, relays, account=np.array([0, 1, 2, 2, 4, 5, 5]))
    assert members(found, 0, WORKER) == {0, 1, 2}


def test_who_pays_in_and_is_paid_is_a_source_once() -> None:
    gambler = 5
    ledger, pairs = rows_of([along(900, gambler, 0, 1, 2, gambler), along(900, 6, 0, 1, 2, 7)] * 4, 8)
    pairs = pairs[np.isin(ledger.payer[pairs[:, 1]], range(3))]
    found = network(ledger, *told(ledger, pairs))
    assert members(found, 0, WORKER) == {0, 1, 2}
    assert members(found, 0, SOURCE) == {gambler, 6}
    assert members(found, 0, SINK) == {7}


def test_who_spends_mostly_money_of_his_own_does_not_work() -> None:
    """One relay among many payments to the ring, none of which hands on anything."""
    mixed = 5
    chains = [along(900, 6, 0, 1, 2, 7)] * 6 + [along(900, 2, mixed, 0, 1, 7)] + [along(900, mixed, 0, 1, 2)] * 6
    ledger, pairs = rows_of(chains, 8)
    found = network(ledger, *told(ledger, pairs))
    assert members(found, 0, WORKER) == {0, 1, 2}
    assert mixed in members(found, 0, SOURCE)


def test_what_workers_share_ties_crews_where_money_does_not() -> None:
    ledger, evidence, relays = two_rings()
    assert network(ledger, evidence, relays).rings == 2
    one, other = (grid.ravel() for grid in np.meshgrid(FIRST, SECOND))
    found = network(ledger, evidence, relays, Shared(one, other))
    assert found.rings == 1
    assert members(found, 0, WORKER) == {*FIRST, *SECOND}


def test_what_accounts_share_of_whom_nothing_else_is_known_ties_nobody() -> None:
    ledger, evidence, relays = two_rings()
    customers = np.array(CUSTOMERS)
    found = network(ledger, evidence, relays, Shared(customers[:-1], customers[1:]))
    assert described(found, np.arange(NODES)) == described(network(ledger, evidence, relays), np.arange(NODES))


@pytest.mark.parametrize("seed", [2, 3])
def test_names_play_no_part_in_what_is_shared(seed: int) -> None:
    ledger, evidence, relays = two_rings()
    other, number = renamed(ledger, seed)
    back = np.argsort(number)
    moved = dataclasses.replace(evidence, node=evidence.node[back], best=evidence.best[back])
    left, right = np.array([0, 6, 7, 2]), np.array([3, 9, 10, 8])
    one = network(ledger, evidence, relays, Shared(left, right))
    two = network(other, moved, relays, Shared(number[right], number[left]))
    assert described(one, number) == described(two, np.arange(NODES))


@pytest.mark.parametrize(("inside", "rings"), [(0, 0), (1, 0), (3, 1), (10, 1)])
def test_a_ring_pays_itself(inside: int, rings: int) -> None:
    """Three who share a phone and pass on to outsiders what outsiders pay: a family, until they pay each other."""
    outside = [along(10_000, 10 + n, n % 3, 30 + n) for n in range(6)]
    among = [along(10_000, 50 + n, 0, 1, 2, 49) for n in range(inside)]
    ledger, pairs = rows_of([*outside, *among], 70)
    phone = Shared(np.array([0, 1, 0]), np.array([1, 2, 2]))
    assert network(ledger, *told(ledger, pairs), phone).rings == rings


@pytest.mark.parametrize(("weight", "rings"), [(CORE / 2 - 0.1, 0), (CORE + 1, 1)])
def test_weak_evidence_alone_ties_nobody(weight: float, rings: int) -> None:
    ledger, pairs = rows_of([along(900, 5, 0, 1, 2, 7)] * 6, 8)
    found = network(ledger, *told(ledger, pairs, weight=weight, keep=0.0))
    assert found.rings == rings


def test_an_account_of_weak_evidence_works_if_it_shares_something_with_a_worker() -> None:
    ledger, pairs = rows_of([along(900, 8, 0, 1, 2, 9)] * 6 + [along(900, 0, 3, 2)], 10)
    evidence, relays = told(ledger, pairs)
    weak = (ledger.payer == 3) | (ledger.payee == 3)
    assert weak.sum() == 2
    phone = Shared(np.array([1]), np.array([3]))
    for strength, shared, works in ((WEAK + 0.1, phone, True), (WEAK - 0.1, phone, False), (CORE - 0.1, None, False)):
        row = np.where(weak, strength, evidence.row).astype(np.float32)
        node = evidence.node.copy()
        node[3] = strength
        given = dataclasses.replace(evidence, row=row, node=node)
        found = network(ledger, given, relays, shared) if shared else network(ledger, given, relays)
        assert members(found, 0, WORKER) == ({0, 1, 2, 3} if works else {0, 1, 2})


def test_an_account_may_work_for_two_rings() -> None:
    """A house takes money in from one crew and from another, and hands each on to the same crew's cash-out."""
    house, chains = 18, []
    for crew_, victims in ((FIRST, VICTIMS), (SECOND, OTHER_VICTIMS)):
        collectors, carriers = crew_[:3], crew_[3:]
        chains += [
            along(10_000, one, collectors[n % 3], house, carriers[n // 3 % 3], carriers[n % 2], SHOP)
            if n % 4 == 0 else along(10_000, one, collectors[n % 3], carriers[n // 3 % 3], SHOP)
            for n, one in enumerate(victims)
        ]  # fmt: skip
    ledger, pairs = rows_of(chains, NODES)
    found = network(ledger, *told(ledger, pairs))
    assert found.rings == 2
    for ring, workers in ((0, FIRST), (1, SECOND)):
        assert members(found, ring, WORKER) == {*workers, house}
    assert len(np.unique(found.row)) == len(found.row), "each payment is of one ring"


def test_who_meets_a_ring_once_in_a_busy_life_does_not_work_in_it() -> None:
    busy, chains = 10, [along(900, 8, 0, 1, 2, 9)] * 6 + [along(900, 0, 10, 2)]
    for life, works in (([], True), ([along(900, 20 + n, busy) for n in range(30)], False)):
        ledger, pairs = rows_of(chains + life, 60)
        evidence, relays = told(ledger, pairs)
        assert (busy in members(network(ledger, evidence, relays), 0, WORKER)) == works
        shared = network(ledger, evidence, relays, Shared(np.array([1]), np.array([busy])))
        assert busy in members(shared, 0, WORKER)


def test_who_bets_wins_and_bets_again_is_a_source() -> None:
    """His winnings and his next stakes are relays, too, and he does nothing else; the others lose."""
    again, losers = 7, range(20, 60)
    chains = [along(900, one, n % 2, 2, 3 + n // 2 % 2, 60 + n) for n, one in enumerate(losers)]
    chains += [along(700, 8, 0, 2, 3, again, 1, 2, 4, again, 0, 2, 3, 9)] * 4
    ledger, pairs = rows_of(chains, 100)
    found = network(ledger, *told(ledger, pairs))
    assert members(found, 0, WORKER) == {0, 1, 2, 3, 4}
    assert again in members(found, 0, SOURCE)


def test_cash_is_a_ring_s_own_row() -> None:
    ledger, pairs = rows_of([along(900, 8, 0, 1, 2, 9)] * 6, 10)
    payee = np.where(ledger.payee == 9, NOBODY, ledger.payee).astype(np.int32)
    ledger = dataclasses.replace(ledger, payee=payee)
    found = network(ledger, *told(ledger, pairs))
    assert members(found, 0, WORKER) == {0, 1, 2}
    assert members(found, 0, SINK) == set()
    assert len(found.row) == len(ledger)


def test_a_worker_needs_a_strong_payment_with_another_one() -> None:
    """One whose payments with the crew are weaker than CORE is none of it, whatever he does elsewhere."""
    ledger, pairs = rows_of([along(900, 8, 0, 1, 2, 9)] * 6 + [along(900, 8, 0, 3, 9)] * 6, 20)
    evidence, relays = told(ledger, pairs)
    for strength, works in ((CORE, True), (CORE - 0.1, False)):
        row = evidence.row.copy()
        row[(ledger.payer == 3) | (ledger.payee == 3)] = strength
        found = network(ledger, dataclasses.replace(evidence, row=row), relays)
        assert members(found, 0, WORKER) == ({0, 1, 2, 3} if works else {0, 1, 2})


def test_rings_are_the_same_however_many_others_there_are() -> None:
    """Two crews that share a house, alone and among thirty more."""

    def rings(others: int) -> set[frozenset[int]]:
        chains = []
        for begin, crew_ in enumerate([range(6), range(6, 12), *(range(7 * n, 7 * n + 6) for n in range(3, others))]):
            for n, victim in enumerate(range(1_000 + 200 * begin, 1_200 + 200 * begin)):
                by = (12,) if n % 40 == 0 and begin < 2 else ()
                chains.append(along(10_000, victim, crew_[n % 3], *by, crew_[3 + n // 3 % 3], 20))
        ledger, pairs = rows_of(chains, 1_200 + 200 * (others + 2))
        found = network(ledger, *told(ledger, pairs))
        return {frozenset(members(found, ring, WORKER)) for ring in range(found.rings)}

    alone = rings(0)
    assert len(alone) >= 2
    assert all(len(one & {*range(6)}) == 0 or len(one & {*range(6, 12)}) == 0 for one in alone)
    assert {one for one in rings(33) if min(one) < 12} == alone
