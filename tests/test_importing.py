"""Files that are stored while the next are read: groups, large files among small ones, and what fails on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases import A, B, C, check_sums, clock, imported, police, query, row, take_in
from duanka import importing
from duanka.sources.batch import Batch
from duanka.sources.opened import SourceError
from duanka.store.case import Case
from duanka.watch import Silent

FILES = 7


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Seven files of one to seven rows; the larger their number, the larger they are."""
    (tmp_path / "in").mkdir()
    for number in range(FILES):
        rows = [row(A, "出", B if n % 2 else C, f"{number}{n}.50", clock(n, number)) for n in range(number + 1)]
        police(tmp_path / "in" / f"{number}.csv", rows)
    return tmp_path / "in"


def only_read(case: Path, folder: Path) -> None:
    with Case(case, create=True) as opened:
        importing.take_in(opened, [folder], importing.Options(), Silent())


@pytest.mark.parametrize(
    ("group", "small", "ahead"),
    [(1, 0, 0), (3, 900, 1 << 20), (10_000, 900, 0), (10_000, 0, 1 << 20), (3, 1 << 20, 1 << 20)],
)
def test_how_files_are_grouped_makes_no_difference(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, group: int, small: int, ahead: int
) -> None:
    usual, here = tmp_path / "usual", tmp_path / "here"
    only_read(usual, folder)
    monkeypatch.setattr(importing, "GROUP_ROWS", group)
    monkeypatch.setattr(importing, "SMALL_BYTES", small)  # 900: some files count as large
    monkeypatch.setattr(importing, "AHEAD_BYTES", ahead)
    only_read(here, folder)
    assert imported(here) == imported(usual)
    numbers = query(here, "SELECT entry FROM entries")
    assert len(set(numbers)) == sum(range(1, FILES + 1))


def test_a_large_file_that_fails_in_its_midst_is_wholly_out_and_the_others_are_in(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = importing._read

    def failing(batches: Iterator[Batch]) -> Iterator[Batch]:
        for batch in genuine(batches):
            yield batch
            if batch.rows == 5:
                raise SourceError("source.workbook", problem="the disk gave up")

    monkeypatch.setattr(importing, "_read", failing)
    monkeypatch.setattr(importing, "SMALL_BYTES", 0)
    case = tmp_path / "case"
    outcome = take_in(case, folder)
    assert [(Path(str(one["path"])).name, one["reason"]) for one in outcome.unknown] == [
        ("4.csv", "not a readable workbook: the disk gave up")
    ]
    assert len(outcome.files) == FILES - 1
    assert query(case, "SELECT count(*) FROM entries") == [(sum(range(1, FILES + 1)) - 5,)]
    monkeypatch.setattr(importing, "_read", genuine)
    again = take_in(case, folder)
    assert len(again.files) == FILES
    assert again.unknown == []
    with Case(case) as opened:
        check_sums(opened)


def test_a_file_read_in_another_way_replaces_its_rows(tmp_path: Path, folder: Path) -> None:
    case = tmp_path / "case"
    take_in(case, folder)
    before = query(case, "SELECT count(*), min(entry) FROM entries")
    take_in(case, folder, options=importing.Options(own_account="another"))
    after = query(case, "SELECT count(*), min(entry) FROM entries")
    assert after[0][0] == before[0][0]
    assert int(str(after[0][1])) > int(str(before[0][1]))
    with Case(case) as opened:
        check_sums(opened)


def test_copies_of_a_refused_file_are_refused_with_it(tmp_path: Path, folder: Path) -> None:
    for name in ("x.txt", "y.txt"):
        (folder / name).write_text("nothing that anybody knows", encoding="utf-8")
    outcome = take_in(tmp_path / "case", folder)
    assert sorted(Path(str(one["path"])).name for one in outcome.unknown) == ["x.txt", "y.txt"]
    assert len(outcome.files) == FILES


def test_the_mapping_file_is_no_record(tmp_path: Path, folder: Path) -> None:
    mapping = folder / "mapping.yaml"
    mapping.write_text(
        "formats:\n- name: mine\n  record: call\n  columns: {phone: 甲, other: 乙, time: 丙}\n", encoding="utf-8"
    )
    outcome = take_in(tmp_path / "case", folder, options=importing.Options(mapping=mapping))
    assert outcome.unknown == []
    assert len(outcome.files) == FILES
