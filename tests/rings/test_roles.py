"""A ring made by hand in which every role occurs."""

import numpy as np
import pytest

from duanka.flow.ledger import Ledger
from duanka.rings.network import SINK, SOURCE, WORKER, Network
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


def told(ledger: Ledger, found: Network) -> dict[int, tuple[str, float]]:
    corporate, outlet = np.zeros(NODES, np.bool_), np.zeros(NODES, np.bool_)
    corporate[[FIRM, FIRM_ONCE]] = True
    outlet[WALLET] = True
    said = roles(ledger, found, corporate, outlet)
    return {
        node: (role, sure)
        for node, role, sure in zip(found.node.tolist(), said.role.tolist(), said.confidence.tolist(), strict=True)
    }


@pytest.mark.parametrize(
    ("node", "role"),
    [
        (VICTIM, Role.VICTIM),
        (TWICE, Role.VICTIM),
        (WINNER, Role.BETTOR),
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


def test_all_roles_occur_and_confidences_are_shares() -> None:
    said = told(*ring())
    assert {role for role, _ in said.values()} == set(Role)
    assert all(0 <= sure <= 1 for _, sure in said.values())


def test_confidence_follows_how_clear_it_is() -> None:
    said = told(*ring())
    assert said[COLLECTOR][1] == said[CARRIER][1] == 1
    assert said[VICTIM][1] == 1 > said[TWICE][1] > 0
    assert said[REGULAR][1] > said[WINNER][1]


def test_a_ring_that_pays_many_of_its_sources_takes_stakes() -> None:
    said = told(*ring(victims=False))
    assert {said[one][0] for one in (VICTIM, TWICE, WINNER, REGULAR, PERSON)} == {Role.BETTOR}
    assert {said[one][0] for one in (FIRM, FIRM_ONCE)} == {Role.MERCHANT, Role.GOOD_FAITH}
    assert said[WALLET][0] == Role.CASH_OUT


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


def test_parts_are_what_roles_know() -> None:
    assert {SOURCE, WORKER, SINK} == {0, 1, 2}
