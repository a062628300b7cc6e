"""Depth below the sources: exact along a chain, between where money is mixed, and finite where it goes in a circle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import NOBODY, Ledger
from duanka.rings.network import SINK, SOURCE, WORKER, Network
from duanka.rings.paymasters import OUTLET
from duanka.rings.tiers import members_of, tiers
from rings.made_rings import Chain, along, ring_of, rows_of
from strategies import ledgers


def by_node(ledger: Ledger, found: Network) -> dict[int, tuple[int, float]]:
    told = tiers(ledger, found)
    return {
        node: (tier, sure)
        for node, tier, sure in zip(found.node.tolist(), told.tier.tolist(), told.confidence.tolist(), strict=True)
    }


def made(*chains: Chain, sources: set[int], workers: set[int], sinks: set[int]) -> dict[int, tuple[int, float]]:
    ledger, _ = rows_of(chains, 12)
    return by_node(ledger, ring_of(ledger, sources=sources, workers=workers, sinks=sinks))


@pytest.mark.parametrize("length", [1, 2, 3, 8])
def test_a_chain_is_counted_exactly(length: int) -> None:
    found = made(along(900, *range(length + 2)), sources={0}, workers=set(range(1, length + 1)), sinks={length + 1})
    assert found == {node: (node, 1.0) for node in range(length + 2)}


@pytest.mark.parametrize(("direct", "tier", "sure"), [(100, 3, 0.9), (900, 1, 0.9), (500, 2, 0.0)])
def test_who_is_fed_from_outside_and_from_inside_lies_between(direct: int, tier: int, sure: float) -> None:
    """1 is fed by the source; 3 by the source, and through 1 and 2."""
    found = made(
        along(1_000 - direct, 0, 1, 2, 3, 4), along(direct, 0, 3), sources={0}, workers={1, 2, 3}, sinks={4}
    )  # fmt: skip
    assert found[2] == (2, 1.0)
    assert list(found[3]) == pytest.approx([tier, sure])
    assert found[4][0] == tier + 1


@pytest.mark.parametrize("outside", [0, 1, 1_000])
def test_money_in_a_circle_ends(outside: int) -> None:
    """Nobody can stand deeper than there are workers."""
    circle = along(1_000, 1, 2, 3, 1)
    found = made(*[circle] * 3, along(outside, 0, 1), sources={0}, workers={1, 2, 3}, sinks=set())
    assert all(1 <= found[node][0] <= 3 for node in (1, 2, 3))
    assert all(0 <= sure <= 1 for _, sure in found.values())
    assert found[0] == (0, 1.0)


def test_a_payment_of_which_nothing_arrived_counts_nothing() -> None:
    ledger, _ = rows_of([along(900, 0, 1, 2), along(900, 1, 3)], 4)
    ledger.received[ledger.payee == 3] = 0
    found = by_node(ledger, ring_of(ledger, sources={0}, workers={1}, sinks={2, 3}))
    assert found[2] == (2, 1.0)
    assert found[3] == (1, 0.0)


def test_the_same_account_stands_elsewhere_in_another_ring() -> None:
    ledger, _ = rows_of([along(900, 0, 1, 2), along(900, 3, 4, 5, 2)], 6)
    found = Network(
        ring=np.array([0, 0, 0, 1, 1, 1, 1]), node=np.array([0, 1, 2, 2, 3, 4, 5]),
        part=np.array([SOURCE, WORKER, SINK, SINK, SOURCE, WORKER, WORKER]),
        row_ring=np.array([0, 0, 1, 1, 1]), row=np.arange(5),
    )  # fmt: skip
    assert tiers(ledger, found).tier.tolist() == [0, 1, 2, 3, 0, 1, 2]
    payer, payee = members_of(found, ledger)
    assert payer.tolist() == [0, 1, 4, 5, 6]
    assert payee.tolist() == [1, 2, 5, 6, 3]


def test_a_holders_account_to_which_the_rings_money_goes_at_once_stands_below_who_pays_it() -> None:
    """It has no row of the ring; of two workers above it, the one that pays more counts more."""
    wallet, stranger = 5, 6
    chains = [along(900, 0, 1, 2, 3), along(300, 1, wallet), along(700, 2, wallet), along(5_000, stranger, wallet)]
    ledger, _ = rows_of(chains, 7)
    own = np.flatnonzero(ledger.payee != wallet)
    found = Network(
        ring=np.zeros(6, np.int64), node=np.array([0, 1, 2, 3, 4, wallet]),
        part=np.array([SOURCE, WORKER, WORKER, SINK, OUTLET, OUTLET]), row_ring=np.zeros(len(own), np.int64), row=own,
    )  # fmt: skip
    assert tiers(ledger, found).tier.tolist() == [0, 1, 2, 3, 1, 3], "4 is paid by nobody"


def test_no_ring_has_no_tiers() -> None:
    ledger, _ = rows_of([along(900, 0, 1)], 2)
    none = np.zeros(0, np.int64)
    told = tiers(ledger, Network(none, none, none, none, none))
    assert len(told.tier) == len(told.confidence) == 0


@settings(max_examples=60, deadline=None)
@given(ledgers(min_rows=1, max_nodes=5), st.data())
def test_members_are_looked_up_by_ring_and_node(drawn: Ledger, data: st.DataObject) -> None:
    ledger = drawn.take(np.flatnonzero((drawn.payer != NOBODY) & (drawn.payee != NOBODY)))  # as a ring's own rows are
    rings = 2
    every = [(ring, node) for ring in range(rings) for node in range(ledger.nodes)]
    chosen = sorted(data.draw(st.sets(st.sampled_from(every))))
    row_ring = sorted(data.draw(st.lists(st.integers(0, rings - 1), min_size=len(ledger), max_size=len(ledger))))
    ring, node = np.array(chosen, np.int64).reshape(-1, 2).T
    found = Network(ring, node, np.zeros(len(chosen), np.int64), np.array(row_ring, np.int64), np.arange(len(ledger)))
    place = {member: at for at, member in enumerate(chosen)}
    for ends, told in zip((ledger.payer, ledger.payee), members_of(found, ledger), strict=True):
        expected = [place.get((own, int(end)), -1) for own, end in zip(row_ring, ends, strict=True)]
        assert told.tolist() == expected
