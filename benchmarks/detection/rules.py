"""The three rules that most monitoring systems ship with: cycles, fans, and money that passes through.

Payments of one moment may follow each other in either order, since the order of rows within a moment is no evidence.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detection.evidence import Evidence
from duanka.kernels.compile import kernel

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

HOUR = 3_600 * 10**6
DAYS_3, DAY = 72 * HOUR, 24 * HOUR
"""µs; both ends closed."""

LONGEST = 5
"""Payments of a cycle; the shortest has three."""
FAN = 10
LOW, HIGH = 0.9, 1.1

MANY_IN, STEPS = 512, 5_000
"""Bounds without which cycles could not be searched: a start is left out if more than MANY_IN payments could close its
cycle, and a search from one payment ends after STEPS steps."""


@dataclass(frozen=True, slots=True)
class Side:
    """Payments by the node on one side, each node's in the order of time."""

    first: Int64  # of each node; one more than there are nodes
    time: Int64
    other: Int32
    paid: Int64  # sum of the amounts before each place; one more than there are rows


def sides(evidence: Evidence) -> tuple[Side, Side]:
    """Payments by payer, and by payee. O(rows log rows)."""
    time, payer, payee, amount = (evidence.rows[name].to_numpy() for name in ("time", "payer", "payee", "amount"))
    found = []
    for own, other in ((payer, payee), (payee, payer)):
        order = np.lexsort((amount, other, time, own))
        order = order[own[order] >= 0]
        first = np.searchsorted(own[order], np.arange(len(evidence) + 1)).astype(np.int64)
        paid = np.append(np.int64(0), np.cumsum(amount[order]))
        found.append(Side(first, time[order], other[order].astype(np.int32), paid))
    return found[0], found[1]


def hits(evidence: Evidence) -> tuple[Bits, Bits, Bits]:
    """Which nodes stand on a cycle, are the hub of a fan, pass money through."""
    (out, into), size = sides(evidence), len(evidence)
    cycle, fan, through = np.zeros(size, np.bool_), np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    _cycles(out.first, out.time, out.other, into.first, into.time, into.other, cycle)
    _fans(out.first, out.time, out.other, fan)
    _fans(into.first, into.time, into.other, fan)
    _through(into.first, into.time, into.paid, out.first, out.time, out.paid, through)
    return cycle, fan, through


def score(evidence: Evidence) -> Floats:
    """Number of rules hit; among equals, who moved more."""
    moved = volume(evidence)
    found: Floats = np.sum(hits(evidence), axis=0) + moved / (moved.max(initial=0.0) + 1)
    return found


def volume(evidence: Evidence) -> Floats:
    """What came in and went out, in minor units."""
    total = np.zeros(len(evidence), np.float64)
    for side in ("payer", "payee"):
        node, amount = evidence.rows[side].to_numpy(), evidence.rows["amount"].to_numpy()
        total += np.bincount(node[node >= 0], weights=amount[node >= 0], minlength=len(evidence))
    return total


@kernel
def _after(time: Int64, first: int, last: int, moment: int) -> int:
    """First place in [first, last) whose time is not before the moment."""
    while first < last:
        middle = (first + last) // 2
        if time[middle] < moment:
            first = middle + 1
        else:
            last = middle
    return first


@kernel
def _cycles(
    out_first: Int64, out_time: Int64, out_other: Int32, in_first: Int64, in_time: Int64, in_other: Int32, found: Bits
) -> None:
    """Mark all nodes of each cycle of 3 to 5 payments within 72 h, each not before the one that it follows."""
    nodes = len(out_first) - 1
    closes = np.zeros(nodes, np.int64)  # the last moment within the window at which a node pays the start
    seen = np.full(nodes, -1, np.int64)  # for which payment that holds
    path, place = np.zeros(LONGEST, np.int64), np.zeros(LONGEST, np.int64)
    for a in range(nodes):
        for start in range(out_first[a], out_first[a + 1]):
            begun, until = out_time[start], out_time[start] + DAYS_3
            low = _after(in_time, in_first[a], in_first[a + 1], begun)
            high = _after(in_time, low, in_first[a + 1], until + 1)
            if out_other[start] < 0 or out_other[start] == a or low == high or high - low > MANY_IN:
                continue
            for closing in range(low, high):
                if in_other[closing] >= 0:
                    closes[in_other[closing]], seen[in_other[closing]] = in_time[closing], start
            path[0], path[1] = a, out_other[start]
            _walk(out_first, out_time, out_other, start, until, path, place, closes, seen, found)


@kernel
def _walk(
    first: Int64, time: Int64, other: Int32, start: int, until: int,
    path: Int64, place: Int64, closes: Int64, seen: Int64, found: Bits,
) -> None:  # fmt: skip
    """Depth first from the payment `start`, whose two nodes stand in `path`; marks the path wherever it can close."""
    place[1] = _after(time, first[path[1]], first[path[1] + 1], time[start])
    depth, steps = 1, 0
    while depth > 0 and steps < STEPS:
        now = place[depth]
        if depth == LONGEST - 1 or now >= first[path[depth] + 1] or time[now] > until:
            depth -= 1
            continue
        steps += 1
        place[depth] += 1
        node = other[now]
        if node < 0 or _among(path, depth, node):
            continue
        depth += 1
        path[depth] = node
        place[depth] = _after(time, first[node], first[node + 1], time[now])
        if seen[node] == start and closes[node] >= time[now]:
            for step in range(depth + 1):
                found[path[step]] = True


@kernel
def _among(path: Int64, depth: int, node: int) -> bool:
    """Whether a node stands in path[: depth + 1]."""
    for step in range(depth + 1):  # noqa: SIM110 - `any` is unknown to a kernel
        if path[step] == node:
            return True
    return False


@kernel
def _fans(first: Int64, time: Int64, other: Int32, found: Bits) -> None:
    """Mark nodes that deal with FAN different others within 72 h."""
    nodes = len(first) - 1
    count = np.zeros(nodes, np.int64)
    for node in range(nodes):
        oldest, different = first[node], 0
        for place in range(first[node], first[node + 1]):
            while time[oldest] < time[place] - DAYS_3:
                different -= _add(count, other[oldest], -1)
                oldest += 1
            different += _add(count, other[place], 1)
            if different >= FAN:
                found[node] = True
        for place in range(oldest, first[node + 1]):
            _add(count, other[place], -1)


@kernel
def _add(count: Int64, node: int, by: int) -> int:
    """Count a known node once more or once less; 1 if it was, or now is, counted for the only time."""
    if node < 0:
        return 0
    only = count[node] == (0 if by > 0 else 1)
    count[node] += by
    return 1 if only else 0


@kernel
def _through(
    in_first: Int64, in_time: Int64, into: Int64, out_first: Int64, out_time: Int64, out: Int64, found: Bits
) -> None:
    """Mark nodes that within 24 h of some receipt hand on 0.9 to 1.1 of what came in the same 24 h."""
    for node in range(len(in_first) - 1):
        for place in range(in_first[node], in_first[node + 1]):
            begun, until = in_time[place], in_time[place] + DAY
            begins = _after(in_time, in_first[node], in_first[node + 1], begun)
            came = into[_after(in_time, place, in_first[node + 1], until + 1)] - into[begins]
            low = _after(out_time, out_first[node], out_first[node + 1], begun)
            went = out[_after(out_time, low, out_first[node + 1], until + 1)] - out[low]
            if came > 0 and LOW * came <= went <= HIGH * came:
                found[node] = True
                break
