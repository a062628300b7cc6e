"""What a rival sees of a case: the payments that moved money, with accounts as node numbers. Nothing of the truth."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from duanka.records.vocabulary import MOVED
from duanka.store.database import Database

_MOVED = ", ".join(f"'{status.value}'" for status in sorted(MOVED))
_NODES = f"""
    WITH moved AS (SELECT * FROM transactions WHERE status IN ({_MOVED})),
    nodes AS (
        SELECT account_id, (row_number() OVER (ORDER BY account_id) - 1)::INTEGER AS node
        FROM (SELECT payer AS account_id FROM moved UNION SELECT payee FROM moved) WHERE account_id IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Payments in the order of what they say: neither the files' order nor any serial is left in them."""

    accounts: pl.Series  # account ids, sorted; the place of one is its node number
    rows: pl.DataFrame  # time (µs), payer, payee (node; -1 = nobody), amount (minor units), day, hour (null = unknown)

    def __len__(self) -> int:
        return len(self.accounts)


def account_ids(case: Path) -> pl.Series:
    """Accounts that moved money, sorted."""
    with Database(case / "case.duckdb", read_only=True) as db:
        return pl.DataFrame(db.arrow(f"{_NODES} SELECT account_id FROM nodes ORDER BY node"))["account_id"]


def read(case: Path) -> Evidence:
    """Read the ledger of a case. O(rows log rows)."""
    with Database(case / "case.duckdb", read_only=True) as db:
        accounts = pl.DataFrame(db.arrow(f"{_NODES} SELECT account_id FROM nodes ORDER BY node"))["account_id"]
        found = db.arrow(f"""
            {_NODES}
            SELECT epoch_us(least(t.time, coalesce(t.time_other, t.time))) AS time, t.zone,
                   t.time_precision = 'day' AS dated, coalesce(p.node, -1)::INTEGER AS payer,
                   coalesce(q.node, -1)::INTEGER AS payee, t.amount
            FROM moved t LEFT JOIN nodes p ON t.payer = p.account_id LEFT JOIN nodes q ON t.payee = q.account_id
        """)
    return Evidence(accounts, local(pl.DataFrame(found)).sort("time", "payer", "payee", "amount"))


def local(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the day, and the hour of the day, by the clock of the source. Only the day is known of `dated` ones."""
    stamp = pl.from_epoch("time", time_unit="us").dt.replace_time_zone("UTC")
    clocks = pl.lit(None, dtype=pl.Datetime("us"))
    for zone in rows["zone"].unique().drop_nulls().sort().to_list():
        there = stamp.dt.convert_time_zone(zone).dt.replace_time_zone(None)
        clocks = pl.when(pl.col("zone") == zone).then(there).otherwise(clocks)
    rows = rows.with_columns(clock=pl.coalesce(clocks, stamp.dt.replace_time_zone(None)))
    hour = pl.when(~pl.col("dated")).then(pl.col("clock").dt.hour())
    return rows.select("time", "payer", "payee", "amount", day=pl.col("clock").dt.date(), hour=hour)
