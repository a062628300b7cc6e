"""Days: what each account had on each day with rows."""

from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import Bool, Int32, Int64
from duanka.flow.partners import Rows
from duanka.kernels.compile import kernel

_WEEK = 7


class Days(NamedTuple):
    """d days with rows; those of an account stand together, in order."""

    account: Int32
    day: Int32
    received: Int64
    paid: Int64
    marked: Int64  # (d, m): paid in rows with each of m marks
    hours: Int32  # those with rows whose hour is known, as bits
    gap: Int32  # days since the account's last day with rows, 0 for its first
    before: Int64  # received on the day before


def days(rows: Rows, hour: Int32, marks: Bool) -> Days:
    """Sum up each account's days. `hour` is negative where it is not known; `marks` is (rows, m).

    O(rows + accounts); an account's days that don't follow its order, since a zone put its clock back, are sorted.
    """
    begins = np.zeros(len(rows.day), np.bool_)
    begins[rows.starts[:-1][np.diff(rows.starts) > 0]] = True
    order, day = np.zeros(0, np.int64), rows.day
    if np.any((day[1:] < day[:-1]) & ~begins[1:]):
        order = np.lexsort((day, np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))))
        day = day[order]
    new = begins
    new[1:] |= day[1:] != day[:-1]
    first = np.flatnonzero(new)
    account, day = (np.searchsorted(rows.starts, first, "right") - 1).astype(np.int32), day[first]
    same = np.diff(account, prepend=np.int32(-1)) == 0
    gap = np.where(same, np.diff(day, prepend=np.int32(0)), np.int32(0))
    size = len(first)
    found = Days(
        account=account, day=day, received=np.zeros(size, np.int64), paid=np.zeros(size, np.int64),
        marked=np.zeros((size, marks.shape[1]), np.int64), hours=np.zeros(size, np.int32), gap=gap,
        before=np.zeros(size, np.int64),
    )  # fmt: skip
    _sum(rows, order, new, hour, marks, found)
    return found


def hours_of_week(days: Days, accounts: int) -> Int64:
    """Of each account the most different hours with rows in a calendar week, Monday to Sunday. O(days)."""
    week = (days.day + 3) // _WEEK  # day 0 is a Thursday
    first = np.flatnonzero((np.diff(days.account, prepend=-1) != 0) | (np.diff(week, prepend=0) != 0))
    hours = np.bitwise_count(np.bitwise_or.reduceat(days.hours, first)) if len(first) else np.zeros(0, np.uint8)
    most = np.zeros(accounts, np.int64)
    np.maximum.at(most, days.account[first], hours.astype(np.int64))
    return most


@kernel
def _sum(rows: Rows, order: Int64, new: Bool, hour: Int32, marks: Bool, days: Days) -> None:
    """Sum up the rows, in `order`, or as they stand if it is empty; a day begins where `new` says."""
    at = -1
    for place in range(len(new)):
        row = order[place] if len(order) else place
        if new[place]:
            at += 1
            if days.gap[at] == 1:
                days.before[at] = days.received[at - 1]
        amount = rows.amount[row]
        if rows.paid[row]:
            days.paid[at] += amount
            for mark in range(marks.shape[1]):
                if marks[row, mark]:
                    days.marked[at, mark] += amount
        else:
            days.received[at] += amount
        if hour[row] >= 0:
            days.hours[at] |= 1 << hour[row]
