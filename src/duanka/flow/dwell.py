"""Dwell: how long money lay at a node before it left, weighted by amount."""

import math
from typing import NamedTuple

from numba import njit

from duanka.flow.ledger import NOBODY, Bool, Int64

NEVER = -1
"""Stands for a time, a wait or a row that there is not."""

QUANTILES = (10, 50, 90)
"""Per cent of the money: the columns of `Windows.dwell`."""


class Traced(NamedTuple):
    """What is read of a lineage: the links of row r are `first_link[r]:first_link[r + 1]`."""

    first_link: Int64
    in_row: Int64
    amount: Int64
    remaining: Int64
    covered: Bool  # per row: the payee's ledger was produced


BINS = 960
"""Enough for any int64."""


@njit(cache=True)
def dwell_of(
    time: Int64, paid: Int64, widths: Int64, traced: Traced, histogram: Int64, passed: Int64, dwell: Int64
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


@njit(cache=True)
def _percent(total: int, share: int) -> int:
    """`share` per cent of `total`, rounded up, without overflow."""
    return total // 100 * share + (total % 100 * share + 99) // 100


@njit(cache=True)
def bin_of(value: int) -> int:
    """Bin of a value >= 0: 16 bins per doubling, one per value below 32."""
    if value < 16:
        return value
    exponent = math.frexp(float(value))[1] - 1
    if value >> exponent == 0:  # rounded up to the next power of two
        exponent -= 1
    return (exponent - 3) * 16 + ((value >> (exponent - 4)) & 15)


@njit(cache=True)
def middle_of(place: int) -> int:
    """The value in the middle of a bin."""
    if place < 16:
        return place
    shift = place // 16 - 1
    return int(((16 + place % 16) << shift) + ((1 << shift) - 1) // 2)
