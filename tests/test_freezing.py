"""Freeze plans and return proposals of a case: what is seen, what is proposed, and in which words."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest
import yaml

from cases import A, B, C, Row, police, row, take_in
from duanka.case import Case as ByPython
from duanka.cli import run
from duanka.freezing import pipeline, viewing
from duanka.freezing import returns_text as returned
from duanka.freezing import text as frozen
from duanka.freezing.plan import TABLES as PLANNED
from duanka.freezing.plan import Proposal, Wish, _ends
from duanka.freezing.returns import TABLES as RETURNED
from duanka.freezing.returns import Frozen as Amount
from duanka.freezing.returns import FrozenError, Proposed, read_frozen
from duanka.freezing.viewing import ViewError, innocent
from duanka.pipeline import detect
from duanka.report.freeze_html import HEIGHT, Choice, dots
from duanka.store.case import Case
from duanka.store.seeds import SeedError, parse_seed
from duanka.trace.freezing.plan import Measure

VICTIM, OTHER = "9900000000000000991", "9900000000000000983"
DAY = "2024-03-05"
ROWS: list[Row] = [
    row(A, "进", VICTIM, "50000.00", f"{DAY} 10:00:00", 交易余额="50100.00", 交易流水号="1"),
    row(A, "出", B, "49000.00", f"{DAY} 10:04:00", 交易余额="1100.00", 交易流水号="2"),
    row(B, "进", A, "49000.00", f"{DAY} 10:04:00", 交易余额="49000.00", 交易流水号="2"),
    row(A, "进", OTHER, "20000.00", f"{DAY} 10:20:00", 交易余额="21100.00", 交易流水号="3"),
]
LATER: list[Row] = [
    row(B, "出", C, "48000.00", f"{DAY} 12:00:00", 交易余额="1000.00", 交易流水号="4"),
    row(C, "进", B, "48000.00", f"{DAY} 12:00:00", 交易余额="48000.00", 交易流水号="4"),
    row(A, "出", C, "21000.00", f"{DAY} 12:30:00", 交易余额="100.00", 交易流水号="5"),
    row(C, "进", A, "21000.00", f"{DAY} 12:30:00", 交易余额="69000.00", 交易流水号="5"),
]
REPORTS = f"""report_id,victim_name,victim_account,receiver_account,time,amount,currency,reported_at,memo
示例101,甲某,{VICTIM},{A},{DAY} 10:00:00,50000.00,CNY,{DAY} 10:30:00,
示例102,乙某,{OTHER},{A},{DAY} 10:20:00,20000.00,CNY,{DAY} 10:30:00,
"""
AT = datetime.fromisoformat(f"{DAY}T10:30:00+08:00")
FROM = ("report:示例101", "report:示例102")


def made(folder: Path, rows: list[Row]) -> Path:
    police(folder / "in" / "a.csv", rows)
    (folder / "in" / "reports.csv").write_text(REPORTS, encoding="utf-8")
    take_in(folder / "case", folder / "in")
    return folder / "case"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("freeze"), [*ROWS, *LATER])


def plan(case: Path, *start: str, orders: int = 5, minutes: float = 10, **more: object) -> Proposal:
    seeds = [parse_seed(one) for one in start or FROM]
    return pipeline.freeze_plan(case, seeds, Wish(orders, minutes, **({"at": AT} | more)))  # type: ignore[arg-type]


def share(case: Path, *start: str, **more: object) -> Proposed:
    seeds = [parse_seed(one) for one in start or FROM]
    return pipeline.returns(case, seeds, **({"at": AT} | more))  # type: ignore[arg-type]


def test_the_reported_receiver_is_stopped_by_amount(case: Path) -> None:
    found = plan(case)
    line = found.lines.filter(pl.col("account_id") == A).row(0, named=True)
    assert (line["measure"], line["basis"], line["holder"]) == ("stop", "STOP-86", "测试甲")
    assert line["amount"] <= line["came"] == 7_000_000
    assert line["least"] <= line["most"] == 2_110_000  # under FIFO what was there before went first
    assert (line["balance"], line["known_by"]) == (2_110_000, "printed")
    assert line["begins"] == AT + timedelta(minutes=10)
    assert line["ends"] - line["begins"] == timedelta(hours=48)
    assert (line["row_amount"], line["payer"], line["hop"]) == (5_000_000, VICTIM, 1)
    assert found.seeded == 7_000_000
    assert found.plan.traced == 7_000_000


def test_an_account_that_may_well_be_innocent_is_verified_first(case: Path) -> None:
    """Nothing speaks against B but that the money came there: the case is too small to score."""
    measures = dict(plan(case, price=1.0).lines.select("account_id", "measure").iter_rows())
    assert measures[B] == "verify"


def test_nothing_later_is_seen(case: Path, tmp_path: Path) -> None:
    earlier = made(tmp_path, ROWS)
    assert frozen.as_dict(plan(case)) == frozen.as_dict(plan(earlier))
    assert returned.as_dict(share(case, frozen=[Amount(A, Decimal(21_000))])) == returned.as_dict(
        share(earlier, frozen=[Amount(A, Decimal(21_000))])
    )


def test_a_report_that_is_made_later_is_not_seen(case: Path) -> None:
    """The victim's account stands for what it paid; that it reported this, only from the report on."""
    before, after = (plan(case, f"account:{VICTIM}", at=AT + timedelta(seconds=late)) for late in (-1, 0))
    first, second = (one.lines.filter(pl.col("account_id") == A).row(0, named=True) for one in (before, after))
    assert second["innocence"] < first["innocence"]


def test_only_payments_that_the_money_can_touch_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts that no traced money can reach, with payments before, between and after, change nothing."""
    others = [
        row(f"990000000000{at % 5:04d}", "出", f"991000000000{at % 7:04d}", f"{at}.00", f"{DAY} 10:{at % 60:02d}:00")
        for at in range(1, 200)
    ]
    aside = [row(C, "出", f"991000000000{at % 7:04d}", "3.00", f"{DAY} 09:{at:02d}:00") for at in range(30)]
    folder = made(tmp_path, [*ROWS, *LATER, *others, *aside])
    few = [frozen.as_dict(plan(folder, at=at)) for at in (AT, None)]
    monkeypatch.setattr(viewing, "touching", lambda ledger, rows: np.arange(len(ledger)))  # noqa: ARG005
    assert [frozen.as_dict(plan(folder, at=at)) for at in (AT, None)] == few


def test_a_plan_says_what_risk_rests_on(tmp_path: Path) -> None:
    folder = made(tmp_path, [*ROWS, *LATER])
    anew = plan(folder)
    assert anew.scored_as_of is None
    assert "2,000,000" in frozen.as_text(anew, "en")
    detect(folder, as_of=AT)
    found = plan(folder)
    assert found.scored_as_of is not None
    assert "识别结果" in frozen.as_text(found, "zh")
    assert plan(folder, at=AT + timedelta(seconds=1)).scored_as_of is None  # those of another moment are not used


def test_a_measure_in_force_needs_no_order_and_after_two_stops_comes_a_freeze(tmp_path: Path) -> None:
    folder = made(tmp_path, ROWS)
    for begin, end in (("01 08:00", "03 08:00"), ("03 08:00", "05 08:00"), ("04 08:00", "06 08:00")):
        store_measure(folder, A, f"2024-03-{begin}:00", f"2024-03-{end}:00")
    before = plan(folder, at=datetime(2024, 3, 5, 2, 25, tzinfo=UTC))
    assert before.under_measure["account_id"].to_list() == [A]
    assert A not in before.lines["account_id"].to_list()
    after = plan(folder, at=datetime(2024, 3, 7, tzinfo=UTC))
    line = after.lines.filter(pl.col("account_id") == A).row(0, named=True)
    assert (line["measure"], line["basis"], line["stops_before"]) == ("freeze", "FREEZE-1", 3)


def store_measure(folder: Path, account: str, start: str, end: str) -> None:
    with Case(folder) as opened:
        opened.db.run(
            "measure",
            'INSERT INTO raw_measure (source_id, source_row, account_id, kind, start, "end") '
            "SELECT 'x', count(*) + 1, ?, '止付', ?::TIMESTAMPTZ, ?::TIMESTAMPTZ FROM raw_measure",
            [account, start, end],
        )


def test_a_freeze_lasts_six_months() -> None:
    assert _ends(Measure.FREEZE, datetime(2024, 8, 31, tzinfo=UTC)) == datetime(2025, 2, 28, tzinfo=UTC)
    assert _ends(Measure.FREEZE, datetime(2024, 6, 15, 9, tzinfo=UTC)) == datetime(2024, 12, 15, 9, tzinfo=UTC)
    assert _ends(Measure.HOLD, datetime(2024, 6, 15, tzinfo=UTC)) is None


def test_innocence_follows_score_nearness_and_reports() -> None:
    risk, hop = np.array([0.0, 0.5, 0.5, 0.9, 0.9]), np.array([1, 2, 5, 1, 2])
    reported, victim = np.array([True, False, False, True, False]), np.array([False, False, False, False, True])
    found = innocent(risk, hop, reported=reported, victim=victim)
    np.testing.assert_allclose(found, [0.1, 0.25, 0.5, 0.01, 0.95])


def test_returns_add_up_to_the_cent(case: Path) -> None:
    found = share(case, frozen=[Amount(A, Decimal("21100.00")), Amount(B, Decimal("49000.00"))], good_faith=(B,))
    parts = found.accounts.select(pl.sum_horizontal("direct", "proportional", "review", "rest"))
    assert parts.to_series().to_list() == found.accounts["frozen"].to_list()
    by_account = {one["account_id"]: one for one in found.accounts.iter_rows(named=True)}
    assert by_account[B]["review"] == 4_900_000
    assert by_account[A]["direct"] + by_account[A]["proportional"] == 2_110_000
    assert found.claims["returned"].sum() == 2_110_000
    assert (found.claims["loss"] - found.claims["returned"] == found.claims["open"]).all()
    summed = sum(found.lines.select(pl.sum_horizontal("direct", "proportional")).to_series().to_list())
    assert summed == found.claims["returned"].sum()


def test_returns_without_anything_frozen_say_so(case: Path) -> None:
    found = share(case)
    assert found.accounts.is_empty()
    assert "--frozen" in returned.as_text(found, "en")
    assert "--frozen" in returned.as_text(found, "zh")


def test_frozen_accounts_that_no_traced_money_reached_are_named(case: Path) -> None:
    found = share(case, frozen=[Amount(C, Decimal(5))])
    assert found.untouched == (C,)
    assert C in returned.as_text(found, "en")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("account,amount\n1,2\n", "first line must name the columns account_id,amount"),
        ("account_id,amount\n1,x\n", "line 2: 'x' is no amount"),
        ("account_id,amount\n1,-1\n", "line 2: an account and an amount of 0 or more"),
        ("account_id,amount\n,1\n", "line 2: an account and an amount of 0 or more"),
        ("account_id,amount\n1,NaN\n", "line 2: an account and an amount of 0 or more"),
    ],
)
def test_bad_lines_of_what_is_frozen_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "frozen.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FrozenError, match=words):
        read_frozen(path)


def test_what_the_case_does_not_have_is_refused(case: Path) -> None:
    with pytest.raises(SeedError, match="示例999"):
        plan(case, "report:示例999")
    with pytest.raises(ViewError):
        plan(case, at=datetime(2024, 3, 1, tzinfo=UTC))
    with pytest.raises(FrozenError, match="000000"):
        share(case, frozen=[Amount("000000", Decimal(1))])
    with pytest.raises(FrozenError, match="finer"):
        share(case, frozen=[Amount(A, Decimal("0.001"))])


def test_the_verb_prints_both_languages_and_json(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verb = ["freeze-plan", str(case), "--from", *FROM, "--orders", "3", "--minutes", "10", "--at", AT.isoformat()]
    assert run([*verb, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["lines"][0]["rank"] == 1
    assert {"reason_zh", "reason_en", "begins", "ends", "over_freeze", "least", "most"} <= facts["lines"][0].keys()
    assert [point["price"] for point in facts["frontier"]] == sorted(point["price"] for point in facts["frontier"])
    for language, words in (("zh", "紧急止付"), ("en", "48 hours; stop 1 of 2 at most")):
        assert run([*verb, "--lang", language]) == 0
        assert words in capsys.readouterr().out


def test_the_verb_of_returns(case: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "frozen.csv"
    path.write_text(f'account_id,amount\n{A},"21,000.00"\n', encoding="utf-8")
    verb = ["returns", str(case), "--from", *FROM, "--frozen", str(path), "--at", AT.isoformat()]
    assert run([*verb, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert sum(one["returned"] for one in facts["claims"]) == 2_100_000
    assert run([*verb, "--lang", "zh"]) == 0
    assert "按比例返还" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        ["freeze-plan", "CASE"],
        ["freeze-plan", "CASE", "--from", "report:示例101", "--orders", "0"],
        ["freeze-plan", "CASE", "--from", "report:示例101", "--minutes", "-1"],
        ["freeze-plan", "CASE", "--from", "report:示例101", "--price", "-1"],
        ["freeze-plan", "CASE", "--from", "report"],
        ["freeze-plan", "CASE", "--from", "report:示例101", "--at", "2024-03-05T10:00"],
        ["returns", "CASE"],
        ["returns", "CASE", "--from", "nonsense:1"],
    ],
)
def test_wrong_use(case: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(case) if one == "CASE" else one for one in wrong]) == 2
    assert capsys.readouterr().err.startswith("duanka: ")


def test_files_hold_the_plan_and_the_page(
    case: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    out = tmp_path / "建议"
    verb = ["freeze-plan", str(case), "--from", *FROM, "--minutes", "10", "--at", AT.isoformat(), "--out", str(out)]
    assert run([*verb, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["files"][0] == str(out / "freeze-plan.html")
    assert all(Path(one).exists() for one in facts["files"])
    for table in PLANNED:
        assert pl.read_parquet(out / "tables" / f"{table}.parquet").height == len(facts[table])
    lines = pl.read_csv(out / "tables" / "lines.csv", infer_schema=False)
    assert lines["account_id"].to_list() == [one["account_id"] for one in facts["lines"]]
    assert lines["reason_zh"].to_list() == [one["reason_zh"] for one in facts["lines"]]
    assert openpyxl.load_workbook(out / "freeze-plan.xlsx").sheetnames == [*PLANNED]
    page = (out / "freeze-plan.html").read_text(encoding="utf-8")
    first = facts["lines"][0]
    for words in (A, VICTIM, "a.csv", "银发〔2016〕86号", "48 hours; stop 1 of 2 at most", "<svg", "report:示例101",
                  first["reason_zh"], first["reason_en"], f"{first['amount'] / 100:,.2f}"):  # fmt: skip
        assert words in page, words
    assert "<script" not in page
    assert 'class="chosen"' in page
    assert run([*verb, "--lang", "en"]) == 0
    assert str(out) in capsys.readouterr().out


def test_the_page_of_a_plan_without_orders(case: Path, tmp_path: Path) -> None:
    found = plan(case)
    found = replace(found, lines=found.lines.clear())
    page, *_ = pipeline.write_freeze_plan(case, found, tmp_path, language="zh")
    assert "没有值得采取的措施" in page.read_text(encoding="utf-8")


def test_the_frontier_is_drawn_where_its_plans_stand() -> None:
    points = [Choice(price, kept, 0.0, harm, 1, 0) for price, kept, harm in ((0, 100, 50), (1, 100, 50), (2, 50, 0))]
    low, high = dots(points)
    assert (low.prices, high.prices) == ("2", "0, 1")
    assert low.x < high.x
    assert high.y < low.y < HEIGHT
    assert {(dot.x, dot.y) for dot in dots([Choice(0, 0, 0.0, 0, 0, 0)])} == {(110.0, 190.0)}


def test_files_of_returns(case: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "frozen.csv").write_text(f"account_id,amount\n{A},21000\n", encoding="utf-8")
    verb = ["returns", str(case), "--from", *FROM, "--frozen", str(tmp_path / "frozen.csv"), "--at", AT.isoformat()]
    assert run([*verb, "--out", str(tmp_path / "back"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert all(Path(one).exists() for one in facts["files"])
    for table in RETURNED:
        assert pl.read_parquet(tmp_path / "back" / "tables" / f"{table}.parquet").height == len(facts[table])
    assert openpyxl.load_workbook(tmp_path / "back" / "returns.xlsx").sheetnames == [*RETURNED]
    assert run([*verb, "--out", str(tmp_path / "back"), "--lang", "zh"]) == 0
    assert str(tmp_path / "back") in capsys.readouterr().out


def test_python_gives_the_same(case: Path) -> None:
    found = ByPython(case).freeze_plan(FROM, orders=5, minutes=10, at=AT)
    assert frozen.as_dict(found) == frozen.as_dict(plan(case))
    back = ByPython(case).returns(FROM, frozen={A: Decimal("21000.5"), B: 1}, good_faith=[B], at=AT)
    given = [Amount(A, Decimal("21000.5")), Amount(B, Decimal(1))]
    assert returned.as_dict(back) == returned.as_dict(share(case, frozen=given, good_faith=(B,)))
    with pytest.raises(ValueError, match="time zone"):
        ByPython(case).freeze_plan(FROM, at=datetime(2024, 3, 5))  # noqa: DTZ001 - that is what is wrong
    with pytest.raises(ValueError, match="orders"):
        ByPython(case).freeze_plan(FROM, orders=0)
    with pytest.raises(FrozenError, match="0 or more"):
        ByPython(case).returns(FROM, frozen={A: -1})


def test_every_column_is_documented(case: Path) -> None:
    words = yaml.safe_load((Path(__file__).parents[1] / "docs" / "words.yaml").read_text(encoding="utf-8"))
    for section, found, names in (("freeze", plan(case), PLANNED), ("returns", share(case), RETURNED)):
        assert list(words[section]) == list(names)
        for name in names:
            assert list(words[section][name]["columns"]) == getattr(found, name).columns
