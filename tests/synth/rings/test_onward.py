import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duanka.synth.chance import Ints
from duanka.synth.rings.onward import NEVER, Flow, Tier, batches, near_limit, overlay, paced, peel

sums = st.lists(st.integers(0, 10_000_000), max_size=30).map(lambda v: np.array(v, dtype=np.int64))
seeds = st.integers(0, 1_000)


@given(sums, seeds)
def test_tickets_make_up_their_sums(total: Ints, seed: int) -> None:
    chance = np.random.default_rng(seed)
    owner, amount = peel(total, lambda rows: chance.integers(200_000, 900_000, len(rows)), least=100_000)
    assert (np.bincount(owner, amount, minlength=len(total)) == total).all()
    assert (amount > 0).all()
    assert (amount < 900_000).all()
    assert (np.diff(owner) >= 0).all()


@given(sums, sums)
def test_claims_are_paid_in_turn_and_never_beyond_either_list(paid: Ints, owed: Ints) -> None:
    row, claim, amount = overlay(paid, owed)
    assert amount.sum() == min(paid.sum(), owed.sum())
    assert (amount > 0).all()
    assert (np.bincount(row, amount, minlength=len(paid)) <= paid).all()
    assert (np.bincount(claim, amount, minlength=len(owed)) <= owed).all()
    assert (np.diff(row) >= 0).all()
    assert (np.diff(claim) >= 0).all()


@given(st.lists(st.tuples(st.integers(0, 90_000), st.integers(0, 4), st.integers(1, 10_000)), min_size=1), seeds)
def test_a_batch_leaves_after_all_that_it_holds(rows: list[tuple[int, int, int]], seed: int) -> None:
    time, card, amount = np.array(rows, dtype=np.int64).T
    flow = Flow(time, card, np.zeros_like(time), amount, np.full(len(time), NEVER))
    out = batches(np.random.default_rng(seed), flow, within=600, delay=60, sigma=1.0)
    assert out.amount.sum() == amount.sum()
    events = [(t, 0, c, a) for t, c, a in rows] + [
        (t, 1, c, -a) for t, c, a in zip(*(x.tolist() for x in (out.time, out.card, out.amount)), strict=True)
    ]
    held: dict[int, int] = {}
    for _, _, which, change in sorted(events):
        held[which] = held.get(which, 0) + change
        assert held[which] >= 0


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 2), st.integers(0, 40_000)), max_size=40), seeds)
def test_lanes_use_one_card_at_a_time_and_stopped_cards_take_nothing(
    rows: list[tuple[int, int, int]], seed: int
) -> None:
    time, lane, after = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    alarm = np.where(after % 3 == 0, time + after + 1, NEVER)
    tier = Tier(np.random.default_rng(seed), np.arange(50, 59), 3, life=20_000, sigma=0.5)
    taker = tier.settle(0, time, lane, alarm)
    assert (taker == tier.at(time, lane)).all()
    for card, begin, end, stop in zip(
        *(x.tolist() for x in (tier.cards, tier.begins, tier.ends, tier.stops)), strict=True
    ):
        mine = taker == card
        assert ((time[mine] >= begin) & (time[mine] < end)).all()
        assert end <= stop
        assert stop == alarm[mine].min(initial=NEVER)
    assert ((taker >= 0) | (time >= tier.ends.min(initial=NEVER))).all()


@given(st.sampled_from([500_000, 1_000_000, 2_000_000, 5_000_000]), seeds)
def test_sums_near_a_limit_stay_below_it(limit: int, seed: int) -> None:
    found = near_limit(np.random.default_rng(seed), np.full(50, limit, dtype=np.int64))
    assert (found < limit).all()
    assert (found >= 0.88 * limit).all()


def test_tickets_follow_each_other() -> None:
    owner = np.array([0, 0, 0, 2, 2], dtype=np.int64)
    time = paced(np.random.default_rng(1), np.array([100, 200, 300]), owner, 30)
    assert time[0] == 100
    assert time[3] == 300
    assert (np.diff(time[:3]) > 0).all()
