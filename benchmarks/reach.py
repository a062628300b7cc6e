"""Reach: what 100 rows lead to in six hops, against DuckDB on the same rows.

DuckDB gets the fastest way found: one join per hop of the payments with the accounts that were reached earlier than
before, each payment found once.
"""

from functools import partial

import duckdb
import numpy as np
import polars as pl

from duanka.flow.index import index
from duanka.flow.ledger import Int64
from duanka.flow.reach import forward
from ledgers import SEED, heavy
from measure import arguments, row, turns

SEEDS = 100
HOPS = 6


def by_duckdb(con: duckdb.DuckDBPyConnection) -> tuple[Int64, Int64]:
    """Rows and hops, by row. `best`: earliest arrival per account; `fresh`: those that the last hop improved."""
    con.execute("CREATE OR REPLACE TEMP TABLE found AS SELECT row, 0 AS hop FROM seeds")
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE fresh AS
        SELECT payee AS node, min(row) AS row, 9223372036854775807 AS until
        FROM payments JOIN seeds USING (row) GROUP BY payee
        """
    )
    con.execute("CREATE OR REPLACE TEMP TABLE best AS SELECT node, row FROM fresh")
    for hop in range(1, HOPS + 1):
        con.execute(
            """
            CREATE OR REPLACE TEMP TABLE step AS
            SELECT p.row, p.payee FROM payments p JOIN fresh f ON p.payer = f.node
            WHERE p.row > f.row AND p.row <= f.until AND p.row NOT IN (SELECT row FROM seeds)
            """
        )
        con.execute("INSERT INTO found SELECT row, ? FROM step", [hop])
        con.execute(
            """
            CREATE OR REPLACE TEMP TABLE fresh AS
            SELECT s.node, s.row, coalesce(b.row, 9223372036854775807) AS until
            FROM (SELECT payee AS node, min(row) AS row FROM step GROUP BY payee) s LEFT JOIN best b USING (node)
            WHERE b.row IS NULL OR s.row < b.row
            """
        )
        con.execute(
            """
            CREATE OR REPLACE TEMP TABLE best AS
            SELECT node, min(row) AS row FROM (FROM best UNION ALL SELECT node, row FROM fresh) GROUP BY node
            """
        )
    found = con.sql("FROM found ORDER BY row").to_arrow_table()
    return found["row"].to_numpy(), found["hop"].to_numpy()


def main() -> None:
    chosen = arguments(__doc__)
    small = heavy(1_000, 100)
    forward(small, np.arange(3), 2)  # compiles
    ledger = heavy(chosen.rows, chosen.nodes)
    seeds = np.sort(np.random.default_rng(SEED).choice(chosen.rows, SEEDS, replace=False))
    con = duckdb.connect(config={"threads": 1})
    for name, frame in (
        ("payments", pl.DataFrame({"row": np.arange(len(ledger)), "payer": ledger.payer, "payee": ledger.payee})),
        ("seeds", pl.DataFrame({"row": seeds})),
    ):
        con.register("frame", frame.to_arrow())
        con.execute(f"CREATE TABLE {name} AS FROM frame")
        con.unregister("frame")
    built = index(ledger)
    ours = forward(ledger, seeds, HOPS, index=built)
    rows, hops = by_duckdb(con)
    if not (np.array_equal(ours.row, rows) and np.array_equal(ours.hop, hops)):
        raise AssertionError("reach differs from DuckDB's")
    name = f"{HOPS} hops from {SEEDS} of {chosen.rows:,} payments ({len(ours):,} reached), equal results"
    for claim, what, given in (
        ("≤ 0.4 × DuckDB", "no index", None),
        ("≤ 0.1 × DuckDB", "index at hand", built),
    ):
        work = partial(forward, ledger, seeds, HOPS, index=given)
        ratio, mine, theirs = turns(work, partial(by_duckdb, con), chosen.runs)
        row(f"{name}, {what}", claim, ratio, f"{mine:.3f} s", f"{theirs:.3f} s")


if __name__ == "__main__":
    main()
