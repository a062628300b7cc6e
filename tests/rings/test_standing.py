"""What standing in a ring adds to evidence, and the rows that show it."""

import numpy as np

from duanka.flow.ledger import Ledger
from duanka.rings.network import WEAK, WORKER, Network, network
from duanka.rings.paymasters import AGAIN, HOLDER, PAYMASTER, PROBE, STUDIO, with_people
from duanka.rings.standing import BEHIND, REPORTED, REPORTS, SHOWN, WORKS, Standing, standing
from duanka.scoring.accounts import Evidence
from rings.made_rings import along, rows_of, told
from rings.test_paymasters import (
    CUSTOMERS,
    DEALER,
    HIS_STUDIO,
    NODES,
    OWN,
    SHOP,
    VICTIMS,
    WORKERS,
    crew,
    ordinary,
    persons,
    wages,
)


def test_who_tries_whether_cards_work_is_shown_by_that() -> None:
    ledger, pairs = rows_of(
        [*crew(WORKERS, VICTIMS), *ordinary(), *(along(PROBE, DEALER, one) for one in WORKERS)], NODES
    )
    evidence, relays = told(ledger, pairs)
    rings = with_people(ledger, network(ledger, evidence, relays), persons())
    stands = standing(ledger, evidence, rings, np.zeros(NODES, np.bool_))
    place = stands.node.tolist().index(DEALER)
    assert (stands.part[place], stands.others[place]) == (PAYMASTER, len(WORKERS))
    rows = stands.rows(place)
    assert len(rows) == SHOWN
    assert set(ledger.payer[rows].tolist()) == {DEALER}
    assert set(ledger.payee[rows].tolist()) <= set(WORKERS)


def made(*reporting: int) -> tuple[Ledger, Evidence, Network, Standing]:
    studio = [along(3_000, DEALER, HIS_STUDIO)] * AGAIN
    ledger, pairs = rows_of([*crew(WORKERS, VICTIMS), *ordinary(), *wages(), *wages(), *studio], NODES)
    evidence, relays = told(ledger, pairs)
    reported = np.isin(np.arange(NODES), reporting)
    rings = with_people(ledger, network(ledger, evidence, relays, reporting=reported), persons())
    return ledger, evidence, rings, standing(ledger, evidence, rings, reported)


def test_who_works_and_who_is_behind_gain_and_nobody_else() -> None:
    _, evidence, _, stands = made()
    gain = stands.added(evidence) - evidence.node
    assert (gain[list(WORKERS)] == WORKS).all()
    assert (gain[[DEALER, HIS_STUDIO, *OWN]] == BEHIND).all()
    assert np.flatnonzero(gain).tolist() == sorted([*WORKERS, DEALER, HIS_STUDIO, *OWN])
    assert gain[SHOP] == gain[VICTIMS[0]] == 0


def test_rows_behind_are_of_the_account() -> None:
    ledger, evidence, rings, stands = made()
    for place, (node, part) in enumerate(zip(stands.node.tolist(), stands.part.tolist(), strict=True)):
        rows = stands.rows(place)
        assert 1 <= len(rows) <= SHOWN
        assert rows == sorted(set(rows))
        payer, payee = ledger.payer[rows], ledger.payee[rows]
        if part == WORKER:
            own = rings.row[(ledger.payer[rings.row] == node) | (ledger.payee[rings.row] == node)]
            assert rows == [own[np.argmax(evidence.row[own])]]
        elif part == PAYMASTER:
            assert (payer == node).all()
            assert set(payee.tolist()) <= set(OWN)
        else:
            assert (payee == node).all()
            assert (payer == DEALER).all()


def test_others_are_counted() -> None:
    _, _, _, stands = made()
    said = {int(node): int(count) for node, count in zip(stands.node, stands.others, strict=True)}
    assert said[WORKERS[0]] == len(WORKERS) - 1
    assert said[DEALER] == len(OWN)
    assert said[OWN[0]] == said[HIS_STUDIO] == len(WORKERS)
    assert set(stands.part.tolist()) == {WORKER, PAYMASTER, HOLDER, STUDIO}


def test_no_ring_adds_nothing() -> None:
    ledger, pairs = rows_of(ordinary(), NODES)
    evidence, relays = told(ledger, pairs)
    stands = standing(ledger, evidence, network(ledger, evidence, relays), np.zeros(NODES, np.bool_))
    assert not len(stands.node)
    assert (stands.added(evidence) == evidence.node).all()


def test_who_reported_a_fraud_works_in_no_ring_and_loses() -> None:
    """A baited victim looks like a relay. Who has no evidence loses nothing; a dealer's holder stays one."""
    baited = WORKERS[0]
    ledger, evidence, rings, stands = made(baited, CUSTOMERS[0], OWN[1])
    assert evidence.node[baited] >= WEAK > evidence.node[CUSTOMERS[0]]
    assert baited not in rings.node[rings.part == WORKER]
    assert WORKERS[1] in rings.node[rings.part == WORKER]
    gain = stands.added(evidence) - evidence.node
    assert gain[baited] == REPORTS
    assert gain[CUSTOMERS[0]] == 0
    assert gain[OWN[1]] == BEHIND
    (place,) = np.flatnonzero(stands.part == REPORTED)
    assert stands.node[place] == baited
    rows = stands.rows(int(place))
    assert 1 <= len(rows) <= SHOWN
    assert (ledger.payer[rows] == baited).all()
    assert (np.diff(stands.node) > 0).all()
    assert (np.diff(stands.of) >= 0).all()
