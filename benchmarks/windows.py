"""Account windows: 24 h sums and counts against DuckDB and Polars, and the speed of the full summary.

All start from rows in order of time. Ours counts different payers and payees as well.
"""

import os
from functools import partial

os.environ["POLARS_MAX_THREADS"] = "1"

import duckdb
import numpy as np
import polars as pl

from duanka.flow.ledger import Ledger
from duanka.flow.lineage import lineage
from duanka.flow.windows import DAY, Flows, rolling, summarise
from ledgers import heavy, hub
from measure import arguments, best, row, turns

TARGET = 0.5
"""Million payments per CPU second for three windows, the whole period and dwell."""

FIELDS = ["in_sum", "in_count", "out_sum", "out_count"]


def parts(ledger: Ledger) -> pl.DataFrame:
    """Each row seen from both sides, in order of time: id is 2 * row + side (0 payer, 1 payee)."""
    rows = np.arange(len(ledger))
    paid = pl.DataFrame({"id": 2 * rows, "node": ledger.payer, "t": ledger.time, "paid": ledger.amount})
    got = pl.DataFrame({"id": 2 * rows + 1, "node": ledger.payee, "t": ledger.time, "got": ledger.received})
    both = pl.concat([paid, got], how="diagonal").sort("id")
    return both.with_columns(pl.col("t").cast(pl.Datetime("us")))


def by_duckdb(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """RANGE is closed on both sides, so it begins 1 µs after the open edge."""
    found: pl.DataFrame = con.sql(
        f"""
        SELECT id, coalesce(sum(got) OVER w, 0)::BIGINT AS in_sum, count(got) OVER w AS in_count,
               coalesce(sum(paid) OVER w, 0)::BIGINT AS out_sum, count(paid) OVER w AS out_count
        FROM parts
        WINDOW w AS (PARTITION BY node ORDER BY t
                     RANGE BETWEEN INTERVAL {DAY - 1} MICROSECONDS PRECEDING AND CURRENT ROW)
        """
    ).pl()
    return found


def by_polars(table: pl.DataFrame) -> pl.DataFrame:
    """Rolling frames over the sorted table, which is faster here than over groups; the result keeps its order."""
    return (
        table.sort("node", "t")
        .rolling("t", period="24h", closed="right", group_by="node")
        .agg(
            in_sum=pl.col("got").sum(),
            in_count=pl.col("got").count(),
            out_sum=pl.col("paid").sum(),
            out_count=pl.col("paid").count(),
        )
    )


def expect_equal(flows: Flows, other: pl.DataFrame, ids: pl.Series, name: str) -> None:
    """All four columns agree, part by part."""
    at = ids.to_numpy()
    for field in FIELDS:
        ours = getattr(flows, field).reshape(-1)[at]
        if not np.array_equal(ours, other[field].to_numpy()):
            raise AssertionError(f"{field} differs from {name}'s")


def main() -> None:
    chosen = arguments(__doc__)
    small = heavy(1_000, 100)
    rolling(small, DAY)  # compiles
    summarise(small, lineage(small))
    size = f"{chosen.rows:,} payments, {chosen.nodes:,} accounts"
    ledger = heavy(chosen.rows, chosen.nodes)
    table = parts(ledger)
    con = duckdb.connect(config={"threads": 1})
    con.register("frame", table.to_arrow())
    con.execute("CREATE TABLE parts AS FROM frame")
    flows = rolling(ledger, DAY)
    found = by_duckdb(con)
    expect_equal(flows, found, found["id"], "DuckDB")
    found = by_polars(table)
    expect_equal(flows, found, table.sort("node", "t", "id")["id"], "Polars")
    del flows, found
    name = f"24 h sums and counts per account, {size}, heavy-tailed"
    for claim, work in (("≤ 0.5 × DuckDB", partial(by_duckdb, con)), ("≤ 1 × Polars", partial(by_polars, table))):
        ratio, ours, theirs = turns(partial(rolling, ledger, DAY), work, chosen.runs)
        row(f"{name}, equal results", claim, ratio, f"{ours:.2f} s", f"{theirs:.2f} s")
    con.close()
    for shape, make in (("heavy-tailed", heavy), ("one in half of all rows", hub)):
        ledger = make(chosen.rows, chosen.nodes)
        seconds = best(partial(summarise, ledger, lineage(ledger)), chosen.runs)
        speed = chosen.rows / seconds / 1e6
        name = f"1 h, 24 h, 7 d, whole period and dwell, {size}, {shape}"
        row(name, f"≥ {TARGET} M payments/s", speed / TARGET, f"{speed:.2f} M/s ({seconds:.2f} s)", f"{TARGET} M/s")


if __name__ == "__main__":
    main()
