"""Account windows: what passed through a node within an hour, a day, a week; how fast money leaves it again."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from duanka.flow.clock import clock
from duanka.flow.dwell import NEVER, follow
from duanka.flow.index import Index
from duanka.flow.index import index as build_index
from duanka.flow.ledger import NOBODY, Int32, Int64, Ledger
from duanka.flow.lineage import Lineage
from duanka.kernels.compile import kernel

HOUR = 3_600 * 10**6
DAY = 24 * HOUR
WEEK = 7 * DAY
"""µs."""

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flows:
    """What came to a node and what left it; arrays of one shape, strided views of one array of 48 bytes an entry.

    Sums are minor units of the node. Rows of amount 0 count as rows. NOBODY is not counted among payers and payees. A
    row from a node to itself counts on both sides, and the node among its own payers and payees.
    """

    in_sum: Int64
    in_count: Int64
    payers: Int64  # different nodes that paid it
    out_sum: Int64
    out_count: Int64
    payees: Int64  # different nodes that it paid


@dataclass(frozen=True, slots=True)
class Windows:
    """A summary of each of v nodes over w windows. Ratios are derived; what is kept is exact."""

    widths: Int64  # w, µs
    peak: Flows  # (v, w): within the window that ends at the node's busiest row, 0 where it has no rows
    peak_row: Int64  # (v, w): that row, or NEVER
    whole: Flows  # v: over the whole ledger
    first: Int64  # v, µs: moment of the node's first row, or NEVER
    last: Int64  # v, µs: moment of its last row, or NEVER
    queued: Int64  # v: received while covered, which is the money that lineage follows
    kept: Int64  # v: of that, the part that still lies there at the end
    passed: Int64  # (v, w): of that, the part that left while its receipt was still inside the window
    dwell: Int64  # (v, 3), µs: time between receipt and payment of 10, 50, 90 % of the money that left, or NEVER

    @property
    def retention(self) -> Float64:
        """Share of the money received that stayed, per node; NaN where nothing was received while covered."""
        return _share(self.kept, self.queued)

    @property
    def pass_through(self) -> Float64:
        """Share of the money received that left within each window, (v, w); NaN as in `retention`."""
        return _share(self.passed, self.queued[:, None])


def _share(part: Int64, whole: Int64) -> Float64:
    result = np.full(part.shape, np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def rolling(ledger: Ledger, window_us: int, *, moment: Int64 | None = None, index: Index | None = None) -> Flows:
    """Flows of both nodes of each row within the window that ends at it: shape (n, 2), payer's view and payee's view.

    The window is open on the left and closed on the right, (t - window_us, t]. Closed in time: rows at the same time t
    count even where they come later in the order, so that the result equals SQL's RANGE BETWEEN window_us - 1
    microseconds PRECEDING AND CURRENT ROW. The view of NOBODY is 0. Times are `moment` (see `flow.clock.clock`).

    Raises ValueError if the window is not positive or time goes back. O(n + nodes) whatever the shape of the graph;
    96 bytes a row. The money of a node over the whole ledger must stay below 2**63 minor units.
    """
    table = _table(ledger, clock(ledger, moment))
    values = np.empty((len(ledger), 2, 6), np.int64)  # not zeros: numpy asks for huge pages only here
    values[ledger.payer == NOBODY, 0] = 0
    values[ledger.payee == NOBODY, 1] = 0
    by_node = build_index(ledger) if index is None else index
    own, active = _scratch(by_node), _counters(ledger)
    _rolling(
        table, by_node.paid_from, by_node.paid, by_node.got_from, by_node.got, _width(window_us), own, active, values
    )
    return _flows(values)


def summarise(
    ledger: Ledger,
    links: Lineage,
    windows: tuple[int, ...] = (HOUR, DAY, WEEK),
    *,
    moment: Int64 | None = None,
    index: Index | None = None,
) -> Windows:
    """Summarise each node: its busiest windows, its whole period, and how long money lay there.

    Windows are as in `rolling`. The busiest row is the one with the most money, in and out together; of several the
    earliest. `links` is the lineage of this ledger, under the doctrine that dwell times shall follow.

    Dwell is the time from receipt to payment along a link; its quantiles are weighted by amount and come from a
    histogram of 16 bins per doubling: exact below 32 µs, else within 1/32 (3.2 %) of the least dwell by which that much
    of the money that left had left. Money left "within" a window if its dwell is shorter than it: the receipt was
    still inside. Money that arrived just before the records end had no time to leave, and counts as kept.

    Raises ValueError if a window is not positive, time goes back, or `links` is of another ledger.
    O(windows * n + links + nodes) whatever the shape of the graph.
    """
    if len(links.remaining) != len(ledger):
        raise ValueError(f"The lineage is of {len(links.remaining)} rows, the ledger has {len(ledger)}.")
    by_node = build_index(ledger) if index is None else index
    widths = np.array([_width(window) for window in windows], np.int64)
    time = clock(ledger, moment)
    followed = follow(ledger, links, by_node, widths, time)
    peak = np.zeros((ledger.nodes, len(widths), 6), np.int64)
    peak_row = np.full((ledger.nodes, len(widths)), NEVER, np.int64)
    whole = np.zeros((ledger.nodes, 6), np.int64)
    span = np.full((ledger.nodes, 2), NEVER, np.int64)
    _summarise(
        _table(ledger, time),
        by_node.paid_from,
        by_node.paid,
        by_node.got_from,
        by_node.got,
        widths,
        _scratch(by_node),
        _counters(ledger),
        peak,
        peak_row,
        whole,
        span,
    )
    return Windows(
        widths=widths,
        peak=_flows(peak),
        peak_row=peak_row,
        whole=_flows(whole),
        first=span[:, 0],
        last=span[:, 1],
        queued=followed.queued,
        kept=followed.kept,
        passed=followed.passed,
        dwell=followed.dwell,
    )


def _width(window: int) -> int:
    if window <= 0:
        raise ValueError(f"The window is {window} µs; it must be at least 1.")
    return window


def _flows(values: Int64) -> Flows:
    """Name the six last places of an array as kernels write it."""
    return Flows(
        out_sum=values[..., 0],
        out_count=values[..., 1],
        payees=values[..., 2],
        in_sum=values[..., 3],
        in_count=values[..., 4],
        payers=values[..., 5],
    )


class _Table(NamedTuple):
    """The columns that windows read; `time` is the clock's."""

    time: Int64
    payer: Int32
    payee: Int32
    amount: Int64
    received: Int64
    nodes: int


def _table(ledger: Ledger, time: Int64) -> _Table:
    return _Table(time, ledger.payer, ledger.payee, ledger.amount, ledger.received, ledger.nodes)


class _Own(NamedTuple):
    """Scratch for the parts of one node in its rows, in order: role 0 where it paid, 1 where it received."""

    row: Int64
    time: Int64
    amount: Int64
    other: Int32
    role: Int32


def _scratch(by_node: Index) -> _Own:
    """Room for the node with most rows."""
    most = np.max(np.diff(by_node.paid_from) + np.diff(by_node.got_from), initial=0)
    return _Own(
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
    )


def _counters(ledger: Ledger) -> Int32:
    """Room to count, per other node and role, the parts of one node inside a window."""
    return np.zeros((ledger.nodes, 2), np.int32)


@kernel
def _gather(table: _Table, paid: Int64, got: Int64, own: _Own) -> int:
    """Merge the rows that a node paid and those that it got into `own`; return their number."""
    left = 0
    right = 0
    while left < len(paid) or right < len(got):
        at = left + right
        if right == len(got) or (left < len(paid) and paid[left] <= got[right]):
            row = paid[left]
            own.role[at] = 0
            own.amount[at] = table.amount[row]
            own.other[at] = table.payee[row]
            left += 1
        else:
            row = got[right]
            own.role[at] = 1
            own.amount[at] = table.received[row]
            own.other[at] = table.payer[row]
            right += 1
        own.row[at] = row
        own.time[at] = table.time[row]
    return left + right


@kernel
def _enter(own: _Own, at: int, inside: Int64, active: Int32) -> None:
    """A part comes into the window. `active` counts the parts inside per other node and role."""
    role = own.role[at]
    other = own.other[at]
    inside[3 * role] += own.amount[at]
    inside[3 * role + 1] += 1
    if other != NOBODY:
        inside[3 * role + 2] += active[other, role] == 0
        active[other, role] += 1


@kernel
def _leave(own: _Own, at: int, inside: Int64, active: Int32) -> None:
    """A part drops out of the window."""
    role = own.role[at]
    other = own.other[at]
    inside[3 * role] -= own.amount[at]
    inside[3 * role + 1] -= 1
    if other != NOBODY:
        active[other, role] -= 1
        inside[3 * role + 2] -= active[other, role] == 0


@kernel
def _rolling(
    table: _Table,
    paid_from: Int64,
    paid: Int64,
    got_from: Int64,
    got: Int64,
    width: int,
    own: _Own,
    active: Int32,
    values: Int64,
) -> None:
    """Write the window of each part into `values[row, role]`."""
    inside = np.zeros(6, np.int64)
    for node in range(table.nodes):
        paid_rows = paid[paid_from[node] : paid_from[node + 1]]
        count = _gather(table, paid_rows, got[got_from[node] : got_from[node + 1]], own)
        low = 0
        high = 0
        while high < count:
            start = high
            now = own.time[start]
            while high < count and own.time[high] == now:
                _enter(own, high, inside, active)
                high += 1
            while own.time[low] <= now - width:
                _leave(own, low, inside, active)
                low += 1
            for at in range(start, high):
                for field in range(6):
                    values[own.row[at], own.role[at], field] = inside[field]
        for at in range(low, count):
            _leave(own, at, inside, active)


@kernel
def _peak(own: _Own, count: int, width: int, inside: Int64, active: Int32, best: Int64) -> int:
    """Copy the fullest window of one node into `best`; return its row, or NEVER."""
    row = NEVER
    low = 0
    high = 0
    while high < count:
        start = high
        now = own.time[start]
        while high < count and own.time[high] == now:
            _enter(own, high, inside, active)
            high += 1
        while own.time[low] <= now - width:
            _leave(own, low, inside, active)
            low += 1
        if row == NEVER or inside[0] + inside[3] > best[0] + best[3]:
            row = own.row[start]
            for field in range(6):
                best[field] = inside[field]
    for at in range(low, count):
        _leave(own, at, inside, active)
    return row


@kernel
def _summarise(
    table: _Table,
    paid_from: Int64,
    paid: Int64,
    got_from: Int64,
    got: Int64,
    widths: Int64,
    own: _Own,
    active: Int32,
    peak: Int64,
    peak_row: Int64,
    whole: Int64,
    span: Int64,
) -> None:
    """Write peak (v, w, 6) and its row (v, w), whole (v, 6), first and last time (v, 2)."""
    inside = np.zeros(6, np.int64)
    for node in range(table.nodes):
        paid_rows = paid[paid_from[node] : paid_from[node + 1]]
        got_rows = got[got_from[node] : got_from[node + 1]]
        count = _gather(table, paid_rows, got_rows, own)
        if count == 0:
            continue
        span[node, 0] = own.time[0]
        span[node, 1] = own.time[count - 1]
        for at in range(count):
            _enter(own, at, inside, active)
        for field in range(6):
            whole[node, field] = inside[field]
        for at in range(count):
            _leave(own, at, inside, active)
        for window in range(len(widths)):
            peak_row[node, window] = _peak(own, count, widths[window], inside, active, peak[node, window])
