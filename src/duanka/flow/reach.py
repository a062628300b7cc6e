"""Time-respecting reach: the rows that money could have come through, each with its least number of hops."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from duanka.flow.clock import clock, covered
from duanka.flow.index import Index, by_node
from duanka.flow.ledger import NOBODY, Bool, Int32, Int64, Ledger
from duanka.kernels.compile import kernel


@dataclass(frozen=True, slots=True)
class Reach:
    """The rows reached, ascending."""

    row: Int64
    hop: Int32  # 0 for seeds

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.row)


def forward(
    ledger: Ledger,
    seeds: Int64,
    hops: int,
    *,
    index: Index | None = None,
    until: int | None = None,
    within: int | None = None,
    covered_only: bool = False,
    moment: Int64 | None = None,
) -> Reach:
    """Rows that money of the `seeds` (rows) could have gone on through, in at most `hops` steps.

    Row s follows row r if s comes after r in the order and its payer is the payee of r. With `until` (µs since 1970),
    only rows at or before that moment are reached; with `within` (µs), only rows at most that much later than the row
    that they follow. With `covered_only` money goes on only through a node that its coverage includes both when r and
    when s happens, as in lineage. Seeds are always reached. Times are `moment` (see `flow.clock.clock`).

    Amounts play no part: this is the outer bound of every trace. Raises ValueError if a seed is no row, or if `until`
    or `within` is given and time goes back. O(rows + nodes), in one pass over the rows. With an `index`
    (`flow.index.index`, for repeated calls) only the rows of nodes that are reached are read, as long as they are few.
    With `within` an index is built if none is given, and its lists are searched: O(rows log rows).
    """
    bounds = _Bounds(until=until, within=within, covered_only=covered_only)
    return _reach(ledger, seeds, hops, index, bounds, moment, ahead=True)


def backward(
    ledger: Ledger,
    seeds: Int64,
    hops: int,
    *,
    index: Index | None = None,
    since: int | None = None,
    within: int | None = None,
    covered_only: bool = False,
    moment: Int64 | None = None,
) -> Reach:
    """Rows that money of the `seeds` could have come through: the mirror of `forward`.

    Row r precedes row s exactly if s follows r. With `since` only rows at or after that moment are reached.
    """
    bounds = _Bounds(until=since, within=within, covered_only=covered_only)
    return _reach(ledger, seeds, hops, index, bounds, moment, ahead=False)


FEW = 64
"""With an index, reach reads single rows until it has found one in so many; then it reads all, which is faster."""


class _Bounds(NamedTuple):
    """Limits of a reach in time, in the direction that it goes."""

    until: int | None
    within: int | None
    covered_only: bool


class _Way(NamedTuple):
    """One direction: money moves on from row r at node `far[r]`, by the rows after r (or before) whose `near` it is."""

    near: Int32
    far: Int32
    open: Bool  # per row: may be reached
    leads: Bool  # per row: may be followed
    ahead: bool


def _reach(
    ledger: Ledger,
    seeds: Int64,
    hops: int,
    index: Index | None,
    bounds: _Bounds,
    moment: Int64 | None,
    *,
    ahead: bool,
) -> Reach:
    """Reach in either direction."""
    seeds = np.unique(seeds).astype(np.int64)
    if len(seeds) and not (seeds[0] >= 0 and seeds[-1] < len(ledger)):
        raise ValueError(f"Seeds are rows 0 to {len(ledger) - 1}; they run from {seeds[0]} to {seeds[-1]}.")
    timed = bounds.until is not None or bounds.within is not None
    time = clock(ledger, moment) if timed else ledger.time
    near, far = (ledger.payer, ledger.payee) if ahead else (ledger.payee, ledger.payer)
    reachable = leads = np.ones(1, np.bool_)  # one place stands for all rows
    if bounds.covered_only:
        reachable, leads = covered(ledger, near), covered(ledger, far)
    if bounds.until is not None:
        reachable = reachable & (time <= bounds.until if ahead else time >= bounds.until)
    way = _Way(near, far, reachable, leads, ahead)
    hop = np.full(len(ledger), -1, np.int32)
    hop[seeds] = 0
    if index is not None:
        starts, rows = (index.paid_from, index.paid) if ahead else (index.got_from, index.got)
    if bounds.within is not None:
        if index is None:
            starts, rows = by_node(near, ledger.nodes)
        _spread_within(way, starts, rows, seeds, hops, hop, time, bounds.within)
    elif index is None or not _spread(way, starts, rows, seeds, hops, hop, len(ledger) // FEW):
        _scan(way, seeds, hops, hop, ledger.nodes)
    reached = np.flatnonzero(hop >= 0)
    return Reach(row=reached, hop=hop[reached])


@kernel
def _holds(flags: Bool, row: int) -> bool:
    """The flag of a row, where one place stands for all rows."""
    return bool(flags[row if len(flags) > 1 else 0])


@kernel
def _scan(way: _Way, seeds: Int64, hops: int, hop: Int32, nodes: int) -> None:
    """One pass over the rows in the direction of travel: the order is also an order of what can follow what."""
    least = np.full(nodes, hops, np.int32)  # hops of the money that has come to each node so far
    if len(seeds) == 0:
        return
    row = seeds[0] if way.ahead else seeds[-1]
    onward = 1 if way.ahead else -1
    while 0 <= row < len(hop):
        node = way.near[row]
        if hop[row] < 0 and node != NOBODY and least[node] < hops and _holds(way.open, row):
            hop[row] = least[node] + 1
        node = way.far[row]
        if hop[row] >= 0 and node != NOBODY and _holds(way.leads, row):
            least[node] = min(least[node], hop[row])
        row += onward


@kernel
def _mark(way: _Way, row: int, step: int, hop: Int32, queue: Int64, size: int) -> int:
    """Reach a row, unless it has been or may not be; return the new length of the queue."""
    if hop[row] < 0 and _holds(way.open, row):
        hop[row] = step
        queue[size] = row
        return size + 1
    return size


@kernel
def _spread(way: _Way, starts: Int64, rows: Int64, seeds: Int64, hops: int, hop: Int32, few: int) -> bool:
    """Breadth first. `edge`, the least advanced arrival at each node, only moves one way; beyond it all is walked.

    Gives up and returns false once it has reached more than `few` rows: then `_scan` is faster, and keeps their hops.
    """
    edge = starts[1:].copy() if way.ahead else starts[:-1].copy()
    queue = np.empty(len(hop), np.int64)
    queue[: len(seeds)] = seeds
    size = len(seeds)
    done = 0
    while done < size:
        row = queue[done]
        done += 1
        node = way.far[row]
        step = hop[row] + 1
        if step > hops or node == NOBODY or not _holds(way.leads, row):
            continue
        if size - len(seeds) > few:
            return False
        at = edge[node]
        if way.ahead:
            while at > starts[node] and rows[at - 1] > row:
                at -= 1
                size = _mark(way, rows[at], step, hop, queue, size)
        else:
            while at < starts[node + 1] and rows[at] < row:
                size = _mark(way, rows[at], step, hop, queue, size)
                at += 1
        edge[node] = at
    return True


@kernel
def _spread_within(
    way: _Way, starts: Int64, rows: Int64, seeds: Int64, hops: int, hop: Int32, time: Int64, within: int
) -> None:
    """Breadth first, where each arrival opens a stretch of rows; walked places are skipped by path halving."""
    places = len(rows)
    onward = np.arange(places + 1)  # towards the next place in the direction of travel that is not walked yet
    queue = np.empty(len(hop), np.int64)
    queue[: len(seeds)] = seeds
    size = len(seeds)
    done = 0
    while done < size:
        row = queue[done]
        done += 1
        node = way.far[row]
        step = hop[row] + 1
        if step > hops or node == NOBODY or not _holds(way.leads, row):
            continue
        low = starts[node]
        high = starts[node + 1]
        # places are shifted by one when going back, so that place 0 is the end on that side
        if way.ahead:
            at = _next(onward, low + np.searchsorted(rows[low:high], row, side="right"))
            while at < high and time[rows[at]] - time[row] <= within:
                size = _mark(way, rows[at], step, hop, queue, size)
                onward[at] = at + 1
                at = _next(onward, at)
        else:
            at = _next(onward, low + np.searchsorted(rows[low:high], row, side="left"))
            while at > low and time[row] - time[rows[at - 1]] <= within:
                size = _mark(way, rows[at - 1], step, hop, queue, size)
                onward[at] = at - 1
                at = _next(onward, at)


@kernel
def _next(onward: Int64, at: int) -> int:
    """The first place from `at` on that is not walked."""
    while onward[at] != at:
        onward[at] = onward[onward[at]]
        at = onward[at]
    return at
