"""Files written frame by frame hold, and count as, what one frame would."""

import hashlib
from pathlib import Path

import polars as pl

from duanka.synth.paper import RECORDS, TRUTH, Paper

WHOLE = pl.DataFrame({
    "word": ["a", None, "丙,", 'd"'], "number": [1, 2, None, 4], "day": pl.Series([1, 2, 3, None]).cast(pl.Date),
})  # fmt: skip


def test_a_table_in_blocks_is_the_whole_table(tmp_path: Path) -> None:
    paper = Paper(tmp_path, "made")
    paper.table(RECORDS, "words", (WHOLE.slice(first, 3) for first in (0, 3)))
    paper.text(TRUTH, "words.csv", (WHOLE.slice(first, 1) for first in range(4)))
    written = pl.read_parquet(tmp_path / "made" / "words.parquet")
    assert written.equals(WHOLE)
    assert written.schema == WHOLE.schema
    text = WHOLE.write_csv().encode()
    assert (tmp_path / "truth" / "words.csv").read_bytes() == text
    expected = hashlib.sha256(text).hexdigest()
    assert paper.contents() == {"records/words": expected, "truth/words.csv": expected}


def test_no_frame_is_no_file_and_no_row_is_an_empty_table(tmp_path: Path) -> None:
    paper = Paper(tmp_path, RECORDS)
    paper.table(RECORDS, "none", [])
    paper.table(RECORDS, "empty", [WHOLE.clear()])
    assert not (tmp_path / "records" / "none.parquet").exists()
    assert pl.read_parquet(tmp_path / "records" / "empty.parquet").equals(WHOLE.clear())
    assert list(paper.contents()) == ["records/empty"]


def test_parts_lie_in_a_folder(tmp_path: Path) -> None:
    paper = Paper(tmp_path, RECORDS)
    for number in (None, 12, None):
        paper.part(RECORDS, "rows", WHOLE, number)
    assert [path.name for path in sorted((tmp_path / "records" / "rows").iterdir())] == [
        "part-0000.parquet", "part-0001.parquet", "part-0012.parquet",
    ]  # fmt: skip
