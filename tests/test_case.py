"""A case from Python: the same findings as the command line's, readable by Polars, Arrow and a notebook."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

import duanka
from duanka.case import SHOWN, Case, Findings
from duanka.report.errors import ReportError
from duanka.store.case import Case as StoredCase
from duanka.store.database import CaseError
from duanka.store.findings import TABLES
from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.synth.write import write_world
from findings import MODEL


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world") / "w"
    write_world(SCALES["tiny"], 6, defaults(), {"platform": 1}, out, style="canonical")
    return out


@pytest.fixture(scope="module")
def case(world: Path) -> Case:
    made = Case(world.parent / "case", language="en")
    added = made.add(world / "records")
    assert added.transactions > 1_000
    return made


@pytest.fixture(scope="module")
def found(case: Case) -> Findings:
    return case.detect()


def test_the_tables_are_those_of_the_case(case: Case, found: Findings) -> None:
    with StoredCase(case.folder) as stored:
        for name in TABLES:
            kept = pl.from_arrow(stored.db.arrow(f'SELECT * FROM "{name}"'))
            assert isinstance(kept, pl.DataFrame)
            assert_frame_equal(getattr(found, name), kept, check_row_order=False)
    assert found.rings.height == found.found.rings > 0


def test_arrow_reads_a_table(found: Findings) -> None:
    table = pa.table(found.account_risk)
    assert table.num_rows == found.account_risk.height
    assert table.column_names[:3] == ["account_id", "score", "rank"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_notebook_shows_accounts_reasons_and_rings(found: Findings, language: str) -> None:
    shown = Findings(**{name: getattr(found, name) for name in TABLES}, found=found.found, language=language)  # type: ignore[arg-type]
    html = shown._repr_html_()
    top = found.account_risk.row(0, named=True)
    assert top["account_id"] in html
    assert top["reasons"][0][f"text_{language}"].split("&")[0] in html
    assert str(found.rings["ring_id"][0]) in html
    assert html.count("<tr>") == 2 + min(SHOWN, found.account_risk.height) + min(SHOWN, found.rings.height)


def test_a_notebook_says_what_judged_and_as_of_when(found: Findings) -> None:
    then = replace(found.found, model=replace(MODEL, name="<b>.json"), as_of=datetime(2025, 1, 1, 4, tzinfo=UTC))
    tables = {name: getattr(found, name) for name in TABLES}
    plain = Findings(**tables, found=found.found, language="en")._repr_html_()
    assert "1.1% of all accounts" in plain
    assert "as of" not in plain
    html = Findings(**tables, found=then, language="en")._repr_html_()
    assert "&lt;b&gt;.json" in html
    assert "as of 2025-01-01 12:00:00" in html


def test_what_a_notebook_shows_is_escaped(found: Findings) -> None:
    evil = found.account_risk.with_columns(account_id=pl.lit("<script>"))
    tables = {name: getattr(found, name) for name in TABLES} | {"account_risk": evil}
    assert "<script>" not in Findings(**tables, found=found.found, language="en")._repr_html_()


def test_as_of_looks_at_nothing_later(case: Case, found: Findings) -> None:
    middle = case.table("transactions")["time"].median()
    assert isinstance(middle, datetime)
    early = case.detect(as_of=middle.replace(tzinfo=UTC))
    assert early.transaction_risk.height < found.transaction_risk.height
    case.detect()


def test_a_moment_without_a_zone_is_refused(case: Case) -> None:
    with pytest.raises(ValueError, match="time zone"):
        case.detect(as_of=datetime(2024, 1, 1))  # noqa: DTZ001 - on purpose


def test_evaluate_and_report(case: Case, found: Findings, world: Path) -> None:
    assert found.found.learnt
    figures = case.evaluate(world / "truth" / "labels.csv")
    assert 0 < float(str(figures["base_rate"])) < 1
    assert case.report().exists()


def test_errors_say_what_to_do(case: Case, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="there is no table"):
        case.table("nothing")
    with pytest.raises(CaseError, match="duanka import"):
        Case(tmp_path / "none").detect()


def test_the_package_offers_case_and_nothing_else_by_surprise() -> None:
    assert duanka.Case is Case
    with pytest.raises(AttributeError, match="Kase"):
        duanka.Kase  # noqa: B018


def test_importing_the_package_loads_no_engine() -> None:
    code = "import duanka, sys; assert not {'polars', 'duckdb', 'numba'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
