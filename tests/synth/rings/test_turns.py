import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duanka.synth.chance import Ints
from duanka.synth.rings.claims import overlay
from duanka.synth.rings.sums import Pace, below_limits, near_limit
from duanka.synth.rings.turns import CARD, NEVER, Money, gather, split, standing, take_turns

sums = st.lists(st.integers(0, 10_000_000), max_size=30).map(lambda v: np.array(v, dtype=np.int64))
seeds = st.integers(0, 1_000)
rows = st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 2), st.integers(1, 4_000_000)), min_size=1)


def _money(table: list[tuple[int, int, int]], danger: Ints | None = None) -> Money:
    time, node, amount = np.array(table, dtype=np.int64).T
    return Money(time, node, amount, np.full(len(time), NEVER) if danger is None else danger, np.zeros_like(time))


@given(sums, seeds)
def test_pieces_below_a_limit_make_up_their_sums(total: Ints, seed: int) -> None:
    limit = np.full(len(total), 500_000, dtype=np.int64)
    of, piece = below_limits(np.random.default_rng(seed), total, limit)
    assert (np.bincount(of, piece, minlength=len(total)) == total).all()
    assert (piece > 0).all()
    assert (piece < 500_000).all()
    assert (np.diff(of) >= 0).all()


@given(sums, sums)
def test_claims_are_paid_in_turn_and_never_beyond_either_list(paid: Ints, owed: Ints) -> None:
    row, claim, amount = overlay(paid, owed)
    assert amount.sum() == min(paid.sum(), owed.sum())
    assert (amount > 0).all()
    assert (np.bincount(row, amount, minlength=len(paid)) <= paid).all()
    assert (np.bincount(claim, amount, minlength=len(owed)) <= owed).all()
    assert (np.diff(row) >= 0).all()
    assert (np.diff(claim) >= 0).all()


@given(rows, seeds)
def test_what_is_sent_has_come_before(table: list[tuple[int, int, int]], seed: int) -> None:
    money = _money(table)
    sent = split(np.random.default_rng(seed), gather(money, 600), Pace(60, 1.0, 1, 4, 100_000, 2_000_000))
    events = [(t, 0, c, a) for t, c, a in table] + [
        (t, 1, c, -a) for t, c, a in zip(*(x.tolist() for x in (sent.time, sent.node, sent.amount)), strict=True)
    ]
    held: dict[int, int] = {}
    for _, _, which, change in sorted(events):
        held[which] = held.get(which, 0) + change
        assert held[which] >= 0
    assert (sent.amount <= 2_000_000).all()


@given(rows, seeds)
def test_cards_take_turns_and_stopped_ones_give_way(table: list[tuple[int, int, int]], seed: int) -> None:
    time, lane, amount = np.array(table, dtype=np.int64).T
    money = _money(table, np.where(amount % 3 == 0, time + amount % 9_000 + 1, NEVER))
    arrived, turns = take_turns(np.random.default_rng(seed), money, lane, first=CARD, days=0.2, spread=0.5)
    assert (arrived.time == money.time).all()
    for number, node in enumerate(turns.node.tolist()):
        mine = arrived.node == node
        assert len(np.unique(lane[mine])) == 1
        assert turns.stop[number] == money.danger[mine].min()
    for each in np.unique(lane).tolist():
        order = np.lexsort((arrived.node[lane == each], time[lane == each]))
        assert len(np.unique(arrived.node[lane == each])) == 1 + np.count_nonzero(
            np.diff(arrived.node[lane == each][order])
        )


@given(rows, rows, seeds)
def test_what_stands_is_at_work(one: list[tuple[int, int, int]], two: list[tuple[int, int, int]], seed: int) -> None:
    chance = np.random.default_rng(seed)
    money, further = _money(one), _money(two)
    arrived, turns = take_turns(chance, money, money.node, first=CARD, days=0.2, spread=0.5)
    node, found = standing(chance, further, arrived, turns)
    for card, time in zip(node[found].tolist(), further.time[found].tolist(), strict=True):
        mine = arrived.time[arrived.node == card]
        assert mine.min() < time < mine.max() + 2 * 86_400


@given(st.sampled_from([500_000, 1_000_000, 2_000_000, 5_000_000]), seeds)
def test_sums_near_a_limit_stay_below_it(limit: int, seed: int) -> None:
    found = near_limit(np.random.default_rng(seed), np.full(50, limit, dtype=np.int64))
    assert (found < limit).all()
    assert (found >= 0.88 * limit).all()
