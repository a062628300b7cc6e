import numpy as np
import pytest

from duanka.synth.parameters import defaults
from duanka.synth.rings.ring import ADAPTIVE
from duanka.synth.words import P
from rings_made import cells_of, forwarding_wait, keeps_the_laws, kept, made, same


@pytest.mark.parametrize("size", [0.06, 0.3, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_keeps_the_laws_of_rings_at_every_size(size: float, seed: int) -> None:
    keeps_the_laws(*made("nested", size=size, seed=seed))


@pytest.mark.parametrize("adaptive", ADAPTIVE)
def test_it_keeps_the_laws_of_rings_in_every_variant(adaptive: str) -> None:
    keeps_the_laws(*made("nested", adaptive=adaptive))


def test_the_same_seed_gives_the_same_ring_and_another_one_does_not() -> None:
    once, again, other = (made("nested", seed=seed)[1] for seed in (5, 5, 6))
    assert same(once, again)
    assert not same(once, other)


def test_variants_change_what_they_claim() -> None:
    rings = {how: made("nested", size=1.0, adaptive=how)[1] for how in ADAPTIVE}
    plain = rings["plain"]
    forward = {how: ring.movements.amount[ring.movements.part == P["forward"]] for how, ring in rings.items()}
    assert forwarding_wait(rings["slow"]) > 4 * forwarding_wait(plain)
    assert np.median(forward["small_tickets"]) < 0.75 * np.median(forward["plain"])
    assert (rings["purchases"].movements.part == P["cover"]).sum() > 50
    assert not (plain.movements.part == P["cover"]).any()
    assert kept(rings["retention"], (1, 2, 3, 4)) > kept(plain, (1, 2, 3, 4)) + 0.05


def test_a_split_ring_has_cells_with_no_money_between_them_under_one_dealer() -> None:
    ring = made("nested", size=1.0, adaptive="split")[1]
    assert cells_of(ring) >= 2
    assert len({m.account for m in ring.members if m.role == "dealer"}) == 1


def test_money_sinks_through_five_tiers() -> None:
    _, ring = made("nested", size=1.0)
    tier = {m.account: m.tier for m in ring.members if 1 <= m.tier <= 5}
    assert set(tier.values()) == {1, 2, 3, 4, 5}
    moves = ring.movements
    steps = {
        (tier[a], tier[b])
        for a, b, part in zip(moves.payer.tolist(), moves.payee.tolist(), moves.part.tolist(), strict=True)
        if part == P["forward"]
    }
    assert steps == {(1, 2), (2, 3), (3, 4), (4, 5), (4, 2)}


def test_the_third_tier_is_fed_just_below_limits() -> None:
    _, ring = made("nested", size=1.0)
    moves, third = ring.movements, [m.account for m in ring.members if m.tier == 3]
    fed = moves.amount[np.isin(moves.payee, third) & (moves.part == P["forward"])]
    limits = np.array([500_000, 1_000_000, 2_000_000, 5_000_000])
    near = ((fed[:, None] >= 0.89 * limits) & (fed[:, None] < limits)).any(axis=1)
    assert near.mean() > 0.5
    assert len(third) > 20


def test_round_trips_lose_less_than_five_in_a_hundred() -> None:
    _, ring = made("nested", size=1.0)
    moves, p = ring.movements, defaults()
    tier = {m.account: m.tier for m in ring.members}
    back = [a for a, b, c, part in zip(moves.amount.tolist(), moves.payer.tolist(), moves.payee.tolist(),
            moves.part.tolist(), strict=True) if part == P["forward"] and (tier[b], tier[c]) == (4, 2)]  # fmt: skip
    assert len(back) > 20
    three_hops = 1.2 * (p["onward.holder_high"] * (1 + 0.5 + 0.5))
    assert three_hops < 0.05


def test_winners_have_paid_in_before() -> None:
    _, ring = made("nested", size=1.0)
    moves = ring.movements
    first: dict[int, int] = {}
    for time, payer, part in zip(moves.time.tolist(), moves.payer.tolist(), moves.part.tolist(), strict=True):
        if part == P["deposit"]:
            first.setdefault(payer, time)
    won = moves.part == P["payout"]
    assert won.any()
    assert all(first[a] < t for a, t in zip(moves.payee[won].tolist(), moves.time[won].tolist(), strict=True))


def test_what_breakers_keep_or_are_paid_is_the_agreed_commission() -> None:
    _, ring = made("nested", size=1.0)
    moves, p = ring.movements, defaults()
    taken = []
    for member in ring.members:
        if member.tier == 3:
            came = moves.amount[(moves.payee == member.account) & (moves.part == P["forward"])].sum()
            left = moves.amount[(moves.payer == member.account) & (moves.part == P["forward"])].sum()
            pay = moves.amount[(moves.payee == member.account) & (moves.part == P["commission"])].sum()
            taken += [(came - left + pay) / came] if came else []
            assert p["onward.holder_low"] <= member.rate <= p["onward.holder_high"]
    assert 0.7 * p["onward.holder_low"] < np.median(taken) < 1.3 * p["onward.holder_high"]
