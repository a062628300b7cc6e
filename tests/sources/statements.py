"""What tests of bank and wallet statements share: the real samples, and entries in a few words."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
import xlwt

from sources.reading import SHARED, ReadAll


class Line(NamedTuple):
    """An entry, seen from the statement's own account."""

    row: int
    way: str  # "in" or "out"
    amount: int
    balance: int | None
    other: str | None
    other_name: str


def sample(*parts: str) -> Path:
    """A genuine file; the test is skipped where there is none."""
    path = SHARED.joinpath("statements", *parts)
    if not path.exists():
        pytest.skip(f"the sample {'/'.join(parts)} is not beside this checkout")
    return path


def lines(entries: pl.DataFrame) -> list[Line]:
    """Every entry in a few words, by row."""
    found = []
    for entry in entries.iter_rows(named=True):
        own, other = ("payer", "payee") if entry["side"] == 1 else ("payee", "payer")
        assert entry["side"] in {1, 2}
        way = "out" if entry["side"] == 1 else "in"
        found.append(
            Line(
                entry["source_row"], way, entry["amount"], entry[f"balance_{own}"], entry[other], entry[f"{other}_name"]
            )
        )
    return found


def own_accounts(entries: pl.DataFrame) -> set[str]:
    """Whose statement the rows stand in."""
    return set(entries.select(pl.when(pl.col("side") == 1).then("payer").otherwise("payee").alias("own"))["own"])


def utc(*parts: int) -> datetime:
    """A moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # year, month, day and so on


def check_sample(result: ReadAll, name: str, rows: int) -> None:
    """A genuine file gives every row as an entry, and each with a payer or a payee."""
    assert result.format == name
    assert (result.entries.height, result.rejects.height, result.rows) == (rows, 0, rows)
    assert result.entries.filter(pl.col("payer").is_null() & pl.col("payee").is_null()).is_empty()
    assert not result.entries["time"].null_count()


def old_workbook(path: Path, sheet: str, cells: list[list[str]]) -> Path:
    """An .xls file of text cells."""
    book = xlwt.Workbook()
    page = book.add_sheet(sheet)
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            page.write(row, column, value)
    book.save(str(path))
    return path
