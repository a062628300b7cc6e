"""An input file as the formats see it: its kind by its own bytes, its tables, and rows of them in bounded parts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

from duanka.messages.told import ToldError
from duanka.sources.batch import REJECT_SCHEMA
from duanka.sources.encoding import utf16_without_mark

Kind = Literal["text", "xlsx", "xls", "xml", "parquet", "zip", "empty", "binary"]

HEAD_BYTES = 1 << 18
HEAD_ROWS = 120
"""Rows in which a header is looked for: 24 preamble lines are known (Alipay); 120 leaves room."""


class SourceError(ToldError, ValueError):
    """A file that can't be read at all; the message says why and what to do. The import goes on with the next."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a table: strings, under the header's names (spaces removed), with their `line`; and what failed."""

    frame: pl.DataFrame  # column `line` Int64, then one String column per header cell
    rejects: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECT_SCHEMA))
    furniture: tuple[tuple[int, str], ...] = ()
    warnings: tuple[str, ...] = ()
    trimmed: frozenset[str] = frozenset()
    """Columns known to have no blanks around their texts, and null for empty ones."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first rows of a table: line number and cells, as found."""

    lines: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]


class Table(Protocol):
    """One table of a file: a text file with its delimiter, or a sheet of a workbook."""

    @property
    def label(self) -> str:
        """Name of the sheet; empty for a text file."""

    @property
    def head(self) -> Head:
        """The first rows."""

    def parts(self, header: int | None, names: tuple[str, ...]) -> Iterator[Part]:
        """Rows below the header (its index in `head`; None: no header), in parts of bounded size."""


@dataclass(frozen=True)
class Opened:
    """A file to be recognised. `name` is its name as given (inside an archive: archive/member)."""

    path: Path
    name: str
    encoding_hint: str = ""

    @cached_property
    def start(self) -> bytes:
        """The first bytes."""
        with self.path.open("rb") as stream:
            return stream.read(HEAD_BYTES)

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @cached_property
    def kind(self) -> Kind:
        """What the file is, from its bytes; names lie (`.xls` files are often text)."""
        return kind_of(self.start, self.path)


def kind_of(start: bytes, path: Path) -> Kind:  # noqa: PLR0911 - one return a kind
    """Kind of a file from its first bytes (and, for ZIP containers, its members)."""
    if not start.strip(b"\x00\xef\xbb\xbf\xff\xfe \r\n\t"):
        return "empty"
    if start.startswith(b"PK\x03\x04"):
        return "xlsx" if _is_workbook(path) else "zip"
    if start.startswith(b"PK\x05\x06"):
        return "zip"
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    if start.startswith(b"PAR1"):
        return "parquet"
    if looks_like_xml(start):
        return "xml"
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff")) or utf16_without_mark(start) is not None
    zeros = start[:4096].count(0)  # a few stray ones do stand in exports
    return (
        "binary" if not wide and (zeros > max(4, 0.01 * len(start[:4096])) or _control_share(start) > 0.1) else "text"
    )


def looks_like_xml(start: bytes) -> bool:
    """True for XML in UTF-8 or UTF-16, with or without a mark; HTML is not."""
    text = start[:512]
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}
    encoding = marks.get(text[:2], "utf-8")
    plain = text.decode(encoding, errors="ignore").lstrip("\ufeff \t\r\n").lower()
    return plain.startswith("<") and not plain.startswith(("<html", "<!doctype html", "<table"))


def _control_share(start: bytes) -> float:
    head = start[:4096]
    return sum(1 for byte in head if byte < 9 or 13 < byte < 32) / max(len(head), 1)


def _is_workbook(path: Path) -> bool:
    import zipfile  # noqa: PLC0415 - only containers need it

    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist() or "xl/workbook.bin" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
