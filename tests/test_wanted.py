"""Whose records to ask for next: in which order, and each account once."""

from pathlib import Path

from cases import A, clock, police, query, row, take_in
from duanka import pipeline
from duanka.summary import as_text


def test_wanted_ranks_those_that_received_most_first(tmp_path: Path) -> None:
    passing, receiving, paying = "9900000000000000911", "9900000000000000929", "9900000000000000937"
    rows = [
        row(A, "出", passing, "50.00", clock(0)),
        row(A, "进", passing, "40.00", clock(1)),
        row(A, "出", receiving, "900.00", clock(2)),
        row(A, "进", paying, "950.00", clock(3)),
        row(A, "出", receiving, "5.00", clock(4), 交易是否成功="失败"),
    ]
    case = tmp_path / "case"
    outcome = take_in(case, police(tmp_path / "a.csv", rows))
    assert query(case, "SELECT account_id, why, amount, rows FROM wanted ORDER BY rank") == [
        (receiving, "received", 90000, 1),
        (passing, "received_and_paid", 5000, 2),
        (paying, "paid", 95000, 1),
    ]
    assert [one["account_id"] for one in outcome.wanted] == [receiving, passing, paying]


def test_an_account_in_two_currencies_is_wanted_once(tmp_path: Path) -> None:
    both, other = "9900000000000000911", "9900000000000000929"
    rows = [
        row(A, "出", both, "50.00", clock(0)),
        row(A, "出", both, "900.00", clock(1), 交易币种="USD"),
        row(A, "出", other, "100.00", clock(2)),
    ]
    case = tmp_path / "case"
    outcome = take_in(case, police(tmp_path / "a.csv", rows))
    assert query(case, "SELECT account_id, amount, currency, rank FROM wanted ORDER BY rank, currency") == [
        (both, 5000, "CNY", 1), (both, 90000, "USD", 1), (other, 10000, "CNY", 2),
    ]  # fmt: skip
    told = [line for line in as_text(outcome, "en").splitlines() if line.startswith("    99")]
    assert [line.split()[0] for line in told] == [both, other]
    assert "50.00 CNY, 900.00 USD" in told[0]
    page = pipeline.report(case).read_text(encoding="utf-8")
    assert "2 accounts dealt with produced ones" in page
