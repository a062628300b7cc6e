"""Two rings made by hand, and what the page says of them: every printed figure is compared."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pyarrow as pa
import pytest

from duanka.messages.catalogue import Language, say
from duanka.report.collect import collect
from duanka.report.detected import KEY_ACCOUNTS, SHOWN_ACCOUNTS, detected
from duanka.report.findings import Findings, MemberMoney, RingMoney
from duanka.report.html import render
from duanka.report.judged import meaning
from duanka.report.ring_parts import SHOWN_MEMBERS, SHOWN_RINGS
from duanka.report.write import write_report
from duanka.rings.roles import Role
from duanka.store.case import Case
from duanka.store.detection import UsedTypology
from duanka.store.findings import TABLES
from findings import DETECTION, MODEL, put_detection
from found_made import EVIL, NOON, ROWS, at, put_findings, put_ledger, put_rings

MADE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LANGUAGES: tuple[Language, ...] = ("zh", "en")
MODELLED = replace(DETECTION, model=MODEL)


@pytest.fixture
def found_case(case: Case) -> Case:
    put_ledger(case)
    put_findings(case)
    return case


@pytest.fixture
def found(found_case: Case) -> Findings:
    findings = detected(found_case)
    assert findings is not None
    return findings


def page_of(case: Case, language: Language = "en") -> str:
    return render(collect(case, made=MADE), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_findings_the_page_says_so_and_changes_nothing_else(found_case: Case, language: Language) -> None:
    for table in TABLES:
        found_case.db.run("drop", f"DROP TABLE {table}")
    assert detected(found_case) is None
    page = page_of(found_case, language)
    assert page.count(say("findings.not_run", language)) == 1
    headings = re.findall(r'<section id="(\w+)"(?: class="\w+")?><h2><span class="no">(\d+)</span>', page)
    names = ["amounts", "flow", "transit", "wanted", "coverage", "sources", "method"]
    assert headings == [(name, str(number)) for number, name in enumerate(names, start=1)]
    body = page[page.index("<main>") :]
    assert not re.search(r'href="#|svg class="(run|hours)"|id="ring', body)


def test_some_of_the_tables_are_not_enough(found_case: Case) -> None:
    found_case.db.run("drop", "DROP TABLE ring_rows")
    assert detected(found_case) is None


def test_findings_of_an_earlier_version_are_to_be_made_again(found_case: Case) -> None:
    found_case.db.run("earlier", "DROP TABLE detection")
    page = page_of(found_case)
    for language in LANGUAGES:
        assert say("findings.outdated", language) in page
        assert say("findings.not_run", language) not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_explains_scores_by_what_judged(found_case: Case, language: Language, tmp_path: Path) -> None:
    by_evidence, by_model = (html.escape(meaning(one).of(language)) for one in (DETECTION, MODELLED))
    page = page_of(found_case, language)
    assert by_evidence in page
    assert "mules.json" not in page
    assert 'id="as-of"' not in page
    put_detection(found_case, MODELLED)
    page = page_of(found_case, language)
    assert by_model in page
    assert by_evidence not in page
    for told in ("mules.json", "0123456789abcdef…", "4,321", "0.457", "2024-06-07", say("judged.isotonic", language)):
        assert told in page
    assert say("findings.accounts_model", language) in page
    assert say("ring.score_how_model", language) in page
    write_report(found_case, tmp_path / "report", language=language, made=MADE)
    about = openpyxl.load_workbook(tmp_path / "report" / "report.xlsx").worksheets[0]
    assert html.escape(str([line[1] for line in about.values if "mules.json" in str(line[1])][-1])) in by_model


@pytest.mark.parametrize(
    ("language", "then"), [("en", "as of 2025-03-03 20:00:00"), ("zh", "截至 2025-03-03 20:00:00")]
)
def test_the_page_says_as_of_when(found_case: Case, language: Language, then: str) -> None:
    put_detection(found_case, replace(DETECTION, as_of=NOON + timedelta(hours=8)))
    page = page_of(found_case, language)
    warning = page[page.index('id="as-of"') :]
    assert then in warning[: warning.index("</div>")]


def test_the_page_names_typologies_that_count_and_none_in_shadow(found_case: Case) -> None:
    used = (UsedTypology("U-901", "89abcdef01234567", "counts", 3), UsedTypology("U-900", "0" * 16, "shadow", 4))
    put_detection(found_case, replace(DETECTION, typologies=used))
    page = page_of(found_case)
    assert html.escape(say("judged.typologies", "en", names="U-901 (89abcdef01234567)")) in page
    assert "U-900" not in page


def test_a_model_that_nothing_was_held_out_for_says_so(found_case: Case) -> None:
    model = replace(MODEL, average_precision=None, unlabelled=True, calibration="sigmoid")
    put_detection(found_case, replace(DETECTION, model=model))
    page = page_of(found_case)
    for key in ("judged.too_few", "judged.unlabelled", "judged.sigmoid"):
        assert say(key, "en") in page


def test_the_overview_counts(found: Findings) -> None:
    assert (found.scored, found.accounts, found.ring_count, found.workers, found.members, found.rows) == (
        9, 5, 2, 6, 9, 15,
    )  # fmt: skip
    assert [(one.account_id, one.rank, one.produced) for one in found.suspects] == [
        ("A", 1, True), ("C", 2, False), ("B", 3, True), ("D", 4, False), ("V1", 7, False),
    ]  # fmt: skip
    assert [key.suspect.account_id for key in found.keys] == ["A", "C", "B", "D"]
    assert found.key_count == 4
    assert [standing.ring_id for standing in found.suspects[4].standings] == ["R-1", "R-2"]
    assert [row.row_id for row in found.behind] == ["a1", "a3", "a5", "a6", "d1", "d2"]


def test_money_of_rings_is_summed_per_currency(found: Findings) -> None:
    one, two = (part.ring for part in found.rings)
    assert one.money == (RingMoney("CNY", 152_000, 136_000, 230_000, 9),)
    assert two.money == (RingMoney("CNY", 20_000, 0, 37_000, 3), RingMoney("USD", 70_000, 50_000, 60_000, 3))
    assert (one.workers, one.members, two.members) == (3, 6, 6)
    assert one.commission == (0.02, 0.05, 0.0801)
    assert two.commission is None


def test_members_have_what_came_and_went_within_the_ring(found: Findings) -> None:
    first, second = ({m.account_id: m for m in part.members} for part in found.rings)
    assert first["A"].money == (MemberMoney("CNY", 152_000, 145_000),)
    assert first["C"].money == (MemberMoney("CNY", 140_000, 136_000),)
    assert first["V1"].money == (MemberMoney("CNY", 5_000, 100_000),)
    assert second["D"].money == (MemberMoney("CNY", 20_000, 19_000), MemberMoney("USD", 70_000, 60_000))
    assert second["S"].money == (MemberMoney("USD", 50_000, 0),)
    assert [m.standing.tier for m in found.rings[0].members] == [0, 0, 1, 2, 3, 4]


def test_hours_are_those_of_the_cases_usual_zone(found: Findings) -> None:
    hours = found.rings[0].hours
    assert hours.zone == "Asia/Shanghai"
    expected = [0] * 24
    for number, row in enumerate(ROWS):
        if row[0].startswith("a"):
            expected[at(number).hour + 8] += 1  # UTC+8; none of them passes midnight
    assert hours.counts == tuple(expected)
    assert (sum(hours.counts), hours.untold) == (9, 0)


def test_rows_without_a_time_of_day_are_in_no_hour(case: Case) -> None:
    put_ledger(case, precision="day")
    put_findings(case)
    findings = detected(case)
    assert findings is not None
    assert (sum(findings.rings[0].hours.counts), findings.rings[0].hours.untold) == (0, 9)
    assert "9 payments whose source gives no time of day are left out." in page_of(case)


def test_printed_figures(found_case: Case) -> None:
    page = page_of(found_case)
    for amounts in ("CNY 1,520.00 1,360.00 2,300.00 9", "CNY 200.00 0.00 370.00 3", "USD 700.00 500.00 600.00 3"):
        currency, inflow, outflow, within, rows = amounts.split()
        start = f'<tr><td>{currency}</td><td class="n in">{inflow}</td><td class="n out">{outflow}</td>'
        assert f'{start}<td class="n">{within}</td><td class="n">{rows}</td></tr>' in page
    assert '5% <span class="sub nowrap">(2% – 8%)</span>' in page
    assert "too few hand-overs agree (under 5)" in page
    assert "C → S 小卖部 &amp; Co: 1,300.00 CNY" in page
    assert "A 王伟 → C: 550.00 CNY" in page
    assert "A 王伟: 1,520.00 CNY" in page  # the box of its tier
    assert 'aria-label="Balance of A in CNY: lowest 20.00, highest 1,620.00, last 865.36"' in page
    assert '<span class="bad"><span lang="zh">1 处不衔接</span><span lang="en">balance breaks: 1</span></span>' in page
    assert "printed by 5 of 10 rows" in page
    for kind, amount in (("salary", "80.00"), ("tax", "3.00"), ("utilities", "0.45")):
        words = f'{say(f"everyday.{kind}", "en")}</span></td><td class="n">1</td><td class="n">{amount}</td>'
        assert words in page
    assert "brand_new_role" in page
    assert "not yet part of the score" in page


def test_what_a_score_is_not_is_said_in_both_languages(found_case: Case) -> None:
    page = page_of(found_case)
    for language in LANGUAGES:
        assert say("findings.guilt", language) in page
    assert "1.1%" in page
    assert "0.011" in page


def test_reasons_lead_to_their_rows(found_case: Case) -> None:
    page = page_of(found_case)
    targets = re.findall(r'id="((?:row|ring|account)-\d+)"', page)
    assert len(targets) == len(set(targets)) == 6 + 2 + 4
    links = re.findall(r'href="#((?:row|ring|account)-\d+)"', page)
    assert set(links) == set(targets)
    anchor = re.search(r'href="#(row-\d+)">a3</a>', page)
    assert anchor is not None
    row = page[page.index(f'<tr id="{anchor[1]}"') :]
    assert ">900.00<" in row[: row.index("</tr>")]
    assert "a/statement.csv" in row[: row.index("</tr>")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_memos_and_reasons_are_hostile(found_case: Case, language: Language) -> None:
    page = page_of(found_case, language)
    assert "<script" not in page
    assert ' onload="' not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#34; onload=&#34;x" in page
    assert EVIL not in page


def test_hostile_ring_and_account_ids(found_case: Case) -> None:
    for table, column in (("rings", "ring_id"), ("ring_members", "ring_id"), ("ring_rows", "ring_id")):
        found_case.db.run("evil", f"UPDATE {table} SET {column} = ? WHERE {column} = 'R-1'", [EVIL])
    page = page_of(found_case)
    assert "<script" not in page
    assert ' onload="' not in page


def test_many_rings_are_listed(found_case: Case) -> None:
    rings: list[dict[str, object]] = [
        {
            "ring_id": f"Q-{number:03}", "score": 0.9 - number / 1000, "accounts": 3, "inflow": 0, "outflow": 0,
            "commission_low": None, "commission": None, "commission_high": None, "first_seen": at(0),
            "last_seen": at(1),
        }
        for number in range(100)
    ]  # fmt: skip
    put_rings(found_case, rings)
    findings = detected(found_case)
    assert findings is not None
    assert (findings.ring_count, len(findings.rings), len(findings.others)) == (100, SHOWN_RINGS, 100 - SHOWN_RINGS)
    page = page_of(found_case)
    assert page.count('<article id="ring-') == SHOWN_RINGS
    assert "Q-099" in page
    assert f"Only the {SHOWN_RINGS} rings with the highest scores are shown in full" in page
    assert 'href="#ring-31"' not in page
    assert 'href="#rings-others"' in page


def test_many_accounts_and_members_are_bounded(found_case: Case) -> None:
    found_case.db.run("more", """
        INSERT INTO account_risk SELECT 'N' || range, 0.1, 100 + range,
            [{'code': 'TX01', 'strength': 3.0, 'rows': ['a1'], 'text_zh': 'z', 'text_en': 'e'}] FROM range(300)
    """)  # fmt: skip
    found_case.db.run("work", """
        INSERT INTO ring_members SELECT 'R-1', 'N' || range, 2, 0.5, 'transit', 0.5, true FROM range(300)
    """)  # fmt: skip
    findings = detected(found_case)
    assert findings is not None
    assert (len(findings.suspects), len(findings.keys)) == (SHOWN_ACCOUNTS, KEY_ACCOUNTS)
    assert (findings.accounts, findings.key_count) == (305, 304)
    assert len(findings.rings[0].members) == SHOWN_MEMBERS
    page = page_of(found_case)
    assert f"The {SHOWN_MEMBERS} largest of 306 accounts" in page
    assert say("common.more", "en", count=255, table="account_risk") in page


def test_nothing_found_is_said(found_case: Case) -> None:
    for table in ("rings", "ring_members", "ring_rows"):
        found_case.db.run("empty", f"DELETE FROM {table}")
    found_case.db.run("no reasons", "UPDATE account_risk SET reasons = []")
    page = page_of(found_case)
    assert say("findings.nothing", "en") in page
    assert say("ring.nothing", "en") in page


def test_rows_that_are_gone_leave_their_ids(found_case: Case) -> None:
    found_case.db.run("gone", "DELETE FROM transactions WHERE row_id = 'a3'")
    page = page_of(found_case)
    assert '<span class="id">a3</span>' in page


def test_a_ring_whose_members_are_gone_has_no_picture(found_case: Case) -> None:
    found_case.db.run("gone", "DELETE FROM ring_members")
    findings = detected(found_case)
    assert findings is not None
    assert [part.flows for part in findings.rings] == [(), ()]
    page_of(found_case)


def test_the_same_findings_give_the_same_bytes(found_case: Case) -> None:
    first = page_of(found_case).encode()
    for table in ("rings", "ring_members", "ring_rows", "account_risk", "transactions"):
        rows = found_case.db.arrow(f"SELECT * FROM {table}")
        shuffled = pl.DataFrame(rows).sample(fraction=1, shuffle=True, seed=3).to_arrow()
        found_case.replace_table(table, pa.table(shuffled).cast(rows.schema))
    assert page_of(found_case).encode() == first


def test_every_role_has_words() -> None:
    assert all(say(f"role.{role.value}", language) for role in Role for language in LANGUAGES)


def test_the_bundle_holds_the_tables_and_sheets(found_case: Case, tmp_path: Path) -> None:
    write_report(found_case, tmp_path / "report", language="en", made=MADE)
    tables = {path.stem for path in (tmp_path / "report" / "tables").iterdir()}
    assert set(TABLES) <= tables
    book = openpyxl.load_workbook(tmp_path / "report" / "report.xlsx")
    assert book.sheetnames[-5:] == ["Scores", "Rings", "Ring members", "Ordinary life", "Rows behind findings"]
    rings = list(book["Rings"].values)
    assert [row[0] for row in rings[1:]] == ["R-1", "R-2", "R-2"]
    assert rings[1][9:] == ("CNY", 1520, 1360, 2300, 9)
    assert rings[3][9:] == ("USD", 700, 500, 600, 3)
    scores = list(book["Scores"].values)
    assert scores[1][:2] == (1, "A")
    assert scores[1][6:9] == ("R-1", 1, "collection card")
    assert len(list(book["Ring members"].values)) == 1 + 6 + 6 + 2  # D and E have two currencies
    assert list(book["Ordinary life"].values)[1][:5] == ("A", "receipts that look like salary", 1, 80, "CNY")
    assert list(book["Rows behind findings"].values)[1][7] == "a/statement.csv:3"


def test_a_reason_without_rows_names_none(found_case: Case) -> None:
    found_case.db.run("no rows", """
        UPDATE account_risk SET reasons = [{'code': 'DV04', 'strength': 3.0, 'rows': [], 'text_zh': '机器操作',
        'text_en': 'scripted sessions'}] WHERE rank = 1
    """)  # fmt: skip
    page = page_of(found_case)
    told = page[page.index("scripted sessions") :]
    assert "rows:" not in told[: told.index("</td>")]
