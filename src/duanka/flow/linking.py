"""Link rows of imprecise time to the rows of their interval whose printed balances they continue."""

from typing import NamedTuple

import numpy as np

from duanka.flow.columns import Columns, effect
from duanka.flow.index import by_node
from duanka.flow.intervals import Intervals
from duanka.flow.ledger import NO_BALANCE, NOBODY, Bool, Int32, Int64, Ledger
from duanka.kernels.compile import kernel

FIRST = -1
"""Link of a row that has no row before it in its interval, but one after it."""

UNLINKED = -2
"""Link of a row that no printed balance ties to another row of its interval."""


def link_rows(ledger: Ledger, table: Columns, intervals: Intervals) -> tuple[Int64, Bool]:
    """Per part (2 * row + role): the row whose balance it continues, FIRST or UNLINKED; and whether that is sure.

    Only parts of imprecise rows are linked, to rows of their interval. O(n log n) for n parts, unless many rows of one
    interval leave the same balance.
    """
    link = np.full(2 * len(ledger), UNLINKED, np.int64)
    sure = np.zeros(2 * len(ledger), np.bool_)
    gap = np.zeros(len(intervals.row), np.bool_)
    _link_all(intervals, _printed(table, intervals), ledger.time, ledger.width, gap, link, sure)
    return link, sure


class _Printed(NamedTuple):
    """Balances before and after each part, numbered so that equal ones of one node have one number.

    The number is NOBODY where no balance is printed. The parts after which balance b stands are, ascending,
    `leaving[left_from[b]:left_from[b + 1]]`, those before which it stands `taking[taken_from[b]:taken_from[b + 1]]`.
    """

    before: Int32
    after: Int32
    left_from: Int64
    leaving: Int64
    taken_from: Int64
    taking: Int64


def _printed(table: Columns, intervals: Intervals) -> _Printed:
    """The printed balances of all parts."""
    values = np.empty((2, len(intervals.row)), np.int64)
    _read(table, intervals.row, intervals.role, values)
    there = np.flatnonzero(values[1] != NO_BALANCE)
    value, node = values[:, there].ravel(), np.tile(intervals.node[there], 2)
    ranked = np.lexsort((value, node))
    new = np.ones(len(ranked), np.bool_)
    new[1:] = (np.diff(value[ranked]) != 0) | (np.diff(node[ranked]) != 0)
    number = np.full(values.shape, NOBODY, np.int32)
    numbered = np.empty(len(ranked), np.int32)
    numbered[ranked] = np.cumsum(new) - 1
    number[:, there] = numbered.reshape(2, -1)
    before, after = number
    count = int(np.count_nonzero(new))
    return _Printed(before, after, *by_node(after, count), *by_node(before, count))


@kernel
def _read(table: Columns, rows: Int64, roles: Int64, values: Int64) -> None:
    """Write the balances before (first) and after each part."""
    for part in range(len(rows)):
        change, printed = effect(table, rows[part], roles[part])
        values[0, part] = printed - change
        values[1, part] = printed


@kernel
def _link_all(
    intervals: Intervals, printed: _Printed, time: Int64, width: Int64, gap: Bool, link: Int64, sure: Bool
) -> None:
    """Write the links of all intervals. `gap` is scratch, per part."""
    for interval in range(len(intervals.begin)):
        low = intervals.low[interval]
        high = intervals.high[interval]
        own = width[intervals.row[intervals.begin[interval]]]
        first_finer = _mark_gaps(intervals, printed, low, high, time, width, own, gap)
        for part in range(intervals.begin[interval], intervals.end[interval]):
            if printed.after[part] == NOBODY:
                continue
            slot = 2 * intervals.row[part] + intervals.role[part]
            found, sure[slot] = _predecessor(intervals, printed, part, low, high, width, own, gap)
            if found >= 0:
                link[slot] = intervals.row[found]
                continue
            found, alone = _successor(printed, part, low, high)
            if found >= 0:
                link[slot] = FIRST
                row = intervals.row[found]
                sure[slot] = alone and (first_finer < 0 or (width[row] < own and time[row] == first_finer))


@kernel
def _mark_gaps(
    intervals: Intervals, printed: _Printed, low: int, high: int, time: Int64, width: Int64, own: int, gap: Bool
) -> int:
    """Mark finer rows whose balance the next finer row does not continue, so that something belongs between them.

    Returns when the first finer row begins, printed or not, or -1.
    """
    first_finer = -1
    last = -1
    for part in range(low, high):
        gap[part] = False
        row = intervals.row[part]
        if width[row] >= own:
            continue
        if first_finer < 0:
            first_finer = time[row]
        if printed.after[part] == NOBODY:
            continue
        if last >= 0:
            gap[last] = printed.after[last] != printed.before[part]
        last = part
    if last >= 0:
        gap[last] = True
    return first_finer


@kernel
def _seek(parts: Int64, start: int, stop: int, low: int) -> int:
    """The first place in `parts[start:stop]`, which ascend, whose part is not below `low`."""
    while start < stop:
        middle = (start + stop) // 2
        if parts[middle] < low:
            start = middle + 1
        else:
            stop = middle
    return start


@kernel
def _predecessor(
    intervals: Intervals, printed: _Printed, part: int, low: int, high: int, width: Int64, own: int, gap: Bool
) -> tuple[int, bool]:
    """The part of the interval that leaves the balance before `part`, or -1, and whether no other may be meant.

    Of several, one with a gap behind it is meant rather than a finer one, and that rather than any.
    """
    found = np.full(3, -1, np.int64)  # with a gap, finer, any: the earliest of each
    count = np.zeros(3, np.int64)
    stop = printed.left_from[printed.before[part] + 1]
    at = _seek(printed.leaving, printed.left_from[printed.before[part]], stop, low)
    while at < stop and printed.leaving[at] < high:
        candidate = printed.leaving[at]
        at += 1
        if candidate == part:
            continue
        level = 0 if gap[candidate] else 1 if width[intervals.row[candidate]] < own else 2
        if count[level] == 0:
            found[level] = candidate
        count[level] += 1
    sure = count[0] == 1 or count[0] + count[1] + count[2] == 1
    for level in range(3):
        if count[level]:
            return found[level], sure
    return -1, False


@kernel
def _successor(printed: _Printed, part: int, low: int, high: int) -> tuple[int, bool]:
    """The earliest part of the interval that continues the balance after `part`, or -1, and whether it is alone."""
    stop = printed.taken_from[printed.after[part] + 1]
    at = _seek(printed.taking, printed.taken_from[printed.after[part]], stop, low)
    found = -1
    count = 0
    while at < stop and printed.taking[at] < high:
        if printed.taking[at] != part:
            if count == 0:
                found = printed.taking[at]
            count += 1
        at += 1
    return found, count == 1
