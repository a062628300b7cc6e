"""Find where rows whose time is only a minute, a day or a month stand beside others of the same account."""

from typing import NamedTuple

import numpy as np

from duanka.flow.columns import Columns, node_of
from duanka.flow.ledger import NOBODY, Bool, Int64, Ledger
from duanka.kernels.compile import kernel

SECOND = 10**6
"""µs. A row whose interval is longer than this is imprecise."""


class Intervals(NamedTuple):
    """Imprecise rows of one node that share start and width, and the rows of the node that begin in that interval.

    `row` and `role` (0 payer, 1 payee) list the parts of the covered nodes by (node, time, width, tie). Interval i
    places parts `begin[i]:end[i]` among parts `low[i]:high[i]`.
    """

    row: Int64
    role: Int64
    node: Int64
    begin: Int64
    end: Int64
    low: Int64
    high: Int64
    mixed: Bool  # a row with a finer time begins in the interval


def find_intervals(ledger: Ledger, table: Columns) -> Intervals | None:
    """The intervals of all covered nodes, or None if no imprecise row begins in another's interval unless with it."""
    covered = ledger.covered_from <= ledger.covered_to
    eligible = _coarse_nodes(table, ledger.time, ledger.width, covered)
    if not eligible.any():
        return None
    payee = np.where(ledger.payee == ledger.payer, NOBODY, ledger.payee)
    nodes = np.stack((ledger.payer, payee), axis=1).ravel().astype(np.int64)
    parts = np.flatnonzero((nodes != NOBODY) & eligible[nodes])
    row, role, node = parts // 2, parts % 2, nodes[parts]
    ranked = np.lexsort((ledger.tie[row], ledger.width[row], ledger.time[row], node))
    row, role, node = row[ranked], role[ranked], node[ranked]
    bounds, mixed = np.empty((4, len(row)), np.int64), np.zeros(len(row), np.bool_)
    count = _cut(node, ledger.time[row], ledger.width[row], bounds, mixed)
    begin, end, low, high = bounds[:, :count].copy()
    if np.array_equal(low, begin) and np.array_equal(high, end):
        return None
    return Intervals(row, role, node, begin, end, low, high, mixed[:count])


def _coarse_nodes(table: Columns, time: Int64, width: Int64, covered: Bool) -> Bool:
    """Covered nodes with an imprecise row; none at all if in none of them intervals can overlap without being equal."""
    coarse = np.zeros(len(covered), np.bool_)
    uneven = np.zeros(len(covered), np.bool_)
    common, offset = np.zeros((2, len(covered)), np.int64)
    _compare(table, time, width, covered, common, offset, coarse, uneven)
    return coarse & np.any(coarse & uneven)


@kernel
def _compare(
    table: Columns,
    time: Int64,
    width: Int64,
    covered: Bool,
    common: Int64,
    offset: Int64,
    coarse: Bool,
    uneven: Bool,
) -> None:
    """Tell which covered nodes have imprecise rows, and which have intervals of different lengths or rhythms.

    `common` becomes the width of a node's first row, and `offset` what its start leaves when divided by it.
    """
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


@kernel
def _cut(node: Int64, time: Int64, width: Int64, bounds: Int64, mixed: Bool) -> int:
    """Write begin, end, low, high and mixed of the intervals, given parts by node, time, width; count them."""
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
            bounds[0, count] = begin
            bounds[1, count] = end
            bounds[2, count] = low
            bounds[3, count] = high
            count += 1
        begin = end
    return count
