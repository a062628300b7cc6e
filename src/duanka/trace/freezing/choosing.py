"""Which options to take: those that together cover most weight, less what they cost, when only so many may be taken."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import Int64
from duanka.trace.freezing.lying import Float


@dataclass(frozen=True, slots=True)
class Cover:
    """j options over units: option i covers the units `unit[start[i]:start[i + 1]]`, each of the same weight.

    The value of some options is the weight of all units that one of them covers, less the sum of their costs.
    """

    start: Int64  # j + 1
    unit: Int64  # no unit twice within an option
    units: int
    each: float  # weight of a unit
    cost: Float  # j, >= 0

    def __len__(self) -> int:
        """Number of options."""
        return len(self.cost)

    def value(self, chosen: Int64) -> float:
        """The value of some options, in any order."""
        parts = [self.unit[self.start[one] : self.start[one + 1]] for one in chosen]
        covered = len(np.unique(np.concatenate(parts))) if parts else 0
        return float(covered * self.each - self.cost[chosen].sum())


def cover_of(option: Int64, unit: Int64, units: int, each: float, cost: Float) -> Cover:
    """A cover of pairs (option, unit), in any order, also repeated. O(pairs · log pairs)."""
    pair = np.unique(option * max(units, 1) + unit)
    option, unit = pair // max(units, 1), pair % max(units, 1)
    return Cover(np.searchsorted(option, np.arange(len(cost) + 1)), unit, units, each, cost)


def choose(cover: Cover, most: int) -> Int64:
    """At most `most` options, in the order of choice: the fast solver.

    Coverage is submodular, and costs add up: so the distorted greedy choice (Harshaw, Feldman, Ward and Karbasi, ICML
    2019) covers at least (1 - 1/e) of what the best choice covers, less the best choice's costs; without costs it is
    the greedy choice of Nemhauser, Wolsey and Fisher (1978). The plain greedy choice is usually better, with no such
    promise. Both are made; options that are not worth their cost are dropped, and others that are worth more put in
    their place; the better plan is returned. Of equals the first option. O(most · options + pairs), times the rounds of
    swaps.
    """
    best = np.zeros(0, np.int64)
    for distorted in (False, True):
        found = _swapped(cover, _greedy(cover, most, distorted=distorted), most)
        if cover.value(found) > cover.value(best):
            best = found
    return _by_gain(cover, best)


def _greedy(cover: Cover, most: int, *, distorted: bool) -> Int64:
    """One option after the other, that with the largest gain, while it is more than 0."""
    state = _State(cover)
    for round_ in range(most):
        factor = (1 - 1 / most) ** (most - round_ - 1) if distorted else 1.0
        best, worth = state.best(factor)
        if worth > 0:
            state.take(best)
        elif not distorted:
            break
    return np.array(state.chosen, np.int64)


class _State:
    """What is covered, and what each option would add."""

    def __init__(self, cover: Cover) -> None:
        self.cover = cover
        self.chosen: list[int] = []
        self.times = np.zeros(cover.units, np.int64)
        self.gain = np.diff(cover.start) * cover.each
        order = np.argsort(cover.unit, kind="stable")
        self.option = (np.repeat(np.arange(len(cover)), np.diff(cover.start)))[order]
        self.at = np.searchsorted(cover.unit[order], np.arange(cover.units + 1))

    def best(self, factor: float = 1.0) -> tuple[int, float]:
        """The option, not taken yet, that adds most (times `factor`) less its cost, and that; the first of equals."""
        worth = factor * self.gain - self.cover.cost
        worth[self.chosen] = -np.inf
        if not len(worth):
            return -1, -np.inf
        return int(worth.argmax()), float(worth.max())

    def take(self, one: int) -> None:
        """Take an option."""
        self.chosen.append(one)
        own = self._units(one)
        self._change(own[self.times[own] == 0], -self.cover.each)
        self.times[own] += 1

    def leave(self, one: int) -> None:
        """Take it back."""
        self.chosen.remove(one)
        own = self._units(one)
        self.times[own] -= 1
        self._change(own[self.times[own] == 0], self.cover.each)

    def _units(self, one: int) -> Int64:
        return self.cover.unit[self.cover.start[one] : self.cover.start[one + 1]]

    def _change(self, units: Int64, by: float) -> None:
        """What options would add, where these units are now covered, or no more."""
        length = self.at[units + 1] - self.at[units]
        begin = (
            np.repeat(self.at[units] - np.concatenate([[0], np.cumsum(length)[:-1]]), length) if len(units) else units
        )
        pairs = self.option[np.arange(length.sum()) + begin]
        self.gain += by * np.bincount(pairs, minlength=len(self.gain))


_ROUNDS = 4
_REAL = 1e-9  # of the whole weight: less is rounding


def _swapped(cover: Cover, chosen: Int64, most: int) -> Int64:
    """Options dropped that are not worth their cost, and exchanged while that pays, at most _ROUNDS times round."""
    state = _State(cover)
    for one in chosen:
        state.take(int(one))
    least = _REAL * cover.units * cover.each
    for _ in range(_ROUNDS):
        before = list(state.chosen)
        for one in before:
            state.leave(one)
            best, worth = state.best()
            if worth <= state.gain[one] - cover.cost[one] + least:
                best = one
            if state.gain[best] > cover.cost[best]:
                state.take(best)
        while len(state.chosen) < most:
            best, worth = state.best()
            if worth <= least:
                break
            state.take(best)
        if state.chosen == before:
            break
    return np.array(state.chosen, np.int64)


def _by_gain(cover: Cover, chosen: Int64) -> Int64:
    """The same options, the one first that adds most to those before it."""
    state, rest = _State(cover), sorted(int(one) for one in chosen)
    while rest:
        best = max(rest, key=lambda one: state.gain[one] - cover.cost[one])  # the first of equals
        state.take(best)
        rest.remove(best)
    return np.array(state.chosen, np.int64)
