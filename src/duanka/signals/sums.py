"""Sums of `sides` by partner and by day, as Arrow, in the order of accounts."""

import numpy as np
import pyarrow as pa

from duanka.flow.days import days as by_day
from duanka.flow.partners import partners
from duanka.signals.sides import Heads, Sides


def pairs(sides: Sides, heads: Heads) -> pa.Table:
    """`pairs`: of an account, a partner (known, and not itself) and a way what there was between them.

    `a, other, way, n, total`; `least` (units) of its amounts; `first, last` (µs); `first_day`, and `first_least` (units) of
    that day; `mutual`: the other way there is something, too; `refilled`: times that, between a row and the next, the
    account received half of the row's amount or more, and no more than it.
    """
    found = partners(sides.rows)
    unit = heads.units()[found.account]
    return pa.table({
        "a": found.account, "other": found.other, "way": np.where(found.paid, np.int8(-1), np.int8(1)), "n": found.rows,
        "total": found.total, "least": found.least / unit, "first": found.first, "last": found.last,
        "first_day": pa.array(found.first_day).cast(pa.date32()), "first_least": found.first_least / unit,
        "mutual": found.mutual, "refilled": found.refilled,
    })  # fmt: skip


def days(sides: Sides) -> pa.Table:
    """`days`: of an account and a day with rows what there was.

    `a, day, got, paid`; of what was paid `cash` and `gold`; `hours`: those with rows where they are known, as bits;
    `gap`: days since the last day with rows, null for the first; `before`: what was received on the day before.
    """
    table = sides.table
    hour = np.where(table["fine"].to_numpy(), table["hour"].to_numpy(), np.int8(-1)).astype(np.int32)
    found = by_day(sides.rows, hour, np.stack([table[mark].to_numpy() for mark in ("cash", "gold")], axis=1))
    return pa.table({
        "a": found.account, "day": pa.array(found.day).cast(pa.date32()), "got": found.received, "paid": found.paid,
        "cash": np.ascontiguousarray(found.marked[:, 0]), "gold": np.ascontiguousarray(found.marked[:, 1]),
        "hours": found.hours, "gap": pa.array(found.gap, mask=found.gap == 0), "before": found.before,
    })  # fmt: skip
