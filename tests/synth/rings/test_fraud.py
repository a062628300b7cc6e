import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.synth.chance import stream
from duanka.synth.movements import NOT_OF_A_RING
from duanka.synth.rings.ring import ADAPTIVE
from duanka.synth.rings.tokens import honest_trade, token_dealers
from duanka.synth.seasons import day_of
from ring_laws import check_all, groups_of_cards, kept_share, make_ring, members, of_part, same, wait

_CARDS = ("collection", "transit", "payout", "cash_out")


@pytest.mark.parametrize("size", [0.06, 0.3, 1.0])
def test_laws_at_every_size(size: float) -> None:
    scene, ring = make_ring("fraud", size)
    check_all(scene, ring, *_CARDS)
    assert {"victim", "collection", "cash_out", "dealer"} <= {m.role for m in ring.members}


@given(st.integers(0, 10_000), st.sampled_from(ADAPTIVE))
@settings(max_examples=5, deadline=None)
def test_laws_for_any_seed_and_habit(seed: int, adaptive: str) -> None:
    scene, ring = make_ring("fraud", 0.06, adaptive, seed)
    check_all(scene, ring, *_CARDS)


def test_same_chance_same_ring() -> None:
    assert same(make_ring("fraud", 0.06)[1], make_ring("fraud", 0.06)[1])
    assert not same(make_ring("fraud", 0.06)[1], make_ring("fraud", 0.06, seed=6)[1])


def test_money_goes_down_one_tier_at_a_time() -> None:
    _, ring = make_ring("fraud", 0.5)
    tier = {m.account: m.tier for m in ring.members if m.role in ("collection", "transit", "cash_out")}
    rows = ring.movements.take(of_part(ring, "forward"))
    steps = [tier[payee] - tier[payer] for payer, payee in zip(rows.payer.tolist(), rows.payee.tolist(), strict=True)]
    assert set(steps) == {1}
    assert np.percentile(rows.amount, 99) <= 50_000_00
    first = ring.movements.take(of_part(ring, "deposit"))
    assert {tier[payee] for payee in first.payee.tolist()} == {1}


def test_victims_pay_and_report_as_published() -> None:
    scene, ring = make_ring("fraud", 1.0)
    deposits = ring.movements.take(of_part(ring, "deposit"))
    assert 15_000_00 < np.median(deposits.amount[deposits.amount > 900_00]) < 50_000_00
    share = len({r.payer for r in ring.reports}) / len(members(ring, "victim"))
    assert 0.3 < share < 0.9
    total = np.bincount(deposits.payer, deposits.amount)
    assert (scene.world.accounts.balance[np.flatnonzero(total)] >= total[total > 0]).all()


def test_commission_follows_from_the_rows() -> None:
    _, ring = make_ring("fraud", 1.0)
    rows = ring.movements
    to_dealer = of_part(ring, "commission") & np.isin(rows.payee, members(ring, "dealer"))
    implied = rows.amount[to_dealer].sum() / rows.amount[of_part(ring, "deposit")].sum()
    assert 0.6 * sum(ring.commission.values()) < implied < 1.2 * sum(ring.commission.values())


def test_notes_stay_under_the_day_limit_and_come_in_hundreds() -> None:
    _, ring = make_ring("fraud", 1.0)
    notes = ring.movements.take((ring.movements.payee < 0) & of_part(ring, "cash_out"))
    assert len(notes) > 100
    assert (notes.amount % 100_00 == 0).all()
    assert np.bincount(np.unique(np.stack([notes.payer, day_of(notes.time)]), axis=1, return_inverse=True)[1],
                       notes.amount).max() <= 20_000_00  # fmt: skip


def test_habits_change_what_they_claim() -> None:
    rings = {adaptive: make_ring("fraud", 0.5, adaptive)[1] for adaptive in ADAPTIVE}
    plain = rings["plain"]
    assert wait(rings["slow"], "collection", "transit") > 5 * wait(plain, "collection", "transit")
    assert kept_share(rings["retention"], "transit") > kept_share(plain, "transit") + 0.04
    small = rings["small_tickets"].movements.amount[of_part(rings["small_tickets"], "forward")]
    assert np.median(small) < 0.6 * np.median(plain.movements.amount[of_part(plain, "forward")])
    assert of_part(rings["purchases"], "cover").sum() > 50
    assert not of_part(plain, "cover").any()
    cards = ("collection", "transit", "cash_out")
    assert groups_of_cards(rings["split"], *cards) >= 3 > groups_of_cards(plain, *cards)
    assert len(members(rings["split"], "dealer")) == 1


def test_calls_look_like_the_measured_ones() -> None:
    scene, ring = make_ring("fraud", 1.0)
    sim, other, out = (np.concatenate(column) for column in (ring.calls.sim, ring.calls.other, ring.calls.outgoing))
    seconds, time = np.concatenate(ring.calls.seconds), np.concatenate(ring.calls.time)
    assert time.min() >= scene.world.start
    assert time.max() < scene.world.end
    ratios, dispersions = [], []
    for one in np.unique(sim).tolist():
        mine = sim == one
        ratios.append(out[mine].mean())
        dispersions.append(len(np.unique(other[mine])) / mine.sum())
    assert 0.85 < np.median(ratios) <= 1
    assert 0.5 < np.median(dispersions) < 0.95
    assert 40 < np.median(seconds) < 150
    called = {int(scene.world.sims.person[s]) for s in np.unique(other)}
    victims = scene.world.accounts.person[members(ring, "victim")]
    assert np.mean([v in called for v in victims.tolist()]) > 0.9


def test_token_dealers_also_trade_with_honest_people() -> None:
    scene, ring = make_ring("fraud", 0.3)
    dealers = token_dealers(ring)
    days = np.arange(scene.world.scale.first_day, scene.world.scale.last_day)
    rows = honest_trade(scene.world, dealers, days, stream(1, "trade")).in_order()
    assert len(rows) > 20
    assert (rows.ring == NOT_OF_A_RING).all()
    for dealer in dealers.tolist():
        change = np.where(rows.payee == dealer, rows.amount, 0) - np.where(rows.payer == dealer, rows.amount, 0)
        assert (np.cumsum(change) >= 0).all()


def test_all_levels_are_kept_at_one_hand_over() -> None:
    """As the truth says, so the rows show: one tier pays the dealer, all levels' shares together."""
    _, ring = make_ring("fraud", 1.0)
    rows, tier = ring.movements, {m.account: m.tier for m in ring.members if m.role in _CARDS}
    to_dealer = of_part(ring, "commission") & np.isin(rows.payee, members(ring, "dealer"))
    ((paying, whole),) = [(number, share) for number, share in ring.kept if share]
    assert whole == pytest.approx(sum(ring.commission.values()))
    assert {tier[payer] for payer in rows.payer[to_dealer].tolist()} == {paying}
    got = np.isin(rows.payee, [account for account, number in tier.items() if number == paying])
    shown = rows.amount[to_dealer].sum() / rows.amount[got & ~of_part(ring, "test")].sum()
    assert shown == pytest.approx(whole, rel=0.15)
