"""Match the two sides of transfers one to one: what one statement calls paid and another calls received."""

import numpy as np

from duanka.flow.ledger import Bool, Int64
from duanka.flow.precedence import pop, push
from duanka.kernels.compile import kernel

MINUTE = 60 * 10**6
"""µs. Elements whose interval is no longer than this are matched before all others."""

ALONE = -1
"""Partner of an element that has none."""


def pair(
    group: Int64,
    time: Int64,
    width: Int64,
    side: Bool,
    tie: Int64,
    tolerance_us: int,
    *,
    serial: Int64 | None = None,
) -> Int64:
    """Partner of each of n elements, or ALONE; `partner[partner[i]] == i`.

    Two elements may be partners if they are of one group (same payer, payee, amount and currency) and of opposite
    sides, and their intervals [time, time + width) overlap or are less than `tolerance_us` µs apart. First come pairs
    of equal serial (0 is none), then pairs of elements known to the minute, then all that are left; in each of the
    three steps as many pairs as possible. Different serials do not keep a pair apart: banks number separately.

    The result does not depend on the order of the elements if no two have the same time, width, group, side and tie.
    Raises ValueError if the tolerance is negative or a width is not positive. O(n log n).
    """
    if tolerance_us < 0:
        raise ValueError(f"The tolerance is {tolerance_us} µs; it must be 0 or more.")
    if len(width) and width.min() <= 0:
        raise ValueError("An interval has no length; give each element a width of at least 1 µs.")
    end = time + width + tolerance_us
    is_paid = side.astype(np.bool_)
    partner = np.full(len(group), ALONE, np.int64)
    if serial is not None:
        numbered = np.flatnonzero(serial)
        _match(numbered, (group, serial), time, end, is_paid, tie, partner)
    for step in (np.flatnonzero(width <= MINUTE), np.arange(len(group))):
        _match(step[partner[step] == ALONE], (group,), time, end, is_paid, tie, partner)
    return partner


def _match(
    chosen: Int64, keys: tuple[Int64, ...], time: Int64, end: Int64, side: Bool, tie: Int64, partner: Int64
) -> None:
    """Match the chosen elements that agree in all keys, and write their partners."""
    if not len(chosen):
        return
    by_end = chosen[np.lexsort((side[chosen], tie[chosen], time[chosen], end[chosen], *(k[chosen] for k in keys)))]
    new = np.ones(len(chosen), np.bool_)
    new[1:] = np.any([key[by_end][1:] != key[by_end][:-1] for key in keys], axis=0)
    start = time[by_end]
    bounds = np.append(np.flatnonzero(new), len(chosen))
    by_start = np.lexsort((start, np.cumsum(new)))
    matched = _sweep(bounds, start, end[by_end], side[by_end], by_start)
    has = matched != ALONE
    partner[by_end[has]] = by_end[matched[has]]


@kernel
def _sweep(bounds: Int64, start: Int64, end: Int64, side: Bool, by_start: Int64) -> Int64:
    """As many pairs of overlapping [start, end) as possible in each stretch; elements are ranked by end in it.

    Take the earliest end that is left. All that overlaps it contains that end, and of these the one that ends first
    overlaps least of what is left: pairing these two never costs a pair.
    """
    partner = np.full(len(start), -1, np.int64)
    open_sides = np.empty((2, len(start)), np.int64)
    for stretch in range(len(bounds) - 1):
        sizes = np.zeros(2, np.int64)
        coming = bounds[stretch]
        for rank in range(bounds[stretch], bounds[stretch + 1]):
            if partner[rank] >= 0:
                continue
            while coming < bounds[stretch + 1] and start[by_start[coming]] < end[rank]:
                other = by_start[coming]
                which = np.int64(side[other])
                sizes[which] = push(open_sides[which], sizes[which], other)
                coming += 1
            opposite = 1 - np.int64(side[rank])
            while sizes[opposite] > 0 and partner[rank] < 0:
                other = pop(open_sides[opposite], sizes[opposite])
                sizes[opposite] -= 1
                if other > rank and partner[other] < 0:
                    partner[rank] = other
                    partner[other] = rank
    return partner
