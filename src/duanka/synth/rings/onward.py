"""How ring money is handed on: relays of cards, receipts gathered into batches, batches split into tickets."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Array, Ints, lognormal
from duanka.synth.world import FAR, I32

NEVER = FAR * 86_400
"""A moment (seconds UTC) that does not come."""

Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Flow:
    """n sums of ring money that lie on cards from a moment on. All arrays have length n."""

    time: Ints  # seconds UTC
    card: Ints  # row of Accounts that holds it
    lane: Ints  # lane of the tier in which the card works
    amount: Ints  # 分
    alarm: Ints  # seconds UTC at which police stop the card for this sum; NEVER

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: Array) -> "Flow":
        """The rows that a mask or an index array chooses."""
        return Flow(self.time[chosen], self.card[chosen], self.lane[chosen], self.amount[chosen], self.alarm[chosen])

    def less(self, kept: Ints) -> "Flow":
        """The same with these sums (分) left behind; what becomes nothing is left out."""
        rest = Flow(self.time, self.card, self.lane, self.amount - kept, self.alarm)
        return rest.take(rest.amount > 0)


class Tier:
    """A tier's cards in lanes: in each lane one card after the other, the next when one is stopped or spent."""

    def __init__(self, chance: Chance, cards: Array, lanes: int, *, life: float, sigma: float) -> None:
        """`life` is the median time that a card is used, in seconds; the last card of a lane stays in use."""
        self.cards: I32 = cards.astype(np.int32)
        self.lanes = max(1, min(lanes, len(cards)))
        self.lives: Ints = np.maximum(lognormal(chance, life, sigma, len(cards)), 3_600).astype(np.int64)
        self.begins: Ints = np.full(len(cards), NEVER, dtype=np.int64)
        self.ends: Ints = np.full(len(cards), NEVER, dtype=np.int64)
        self.stops: Ints = np.full(len(cards), NEVER, dtype=np.int64)

    def settle(self, start: int, time: Ints, lane: Ints, alarm: Ints) -> Ints:
        """Who takes each sum (-1: its lane has no card left); fixes when each card works and when it is stopped."""
        taker: Ints = np.full(len(time), -1, dtype=np.int64)
        order = np.lexsort((time, lane))
        edges = np.searchsorted(lane[order], np.arange(self.lanes + 1))
        for number in range(self.lanes):
            rows = order[edges[number] : edges[number + 1]]
            self._run(number, start, rows, time[rows], alarm[rows], taker)
        return taker

    def _run(self, lane: int, start: int, rows: Ints, times: Ints, alarms: Ints, taker: Ints) -> None:
        own = np.arange(lane, len(self.cards), self.lanes).tolist()
        begin = start
        for row in own:
            end = NEVER if row == own[-1] else begin + int(self.lives[row])
            first, last = np.searchsorted(times, [begin, end]).tolist()
            stop = int(alarms[first:last].min(initial=NEVER))
            end = min(end, stop)
            last = int(np.searchsorted(times, end))
            taker[rows[first:last]] = self.cards[row]
            self.begins[row], self.ends[row], self.stops[row] = begin, end, stop
            begin = end

    def at(self, time: Ints, lane: Ints) -> Ints:
        """The card that works in each lane at each moment, once settled; -1 where none does."""
        found: Ints = np.full(len(time), -1, dtype=np.int64)
        for number in range(self.lanes):
            own = np.arange(number, len(self.cards), self.lanes)
            here = lane == number
            place = np.searchsorted(self.begins[own], time[here], side="right") - 1
            card = own[np.maximum(place, 0)]
            works = (place >= 0) & (time[here] < self.ends[card])
            found[here] = np.where(works, self.cards[card], -1)
        return found

    def stop_of(self, card: Ints) -> Ints:
        """When each of the tier's cards is stopped, seconds UTC; NEVER."""
        order = np.argsort(self.cards, kind="stable")
        place = np.minimum(np.searchsorted(self.cards[order], card), len(order) - 1)
        return self.stops[order[place]]


def batches(chance: Chance, flow: Flow, *, within: float, delay: float, sigma: float) -> Flow:
    """What each card hands on at once: the sums that come less than about `within` seconds apart.

    It leaves some time after the last of them: lognormal by its median `delay` in seconds, at least one second, so that
    a card never pays what it lacks.
    """
    if not len(flow):
        return flow
    flow = flow.take(np.lexsort((flow.time, flow.card)))
    patience = within * chance.uniform(0.3, 1.7, len(flow))
    begins = np.ones(len(flow), dtype=np.bool_)
    round_of = (flow.time + flow.card * 977) // max(1, round(3 * within))  # however fast they come, no sum waits longer
    begins[1:] = (np.diff(flow.card) != 0) | (np.diff(flow.time) > patience[1:]) | (np.diff(round_of) != 0)
    start = np.flatnonzero(begins)
    last = np.append(start[1:], len(flow)) - 1
    wait = np.ceil(lognormal(chance, delay, sigma, len(start))).astype(np.int64)
    return Flow(
        flow.time[last] + np.maximum(wait, 1),
        flow.card[start],
        flow.lane[last],
        np.add.reduceat(flow.amount, start),
        np.minimum.reduceat(flow.alarm, start),
    )


def peel(total: Ints, draw: Callable[[Ints], Ints], *, least: Ints | int) -> tuple[Ints, Ints]:
    """Split sums into tickets: the row of `total` of each, and its amount; the tickets of a sum make it up.

    `draw` gives a ticket for each row it is asked for, none is below `least`; the last one of a sum is what remains.
    """  # fmt: skip
    floor = np.broadcast_to(np.maximum(np.asarray(least, dtype=np.int64), 1), total.shape)
    count = -(-total // floor)
    owner = np.repeat(np.arange(len(total)), count)
    ticket = np.maximum(draw(owner), floor[owner])
    heap = np.cumsum(ticket)
    first = np.cumsum(count) - count
    before = heap - ticket - np.repeat(np.append(0, heap)[first], count)
    left = np.minimum(ticket, total[owner] - before)
    return owner[left > 0], left[left > 0]


def paced(chance: Chance, start: Ints, owner: Ints, pause: float) -> Ints:
    """Moments of tickets that follow each other: `start` of the owner, then pauses of about so many seconds.

    `owner` must be in order.
    """  # fmt: skip
    step = 1 + chance.exponential(pause, len(owner)).astype(np.int64)
    first = np.ones(len(owner), dtype=np.bool_)
    first[1:] = np.diff(owner) != 0
    step[first] = 0
    heap = np.cumsum(step)
    base = np.maximum.accumulate(np.where(first, heap, 0))
    return start[owner] + heap - base


def overlay(paid: Ints, owed: Ints) -> tuple[Ints, Ints, Ints]:
    """Pay claims in turn out of sums in turn: for each piece, the row of the sum, the row of the claim, the amount.

    Both lists are in their order of time; sums beyond the last claim stay unpaid. O(n log n).
    """
    ends_paid, ends_owed = np.cumsum(paid), np.cumsum(owed)
    reach = min(int(ends_paid[-1]), int(ends_owed[-1])) if len(paid) and len(owed) else 0
    cuts = np.unique(np.concatenate([ends_paid, ends_owed]))
    cuts = cuts[(cuts > 0) & (cuts <= reach)]
    return (
        np.searchsorted(ends_paid, cuts),
        np.searchsorted(ends_owed, cuts),
        np.diff(cuts, prepend=np.int64(0)),
    )


def near_limit(chance: Chance, limit: Ints) -> Ints:
    """Sums just below a limit (分): most round, none above."""
    yuan = limit * chance.uniform(0.9, 0.999, len(limit)) / 100
    unit = np.where(chance.random(len(limit)) < 0.7, np.where(limit >= 2_000_000, 500, 50), 1)
    rounded = np.floor(yuan / unit) * unit
    cents = chance.random(len(limit)) < 0.12
    return np.round(np.where(cents, np.round(yuan, 2), rounded) * 100).astype(np.int64)
