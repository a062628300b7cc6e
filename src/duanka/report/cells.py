"""What becomes of a value in a CSV or XLSX cell."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl
import pyarrow as pa
import xlsxwriter

SHEET_ROWS = 1_048_575
"""Rows of a sheet below its header."""

CELL_CHARACTERS = 32_767
EXACT_INTEGER = 2**53
_FIRST_EXCEL_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units that a cell shows in its currency's units."""

    amount: int
    currency: str


Cell = str | int | float | datetime | Money | None

Sheet = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]
"""Key of its name, keys of its column heads, and its rows."""

_RISKY = r"^[=+\-@\t\r]"
_NUMBER = r"^[+-]?[0-9][0-9,]*(\.[0-9]+)?$"


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns as CSV shows them: nested ones as JSON, times as ISO 8601 in UTC, text that can't run as a formula."""
    return frame.with_columns(_as_text(column) for column in frame.get_columns())


def _as_text(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if isinstance(kind, pl.List | pl.Struct | pl.Array):
        texts = [None if value is None else to_json(value) for value in _values(column)]
        return pl.Series(column.name, texts, dtype=pl.String)
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    if kind == pl.String:
        risky = column.str.contains(_RISKY) & ~column.str.contains(_NUMBER)
        return pl.select(pl.when(risky).then("'" + column).otherwise(column).alias(column.name)).to_series()
    return column


def _values(column: pl.Series) -> list[Any]:
    return [value.to_list() if isinstance(value, pl.Series) else value for value in column.to_list()]


def to_json(value: object) -> str:
    """A nested value as JSON; times as ISO 8601."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


class Workbook:
    """An XLSX file that is written row by row with little memory. Nothing in it is ever read as a formula or a link."""

    def __init__(self, path: Path) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
            "tmpdir": str(path.parent),
        }
        self.book = xlsxwriter.Workbook(str(path), options)
        self._money: dict[int, Any] = {}
        self.head = self.book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EDF3"})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.time = self.book.add_format({"num_format": 'yyyy-mm-dd hh:mm:ss.000" UTC"'})

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.book.close()

    def money(self, places: int) -> Any:  # noqa: ANN401 - xlsxwriter is untyped
        """The cell format of amounts with so many decimals."""
        if places not in self._money:
            self._money[places] = self.book.add_format({"num_format": "#,##0." + "0" * places})
        return self._money[places]

    def sheet(self, name: str, head: Iterable[str], widths: Iterable[float]) -> Any:  # noqa: ANN401 - xlsxwriter is untyped
        """A new sheet with its header frozen."""
        sheet = self.book.add_worksheet(name)
        for position, width in enumerate(widths):
            sheet.set_column(position, position, width)
        for position, title in enumerate(head):
            sheet.write_string(0, position, title, self.head)
        sheet.freeze_panes(1, 0)
        return sheet


class Sheets:
    """One table over as many sheets as it needs."""

    def __init__(self, book: Workbook, name: str, schema: pa.Schema, *, sheet_rows: int = SHEET_ROWS) -> None:
        self._book = book
        self._name = name
        self._schema = schema
        self._sheet_rows = sheet_rows
        self._writers = [_writer(field.type) for field in schema]
        self._sheet: Any = None
        self.rows = 0
        self._next_sheet()

    def _next_sheet(self) -> None:
        number = self.rows // self._sheet_rows + 1
        name = self._name if number == 1 else f"{self._name}_{number}"
        widths = [_width(field.type, field.name) for field in self._schema]
        self._sheet = self._book.sheet(name[:31], self._schema.names, widths)

    def append(self, batch: pa.RecordBatch) -> None:
        """Write a batch below what is there."""
        columns = [column.to_pylist() for column in batch.columns]
        for values in zip(*columns, strict=True):
            if self.rows and self.rows % self._sheet_rows == 0:
                self._next_sheet()
            line = self.rows % self._sheet_rows + 1
            for position, (value, write) in enumerate(zip(values, self._writers, strict=True)):
                if value is not None:
                    write(self._book, self._sheet, line, position, value)
            self.rows += 1


Writer = Callable[[Workbook, Any, int, int, Any], None]


def _writer(kind: pa.DataType) -> Writer:
    if pa.types.is_nested(kind):
        return lambda _, sheet, line, position, value: put_text(sheet, line, position, to_json(value))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _put_time
    if pa.types.is_boolean(kind):
        return lambda _, sheet, line, position, value: sheet.write_boolean(line, position, value)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return _put_integer
    if pa.types.is_floating(kind):
        return lambda _, sheet, line, position, value: sheet.write_number(line, position, value)
    return lambda _, sheet, line, position, value: put_text(sheet, line, position, str(value))


def put_text(sheet: Any, line: int, position: int, value: str) -> None:  # noqa: ANN401 - xlsxwriter is untyped
    """Text, never a number, formula or link; cut where Excel would refuse the file."""
    sheet.write_string(line, position, value if len(value) <= CELL_CHARACTERS else value[: CELL_CHARACTERS - 1] + "…")


def _put_integer(_: Workbook, sheet: Any, line: int, position: int, value: int) -> None:  # noqa: ANN401 - as above
    if abs(value) < EXACT_INTEGER:
        sheet.write_number(line, position, value)
    else:
        sheet.write_string(line, position, str(value))


def _put_time(book: Workbook, sheet: Any, line: int, position: int, value: date) -> None:  # noqa: ANN401 - as above
    if value.year < _FIRST_EXCEL_YEAR:
        sheet.write_string(line, position, value.isoformat())
    elif isinstance(value, datetime):
        sheet.write_datetime(line, position, value.replace(tzinfo=None), book.time)
    else:
        sheet.write_datetime(line, position, value, book.day)


def _width(kind: pa.DataType, name: str) -> float:
    if pa.types.is_timestamp(kind):
        return 28
    if pa.types.is_string(kind):
        return 22
    return max(12, len(name) + 2)
