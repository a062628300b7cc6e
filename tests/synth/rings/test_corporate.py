import numpy as np
import pytest

from duanka.synth.movements import CASH
from duanka.synth.parameters import defaults
from duanka.synth.rings.ring import ADAPTIVE
from duanka.synth.words import P
from duanka.synth.world import F
from rings_made import cards_of, cells_of, forwarding_wait, keeps_the_laws, kept, made, same


@pytest.mark.parametrize("size", [0.06, 0.3, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_keeps_the_laws_of_rings_at_every_size(size: float, seed: int) -> None:
    keeps_the_laws(*made("corporate", size=size, seed=seed))


@pytest.mark.parametrize("adaptive", ADAPTIVE)
def test_it_keeps_the_laws_of_rings_in_every_variant(adaptive: str) -> None:
    keeps_the_laws(*made("corporate", adaptive=adaptive))


def test_the_same_seed_gives_the_same_ring_and_another_one_does_not() -> None:
    once, again, other = (made("corporate", seed=seed)[1] for seed in (5, 5, 6))
    assert same(once, again)
    assert not same(once, other)


def test_variants_change_what_they_claim() -> None:
    rings = {how: made("corporate", size=1.0, adaptive=how)[1] for how in ADAPTIVE}
    plain = rings["plain"]
    forward = {how: ring.movements.amount[ring.movements.part == P["forward"]] for how, ring in rings.items()}
    assert forwarding_wait(rings["slow"]) > 4 * forwarding_wait(plain)
    assert np.median(forward["small_tickets"]) < 0.75 * np.median(forward["plain"])
    assert (rings["purchases"].movements.part == P["cover"]).sum() > 50
    assert not (plain.movements.part == P["cover"]).any()
    assert kept(rings["retention"], (1, 2)) > kept(plain, (1, 2)) + 0.05


def test_a_split_ring_has_cells_with_no_money_between_them_under_one_dealer() -> None:
    ring = made("corporate", size=1.0, adaptive="split")[1]
    assert cells_of(ring) >= 2
    assert len({m.account for m in ring.members if m.role == "dealer"}) == 1


def test_shells_share_nominees_and_agents_and_their_money_leaves_for_persons() -> None:
    world, ring = made("corporate", size=1.0)
    shells = cards_of(ring, "transit")
    firms = world.accounts.firm[shells]
    assert (firms >= 0).all()
    assert len(np.unique(world.firms.owner[firms])) < len(firms) / 1.5
    moves = ring.movements
    away = moves.payee[np.isin(moves.payer, shells) & ~np.isin(moves.payee, shells)]
    assert (world.accounts.person[away] >= 0).all()


def test_as_many_honest_small_firms_remain() -> None:
    world, ring = made("corporate", size=1.0)
    small = world.firms.kind == F["small"]
    assert small.sum() >= 2 * len(cards_of(ring, "transit"))


def test_clients_get_their_money_back_less_the_fee() -> None:
    world, ring = made("corporate", size=1.0)
    moves, p = ring.movements, defaults()
    assert p["corporate.fee_low"] <= ring.commission["client"] <= p["corporate.fee_high"]
    for client in {m.account for m in ring.members if m.role == "customer" and m.tier == 0}:
        owner = world.people.bank[world.firms.owner[world.accounts.firm[client]]]
        paid = moves.amount[(moves.payer == client) & (moves.part == P["deposit"])].sum()
        firms = world.firms.account[world.firms.owner == world.firms.owner[world.accounts.firm[client]]]
        paid = moves.amount[np.isin(moves.payer, firms) & (moves.part == P["deposit"])].sum()
        back = moves.amount[(moves.payee == owner) & (moves.part == P["settlement"])].sum()
        assert back <= paid * (1 - 0.9 * p["corporate.fee_low"])


def test_most_of_what_comes_in_goes_out() -> None:
    moves = made("corporate", size=1.0)[1].movements
    came = moves.amount[moves.part == P["deposit"]].sum()
    out = moves.amount[np.isin(moves.part, (P["settlement"], P["cash_out"]))].sum()
    assert 0.6 * came < out < came
    assert (moves.payee[moves.part == P["cash_out"]] == CASH).all()
