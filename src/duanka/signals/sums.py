"""Sums of `sides` by account, by partner and by day, as Arrow, in the order of accounts."""

import numpy as np
import pyarrow as pa

from duanka.flow.days import days as by_day
from duanka.flow.days import hours_of_week
from duanka.flow.ledger import Bool, Int32
from duanka.flow.partners import partners
from duanka.flow.tally import tally
from duanka.signals.amounts import KINDS
from duanka.signals.sides import Heads, Sides


def pairs(sides: Sides, heads: Heads) -> tuple[pa.Table, Bool]:
    """`pairs`: of an account, a partner (known, and not itself) and a way what there was between them.

    `a, other, way, n, total`; `least` (units) of its amounts; `first_day`, and `first_least` (units) of that day;
    `mutual`: the other way there is something, too; `payers`: accounts that pay the partner, if this one does;
    `refilled`: times that, between a row and the next, the account received half of the row's amount or more, and no
    more than it. Also, of each row of `sides`, whether its pair is `mutual`.
    """
    found, pair = partners(sides.rows)
    unit = heads.units()[found.account]
    payers = np.bincount(found.other[found.paid], minlength=int(found.other.max(initial=0)) + 1)
    table = pa.table({
        "a": found.account, "other": found.other, "way": np.where(found.paid, np.int8(-1), np.int8(1)), "n": found.rows,
        "total": found.total, "least": found.least / unit,
        "first_day": pa.array(found.first_day).cast(pa.date32()), "first_least": found.first_least / unit,
        "mutual": found.mutual, "refilled": found.refilled,
        "payers": np.where(found.paid, payers[found.other], 0).astype(np.int32),
    })  # fmt: skip
    return table, np.append(found.mutual, False)[pair]


def hours(sides: Sides) -> Int32:
    """Of each row its hour where that is known, else -1."""
    table = sides.table
    return np.where(table["fine"].to_numpy(), table["hour"].to_numpy(), np.int8(-1)).astype(np.int32)


def accounts(sides: Sides, heads: Heads, hour: Int32, week_hours: np.ndarray) -> pa.Table:
    """Of each account: what of `acc` follows from its rows alone."""
    found = tally(sides.rows, hour, heads.units(), KINDS)
    starts = sides.rows.starts
    count = np.diff(starts)
    return pa.table({
        "a": np.arange(len(count), dtype=np.int32), "n": count, "n_in": found.receipts, "n_out": count - found.receipts,
        "got": found.received, "paid": found.paid, "first": found.first, "last": found.last,
        "last_day": pa.array(found.last_day).cast(pa.date32()),
        "own": np.logical_or.reduceat(sides.table["own"].to_numpy(), starts[:-1]),
        "n_timed": found.timed, "n_night": found.night, "n_round": found.round, "n_tailed": found.tailed,
        "n_near": found.near, "n_small": found.small, "week_hours": week_hours,
    })  # fmt: skip


def days(sides: Sides, hour: Int32) -> tuple[pa.Table, np.ndarray]:
    """`days`: of an account and a day with rows what there was; also the most hours of a week, by account.

    `a, day, got, paid`; of what was paid `cash` and `gold`; `gap`: days since the last day with rows, null for the first;
    `before`: what was received on the day before.
    """
    table = sides.table
    found = by_day(sides.rows, hour, np.stack([table[mark].to_numpy() for mark in ("cash", "gold")], axis=1))
    return pa.table({
        "a": found.account, "day": pa.array(found.day).cast(pa.date32()), "got": found.received, "paid": found.paid,
        "cash": np.ascontiguousarray(found.marked[:, 0]), "gold": np.ascontiguousarray(found.marked[:, 1]),
        "gap": pa.array(found.gap, mask=found.gap == 0), "before": found.before,
    }), hours_of_week(found, len(sides.rows.starts) - 1)  # fmt: skip
