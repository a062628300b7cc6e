"""A case as a whole: imports that repeat, come late, are undone, are read anew; originals; the lock."""

import hashlib
import itertools
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cases import (
    OF_CONTENT,
    A,
    B,
    C,
    clock,
    imported,
    police,
    query,
    relay,
    row,
    tables,
    take_in,
    write_all,
)
from duanka import derive, pipeline
from duanka.importing import Options
from duanka.store.case import Case, hash_file
from duanka.store.database import CaseError, quoted


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    case, folder = tmp_path / "case", write_all(tmp_path / "in", relay())
    first = take_in(case, folder)
    before, kept = tables(case), imported(case)
    again = take_in(case, folder)
    assert (tables(case), imported(case)) == (before, kept)
    assert again.files == first.files
    assert (again.transactions, again.accounts, again.wanted) == (first.transactions, first.accounts, first.wanted)


def test_a_copy_under_another_name_adds_nothing_and_is_told(tmp_path: Path) -> None:
    case, folder = tmp_path / "case", write_all(tmp_path / "in", relay())
    take_in(case, folder)
    before = tables(case)
    (folder / "copy.csv").write_bytes((folder / "甲.csv").read_bytes())
    outcome = take_in(case, folder)
    assert tables(case) == before
    (copy,) = (file for file in outcome.files if str(file["path"]).endswith("copy.csv"))
    assert (copy["rows"], copy["kept"], copy["merged"], copy["rejected"]) == (3, 0, 3, 0)
    assert str(copy["same_as"]).endswith("甲.csv")


def test_the_order_of_import_does_not_matter(tmp_path: Path) -> None:
    files = relay() | {
        "丙.csv": [row(C, "进", A, "1.00", clock(20)), row(C, "进", A, "bad", clock(21))],
        "again.csv": relay()["甲.csv"][1:],
    }
    folder = write_all(tmp_path / "in", files)
    paths = sorted(folder.iterdir())
    take_in(tmp_path / "all", folder)
    expected, content = tables(tmp_path / "all"), imported(tmp_path / "all")
    for number, sequence in enumerate(itertools.islice(itertools.permutations(paths), 5, 24, 11)):
        case = tmp_path / str(number)
        for path in sequence:
            take_in(case, path)
        assert tables(case) == expected
        assert imported(case) == content


def test_a_late_file_joins(tmp_path: Path) -> None:
    case, folder = tmp_path / "case", write_all(tmp_path / "in", relay())
    take_in(case, folder / "甲.csv")
    assert query(case, "SELECT account_id FROM wanted WHERE rank = 1") == [(B,)]
    take_in(case, folder / "乙.csv")
    assert B not in [row[0] for row in query(case, "SELECT account_id FROM wanted")]
    assert query(case, "SELECT count(*) FROM transactions WHERE sides = 3") == [(1,)]


@pytest.mark.parametrize("name", ["hash", "path", "backslashes"])
def test_undo_restores_what_was_before(tmp_path: Path, name: str) -> None:
    case, folder = tmp_path / "case", write_all(tmp_path / "in", relay())
    take_in(case, folder / "甲.csv")
    before, kept = tables(case), imported(case)
    late = folder / "乙.csv"
    take_in(case, late)
    assert tables(case) != before
    sha256 = hash_file(late)
    called = {"hash": sha256[:16].upper(), "path": late.as_posix(), "backslashes": "in\\乙.csv"}
    outcome = pipeline.undo(case, called[name])
    assert (tables(case), imported(case)) == (before, kept)
    assert [file["path"] for file in outcome.files] == [(folder / "甲.csv").as_posix()]
    take_in(case, late)
    assert query(case, "SELECT count(*) FROM transactions WHERE sides = 3") == [(1,)]


def test_undo_of_the_only_file_leaves_an_empty_case(tmp_path: Path) -> None:
    case = tmp_path / "case"
    take_in(case, police(tmp_path / "a.csv", relay()["甲.csv"]))
    outcome = pipeline.undo(case, "a.csv")
    assert (outcome.transactions, outcome.accounts, outcome.files) == (0, 0, [])
    assert all(not rows for rows in tables(case).values())


@pytest.mark.parametrize("source", ["nothing.csv", "", "c", "%", "'"])
def test_undo_of_what_is_not_there_says_so(tmp_path: Path, source: str) -> None:
    take_in(tmp_path / "case", write_all(tmp_path / "in", relay()))
    with pytest.raises(CaseError, match="match"):
        pipeline.undo(tmp_path / "case", source)


def test_undo_of_what_two_sources_are_called_says_so(tmp_path: Path) -> None:
    one, two = police(tmp_path / "1" / "a.csv", relay()["甲.csv"]), police(tmp_path / "2" / "a.csv", relay()["乙.csv"])
    take_in(tmp_path / "case", one, two)
    with pytest.raises(CaseError, match="2 sources"):
        pipeline.undo(tmp_path / "case", "a.csv")


def test_other_options_replace_the_earlier_reading(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(
        "记账日期,货币,交易金额,联机余额,交易摘要,对手信息\n2024-01-01,人民币,5.00,10.00,x,乙\n", encoding="utf-8"
    )
    case = tmp_path / "case"
    take_in(case, path)
    (unknown,) = query(case, "SELECT payee FROM transactions")
    assert str(unknown[0]).startswith("unknown:")
    outcome = take_in(case, path, options=Options(own_account=A))
    assert query(case, "SELECT payee FROM transactions") == [(A,)]
    assert (len(outcome.files), outcome.transactions) == (1, 1)
    fresh = tmp_path / "fresh"
    take_in(fresh, path, options=Options(own_account=A))
    assert tables(fresh) == tables(case)
    assert imported(fresh) == imported(case)


def test_originals_are_whole_read_only_and_called_by_their_hash(tmp_path: Path) -> None:
    case, folder = tmp_path / "case", write_all(tmp_path / "in", relay())
    outcome = take_in(case, folder)
    kept = [path for path in (case / "originals").rglob("*") if path.is_file()]
    assert {path.name for path in kept} == {str(file["sha256"]) for file in outcome.files}
    for path in kept:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name == hash_file(path)
        assert not stat.S_IMODE(path.stat().st_mode) & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert {path.read_bytes() for path in kept} == {path.read_bytes() for path in folder.iterdir()}


def test_every_row_leads_back_to_its_line(tmp_path: Path) -> None:
    case, folder = tmp_path / "case", write_all(tmp_path / "in", relay())
    take_in(case, folder)
    found = query(case, "SELECT sha256, source_row, external_id FROM row_sources JOIN sources USING (source_id) "
                        "JOIN entries USING (source_id, source_row)")  # fmt: skip
    assert len(found) == 5
    with Case(case) as opened:
        for sha256, line, serial in found:
            lines = opened.original(str(sha256)).read_bytes().decode("gb18030").split("\n")
            assert str(serial) in lines[int(str(line)) - 1]


def test_a_case_that_another_process_has_open_says_so(tmp_path: Path) -> None:
    case = tmp_path / "case"
    take_in(case, write_all(tmp_path / "in", relay()))
    code = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(case / "case.duckdb")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"open"
        with pytest.raises(CaseError, match="in use by another process"):
            Case(case)
    finally:
        holder.communicate()
    Case(case).close()


def test_a_folder_without_a_case_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="duanka import"):
        Case(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("content", [b"no database at all", bytes(20_000), os.urandom(20_000)])
def test_a_file_that_is_no_case_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "case.duckdb").write_bytes(content)
    with pytest.raises(CaseError, match="can't be opened"):
        Case(tmp_path)


def test_a_case_of_another_version_is_not_touched(tmp_path: Path) -> None:
    with Case(tmp_path, create=True) as case:
        case.db.run("version", "UPDATE meta SET value = '0' WHERE key = 'schema'")
    with pytest.raises(CaseError, match="another version"):
        Case(tmp_path)


@pytest.mark.parametrize("limit", ["much", "10"])
def test_a_memory_limit_that_is_none_says_so(tmp_path: Path, limit: str) -> None:
    with pytest.raises(CaseError, match=r"can't be opened|[Mm]emory"):
        take_in(tmp_path / "case", police(tmp_path / "a.csv", []), options=Options(memory_limit=limit))


def test_an_interrupted_run_is_brought_up_to_date(tmp_path: Path) -> None:
    case, folder = tmp_path / "case", write_all(tmp_path / "in", relay())
    take_in(case, folder)
    expected = tables(case)
    with Case(case) as opened:
        opened.db.run("as if killed", "DROP TABLE wanted")
        derive.bring_up_to_date(opened)
    assert tables(case) == expected


def test_an_unknown_file_is_no_longer_unknown_once_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("no header that anyone knows\n", encoding="utf-8")
    assert len(take_in(tmp_path / "case", path).unknown) == 1
    police(path, relay()["甲.csv"])
    take_in(tmp_path / "case", path)
    with Case(tmp_path / "case") as case:
        assert case.unknown() == []


def test_rows_kept_apart_stay_apart_when_their_file_comes_back(tmp_path: Path) -> None:
    case, folder = tmp_path / "case", write_all(tmp_path / "in", relay())
    take_in(case, folder)
    (found,) = query(case, "SELECT source_id, source_row FROM merges")
    pipeline.keep_apart(case, str(found[0]), int(str(found[1])), apart=True)
    expected = tables(case)
    pipeline.undo(case, str(found[0]))
    take_in(case, folder)
    assert tables(case) == expected


def test_keeping_apart_a_row_that_is_not_there_says_so(tmp_path: Path) -> None:
    take_in(tmp_path / "case", write_all(tmp_path / "in", relay()))
    with pytest.raises(CaseError, match="no row 99"):
        pipeline.keep_apart(tmp_path / "case", "0" * 16, 99, apart=True)


def test_names_in_sql_are_quoted() -> None:
    assert quoted('a"b') == '"a""b"'


def test_tables_of_content_are_the_same_however_rows_stand(tmp_path: Path) -> None:
    files = relay()
    take_in(tmp_path / "one", write_all(tmp_path / "in1", files))
    take_in(tmp_path / "two", write_all(tmp_path / "in2", {name[::-1]: rows[::-1] for name, rows in files.items()}))
    assert tables(tmp_path / "one", OF_CONTENT) == tables(tmp_path / "two", OF_CONTENT)
