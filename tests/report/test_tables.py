import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import fastexcel
import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.report.cells import Sheets, Workbook, as_text
from duanka.report.errors import ReportError
from duanka.report.tables import FORMATS, TABLES, export, write
from duanka.store.case import Case
from duanka.store.findings import TABLES as FINDINGS


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_parquet_keeps_rows_types_and_nests(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "new" / "t.parquet"
    assert export(case, "transactions", "parquet", out) == 7
    stored = case.db.arrow("SELECT * FROM transactions ORDER BY time, row_id")
    assert pq.read_table(out).to_pylist() == stored.to_pylist()
    assert export(case, "coverage", "parquet", out) == 2
    assert pq.read_table(out)["breaks"].to_pylist()[1] == [
        {"row_id": "r4", "expected": 25_000, "printed": 20_000, "currency": "CNY"}
    ]


def test_csv(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "t.csv"
    assert export(case, "transactions", "csv", out) == 7
    assert out.read_bytes().startswith(b"\xef\xbb\xbfrow_id,")
    rows = _read_csv(out)
    assert [row["row_id"] for row in rows] == [f"r{n}" for n in range(1, 8)]
    assert rows[0]["time"] == "2025-03-03T04:00:00Z"
    assert rows[0]["amount"] == "100000"
    assert rows[0]["memo"] == "转账"
    assert rows[1]["memo"] == "'=1+1"
    assert rows[6]["payee"] == ""
    export(case, "coverage", "csv", out)
    assert json.loads(_read_csv(out)[1]["breaks"])[0]["printed"] == 20_000
    assert _read_csv(out)[0]["breaks"] == "[]"
    assert _read_csv(out)[0]["complete"] == ""


def test_xlsx_read_by_two_readers(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    assert export(case, "transactions", "xlsx", out) == 7
    sheet = openpyxl.load_workbook(out)["transactions"]
    head, first, second, *_ = sheet.iter_rows(values_only=True)
    named = dict(zip(head, first, strict=True))
    assert named["time"] == datetime(2025, 3, 3, 4, 0)  # noqa: DTZ001 - Excel has no zones
    assert named["amount"] == 100_000
    assert dict(zip(head, second, strict=True))["memo"] == "=1+1"
    memo = sheet.cell(3, head.index("memo") + 1)
    assert memo.data_type == "s"
    assert "UTC" in sheet.cell(2, head.index("time") + 1).number_format
    assert fastexcel.read_excel(out).load_sheet(0).to_polars()["row_id"].to_list() == [f"r{n}" for n in range(1, 8)]
    export(case, "aliases", "xlsx", out)
    rows = list(openpyxl.load_workbook(out)["aliases"].iter_rows(values_only=True))
    assert rows[1] == ("6222020000000000001", "A", "card")


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_table_of_the_case_leaves_in_every_format(case: Case, tmp_path: Path, fmt: str) -> None:
    left = 0
    for table in TABLES:
        try:
            left += export(case, table, fmt, tmp_path / f"{table}.{fmt}")
        except ReportError:
            lacks = table == "parties" or table in FINDINGS or table.startswith("platform_")
            assert lacks, table  # of what the fixture has
    assert left > 40


def test_unknown_names_are_refused_with_the_valid_ones(case: Case, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="transactions"):
        export(case, "payments", "csv", tmp_path / "x")
    with pytest.raises(ReportError, match="parquet, csv, xlsx"):
        export(case, "wanted", "ods", tmp_path / "x")
    case.db.run("drop", "DROP TABLE wanted")
    with pytest.raises(ReportError, match="yet"):
        export(case, "wanted", "csv", tmp_path / "x")
    assert list(tmp_path.glob("*x*")) == []


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_failure_leaves_the_earlier_file_and_nothing_else(tmp_path: Path, fmt: str) -> None:
    schema = pa.schema([("a", pa.string())])

    def broken() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch([["x"]], schema=schema)
        raise RuntimeError("disk")

    out = tmp_path / f"t.{fmt}"
    out.write_text("earlier")
    with pytest.raises(RuntimeError, match="disk"):
        write(broken(), schema, fmt, out, sheet="t")
    assert out.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [out]


def test_a_long_table_goes_on_in_a_second_sheet(tmp_path: Path) -> None:
    batch = pa.record_batch({"n": list(range(7))})
    path = tmp_path / "t.xlsx"
    with Workbook(path) as book:
        sheets = Sheets(book, "t", batch.schema, sheet_rows=3)
        sheets.append(batch)
    loaded = openpyxl.load_workbook(path)
    assert loaded.sheetnames == ["t", "t_2", "t_3"]
    assert [[row[0] for row in loaded[name].values] for name in loaded.sheetnames] == [
        ["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]
    ]  # fmt: skip


def test_awkward_cells(tmp_path: Path) -> None:
    schema = pa.schema(
        [("t", pa.timestamp("us", tz="UTC")), ("n", pa.int64()), ("s", pa.string()), ("f", pa.float64())]
    )
    rows = [{"t": datetime(1800, 1, 1, tzinfo=UTC), "n": 2**53 + 1, "s": "x" * 40_000, "f": float("nan")}]
    write(iter([pa.RecordBatch.from_pylist(rows, schema=schema)]), schema, "xlsx", tmp_path / "t.xlsx", sheet="t")
    _, row = openpyxl.load_workbook(tmp_path / "t.xlsx")["t"].values
    assert row[0] == "1800-01-01T00:00:00+00:00"
    assert row[1] == str(2**53 + 1)
    assert len(str(row[2])) == 32_767


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))
def test_no_csv_cell_can_run_as_a_formula(text: str) -> None:
    (shown,) = as_text(pl.DataFrame({"memo": [text]}))["memo"].to_list()
    assert shown in {text, "'" + text}
    risky = text[:1] in {"=", "+", "-", "@", "\t", "\r"}
    if shown[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        float(shown.replace(",", ""))
    assert risky or shown == text


@pytest.mark.parametrize("text", ["+8613800000000", "-1,234.50", "-3"])
def test_numbers_keep_their_sign(text: str) -> None:
    assert as_text(pl.DataFrame({"memo": [text]}))["memo"].to_list() == [text]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8)


@given(st.lists(st.tuples(texts, st.integers(-(2**63), 2**63 - 1) | st.none(), st.booleans()), max_size=5))
def test_csv_comes_back_as_it_went(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int | None, bool]]
) -> None:
    out = tmp_path_factory.mktemp("csv") / "t.csv"
    schema = pa.schema([("s", pa.string()), ("n", pa.int64()), ("b", pa.bool_())])
    batch = pa.RecordBatch.from_pylist([dict(zip("snb", row, strict=True)) for row in rows], schema=schema)
    write(iter([batch]), schema, "csv", out, sheet="t")
    back = [(row["s"], row["n"], row["b"]) for row in _read_csv(out)]
    assert [(text.removeprefix("'"), n, b) for text, n, b in back] == [
        (text.removeprefix("'"), "" if n is None else str(n), str(b).lower()) for text, n, b in rows
    ]
