"""Where findings are stored: the tables that detection fills, all or none."""

from contextlib import nullcontext
from dataclasses import dataclass, fields

import polars as pl

from duanka.store.database import Database, quoted


@dataclass(frozen=True, slots=True)
class Findings:
    """One frame per table; see the contracts in the reference of tables."""

    account_risk: pl.DataFrame  # account_id, score, rank, reasons
    transaction_risk: pl.DataFrame  # row_id, score
    rings: pl.DataFrame  # ring_id, score, accounts, inflow, outflow, commission…, first_seen, last_seen
    ring_members: pl.DataFrame  # ring_id, account_id, tier, tier_confidence, role, role_confidence, works
    ring_rows: pl.DataFrame  # ring_id, row_id, strength
    signals: pl.DataFrame  # account_id, code, value, strength, rows, text_zh, text_en
    signal_gaps: pl.DataFrame  # code, missing
    typology_hits: pl.DataFrame  # account_id, code, version, mode, strength, values, rows, text_zh, text_en
    detection: pl.DataFrame  # one row, see `store.detection`

    def write(self, db: Database, *, present: bool) -> None:
        """Replace the tables, in one transaction.

        Names of rings are kept for later runs, also through an import: those of a `present` run in place of all others.
        A run as of an earlier moment names only accounts that have no name yet, so that it takes none away.
        """
        with db.transaction():
            for field in fields(self):
                frame: pl.DataFrame = getattr(self, field.name)
                rows_only = field.name == "transaction_risk"
                with (
                    db.without_search() if rows_only else nullcontext(),
                    db.lend("finding", frame.to_arrow(compat_level=pl.CompatLevel.newest())),
                ):
                    db.run(field.name, f"CREATE OR REPLACE TABLE {quoted(field.name)} AS SELECT * FROM finding")
            db.run("ring names", "CREATE TABLE IF NOT EXISTS ring_names (account_id VARCHAR, ring_id VARCHAR)")
            if present:
                db.run("forget names", "DELETE FROM ring_names")
            db.run(
                "name rings",
                """
                INSERT INTO ring_names SELECT account_id, ring_id FROM ring_members m
                WHERE works AND NOT EXISTS (FROM ring_names n WHERE n.account_id = m.account_id)
            """,
            )


TABLES = tuple(field.name for field in fields(Findings))


def earlier_workers(db: Database) -> pl.DataFrame:
    """`account_id, ring_id` of whoever worked in a ring when detection ran, see `Findings.write`; empty if it never did."""
    empty = pl.DataFrame(schema={"account_id": pl.String, "ring_id": pl.String})
    if not db.rows("SELECT 1 FROM information_schema.tables WHERE table_name = 'ring_names'"):
        return empty
    found = pl.from_arrow(db.arrow("SELECT account_id, ring_id FROM ring_names ORDER BY ring_id, account_id"))
    return found if isinstance(found, pl.DataFrame) else empty
