"""An import killed at any moment leaves every file wholly in or wholly out, and goes on from there."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cases import A, B, C, Row, check_sums, clock, police, row, tables
from duanka.store.case import Case, hash_file

pytestmark = pytest.mark.long

ROUNDS = 12
FILES = 12


def rows_of(number: int) -> list[Row]:
    """Payments among three accounts, some of them in the file before as well."""
    chance = random.Random(number)
    made = []
    for place in range(400):
        own, other = chance.sample([A, B, C], 2)
        way = chance.choice("进出")
        serial = f"F{number - place % 2}R{place}"
        made.append(
            row(own, way, other, f"{place + 1}.00", clock(place % 300, place % 60, 1 + number), 交易流水号=serial)
        )
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kill") / "in"
    for number in range(FILES):
        police(home / f"{number:02d}.csv", rows_of(number))
    return home


def command(folder: Path, case: Path) -> list[str]:
    return [sys.executable, "-m", "duanka", "import", str(folder), "--case", str(case), "--json"]


def check_whole(case: Path) -> None:
    """Nothing of a file that is out, everything of a file that is in, no half originals under a final name."""
    if not (case / "case.duckdb").exists():
        return
    with Case(case) as opened:
        assert opened.db.rows("""
            SELECT s.source_id FROM sources s LEFT JOIN (SELECT source_id, count(*) AS n FROM entries GROUP BY ALL) e
            USING (source_id) WHERE coalesce(e.n, 0) + s.rejected <> s.rows
        """) == []  # fmt: skip
        assert opened.db.rows("SELECT 1 FROM entries WHERE source_id NOT IN (SELECT source_id FROM sources)") == []
        if opened.settled() and opened.table_exists("kept"):
            check_sums(opened)
    for path in (case / "originals").rglob("*"):
        if path.is_file() and not path.suffix:
            assert hash_file(path) == path.name


def test_killed_again_and_again(folder: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    begun = time.monotonic()
    subprocess.run(command(folder, whole), check=True, capture_output=True)
    lasts = time.monotonic() - begun
    expected = tables(whole)
    chance = random.Random(2024)
    for number in range(ROUNDS):
        case = tmp_path / f"case{number}"
        for _ in range(3):
            running = subprocess.Popen(command(folder, case), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(lasts * chance.uniform(0.2, 1.0))
            running.kill()
            running.wait()
            check_whole(case)
        done = subprocess.run(command(folder, case), check=True, capture_output=True)
        assert len(json.loads(done.stdout)["files"]) == FILES
        assert tables(case) == expected
