"""Match intervals of two sides one to one: as many pairs as there can be, and of those the closest in time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import Bool, Int64
from duanka.kernels.compile import kernel

Int8 = NDArray[np.int8]

ALONE = -1
"""Partner of an interval that has none."""

MOST_CELLS = 1 << 26
"""Cells of one table of choices (a byte each). A denser crowd is matched first come, first served: as many, not as
close."""


@dataclass(frozen=True, slots=True)
class Spans:
    """n intervals from `start` to `end` (µs, both closed), each in a group; sorted by (group, start)."""

    group: Int64
    start: Int64
    end: Int64

    def __post_init__(self) -> None:
        """ValueError if they are not sorted, or one ends before it starts."""
        step = np.diff(self.group)
        if np.any((step < 0) | ((step == 0) & (np.diff(self.start) < 0))):
            raise ValueError("Intervals must be sorted by group and start.")
        if np.any(self.end < self.start):
            raise ValueError("An interval ends before it starts.")


def closest(these: Spans, those: Spans, within_us: int) -> Int64:
    """For each of n intervals its partner among m others, or ALONE; none is given twice.

    Two of one group may be a pair if the gap between them is at most `within_us` µs (closed); where they overlap, the
    gap is 0. Pairs keep the order of the sides: they never cross. Of all such matchings it is one with the most pairs,
    of those one with the least sum of gaps, and of those one with the least sum of distances between starts. Where
    all of `these` are equally long, and so are `those`, no matching that crosses does better: gaps then are a convex
    function of the difference.

    O(n + m + pairs within reach), and O(n + m) where a stretch has more than MOST_CELLS of them. Ties are settled by
    the order given, so the caller sorts equal starts by what they are, not by where they stood. Raises ValueError if
    `within_us` is negative.
    """
    _check(within_us)
    if not len(these.start) or not len(those.start):
        return np.full(len(these.start), ALONE, np.int64)
    longest = int((those.end - those.start).max())
    first, last = np.empty(len(these.start), np.int64), np.empty(len(these.start), np.int64)
    _bands(these.group, these.start - within_us - longest, these.end + within_us, those.group, those.start, first, last)
    partner: Int64 = _choose(these.start, these.end, those.start, those.end, first, last, within_us, MOST_CELLS)
    return partner


def reached(these: Spans, those: Spans, within_us: int, *, shift_us: int = 0) -> Bool:
    """Which of n intervals find a partner if all of them are `shift_us` later, and each takes the first that is left.

    The same rule as `closest` without its care for closeness. Where all of `these` are equally long, and so are
    `those`, just as many find one. O(n + m).
    """
    _check(within_us)
    found: Bool = _served(
        these.group, these.start + shift_us, these.end + shift_us, those.group, those.start, those.end,
        within_us,
    )  # fmt: skip
    return found


def claim(first: Int64, second: Int64, firsts: int, seconds: int) -> Bool:
    """Which of the pairs (first[k], second[k]), best first, are taken if each side may be taken once. O(pairs)."""
    taken: Bool = _claim(first, second, np.zeros(firsts, np.bool_), np.zeros(seconds, np.bool_))
    return taken


def _check(within_us: int) -> None:
    if within_us < 0:
        raise ValueError(f"The tolerance is {within_us} µs; it must be 0 or more.")


@kernel
def _bands(
    group: Int64, lows: Int64, highs: Int64, other_group: Int64, start: Int64, first: Int64, last: Int64
) -> None:
    """For each interval the others of its group that start from low to high; both ends only ever move forward."""
    low, high = 0, 0
    for i in range(len(group)):
        while low < len(start) and (
            other_group[low] < group[i] or (other_group[low] == group[i] and start[low] < lows[i])
        ):
            low += 1
        high = max(high, low)
        while high < len(start) and other_group[high] == group[i] and start[high] <= highs[i]:
            high += 1
        first[i], last[i] = low, high


@kernel
def _gap(start: int, end: int, other_start: int, other_end: int) -> int:
    """µs between two closed intervals."""
    return max(other_start - end, start - other_end, 0)


@kernel
def _choose(
    start: Int64, end: Int64, other_start: Int64, other_end: Int64, first: Int64, last: Int64, within: int, most: int
) -> Int64:
    """Stretch by stretch: intervals whose reaches overlap are settled together, by the table of choices or in turn."""
    partner = np.full(len(start), -1, np.int64)
    widest = 0
    for i in range(len(start)):
        widest = max(widest, last[i] - first[i] + 1)
    best = np.zeros((2, 3, widest), np.int64)
    begin = 0
    while begin < len(start):
        stop = begin + 1
        cells = last[begin] - first[begin] + 1
        while stop < len(start) and first[stop] < last[stop - 1]:
            cells += last[stop] - first[stop] + 1
            stop += 1
        if cells > most:
            _in_turn(start, end, other_start, other_end, first, last, within, begin, stop, partner)
        elif cells > 1:
            _by_table(start, end, other_start, other_end, first, last, within, begin, stop, cells, best, partner)
        begin = stop
    return partner


@kernel
def _by_table(
    start: Int64, end: Int64, other_start: Int64, other_end: Int64, first: Int64, last: Int64, within: int,
    begin: int, stop: int, cells: int, best: Int64, partner: Int64,
) -> None:  # fmt: skip
    """Best matching of intervals up to i with others before j, for all j within reach of i; then the way back.

    `best` holds pairs, gaps and distances of the row before and of this one. Choices: 0 leaves the interval out, 1
    the other, 2 pairs them.
    """
    choice = np.zeros(cells, np.int8)
    at = np.zeros(stop - begin + 1, np.int64)
    for i in range(begin, stop):
        at[i - begin + 1] = at[i - begin] + last[i] - first[i] + 1
        new, old = i % 2, (i + 1) % 2
        for j in range(first[i], last[i] + 1):
            cell = j - first[i]
            pairs, gaps, apart, what = 0, 0, 0, 0
            if i > begin:
                before = min(j, last[i - 1]) - first[i - 1]
                pairs, gaps, apart = best[old, 0, before], best[old, 1, before], best[old, 2, before]
            if cell > 0:
                p, g, a = best[new, 0, cell - 1], best[new, 1, cell - 1], best[new, 2, cell - 1]
                if _better(p, g, a, pairs, gaps, apart):
                    pairs, gaps, apart, what = p, g, a, 1
                gap = _gap(start[i], end[i], other_start[j - 1], other_end[j - 1])
                p, g, a = 1, gap, abs(other_start[j - 1] - start[i])
                if i > begin:
                    before = min(j - 1, last[i - 1]) - first[i - 1]
                    p += best[old, 0, before]
                    g += best[old, 1, before]
                    a += best[old, 2, before]
                if gap <= within and _better(p, g, a, pairs, gaps, apart):
                    pairs, gaps, apart, what = p, g, a, 2
            best[new, 0, cell], best[new, 1, cell], best[new, 2, cell] = pairs, gaps, apart
            choice[at[i - begin] + cell] = what
    _go_back(choice, at, first, last, begin, stop, partner)


@kernel
def _better(pairs: int, gaps: int, apart: int, than_pairs: int, than_gaps: int, than_apart: int) -> bool:
    """Whether the first three are more pairs, or as many with less gap, or as much gap and less distance."""
    if pairs != than_pairs:
        return pairs > than_pairs
    return gaps < than_gaps or (gaps == than_gaps and apart < than_apart)


@kernel
def _go_back(choice: Int8, at: Int64, first: Int64, last: Int64, begin: int, stop: int, partner: Int64) -> None:
    """The pairs that led to the best of the last row."""
    i, j = stop - 1, last[stop - 1]
    while i >= begin:
        j = min(j, last[i])
        what = choice[at[i - begin] + j - first[i]]
        if what == 1:
            j -= 1
            continue
        if what == 2:
            j -= 1
            partner[i] = j
        i -= 1


@kernel
def _in_turn(
    start: Int64, end: Int64, other_start: Int64, other_end: Int64, first: Int64, last: Int64, within: int,
    begin: int, stop: int, partner: Int64,
) -> None:  # fmt: skip
    """Each interval takes the first other that is left within its reach."""
    coming = first[begin]
    for i in range(begin, stop):
        coming = max(coming, first[i])
        while coming < last[i] and other_end[coming] < start[i] - within:
            coming += 1
        if coming < last[i] and other_start[coming] <= end[i] + within:
            partner[i] = coming
            coming += 1


@kernel
def _served(
    group: Int64, start: Int64, end: Int64, other_group: Int64, other_start: Int64, other_end: Int64, within: int
) -> Bool:
    served = np.zeros(len(start), np.bool_)
    coming = 0
    for i in range(len(start)):
        while coming < len(other_start) and (
            other_group[coming] < group[i]
            or (other_group[coming] == group[i] and other_end[coming] < start[i] - within)
        ):
            coming += 1
        if coming < len(other_start) and other_group[coming] == group[i] and other_start[coming] <= end[i] + within:
            served[i] = True
            coming += 1
    return served


@kernel
def _claim(first: Int64, second: Int64, first_taken: Bool, second_taken: Bool) -> Bool:
    taken = np.zeros(len(first), np.bool_)
    for k in range(len(first)):
        if not first_taken[first[k]] and not second_taken[second[k]]:
            taken[k] = True
            first_taken[first[k]] = True
            second_taken[second[k]] = True
    return taken
