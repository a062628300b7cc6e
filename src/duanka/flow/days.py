"""Days: what each account had on each day with rows."""

from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import Bool, Int32, Int64
from duanka.flow.partners import Rows
from duanka.kernels.compile import kernel


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
    account = np.repeat(np.arange(len(rows.starts) - 1, dtype=np.int32), np.diff(rows.starts))
    order = np.arange(len(account))
    if np.any((rows.day[1:] < rows.day[:-1]) & (account[1:] == account[:-1])):
        order = np.lexsort((rows.day, account))
    new = np.ones(len(account), np.bool_)
    day = rows.day[order]
    new[1:] = (day[1:] != day[:-1]) | (account[1:] != account[:-1])
    first = np.flatnonzero(new)
    account, day = account[first], day[first]
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


@kernel
def _sum(rows: Rows, order: Int64, new: Bool, hour: Int32, marks: Bool, days: Days) -> None:
    """Sum up the rows, in `order`; a day begins where `new` says."""
    at = -1
    for place in range(len(order)):
        row = order[place]
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
