"""Where findings are stored: the tables that detection fills, all or none."""

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

    def write(self, db: Database) -> None:
        """Replace the tables, in one transaction."""
        with db.transaction():
            for field in fields(self):
                frame: pl.DataFrame = getattr(self, field.name)
                with db.lend("finding", frame.to_arrow(compat_level=pl.CompatLevel.newest())):
                    db.run(field.name, f"CREATE OR REPLACE TABLE {quoted(field.name)} AS SELECT * FROM finding")
            db.run("ring names", """
                CREATE OR REPLACE TABLE ring_names AS SELECT account_id, ring_id FROM ring_members WHERE works
            """)  # fmt: skip


TABLES = tuple(field.name for field in fields(Findings))


def earlier_workers(db: Database) -> pl.DataFrame:
    """`account_id, ring_id` of whoever worked in a ring when detection last ran; empty if it never did."""
    empty = pl.DataFrame(schema={"account_id": pl.String, "ring_id": pl.String})
    if not db.rows("SELECT 1 FROM information_schema.tables WHERE table_name = 'ring_names'"):
        return empty
    found = pl.from_arrow(db.arrow("SELECT account_id, ring_id FROM ring_names ORDER BY ring_id, account_id"))
    return found if isinstance(found, pl.DataFrame) else empty
