"""The tables of a case file. What is imported is kept apart from what is derived from it, which can be made anew."""

import polars as pl
import pyarrow as pa

from duanka.records.schemas import TABLES
from duanka.records.vocabulary import RecordKind
from duanka.sources.batch import ENTRY_SCHEMA
from duanka.sources.record_rows import EXTRAS
from duanka.store.database import Database, quoted

VERSION = 1

_POLARS = {pl.Int64: "BIGINT", pl.Int8: "TINYINT", pl.String: "VARCHAR"}


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMPTZ"
    if pa.types.is_date(kind):
        return "DATE"
    return "BIGINT" if pa.types.is_integer(kind) else "VARCHAR"


def raw_table(kind: RecordKind) -> str:
    """Name of the table that holds a kind of record as imported."""
    return "entries" if kind is RecordKind.TRANSACTION else f"raw_{kind.value}"


def _raw_columns(kind: RecordKind) -> str:
    schema = TABLES[kind.value]
    columns = [f"{quoted(field.name)} {_sql_type(field.type)}" for field in schema]
    columns += [f"{quoted(name)} VARCHAR" for name in EXTRAS.get(kind, ())]
    return ", ".join(columns)


def create(db: Database) -> None:
    """Create what is missing; idempotent."""
    entry = ", ".join(f"{quoted(name)} {_POLARS.get(kind, 'TIMESTAMPTZ')}" for name, kind in ENTRY_SCHEMA.items())  # type: ignore[arg-type]  # classes are the keys
    statements = [
        "CREATE TABLE IF NOT EXISTS meta (key VARCHAR PRIMARY KEY, value VARCHAR)",
        """CREATE TABLE IF NOT EXISTS sources (
            source_id VARCHAR PRIMARY KEY, sha256 VARCHAR, path VARCHAR, size BIGINT, format VARCHAR,
            institution VARCHAR, encoding VARCHAR, full_book BOOLEAN, rows BIGINT, rejected BIGINT,
            furniture VARCHAR, warnings VARCHAR, options VARCHAR, unknown_sheets VARCHAR, imported_at TIMESTAMPTZ)""",
        f"CREATE TABLE IF NOT EXISTS entries (entry BIGINT, source_id VARCHAR, {entry})",
        """CREATE TABLE IF NOT EXISTS rejects (
            source_id VARCHAR, source_row BIGINT, code VARCHAR, detail VARCHAR, raw VARCHAR)""",
        """CREATE TABLE IF NOT EXISTS labels (
            source_id VARCHAR, source_row BIGINT, subject VARCHAR, subject_id VARCHAR, name VARCHAR, value VARCHAR)""",
        """CREATE TABLE IF NOT EXISTS periods (
            source_id VARCHAR, account VARCHAR, "from" TIMESTAMPTZ, "to" TIMESTAMPTZ,
            opening BIGINT, closing BIGINT, currency VARCHAR)""",
        """CREATE TABLE IF NOT EXISTS unknown_files (
            path VARCHAR PRIMARY KEY, sha256 VARCHAR, size BIGINT, reason VARCHAR, tried VARCHAR)""",
        """CREATE TABLE IF NOT EXISTS kept_apart (
            source_id VARCHAR, source_row BIGINT, noted_at TIMESTAMPTZ, PRIMARY KEY (source_id, source_row))""",
    ]
    statements += [
        f"CREATE TABLE IF NOT EXISTS {quoted(raw_table(kind))} (source_id VARCHAR, source_row BIGINT, {_raw_columns(kind)})"
        for kind in RecordKind
        if kind is not RecordKind.TRANSACTION
    ]
    for statement in statements:
        db.run("create", statement)
    db.run("version", "INSERT OR IGNORE INTO meta VALUES ('schema', ?)", [str(VERSION)])
