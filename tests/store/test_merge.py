"""Which rows are one payment: the same row twice, the two sides of a transfer, one ledger in two formats."""

from pathlib import Path

import pytest

from cases import CARD_A, CARD_B, NAMES, A, B, C, Row, clock, police, query, relay, row, tables, take_in, write_all
from duanka import pipeline

OUT, IN = "出", "进"


def payments(case: Path) -> list[tuple[object, ...]]:
    return query(case, "SELECT payer, payee, amount FROM transactions ORDER BY time, payer, payee")


def merges(case: Path) -> list[tuple[object, ...]]:
    return query(case, "SELECT source_row, into_source_row, why FROM merges ORDER BY source_id, source_row")


def test_the_same_row_in_two_files_is_one_payment(tmp_path: Path) -> None:
    one = row(A, OUT, C, "5.00", clock(0), 交易流水号="S1")
    first = police(tmp_path / "a.csv", [one, row(A, OUT, C, "6.00", clock(1), 交易流水号="S2")])
    second = police(tmp_path / "b.csv", [row(A, OUT, C, "7.00", clock(2), 交易流水号="S3"), one])
    outcome = take_in(tmp_path / "case", first, second)
    assert payments(tmp_path / "case") == [(A, C, 500), (A, C, 600), (A, C, 700)]
    assert sorted((file["kept"], file["merged"]) for file in outcome.files) == [(1, 1), (2, 0)]
    assert {why for *_, why in merges(tmp_path / "case")} == {"same_row"}


def test_without_serials_the_larger_count_of_equal_rows_holds(tmp_path: Path) -> None:
    coffee = row(A, OUT, C, "5.00", clock(0))
    files = [
        police(tmp_path / f"{count}.csv", [coffee] * count + [row(A, OUT, C, f"{count}.50", clock(1))])
        for count in (1, 3, 2)
    ]
    take_in(tmp_path / "case", *files)
    assert payments(tmp_path / "case").count((A, C, 500)) == 3
    assert len(merges(tmp_path / "case")) == 3


def test_equal_rows_of_one_file_are_separate_payments(tmp_path: Path) -> None:
    outcome = take_in(tmp_path / "case", police(tmp_path / "a.csv", [row(A, OUT, C, "5.00", clock(0))] * 4))
    assert outcome.transactions == 4
    assert query(tmp_path / "case", "SELECT count(DISTINCT row_id) FROM transactions") == [(4,)]


def test_a_row_given_by_card_and_again_by_account_is_one_payment(tmp_path: Path) -> None:
    both = row(A, OUT, C, "5.00", clock(0), 交易流水号="S1", 交易卡号=CARD_A)
    by_card = both | {"交易账号": ""}
    by_account = both | {"交易卡号": ""}
    files = [police(tmp_path / f"{i}.csv", [one]) for i, one in enumerate((both, by_card, by_account))]
    take_in(tmp_path / "case", *files)
    assert payments(tmp_path / "case") == [(A, C, 500)]


def test_two_sides_pair_and_each_gives_its_own(tmp_path: Path) -> None:
    take_in(tmp_path / "case", write_all(tmp_path / "in", relay()))
    found = query(tmp_path / "case", """
        SELECT payer, payee, amount, balance_payer, balance_payee, payer_name, payee_name, sides,
               external_id, time::VARCHAR
        FROM transactions WHERE payer = '990000000000001'
    """)  # fmt: skip
    assert found == [(A, B, 70000, 10000, 70000, NAMES[A], NAMES[B], 3, "S3", "2024-03-01 02:05:00+00")]
    assert [why for *_, why in merges(tmp_path / "case")] == ["two_sides"]


@pytest.mark.parametrize(
    ("minute", "second", "pairs"),
    [(0, 0, True), (1, 59, True), (2, 0, True), (2, 1, False), (60, 0, False)],
)
def test_sides_pair_within_the_tolerance_only(tmp_path: Path, minute: int, second: int, *, pairs: bool) -> None:
    police(tmp_path / "in" / "a.csv", [row(A, OUT, B, "5.00", clock(0))])
    police(tmp_path / "in" / "b.csv", [row(B, IN, A, "5.00", clock(minute, second))])
    assert take_in(tmp_path / "case", tmp_path / "in").transactions == (1 if pairs else 2)


def test_sides_of_one_file_pair_too(tmp_path: Path) -> None:
    rows = [row(A, OUT, B, "5.00", clock(0)), row(B, IN, A, "5.00", clock(0))]
    assert take_in(tmp_path / "case", police(tmp_path / "a.csv", rows)).transactions == 1


@pytest.mark.parametrize(
    "change", [{"交易金额": "5.01"}, {"交易币种": "USD"}, {"收付标志": OUT}, {"交易对手账卡号": C}]
)
def test_what_differs_does_not_pair(tmp_path: Path, change: Row) -> None:
    rows = [row(A, OUT, B, "5.00", clock(0)), row(B, IN, A, "5.00", clock(0)) | change]
    assert take_in(tmp_path / "case", police(tmp_path / "a.csv", rows)).transactions == 2


def test_each_side_pairs_once(tmp_path: Path) -> None:
    sent = [row(A, OUT, B, "5.00", clock(0, second)) for second in (0, 10, 20)]
    got = [row(B, IN, A, "5.00", clock(0, second)) for second in (1, 11)]
    assert take_in(tmp_path / "case", police(tmp_path / "a.csv", sent + got)).transactions == 3


def test_a_counterparty_known_by_name_only_pairs_where_one_account_has_that_holder(tmp_path: Path) -> None:
    sent = row(A, OUT, "", "5.00", clock(0)) | {"对手户名": NAMES[B]}
    take_in(tmp_path / "case", police(tmp_path / "a.csv", [sent, row(B, IN, A, "5.00", clock(0))]))
    assert payments(tmp_path / "case") == [(A, B, 500)]


def test_a_name_that_two_accounts_share_pairs_nothing(tmp_path: Path) -> None:
    sent = row(A, OUT, "", "5.00", clock(0)) | {"对手户名": NAMES[B]}
    namesake = row(C, IN, "9900000000000000033", "1.00", clock(3)) | {"账户开户名称": NAMES[B]}
    take_in(tmp_path / "case", police(tmp_path / "a.csv", [sent, row(B, IN, A, "5.00", clock(0)), namesake]))
    assert (A, None, 500) in payments(tmp_path / "case")
    assert (A, B, 500) in payments(tmp_path / "case")


def test_one_ledger_in_two_formats_is_one_ledger(tmp_path: Path) -> None:
    rows = relay()["甲.csv"]
    police(tmp_path / "in" / "police.csv", rows)
    header = "查询账号,对方账号卡号,对方账号姓名,金额,余额,借贷标志,交易类型,交易结果,交易时间,交易流水号,币种"
    names = ("交易账号", "交易对手账卡号", "对手户名", "交易金额", "交易余额")
    lines = [header]
    for number, cells in enumerate(rows):
        way = "借" if cells["收付标志"] == OUT else "贷"
        serial = cells["交易流水号"] if number else ""  # the first is told by its balance alone
        day = cells["交易时间"][:10]
        lines.append(",".join([*(cells[name] for name in names), way, "网银", "成功", day, serial, "CNY"]))
    (tmp_path / "in" / "flow.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcome = take_in(tmp_path / "case", tmp_path / "in")
    assert {file["format"] for file in outcome.files} == {"police_account_flow", "police_transactions"}
    assert outcome.transactions == len(rows)
    assert {why for *_, why in merges(tmp_path / "case")} == {"same_row_other_format"}


def test_a_merge_can_be_undone_and_allowed_again(tmp_path: Path) -> None:
    case = tmp_path / "case"
    take_in(case, write_all(tmp_path / "in", relay()))
    before = tables(case)
    (found,) = query(case, "SELECT source_id, source_row FROM merges")
    source, line = str(found[0]), int(str(found[1]))
    apart = pipeline.keep_apart(case, source, line, apart=True)
    assert apart.transactions == len(before["transactions"]) + 1
    assert merges(case) == []
    pipeline.keep_apart(case, source, line, apart=True)
    assert pipeline.keep_apart(case, source, line, apart=False).transactions == len(before["transactions"])
    assert tables(case) == before


@pytest.mark.parametrize("flagged", [0, 1])
def test_either_of_two_equal_rows_can_be_kept_apart(tmp_path: Path, flagged: int) -> None:
    case = tmp_path / "case"
    one = row(A, OUT, C, "5.00", clock(0), 交易流水号="S1")
    take_in(case, police(tmp_path / "a.csv", [one]), police(tmp_path / "b.csv", [one, one | {"交易流水号": "S2"}]))
    sources = query(case, "SELECT source_id FROM row_sources WHERE source_row = 2 ORDER BY source_id")
    assert pipeline.keep_apart(case, str(sources[flagged][0]), 2, apart=True).transactions == 3
    assert query(case, "SELECT count(DISTINCT row_id) FROM transactions") == [(3,)]


def test_both_sides_name_the_row_that_they_went_into(tmp_path: Path) -> None:
    case = tmp_path / "case"
    take_in(case, write_all(tmp_path / "in", relay()))
    assert query(case, """
        SELECT s.path LIKE '%乙.csv', m.source_row, i.path LIKE '%甲.csv', m.into_source_row, t.payer, t.payee
        FROM merges m JOIN sources s USING (source_id) JOIN sources i ON i.source_id = m.into_source_id
        JOIN transactions t USING (row_id)
    """) == [(True, 2, True, 4, A, B)]  # fmt: skip


def test_a_card_as_counterparty_finds_its_account(tmp_path: Path) -> None:
    rows = [
        row(A, OUT, CARD_B, "5.00", clock(0), 交易卡号=CARD_A),
        row(B, IN, CARD_A, "5.00", clock(0), 交易卡号=CARD_B),
    ]
    take_in(tmp_path / "case", police(tmp_path / "a.csv", rows))
    assert payments(tmp_path / "case") == [(A, B, 500)]


def test_a_receipt_is_the_other_side_of_the_retry_not_of_the_failed_payment(tmp_path: Path) -> None:
    files = {
        "甲.csv": [
            row(A, OUT, B, "300.00", clock(5), 交易流水号="S2", 交易是否成功="失败"),
            row(A, OUT, B, "300.00", clock(6), 交易流水号="S3", 交易余额="200.00"),
        ],
        "乙.csv": [row(B, IN, A, "300.00", clock(6), 交易流水号="R3", 交易余额="300.00")],
    }
    take_in(tmp_path / "case", write_all(tmp_path / "in", files))
    found = query(
        tmp_path / "case", "SELECT external_id, status, balance_payer, balance_payee FROM transactions ORDER BY time"
    )
    assert found == [("S2", "failed", None, None), ("S3", "success", 20_000, 30_000)]


def test_a_settlement_between_banks_is_the_booked_payment(tmp_path: Path) -> None:
    def text(body: str, element: str) -> str:
        return f"<Document><{element}><GrpHdr><MsgId>M</MsgId></GrpHdr>{body}</{element}></Document>"

    def settlement(serial: str, amount: str) -> str:
        return (
            f"<CdtTrfTxInf><PmtId><TxId>{serial}</TxId></PmtId><IntrBkSttlmAmt Ccy='CNY'>{amount}</IntrBkSttlmAmt>"
            "<SttlmTmIndctn><DbtDtTm>2024-03-01T10:05:00+08:00</DbtDtTm></SttlmTmIndctn>"
            f"<DbtrAcct><Id><Othr><Id>{A}</Id></Othr></Id></DbtrAcct>"
            f"<CdtrAcct><Id><Othr><Id>{B}</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>"
        )

    ledger = police(tmp_path / "a.csv", [row(A, OUT, B, "7.00", clock(5), 交易流水号="S1")])
    message = tmp_path / "pacs.xml"
    message.write_text(text(settlement("S1", "7.00") + settlement("S2", "7.00"), "FIToFICstmrCdtTrf"), encoding="utf-8")
    take_in(tmp_path / "case", ledger, message)
    assert query(tmp_path / "case", "SELECT external_id, sides FROM transactions ORDER BY external_id") == [
        ("S1", 1), ("S2", 0)]  # fmt: skip
    assert [why for *_, why in merges(tmp_path / "case")] == ["same_row_other_format"]
