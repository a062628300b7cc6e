"""Give rows whose time is only a minute, a day or a month a moment beside the finer rows of the same account."""

from typing import NamedTuple

import numpy as np
from numba import njit

from duanka.flow.columns import Columns, columns, effect, node_of
from duanka.flow.ledger import NO_BALANCE, NOBODY, Bool, Int64, Ledger

SECOND = 10**6
"""µs. A row whose interval is longer than this is imprecise."""

CASCADE_ROUNDS = 16
"""How many accounts in a row a moved payment can push payments of the same interval behind itself."""

FIRST = -1
"""Link of a row that has no row before it in its interval, but one after it."""

UNLINKED = -2
"""Link of a row that no printed balance ties to another row of its interval."""


class _Windows(NamedTuple):
    """Imprecise rows of one node that share start and width, and the rows of the node that begin in that interval.

    `row` and `role` (0 payer, 1 payee) list the parts of the covered nodes by (node, time, width, tie); window w places
    parts `begin[w]:end[w]` among parts `low[w]:high[w]`.
    """

    row: Int64
    role: Int64
    begin: Int64
    end: Int64
    low: Int64
    high: Int64
    mixed: Bool  # a row with a finer time begins in the interval


def place(ledger: Ledger) -> tuple[Int64, Bool]:
    """Moment of each row (µs) and whether that moment is assumed, both of length n.

    A precise row keeps its time. So does an imprecise one, the start of its interval, unless a covered node of it has
    finer rows in the interval. Then it takes the moment of the row whose printed balance it continues, so that it sorts
    after it; if it continues none but is continued, the start of the interval; failing both, a receipt the start and a
    payment the last µs of the interval. Rows moved so push those that continue them and, where no balance is printed,
    payments made from them. Both sides of an assumed place are marked.

    O(n log n) where the intervals of a node coincide or are apart (days, months), as they do in statements.
    """
    moment = ledger.time.copy()
    doubt = np.zeros(len(ledger), np.bool_)
    if not np.any(ledger.width > SECOND):
        return moment, doubt
    table = columns(ledger)
    windows = _windows(ledger, table)
    if windows is None:
        return moment, doubt
    link = np.full(2 * len(ledger), UNLINKED, np.int64)
    sure = np.zeros(2 * len(ledger), np.bool_)
    _link(table, windows, ledger.time, ledger.width, link, sure)
    by_tie = np.argsort(ledger.tie, kind="stable")
    sequence = _sequence(link, sure, ledger.width, by_tie)
    _move(table, windows, ledger.time, ledger.width, sequence, link, moment)
    _mark_doubt(windows, moment, sure, doubt)
    return moment, doubt


def _windows(ledger: Ledger, table: Columns) -> _Windows | None:
    """The windows of all covered nodes, or None if no imprecise row begins in another's interval unless with it."""
    covered = ledger.covered_from <= ledger.covered_to
    eligible = _coarse_nodes(table, ledger.time, ledger.width, covered)
    if eligible is None:
        return None
    row, role, node = _parts(table, eligible)
    ranked = np.lexsort((ledger.tie[row], ledger.width[row], ledger.time[row], node))
    row, role, node = row[ranked], role[ranked], node[ranked]
    windows = _Windows(row, role, *_cut(node, ledger.time[row], ledger.width[row]))
    alone = (windows.low == windows.begin) & (windows.high == windows.end)
    return None if alone.all() else windows


@njit(cache=True)
def _coarse_nodes(table: Columns, time: Int64, width: Int64, covered: Bool) -> Bool | None:
    """Covered nodes with an imprecise row; None if in none of them intervals can overlap without being equal."""
    common = np.zeros(len(covered), np.int64)  # the width of all rows of the node so far …
    offset = np.zeros(len(covered), np.int64)  # … and what their starts leave when divided by it
    coarse = np.zeros(len(covered), np.bool_)
    uneven = np.zeros(len(covered), np.bool_)
    for row in range(len(width)):
        for role in range(2):
            node = node_of(table, row, role)
            if node == NOBODY or not covered[node]:
                continue
            if common[node] == 0:
                common[node] = width[row]
                offset[node] = time[row] % width[row]
            coarse[node] |= width[row] > SECOND
            uneven[node] |= width[row] != common[node] or time[row] % width[row] != offset[node]
    return coarse if np.any(coarse & uneven) else None


@njit(cache=True)
def _parts(table: Columns, eligible: Bool) -> tuple[Int64, Int64, Int64]:
    """Row, role and node of each part of an eligible node."""
    count = 0
    for row in range(len(table.payer)):
        for role in range(2):
            node = node_of(table, row, role)
            count += node != NOBODY and eligible[node]
    parts = np.empty((3, count), np.int64)
    count = 0
    for row in range(len(table.payer)):
        for role in range(2):
            node = node_of(table, row, role)
            if node != NOBODY and eligible[node]:
                parts[:, count] = (row, role, node)
                count += 1
    return parts[0], parts[1], parts[2]


@njit(cache=True)
def _cut(node: Int64, time: Int64, width: Int64) -> tuple[Int64, Int64, Int64, Int64, Bool]:
    """Begin, end, low, high and mixed of the windows; the arrays are sorted by node, time, width."""
    bounds = np.empty((4, len(node)), np.int64)
    mixed = np.zeros(len(node), np.bool_)
    count = 0
    low = 0
    begin = 0
    while begin < len(node):
        if node[low] != node[begin] or time[low] != time[begin]:
            low = begin
        end = begin + 1
        while end < len(node) and node[end] == node[begin] and time[end] == time[begin] and width[end] == width[begin]:
            end += 1
        if width[begin] > SECOND:
            high = end
            mixed[count] = low < begin
            while high < len(node) and node[high] == node[begin] and time[high] < time[begin] + width[begin]:
                mixed[count] |= width[high] < width[begin]
                high += 1
            bounds[:, count] = (begin, end, low, high)
            count += 1
        begin = end
    return bounds[0, :count], bounds[1, :count], bounds[2, :count], bounds[3, :count], mixed[:count]


@njit(cache=True)
def _link(table: Columns, windows: _Windows, time: Int64, width: Int64, link: Int64, sure: Bool) -> None:
    """Per part (2 * row + role) of an imprecise row: the row whose balance it continues, FIRST or UNLINKED."""
    for window in range(len(windows.begin)):
        low, high = windows.low[window], windows.high[window]
        before = np.empty(high - low, np.int64)
        after = np.empty(high - low, np.int64)
        printed = np.empty(high - low, np.int64)
        count = 0
        for part in range(low, high):
            change, balance = effect(table, windows.row[part], windows.role[part])
            if balance != NO_BALANCE:
                before[count] = balance - change
                after[count] = balance
                printed[count] = part
                count += 1
        before, after, printed = before[:count], after[:count], printed[:count]
        finer = width[windows.row[printed]] < width[windows.row[windows.begin[window]]]
        gap = _gaps(before, after, finer)
        by_after = np.argsort(after, kind="mergesort")
        by_before = np.argsort(before, kind="mergesort")
        first_finer = _first_finer(windows, window, time, width)
        for index in range(count):
            part = printed[index]
            if not windows.begin[window] <= part < windows.end[window]:
                continue
            slot = 2 * windows.row[part] + windows.role[part]
            found, sure[slot] = _predecessor(index, before[index], after, by_after, finer, gap)
            if found >= 0:
                link[slot] = windows.row[printed[found]]
                continue
            found, alone = _successor(index, after[index], before, by_before)
            if found >= 0:
                link[slot] = FIRST
                row = windows.row[printed[found]]
                sure[slot] = alone and (first_finer < 0 or (finer[found] and time[row] == first_finer))


@njit(cache=True)
def _first_finer(windows: _Windows, window: int, time: Int64, width: Int64) -> int:
    """When the first finer row of the window begins, or -1."""
    for part in range(windows.low[window], windows.high[window]):
        if width[windows.row[part]] < width[windows.row[windows.begin[window]]]:
            return int(time[windows.row[part]])
    return -1


@njit(cache=True)
def _gaps(before: Int64, after: Int64, finer: Bool) -> Bool:
    """Finer rows whose balance the next finer row does not continue, so that something belongs between them."""
    gap = np.zeros(len(before), np.bool_)
    last = -1
    for index in range(len(before)):
        if finer[index]:
            if last >= 0:
                gap[last] = after[last] != before[index]
            last = index
    if last >= 0:
        gap[last] = True
    return gap


@njit(cache=True)
def _predecessor(index: int, balance: int, after: Int64, by_after: Int64, finer: Bool, gap: Bool) -> tuple[int, bool]:
    """The printed row that leaves `balance`, or -1, and whether no other may be meant.

    Of several, one with a gap behind it is meant rather than a finer one, and that rather than any.
    """
    found = np.full(3, -1, np.int64)  # with a gap, finer, any: the earliest of each
    count = np.zeros(3, np.int64)
    at = np.searchsorted(after[by_after], balance)
    while at < len(after) and after[by_after[at]] == balance:
        candidate = by_after[at]
        at += 1
        if candidate == index:
            continue
        level = 0 if gap[candidate] else 1 if finer[candidate] else 2
        if count[level] == 0:
            found[level] = candidate
        count[level] += 1
    sure = count[0] == 1 or count.sum() == 1
    for level in range(3):
        if count[level]:
            return found[level], sure
    return -1, False


@njit(cache=True)
def _successor(index: int, balance: int, before: Int64, by_before: Int64) -> tuple[int, bool]:
    """The earliest printed row that continues `balance`, or -1, and whether it is the only one."""
    at = np.searchsorted(before[by_before], balance)
    found = -1
    count = 0
    while at < len(before) and before[by_before[at]] == balance:
        if by_before[at] != index:
            if count == 0:
                found = by_before[at]
            count += 1
        at += 1
    return found, count == 1


@njit(cache=True)
def _sequence(link: Int64, sure: Bool, width: Int64, by_tie: Int64) -> Int64:
    """Imprecise rows, each after those it is linked to; rows whose links run in a circle come last and are unsure."""
    waiting, start, linked = _linked(link, width)
    sequence = np.empty(len(width), np.int64)
    count = 0
    for row in by_tie:
        if width[row] > SECOND and waiting[row] == 0:
            sequence[count] = row
            count += 1
    done = 0
    while done < count:
        row = sequence[done]
        done += 1
        for other in linked[start[row] : start[row + 1]]:
            waiting[other] -= 1
            if waiting[other] == 0:
                sequence[count] = other
                count += 1
    for row in by_tie:
        if waiting[row] > 0:
            sequence[count] = row
            count += 1
            sure[2 * row] = sure[2 * row + 1] = False
    return sequence[:count]


@njit(cache=True)
def _linked(link: Int64, width: Int64) -> tuple[Int64, Int64, Int64]:
    """Links to imprecise rows: how many each row has, and turned round (rows linked to r: `linked[start[r]:…]`)."""
    waiting = np.zeros(len(width), np.int64)
    start = np.zeros(len(width) + 1, np.int64)
    for slot in range(len(link)):
        if link[slot] >= 0 and width[link[slot]] > SECOND:
            waiting[slot // 2] += 1
            start[link[slot] + 1] += 1
    start = np.cumsum(start)
    fill = start[:-1].copy()
    linked = np.empty(start[-1], np.int64)
    for slot in range(len(link)):
        if link[slot] >= 0 and width[link[slot]] > SECOND:
            linked[fill[link[slot]]] = slot // 2
            fill[link[slot]] += 1
    return waiting, start, linked


@njit(cache=True)
def _move(
    table: Columns, windows: _Windows, time: Int64, width: Int64, sequence: Int64, link: Int64, moment: Int64
) -> None:
    """Move rows behind those they continue, and unlinked payments behind the receipts of their interval."""
    _follow(time, width, sequence, link, moment)
    for _ in range(CASCADE_ROUNDS):
        moved = False
        for window in range(len(windows.begin)):
            moved |= _push_back(table, windows, window, time, width, link, moment)
        if not moved:
            return
        _follow(time, width, sequence, link, moment)


@njit(cache=True)
def _follow(time: Int64, width: Int64, sequence: Int64, link: Int64, moment: Int64) -> None:
    """Move each row to the latest of the rows that it continues, if that is still in its interval."""
    for row in sequence:
        for slot in (2 * row, 2 * row + 1):
            if link[slot] >= 0 and moment[row] < moment[link[slot]] < time[row] + width[row]:
                moment[row] = moment[link[slot]]


@njit(cache=True)
def _push_back(
    table: Columns, windows: _Windows, window: int, time: Int64, width: Int64, link: Int64, moment: Int64
) -> bool:
    """Move unlinked payments to the end of the interval where it has finer rows or receipts later than they are."""
    first = windows.row[windows.begin[window]]
    end = time[first] + width[first]
    latest = end - 1 if windows.mixed[window] else np.int64(-1)
    if not windows.mixed[window]:
        for part in range(windows.low[window], windows.high[window]):
            if windows.role[part] == 1 and moment[windows.row[part]] < end:
                latest = max(latest, moment[windows.row[part]])
    moved = False
    for part in range(windows.begin[window], windows.end[window]):
        row = windows.row[part]
        to_itself = table.payer[row] == table.payee[row]
        if windows.role[part] == 0 and not to_itself and link[2 * row] == UNLINKED and moment[row] < latest:
            moment[row] = end - 1
            moved = True
    return moved


@njit(cache=True)
def _mark_doubt(windows: _Windows, moment: Int64, sure: Bool, doubt: Bool) -> None:
    """Mark rows that stand apart in one window though no balance says so, on both sides."""
    for window in range(len(windows.begin)):
        earliest = np.iinfo(np.int64).max
        latest = np.iinfo(np.int64).min
        for part in range(windows.begin[window], windows.end[window]):
            if not sure[2 * windows.row[part] + windows.role[part]]:
                earliest = min(earliest, moment[windows.row[part]])
                latest = max(latest, moment[windows.row[part]])
        apart = False
        for part in range(windows.low[window], windows.high[window]):
            if earliest <= latest and (earliest < latest or moment[windows.row[part]] != earliest):
                doubt[windows.row[part]] = True
                apart = True
        for part in range(windows.begin[window], windows.end[window]):
            if apart and not sure[2 * windows.row[part] + windows.role[part]]:
                doubt[windows.row[part]] = True
