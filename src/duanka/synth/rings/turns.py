"""Cards that take turns: receipts are gathered, kept from, split and sent on, before anybody knows who holds the cards.

Cards are only numbers (`CARD` and up) while the money is moved; `hiring` finds their holders afterwards. Every sum that
is sent has a receipt behind it that came earlier, so that no card ever pays out more of the ring's money than it has.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from duanka.synth.chance import Array, Ints, lognormal
from duanka.synth.rings.sums import Pace, below_limits, chosen_sums, paced, uneven
from duanka.synth.seasons import day_of
from duanka.synth.words import P, W
from duanka.synth.world import FAR

CARD = 1 << 40
"""Nodes from here on are cards not yet hired; below are rows of Accounts."""
NEVER = FAR * 86_400
"""Seconds UTC of what does not happen."""


@dataclass(frozen=True, slots=True)
class Money:
    """Sums that have arrived: arrays of one length."""

    time: Ints  # seconds UTC
    node: Ints  # card or account where it lies
    amount: Ints  # 分
    danger: Ints  # second UTC at which the police, following a report, stop the node; NEVER for not at all
    cell: Ints  # part of the ring that works for itself; 0 where there is only one

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: Array) -> "Money":
        """The rows that a mask or an index array chooses."""
        return Money(self.time[chosen], self.node[chosen], self.amount[chosen], self.danger[chosen], self.cell[chosen])

    def less(self, kept: Ints) -> "Money":
        """The same without what is kept (分), and only the rows of which something is left."""
        return Money(self.time, self.node, self.amount - kept, self.danger, self.cell).take(self.amount > kept)

    def with_(self, other: "Money") -> "Money":
        """These rows and then the other's."""
        return Money(
            np.concatenate([self.time, other.time]), np.concatenate([self.node, other.node]),
            np.concatenate([self.amount, other.amount]), np.concatenate([self.danger, other.danger]),
            np.concatenate([self.cell, other.cell]),
        )  # fmt: skip


@dataclass(slots=True)
class Book:
    """Payments of a ring whose cards have no holders yet."""

    end: int  # seconds UTC; nothing is written at or after it
    columns: list[tuple[Array, ...]] = field(default_factory=list)

    def add(
        self, time: Array, payer: Array | int, payee: Array | int, amount: Array, word: Array | int, part: str
    ) -> None:
        """One batch; `word` is a row of WORDS, `part` one of PARTS."""
        batch = np.broadcast_arrays(time, payer, payee, amount, word, P[part])
        fits = (batch[0] < self.end) & (batch[3] > 0)
        self.columns.append(tuple(column[fits].astype(np.int64) for column in batch))

    def rows(self) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
        """Time, payer, payee, amount, word and part of everything so far, in the order written."""
        time, payer, payee, amount, word, part = (np.concatenate(column) for column in zip(*self.columns, strict=True))
        return time, payer, payee, amount, word, part


def gather(money: Money, gap: int) -> Money:
    """Receipts of a node that lie less than `gap` seconds apart, as one batch at the last one's time. O(n log n)."""
    if not len(money):
        return money
    ordered = money.take(np.lexsort((money.time, money.node)))
    fresh = np.ones(len(money), dtype=np.bool_)
    fresh[1:] = (np.diff(ordered.node) != 0) | (np.diff(ordered.time) > gap)
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(money)) - 1
    return Money(
        ordered.time[last], ordered.node[first], np.add.reduceat(ordered.amount, first),
        np.minimum.reduceat(ordered.danger, first), ordered.cell[first],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turns:
    """Cards of one tier as they took turns: arrays, one entry a card; the numbers follow each other."""

    node: Ints
    stop: Ints  # second UTC of the police's stop, NEVER for none
    cell: Ints

    def stop_of(self, nodes: Ints) -> Ints:
        """The stop of each of these cards of the tier."""
        return self.stop[nodes - self.node[0]] if len(nodes) else nodes


def some_days(chance: np.random.Generator, money: Money, share: float) -> Array:
    """Which sums go their own way: all those of about this share of node and day."""
    keys, group = np.unique(money.node * 40_000 + day_of(money.time), return_inverse=True)
    return (chance.random(len(keys)) < share)[group]


def split(
    chance: np.random.Generator, money: Money, pace: Pace, *, empties: float = 0.6, limit: Ints | None = None
) -> Money:
    """Each batch in pieces, at the times of their sending; some batches (a share) leave nothing behind.

    The result's nodes are the senders; where there is a `limit` (分, of each batch) the pieces lie just below it.
    Pieces of a batch never sum to more than the batch. O(pieces).
    """
    if not len(money):
        return money
    cut = uneven(chance, money.amount, pace, empties) if limit is None else below_limits(chance, money.amount, limit)
    of, piece = cut
    return Money(paced(chance, money.time, of, pace), money.node[of], piece, money.danger[of], money.cell[of])


def take_turns(
    chance: np.random.Generator, money: Money, lane: Ints, *, first: int, days: float, spread: float
) -> tuple[Money, Turns]:
    """Which card receives each sum: in each lane one card at a time, until it is worn out or the ring notices a stop.

    `first` is the number of the tier's first card, `days` its median life. Returns the money as it lies with the
    receivers. O(n log n + cards).
    """
    order = np.lexsort((money.time, lane))
    time, danger = money.time[order], money.danger[order]
    edges = np.flatnonzero(np.diff(lane[order], prepend=-1, append=-1)).tolist() if len(money) else [0]
    turn = np.empty(len(money), dtype=np.int64)
    stops: list[int] = []
    cells: list[int] = []
    for begin, end in pairwise(edges):
        at = begin
        while at < end:
            life = max(days * 86_400 * float(np.exp(spread * chance.standard_normal())), 3_600)
            until = begin + int(np.searchsorted(time[begin:end], time[at] + life))
            lowest = np.minimum.accumulate(danger[at:until])
            noticed = np.flatnonzero(time[at + 1 : until] >= lowest[:-1] + int(chance.exponential(1_200)))
            until = at + 1 + int(noticed[0]) if len(noticed) else until
            turn[order[at:until]] = first + len(stops)
            stops.append(int(lowest[until - at - 1]))
            cells.append(int(money.cell[order[at]]))
            at = until
    nodes = np.arange(first, first + len(stops), dtype=np.int64)
    arrived = Money(money.time, turn, money.amount, money.danger, money.cell)
    return arrived, Turns(nodes, np.array(stops, dtype=np.int64), np.array(cells, dtype=np.int64))


def standing(chance: np.random.Generator, money: Money, arrived: Money, turns: Turns) -> tuple[Ints, Array]:
    """A card of a tier that took its turns on `arrived` for each further sum: one of the cell that is at work then.

    Also returns which sums find one; a card is at work until two days after its last turn. O(sums times cards).
    """
    place, size = arrived.node - turns.node[0], len(turns.node)
    first, last = np.full(size, NEVER, dtype=np.int64), np.zeros(size, dtype=np.int64)
    np.minimum.at(first, place, arrived.time)
    np.maximum.at(last, place, arrived.time + 2 * 86_400)
    until = np.minimum(last, turns.stop)
    found = np.full(len(money), -1, dtype=np.int64)
    for row, (time, cell) in enumerate(zip(money.time.tolist(), money.cell.tolist(), strict=True)):
        works = np.flatnonzero((turns.cell == cell) & (first < time) & (time < until))
        found[row] = works[int(chance.integers(len(works)))] if len(works) else -1
    return turns.node[found], found >= 0


def deeper(chance: np.random.Generator, danger: Ints, share: float, median: float) -> Ints:
    """When the police reach the next tier: for a share of the traces, some hours after this one (median in seconds)."""
    follows = (danger < NEVER) & (chance.random(len(danger)) < share)
    return np.where(follows, danger + lognormal(chance, median, 0.9, len(danger)).astype(np.int64), NEVER)


def dues(chance: np.random.Generator, money: Money, rate: float, often: float) -> tuple[Ints, Ints]:
    """Commission set aside of each batch, and what of it is paid out with it: now and then, what has come together. 分.

    `money` as `gather` gives it, a node's batches side by side; `often` is the chance that a batch pays.
    """
    set_aside = (money.amount * rate * lognormal(chance, 1.0, 0.3, len(money))).astype(np.int64)
    set_aside = np.minimum(set_aside, money.amount // 2)
    if not len(money):
        return set_aside, set_aside
    final = np.append(np.diff(money.node) != 0, np.True_)
    pays = (chance.random(len(money)) < often) | final
    since = np.concatenate([[0], np.flatnonzero(pays)[:-1] + 1])
    paid = np.zeros(len(money), dtype=np.int64)
    paid[pays] = chosen_sums(chance, np.add.reduceat(set_aside, since))
    return set_aside, paid


def affordable(time_in: Array, amount_in: Array, time_out: Array, amount_out: Array) -> Array:
    """Which of these payments out the receipts before them allow, if the earlier ones go first. O(payments)."""
    order = np.argsort(time_in, kind="stable")
    heap = np.concatenate([[0], np.cumsum(np.asarray(amount_in)[order])])
    had = heap[np.searchsorted(np.asarray(time_in)[order], time_out, side="left")].tolist()
    fits = np.zeros(len(time_out), dtype=np.bool_)
    sums, spent = np.asarray(amount_out).tolist(), 0
    for row in np.argsort(time_out, kind="stable").tolist():
        if spent + sums[row] <= had[row]:
            spent += sums[row]
            fits[row] = True
    return fits


def words(chance: np.random.Generator, size: int, **weights: float) -> Ints:
    """Words of statements drawn by these weights."""
    weight = np.array(list(weights.values()))
    return chance.choice(np.array([W[name] for name in weights]), size, p=weight / weight.sum()).astype(np.int64)
