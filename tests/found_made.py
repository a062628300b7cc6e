"""A case with two rings made by hand: each figure of the report can be checked in one's head. Amounts are fen."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa

from duanka.signals.measuring import LONG
from duanka.store.case import Case
from duanka.typologies.running import HITS
from findings import put_detection

NOON = datetime(2025, 3, 3, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
TIME = pa.timestamp("us", tz="UTC")
EVIL = "<script>alert('x')</script>\" onload=\"x"

Line = tuple[str, str | None, str | None, int, str, str, int | None, int | None]

ROWS: list[Line] = [
    # row, payer, payee, amount, currency, memo, printed balance of the payer, of the payee
    ("w1", "W", "A", 8_000, "CNY", "代发工资", None, 10_000),
    ("a1", "V1", "A", 100_000, "CNY", "转账", None, 110_000),
    ("a2", "V2", "A", 50_000, "CNY", "", None, 160_000),
    ("a9", "Y", "A", 2_000, "CNY", "", None, None),
    ("a3", "A", "B", 90_000, "CNY", EVIL, 72_000, None),
    ("a4", "A", "C", 55_000, "CNY", "", 17_001, None),
    ("a5", "B", "C", 85_000, "CNY", "", None, None),
    ("a6", "C", "S", 130_000, "CNY", "货款", None, None),
    ("a7", "C", "V1", 5_000, "CNY", "", None, None),
    ("a8", "C", "X", 1_000, "CNY", "", None, None),
    ("t1", "A", "T", 300, "CNY", "缴税", None, None),
    ("t2", "A", "T", 120, "CNY", "免税店", None, None),
    ("t3", "A", "T", 45, "CNY", "电费", None, None),
    ("w2", "W", "A", 70_000, "CNY", "代发货款", None, None),
    ("d1", "V2", "D", 20_000, "CNY", "", None, None),
    ("d2", "D", "E", 19_000, "CNY", "", None, None),
    ("d3", "E", "F", 18_000, "CNY", "", None, None),
    ("u1", "V1", "D", 70_000, "USD", "", None, None),
    ("u2", "D", "E", 60_000, "USD", "", None, None),
    ("u3", "E", "S", 50_000, "USD", "", None, None),
]
RINGS = {"R-1": ("a1", "a2", "a9", "a3", "a4", "a5", "a6", "a7", "a8"), "R-2": ("d1", "d2", "d3", "u1", "u2", "u3")}
MEMBERS: list[tuple[str, str, int, str, bool]] = [
    ("R-1", "V1", 0, "victim", False), ("R-1", "V2", 0, "bettor", False), ("R-1", "A", 1, "collection", True),
    ("R-1", "B", 2, "transit", True), ("R-1", "C", 3, "cash_out", True), ("R-1", "S", 4, "good_faith", False),
    ("R-2", "V1", 0, "victim", False), ("R-2", "V2", 0, "victim", False), ("R-2", "D", 1, "collection", True),
    ("R-2", "E", 2, "transit", True), ("R-2", "F", 3, "brand_new_role", True), ("R-2", "S", 4, "merchant", False),
]  # fmt: skip
SCORES = {"A": 0.99, "C": 0.9, "B": 0.8, "D": 0.5, "E": 0.4, "F": 0.3, "V1": 0.2, "S": 0.011, "T": 0.011}
HOLDERS = {"A": "王伟", "B": EVIL, "S": "小卖部 & Co"}
REASONS = {"A": ("a1", "a3"), "C": ("a5", "a6"), "B": ("a3", "a5"), "D": ("d1", "d2"), "V1": ("a1",)}
RING_TABLE: list[dict[str, object]] = [
    {
        "ring_id": "R-1", "score": 0.8967, "accounts": 3, "inflow": 152_000, "outflow": 136_000,
        "commission_low": 0.02, "commission": 0.05, "commission_high": 0.0801,
        "commission_by_tier": [{"tier": 1, "low": 0.0407, "middle": 0.0413, "high": 0.0427}],
    },
    {
        "ring_id": "R-2", "score": 0.4, "accounts": 3, "inflow": 90_000, "outflow": 50_000,
        "commission_low": None, "commission": None, "commission_high": None, "commission_by_tier": [],
    },
]  # fmt: skip


def at(number: int) -> datetime:
    """The time of a row: one each 50 minutes from noon in Shanghai."""
    return NOON + timedelta(minutes=50 * number)


def put_ledger(case: Case, rows: Sequence[Line] = ROWS, *, precision: str = "second") -> None:
    """Transactions, order, sources, accounts and coverage; A and B are produced."""
    count = len(rows)
    texts = dict.fromkeys(
        ("external_id", "kind", "channel", "ip", "mac", "device", "payer_name", "payee_name"), [""] * count
    )
    amounts, currencies = pa.array([row[3] for row in rows]), [row[4] for row in rows]
    columns: dict[str, object] = {
        "row_id": [row[0] for row in rows], "time": pa.array([at(n) for n in range(count)], TIME),
        "zone": ["Asia/Shanghai"] * count, "time_precision": [precision] * count,
        "payer": pa.array([row[1] for row in rows], pa.string()),
        "payee": pa.array([row[2] for row in rows], pa.string()), "amount": amounts, "currency": currencies,
        "amount_received": amounts, "currency_received": currencies, "status": ["success"] * count,
        "memo": [row[5] for row in rows], "balance_payer": pa.array([row[6] for row in rows], pa.int64()),
        "balance_payee": pa.array([row[7] for row in rows], pa.int64()),
    }  # fmt: skip
    case.replace_table("transactions", pa.table(columns | texts))
    case.replace_table("row_order", pa.table({
        "row_id": [row[0] for row in rows], "seq": pa.array(range(count), pa.int64()),
        "moment": pa.array([at(n) for n in range(count)], TIME), "assumed": [False] * count,
    }))  # fmt: skip
    case.replace_table("row_sources", pa.table({
        "row_id": [row[0] for row in rows], "source_id": ["s1"] * count,
        "source_row": pa.array(range(2, count + 2), pa.int64()), "entry_key": ["k"] * count, "first": [True] * count,
        "why": [""] * count,
    }))  # fmt: skip
    names = sorted({name for row in rows for name in row[1:3] if name})
    case.replace_table("accounts", pa.table({
        "account_id": names, "holder_name": [HOLDERS.get(name, "") for name in names],
        "institution": ["银行"] * len(names), "produced": [name in "AB" for name in names],
    }))  # fmt: skip
    case.db.run("cover", 'UPDATE coverage SET "to" = "to" + INTERVAL 30 DAY')


def put_findings(case: Case, *, scores: dict[str, float] | None = None) -> None:
    """The tables of detection for the two rings; no signal stands out."""
    ranked = sorted((scores or SCORES).items(), key=lambda one: (-one[1], one[0]))
    case.replace_table("account_risk", pa.Table.from_pylist([
        {
            "account_id": account, "score": score, "rank": rank,
            "reasons": [
                {"code": "TX01", "strength": 4.0, "rows": list(REASONS[account]), "text_zh": f"快进快出{EVIL}",
                 "text_en": f"quick {account}"}
            ] if account in REASONS else [],
        }
        for rank, (account, score) in enumerate(ranked, start=1)
    ], schema=RISK))  # fmt: skip
    case.replace_table("transaction_risk", pa.table({
        "row_id": [row[0] for row in ROWS], "score": pa.array([0.5] * len(ROWS), pa.float32()),
    }))  # fmt: skip
    times = {"first_seen": at(1), "last_seen": at(9)}
    put_rings(case, [ring | times for ring in RING_TABLE])
    case.replace_table("ring_members", pl.DataFrame([
        {
            "ring_id": ring, "account_id": account, "tier": tier, "tier_confidence": 0.75, "role": role,
            "role_confidence": 0.5, "works": works,
        }
        for ring, account, tier, role, works in MEMBERS
    ]).to_arrow())  # fmt: skip
    own = [(ring, row) for ring, rows in RINGS.items() for row in rows]
    case.replace_table("ring_rows", pa.table({
        "ring_id": [ring for ring, _ in own], "row_id": [row for _, row in own], "strength": [0.5] * len(own),
    }))  # fmt: skip
    case.replace_table("signals", pl.DataFrame(schema=LONG).to_arrow(compat_level=pl.CompatLevel.newest()))
    case.replace_table("typology_hits", pl.DataFrame(schema=HITS).to_arrow(compat_level=pl.CompatLevel.newest()))
    case.replace_table("signal_gaps", pa.table({"code": ["TX09"], "missing": ["seconds"]}))
    put_detection(case)


def put_rings(case: Case, rings: list[dict[str, object]]) -> None:
    """`rings`, in any order."""
    case.replace_table("rings", pa.Table.from_pylist(rings, schema=RING_SCHEMA))


RING_SCHEMA = pa.schema([
    ("ring_id", pa.string()), ("score", pa.float64()), ("accounts", pa.int64()), ("inflow", pa.int64()),
    ("outflow", pa.int64()), ("commission_low", pa.float64()), ("commission", pa.float64()),
    ("commission_high", pa.float64()), ("commission_by_tier", pa.list_(pa.struct([
        ("tier", pa.int64()), ("low", pa.float64()), ("middle", pa.float64()), ("high", pa.float64())]))),
    ("first_seen", TIME), ("last_seen", TIME),
])  # fmt: skip
RISK = pa.schema([
    ("account_id", pa.string()), ("score", pa.float32()), ("rank", pa.int64()),
    ("reasons", pa.list_(pa.struct([
        ("code", pa.string()), ("strength", pa.float64()), ("rows", pa.list_(pa.string())), ("text_zh", pa.string()),
        ("text_en", pa.string()),
    ]))),
])  # fmt: skip
