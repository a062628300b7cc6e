"""The CSV templates: recognised by their header alone, whatever the order."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from duanka.records.schemas import TABLES
from duanka.records.vocabulary import RecordKind
from duanka.sources.formats import templates
from duanka.sources.record_rows import columns_of
from sources.reading import read_all

FILLED = {
    RecordKind.TRANSACTION: {"time": "2024-03-01T10:20:30", "payer": "7", "payee": "A 8", "amount": "1.50"},
    RecordKind.ACCOUNT: {"account_id": "7", "opened_on": "2020-01-02"},
    RecordKind.PARTY: {"id_number": "990101199001010010", "name": "甲"},
    RecordKind.SIM: {"phone": "10000000001", "imsi": "1"},
    RecordKind.DEVICE: {"device_id": "d1", "model": "m"},
    RecordKind.SESSION: {"account_id": "7", "time": "2024-03-01T10:20:30Z", "ip": "192.0.2.1"},
    RecordKind.CALL: {
        "phone": "10000000001",
        "other": "10000000002",
        "time": "2024-03-01T10:20:30",
        "direction": "out",
    },
    RecordKind.REPORT: {"report_id": "r1", "victim_account": "7", "amount": "2"},
    RecordKind.MEASURE: {"account_id": "7", "kind": "freeze", "start": "2024-03-01"},
    RecordKind.OUTLET: {"outlet_id": "o1", "name": "n"},
}


@pytest.mark.parametrize("kind", RecordKind)
@pytest.mark.parametrize("order", [1, -1])
def test_each_template_is_recognised_and_read(tmp_path: Path, kind: RecordKind, order: int) -> None:
    header = templates.columns(kind)[::order]
    path = tmp_path / "file.csv"
    line = ",".join(FILLED[kind].get(name, "") for name in header)
    path.write_text(",".join(header) + f"\n{line}\n", encoding="utf-8")
    result = read_all(path)
    assert result.format == templates.name_of(kind)
    assert result.rejects.is_empty()
    assert result.rows == 1
    assert "extra" not in result.entries.columns or result.entries["extra"].to_list() in ([], [""])


@pytest.mark.parametrize("kind", RecordKind)
def test_templates_hold_every_canonical_column(kind: RecordKind) -> None:
    derived = {"row_id", "zone", "time_precision", "party_id", "alias_kind"}
    more = {"payer_name", "payee_name", "payer_id", "payee_id", "payer_bank", "payee_bank"}
    wanted = set(TABLES[kind].names) if kind is RecordKind.TRANSACTION else set(columns_of(kind))
    offered = set(templates.columns(kind))
    assert offered - more <= wanted
    assert wanted - derived - offered <= ({"alias", "holder_name"} if kind is RecordKind.SESSION else set())


def test_transactions(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        templates.header_line(RecordKind.TRANSACTION) + "\n"
        "x1,2024-03-01T10:20:30+09:00,7,9900 0000 0000 0000 017,1.50,USD,10.00,CNY,甲,乙,,,,b,k,c,success,m,3.00,"
        "4.00,192.0.2.1,,d\n"
        "x2,2024-03-01,A,B,2,,,,,,,,,,,,failed,,,,,,\n"
        "x3,2024-03-01T00:00:00,A,,2,,,,,,,,,,,,odd,,,,,,\n"
        "x4,2024-03-01T00:00:00,,,2,,,,,,,,,,,,,,,,,,\n",
        encoding="utf-8",
    )
    result = read_all(path)
    assert result.format == "duanka_transactions"
    first = result.entries.row(0, named=True)
    assert first == {
        "source_row": 2, "side": 3, "payer": "7", "payee": "9900000000000000017", "own_alias": None, "payer_name": "甲",
        "payee_name": "乙", "payer_idno": "", "payee_idno": "", "payer_bank": "", "payee_bank": "b",
        "time": datetime(2024, 3, 1, 1, 20, 30, tzinfo=UTC), "zone": "Asia/Shanghai", "time_precision": "second",
        "amount": 150, "currency": "USD", "amount_received": 1000, "currency_received": "CNY", "balance_payer": 300,
        "balance_payee": 400, "external_id": "x1", "kind": "k", "channel": "c", "status": "success", "memo": "m",
        "ip": "192.0.2.1", "mac": "", "device": "d", "extra": "",
    }  # fmt: skip
    assert result.entries.select("time_precision", "status", "amount_received", "currency", "payee").rows()[1:] == [
        ("day", "failed", 200, "CNY", "B"),
        ("second", "unknown", 200, "CNY", None),
    ]
    assert result.rejects.select("source_row", "code").rows() == [(5, "account_missing")]


def test_accounts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        templates.header_line(RecordKind.ACCOUNT) + "\n7,9900000000000000017,icbc,personal,甲,990101199001010010,"
        "10000000001,2020-01-02,,o1,正常\n",
        encoding="utf-8",
    )
    account = read_all(path).records[RecordKind.ACCOUNT].row(0, named=True)
    assert (account["account_id"], account["alias"]) == ("7", "9900000000000000017")
    assert (account["opened_on"], account["phone"]) == (date(2020, 1, 2), "+8610000000001")
