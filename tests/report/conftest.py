"""A tiny case with every derived table, made by hand, so that each figure can be checked in one's head."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from duanka.store.case import Case

NOON = datetime(2025, 3, 3, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
TIME = pa.timestamp("us", tz="UTC")
EVIL = "<script>alert('x')</script>"

ROWS: list[tuple[str, str | None, str | None, int, str, str]] = [
    # row, payer, payee, amount, status, memo
    ("r1", "V1", "A", 100_000, "success", "转账"),
    ("r2", "V2", "A", 50_000, "success", "=1+1"),
    ("r3", "A", "B", 120_000, "success", ""),
    ("r4", "B", "C", 100_000, "unknown", "购币"),
    ("r5", "A", "B", 30_000, "failed", ""),
    ("r6", "V1", "B", 5_000, "success", EVIL),
    ("r7", "A", None, 10_000, "success", "ATM"),
]
LINEAGE: list[tuple[str | None, str, int]] = [
    ("r1", "r3", 100_000), ("r2", "r3", 20_000), ("r2", "r7", 10_000), ("r3", "r4", 100_000), (None, "r1", 100_000),
]  # fmt: skip
_BREAK = pa.struct(
    [("row_id", pa.string()), ("expected", pa.int64()), ("printed", pa.int64()), ("currency", pa.string())]
)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def _transactions() -> pa.Table:
    count = len(ROWS)
    texts = dict.fromkeys(
        ("external_id", "kind", "channel", "ip", "mac", "device", "payer_name", "payee_name"), [""] * count
    )
    amounts = pa.array([row[3] for row in ROWS])
    columns: dict[str, object] = {
        "row_id": [row[0] for row in ROWS], "time": pa.array([at(n) for n in range(count)], TIME),
        "zone": ["Asia/Shanghai"] * count, "time_precision": ["second"] * count,
        "payer": [row[1] for row in ROWS], "payee": [row[2] for row in ROWS],
        "amount": amounts, "currency": ["CNY"] * count,
        "amount_received": amounts, "currency_received": ["CNY"] * count,
        "status": [row[4] for row in ROWS], "memo": [row[5] for row in ROWS],
        "balance_payer": pa.nulls(count, pa.int64()), "balance_payee": pa.nulls(count, pa.int64()),
    }  # fmt: skip
    return pa.table(columns | texts)


def _windows() -> pa.Table:
    sums = {"A": (150_000, 130_000, 2, 2, 2, 2, 20_000), "B": (125_000, 100_000, 2, 1, 2, 1, 25_000)}
    rows = []
    for account, (came, went, ins, outs, payers, payees, kept) in sums.items():
        rows.append({
            "account_id": account, "currency": "CNY", "in_sum": came, "out_sum": went,
            "in_count": ins, "out_count": outs, "payers": payers, "payees": payees, "first": NOON, "last": at(6),
            "retained": kept, "passed_1h": went / came, "passed_24h": went / came, "passed_7d": went / came,
            "dwell_p10": 60, "dwell_p50": 120, "dwell_p90": 300,
            **{f"peak_{w}_{side}": total for w in ("1h", "24h", "7d") for side, total in (("in", came), ("out", went))},
        })  # fmt: skip
    return pa.Table.from_pylist(rows)


def _derived() -> dict[str, pa.Table]:
    moved = [row[0] for row in ROWS if row[4] != "failed"]
    breaks = [[], [{"row_id": "r4", "expected": 25_000, "printed": 20_000, "currency": "CNY"}]]
    names = {"A": "王伟", "B": "李娜 & Co", "C": "", "V1": "张敏", "V2": ""}
    return {
        "transactions": _transactions(),
        "row_order": pa.table({
            "row_id": moved, "seq": pa.array(range(len(moved))),
            "moment": pa.array([at(n) for n in range(len(moved))], TIME), "assumed": [row == "r7" for row in moved],
        }),
        "row_sources": pa.table({
            "row_id": [row[0] for row in ROWS] + ["r3"], "source_id": ["s1"] * len(ROWS) + ["s2"],
            "source_row": pa.array([*range(2, len(ROWS) + 2), 10_000_005]), "entry_key": ["k"] * (len(ROWS) + 1),
            "first": [True] * len(ROWS) + [False], "why": [""] * len(ROWS) + ["two_sides"],
        }),
        "merges": pa.table({
            "row_id": ["r3"], "source_id": ["s2"], "source_row": [10_000_005], "into_source_id": ["s1"],
            "into_source_row": [4], "why": ["two_sides"],
        }),
        "kept": pa.table({"source_id": ["s1", "s2"], "kept": [len(ROWS), 0], "merged": [0, 1]}),
        "accounts": pa.table({
            "account_id": list(names), "holder_name": list(names.values()), "institution": ["银行"] * len(names),
            "produced": [name in "AB" for name in names],
        }),
        "lineage": pa.Table.from_pylist([{"in_row": i, "out_row": o, "amount": amount} for i, o, amount in LINEAGE]),
        "coverage": pa.table({
            "account_id": ["A", "B"], "from": pa.array([NOON] * 2, TIME), "to": pa.array([at(60)] * 2, TIME),
            "complete": pa.array([None, False], pa.bool_()), "breaks": pa.array(breaks, pa.list_(_BREAK)),
        }),
        "wanted": pa.table({
            "account_id": ["C", "V1"], "why": ["received", "no_such_reason"], "amount": [100_000, 105_000],
            "currency": ["CNY"] * 2, "rows": [1, 2], "rank": [1, 2],
        }),
        "account_windows": _windows(),
        "aliases": pa.table({
            "alias": ["A", "6222020000000000001"], "account_id": ["A", "A"], "kind": ["account", "card"],
        }),
    }  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with Case(tmp_path / "case<1>", create=True) as opened:
        for name, table in _derived().items():
            opened.replace_table(name, table)
        for source, path, rows, rejected in (("s1", "a/statement.csv", 9, 2), ("s2", "b/side.xlsx", 1, 0)):
            opened.db.run(
                "source",
                """INSERT INTO sources VALUES (
                    ?, ?, ?, 1, 'police_transactions', '', 'gb18030', false, ?, ?, '[]', ?, '', '[]', ?)""",
                [
                    source,
                    source * 32,
                    path,
                    rows,
                    rejected,
                    '["undecodable:3:gb18030"]' if source == "s1" else "[]",
                    NOON,
                ],
            )
        for line, code, raw in ((9, "amount_missing", f"x,{EVIL}"), (10, "brand_new_code", "y")):
            opened.db.run("reject", "INSERT INTO rejects VALUES ('s1', ?, ?, 'detail', ?)", [line, code, raw])
        opened.add_unknown("c/<b>.bin", "ff", 3, "binary", ("police_transactions",))
        yield opened
