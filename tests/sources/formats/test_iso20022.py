"""ISO 20022: statements, notifications, instructions and settlements in many editions, and hostile files."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from duanka.sources.batch import Batch
from duanka.sources.formats import iso20022
from duanka.sources.opened import Opened, SourceError
from duanka.sources.registry import Recognised, open_source
from sources.reading import SHARED, RefusedError, batches_of, read_all

SAMPLES = SHARED / "iso20022"
OWN, OTHER, THIRD = "XX99000000000000000001", "XX99000000000000000002", "XX99000000000000000003"
URN = "urn:iso:std:iso:20022:tech:xsd:"


def statement(
    entries: str,
    *,
    edition: str = "camt.053.001.08",
    element: str = "BkToCstmrStmt",
    group: str = "Stmt",
    head: str = "",
    account: str = f"<Id><IBAN>{OWN}</IBAN></Id>",
) -> str:
    """A statement of one account."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{URN}{edition}"><{element}>'
        f"<GrpHdr><MsgId>M1</MsgId><CreDtTm>2024-03-05T01:02:03</CreDtTm></GrpHdr><{group}><Id>S1</Id>{head}"
        f"<Acct>{account}<Ccy>EUR</Ccy><Ownr><Nm>Owner One</Nm></Ownr>"
        f"<Svcr><FinInstnId><BICFI>AAAAXX00</BICFI></FinInstnId></Svcr></Acct>{entries}</{group}></{element}></Document>"
    )


def balance(code: str, amount: str, day: str, *, sign: str = "CRDT", currency: str = "EUR") -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(
    amount: str = "12.30",
    way: str = "CRDT",
    *details: str,
    status: str = "<Sts><Cd>BOOK</Cd></Sts>",
    booked: str = "<BookgDt><Dt>2024-03-04</Dt></BookgDt>",
    more: str = "",
    currency: str = "EUR",
) -> str:
    inner = f"<NtryDtls>{''.join(details)}</NtryDtls>" if details else ""
    return (
        f'<Ntry><NtryRef>N1</NtryRef><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{status}{booked}'
        f"{more}{inner}</Ntry>"
    )


def detail(
    amount: str = "", way: str = "", *, refs: str = "", parties: str = "", memo: str = "", currency: str = "EUR"
) -> str:
    return (
        f"<TxDtls><Refs>{refs}</Refs>"
        + (f'<Amt Ccy="{currency}">{amount}</Amt>' if amount else "")
        + (f"<CdtDbtInd>{way}</CdtDbtInd>" if way else "")
        + (f"<RltdPties>{parties}</RltdPties>" if parties else "")
        + (f"<RmtInf><Ustrd>{memo}</Ustrd></RmtInf>" if memo else "")
        + "</TxDtls>"
    )


def party(role: str, name: str = "", account: str = "", *, new: bool = True) -> str:
    inside = f"<Nm>{name}</Nm>" if name else ""
    inside = f"<Pty>{inside}</Pty>" if new and name else inside
    number = f"<{role}Acct><Id><IBAN>{account}</IBAN></Id></{role}Acct>" if account else ""
    return f"<{role}>{inside}</{role}>{number}"


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "message.xml"
    path.write_bytes(text.encode(encoding))
    return path


def periods_of(path: Path) -> tuple[list[tuple[object, ...]], list[str]]:
    _, batches = batches_of(path)
    rows = [row for batch in batches for row in batch.periods.rows()]
    return rows, [warning for batch in batches for warning in batch.warnings]


def parse(path: Path) -> list[Batch]:
    found = open_source(Opened(path, path.name), own_account="unknown:x")
    assert isinstance(found, Recognised)
    return list(found.batches)


# --- statements ----------------------------------------------------------------------------------------------------


def test_credit_and_debit_entries(tmp_path: Path) -> None:
    credit = entry(
        "12.30",
        "CRDT",
        detail(
            "12.30",
            refs="<AcctSvcrRef>A1</AcctSvcrRef><EndToEndId>E1</EndToEndId>",
            parties=party("Dbtr", "Payer Two", OTHER) + party("Cdtr", "Owner One", OWN),
            memo="Invoice 7",
        ),
        more="<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>",
    )
    debit = entry(
        "0.5",
        "DBIT",
        detail(refs="<EndToEndId>NOTPROVIDED</EndToEndId><TxId>T9</TxId>", parties=party("Cdtr", "Shop Three")),
        booked="<BookgDt><DtTm>2024-03-04T23:30:00+02:00</DtTm></BookgDt>",
    )
    got = read_all(write(tmp_path, statement(credit + debit)))
    assert (got.format, got.rejects.height) == ("iso20022_camt053", 0)
    one, two = got.entries.to_dicts()
    assert (one["source_row"], one["side"], one["payer"], one["payee"]) == (1, 2, OTHER, OWN)
    assert (one["payer_name"], one["payee_name"], one["payee_bank"]) == ("Payer Two", "Owner One", "AAAAXX00")
    assert (one["amount"], one["currency"], one["amount_received"], one["currency_received"]) == (
        1230,
        "EUR",
        1230,
        "EUR",
    )
    assert (one["time"], one["time_precision"], one["zone"]) == (datetime(2024, 3, 4, tzinfo=UTC), "day", "UTC")
    assert (one["external_id"], one["kind"], one["status"], one["memo"]) == (
        "A1",
        "PMNT/RCDT/ESCT",
        "success",
        "Invoice 7",
    )
    assert json.loads(one["extra"]) == {"end_to_end_id": "E1"}
    assert (two["source_row"], two["side"], two["payer"], two["payee"], two["payee_name"]) == (
        2,
        1,
        OWN,
        None,
        "Shop Three",
    )
    assert (two["time"], two["time_precision"]) == (datetime(2024, 3, 4, 21, 30, tzinfo=UTC), "second")
    assert (two["zone"], two["amount"], two["external_id"]) == ("+02:00", 50, "T9")


@pytest.mark.parametrize(
    ("status", "more", "expected"),
    [
        ("<Sts>BOOK</Sts>", "", "success"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "", "success"),
        ("<Sts>PDNG</Sts>", "", "pending"),
        ("<Sts><Cd>INFO</Cd></Sts>", "", "pending"),
        ("<Sts><Cd>FUTR</Cd></Sts>", "", "pending"),
        ("<Sts><Prtry>ODD</Prtry></Sts>", "", "unknown"),
        ("", "", "unknown"),
        ("<Sts>BOOK</Sts>", "<RvslInd>true</RvslInd>", "reversal"),
        ("<Sts>BOOK</Sts>", "<RvslInd>false</RvslInd>", "success"),
        ("<Sts>INFO</Sts>", "<RvslInd>true</RvslInd>", "pending"),
    ],
)
def test_status(tmp_path: Path, status: str, more: str, expected: str) -> None:
    got = read_all(write(tmp_path, statement(entry(status=status, more=more))))
    assert got.entries["status"].to_list() == [expected]


@pytest.mark.parametrize(
    ("booked", "moment", "precision", "zone"),
    [
        ("<BookgDt><Dt>2024-03-04</Dt></BookgDt>", datetime(2024, 3, 4, tzinfo=UTC), "day", "UTC"),
        ("<BookgDt><Dt>2024-03-04+02:00</Dt></BookgDt>", datetime(2024, 3, 3, 22, tzinfo=UTC), "day", "+02:00"),
        ("<BookgDt><Dt>2024-03-04Z</Dt></BookgDt>", datetime(2024, 3, 4, tzinfo=UTC), "day", "UTC"),
        (
            "<BookgDt><DtTm>2024-03-04T05:06:07</DtTm></BookgDt>",
            datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC),
            "second",
            "UTC",
        ),
        ("<BookgDt><DtTm>2024-03-04T00:00:00Z</DtTm></BookgDt>", datetime(2024, 3, 4, tzinfo=UTC), "second", "UTC"),
        (
            "<BookgDt><DtTm>2024-03-04T05:06:07.5-03:00</DtTm></BookgDt>",
            datetime(2024, 3, 4, 8, 6, 7, 500_000, tzinfo=UTC),
            "second",
            "-03:00",
        ),
        ("<ValDt><Dt>2024-03-09</Dt></ValDt>", datetime(2024, 3, 9, tzinfo=UTC), "day", "UTC"),
        (
            "<BookgDt><Dt>2024-03-04</Dt></BookgDt><ValDt><DtTm>2024-03-09T01:01:01</DtTm></ValDt>",
            datetime(2024, 3, 4, tzinfo=UTC),
            "day",
            "UTC",
        ),
    ],
)
def test_time(tmp_path: Path, booked: str, moment: datetime, precision: str, zone: str) -> None:
    got = read_all(write(tmp_path, statement(entry(booked=booked))))
    wanted = [(moment, precision, zone)]
    assert got.entries.select("time", "time_precision", "zone").rows() == wanted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (entry("12,3,0"), "amount_unreadable"),
        (entry("-1.00"), "amount_unreadable"),
        (entry("1.001"), "amount_too_fine"),
        (entry(""), "amount_missing"),
        (entry("9" * 17), "amount_too_large"),
        (entry(currency=""), "currency_unknown"),
        (entry(way=""), "direction_unknown"),
        (entry(way="BOTH"), "direction_unknown"),
        (entry(booked=""), "time_missing"),
        (entry(booked="<BookgDt><Dt>2024-02-30</Dt></BookgDt>"), "time_impossible"),
        (entry(booked="<BookgDt><Dt>soon</Dt></BookgDt>"), "time_unreadable"),
    ],
)
def test_a_bad_entry_is_rejected_with_its_place_and_text(tmp_path: Path, text: str, code: str) -> None:
    got = read_all(write(tmp_path, statement(entry() + text + entry())))
    assert got.rejects.select("source_row", "code").rows() == [(2, code)]
    assert "NtryRef=N1" in got.rejects["raw"][0]
    assert got.entries["source_row"].to_list() == [1, 3]
    assert got.rows == 3


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("KWD", "1.234", 1234), ("JPY", "500", 50_000), ("EUR", "1.70000", 170), ("EUR", "7", 700)],
)
def test_amounts_have_the_currencys_decimals(tmp_path: Path, currency: str, amount: str, minor: int) -> None:
    got = read_all(write(tmp_path, statement(entry(amount, currency=currency))))
    assert got.entries.select("amount", "currency").rows() == [(minor, currency)]


def test_an_entry_of_several_transactions_is_a_row_for_each(tmp_path: Path) -> None:
    many = entry(
        "30.00",
        "CRDT",
        detail("10.00", refs="<AcctSvcrRef>A1</AcctSvcrRef>", parties=party("Dbtr", "Payer Two", OTHER)),
        detail("20.00", refs="<TxId>T2</TxId>", parties=party("Dbtr", "Payer Three", THIRD)),
    )
    got = read_all(write(tmp_path, statement(entry("1.00") + many + entry("2.00"))))
    columns = ("source_row", "payer", "payee", "amount", "external_id", "payer_name")
    assert got.entries.select(columns).rows()[1:3] == [
        (2, OTHER, OWN, 1000, "A1", "Payer Two"),
        (3, THIRD, OWN, 2000, "T2", "Payer Three"),
    ]
    assert got.entries["source_row"].to_list() == [1, 2, 3, 4]


def test_transactions_of_opposite_directions_make_up_a_net_entry(tmp_path: Path) -> None:
    net = entry("90.00", "CRDT", detail("100.00", "CRDT"), detail("10.00", "DBIT"))
    got = read_all(write(tmp_path, statement(net)))
    assert got.entries.select("side", "payer", "payee", "amount").rows() == [
        (2, None, OWN, 10_000),
        (1, OWN, None, 1_000),
    ]


def test_transactions_that_contradict_the_entrys_direction_take_the_entrys(tmp_path: Path) -> None:
    got = read_all(write(tmp_path, statement(entry("3.00", "DBIT", detail("1.00", "CRDT"), detail("2.00", "CRDT")))))
    assert got.entries.select("side", "amount").rows() == [(1, 100), (1, 200)]


@pytest.mark.parametrize(
    "details",
    [
        (detail("10.00", memo="a"), detail("15.00", memo="b")),  # a charge was taken from the sum
        (detail("10.00"), detail()),  # one amount is not given
        (detail("10.00"), detail("20.00", currency="USD")),
        (detail("10.00"), detail("x")),
    ],
)
def test_an_entry_whose_transactions_do_not_add_up_stays_one_row(tmp_path: Path, details: tuple[str, str]) -> None:
    got = read_all(write(tmp_path, statement(entry("30.00", "CRDT", *details))))
    assert got.entries.select("source_row", "amount").rows() == [(1, 3000)]
    extra = json.loads(got.entries["extra"][0])
    assert extra["transactions_of_entry"] == 2
    assert extra["transactions"][0]["amount"] == "10.00 EUR"


def test_one_row_for_several_transactions_keeps_the_counterparty_that_all_share(tmp_path: Path) -> None:
    same = party("Cdtr", "Shop Three", THIRD)
    got = read_all(
        write(tmp_path, statement(entry("30.00", "DBIT", detail("1", parties=same), detail("2", parties=same))))
    )
    assert got.entries.select("payee", "payee_name", "amount").rows() == [(THIRD, "Shop Three", 3000)]
    mixed = (detail("1", parties=same), detail("2", parties=party("Cdtr", "Payer Two", OTHER)))
    got = read_all(write(tmp_path, statement(entry("30.00", "DBIT", *mixed))))
    assert got.entries.select("payee", "payee_name", "amount").rows() == [(None, "", 3000)]
    names = [one["name"] for one in json.loads(got.entries["extra"][0])["transactions"]]
    assert names == ["Shop Three", "Payer Two"]


def test_a_serial_shared_by_equal_parts_tells_them_apart(tmp_path: Path) -> None:
    """Equal rows with equal serials would be taken for one row printed twice."""
    batch = entry("6.00", "CRDT", detail("2.00"), detail("2.00"), detail("2.00"))
    other_day = entry("2.00", booked="<BookgDt><Dt>2024-03-05</Dt></BookgDt>")
    got = read_all(write(tmp_path, statement(batch + entry("2.00", "DBIT") + other_day)))
    assert got.entries["external_id"].to_list() == ["N1", "N1#2", "N1#3", "N1", "N1"]


def test_amount_of_a_transaction_is_the_one_in_the_entrys_currency(tmp_path: Path) -> None:
    old = (
        '<TxDtls><AmtDtls><InstdAmt><Amt Ccy="USD">75.00</Amt></InstdAmt>'
        '<TxAmt><Amt Ccy="EUR">{}</Amt></TxAmt></AmtDtls></TxDtls>'
    )
    got = read_all(write(tmp_path, statement(entry("30.00", "DBIT", old.format("10.00"), old.format("20.00")))))
    assert got.entries["amount"].to_list() == [1000, 2000]
    assert json.loads(got.entries["extra"][0])["instructed_amount"] == "75.00 USD"


PAYER, PAYEE = party("Dbtr", "Payer Two", OTHER), party("Cdtr", "Shop Three", THIRD)
SELF_DEBTOR, SELF_CREDITOR = party("Dbtr", "Owner One", OWN), party("Cdtr", "Owner One", OWN)


@pytest.mark.parametrize(
    ("way", "reversal", "parties", "other", "name"),
    [
        ("CRDT", False, PAYER + SELF_CREDITOR, OTHER, "Payer Two"),
        ("DBIT", False, SELF_DEBTOR + PAYEE, THIRD, "Shop Three"),
        ("CRDT", False, PAYER, OTHER, "Payer Two"),
        ("DBIT", False, PAYEE, THIRD, "Shop Three"),
        ("CRDT", True, SELF_DEBTOR + PAYEE, THIRD, "Shop Three"),  # money back from the shop, roles as they were
        ("CRDT", True, PAYEE, THIRD, "Shop Three"),
        ("CRDT", True, party("Dbtr", "Shop Three", THIRD) + SELF_CREDITOR, THIRD, "Shop Three"),  # roles turned round
        ("CRDT", True, party("Dbtr", "Payer Two"), None, "Payer Two"),  # turned round, by name only
        ("DBIT", True, PAYER + SELF_CREDITOR, OTHER, "Payer Two"),
        ("CRDT", False, SELF_DEBTOR + SELF_CREDITOR, OWN, "Owner One"),
        ("CRDT", False, party("Dbtr", "Payer Two", "NOTPROVIDED"), None, "Payer Two"),
        ("CRDT", False, "", None, ""),
    ],
)
def test_counterparty(tmp_path: Path, way: str, reversal: bool, parties: str, other: str | None, name: str) -> None:  # noqa: FBT001
    more = "<RvslInd>true</RvslInd>" if reversal else ""
    got = read_all(write(tmp_path, statement(entry("1.00", way, detail("1.00", parties=parties), more=more))))
    own_side, other_side = ("payee", "payer") if way == "CRDT" else ("payer", "payee")
    assert got.entries[own_side].to_list() == [OWN]
    assert got.entries.select(other_side, f"{other_side}_name").rows() == [(other, name)]


def test_party_in_old_and_new_editions_and_its_agent(tmp_path: Path) -> None:
    agents = "<RltdAgts><DbtrAgt><FinInstnId><BIC>BBBBXX00XXX</BIC></FinInstnId></DbtrAgt></RltdAgts>"
    idno = "<Id><PrvtId><Othr><Id>990000200001010018</Id></Othr></PrvtId></Id>"
    old = f"<TxDtls><RltdPties><Dbtr><Nm>Payer Two</Nm>{idno}</Dbtr></RltdPties>{agents}</TxDtls>"
    new = f"<TxDtls><RltdPties><Dbtr><Pty><Nm>Payer Two</Nm>{idno}</Pty></Dbtr></RltdPties>{agents}</TxDtls>"
    got = read_all(write(tmp_path, statement(entry("1", "CRDT", old) + entry("1", "CRDT", new))))
    assert (
        got.entries.select("payer_name", "payer_idno", "payer_bank").rows()
        == [("Payer Two", "990000200001010018", "BBBBXX00XXX")] * 2
    )


@pytest.mark.parametrize(
    ("account", "own"),
    [
        ("<Id><Othr><Id>9900000000000001</Id></Othr></Id>", "9900000000000001"),
        ("<Id><PrtryAcct><Id>9900000000000001</Id></PrtryAcct></Id>", "9900000000000001"),
        ("<Id><Othr><Id>NOTPROVIDED</Id></Othr></Id>", "unknown:x"),
        ("", "unknown:x"),
    ],
)
def test_own_account(tmp_path: Path, account: str, own: str) -> None:
    path = write(tmp_path, statement(entry(), account=account, head="<FrToDt><FrDtTm>2024-03-01T00:00:00</FrDtTm>"
                                     "<ToDtTm>2024-03-31T23:59:59</ToDtTm></FrToDt>"))  # fmt: skip
    assert read_all(path).entries["payee"].to_list() == [own]
    rows, _ = periods_of(path)
    assert [row[0] for row in rows] == [own]


def test_several_statements_in_one_file_keep_their_own_accounts(tmp_path: Path) -> None:
    first = statement(entry("1.00"))
    second = statement(entry("2.00") + entry("3.00"), account=f"<Id><IBAN>{OTHER}</IBAN></Id>")
    both = first.replace("</Stmt>", "</Stmt>" + second[second.index("<Stmt>") : second.index("</BkTo")])
    got = read_all(write(tmp_path, both))
    assert got.entries.select("source_row", "payee", "amount").rows() == [
        (1, OWN, 100),
        (2, OTHER, 200),
        (3, OTHER, 300),
    ]


# --- periods -------------------------------------------------------------------------------------------------------

FROM_TO = "<FrToDt><FrDtTm>{}</FrDtTm><ToDtTm>{}</ToDtTm></FrToDt>"
MARCH = (datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 31, 23, 59, 59, 999_999, tzinfo=UTC))
FOURTH = (datetime(2024, 3, 4, tzinfo=UTC), datetime(2024, 3, 4, 23, 59, 59, 999_999, tzinfo=UTC))


def test_period_with_balances(tmp_path: Path) -> None:
    head = FROM_TO.format("2024-03-01T00:00:00", "2024-03-31T23:59:59")
    text = balance("OPBD", "10.00", "2024-03-01", sign="DBIT") + balance("CLBD", "2.3", "2024-03-31") + entry()
    assert periods_of(write(tmp_path, statement(text, head=head))) == ([(OWN, *MARCH, -1000, 230, "EUR")], [])


@pytest.mark.parametrize(
    ("head", "text", "expected"),
    [
        (FROM_TO.format("2024-03-01T00:00:00", "2024-03-31T00:00:00"), balance("CLBD", "1", "2024-03-31"), MARCH),
        (FROM_TO.format("2024-03-04T00:00:00", "2024-03-04T00:00:00"), entry(), FOURTH),
        (FROM_TO.format("2024-03-01T00:00:00Z", "2024-03-31T23:59:59Z"), "", MARCH),
        ("", balance("PRCD", "1", "2024-02-29") + balance("CLBD", "1", "2024-03-31") + entry(), MARCH),
        ("", balance("OPAV", "1", "2024-03-01") + balance("ITBD", "1", "2024-03-31") + entry(), MARCH),
        # the stated days don't hold the entry, the balances' days do
        (
            FROM_TO.format("2023-01-01T00:00:00", "2023-01-31T00:00:00"),
            balance("OPBD", "1", "2024-03-04") + balance("CLBD", "1", "2024-03-04") + entry(),
            FOURTH,
        ),
    ],
)
def test_days_of_a_period(tmp_path: Path, head: str, text: str, expected: tuple[datetime, datetime]) -> None:
    rows, warnings = periods_of(write(tmp_path, statement(text, head=head)))
    assert [row[1:3] for row in rows] == [expected]
    assert warnings == []


def test_a_period_that_nothing_supports_is_left_out_with_a_warning(tmp_path: Path) -> None:
    head = FROM_TO.format("2023-01-01T00:00:00", "2023-01-31T00:00:00")
    assert periods_of(write(tmp_path, statement(entry(), head=head))) == ([], [f"period_contradicts_entries:{OWN}"])
    assert periods_of(write(tmp_path, statement(entry()))) == ([], [])


def test_a_period_for_each_currency_of_the_balances(tmp_path: Path) -> None:
    text = (
        balance("OPBD", "1", "2024-03-01") + balance("OPBD", "2", "2024-03-01", currency="KWD")
        + balance("CLBD", "3", "2024-03-31") + balance("CLBD", "4", "2024-03-31", currency="KWD")
    )  # fmt: skip
    rows, _ = periods_of(write(tmp_path, statement(text)))
    assert [row[3:] for row in rows] == [(100, 300, "EUR"), (2000, 4000, "KWD")]


@pytest.mark.parametrize(("code", "element", "group"), [("camt.054", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
                                                        ("camt.052", "BkToCstmrAcctRpt", "Rpt")])  # fmt: skip
def test_notifications_and_reports_have_rows_but_no_period(tmp_path: Path, code: str, element: str, group: str) -> None:
    head = FROM_TO.format("2024-03-01T00:00:00", "2024-03-31T23:59:59")
    path = write(tmp_path, statement(entry(), edition=f"{code}.001.02", element=element, group=group, head=head))
    got = read_all(path)
    assert got.format == "iso20022_" + code.replace(".", "")
    assert got.entries.select("side", "payee", "amount").rows() == [(2, OWN, 1230)]
    assert periods_of(path) == ([], [])


# --- payments ------------------------------------------------------------------------------------------------------


def pain(executed: str, transactions: str, *, edition: str = "pain.001.001.03", namespace: str = "") -> str:
    return (
        f'<Document xmlns="{namespace or URN + edition}"><CstmrCdtTrfInitn>'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2024-03-01T08:00:00</CreDtTm></GrpHdr>"
        f"<PmtInf><PmtInfId>P1</PmtInfId><PmtMtd>TRF</PmtMtd>{executed}<Dbtr><Nm>Owner One</Nm></Dbtr>"
        f"<DbtrAcct><Id><IBAN>{OWN}</IBAN></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><BIC>AAAAXX00</BIC></FinInstnId></DbtrAgt>"
        f"{transactions}</PmtInf></CstmrCdtTrfInitn></Document>"
    )


CREDIT = (
    "<CdtTrfTxInf><PmtId><InstrId>I1</InstrId><EndToEndId>{}</EndToEndId></PmtId><Amt>{}</Amt>"
    "<CdtrAgt><FinInstnId><BIC>BBBBXX00</BIC></FinInstnId></CdtrAgt><Cdtr><Nm>Shop Three</Nm></Cdtr>{}"
    "<RmtInf><Ustrd>Part 1</Ustrd><Ustrd>Part 2</Ustrd></RmtInf></CdtTrfTxInf>"
)
TO_THIRD = f"<CdtrAcct><Id><IBAN>{THIRD}</IBAN></Id></CdtrAcct>"
FIVE = '<InstdAmt Ccy="EUR">5.00</InstdAmt>'


@pytest.mark.parametrize(
    ("executed", "moment", "precision"),
    [
        ("<ReqdExctnDt>2024-03-04</ReqdExctnDt>", datetime(2024, 3, 4, tzinfo=UTC), "day"),
        ("<ReqdExctnDt><Dt>2024-03-04</Dt></ReqdExctnDt>", datetime(2024, 3, 4, tzinfo=UTC), "day"),
        (
            "<ReqdExctnDt><DtTm>2024-03-04T10:00:00+08:00</DtTm></ReqdExctnDt>",
            datetime(2024, 3, 4, 2, tzinfo=UTC),
            "second",
        ),
        ("", datetime(2024, 3, 1, 8, tzinfo=UTC), "second"),
    ],
)
def test_pain_is_an_instruction_of_nobodys_ledger(
    tmp_path: Path, executed: str, moment: datetime, precision: str
) -> None:
    got = read_all(write(tmp_path, pain(executed, CREDIT.format("E1", FIVE, TO_THIRD))))
    assert got.format == "iso20022_pain001"
    row = got.entries.row(0, named=True)
    assert (row["side"], row["status"], row["payer"], row["payee"]) == (0, "pending", OWN, THIRD)
    assert (row["payer_name"], row["payee_name"], row["payer_bank"], row["payee_bank"]) == (
        "Owner One", "Shop Three", "AAAAXX00", "BBBBXX00",
    )  # fmt: skip
    assert (row["amount"], row["time"], row["time_precision"]) == (500, moment, precision)
    assert (row["external_id"], row["kind"], row["memo"]) == ("E1", "TRF", "Part 1 Part 2")


def test_pain_of_a_national_variant_with_an_equivalent_amount_and_a_nameless_account(tmp_path: Path) -> None:
    equivalent = '<EqvtAmt><Amt Ccy="CHF">1</Amt><CcyOfTrf>EUR</CcyOfTrf></EqvtAmt>'
    text = pain(
        "<ReqdExctnDt>2024-03-04</ReqdExctnDt>",
        CREDIT.format("NOTPROVIDED", equivalent, "") + CREDIT.format("E2", FIVE, TO_THIRD),
        namespace="http://www.six-interbank-clearing.com/de/pain.001.001.03.ch.02.xsd",
    )
    got = read_all(write(tmp_path, text))
    columns = ("source_row", "payer", "payee", "payee_name", "amount", "currency", "external_id")
    assert got.entries.select(columns).rows() == [
        (1, OWN, None, "Shop Three", 100, "CHF", "I1"),
        (2, OWN, THIRD, "Shop Three", 500, "EUR", "E2"),
    ]
    assert json.loads(got.entries["extra"][0])["currency_of_transfer"] == "EUR"


def pacs(
    kind: str,
    parties: str,
    *,
    created: str = "2024-03-04T10:11:12",
    settled: str = "<IntrBkSttlmDt>2024-03-04</IntrBkSttlmDt>",
) -> str:
    element = {"pacs.008": "FIToFICstmrCdtTrf", "pacs.009": "FICdtTrf"}[kind]
    return (
        f'<d:Document xmlns:d="{URN}{kind}.001.08"><d:{element}>'
        f"<d:GrpHdr><d:MsgId>M1</d:MsgId><d:CreDtTm>{created}</d:CreDtTm></d:GrpHdr>"
        "<d:CdtTrfTxInf><d:PmtId><d:EndToEndId>E1</d:EndToEndId><d:TxId>T1</d:TxId><d:UETR>U1</d:UETR></d:PmtId>"
        f'<d:IntrBkSttlmAmt Ccy="USD">12.5</d:IntrBkSttlmAmt>{settled}<d:InstdAmt Ccy="EUR">11</d:InstdAmt>{parties}'
        f"</d:CdtTrfTxInf></d:{element}></d:Document>"
    ).replace("<d:d:", "<d:")


def prefixed(text: str) -> str:
    return text.replace("</", "\0").replace("<", "<d:").replace("\0", "</d:")


def test_pacs_008_with_prefixed_names(tmp_path: Path) -> None:
    parties = prefixed(party("Dbtr", "Payer Two", OTHER, new=False) + party("Cdtr", "Shop Three", new=False))
    got = read_all(
        write(tmp_path, pacs("pacs.008", parties, settled=prefixed("<IntrBkSttlmDt>2024-03-04</IntrBkSttlmDt>")))
    )
    assert got.format == "iso20022_pacs008"
    row = got.entries.row(0, named=True)
    assert (row["side"], row["status"], row["payer"], row["payee"], row["payee_name"]) == (
        0, "success", OTHER, None, "Shop Three",
    )  # fmt: skip
    assert (row["amount"], row["currency"], row["external_id"]) == (1250, "USD", "T1")
    assert (row["time"], row["time_precision"]) == (datetime(2024, 3, 4, 10, 11, 12, tzinfo=UTC), "second")
    assert json.loads(row["extra"])["instructed_amount"] == "11 EUR"


@pytest.mark.parametrize(
    ("settled", "moment", "precision"),
    [
        ("<IntrBkSttlmDt>2024-03-06</IntrBkSttlmDt>", datetime(2024, 3, 6, tzinfo=UTC), "day"),
        ("", datetime(2024, 3, 4, 10, 11, 12, tzinfo=UTC), "second"),
        (
            "<IntrBkSttlmDt>2024-03-04</IntrBkSttlmDt><SttlmTmIndctn><DbtDtTm>2024-03-04T09:00:00Z</DbtDtTm></SttlmTmIndctn>",
            datetime(2024, 3, 4, 9, tzinfo=UTC),
            "second",
        ),
    ],
)
def test_time_of_a_settlement(tmp_path: Path, settled: str, moment: datetime, precision: str) -> None:
    parties = prefixed(party("Dbtr", "", OTHER, new=False))
    got = read_all(write(tmp_path, pacs("pacs.008", parties, settled=prefixed(settled))))
    assert got.entries.select("time", "time_precision").rows() == [(moment, precision)]


def test_pacs_008_that_names_no_account_is_rejected(tmp_path: Path) -> None:
    parties = prefixed(party("Dbtr", "Payer Two", new=False) + party("Cdtr", "Shop Three", new=False))
    got = read_all(write(tmp_path, pacs("pacs.008", parties)))
    assert got.rejects.select("source_row", "code").rows() == [(1, "account_missing")]
    assert "Payer Two" in got.rejects["raw"][0]


def test_pacs_009_knows_institutions_by_their_codes(tmp_path: Path) -> None:
    institution = "<{0}><FinInstnId>{1}<Nm>Bank of {0}</Nm></FinInstnId></{0}>"
    member = "<ClrSysMmbId><MmbId>990000000001</MmbId></ClrSysMmbId>"
    parties = institution.format("Dbtr", "<BICFI>AAAAXX00XXX</BICFI>") + institution.format("Cdtr", member)
    got = read_all(write(tmp_path, pacs("pacs.009", prefixed(parties))))
    columns = ("side", "payer", "payee", "payer_name", "payee_name", "payer_bank", "payee_bank")
    assert got.entries.select(columns).rows() == [
        (0, "bic:AAAAXX00", "member:990000000001", "Bank of Dbtr", "Bank of Cdtr", "AAAAXX00XXX", "990000000001")
    ]
    branch = institution.format("Dbtr", "<BICFI>AAAAXX00123</BICFI>") + prefixed("")
    account = f"<DbtrAcct><Id><IBAN>{OWN}</IBAN></Id></DbtrAcct>"
    got = read_all(write(tmp_path, pacs("pacs.009", prefixed(branch))))
    assert got.entries["payer"].to_list() == ["bic:AAAAXX00123"]
    got = read_all(write(tmp_path, pacs("pacs.009", prefixed(branch + account))))
    assert got.entries["payer"].to_list() == [OWN]


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    name = "Zoë Müller" if encoding != "gb18030" else "测试甲"
    declared = {"utf-8-sig": "utf-8", "latin-1": "iso-8859-1", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}
    text = statement(entry("1", "CRDT", detail("1", parties=party("Dbtr", name))))
    text = text.replace("UTF-8", declared.get(encoding, encoding))
    assert read_all(write(tmp_path, text, encoding)).entries["payer_name"].to_list() == [name]


@pytest.mark.parametrize("blanks", ["\r\n\r\n", "  \n", "\ufeff\n"])
def test_blanks_before_the_declaration(tmp_path: Path, blanks: str) -> None:
    assert read_all(write(tmp_path, blanks + statement(entry()))).rows == 1


def test_an_envelope_and_comments_do_not_matter(tmp_path: Path) -> None:
    body = statement("<!-- one --><?note two?>" + entry("1.<!-- three -->00")).split("?>", 1)[1]
    head = f'<AppHdr xmlns="{URN}head.001.001.01"><MsgDefIdr>camt.053.001.08</MsgDefIdr></AppHdr>'
    text = f"<!-- <FICdtTrf> is not here --><Envelope>{head}{body}</Envelope>"
    got = read_all(write(tmp_path, text))
    assert (got.format, got.entries["amount"].to_list()) == ("iso20022_camt053", [100])


def test_an_envelope_may_hold_messages_of_several_kinds(tmp_path: Path) -> None:
    bodies = [
        statement(entry("1.00")).split("?>", 1)[1],
        pain("<ReqdExctnDt>2024-03-04</ReqdExctnDt>", CREDIT.format("E1", FIVE, TO_THIRD)),
        pacs("pacs.008", prefixed(party("Dbtr", "", OTHER, new=False))),
        statement(entry("2.00")).split("?>", 1)[1],
    ]
    got = read_all(write(tmp_path, "<Envelope>" + "".join(bodies) + "</Envelope>"))
    assert got.entries.select("source_row", "side", "amount").rows() == [
        (1, 2, 100),
        (2, 0, 500),
        (3, 0, 1250),
        (4, 2, 200),
    ]


def test_first_editions_append_their_version_to_the_element(tmp_path: Path) -> None:
    path = write(tmp_path, statement(entry(), edition="camt.053.001.01", element="BkToCstmrStmtV01"))
    assert read_all(path).rows == 1


@pytest.mark.parametrize(
    "text",
    [
        "<Document><FIToFIPmtStsRpt/></Document>",
        "<svg/>",
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'/>",
        "<!-- <BkToCstmrStmt> --><a/>",
    ],
)
def test_other_xml_is_unknown(tmp_path: Path, text: str) -> None:
    with pytest.raises(RefusedError):
        read_all(write(tmp_path, text))


def test_rows_of_an_unknown_message_beside_a_known_one_are_not_taken(tmp_path: Path) -> None:
    stranger = f"<Other><Stmt>{entry()}</Stmt></Other>"
    text = f"<Envelope>{statement(entry('1.00')).split('?>', 1)[1]}{stranger}</Envelope>"
    assert read_all(write(tmp_path, text)).entries["amount"].to_list() == [100]


def test_a_truncated_file_is_refused_with_its_line(tmp_path: Path) -> None:
    text = statement("\n".join(entry() for _ in range(50)))
    path = write(tmp_path, text[: len(text) // 2])
    with pytest.raises(SourceError, match=r"line 2\d: not well-formed XML") as caught:
        parse(path)
    assert "nothing of the file was kept" in str(caught.value)


def test_a_file_in_the_wrong_encoding_is_refused(tmp_path: Path) -> None:
    text = statement(entry("1", "CRDT", detail("1", parties=party("Dbtr", "测试甲"))))
    with pytest.raises(SourceError, match="not well-formed"):
        parse(write(tmp_path, text, "gb18030"))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Document SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Document [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>',
        f'<!DOCTYPE Document [<!ENTITY l0 "ha">{LAUGHS}]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_dtd_is_refused_before_anything_is_read(tmp_path: Path, doctype: str, encoding: str) -> None:
    text = statement(entry("1", "CRDT", detail("1", parties=party("Dbtr", "&x;&l9;")))).replace("UTF-8", encoding)
    with pytest.raises(SourceError, match="DTD"):
        parse(write(tmp_path, text.replace("?>\n", "?>" + doctype, 1), encoding))


def test_a_dtd_far_down_the_file_is_refused_too(tmp_path: Path) -> None:
    text = statement(entry())
    hidden = f"<!-- {'x' * iso20022.HEAD_BYTES} --><!DOCTYPE Document [<!ENTITY x 'y'>]>"
    path = write(tmp_path, text.replace("?>\n", "?>" + hidden, 1))
    reader = next(reader for reader in iso20022.READERS if reader.name == "iso20022_camt053")
    with pytest.raises(SourceError, match="DTD"):
        list(reader.read(Opened(path, path.name), own_account="unknown:x"))


def test_an_undeclared_entity_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not well-formed"):
        parse(write(tmp_path, statement(entry("1", "CRDT", detail("1", memo="&boom;")))))


def test_a_bottomless_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not well-formed"):
        parse(write(tmp_path, statement(f"{'<a>' * 5000}{'</a>' * 5000}{entry()}")))


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a row, transaction or statement was taken, it is empty and the one before it is gone."""
    forget, seen = iso20022._forget, []

    def watched(element: etree._Element) -> None:
        forget(element)
        before = element.getprevious()
        seen.append(len(element) == 0 and (before is None or before.tag != element.tag))

    monkeypatch.setattr(iso20022, "_forget", watched)
    many = tuple(detail("0.10") for _ in range(300))
    text = statement("".join(entry() for _ in range(300)) + entry("30.00", "CRDT", *many))
    group = text[text.index("<Stmt>") : text.index("</BkTo")]
    assert len(parse(write(tmp_path, text.replace("</BkTo", group * 20 + "</BkTo")))) > 1
    assert len(seen) == 21 * (300 + 300 + 1 + 1)
    assert all(seen)


def test_long_files_come_in_batches_and_leave_no_tree_behind(tmp_path: Path) -> None:
    count = iso20022.BATCH_ROWS * 2 + 1
    path = write(tmp_path, statement("".join(entry(f"{n}.00") for n in range(1, count + 1))))
    batches = parse(path)
    assert [batch.rows for batch in batches if batch.rows] == [iso20022.BATCH_ROWS, iso20022.BATCH_ROWS, 1]
    assert sum(int(batch.entries["amount"].sum()) for batch in batches) == 100 * count * (count + 1) // 2
    assert [row for batch in batches for row in batch.entries["source_row"]] == list(range(1, count + 1))


# --- properties ----------------------------------------------------------------------------------------------------

CENTS = st.integers(0, 10**12)
DETAILS = st.lists(st.tuples(CENTS, st.sampled_from(["CRDT", "DBIT", ""])), max_size=5)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(entries=st.lists(st.tuples(CENTS, st.sampled_from(["CRDT", "DBIT"]), DETAILS, st.booleans()), max_size=6))
def test_no_entrys_sum_is_ever_lost(
    tmp_path: Path, entries: list[tuple[int, str, list[tuple[int, str]], bool]]
) -> None:
    """Whatever the transactions say, the rows of an entry add up to the entry."""
    text, wanted = "", 0
    for own, way, details, exact in entries:
        signed: int = sum(cents if (kind or way) == way else -cents for cents, kind in details)
        whole = signed if exact and details and signed >= 0 else own
        parts = [detail(str(Decimal(cents) / 100), kind) for cents, kind in details]
        text += entry(str(Decimal(whole) / 100), way, *parts)
        wanted += whole if way == "CRDT" else -whole
    got = read_all(write(tmp_path, statement(text)))
    into = int(got.entries.filter(got.entries["side"] == 2)["amount"].sum())
    out = int(got.entries.filter(got.entries["side"] == 1)["amount"].sum())
    assert got.rejects.height == 0
    assert into - out == wanted
    assert got.entries["source_row"].to_list() == list(range(1, got.rows + 1))


# --- real files ----------------------------------------------------------------------------------------------------

REAL = {
    "moov_FI_camt_054_sample.xml": ("iso20022_camt054", 13, 0, 0),
    "moov_International_payment_USD_naujas_1.xml": ("iso20022_pain001", 1, 0, 0),
    "moov_camt.053_P_CH2909000000250094239_1110092698_0_2020112503071366.xml": ("iso20022_camt053", 5, 0, 1),
    "moov_musterfile_pain.001_Nov2020.xml": ("iso20022_pain001", 8, 0, 0),
    "moov_sepa_payment_naujas_1.xml": ("iso20022_pain001", 1, 0, 0),
    "moov_statement_1.xml": ("iso20022_camt053", 4, 0, 1),
    "prowide_camt.053.001.07.xml": ("iso20022_camt053", 0, 0, 1),
    "prowide_pacs.008.001.07.xml": ("iso20022_pacs008", 0, 1, 0),
    "prowide_pacs.009.001.07.xml": ("iso20022_pacs009", 1, 0, 0),
}


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared ISO 20022 samples are not beside this checkout")
@pytest.mark.parametrize("name", REAL)
def test_real_files(name: str) -> None:
    kind, entries, rejects, periods = REAL[name]
    got = read_all(SAMPLES / name)
    assert (got.format, got.entries.height, got.rejects.height) == (kind, entries, rejects)
    assert len(periods_of(SAMPLES / name)[0]) == periods
