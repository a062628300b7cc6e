import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.synth.chance import Array, stream
from duanka.synth.life.country import Country
from duanka.synth.movements import NOT_OF_A_RING, Movements
from duanka.synth.parameters import defaults
from duanka.synth.population import populate
from duanka.synth.rings.ring import ADAPTIVE, Ring, Scene
from duanka.synth.scales import SCALES
from duanka.synth.seasons import day_of
from duanka.synth.wallets import A_DAY, HELD, SINGLE, honest_wallets, lived_with, wallet_life
from duanka.synth.words import P, W
from duanka.synth.world import A
from ring_laws import check_all, groups_of_cards, make_ring, members, of_part, same, wait

_CARDS = ("collection", "transit", "cash_out")


def _wallets(scene: Scene, ring: Ring) -> Array:
    found = members(ring, "cash_out")
    wallets: Array = found[scene.world.accounts.kind[found] == A["ecny_wallet"]]
    return wallets


def _of_a_day(rows: Movements, account: Array) -> Array:
    return np.bincount(np.unique(np.stack([account, day_of(rows.time)]), axis=1, return_inverse=True)[1], rows.amount)


@pytest.mark.parametrize("size", [0.06, 0.3, 1.0])
def test_laws_at_every_size(size: float) -> None:
    scene, ring = make_ring("ecny", size)
    check_all(scene, ring, *_CARDS)
    assert len(_wallets(scene, ring)) > 30 * size


@given(st.integers(0, 10_000), st.sampled_from(ADAPTIVE))
@settings(max_examples=5, deadline=None)
def test_limits_of_class_4_hold_for_any_seed_and_habit(seed: int, adaptive: str) -> None:
    scene, ring = make_ring("ecny", 0.06, adaptive, seed)
    check_all(scene, ring, *_CARDS)
    wallets, rows = _wallets(scene, ring), ring.movements
    filled, spent = (rows.take(np.isin(side, wallets)) for side in (rows.payee, rows.payer))
    assert max(filled.amount.max(), spent.amount[spent.part != P["cover"]].max()) <= SINGLE * 100
    assert _of_a_day(filled, filled.payee).max() <= A_DAY * 100
    notes = spent.take(spent.payee < 0)
    assert _of_a_day(notes, notes.payer).max() <= A_DAY * 100
    for wallet in wallets.tolist():
        change = np.where(rows.payee == wallet, rows.amount, 0) - np.where(rows.payer == wallet, rows.amount, 0)
        assert np.cumsum(change).max() <= HELD * 100


def test_same_chance_same_ring() -> None:
    assert same(make_ring("ecny", 0.06)[1], make_ring("ecny", 0.06)[1])


def test_of_the_published_size() -> None:
    scene, ring = make_ring("ecny", 1.0)
    wallets, rows = _wallets(scene, ring), ring.movements
    assert 500 < len(wallets) < 2_000
    notes = rows.amount[np.isin(rows.payer, wallets) & (rows.payee < 0)].sum()
    assert 5e6 < notes / 100 < 2e7
    deposits = rows.take(of_part(ring, "deposit"))
    victims = np.isin(deposits.payer, members(ring, "victim"))
    assert 0.01 < deposits.amount[victims].sum() / deposits.amount.sum() < 0.3


def test_wallets_are_filled_from_cards_and_many_sit_on_a_phone() -> None:
    scene, ring = make_ring("ecny", 0.3)
    wallets, rows = _wallets(scene, ring), ring.movements
    fills = rows.take(np.isin(rows.payee, wallets))
    assert np.isin(fills.payer, members(ring, "transit")).all()
    assert (fills.word == W["ecny"]).all()
    phones = rows.device[np.isin(rows.payer, wallets)]
    assert len(wallets) > 8 * len(np.unique(phones))
    persons = scene.world.accounts.person[wallets]
    assert np.unique(persons, return_counts=True)[1].max() <= 6


def test_habits_change_what_they_claim() -> None:
    rings = {
        a: make_ring("ecny", 0.3, a) for a in ("plain", "slow", "retention", "small_tickets", "purchases", "split")
    }
    plain = rings["plain"][1]
    assert wait(rings["slow"][1], "collection") > 4 * wait(plain, "collection")
    left = {}
    for name in ("plain", "retention"):
        scene, ring = rings[name]
        rows, wallets = ring.movements, _wallets(scene, ring)
        got, spent = (rows.amount[np.isin(side, wallets)].sum() for side in (rows.payee, rows.payer))
        left[name] = 1 - spent / got
    assert left["retention"] > left["plain"] + 0.03
    small = rings["small_tickets"][1]
    assert small.movements.amount[of_part(small, "forward")].mean() < 0.6 * plain.movements.amount[
        of_part(plain, "forward")
    ].mean()  # fmt: skip
    assert of_part(rings["purchases"][1], "cover").sum() > 50
    assert groups_of_cards(rings["split"][1], *_CARDS) >= 3 > groups_of_cards(plain, *_CARDS)


def test_honest_people_have_such_wallets_too() -> None:
    world = populate(7, SCALES["tiny"], defaults())
    rows = honest_wallets(world, stream(7, "wallets"))
    assert len(rows) > 10
    assert (world.accounts.kind[rows] == A["ecny_wallet"]).all()
    assert set(rows.tolist()) <= set(lived_with(world, np.array([-1])).tolist())
    days = np.arange(world.scale.first_day, world.scale.last_day)
    life = wallet_life(Country(world), rows, days, stream(7, "life")).in_order()
    assert len(life) > 20
    assert (life.ring == NOT_OF_A_RING).all()
    assert (life.part == 0).all()
    assert life.amount.max() <= SINGLE * 100
    assert (
        day_of(life.time) >= world.accounts.opened[np.where(np.isin(life.payer, rows), life.payer, rows[0])]
    ).mean() > 0.5
    for wallet in rows.tolist():
        change = np.where(life.payee == wallet, life.amount, 0) - np.where(life.payer == wallet, life.amount, 0)
        assert (np.cumsum(change) >= 0).all()
