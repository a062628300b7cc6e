"""Files on their way to the tables: their entries as a stream, all else when the stream has ended."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa

from duanka.sources.batch import ENTRY_SCHEMA, US_UTC, Batch
from duanka.store import schema

SOURCE_ID_LENGTH = 16
FURNITURE_KEPT = 1000
"""Lines of preamble and totals that are kept for a file, to be looked at; all of them are in the original."""

_ENTRIES = {**ENTRY_SCHEMA, "source_id": pl.String, "entry": pl.Int64}


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.newest())


ENTRIES: pa.Schema = _arrow(pl.DataFrame(schema=_ENTRIES)).schema
"""Columns of the stream of entries."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An original on its way in."""

    path: str  # as the user would name it: archive members are archive/member
    sha256: str
    size: int
    format: str
    institution: str
    encoding: str
    full_book: bool
    options: str  # what else decided how it was read: mapping, own account
    unknown_sheets: tuple[str, ...] = ()

    @property
    def source_id(self) -> str:
        """The first 16 hexadecimal digits of the hash of the file."""
        return self.sha256[:SOURCE_ID_LENGTH]


class Reading:
    """The files of one transaction; their entries are numbered from `first`."""

    def __init__(self, first: int, advance: Callable[[int], None]) -> None:
        self.files: list[SourceFile] = []
        self._next, self._advance = first, advance
        self._frames: dict[str, list[pl.DataFrame]] = {}

    def entries(self, files: Iterable[tuple[SourceFile, Iterable[Batch]]]) -> Iterator[pa.RecordBatch]:
        """The entries of all files, as `ENTRIES`; what else they hold is kept for `tables`."""
        for file, batches in files:
            self.files.append(file)
            rows = rejected = 0
            furniture: list[tuple[int, str]] = []
            warnings: set[str] = set()
            for batch in batches:
                yield from self._entries(file.source_id, batch)
                self._keep(file.source_id, batch)
                rows += batch.rows
                rejected += batch.rejects.height
                furniture += batch.furniture[: max(0, FURNITURE_KEPT - len(furniture))]
                warnings.update(batch.warnings)
                self._advance(batch.rows)
            self._frames.setdefault("sources", []).append(_source(file, rows, rejected, furniture, warnings))

    def _entries(self, source_id: str, batch: Batch) -> Iterator[pa.RecordBatch]:
        """With the number that names each for good: DuckDB's own row numbers may change."""
        first = self._next
        self._next += batch.entries.height
        numbers = pl.int_range(first, self._next, dtype=pl.Int64)
        frame = batch.entries.with_columns(source_id=pl.lit(source_id), entry=numbers).select(*_ENTRIES)
        yield from _arrow(frame).to_batches()

    def _keep(self, source_id: str, batch: Batch) -> None:
        tables = {"rejects": batch.rejects, "labels": batch.labels, "periods": batch.periods}
        tables |= {schema.raw_table(kind): frame for kind, frame in batch.records.items()}
        for name, frame in tables.items():
            if frame.height:
                self._frames.setdefault(name, []).append(frame.with_columns(source_id=pl.lit(source_id)))

    def tables(self) -> dict[str, pa.Table]:
        """All other rows, by table, once the stream has ended."""
        return {name: _arrow(pl.concat(frames)) for name, frames in self._frames.items()}


def _source(
    file: SourceFile, rows: int, rejected: int, furniture: list[tuple[int, str]], warnings: set[str]
) -> pl.DataFrame:
    row = {
        "source_id": file.source_id, "sha256": file.sha256, "path": file.path, "size": file.size,
        "format": file.format, "institution": file.institution, "encoding": file.encoding,
        "full_book": file.full_book, "rows": rows, "rejected": rejected,
        "furniture": json.dumps(furniture, ensure_ascii=False),
        "warnings": json.dumps(sorted(warnings), ensure_ascii=False), "options": file.options,
        "unknown_sheets": json.dumps(file.unknown_sheets, ensure_ascii=False), "imported_at": datetime.now(UTC),
    }  # fmt: skip
    return pl.DataFrame([row], schema_overrides={"imported_at": US_UTC})
