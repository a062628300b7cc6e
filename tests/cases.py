"""Look-alike files for whole cases, and what a case holds in a form that can be compared."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pyzipper

from duanka import pipeline
from duanka.importing import Options
from duanka.pipeline import Outcome
from duanka.store.case import Case

HEADER = (
    "交易卡号,交易账号,账户开户名称,开户人证件号码,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,现金标志,对手户名,对手身份证号,"
    "对手开户银行,摘要说明,交易币种,交易网点名称,交易网点代码,交易发生地,交易是否成功,传票号,终端号,IP地址,MAC地址,对手交易余额,"
    "交易流水号,日志号,凭证种类,凭证号,交易柜员号,商户名称,商户号,备注,交易类型,查询反馈结果原因"
)
COLUMNS = HEADER.split(",")
A, B, C = "990000000000001", "990000000000002", "990000000000003"
CARD_A, CARD_B = "9900000000000000017", "9900000000000000025"
NAMES = {A: "测试甲", B: "测试乙", C: "测试丙"}
Row = dict[str, str]

DERIVED = {
    "transactions": "SELECT * FROM transactions ORDER BY row_id",
    "row_order": "SELECT * FROM row_order ORDER BY seq",
    "lineage": "SELECT * FROM lineage ORDER BY out_row, in_row NULLS FIRST, amount",
    "coverage": "SELECT * FROM coverage ORDER BY account_id",
    "accounts": "SELECT * FROM accounts ORDER BY account_id",
    "aliases": "SELECT * FROM aliases ORDER BY alias",
    "parties": "SELECT * FROM parties ORDER BY party_id",
    "account_windows": "SELECT * FROM account_windows ORDER BY account_id, currency",
    "wanted": "SELECT * FROM wanted ORDER BY rank, currency",
    "row_sources": "SELECT * FROM row_sources ORDER BY row_id, source_id, source_row",
    "merges": "SELECT * FROM merges ORDER BY source_id, source_row",
    "kept": "SELECT * FROM kept ORDER BY source_id",
}
OF_CONTENT = ("transactions", "row_order", "lineage", "coverage", "accounts", "aliases", "account_windows", "wanted")
"""Tables that say nothing of the files, and so don't change when rows move within a file."""

_IMPORTED = {
    "entries": "SELECT * EXCLUDE (entry) FROM entries ORDER BY source_id, source_row",
    "rejects": "SELECT * FROM rejects ORDER BY source_id, source_row",
    "labels": "SELECT * FROM labels ORDER BY source_id, source_row, name",
    "sources": "SELECT * EXCLUDE (imported_at) FROM sources ORDER BY source_id",
    "raw_account": "SELECT * FROM raw_account ORDER BY source_id, source_row",
}

Tables = dict[str, list[tuple[object, ...]]]


def row(own: str, way: str, other: str, amount: str, time: str, **more: str) -> Row:
    """A police row of `own`'s ledger: `way` is 进 or 出."""
    plain = {
        "交易账号": own, "账户开户名称": NAMES.get(own, ""), "交易时间": time, "交易金额": amount, "收付标志": way,
        "交易对手账卡号": other, "对手户名": NAMES.get(other, ""), "交易币种": "CNY", "交易是否成功": "成功",
    }  # fmt: skip
    return plain | more


def clock(minute: int, second: int = 0, day: int = 1) -> str:
    """A moment of March 2024."""
    return f"2024-03-{day:02d} {10 + minute // 60:02d}:{minute % 60:02d}:{second:02d}"


def police(path: Path, rows: list[Row]) -> Path:
    """A file of 34 columns in GB18030."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [HEADER, *(",".join(_cell(cells.get(name, "")) for name in COLUMNS) for cells in rows)]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
    return path


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text else text


def relay() -> dict[str, list[Row]]:
    """甲 receives, pays 乙, 乙 pays on: both ledgers, with balances; by file."""
    number = itertools.count(1)

    def serial() -> dict[str, str]:
        return {"交易流水号": f"S{next(number)}"}

    outside = "9900000000000000991"
    return {
        "甲.csv": [
            row(A, "进", outside, "500.00", clock(0), 交易余额="500.00", **serial()),
            row(A, "进", outside, "300.00", clock(1), 交易余额="800.00", **serial()),
            row(A, "出", B, "700.00", clock(5), 交易余额="100.00", **serial()),
        ],
        "乙.csv": [
            row(B, "进", A, "700.00", clock(5, 30), 交易余额="700.00", **serial()),
            row(B, "出", "9900000000000000992", "650.00", clock(9), 交易余额="50.00", **serial()),
        ],
    }


def write_all(folder: Path, files: dict[str, list[Row]]) -> Path:
    for name, rows in files.items():
        police(folder / name, rows)
    return folder


def aes(path: Path, members: dict[str, bytes], password: bytes) -> Path:
    with pyzipper.AESZipFile(path, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password)
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tables(case: Path, names: tuple[str, ...] = tuple(DERIVED)) -> Tables:
    """Derived tables in a fixed order."""
    with Case(case) as opened:
        return {name: _rows(opened, DERIVED[name]) for name in names}


def imported(case: Path) -> Tables:
    """Tables as imported."""
    with Case(case) as opened:
        return {name: _rows(opened, sql) for name, sql in _IMPORTED.items()}


def _rows(case: Case, sql: str) -> list[tuple[object, ...]]:
    """By way of Arrow: DuckDB itself gives times with a zone only where pytz is installed."""
    return [tuple(row.values()) for row in case.db.arrow(sql).to_pylist()]


def query(case: Path, sql: str) -> list[tuple[object, ...]]:
    with Case(case) as opened:
        return opened.db.rows(sql)


def take_in(case: Path, *paths: Path, options: Options | None = None) -> Outcome:
    """Import, and check what must hold of every import."""
    outcome = pipeline.import_paths(case, list(paths), options=options)
    for file in outcome.files:
        rows, kept, merged, rejected = (int(str(file[name])) for name in ("rows", "kept", "merged", "rejected"))
        assert rows == kept + merged + rejected, file
    with Case(case) as opened:
        assert opened.settled()
        check_sums(opened)
    return outcome


def check_sums(case: Case) -> None:
    """Every imported row is in the ledger once, or rejected; every payment has one first row."""
    db = case.db
    assert db.rows("SELECT count(*) FROM entries") == db.rows("SELECT count(*) FROM row_sources")
    assert db.rows("SELECT count(*) FROM transactions") == db.rows("SELECT count(*) FROM row_sources WHERE first")
    assert db.rows("SELECT count(*) - count(DISTINCT row_id) FROM transactions") == [(0,)]
    assert db.rows("SELECT count(*) FROM merges") == db.rows("SELECT count(*) FROM row_sources WHERE NOT first")
    assert db.rows("""
        SELECT source_id FROM sources s LEFT JOIN kept k USING (source_id)
        WHERE s.rows <> s.rejected + coalesce(k.kept, 0) + coalesce(k.merged, 0)
    """) == []  # fmt: skip


@dataclass
class Watched:
    """A watch that remembers."""

    stages: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    count: int = 0

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def file(self, name: str, size: int) -> None:
        assert size >= 0
        self.files.append(name)

    def rows(self, count: int) -> None:
        self.count += count

    def done(self) -> None:
        self.stages.append("done")
