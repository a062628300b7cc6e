"""Sheets of XLSX and XLS workbooks as strings, so that 19-digit card numbers survive."""

import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import fastexcel
import polars as pl

from duanka.sources.opened import HEAD_ROWS, Head, Part, SourceError

MAX_UNPACKED = 2 << 30
MAX_RATIO = 300
"""A workbook that unpacks to more than 2 GiB, or to 300 times its size beyond 64 MiB, is taken for a bomb."""

MAX_CELLS = 64 << 20
"""Cells of the smallest rectangle around a sheet. calamine holds it whole: a cell in the last corner of an otherwise
empty sheet would fill the memory, and its failed allocation ends the process."""

_SMALL = 64 << 20
_CHUNK = 4 << 20
_PROBE_SECONDS = 600
_CELL = re.compile(rb"""\sr\s*=\s*["']\$?([A-Za-z]{1,4})\$?(\d{1,10})["']""")
_PROBE = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
import fastexcel
reader = fastexcel.read_excel(sys.argv[1])
for name in reader.sheet_names:
    reader.load_sheet(name, header_row=None, n_rows=1, dtypes="string", dtype_coercion="coerce")
"""


class SheetTable:
    """One sheet."""

    def __init__(self, path: Path, sheet: str) -> None:
        self.path = path
        self.label = sheet

    @cached_property
    def _cells(self) -> pl.DataFrame:
        try:
            reader = fastexcel.read_excel(self.path)
            sheet = reader.load_sheet(self.label, header_row=None, dtypes="string", dtype_coercion="coerce")
            frame = sheet.to_polars()
        except fastexcel.FastExcelError as error:
            raise SourceError("source.sheet", sheet=repr(self.label), problem=_first_line(error)) from error
        return frame.select(pl.all().cast(pl.String))

    @cached_property
    def head(self) -> Head:
        """The first rows; row numbers are those of the sheet."""
        first = self._cells.head(HEAD_ROWS)
        rows = tuple(tuple(cell or "" for cell in row) for row in first.rows())
        return Head(tuple(range(1, len(rows) + 1)), rows)

    def parts(self, header: int | None, names: tuple[str, ...]) -> Iterator[Part]:
        """Rows below the header, under `names`; one part."""
        skip = 0 if header is None else header + 1
        furniture = tuple(
            (line, " ".join(cell for cell in cells if cell))
            for line, cells in zip(self.head.lines[:skip], self.head.cells[:skip], strict=True)
            if any(cells)
        )
        frame = self._cells
        width = min(len(names), frame.width)
        body = frame.slice(skip).select(frame.columns[:width])
        body.columns = list(names[:width])
        body = body.with_columns(pl.all().fill_null(""))
        body = body.with_columns(pl.lit("").alias(name) for name in names[width:])
        body = body.insert_column(0, pl.Series("line", range(skip + 1, skip + 1 + body.height), dtype=pl.Int64))
        blank = pl.all_horizontal(pl.col(name).str.strip_chars() == "" for name in names)
        yield Part(body.filter(~blank), furniture=furniture)


def sheets(path: Path, kind: str) -> list[SheetTable]:
    """The sheets of a workbook, in its order; SourceError if it can't be opened or would fill the memory."""
    if _is_encrypted(path):
        raise SourceError("source.protected")
    binary = kind != "xlsx" or _refuse_bombs(path)
    if binary:
        _probe(path)
    try:
        names = fastexcel.read_excel(path).sheet_names
    except fastexcel.FastExcelError as error:
        raise SourceError("source.workbook", problem=_first_line(error)) from error
    return [SheetTable(path, name) for name in names]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _is_encrypted(path: Path) -> bool:
    """An OOXML file under a password is an OLE container with this stream."""
    with path.open("rb") as stream:
        start = stream.read(64 << 10)
    return start.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in start


def _refuse_bombs(path: Path) -> bool:
    """SourceError for a workbook that would fill the memory. True if its sheets are binary (.xlsb): not looked into."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked > MAX_RATIO * path.stat().st_size):
                raise SourceError("source.bomb", bytes=f"{unpacked:,}")
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels")):
                    _check_extent(archive, member)
            return any(member.filename == "xl/workbook.bin" for member in members)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise SourceError("source.workbook", problem=_first_line(error)) from error


def _check_extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Reads the member to its end (so that its size and checksum are true), looking at where its cells stand."""
    columns: set[bytes] = set()
    last_row, rest = 0, b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            data = rest + chunk
            found = _CELL.findall(data)
            columns.update(column for column, _ in found)
            last_row = max(last_row, max((int(row) for _, row in found), default=0))
            rest = data[-64:]
    last_column = max((_column_number(column) for column in columns), default=0)
    if last_row * last_column > MAX_CELLS:
        raise SourceError("source.empty_cells", sheet=member.filename, row=f"{last_row:,}", column=f"{last_column:,}")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _probe(path: Path) -> None:
    """Reads a binary workbook in a process of its own first: a damaged one can end the process that reads it."""
    command = [sys.executable, "-c", _PROBE, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603 - our code
    except subprocess.TimeoutExpired as error:
        raise SourceError("source.endless") from error
    if done.returncode:
        last = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
        known = done.returncode == 1 and last and "Error: " in last[-1]
        if not known:
            raise SourceError("source.workbook_damaged")
        raise SourceError("source.workbook", problem=last[-1])
