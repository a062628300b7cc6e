from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from duanka.report.errors import ReportError
from duanka.report.write import REPORT_TABLES, write_report
from duanka.store.case import Case
from duanka.store.findings import TABLES as FINDINGS
from duanka.store.seeds import Starts


def test_the_folder(case: Case, tmp_path: Path) -> None:
    page = write_report(case, tmp_path / "report", language="zh", seeds=Starts(rows=("r1",)))
    assert page == tmp_path / "report" / "report.html"
    tables = {path.stem for path in (tmp_path / "report" / "tables").iterdir()}
    assert tables == (set(REPORT_TABLES) - {"parties", *FINDINGS}) | {"flow_rows"}
    assert "labels" not in tables
    moves = pq.read_table(tmp_path / "report" / "tables" / "flow_rows.parquet")
    assert moves["row_id"].to_pylist() == ["r1", "r3", "r4"]
    assert not list((tmp_path / "report").rglob("*.part"))


def test_the_workbook(case: Case, tmp_path: Path) -> None:
    write_report(case, tmp_path, language="en", with_tables=False)
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert book.sheetnames == [
        "About",
        "Files",
        "Amounts",
        "Transit accounts",
        "Money flow",
        "Wanted",
        "Coverage",
        "Rejects",
    ]
    assert list(book["Amounts"].values)[1] == ("CNY", 5050, 2750, 450, 1550)
    assert book["Amounts"]["B2"].number_format == "#,##0.00"
    assert list(book["Files"].values)[1][3:7] == (9, 7, 0, 2)
    assert len(list(book["Money flow"].values)) == 12


def test_it_can_be_written_again(case: Case, tmp_path: Path) -> None:
    write_report(case, tmp_path, language="en")
    first = (tmp_path / "tables" / "transactions.parquet").read_bytes()
    write_report(case, tmp_path, language="en")
    assert (tmp_path / "tables" / "transactions.parquet").read_bytes() == first


def test_nothing_is_written_of_an_underived_case(case: Case, tmp_path: Path) -> None:
    case.db.run("drop", "DROP TABLE coverage")
    with pytest.raises(ReportError):
        write_report(case, tmp_path / "report")
    assert not (tmp_path / "report").exists()
