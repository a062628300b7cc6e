"""AMLSim: the sample's nodes and edges, the simulator's log, and its converted output."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from duanka.records.vocabulary import RecordKind
from duanka.sources.opened import Opened
from duanka.sources.registry import Recognised, open_source
from sources.reading import SHARED, ReadAll, read_all

SAMPLE = SHARED / "amlsim" / "20K_fanin200cycle200"


def read(tmp_path: Path, text: str) -> ReadAll:
    path = tmp_path / "file.csv"
    path.write_text(text)
    return read_all(path)


def labels_of(got: ReadAll, name: str) -> list[tuple[int, str, str, str]]:
    chosen = got.labels.filter(pl.col("name") == name)
    return chosen.select("source_row", "subject", "subject_id", "value").rows()


def test_sample_edges_are_days_and_exact_repeats_stay_two_payments(tmp_path: Path) -> None:
    got = read(tmp_path, "sourceNodeId,targetNodeId,value,time\n0,7,163.3,1\n0,7,163.3,1\n12,0,5,30\n")
    assert got.format == "amlsim_sample_transactions"
    assert got.entries.select("source_row", "side", "payer", "payee", "amount", "currency", "status").rows() == [
        (2, 3, "0", "7", 16330, "USD", "success"),
        (3, 3, "0", "7", 16330, "USD", "success"),
        (4, 3, "12", "0", 500, "USD", "success"),
    ]
    assert got.entries["time"].to_list() == [datetime(2017, 1, day, tzinfo=UTC) for day in (2, 2, 31)]
    assert set(got.entries["time_precision"]) == {"day"}
    assert got.labels.height == 0


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1,2,x,1", "amount_unreadable"),
        ("1,2,1.234,1", "amount_too_fine"),
        ("1,2,,1", "amount_missing"),
        ("1,2,5,", "time_missing"),
        ("1,2,5,-1", "time_unreadable"),
        ("1,2,5,noon", "time_unreadable"),
        (",,5,1", "account_missing"),
        ("1,2,5,1,9", "too_many_fields"),
    ],
)
def test_a_bad_edge_is_rejected_with_its_reason(tmp_path: Path, row: str, code: str) -> None:
    got = read(tmp_path, f"sourceNodeId,targetNodeId,value,time\n1,2,5,1\n{row}\n")
    assert got.rejects.select("source_row", "code").rows() == [(3, code)]
    assert got.rows == 2


def test_nodes_are_accounts_and_their_truth_is_labels(tmp_path: Path) -> None:
    got = read(tmp_path, "nodeid,isFraud,init_balance,fraudStep\n0,0,184.44,-1\n1,1,9.00,17\n")
    assert got.format == "amlsim_sample_nodes"
    accounts = got.records[RecordKind.ACCOUNT]
    assert accounts["account_id"].to_list() == ["0", "1"]
    assert "184.44" not in str(accounts.rows())
    assert labels_of(got, "is_fraud") == [(2, "account", "0", "0"), (3, "account", "1", "1")]
    assert labels_of(got, "fraud_step") == [(2, "account", "0", "-1"), (3, "account", "1", "17")]
    assert set(got.labels["name"]) == {"is_fraud", "fraud_step"}


def test_log_keeps_both_balances_and_both_labels(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "step,type,amount,nameOrig,oldbalanceOrig,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isSAR,alertID\n"
        "0,TRANSFER,100.5,3,500.5,400.0,8,10.0,110.5,1,42\n"
        "365,TRANSFER,1.05,8,110.5,109.45,3,400.0,401.05,0,-1\n",
    )
    assert got.format == "amlsim_log"
    columns = ("payer", "payee", "amount", "balance_payer", "balance_payee", "kind", "extra")
    assert got.entries.select(columns).rows() == [
        ("3", "8", 10050, 40000, 11050, "TRANSFER", ""),
        ("8", "3", 105, 10945, 40105, "TRANSFER", ""),
    ]
    assert got.entries["time"].to_list() == [datetime(2017, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)]
    assert labels_of(got, "is_sar") == [(2, "transaction", "", "1"), (3, "transaction", "", "0")]
    assert labels_of(got, "alert_id") == [(2, "transaction", "", "42"), (3, "transaction", "", "-1")]


def test_output_transactions_have_serials_and_days(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id\n"
        "1,10,11,TRANSFER,20.5,2017-01-05T00:00:00Z,False,-1\n"
        "2,11,12,TRANSFER,20.5,2017-01-06T00:00:00Z,True,3\n",
    )
    assert got.format == "amlsim_transactions"
    assert got.entries.select("external_id", "payer", "payee", "amount", "side").rows() == [
        ("1", "10", "11", 2050, 3),
        ("2", "11", "12", 2050, 3),
    ]
    assert got.entries["time"].to_list() == [datetime(2017, 1, 5, tzinfo=UTC), datetime(2017, 1, 6, tzinfo=UTC)]
    assert set(got.entries["time_precision"]) == {"day"}
    assert [value for *_, value in labels_of(got, "is_sar")] == ["False", "True"]


def test_output_accounts_keep_the_truth_apart(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "acct_id,dsply_nm,type,acct_stat,acct_rptng_crncy,prior_sar_count,branch_id,open_dt,close_dt,"
        "initial_deposit,bank_id\n5,C_5,SAV,A,USD,True,1,2017-01-01,,50000.0,bank_a\n",
    )
    assert got.format == "amlsim_accounts"
    columns = ("account_id", "institution", "holder_name", "outlet_id", "opened_on", "state")
    assert got.records[RecordKind.ACCOUNT].select(columns).rows() == [
        ("5", "bank_a", "C_5", "1", date(2017, 1, 1), "A")
    ]  # fmt: skip
    assert labels_of(got, "prior_sar_count") == [(2, "account", "5", "True")]


def test_transactions_are_a_full_book(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("sourceNodeId,targetNodeId,value,time\n1,2,5,1\n")
    found = open_source(Opened(path, path.name), own_account="unknown:x")
    assert isinstance(found, Recognised)
    assert found.full_book


@pytest.mark.skipif(not SAMPLE.exists(), reason="the shared AMLSim sample is not beside this checkout")
def test_the_real_sample() -> None:
    edges = read_all(SAMPLE / "transactions.csv")
    nodes = read_all(SAMPLE / "nodes.csv")
    assert (edges.entries.height, edges.rejects.height) == (120_558, 0)
    assert (nodes.records[RecordKind.ACCOUNT].height, nodes.rejects.height) == (20_000, 0)
    assert [value for *_, value in labels_of(nodes, "is_fraud")].count("1") == 1_804  # metadata.txt says 1,803
    known = set(nodes.records[RecordKind.ACCOUNT]["account_id"])
    assert set(edges.entries["payer"]) | set(edges.entries["payee"]) <= known
