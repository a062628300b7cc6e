"""Every built-in tabular format at once: recognised alone, in any order of columns, with any cells."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duanka.sources.opened import Head, Opened
from duanka.sources.registry import Unknown, catalogue, open_source, readers, table_formats
from duanka.sources.spec import TableFormat
from duanka.sources.table_reader import rank, recognise, tidy
from sources.reading import read_all

FORMATS = [spec for spec, _ in table_formats()]
each_format = pytest.mark.parametrize("spec", FORMATS, ids=lambda spec: spec.name)


def first(words: str | tuple[str, ...]) -> str:
    return words if isinstance(words, str) else words[0]


def header_of(spec: TableFormat, *, full: bool) -> list[str]:
    """What is required; with `full` every known column too, except what must be absent."""
    names = [first(words) for words in spec.required]
    if full:
        names += [first(words) for words in spec.columns.values()] + list(spec.labels.values()) + list(spec.ignored)
    absent = {tidy(word) for word in spec.absent}
    return [name for name in dict.fromkeys(names) if tidy(name) not in absent]


def write(path: Path, header: list[str], *rows: list[str]) -> Path:
    def line(cells: list[str]) -> str:
        return ",".join('"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell for cell in cells)

    path.write_bytes("".join(line(cells) + "\n" for cells in (header, *rows)).encode("utf-8", errors="replace"))
    return path


@each_format
@pytest.mark.parametrize("full", [False, True])
def test_recognised_in_any_order_with_further_columns_and_alone(spec: TableFormat, *, full: bool) -> None:
    header = header_of(spec, full=full)
    for seed in range(3):
        shuffled = [*header, "某列", "another column"]
        random.Random(seed).shuffle(shuffled)
        found = recognise(Head((1,), (tuple(shuffled),)), "file.csv", list(table_formats()))
        assert found, header
        assert found[0].spec.name == spec.name
        assert all(rank(other)[:2] > rank(found[0])[:2] for other in found[1:]), [m.spec.name for m in found]


@each_format
def test_an_empty_body_gives_no_rows(tmp_path: Path, spec: TableFormat) -> None:
    result = read_all(write(tmp_path / "file.csv", header_of(spec, full=True)))
    assert (result.format, result.rows) == (spec.name, 0)


@each_format
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cells_give_rows_that_add_up(tmp_path: Path, spec: TableFormat, data: st.DataObject) -> None:
    header = header_of(spec, full=data.draw(st.booleans()))
    cell = st.one_of(st.sampled_from(_ODD), st.text(max_size=12))
    rows = data.draw(st.lists(st.lists(cell, min_size=1, max_size=len(header) + 1), max_size=8))
    path = write(tmp_path / "file.csv", header, *rows)
    opened = Opened(path, "file.csv", encoding_hint="utf-8")
    found = open_source(opened, own_account="unknown:x")
    if isinstance(found, Unknown):  # short, and full of zeros or control characters
        assert found.reason == "binary"
        return
    seen: list[int] = []
    furniture: list[int] = []
    for batch in found.batches:
        for frame in (batch.entries, batch.rejects, *batch.records.values()):
            seen += frame["source_row"].to_list()
        furniture += [line for line, _ in batch.furniture]
        assert batch.rejects["code"].null_count() == 0
        assert not (batch.entries["amount"] < 0).any()
        assert batch.entries["time"].null_count() == 0
    assert len(seen) == len(set(seen))
    assert not set(seen) & set(furniture)
    assert set(seen) | set(furniture) >= set(_lines_with_text(path))


_ODD = [
    "", "1.00", "-5", "1,234.5.6", "１２３", "-0.00", "1" + "0" * 20, "NaN", "2023-02-30", "2024-01-02 03:04:05",
    "20240102", "进", "出", "借", "C", "收入", "支出", "/", "=1+1", '"', "a\nb", "\t", "合计", "\x00", "\ufffd",
    "9900000000000000017", "6222****1234", "9" * 40, "人民币", "CNY 5.00", "xx;yy", "𠮷", "\u3000", "甲 (9900)", "TRUE",
    "1e400",
]  # fmt: skip


def _lines_with_text(path: Path) -> list[int]:
    """Numbers of lines that surely begin a row: no quote in the file, and something in the line."""
    lines = path.read_text(encoding="utf-8").split("\n")
    if any('"' in line or "\r" in line or len(line) != len(line.strip(" \t\x00\x0b\x0c\r")) for line in lines):
        return []
    return [number for number, line in enumerate(lines, start=1) if line and number > 1]


def test_every_format_has_its_own_name_titles_and_words() -> None:
    listed = catalogue()
    names = [one["name"] for one in listed]
    assert len(names) == len(set(names)) == len(FORMATS) + len(readers())
    assert all(one[key].strip() for one in listed for key in ("title_en", "title_zh", "documentation"))
