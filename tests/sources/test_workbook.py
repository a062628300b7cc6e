"""Sheets as strings: long numbers, dates, formulas; and workbooks that would do harm."""

import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
import xlwt

from duanka.sources import workbook
from duanka.sources.opened import Opened, SourceError
from duanka.sources.registry import Unknown, open_source
from duanka.sources.workbook import SheetTable, sheets
from sources.reading import RefusedError, read_all

HEADER = ["交易日期", "交易类型", "存入金额", "取出金额", "余额", "交易对手名称", "交易对手账号"]
CARD = "9900000000000000017"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def write(path: Path, rows: list[list[object]], sheet: str = "Sheet1") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for number, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, datetime):
                    page.write_datetime(number, column, value, book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}))
                else:
                    page.write(number, column, value)
    return path


def cells_of(path: Path, names: tuple[str, ...]) -> list[tuple[object, ...]]:
    (table,) = sheets(path, Opened(path, path.name).kind)
    return pl.concat(part.frame for part in table.parts(0, names)).rows()


def test_long_numbers_dates_and_formulas_become_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["card", "number", "time", "sum"])
    page.append([CARD, 1234.5, datetime(2024, 3, 1, 10, 20, 30), "=1+1"])  # noqa: DTZ001 - a cell has no zone
    book.save(tmp_path / "a.xlsx")
    ((line, card, number, time, formula),) = cells_of(tmp_path / "a.xlsx", ("card", "number", "time", "sum"))
    assert (line, card, number, time) == (2, CARD, "1234.5", "2024-03-01 10:20:30")
    assert formula in {"", "=1+1"}  # never computed by us


def test_a_statement_in_a_workbook_is_read(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["测试银行"], [], list(HEADER),
        ["20240301", "转账", 100.5, "", 200.5, "乙", CARD], ["20240302", "取现", None, "50.00", "150.50", "", ""], [],
        ["合计", "", "100.50", "50.00"],
    ]  # fmt: skip
    result = read_all(write(tmp_path / "a.xlsx", rows))
    assert result.entries.select("source_row", "amount", "payer").rows()[0] == (4, 10050, CARD)
    assert result.entries["amount"].to_list() == [10050, 5000]
    assert (result.rows, result.rejects.height) == (2, 0)


def test_an_old_workbook_is_read(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("明细")
    rows: list[list[object]] = [list(HEADER), ["20240301", "转账", 100.5, "", 200.5, "乙", CARD]]
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            page.write(row, column, value)
    book.save(str(tmp_path / "a.xls"))
    result = read_all(tmp_path / "a.xls")
    assert result.entries.select("amount", "payer").rows() == [(10050, CARD)]


def test_a_card_number_that_excel_has_rounded_stays_as_excel_has_it(tmp_path: Path) -> None:
    ((_, number),) = cells_of(write(tmp_path / "a.xlsx", [["card"], [float(CARD)]]), ("card",))
    assert float(str(number)) == float(CARD)
    assert "e" not in str(number).lower()


def sparse(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.write(0, 0, "a")
        page.write(1_048_575, 16_383, "b")
    return path


def test_a_cell_in_the_last_corner_does_not_fill_the_memory(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="row 1,048,576, column 16,384"):
        sheets(sparse(tmp_path / "a.xlsx"), "xlsx")


def test_cells_that_stand_across_a_border_of_chunks_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_CHUNK", 7)
    with pytest.raises(SourceError, match="row 1,048,576, column 16,384"):
        sheets(sparse(tmp_path / "a.xlsx"), "xlsx")


def test_an_old_workbook_whose_cell_lies_outside_is_refused(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("s")
    page.write(0, 0, "a")
    page.write(65534, 254, 12345.5)
    book.save(str(tmp_path / "a.xls"))
    data = bytearray((tmp_path / "a.xls").read_bytes())
    place = data.find(b"\xfe\xff\xfe\x00")
    data[place : place + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(SourceError, match="not a readable workbook"):
        sheets(tmp_path / "a.xls", "xls")


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_SMALL", 1 << 20)
    path = write(tmp_path / "a.xlsx", [["a"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", bytes(16 << 20))
    with pytest.raises(SourceError, match="would unpack to"):
        sheets(path, "xlsx")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_no_workbook(tmp_path: Path, share: float) -> None:
    whole = write(tmp_path / "a.xlsx", [list(HEADER)] * 50).read_bytes()
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole[: int(len(whole) * share)])
    found = open_source(Opened(path, path.name), own_account="x")
    assert isinstance(found, Unknown)


def test_a_workbook_under_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(OLE + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(4096))
    with pytest.raises(SourceError, match="password"):
        read_all(path)


def test_a_damaged_old_workbook_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(OLE + bytes(range(256)) * 40)
    with pytest.raises(SourceError, match="not a readable workbook"):
        read_all(path)


@pytest.mark.parametrize("rows", [[], [[]], [[""]], [["a"]], [[None, None]]])
def test_next_to_nothing(tmp_path: Path, rows: list[list[object]]) -> None:
    with pytest.raises(RefusedError):
        read_all(write(tmp_path / "a.xlsx", rows))


def test_a_sheet_that_is_not_there_is_a_named_error(tmp_path: Path) -> None:
    table = SheetTable(write(tmp_path / "a.xlsx", [["a"]]), "none")
    with pytest.raises(SourceError, match="none"):
        _ = table.head
