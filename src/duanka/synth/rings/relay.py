"""The card relay of a platform: how long cards live, which of them take orders when, and how they empty themselves."""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, lognormal, share
from duanka.synth.parameters import Parameters
from duanka.synth.world import FAR

NEVER = FAR * 86_400
"""A moment (seconds UTC) that does not come."""

Chance = np.random.Generator
_MOST_A_DAY = 300


def _key(who: Array, time: Array) -> Ints:
    """Account and second in one number, in their order."""
    key: Ints = (np.asarray(who, dtype=np.int64) << 32) | np.asarray(time, dtype=np.int64)
    return key


class Tally:
    """What accounts have received up to any moment, 分."""

    def __init__(self, who: Array, time: Array, amount: Array) -> None:
        key = _key(who, time)
        order = np.argsort(key, kind="stable")
        self._keys = key[order]
        self._heap = np.concatenate([[0], np.cumsum(np.asarray(amount, dtype=np.int64)[order])])

    def before(self, who: Array, time: Array) -> Ints:
        """Received strictly before each moment. O(n log n)."""
        until = np.searchsorted(self._keys, _key(who, time))
        since = np.searchsorted(self._keys, _key(who, np.zeros_like(time)))
        return np.asarray(self._heap[until] - self._heap[since])


def affordable(tally: Tally, who: Array, time: Array, amount: Array, *, credit: Array | int = 0) -> np.ndarray:
    """Which payments the payer can make out of earlier receipts and `credit` (分 of its own), those before it made.

    Each answer depends on the ones before, so this walks; some 0.3 µs a row.
    """
    order = np.lexsort((np.arange(len(time)), time))
    most = (tally.before(who, time) + credit)[order]
    spent: dict[int, int] = {}
    allowed = []
    for payer, sum_, limit in zip(who[order].tolist(), amount[order].tolist(), most.tolist(), strict=True):
        after = spent.get(payer, 0) + sum_
        allowed.append(after <= limit)
        if after <= limit:
            spent[payer] = after
    found = np.zeros(len(time), dtype=np.bool_)
    found[order] = allowed
    return found


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which collection cards take orders on which days, about how many. Parallel arrays, one row a card and day."""

    card: Ints
    day: Ints
    orders: Ints


def schedule(chance: Chance, p: Parameters, cards: Array, wanted: Array, first: int, last: int) -> Schedule:
    """Days of work for one studio's cards in [first, last): each follows another, with days of rest in between.

    `wanted` is how many orders each card serves in its life. O(cards + active days).
    """
    span = max(2, last - first)
    rate = np.clip(lognormal(chance, p["platform.orders_a_day"], 0.45, len(cards)), 30, _MOST_A_DAY)
    rate = np.clip(rate * (wanted / max(np.median(wanted), 1)) ** 0.2, 30, _MOST_A_DAY)
    life = lognormal(chance, p["platform.life"], p["platform.life_spread"], len(cards))
    active = np.maximum(np.ceil(wanted / rate), 1)
    life = np.minimum(np.clip(np.maximum(life, active / 0.8), 1, 200), span).astype(np.int64)
    active = np.minimum(active, np.maximum(np.floor(life * 0.9), 1)).astype(np.int64)
    lanes = max(1, round(life.sum() / span))
    free = first + np.sort(chance.integers(0, max(1, min(span // 4, 30)), lanes))
    free[0] = first
    rows: list[tuple[Ints, Ints, Ints]] = []
    for card, days, works, orders in zip(cards.tolist(), life.tolist(), active.tolist(), wanted.tolist(), strict=True):
        lane = int(np.argmin(free))
        start = max(first, min(int(free[lane]), last - days))
        free[lane] = start + days + int(chance.integers(0, 2))
        chosen = _worked(chance, p, np.arange(start, start + days), works)
        weight = _pull(p, chosen) * lognormal(chance, 1.0, 0.25, len(chosen))
        served = np.maximum(np.round(orders * weight / weight.sum()), 1)
        rows.append((np.full(len(chosen), card), chosen, np.minimum(served, _MOST_A_DAY).astype(np.int64)))
    return Schedule(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def _pull(p: Parameters, days: Ints) -> Array:
    """How many more bettors come on some days."""
    return np.where(seasons.weekend(days), p["platform.weekend"], 1.0)


def _worked(chance: Chance, p: Parameters, days: Ints, works: int) -> Ints:
    """Days of a life on which a card works; the first and the last always."""
    if works >= len(days):
        return days
    wait = -np.log(chance.random(len(days))) / _pull(p, days)  # the least of these: a weighted draw without repeats
    wait[0] = 0
    if works > 1:
        wait[-1] = 0
    return np.sort(days[np.argsort(wait, kind="stable")[:works]])


def dispatch(chance: Chance, plan: Schedule, room: Array, time: Ints) -> Ints:
    """The collection card of each deposit: within a day and studio, cards take turns, two or three at a time.

    `room` is the studio of each row of the plan; days without a plan give -1. O(n log n).
    """
    order = np.lexsort((share(plan.card * 4_096 + plan.day, 11), room, plan.day))
    day, studio, orders = plan.day[order], np.asarray(room)[order], plan.orders[order].astype(np.float64)
    heap = np.cumsum(orders)
    days = seasons.day_of(time)
    low, high = np.searchsorted(day, days), np.searchsorted(day, days, side="right")
    served = high > low
    begin = np.where(low > 0, heap[np.maximum(low, 1) - 1], 0.0)
    total = np.where(served, heap[np.maximum(high, 1) - 1] - begin, 1.0)
    # a studio by its share of the day, then a place in its day by how much of the day's deposits are over
    spot = np.searchsorted(heap, begin + chance.random(len(time)) * total, side="right")
    spot = np.clip(spot, low, np.maximum(high - 1, low))
    spot = np.minimum(spot, len(heap) - 1)
    shift = day * 64 + studio
    mine = shift[spot]
    first, last = np.searchsorted(shift, mine), np.searchsorted(shift, mine, side="right") - 1
    base = np.where(first > 0, heap[np.maximum(first, 1) - 1], 0.0)
    width = heap[last] - base
    place = _rank(mine, time) + 0.55 * chance.uniform(-1, 1, len(time)) / (last - first + 1)
    found = np.searchsorted(heap, base + np.clip(place, 0, 0.999_999) * width, side="right")
    found = np.clip(found, first, last)
    return np.where(served, plan.card[order][found], -1)


def _rank(group: Ints, time: Ints) -> Array:
    """Place of each row among those of its group by time, in (0, 1)."""
    order = np.lexsort((time, group))
    sorted_group = group[order]
    first, last = np.searchsorted(sorted_group, sorted_group), np.searchsorted(sorted_group, sorted_group, side="right")
    place = np.empty(len(group))
    place[order] = (np.arange(len(group)) - first + 0.5) / np.maximum(last - first, 1)
    return place


@dataclass(frozen=True, slots=True)
class Money:
    """n sums that reach cards. Parallel arrays; 分 and seconds UTC."""

    time: Ints
    payer: Ints  # account
    payee: Ints  # account
    amount: Ints

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: Array) -> "Money":
        """The rows that a mask or an index array chooses."""
        return Money(self.time[chosen], self.payer[chosen], self.payee[chosen], self.amount[chosen])

    def tally(self) -> Tally:
        """What the payees have received."""
        return Tally(self.payee, self.time, self.amount)


def joined(parts: list[Money]) -> Money:
    """All rows of all parts, by time."""
    one = Money(*(np.concatenate([getattr(m, f) for m in parts]) for f in ("time", "payer", "payee", "amount")))
    return one.take(np.argsort(one.time, kind="stable"))


@dataclass(frozen=True, slots=True)
class Habit:
    """When and how far cards empty themselves."""

    interval: float  # seconds between two hand-overs
    threshold: float  # 分 that make one earlier
    delay: float  # median seconds from the last receipt to paying
    spread: float  # sigma of its logarithm
    ticket: int  # 分, the most of one transfer


def moments(chance: Chance, habit: Habit, received: Money) -> tuple[Ints, Ints]:
    """When cards hand on: the last receipt of an interval, or the one that fills the threshold, and a delay.

    Returns accounts and seconds, by account and time.
    """
    order = np.lexsort((received.time, received.payee))
    who, time = received.payee[order].astype(np.int64), received.time[order]
    pace = habit.interval * (0.6 + share(who, 21))
    limit = habit.threshold * np.exp(0.5 * (2 * share(who, 22) - 1) + 0.3 * (2 * share(who + time // 86_400, 23) - 1))
    slot = ((time + share(who, 24) * pace) / pace).astype(np.int64)
    full = np.cumsum(received.amount[order]) // np.maximum(limit, 1)
    ends = np.ones(len(who), dtype=np.bool_)
    ends[:-1] = (np.diff(who) != 0) | (np.diff(slot) != 0) | (np.diff(full) > 0)
    at = time[ends] + np.ceil(lognormal(chance, habit.delay, habit.spread, int(ends.sum()))).astype(np.int64) + 1
    back = np.lexsort((at, who[ends]))
    return who[ends][back], at[back]


_UNITS = np.array([1, 100, 100, 1_000, 10_000, 10_000, 10_000, 100_000, 100_000], dtype=np.int64)


def handed_on(chance: Chance, who: Ints, time: Ints, tally: Tally, *, rate: Array, left: Array) -> Ints:
    """What a card pays at each moment (分): all that it has received before and not yet paid, less what it keeps.

    `rate` is the holder's share, taken now and then and not from every batch; `left` stays behind. Sums come in whole
    yuan, tens, hundreds or thousands as the card's operator has it that day; 0 where there is nothing to pay.
    `who` and `time` must be in order.
    """
    heap = tally.before(who, time)
    takes = chance.random(len(who)) < 0.15
    kept = np.where(takes, np.round(heap * rate / 1_000) * 1_000, 0.0).astype(np.int64)
    ready = heap - _running_most(who, kept) - np.round(heap * left).astype(np.int64)
    unit = _UNITS[(share(who * 32_768 + time // 86_400, 31) * len(_UNITS)).astype(np.int64)]
    unit = np.where(chance.random(len(who)) < 0.06, 1, unit)
    paid = _running_most(who, np.maximum(ready // unit * unit, 0))
    first = np.ones(len(who), dtype=np.bool_)
    first[1:] = np.diff(who) != 0
    return np.where(first, paid, np.diff(paid, prepend=np.int64(0)))


def _running_most(who: Ints, values: Ints) -> Ints:
    """The greatest value so far of each account; accounts in order, values from 0 to under 2**44."""
    group = np.cumsum(np.concatenate([[0], np.diff(who) != 0]).astype(np.int64))[: len(who)] << 44
    most: Ints = np.maximum.accumulate(group + values) - group
    return most


def tickets(chance: Chance, amount: Ints, most: int) -> tuple[Ints, Ints, Ints]:
    """Split sums so that no part is above `most` (分): row of the sum, seconds after it, 分 of each part.

    Parts are unlike and mostly round; those of a sum make it up exactly.
    """
    count = np.maximum(-(-amount // round(most * 0.78)), 1)
    count = np.where(amount <= most, np.where(chance.random(len(amount)) < 0.12, 2, 1), count)
    row = np.repeat(np.arange(len(amount)), count)
    weight = chance.uniform(0.9, 1.1, len(row))
    heap = np.cumsum(weight)
    ends = np.cumsum(count)
    start = np.concatenate([[0.0], heap])[ends - count][row]
    fraction = (heap - start) / (heap[ends - 1] - np.concatenate([[0.0], heap])[ends - count])[row]
    unit = np.where(amount >= 1_000_000, 100_000, 10_000)[row]
    upto = (np.minimum(fraction, 1) * amount[row]).astype(np.int64) // unit * unit
    upto[ends - 1] = amount
    part = np.diff(upto, prepend=np.int64(0))
    first = ends - count
    part[first] = upto[first]
    number = np.arange(len(row)) - first[row]
    wait = number * 25 + (number > 0) * chance.integers(0, 60, len(row))
    return row[part > 0], wait[part > 0], part[part > 0]


class Lanes:
    """Cards that follow one another in lanes, so that at any moment each lane has one: pool and payout cards."""

    def __init__(self, lanes: Array, starts: Array, cards: Array) -> None:
        order = np.argsort(_key(lanes, starts), kind="stable")
        self._keys, self.cards = _key(lanes, starts)[order], np.asarray(cards)[order]
        self.count = int(lanes.max()) + 1

    def at(self, lane: Array, time: Array) -> Ints:
        """Account of each lane at each moment; before its start, the lane's first."""
        lane = np.asarray(lane, dtype=np.int64) % self.count
        place = np.searchsorted(self._keys, _key(lane, time), side="right") - 1
        return self.cards[np.maximum(place, np.searchsorted(self._keys, lane << 32))].astype(np.int64)
