"""From imported rows to the ledger, as a whole and in one transaction.

Everything here is derived from what was imported and made anew, so late files, undone imports and rows kept apart
need no code of their own, and the order of import can't matter.
"""

from collections.abc import Callable

import pyarrow as pa

from duanka.records.schemas import TABLES
from duanka.records.vocabulary import RecordKind
from duanka.sources.record_rows import EXTRAS
from duanka.store import aliases, holders, merge
from duanka.store.database import Database, quoted
from duanka.store.findings import TABLES as FINDINGS
from duanka.store.platform import PLATFORM_TABLES
from duanka.store.schema import raw_table

_STEPS = (
    "resolved", "joined", "numbered", "pairs", "same_ledger", "booked_messages", "alias_pairs", "sided", "mentions",
)  # fmt: skip
"""Temporary tables of the steps, dropped at the end."""

Pairing = Callable[[pa.Table], tuple[pa.Array, pa.Array]]
"""Candidates of `merge.candidates` -> units of the payer's side and of the payee's side, pair by pair."""


DERIVED = ("lineage", "row_order", "ledger", "coverage", "wanted", "account_windows")
"""Tables that follow from the settled ones."""


def settle(db: Database, pairing: Pairing) -> None:
    """Make all derived tables of the ledger; nothing changes if it fails or is killed. O(rows log rows), spills."""
    with db.transaction():
        aliases.aliases(db)
        holders.mentions(db)
        merge.resolve(db)
        merge.units(db)
        payers, payees = pairing(merge.candidates(db))
        merge.ledger(db, payers, payees)
        holders.accounts(db)
        holders.parties(db)
        _kept(db)
        for table in (*DERIVED, *FINDINGS, *PLATFORM_TABLES):
            db.run(f"stale {table}", f"DROP TABLE IF EXISTS {quoted(table)}")
        db.run("settled", "INSERT OR REPLACE INTO meta VALUES ('settled', ?)", [fingerprint(db)])
        for table in _STEPS:
            db.run(f"drop {table}", f"DROP TABLE IF EXISTS {quoted(table)}")


RULES = 3
"""Version of the rules that merge rows and resolve accounts; raised with them, so that old cases are derived anew."""


def fingerprint(db: Database) -> str:
    """What the derived tables depend on: the rules, the imported sources and the rows kept apart."""
    rows = db.rows(f"""
        SELECT '{RULES}:' || md5(string_agg(x, ',' ORDER BY x)) FROM (
            SELECT source_id || options AS x FROM sources
            UNION ALL SELECT source_id || ':' || source_row FROM kept_apart)
    """)
    return str(rows[0][0])


def is_settled(db: Database) -> bool:
    """Whether the derived tables match what is imported; False after an import that was interrupted."""
    rows = db.rows("SELECT value FROM meta WHERE key = 'settled'")
    return bool(rows) and rows[0][0] == fingerprint(db)


def _kept(db: Database) -> None:
    """`kept (source_id, kept, merged)`: transactions by their first row, other records by equal content."""
    parts = [
        """
        SELECT source_id, true AS first, count(*) AS n FROM entries GROUP BY source_id
        UNION ALL SELECT source_id, true, -count(*) FROM merges GROUP BY source_id
        UNION ALL SELECT source_id, false, count(*) FROM merges GROUP BY source_id"""
    ]
    for kind in RecordKind:
        if kind is RecordKind.TRANSACTION:
            continue
        names = [*TABLES[kind.value].names, *EXTRAS.get(kind, ())]
        content = ", ".join(f"coalesce(t.{quoted(name)}::VARCHAR, '')" for name in names)
        parts.append(f"""
            SELECT t.source_id, row_number() OVER (
                PARTITION BY concat_ws(chr(31), {content}) ORDER BY k.rank, t.source_row) = 1, 1
            FROM {quoted(raw_table(kind))} t JOIN source_ranks k USING (source_id)""")
    union = " UNION ALL ".join(parts)
    db.run("kept", f"""
        CREATE OR REPLACE TABLE kept AS
        SELECT source_id, coalesce(sum(n) FILTER (first), 0)::BIGINT AS kept,
               coalesce(sum(n) FILTER (NOT first), 0)::BIGINT AS merged
        FROM ({union}) GROUP BY source_id
    """)  # fmt: skip
