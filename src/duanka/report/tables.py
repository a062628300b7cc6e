"""Export of whole tables to Parquet, CSV and XLSX: streamed, in a fixed order, and never half a file."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from duanka.report import cells
from duanka.report.errors import ReportError
from duanka.store.case import Case
from duanka.store.database import quoted
from duanka.store.findings import TABLES as FINDINGS

Format = Literal["parquet", "csv", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)

BATCH_ROWS = 50_000
"""Rows in memory at a time."""


@dataclass(frozen=True, slots=True)
class _Export:
    """A table as it leaves: the stored one, in the order of these columns (those that it has)."""

    stored: str
    order: tuple[str, ...]


_EXPORTS: dict[str, _Export] = {
    "transactions": _Export("transactions", ("time", "row_id")),
    "row_sources": _Export("row_sources", ("row_id", "source_id", "source_row")),
    "row_order": _Export("row_order", ("seq",)),
    "accounts": _Export("accounts", ("account_id",)),
    "aliases": _Export("aliases", ("alias", "account_id")),
    "parties": _Export("parties", ("party_id",)),
    "coverage": _Export("coverage", ("account_id",)),
    "rejects": _Export("rejects", ("source_id", "source_row", "code")),
    "labels": _Export("labels", ("source_id", "source_row", "subject", "subject_id", "name")),
    "lineage": _Export("lineage", ("out_row", "in_row", "amount")),
    "wanted": _Export("wanted", ("rank", "account_id", "currency")),
    "account_windows": _Export("account_windows", ("account_id", "currency")),
    "account_risk": _Export("account_risk", ("rank", "account_id")),
    "transaction_risk": _Export("transaction_risk", ("row_id",)),
    "rings": _Export("rings", ("ring_id",)),
    "ring_members": _Export("ring_members", ("ring_id", "account_id")),
    "ring_rows": _Export("ring_rows", ("ring_id", "row_id")),
    "signals": _Export("signals", ("account_id", "code")),
    "signal_gaps": _Export("signal_gaps", ("code", "missing")),
    "typology_hits": _Export("typology_hits", ("account_id", "code")),
    "detection": _Export("detection", ("detected_at",)),
    "merges": _Export("merges", ("row_id", "source_id", "source_row")),
    "sources": _Export("sources", ("path", "source_id")),
    "kept": _Export("kept", ("source_id",)),
    "unknown_files": _Export("unknown_files", ("path",)),
    "kept_apart": _Export("kept_apart", ("source_id", "source_row")),
    "periods": _Export("periods", ("source_id", "account", "from")),
    "sims": _Export("raw_sim", ("source_id", "source_row")),
    "devices": _Export("raw_device", ("source_id", "source_row")),
    "sessions": _Export("raw_session", ("source_id", "source_row")),
    "calls": _Export("raw_call", ("source_id", "source_row")),
    "reports": _Export("raw_report", ("source_id", "source_row")),
    "measures": _Export("raw_measure", ("source_id", "source_row")),
    "outlets": _Export("raw_outlet", ("source_id", "source_row")),
    "platform_orders": _Export("platform_orders", ("time", "platform", "order", "source_id", "source_row")),
    "platform_matches": _Export("platform_matches", ("order_time", "platform", "order", "source_id", "source_row")),
    "platform_rows": _Export("platform_rows", ("platform", "account_id", "time", "row_id", "side")),
    "platform_accounts": _Export("platform_accounts", ("platform", "account_id", "currency")),
    "platform_users": _Export("platform_users", ("platform", "user")),
    "platform_levels": _Export("platform_levels", ("platform", "role")),
    "platform_contradictions": _Export(
        "platform_contradictions", ("platform", "code", "user", "order", "source_id", "source_row")
    ),
    "platform_files": _Export("platform_files", ("path", "sheet", "role")),
    "platform_rejects": _Export("platform_rejects", ("source_id", "source_row", "code")),
}
TABLES: tuple[str, ...] = tuple(sorted(_EXPORTS))
"""Every table that can be exported."""


def export(case: Case, table: str, fmt: str, out: Path) -> int:
    """Write one table of the case to `out`, replacing it; returns the number of rows.

    Rows come in a fixed order, at most BATCH_ROWS of them are in memory, and `out` appears only when it is whole.
    Amounts stay minor units, times UTC. By format:

    - parquet: types and nested columns as stored, zstd;
    - csv: UTF-8 with a byte-order mark, so that Excel shows Chinese; times ISO 8601 with a Z; nested columns as JSON.
      Text that begins with = + - @, a tab or a carriage return and is no number gets a leading apostrophe, so that a
      spreadsheet does not run it as a formula. Excel itself cuts numbers of more than 15 digits: give it the XLSX;
    - xlsx: ids as text, times as real times that say UTC, nested columns as JSON, further sheets beyond 1,048,575
      rows. Excel holds milliseconds, 32,767 characters a cell, and integers exactly up to 2^53 (larger ones as text).

    Raises:
        ReportError: no such table or format, or the table has not been derived yet.
    """
    if fmt not in FORMATS:
        raise ReportError("export.no_format", format=repr(fmt), known=", ".join(FORMATS))
    schema = _schema(case, table)
    return write(_batches(case, table, schema), schema, fmt, out, sheet=table)


def read(case: Case, table: str) -> pl.DataFrame:
    """One table of the case as a frame, in the order in which `export` writes it.

    Raises:
        ReportError: as in `export`.
    """
    schema = _schema(case, table)
    found = pl.from_arrow(pa.Table.from_batches(_batches(case, table, schema), schema))
    assert isinstance(found, pl.DataFrame)  # noqa: S101 - a table is a frame
    return found


def _schema(case: Case, table: str) -> pa.Schema:
    """Columns of a table that is there."""
    if table not in _EXPORTS:
        raise ReportError("export.no_table", table=repr(table), known=", ".join(TABLES))
    if not case.table_exists(_EXPORTS[table].stored):
        if table in FINDINGS:
            raise ReportError("export.not_detected", table=repr(table), folder=case.folder)
        if table.startswith("platform_"):
            raise ReportError("export.not_reconciled", table=repr(table))
        raise ReportError("export.not_derived", table=repr(table))
    return case.db.arrow(f"SELECT * FROM {quoted(_EXPORTS[table].stored)} LIMIT 0").schema


def write(batches: Iterator[pa.RecordBatch], schema: pa.Schema, fmt: str, out: Path, *, sheet: str) -> int:
    """Write Arrow batches as `export` does."""
    with whole(out) as partial:
        return _WRITERS[fmt](batches, schema, partial, sheet)


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A path beside `out` to write to; it becomes `out` if the block ends well, else it is removed."""
    partial = out.with_name(f".{out.name}.{os.getpid()}.part")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield partial
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def _batches(case: Case, table: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    order = [quoted(name) for name in _EXPORTS[table].order if name in schema.names]
    by = f" ORDER BY {', '.join(f'{name} NULLS FIRST' for name in order)}" if order else ""
    return case.db.batches(f"SELECT * FROM {quoted(_EXPORTS[table].stored)}{by}", BATCH_ROWS)


def _parquet(batches: Iterator[pa.RecordBatch], schema: pa.Schema, path: Path, _sheet: str) -> int:
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _csv(batches: Iterator[pa.RecordBatch], schema: pa.Schema, path: Path, _sheet: str) -> int:
    rows = 0
    with path.open("wb") as stream:
        empty = pl.from_arrow(schema.empty_table())
        assert isinstance(empty, pl.DataFrame)  # noqa: S101 - a table is a frame
        cells.as_text(empty).write_csv(stream, include_bom=True)
        for batch in batches:
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)  # noqa: S101 - as above
            cells.as_text(frame).write_csv(stream, include_header=False)
            rows += batch.num_rows
    return rows


def _xlsx(batches: Iterator[pa.RecordBatch], schema: pa.Schema, path: Path, sheet: str) -> int:
    with cells.Workbook(path) as book:
        target = cells.Sheets(book, sheet, schema)
        for batch in batches:
            target.append(batch)
        return target.rows


_WRITERS: dict[str, Callable[[Iterator[pa.RecordBatch], pa.Schema, Path, str], int]] = {
    "parquet": _parquet,
    "csv": _csv,
    "xlsx": _xlsx,
}
