from dataclasses import fields

import numpy as np
import pytest

from duanka.synth.life.calls import MESSAGE, hotline
from duanka.synth.rings.ring import ADAPTIVE, Ring
from duanka.synth.words import P
from rings_made import cards_of, cells_of, forwarding_wait, keeps_the_laws, kept, made, same


@pytest.mark.parametrize("size", [0.06, 0.3, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_keeps_the_laws_of_rings_at_every_size(size: float, seed: int) -> None:
    keeps_the_laws(*made("farm", size=size, seed=seed))


@pytest.mark.parametrize("adaptive", ADAPTIVE)
def test_it_keeps_the_laws_of_rings_in_every_variant(adaptive: str) -> None:
    keeps_the_laws(*made("farm", adaptive=adaptive))


def test_the_same_seed_gives_the_same_ring_and_another_one_does_not() -> None:
    once, again, other = (made("farm", seed=seed)[1] for seed in (5, 5, 6))
    assert same(once, again)
    assert not same(once, other)


def test_variants_change_what_they_claim() -> None:
    rings = {how: made("farm", size=1.0, adaptive=how)[1] for how in ADAPTIVE}
    plain = rings["plain"]
    forward = {how: ring.movements.amount[ring.movements.part == P["forward"]] for how, ring in rings.items()}
    assert forwarding_wait(rings["slow"]) > 4 * forwarding_wait(plain)
    assert np.median(forward["small_tickets"]) < 0.75 * np.median(forward["plain"])
    assert (rings["purchases"].movements.part == P["cover"]).sum() > 50
    assert not (plain.movements.part == P["cover"]).any()
    assert kept(rings["retention"], (1, 2, 3)) > kept(plain, (1, 2, 3)) + 0.05


def test_a_split_ring_has_cells_with_no_money_between_them_under_one_dealer() -> None:
    ring = made("farm", size=1.0, adaptive="split")[1]
    assert cells_of(ring) >= 2
    assert len({m.account for m in ring.members if m.role == "dealer"}) == 1


def test_cards_are_opened_on_one_or_two_days_at_few_outlets_and_their_phones_the_day_before() -> None:
    world, ring = made("farm", size=1.0)
    cards = cards_of(ring, "collection")
    opened, sims = world.accounts.opened[cards], world.accounts.sim[cards]
    assert len(np.unique(opened)) <= 2
    assert len(np.unique(world.accounts.outlet[cards])) <= 8
    assert (world.sims.opened[sims] == opened - 1).all()
    assert len(np.unique(world.sims.outlet[sims])) <= 2


def test_nobody_has_two_cards_of_one_bank() -> None:
    world, _ = made("farm", size=1.0)
    both = world.people.second >= 0
    bank = world.accounts.institution
    assert (bank[world.people.bank[both]] != bank[world.people.second[both]]).all()


def test_a_card_collects_for_a_few_days_only() -> None:
    _, ring = made("farm", size=1.0)
    moves = ring.movements
    spans = []
    for card in cards_of(ring, "collection").tolist():
        days = moves.time[(moves.payee == card) & (moves.part == P["deposit"])]
        spans.append((days.max() - days.min()) / 86_400 if len(days) else 0.0)
    assert np.percentile(spans, 90) < 5


def test_sims_of_a_pool_never_talk_at_once_and_call_out_in_office_hours() -> None:
    world, ring = made("farm", size=0.3)
    calls = _calls(ring)
    talk = calls["seconds"] >= 0
    network = world.devices.network[calls["device"][talk]]
    for pool in np.unique(network).tolist():
        rows = np.flatnonzero(talk)[network == pool]
        rows = rows[np.argsort(calls["time"][rows])]
        begin, end = calls["time"][rows], calls["time"][rows] + calls["seconds"][rows]
        assert (begin[1:] >= end[:-1]).all()
    hour = (calls["time"][talk] + 8 * 3_600) // 3_600 % 24
    assert hour.min() >= 8
    assert hour.max() <= 19


def test_numbers_of_pools_look_like_the_measured_ones() -> None:
    _, ring = made("farm", size=1.0, seed=8)
    calls = _calls(ring)
    talk = calls["seconds"] >= 0
    sim, other = calls["sim"][talk], calls["other"][talk]
    numbers, of = np.unique(sim, return_inverse=True)
    count = np.bincount(of)
    distinct = np.array([len(np.unique(other[of == n])) for n in range(len(numbers))])
    out = np.bincount(of, calls["outgoing"][talk]) / count
    mean = np.bincount(of, calls["seconds"][talk]) / count
    days = np.array([len(np.unique((calls["time"][talk][of == n] + 28_800) // 86_400)) for n in range(len(numbers))])
    assert 0.65 < np.median(distinct / count) < 0.95
    assert np.median(out) > 0.9
    assert 65 < np.median(mean) < 125
    assert 3 <= np.median(days) <= 9
    assert 110 < np.median(count) < 350


def test_sims_of_cards_get_codes_from_banks_and_nothing_else() -> None:
    world, ring = made("farm", size=1.0)
    calls = _calls(ring)
    mine = np.isin(calls["sim"], world.accounts.sim[cards_of(ring, "collection")])
    assert mine.any()
    assert (calls["seconds"][mine] == MESSAGE).all()
    assert (calls["other"][mine] <= hotline(np.array([0]))[0]).all()
    assert not calls["outgoing"][mine].any()


def _calls(ring: Ring) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    return {f.name: np.concatenate(getattr(ring.calls, f.name)) for f in fields(ring.calls)}
