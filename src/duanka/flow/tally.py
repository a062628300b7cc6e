"""Tally: of each account how much, how often and when; and how many rows of a kind that amounts or hours tell."""

from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import Int32, Int64
from duanka.flow.partners import Rows
from duanka.flow.windows import Float64
from duanka.kernels.compile import kernel

ROUND = 1000
"""Units: multiples of it are round."""

EVENING, MORNING = 22, 6
"""Hours: from the one (closed) to the other (open) it is night."""


class Kinds(NamedTuple):
    """Which rows are counted; amounts in units, lower ends closed, upper ends open."""

    tails: Float64  # (k, 2): receipts within one of these, and not whole, have a tail
    limits: Float64  # (m, 2): rows within one of these are near a limit
    small: float  # receipts of at most this are small


class Tally(NamedTuple):
    """Of each of n accounts."""

    received: Int64  # minor units
    paid: Int64  # minor units
    receipts: Int64
    first: Int64  # µs, earliest moment
    last: Int64  # µs
    last_day: Int32
    timed: Int64  # rows whose hour is known
    night: Int64  # of these, at night
    round: Int64
    tailed: Int64
    near: Int64
    small: Int64


def tally(rows: Rows, hour: Int32, unit: Int64, kinds: Kinds) -> Tally:
    """Go over the rows once. `hour` is negative where it is not known; `unit` is minor units in a unit, by account.

    An account without rows has 0 everywhere. O(rows · kinds).
    """
    accounts = len(rows.starts) - 1
    empty = {name: np.zeros(accounts, np.int64) for name in Tally._fields if name != "last_day"}
    found = Tally(last_day=np.zeros(accounts, np.int32), **empty)
    _tally(rows, hour, unit, kinds, found)
    return found


@kernel
def _within(amount: float, ranges: Float64) -> bool:
    for one in range(len(ranges)):  # noqa: SIM110 - kernels know no generators
        if ranges[one, 0] <= amount < ranges[one, 1]:
            return True
    return False


@kernel
def _tally(rows: Rows, hour: Int32, unit: Int64, kinds: Kinds, found: Tally) -> None:
    for account in range(len(rows.starts) - 1):
        for row in range(rows.starts[account], rows.starts[account + 1]):
            if row == rows.starts[account]:
                found.first[account] = found.last[account] = rows.moment[row]
                found.last_day[account] = rows.day[row]
            found.first[account] = min(found.first[account], rows.moment[row])
            found.last[account] = max(found.last[account], rows.moment[row])
            found.last_day[account] = max(found.last_day[account], rows.day[row])
            amount = rows.amount[row] / unit[account]
            if rows.paid[row]:
                found.paid[account] += rows.amount[row]
            else:
                found.receipts[account] += 1
                found.received[account] += rows.amount[row]
                found.small[account] += amount <= kinds.small
                found.tailed[account] += _within(amount, kinds.tails) and np.floor(amount) != amount
            found.near[account] += _within(amount, kinds.limits)
            found.round[account] += amount > 0 and amount % ROUND == 0
            if hour[row] >= 0:
                found.timed[account] += 1
                found.night[account] += hour[row] >= EVENING or hour[row] < MORNING
