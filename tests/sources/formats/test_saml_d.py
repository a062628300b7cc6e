"""SAML-D: date and time in two columns, one amount, locations kept beside the row."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from sources.reading import read_all

HEADER = (
    "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,Received_currency,Sender_bank_location,"
    "Receiver_bank_location,Payment_type,Is_laundering,Laundering_type\n"
)


def test_rows_and_labels(tmp_path: Path) -> None:
    path = tmp_path / "SAML-D.csv"
    path.write_text(
        HEADER
        + "10:35:19,2022-10-07,9900000001,99,1459.15,UK pounds,UK pounds,UK,UK,Cash Deposit,0,Normal_Cash_Deposits\n"
        + "00:00:00,2022-10-08,99,9900000002,6019.6,Indian rupee,Dirham,Albania,UAE,Cross-border,1,Smurfing\n"
    )
    got = read_all(path)
    assert got.format == "saml_d"
    assert got.rejects.height == 0
    columns = (
        "source_row",
        "side",
        "payer",
        "payee",
        "amount",
        "currency",
        "amount_received",
        "currency_received",
        "kind",
    )
    assert got.entries.select(columns).rows() == [
        (2, 3, "9900000001", "99", 145915, "GBP", 145915, "GBP", "Cash Deposit"),
        (3, 3, "99", "9900000002", 601960, "INR", 601960, "INR", "Cross-border"),
    ]
    assert got.entries["time"].to_list() == [
        datetime(2022, 10, 7, 10, 35, 19, tzinfo=UTC),
        datetime(2022, 10, 8, tzinfo=UTC),
    ]
    assert set(got.entries["time_precision"]) == {"second"}  # midnight is a time like any other here
    assert json.loads(got.entries["extra"][1]) == {
        "Received_currency": "Dirham",
        "Sender_bank_location": "Albania",
        "Receiver_bank_location": "UAE",
    }
    wanted = [(2, "is_laundering", "0"), (2, "laundering_type", "Normal_Cash_Deposits"),
              (3, "is_laundering", "1"), (3, "laundering_type", "Smurfing")]  # fmt: skip
    assert sorted(got.labels.select("source_row", "name", "value").rows()) == wanted
    assert set(got.labels["subject"]) == {"transaction"}


def test_impossible_times_and_unknown_currencies_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "SAML-D.csv"
    path.write_text(
        HEADER
        + "25:00:00,2022-10-07,1,2,5,UK pounds,UK pounds,UK,UK,ACH,0,Normal\n"
        + "10:00:00,2022-10-07,1,2,5,Moon dust,UK pounds,UK,UK,ACH,0,Normal\n"
    )
    got = read_all(path)
    assert got.rejects.select(pl.col("source_row"), "code").rows() == [(2, "time_impossible"), (3, "currency_unknown")]
    assert got.labels.height == 0
