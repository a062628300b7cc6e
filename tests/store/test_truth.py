from pathlib import Path

import polars as pl
import pytest

from cases import CARD_A, A, B, clock, police, relay, row, take_in, write_all
from duanka.store.case import Case
from duanka.store.label_files import LabelError
from duanka.store.truth import Truth, accounts_of_file, of_case, transactions_of_file

OUTSIDE = "9900000000000000991"
LINES = {"account_id": pl.String, "label": pl.Int8, "ring_id": pl.String, "tier": pl.Int64, "role": pl.String}
SAML_D = (
    "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,Received_currency,Sender_bank_location,"
    "Receiver_bank_location,Payment_type,Is_laundering,Laundering_type\n"
    "10:00:00,2022-10-07,9901,9902,10,UK pounds,UK pounds,UK,UK,Cash Deposit,0,Normal\n"
    "10:01:00,2022-10-07,9902,9903,20,UK pounds,UK pounds,UK,UK,Transfer,1,Smurfing\n"
    "10:02:00,2022-10-07,9904,9901,30,UK pounds,UK pounds,UK,UK,Transfer,0,Normal\n"
)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """甲's account has a card; 乙 knows 甲 by the account."""
    files = relay()
    files["甲.csv"] = [one | {"交易卡号": CARD_A} for one in files["甲.csv"]]
    take_in(tmp_path / "case", write_all(tmp_path / "in", files))
    return tmp_path / "case"


def pairs(truth: Truth) -> dict[str, int]:
    return dict(truth.labels.select("id", "label").iter_rows())


def lines(*rows: tuple[str, int, str, int | None, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=LINES, orient="row")


def test_any_alias_names_its_account_and_the_larger_label_counts(case: Path) -> None:
    given = lines((A, 0, "R1", 0, "bettor"), (CARD_A, 1, "R1", 1, "collection"), (OUTSIDE, 0, "", None, ""))
    with Case(case) as opened:
        truth, rings = accounts_of_file(opened, given)
        again, _ = accounts_of_file(opened, given.reverse())
    assert pairs(truth) == pairs(again) == {A: 1, OUTSIDE: 0}
    assert (truth.unknown, truth.unknown_names) == (0, [])
    assert sorted(rings.rows()) == [(A, 0, "R1", 0, "bettor"), (A, 1, "R1", 1, "collection")]


def test_unknown_names_are_counted_once_each_and_the_first_are_named(case: Path) -> None:
    strangers = [(f"99{number:03d}", int(number < 3), "R1", 1, "") for number in range(12)]
    with Case(case) as opened:
        truth, rings = accounts_of_file(opened, lines(*strangers, *strangers, (B, 1, "", None, "")))
    assert (truth.unknown, truth.unknown_positives) == (12, 3)
    assert truth.unknown_names == [name for name, *_ in strangers[:10]]
    assert (pairs(truth), rings.height) == ({B: 1}, 0)


def test_payments_by_the_serial_of_any_of_their_rows(case: Path) -> None:
    """S3 is 甲's row of the payment that 乙's S4 was merged into."""
    given = pl.DataFrame({"external_id": ["S3", "S4", "S1", "S99"], "label": [0, 1, 0, 1]})
    with Case(case) as opened:
        truth = transactions_of_file(opened, given)
        ids = {str(s): str(r) for s, r in opened.db.rows("SELECT external_id, row_id FROM transactions")}
    assert pairs(truth) == {ids["S3"]: 1, ids["S1"]: 0}
    assert (truth.unknown, truth.unknown_positives, truth.unknown_names, truth.ambiguous) == (1, 1, ["S99"], 0)


def test_a_serial_on_several_payments_labels_each(tmp_path: Path) -> None:
    rows = [row(A, "进", OUTSIDE, f"{amount}.00", clock(amount), 交易流水号="S") for amount in (1, 2)]
    take_in(tmp_path / "case", police(tmp_path / "a.csv", rows))
    with Case(tmp_path / "case") as opened:
        truth = transactions_of_file(opened, pl.DataFrame({"external_id": ["S"], "label": [1]}))
    assert (sorted(pairs(truth).values()), truth.ambiguous) == ([1, 1], 1)


def test_labelled_payments_label_those_who_touch_them(tmp_path: Path) -> None:
    (tmp_path / "saml.csv").write_text(SAML_D, encoding="utf-8")
    take_in(tmp_path / "case", tmp_path / "saml.csv")
    with Case(tmp_path / "case") as opened:
        accounts, payments = of_case(opened)
        suspicious = opened.db.rows("SELECT row_id FROM transactions WHERE amount = 2000")
    assert pairs(accounts) == {"9901": 0, "9902": 1, "9903": 1, "9904": 0}
    assert payments.labels.filter(pl.col("label") == 1)["id"].to_list() == [suspicious[0][0]]
    assert payments.labels.height == 3


def test_what_is_said_of_an_account_goes_before_its_payments(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "step,type,amount,nameOrig,oldbalanceOrig,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isSAR,alertID\n"
        "1,TRANSFER,5,1,9,4,2,0,5,1,7\n2,TRANSFER,1,3,9,8,4,0,1,0,-1\n",
        encoding="utf-8",
    )
    (tmp_path / "nodes.csv").write_text(
        "nodeid,init_balance,isFraud,fraudStep\n2,0,false,-1\n4,0,true,3\n9,0,1,1\n5,0,who knows,1\n", encoding="utf-8"
    )
    take_in(tmp_path / "case", tmp_path / "log.csv", tmp_path / "nodes.csv")
    with Case(tmp_path / "case") as opened:
        accounts, payments = of_case(opened)
    assert pairs(accounts) == {"1": 1, "2": 0, "3": 0, "4": 1, "9": 1}
    assert sorted(pairs(payments).values()) == [0, 1]


def test_a_case_without_labels_says_so(case: Path) -> None:
    with Case(case) as opened, pytest.raises(LabelError, match="--labels"):
        of_case(opened)
