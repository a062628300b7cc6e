import numpy as np
import pytest

from duanka.synth.movements import CASH
from duanka.synth.parameters import defaults
from duanka.synth.rings.ring import ADAPTIVE
from duanka.synth.words import P
from rings_made import cards_of, cells_of, forwarding_wait, keeps_the_laws, kept, made, same


@pytest.mark.parametrize("size", [0.06, 0.3, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_keeps_the_laws_of_rings_at_every_size(size: float, seed: int) -> None:
    keeps_the_laws(*made("mirror", size=size, seed=seed))


@pytest.mark.parametrize("adaptive", ADAPTIVE)
def test_it_keeps_the_laws_of_rings_in_every_variant(adaptive: str) -> None:
    keeps_the_laws(*made("mirror", adaptive=adaptive))


def test_the_same_seed_gives_the_same_ring_and_another_one_does_not() -> None:
    once, again, other = (made("mirror", seed=seed)[1] for seed in (5, 5, 6))
    assert same(once, again)
    assert not same(once, other)


def test_variants_change_what_they_claim() -> None:
    rings = {how: made("mirror", size=1.0, adaptive=how)[1] for how in ADAPTIVE}
    plain = rings["plain"]
    forward = {how: ring.movements.amount[ring.movements.part == P["forward"]] for how, ring in rings.items()}
    assert forwarding_wait(rings["slow"]) > 2 * forwarding_wait(plain)
    assert np.median(forward["small_tickets"]) < 0.75 * np.median(forward["plain"])
    assert (rings["purchases"].movements.part == P["cover"]).sum() > 50
    assert not (plain.movements.part == P["cover"]).any()
    assert kept(rings["retention"], (1, 2)) > kept(plain, (1, 2)) + 0.05


def test_a_split_ring_has_cells_with_no_money_between_them_under_one_dealer() -> None:
    ring = made("mirror", size=1.0, adaptive="split")[1]
    assert cells_of(ring) >= 2
    assert len({m.account for m in ring.members if m.role == "dealer"}) == 1


def test_the_two_lists_share_nobody_and_the_pool_lies_between_them() -> None:
    _, ring = made("mirror", size=1.0)
    moves = ring.movements
    pays, is_paid = (
        np.unique(a) for a in (moves.payer[moves.part == P["deposit"]], moves.payee[moves.part == P["payout"]])
    )
    pool = cards_of(ring, "collection", "payout")
    assert not np.intersect1d(np.setdiff1d(pays, pool), np.setdiff1d(is_paid, pool)).size
    assert np.isin(moves.payee[moves.part == P["deposit"]], pool).all()
    assert np.isin(moves.payer[moves.part == P["payout"]], pool).all()


def test_parts_stay_below_fifty_thousand_and_the_pool_keeps_only_a_margin() -> None:
    moves = made("mirror", size=1.0)[1].movements
    by_hand = np.isin(moves.part, (P["deposit"], P["payout"]))
    assert moves.amount[by_hand].max() <= 5_000_000
    came, left = (moves.amount[moves.part == P[part]].sum() for part in ("deposit", "payout"))
    assert 0.85 * came < left < came


def test_sums_of_the_one_list_come_back_on_the_other_less_a_margin() -> None:
    _, ring = made("mirror", size=1.0)
    p = defaults()
    assert p["mirror.margin_low"] <= ring.commission["customer"] <= p["mirror.margin_high"]


def test_some_customers_knew_nothing_and_nobody_is_cash() -> None:
    _, ring = made("mirror", size=1.0)
    for role in ("good_faith", "customer"):
        assert {m.tier for m in ring.members if m.role == role} == {0, 3}
    assert not (ring.movements.payee == CASH).any()
    assert not ring.innocents
