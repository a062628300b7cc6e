"""More rows than the database may hold in memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROWS = 2_000_000
LIMIT = "300MB"
PEAK_MB = 2_000
"""Arrays of 2 M rows for the kernels, a block of text and DuckDB's share."""

HEADER = (
    "交易账号,账户开户名称,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,摘要说明,交易币种,交易流水号"
)


def write(path: Path) -> None:
    with path.open("w", encoding="gb18030") as stream:
        stream.write(HEADER + "\n")
        for number in range(ROWS):
            own, other = 990_000_000_000 + number % 50_021, 990_000_000_000 + number * 7 % 50_021
            day, second = 1 + number // 80_000, number % 86_400
            time = f"2024-03-{day:02d} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
            way = "进出"[number % 2]
            amount = f"{number % 9973}.{number % 100:02d}"
            who = f"{own},户主{own % 1000},{time},{amount},,{way},{other}"
            stream.write(f"{who},对手,转账,CNY,S{number}\n")


def test_two_million_rows_under_a_small_limit(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    write(path)
    command = [
        sys.executable,
        "-m",
        "duanka",
        "import",
        str(path),
        "--case",
        str(tmp_path / "c"),
        "--json",
        "--memory",
        LIMIT,
    ]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found = json.loads(done.stdout)
    (file,) = found["files"]
    assert (file["rows"], file["rejected"]) == (ROWS, 0)
    assert file["kept"] + file["merged"] == ROWS
    assert found["peak_memory_mb"] is None or found["peak_memory_mb"] < PEAK_MB
