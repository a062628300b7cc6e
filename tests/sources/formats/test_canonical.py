"""Duanka's own Parquet: typed, in minor units, told from the templates, and an export read back."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from cases import A, B, C, clock, police, query, row, take_in
from duanka.records.schemas import TABLES
from duanka.records.vocabulary import RecordKind
from duanka.report.tables import export
from duanka.sources.batch import BOTH
from duanka.sources.formats.canonical import BATCH_ROWS
from duanka.store.case import Case
from sources.reading import RefusedError, read_all

TIME = datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC)
ROW = {
    "external_id": "S1", "time": TIME, "zone": "Asia/Shanghai", "time_precision": "second", "payer": A, "payee": B,
    "amount": 12_345, "currency": "CNY", "amount_received": 12_345, "currency_received": "CNY", "kind": "转账",
    "channel": "手机银行", "status": "success", "memo": "", "balance_payer": 5, "balance_payee": None,
    "ip": "", "mac": "",
    "device": "",
}  # fmt: skip


def write(path: Path, *rows: dict[str, object], **types: type[pl.DataType]) -> Path:
    pl.DataFrame(
        list(rows), schema_overrides={"balance_payee": pl.Int64, **types}, infer_schema_length=None
    ).write_parquet(path)
    return path


def test_amounts_are_minor_units_and_times_keep_their_zone(tmp_path: Path) -> None:
    result = read_all(write(tmp_path / "a.parquet", ROW, ROW | {"external_id": "S2", "payee": None, "zone": "Mars"}))
    assert result.format == "duanka_canonical_transactions"
    first, second = result.entries.iter_rows(named=True)
    assert (first["amount"], first["time"], first["zone"], first["side"]) == (12_345, TIME, "Asia/Shanghai", BOTH)
    assert (first["balance_payer"], first["balance_payee"], first["external_id"]) == (5, None, "S1")
    assert (second["payee"], second["zone"], second["source_row"]) == (None, "Asia/Shanghai", 2)


BAD = [
    ({"time": None}, "time_missing"), ({"amount": None}, "amount_missing"), ({"amount": -1}, "amount_unreadable"),
    ({"amount": 10**18}, "amount_too_large"), ({"currency": "元"}, "currency_unknown"),
    ({"payer": None, "payee": ""}, "account_missing"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), BAD)
def test_bad_rows_are_data_with_a_place(tmp_path: Path, change: dict[str, object], code: str) -> None:
    result = read_all(write(tmp_path / "a.parquet", ROW, ROW | change))
    assert result.entries.height == 1
    assert result.rejects.select("source_row", "code").rows() == [(2, code)]
    assert "手机银行" in result.rejects["raw"][0]


def test_words_that_nobody_knows_are_not_taken_over(tmp_path: Path) -> None:
    result = read_all(write(tmp_path / "a.parquet", ROW | {"status": "ok", "time_precision": "week"}))
    assert result.entries.select("status", "time_precision").row(0) == ("unknown", "second")


def test_text_columns_are_no_canonical_table(tmp_path: Path) -> None:
    """The template's header in Parquet holds yuan as text; it stays the template's."""
    path = tmp_path / "a.parquet"
    pl.DataFrame({"payer": [A], "payee": [B], "time": ["2024-03-01 10:20:30"], "amount": ["1.50"]}).write_parquet(path)
    result = read_all(path)
    assert result.format == "duanka_transactions"
    assert result.entries["amount"].to_list() == [150]


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_is_known_by_its_own_schema(tmp_path: Path, kind: RecordKind) -> None:
    empty = pl.from_arrow(TABLES[kind.value].empty_table())
    assert isinstance(empty, pl.DataFrame)
    empty.write_parquet(tmp_path / "a.parquet")
    name = "parties" if kind is RecordKind.PARTY else f"{kind.value}s"
    assert read_all(tmp_path / "a.parquet").format == f"duanka_canonical_{name}"


def test_an_account_keeps_its_card_its_holder_and_its_dates(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.parquet",
        {"account_id": A, "alias": "9900000000000000017", "institution": "示例银行", "kind": "personal_i",
         "holder_name": "测试甲", "holder_id": "X", "phone": "", "opened_on": date(2020, 1, 2), "closed_on": None},
        {"account_id": "", "alias": None, "institution": "", "kind": "", "holder_name": "", "holder_id": None,
         "phone": "",
         "opened_on": None, "closed_on": None},
        closed_on=pl.Date,
    )  # fmt: skip
    result = read_all(path)
    account = result.records[RecordKind.ACCOUNT].row(0, named=True)
    assert (account["alias"], account["holder_id"], account["opened_on"]) == (
        "9900000000000000017",
        "X",
        date(2020, 1, 2),
    )
    assert result.rejects["code"].to_list() == ["key_missing"]


def test_large_files_are_read_in_parts(tmp_path: Path) -> None:
    rows = BATCH_ROWS + 1
    path = write(tmp_path / "a.parquet", ROW)
    pl.concat([pl.read_parquet(path)] * rows).write_parquet(path)
    result = read_all(path)
    assert result.entries.height == rows
    assert result.entries["source_row"].to_list() == list(range(1, rows + 1))


def test_a_damaged_file_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", ROW)
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 16 + b"PAR1")
    with pytest.raises((RefusedError, ValueError)):
        read_all(path)


def test_an_export_gives_the_same_case_when_it_is_imported(tmp_path: Path) -> None:
    rows = [
        row(A, "进", "9900000000000000991", "500.00", clock(0), 交易余额="500.00", 交易流水号="S1",
            交易卡号="9900000000000000017_1"),
        row(A, "出", B, "300.00", clock(5), 交易余额="200.00", 交易流水号="S2", 摘要说明="货款"),
        row(A, "出", C, "3.00", clock(6), 交易流水号="S3", 交易是否成功="失败"),
        row(A, "出", "", "50.00", clock(7), 交易余额="150.00", 交易流水号="S4", 现金标志="现金"),
    ]  # fmt: skip
    take_in(tmp_path / "first", police(tmp_path / "a.csv", rows), police(
        tmp_path / "b.csv", [row(B, "进", A, "300.00", clock(5, 20), 交易余额="300.00", 交易流水号="T2")]
    ))  # fmt: skip
    with Case(tmp_path / "first") as case:
        for table in ("transactions", "accounts", "aliases", "parties"):
            export(case, table, "parquet", tmp_path / "out" / f"{table}.parquet")
    outcome = take_in(tmp_path / "second", tmp_path / "out")
    assert not outcome.unknown
    for sql in (
        (
            "SELECT external_id, time::VARCHAR, payer, payee, amount, status, memo, balance_payer, balance_payee,"
            " sides,"
            " payer_name, payee_name FROM transactions ORDER BY external_id"
        ),
        "SELECT alias, account_id FROM aliases ORDER BY alias",
        "SELECT account_id, holder_name, kind, produced FROM accounts ORDER BY account_id",
        "SELECT account_id FROM coverage ORDER BY account_id",
    ):
        assert query(tmp_path / "first", sql) == query(tmp_path / "second", sql)
