"""Exact shares of money: products of two amounts without overflow, and cents left over by largest remainder."""

import numpy as np

from duanka.flow.ledger import Int64
from duanka.kernels.compile import kernel


@kernel
def divided(factor: int, other: int, divisor: int) -> tuple[int, int]:
    """Quotient and remainder of factor · other / divisor, exact although the product may need 126 bits.

    All three are >= 0 and below 2**63, divisor > 0, and one factor is at most `divisor`, so that the quotient fits. The
    product is built of four products of 32-bit halves; where it needs more than 64 bits it is divided bit by bit.
    """
    mask, half, one = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(1)
    a, b, by = np.uint64(factor), np.uint64(other), np.uint64(divisor)
    cross, crossed = (a & mask) * (b >> half), (a >> half) * (b & mask)
    lowest = (a & mask) * (b & mask)
    middle = (lowest >> half) + (cross & mask) + (crossed & mask)
    high = (a >> half) * (b >> half) + (cross >> half) + (crossed >> half) + (middle >> half)
    low = (middle << half) | (lowest & mask)
    if high == np.uint64(0):
        return int(np.int64(low // by)), int(np.int64(low % by))
    rest, quotient = high, np.uint64(0)  # high < divisor, since the quotient fits
    for _ in range(64):
        rest = (rest << one) | (low >> np.uint64(63))
        low <<= one
        quotient <<= one
        if rest >= by:
            rest -= by
            quotient |= one
    return int(np.int64(quotient)), int(np.int64(rest))


@kernel
def share(total: int, weights: Int64, whole: int, count: int, parts: Int64, spare: Int64) -> None:
    """Write into `parts` the first `count` weights' shares of `total`: integers that sum to it.

    The weights are >= 0 and sum to `whole`, and total <= whole or each weight <= whole. Each share is its exact value
    rounded down or up; units left over go to the largest remainders, the first of equals. `spare` is scratch of twice
    the room. O(count).
    """
    left = total
    for i in range(count):
        parts[i] = 0
        if weights[i] > 0 and total > 0:
            parts[i], spare[i] = divided(weights[i], total, whole)
            left -= parts[i]
        else:
            spare[i] = 0
    if left <= 0:
        return
    edge = _largest(spare, count, left)
    above = left
    for i in range(count):
        if spare[i] > edge:
            parts[i] += 1
            above -= 1
    for i in range(count):
        if above > 0 and spare[i] == edge:
            parts[i] += 1
            above -= 1


@kernel
def _largest(spare: Int64, count: int, nth: int) -> int:
    """The n-th largest of `spare[:count]`; works on a copy behind it."""
    if count == 2:
        return int(max(spare[0], spare[1]))  # of two, one unit at most is left over
    for i in range(count):
        spare[count + i] = spare[i]
    low, high, place = count, 2 * count - 1, count + nth - 1
    while low < high:
        pivot = spare[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while spare[i] > pivot:
                i += 1
            while spare[j] < pivot:
                j -= 1
            if i <= j:
                spare[i], spare[j] = spare[j], spare[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            break
    return int(spare[place])
