"""What a file is, by its own bytes; and what fuzzing found in readers."""

import zipfile
from pathlib import Path

import polars as pl
import pytest

from duanka.sources.opened import Opened, SourceError
from duanka.sources.registry import Unknown, open_source
from sources.reading import read_all

HEADER = "交易日期,交易类型,存入金额,取出金额,余额,交易对手名称,交易对手账号"
ROW = "20240301,转账,100.50,,200.50,乙,9900000000000000017"


def kind(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "file"
    path.write_bytes(content)
    return Opened(path, "file").kind


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (bytes(100), "empty"),
        (b"a,b\n1,2\n", "text"),
        ("甲,乙\n".encode("gbk"), "text"),
        (f"{HEADER}\n{ROW}\n".encode("utf-16"), "text"),
        (f"{HEADER}\n{ROW}\n".encode("utf-16-le"), "text"),
        (f"{HEADER}\n{ROW}\n".encode("utf-16-be"), "text"),
        (b"a,b\n1,\x00\n" + b"1,2\n" * 20, "text"),
        (bytes(range(256)) * 16, "binary"),
        (b"\x7fELF" + bytes(60) + b"\x01\x02" * 500, "binary"),
        (b"<?xml version='1.0'?><a/>", "xml"),
        ("\ufeff<Document/>".encode("utf-16"), "xml"),
        (b"<html><table>", "text"),
        (b"PAR1", "parquet"),
        (b"PK\x03\x04 nothing more", "zip"),
        (b"PK\x05\x06" + bytes(18), "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    ],
)
def test_kinds(tmp_path: Path, content: bytes, expected: str) -> None:
    assert kind(tmp_path, content) == expected


def test_a_zip_of_sheets_is_a_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert Opened(tmp_path / "a", "a").kind == "xlsx"


def test_utf16_without_a_mark_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        (tmp_path / "a.csv").write_bytes(f"{HEADER}\n{ROW}\n".encode(encoding))
        assert read_all(tmp_path / "a.csv").entries["amount"].to_list() == [10050]


def test_a_header_is_found_though_the_rows_suggest_another_delimiter(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n|\n|\n{ROW}\n", encoding="utf-8")
    result = read_all(tmp_path / "a.csv")
    assert result.entries["source_row"].to_list() == [4]


@pytest.mark.parametrize(("place", "byte"), [(0.25, b'"'), (0.5, b"\xff\xfe"), (0.1, bytes(64))])
def test_a_damaged_parquet_file_is_a_named_error(tmp_path: Path, place: float, byte: bytes) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({name: [cell] for name, cell in zip(HEADER.split(","), ROW.split(","), strict=True)}).write_parquet(
        path
    )
    whole = path.read_bytes()
    cut = int(place * len(whole))
    path.write_bytes(whole[:cut] + byte + whole[cut + len(byte) :])
    try:
        found = open_source(Opened(path, path.name), own_account="x")
        if not isinstance(found, Unknown):
            list(found.batches)
    except SourceError as error:
        problem = str(error)
    else:
        problem = "read as it stands"
    assert len(problem.splitlines()) == 1


def test_errors_are_one_line() -> None:
    assert str(SourceError("source.workbook", problem="a\nb\r\nc")) == "not a readable workbook: a b c"
