"""Give rows whose time is only a minute, a day or a month a moment beside the finer rows of the same account."""

import numpy as np

from duanka.flow.columns import Columns, columns
from duanka.flow.index import by_node
from duanka.flow.intervals import SECOND, Intervals, find_intervals
from duanka.flow.ledger import NOBODY, Bool, Int64, Ledger
from duanka.flow.linking import UNLINKED, link_rows
from duanka.kernels.compile import kernel

CASCADE_ROUNDS = 16
"""How many accounts in a row a moved payment can push payments of the same interval behind itself."""

_LAST = np.iinfo(np.int64).max


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
    intervals = find_intervals(ledger, table)
    if intervals is None:
        return moment, doubt
    link, sure = link_rows(ledger, table, intervals)
    sequence = _sequence(ledger, link, sure)
    _move(table, intervals, ledger.time, ledger.width, sequence, link, moment)
    _mark_doubt(intervals, moment, sure, doubt)
    return moment, doubt


def _sequence(ledger: Ledger, link: Int64, sure: Bool) -> Int64:
    """Imprecise rows, each after those it is linked to; rows whose links run in a circle come last and are unsure."""
    imprecise = ledger.width > SECOND
    awaited = np.where((link >= 0) & imprecise[link], link, NOBODY).astype(np.int32)
    waiting = np.bincount(np.flatnonzero(awaited != NOBODY) // 2, minlength=len(ledger))
    start, slots = by_node(awaited, len(ledger))
    by_tie = np.argsort(ledger.tie, kind="stable")
    by_tie = by_tie[imprecise[by_tie]]
    sequence = np.empty(len(by_tie), np.int64)
    count = _follow_links(by_tie, start, slots, waiting, sequence)
    circling = by_tie[waiting[by_tie] > 0]
    sequence[count:] = circling
    sure.reshape(-1, 2)[circling] = False
    return sequence


@kernel
def _follow_links(by_tie: Int64, start: Int64, slots: Int64, waiting: Int64, sequence: Int64) -> int:
    """Write the rows that wait for none, then those that waited for them; return their number."""
    count = 0
    for row in by_tie:
        if waiting[row] == 0:
            sequence[count] = row
            count += 1
    done = 0
    while done < count:
        row = sequence[done]
        done += 1
        for at in range(start[row], start[row + 1]):
            other = slots[at] // 2
            waiting[other] -= 1
            if waiting[other] == 0:
                sequence[count] = other
                count += 1
    return count


@kernel
def _move(
    table: Columns, intervals: Intervals, time: Int64, width: Int64, sequence: Int64, link: Int64, moment: Int64
) -> None:
    """Move rows behind those they continue, and unlinked payments behind the receipts of their interval."""
    _follow(time, width, sequence, link, moment)
    for _ in range(CASCADE_ROUNDS):
        moved = False
        for interval in range(len(intervals.begin)):
            moved |= _push_back(table, intervals, interval, time, width, link, moment)
        if not moved:
            return
        _follow(time, width, sequence, link, moment)


@kernel
def _follow(time: Int64, width: Int64, sequence: Int64, link: Int64, moment: Int64) -> None:
    """Move each row to the latest of the rows that it continues, if that is still in its interval."""
    for row in sequence:
        for slot in (2 * row, 2 * row + 1):
            if link[slot] >= 0 and moment[row] < moment[link[slot]] < time[row] + width[row]:
                moment[row] = moment[link[slot]]


@kernel
def _push_back(
    table: Columns, intervals: Intervals, interval: int, time: Int64, width: Int64, link: Int64, moment: Int64
) -> bool:
    """Move unlinked payments to the end of the interval where it has finer rows or receipts later than they are."""
    first = intervals.row[intervals.begin[interval]]
    end = time[first] + width[first]
    latest = end - 1 if intervals.mixed[interval] else np.int64(-1)
    if not intervals.mixed[interval]:
        for part in range(intervals.low[interval], intervals.high[interval]):
            if intervals.role[part] == 1 and moment[intervals.row[part]] < end:
                latest = max(latest, moment[intervals.row[part]])
    moved = False
    for part in range(intervals.begin[interval], intervals.end[interval]):
        row = intervals.row[part]
        to_itself = table.payer[row] == table.payee[row]
        if intervals.role[part] == 0 and not to_itself and link[2 * row] == UNLINKED and moment[row] < latest:
            moment[row] = end - 1
            moved = True
    return moved


@kernel
def _mark_doubt(intervals: Intervals, moment: Int64, sure: Bool, doubt: Bool) -> None:
    """Mark rows that stand apart in one interval though no balance says so, on both sides."""
    for interval in range(len(intervals.begin)):
        earliest = _LAST
        latest = -_LAST
        for part in range(intervals.begin[interval], intervals.end[interval]):
            if not sure[2 * intervals.row[part] + intervals.role[part]]:
                earliest = min(earliest, moment[intervals.row[part]])
                latest = max(latest, moment[intervals.row[part]])
        apart = False
        for part in range(intervals.low[interval], intervals.high[interval]):
            if earliest <= latest and (earliest < latest or moment[intervals.row[part]] != earliest):
                doubt[intervals.row[part]] = True
                apart = True
        for part in range(intervals.begin[interval], intervals.end[interval]):
            if apart and not sure[2 * intervals.row[part] + intervals.role[part]]:
                doubt[intervals.row[part]] = True
