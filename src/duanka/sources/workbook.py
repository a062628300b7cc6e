"""Sheets of XLSX and XLS workbooks as strings, so that 19-digit card numbers survive."""

import zipfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import fastexcel
import polars as pl

from duanka.sources.opened import HEAD_ROWS, Head, Part, SourceError

MAX_UNPACKED = 2 << 30
MAX_RATIO = 300
"""A workbook that unpacks to more than 2 GiB, or to 300 times its size beyond 64 MiB, is taken for a bomb."""

_SMALL = 64 << 20


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
        except Exception as error:
            if isinstance(error, fastexcel.FastExcelError):
                raise SourceError(f"sheet {self.label!r} can't be read: {error}") from error
            raise
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
    if kind == "xlsx":
        _refuse_bombs(path)
    try:
        names = fastexcel.read_excel(path).sheet_names
    except fastexcel.FastExcelError as error:
        raise SourceError(f"not a readable workbook: {error}") from error
    return [SheetTable(path, name) for name in names]


def _refuse_bombs(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked > MAX_RATIO * path.stat().st_size):
        raise SourceError(
            f"the workbook would unpack to {unpacked:,} bytes; open it, save the needed sheets as CSV, import those"
        )
