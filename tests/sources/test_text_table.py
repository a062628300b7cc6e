"""Delimited text: what is a row, what a reject, and that blocks make no difference."""

import tracemalloc
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from duanka.sources import text_table
from duanka.sources.text_table import TextTable
from sources.reading import read_all
from sources.twin_text import Rows, read_slowly

NAMES = ("a", "b", "c")
_PIECES = ["a", "b,", ",", ",", '"', '"', "\n", "\n", "\r\n", " ", "中", "1,2,3\n", '"x\ny",2,3\n', "\u3000", "\t"]


def table(path: Path, content: str | bytes, *, encoding: str = "utf-8") -> TextTable:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return TextTable(path, encoding=encoding, delimiter=",")


def read_quickly(source: TextTable, names: tuple[str, ...] = NAMES, header: int | None = None) -> Rows:
    found = Rows()
    for part in source.parts(header, names):
        for line, *cells in part.frame.with_columns(pl.exclude("line").fill_null("")).rows():
            found.rows.append((line, [str(cell).rstrip("\r") for cell in cells]))
        found.rejects += [(line, code) for line, code, *_ in part.rejects.rows()]
    return Rows(sorted(found.rows), sorted(found.rejects))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join), st.integers(1, 40), st.sampled_from([1, 2, 3]))
@example('"1,2\n3,4\n5",6\n', 40, 2)
@example('"1,2\n3,4\n5",6\n', 5, 2)
@example("1,2\r\n\r\n3,4\r\n", 4, 2)
@example('x,"\n' * 60, 7, 2)
def test_blocks_make_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, block: int, width: int
) -> None:
    monkeypatch.setattr(text_table, "BLOCK_BYTES", block)
    slow = read_slowly(text, width)
    assert read_quickly(table(tmp_path / "t.csv", text), NAMES[:width]) == Rows(sorted(slow.rows), sorted(slow.rejects))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join), st.integers(1, 40))
def test_long_lines_are_rejected_alike_in_any_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, block: int
) -> None:
    monkeypatch.setattr(text_table, "BLOCK_BYTES", block)
    monkeypatch.setattr(text_table, "LINE_LIMIT", 6)
    slow = read_slowly(text, 2)
    assert read_quickly(table(tmp_path / "t.csv", text), NAMES[:2]) == Rows(sorted(slow.rows), sorted(slow.rejects))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le", "utf-8-sig"])
@pytest.mark.parametrize("block", [1, 3, 7, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_line_ends_and_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, block: int, end: str
) -> None:
    monkeypatch.setattr(text_table, "BLOCK_BYTES", block)
    text = end.join(["时间,金额,备注", "2024-01-01,1.00,转账𠮷", "", "2024-01-02,2.00,", '2024-01-03,3.00,"a,b"'])
    for last in ("", end):
        source = table(tmp_path / "t.csv", text + last, encoding=encoding)
        assert read_quickly(source, header=0).rows == [
            (2, ["2024-01-01", "1.00", "转账𠮷"]),
            (4, ["2024-01-02", "2.00", ""]),
            (5, ["2024-01-03", "3.00", "a,b"]),
        ]


@pytest.mark.parametrize("block", [4, 1000])
def test_a_lone_return_in_a_file_of_newlines_is_blank_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(text_table, "BLOCK_BYTES", block)
    assert read_quickly(table(tmp_path / "t.csv", "1,x\ry and more,3\n4,5,6\r\n")).rows == [
        (1, ["1", "x y and more", "3"]),
        (2, ["4", "5", "6"]),
    ]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('1,2,"3"', ["1", "2", "3"]),
        ('1,5" pipe,3', ["1", '5" pipe', "3"]),
        ('1,"he said ""no""",3', ["1", 'he said "no"', "3"]),
        ('"1","a,b",3', ["1", "a,b", "3"]),
        ("1,2", ["1", "2", ""]),
        ("1", ["1", "", ""]),
        ("1,2,3,,", ["1", "2", "3"]),
        ("1,a\x00b,3", ["1", "a\x00b", "3"]),
        ("1,\ufeff2,3", ["1", "\ufeff2", "3"]),
    ],
)
def test_a_line_and_its_cells(tmp_path: Path, line: str, cells: list[str]) -> None:
    found = read_quickly(table(tmp_path / "t.csv", f"x,y,z\n{line}\n7,8,9\n"), header=0)
    assert found == Rows([(2, cells), (3, ["7", "8", "9"])], [])


def test_quoted_cells_run_over_lines_and_line_numbers_stay(tmp_path: Path) -> None:
    text = '1,"a\nb\n\nc",3\n4,5,6\n"7\n1,2,3\n",8,9\n0,0,0'
    assert read_quickly(table(tmp_path / "t.csv", text)).rows == [
        (1, ["1", "a\nb\n\nc", "3"]),
        (5, ["4", "5", "6"]),
        (6, ["7\n1,2,3\n", "8", "9"]),
        (9, ["0", "0", "0"]),
    ]


def test_too_many_cells_and_a_cut_last_line_are_rejected_with_their_text(tmp_path: Path) -> None:
    source = table(tmp_path / "t.csv", "1,2,3,4\n5,6,7\n8,9")
    rejects = pl.concat(part.rejects for part in source.parts(None, NAMES))
    assert rejects.rows() == [
        (1, "too_many_fields", "4 > 3", "1,2,3,4"),
        (3, "too_few_fields", "2 < 3, cut", "8,9"),
    ]


def test_a_quote_that_is_never_closed_costs_one_line(tmp_path: Path) -> None:
    text = '1,"open,3\n' + "4,5,6\n" * 200
    found = read_quickly(table(tmp_path / "t.csv", text))
    assert found.rows[0] == (1, ["1", '"open', "3"])
    assert len(found.rows) == 201


def test_a_line_of_megabytes_is_rejected_and_memory_stays_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_table, "BLOCK_BYTES", 1 << 20)
    path = tmp_path / "t.csv"
    with path.open("wb") as stream:
        stream.write(b"1,2,3\n")
        for _ in range(60):
            stream.write(b"x" * (1 << 20))
        stream.write(b"\n4,5,6\n")
    tracemalloc.start()
    found = read_quickly(TextTable(path, encoding="utf-8", delimiter=","))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == Rows([(1, ["1", "2", "3"]), (3, ["4", "5", "6"])], [(2, "line_too_long")])
    assert peak < 24 << 20


def test_a_million_columns_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b",".join([b"c"] * 10**6) + b"\n" + b",".join([b"1"] * 400_000) + b"\n")
    source = TextTable(path)
    assert len(source.head.cells[0]) <= text_table.MAX_COLUMNS
    names = tuple(f"c{i}" for i in range(text_table.MAX_COLUMNS))
    assert read_quickly(source, names, header=0) == Rows([], [(2, "too_many_fields")])


def test_a_million_columns_under_a_known_header(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    header = "sourceNodeId,targetNodeId,value,time" + ",x" * 10**6
    path.write_text(header + "\n1,2,3.5,4" + "," * 10**6 + "\n")
    result = read_all(path)
    assert result.rows == 1


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "t.txt"
    path.write_text("\n".join(delimiter.join(f"{word} x" for word in "abcd") for _ in range(5)), encoding="utf-8")
    assert TextTable(path).delimiter == delimiter


def test_undecodable_bytes_are_kept_as_marks_with_a_warning(tmp_path: Path) -> None:
    source = table(tmp_path / "t.csv", b"1,\xff\xfe,3\n4,5,6\n")
    parts = list(source.parts(None, NAMES))
    assert parts[0].frame.rows() == [(1, "1", "\ufffd\ufffd", "3"), (2, "4", "5", "6")]
    assert parts[0].warnings == ("undecodable:2:utf-8",)


def test_what_stands_above_the_header_is_furniture(tmp_path: Path) -> None:
    parts = list(table(tmp_path / "t.csv", "户名,甲\n\na,b,c\n1,2,3\n").parts(2, NAMES))
    assert [line for part in parts for line in part.furniture] == [(1, "户名,甲"), (3, "a,b,c")]


def test_an_encoding_that_shows_late_is_found(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    text = "a,b,c\n" + "1,2,3\n" * 300_000 + "4,交易摘要与备注说明文字,6\n"
    path.write_bytes(text.encode("gb18030"))
    source = TextTable(path)
    assert source.encoding.name == "gb18030"
    assert read_quickly(source, header=0).rows[-1] == (300_002, ["4", "交易摘要与备注说明文字", "6"])


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\r\n", b'"', b",", b"\xef\xbb\xbf"])
def test_next_to_nothing(tmp_path: Path, content: bytes) -> None:
    source = table(tmp_path / "t.csv", content)
    assert isinstance(read_quickly(source), Rows)
