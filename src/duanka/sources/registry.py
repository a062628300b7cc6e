"""The formats that Duanka knows. Adding one is adding one module to `sources/formats/`.

A module there gives either `FORMATS` (a tuple of `TableFormat`; with an optional `adapt`), or `READERS` (a tuple of
objects with the `Reader` protocol) for what is not a table. `WITHOUT_RECORDS` (pairs of header names and a reason)
names tables that are known to hold nothing to import.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from duanka.sources import formats as _formats
from duanka.sources.batch import Batch
from duanka.sources.formats import templates
from duanka.sources.opened import Opened, SourceError, Table
from duanka.sources.spec import TableFormat
from duanka.sources.table_reader import Adapt, Match, rank, read, recognise, tidy
from duanka.sources.text_table import DELIMITERS, TextTable
from duanka.sources.workbook import sheets

SHEET_ROWS = 10_000_000
"""Row 7 of the third recognised sheet of a workbook has source_row 2 · SHEET_ROWS + 7 (a sheet has ≤ 1,048,576)."""


class Reader(Protocol):
    """A format that is not a table."""

    name: str
    title_en: str
    title_zh: str
    documentation: str
    full_book: bool  # whether its rows are a whole book, both sides of every payment

    def recognises(self, opened: Opened) -> bool:
        """Whether this reader should read the file, from its first bytes alone."""

    def read(self, opened: Opened, *, own_account: str) -> Iterator[Batch]:
        """Batches; SourceError if the file as a whole can't be read."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What is to be read from a file."""

    format: str
    institution: str
    encoding: str
    batches: Iterator[Batch]
    full_book: bool
    unknown_sheets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A file that nothing recognises: what it is, and what was tried."""

    reason: str
    tried: tuple[str, ...] = field(default=())


@cache
def modules() -> tuple[object, ...]:
    """Every module of `formats`, by name."""
    names = sorted(info.name for info in pkgutil.iter_modules(_formats.__path__))
    return tuple(importlib.import_module(f"{_formats.__name__}.{name}") for name in names)


@cache
def table_formats() -> tuple[tuple[TableFormat, Adapt | None], ...]:
    """Every built-in tabular format with its own step."""
    return tuple(
        (spec, getattr(module, "adapt", None)) for module in modules() for spec in getattr(module, "FORMATS", ())
    )


@cache
def readers() -> tuple[Reader, ...]:
    """Every reader of what is not a table."""
    return tuple(reader for module in modules() for reader in getattr(module, "READERS", ()))


def open_source(opened: Opened, *, own_account: str, mappings: tuple[TableFormat, ...] = ()) -> Recognised | Unknown:
    """Recognise a file and prepare to read it; nothing beyond its head is read yet. User mappings come first."""
    kind = opened.kind
    if kind == "empty":
        return Unknown("empty")
    for reader in readers():
        if reader.recognises(opened):
            return Recognised(
                reader.name, "", "", reader.read(opened, own_account=own_account), full_book=reader.full_book
            )
    if kind in {"xml", "binary", "zip"}:
        return Unknown(kind, tuple(reader.name for reader in readers()))
    candidates: list[tuple[TableFormat, Adapt | None]] = [(spec, None) for spec in mappings]
    candidates += table_formats()
    return _open_tables(opened, candidates, own_account=own_account)


def find_tables(
    opened: Opened, candidates: list[tuple[TableFormat, Adapt | None]]
) -> tuple[list[tuple[Table, Match]], list[Table]]:
    """The tables of a file that one of the formats fits, each with the best; and the others."""
    jobs: list[tuple[Table, Match]] = []
    others: list[Table] = []
    for plain in _tables(opened):
        found = _best(plain, opened, candidates) or _otherwise_delimited(plain, opened, candidates)
        if found is None:
            others.append(plain)
        else:
            jobs.append(found)
    return jobs, others


def _open_tables(
    opened: Opened, candidates: list[tuple[TableFormat, Adapt | None]], *, own_account: str
) -> Recognised | Unknown:
    jobs, others = find_tables(opened, candidates)
    if not jobs:
        reason = next(filter(None, map(_without_records, others)), f"{opened.kind}: no known header")
        return Unknown(reason, tuple(spec.name for spec, _ in candidates))
    last = jobs[-1][0]
    encoding = last.encoding.name if isinstance(last, TextTable) else ""
    names = list(dict.fromkeys(match.spec.name for _, match in jobs))
    institution = next((match.spec.institution for _, match in jobs if match.spec.institution), "")
    full = any(match.spec.book == "full" for _, match in jobs)
    batches = _all(jobs, opened.name, own_account)
    unknown = tuple(table.label for table in others)
    return Recognised("+".join(names), institution, encoding, batches, full, unknown)


def _best(
    plain: Table, opened: Opened, candidates: list[tuple[TableFormat, Adapt | None]]
) -> tuple[Table, Match] | None:
    """The format that fits best, and the table as that format wants it: it may name its encoding and delimiter."""
    groups: dict[tuple[str, str], list[tuple[TableFormat, Adapt | None]]] = {}
    for spec, adapt in candidates:
        given = (spec.encoding, spec.delimiter) if isinstance(plain, TextTable) else ("", "")
        groups.setdefault(given, []).append((spec, adapt))
    found: list[tuple[Table, Match]] = []
    for (encoding, delimiter), group in groups.items():
        table: Table = plain
        if encoding or delimiter:
            table = TextTable(opened.path, encoding=opened.encoding_hint or encoding, delimiter=delimiter)
        matches = recognise(table.head, opened.name, group)
        found += [(table, m) for m in matches if not m.spec.sheet or re.search(m.spec.sheet, table.label)]
    return min(found, key=lambda pair: rank(pair[1]), default=None)


def _otherwise_delimited(
    plain: Table, opened: Opened, candidates: list[tuple[TableFormat, Adapt | None]]
) -> tuple[Table, Match] | None:
    """The same under the delimiters that did not look likely: a short file of ragged rows can mislead."""
    if not isinstance(plain, TextTable):
        return None
    others = [delimiter for delimiter in DELIMITERS if delimiter != plain.delimiter]
    tables = (TextTable(opened.path, encoding=opened.encoding_hint, delimiter=delimiter) for delimiter in others)
    return next((found for table in tables if (found := _best(table, opened, candidates)) is not None), None)


def _without_records(table: Table) -> str:
    """Why a table that is well known holds nothing to import; empty if it isn't known."""
    rows = [{tidy(cell) for cell in row} for row in table.head.cells]
    known = [entry for module in modules() for entry in getattr(module, "WITHOUT_RECORDS", ())]
    return next((reason for header, reason in known if any(header <= row for row in rows)), "")


def _tables(opened: Opened) -> list[Table]:
    if opened.kind == "text":
        return [TextTable(opened.path, encoding=opened.encoding_hint)]
    if opened.kind == "parquet":
        from duanka.sources.parquet_table import ParquetTable  # noqa: PLC0415 - rare

        return [ParquetTable(opened.path)]
    return list(sheets(opened.path, opened.kind))


def _all(jobs: list[tuple[Table, Match]], name: str, own_account: str) -> Iterator[Batch]:
    for order, (table, match) in enumerate(jobs):
        for batch in read(table, match, file_name=name, own_account=own_account):
            yield batch if order == 0 else batch.shifted(order * SHEET_ROWS)


def template(name: str) -> str:
    """The header line of one of our own CSV templates; ValueError names those that there are."""
    return templates.template(name)


def catalogue() -> list[dict[str, str]]:
    """Every format, by name: name, record, titles, documentation."""
    tables = [
        {"name": spec.name, "record": spec.record.value, "title_en": spec.title_en, "title_zh": spec.title_zh,
         "documentation": spec.documentation}
        for spec, _ in table_formats()
    ]  # fmt: skip
    others = [
        {"name": reader.name, "record": "transaction", "title_en": reader.title_en, "title_zh": reader.title_zh,
         "documentation": reader.documentation}
        for reader in readers()
    ]  # fmt: skip
    return sorted(tables + others, key=lambda one: one["name"])


__all__ = ["Reader", "Recognised", "SourceError", "Unknown", "open_source", "readers", "table_formats"]
