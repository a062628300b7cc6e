"""PaySim: hours, both balances, cash-in turned round, merchants without balances."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from sources.reading import read_all

HEADER = (
    "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,"
    "isFlaggedFraud\n"
)
COLUMNS = ("payer", "payee", "amount", "balance_payer", "balance_payee", "kind")


def test_every_type_moves_money_from_who_loses_to_who_gains(tmp_path: Path) -> None:
    path = tmp_path / "paysim.csv"
    path.write_text(
        HEADER
        + "1,PAYMENT,9839.64,C1,170136.0,160296.36,M1,0.0,0.0,0,0\n"
        + "2,TRANSFER,181.0,C2,181.0,0.0,C3,0.0,181.0,1,0\n"
        + "25,CASH_IN,100.00,C4,50.0,150.0,C5,1000.0,900.0,0,1\n"
    )
    got = read_all(path)
    assert got.format == "paysim"
    assert got.entries.select(COLUMNS).rows() == [
        ("C1", "M1", 983964, 16029636, None, "PAYMENT"),
        ("C2", "C3", 18100, 0, 18100, "TRANSFER"),
        ("C5", "C4", 10000, 90000, 15000, "CASH_IN"),
    ]
    hours = [
        datetime(2017, 1, 1, 1, tzinfo=UTC),
        datetime(2017, 1, 1, 2, tzinfo=UTC),
        datetime(2017, 1, 2, 1, tzinfo=UTC),
    ]
    assert got.entries["time"].to_list() == hours
    assert set(got.entries["time_precision"]) == {"hour"}
    assert set(got.entries["side"]) == {3}
    assert set(got.entries["extra"]) == {""}
    labels = got.labels.pivot("name", index="source_row", values="value").sort("source_row")
    assert labels.rows() == [(2, "0", "0"), (3, "1", "0"), (4, "0", "1")]


@pytest.mark.parametrize("types", [["CASH_IN"], ["CASH_IN", "DEBIT", "CASH_OUT", "PAYMENT"]])
def test_the_payers_balance_never_rises(tmp_path: Path, types: list[str]) -> None:
    rows = []
    for number, kind in enumerate(types):
        change = 100 if kind == "CASH_IN" else -100
        rows.append(f"{number},{kind},100,C{number},500,{500 + change},C9{number},500,{500 - change},0,0")
    path = tmp_path / "paysim.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n")
    entries = read_all(path).entries
    assert set(entries["balance_payer"]) == {40_000}
    assert set(entries["balance_payee"]) == {60_000}


def test_columns_may_be_in_any_order_and_more(tmp_path: Path) -> None:
    path = tmp_path / "paysim.csv"
    cells = ("1", "CASH_IN", "1.00", "C1", "0.0", "1.0", "C2", "5.0", "4.0", "0", "0")
    line = dict(zip(HEADER.strip().split(","), cells, strict=True), note="seen")
    order = sorted(line)
    path.write_text(",".join(order) + "\n" + ",".join(line[name] for name in order) + "\n")
    got = read_all(path)
    assert got.entries.select(COLUMNS).rows() == [("C2", "C1", 100, 400, 100, "CASH_IN")]
    assert got.entries["extra"].to_list() == ['{"note":"seen"}']


def test_a_bad_row_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "paysim.csv"
    path.write_text(HEADER + "1,PAYMENT,,C1,1,1,M1,0,0,0,0\nx,PAYMENT,1,C1,1,1,M1,0,0,0,0\n")
    got = read_all(path)
    assert got.rejects.select(pl.col("source_row"), "code").rows() == [(2, "amount_missing"), (3, "time_unreadable")]
    assert got.entries.height == 0
