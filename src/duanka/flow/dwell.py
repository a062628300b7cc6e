"""Dwell: how long money lay at a node before it left, weighted by amount."""

import math
from typing import NamedTuple

import numpy as np

from duanka.flow.clock import covered
from duanka.flow.index import Index
from duanka.flow.ledger import NOBODY, Int32, Int64, Ledger
from duanka.flow.lineage import Lineage
from duanka.kernels.compile import kernel

NEVER = -1
"""Stands for a time, a wait or a row that there is not."""

QUANTILES = (10, 50, 90)
"""Per cent of the money: the columns of `Windows.dwell`."""


class Followed(NamedTuple):
    """What a lineage says of each of v nodes, over w widths."""

    queued: Int64  # v, minor units: received while covered
    kept: Int64  # v: of that, what still lies there at the end
    passed: Int64  # (v, w): of that, what left sooner than the width
    dwell: Int64  # (v, 3), µs: quantiles


def follow(ledger: Ledger, links: Lineage, index: Index, widths: Int64, time: Int64) -> Followed:
    """Sum up the links of each node; the definitions are those of `flow.windows.summarise`. `time` is the clock's.

    O(rows + links + nodes * bins in use).
    """
    queued, kept = np.zeros(ledger.nodes, np.int64), np.zeros(ledger.nodes, np.int64)
    inside = covered(ledger, ledger.payee)
    _add(ledger.payee, np.where(inside, ledger.received, 0), links.remaining, queued, kept)
    passed = np.zeros((ledger.nodes, len(widths)), np.int64)
    dwell = np.full((ledger.nodes, len(QUANTILES)), NEVER, np.int64)
    first_link = np.searchsorted(links.out_row, np.arange(len(ledger) + 1))
    traced = _Traced(first_link, links.in_row, links.amount)
    _follow(time, index.paid_from, index.paid, widths, traced, passed, dwell)
    return Followed(queued, kept, passed, dwell)


class _Traced(NamedTuple):
    """The links of row r are `first_link[r]:first_link[r + 1]`."""

    first_link: Int64
    in_row: Int64
    amount: Int64


@kernel
def _add(payee: Int32, received: Int64, remaining: Int64, queued: Int64, kept: Int64) -> None:
    """Sum what each node received and kept."""
    for row in range(len(payee)):
        if payee[row] != NOBODY:
            queued[payee[row]] += received[row]
            kept[payee[row]] += remaining[row]


@kernel
def _follow(
    time: Int64, paid_from: Int64, paid: Int64, widths: Int64, traced: _Traced, passed: Int64, dwell: Int64
) -> None:
    """Follow the links of all nodes."""
    histogram = np.zeros(BINS, np.int64)
    for node in range(len(passed)):
        rows = paid[paid_from[node] : paid_from[node + 1]]
        _follow_node(time, rows, widths, traced, histogram, passed[node], dwell[node])


BINS = 960
"""Enough for any int64."""


@kernel
def _follow_node(
    time: Int64, paid: Int64, widths: Int64, traced: _Traced, histogram: Int64, passed: Int64, dwell: Int64
) -> None:
    """Money that left one node within each width, and the quantiles of its dwell. Leaves `histogram` empty."""
    lowest = BINS
    highest = -1
    total = 0
    for row in paid:
        for link in range(traced.first_link[row], traced.first_link[row + 1]):
            if traced.in_row[link] == NOBODY:
                continue
            waited = time[row] - time[traced.in_row[link]]
            part = traced.amount[link]
            total += part
            for window in range(len(widths)):
                if waited < widths[window]:
                    passed[window] += part
            place = bin_of(waited)
            histogram[place] += part
            lowest = min(lowest, place)
            highest = max(highest, place)
    done = 0
    quantile = 0
    for place in range(lowest, highest + 1):
        done += histogram[place]
        histogram[place] = 0
        while quantile < len(QUANTILES) and done >= _percent(total, QUANTILES[quantile]):
            dwell[quantile] = middle_of(place)
            quantile += 1


@kernel
def _percent(total: int, share: int) -> int:
    """`share` per cent of `total`, rounded up, without overflow."""
    return total // 100 * share + (total % 100 * share + 99) // 100


@kernel
def bin_of(value: int) -> int:
    """Bin of a value >= 0: 16 bins per doubling, one per value below 32."""
    if value < 16:
        return value
    exponent = math.frexp(float(value))[1] - 1
    if value >> exponent == 0:  # rounded up to the next power of two
        exponent -= 1
    return (exponent - 3) * 16 + ((value >> (exponent - 4)) & 15)


@kernel
def middle_of(place: int) -> int:
    """The value in the middle of a bin."""
    if place < 16:
        return place
    shift = place // 16 - 1
    return int(((16 + place % 16) << shift) + ((1 << shift) - 1) // 2)
