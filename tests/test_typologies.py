"""A user's typology on a small world: in shadow it changes nothing, counted it is a reason; its lift."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cases import take_in
from duanka import Case, cli
from duanka.store.findings import TABLES
from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.synth.write import write_world
from duanka.typologies.reading import load
from duanka.typologies.running import HITS
from typologies.made import written

LOOSE = {"when": "TX01 >= 3 or TX06.value > 10", "reason": "{zh: '强度 {TX01}', en: 'strength {TX01}'}"}


@dataclass
class World:
    case: Path
    labels: Path
    shadow: Path
    counts: Path
    before: dict[str, pl.DataFrame]


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.run([str(one) for one in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def tables(case: Path) -> dict[str, pl.DataFrame]:
    return {name: Case(case).table(name) for name in TABLES}


def typology(folder: Path, name: str, **changes: str) -> Path:
    """A file whose condition holds of whoever passes money through."""
    path = written(folder, name, **LOOSE, **changes)
    text = path.read_text(encoding="utf-8").replace("given: {TX01: 3}", "given: {TX01: 1}")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("类型")
    write_world(SCALES["tiny"], 5, defaults(), SCALES["tiny"].rings, home / "made")
    take_in(home / "case", home / "made" / "records")
    Case(home / "case").detect()
    return World(
        home / "case", home / "made" / "truth" / "labels.csv", typology(home, "shadow.yaml"),
        typology(home, "counts.yaml", code="U-901", mode="counts"), tables(home / "case"),
    )  # fmt: skip


def test_in_shadow_nothing_else_changes(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "detect", world.case, "--typology", world.shadow, "--json")
    assert code == 0
    after = tables(world.case)
    hits = after["typology_hits"]
    assert hits.height > 0
    (one,) = load([world.shadow])
    noted = {"code": "U-900", "version": one.version, "mode": "shadow", "accounts": hits.height}
    assert json.loads(out)["typologies"] == [noted]
    assert after["detection"]["typologies"].to_list() == [[noted]]
    assert hits["version"].unique().to_list() == [one.version]
    for name in TABLES:
        if name != "typology_hits":
            own = ["detected_at", "typologies"] if name == "detection" else []
            assert_frame_equal(after[name].drop(own), world.before[name].drop(own), check_exact=True)
    assert hits.schema == pl.Schema(HITS)
    signals = after["signals"]
    for account in signals["account_id"].unique():
        row: dict[str, float | None] = {}
        for code_, value, strength in signals.filter(account_id=account).select("code", "value", "strength").rows():
            row |= {code_: strength, f"{code_}.value": value}
        assert one.holds(row) == (account in hits["account_id"])


def test_counted_it_is_a_reason_and_no_score(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(
        capsys, "detect", world.case, "--typology", world.shadow, "--typology", world.counts, "--lang", "en"
    )
    assert code == 0
    assert "U-900 (in shadow, changes nothing)" in out
    assert "U-901 (counts, as a supporting reason)" in out
    after = tables(world.case)
    scores = ("account_id", "score", "rank")
    assert_frame_equal(after["account_risk"].select(scores), world.before["account_risk"].select(scores))
    told = after["account_risk"].explode("reasons").unnest("reasons").filter(code="U-901")
    relays = world.before["account_risk"].filter(pl.col("reasons").list.len() > 0)["account_id"]
    hits = after["typology_hits"].filter(code="U-901", mode="counts")
    assert set(told["account_id"]) == set(hits["account_id"]) & set(relays) != set()
    assert told["text_en"].str.starts_with("strength ").all()
    assert (told["rows"].list.len() > 0).all()
    codes = [[one["code"] for one in reasons] for reasons in after["account_risk"]["reasons"]]
    before = [[one["code"] for one in reasons] for reasons in world.before["account_risk"]["reasons"]]
    assert [[code for code in one if code != "U-901"] for one in codes] == before  # it takes no signal's place


def test_without_typologies_the_table_is_empty(world: World) -> None:
    found = Case(world.case, language="en").detect(typologies=[world.shadow])
    assert found.typology_hits.height > 0
    assert "U-900 (in shadow, changes nothing)" in found._repr_html_()
    found = Case(world.case).detect()
    assert found.typology_hits.is_empty()
    assert found.found.typologies == ()


def test_check_counts_what_can_be_counted_by_hand(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("typology", "check", world.shadow, "--case", world.case, "--labels", world.labels)
    code, out, _ = call(capsys, *arguments, "--found-from", "0.3", "--json")
    assert code == 0
    facts: dict[str, Any] = json.loads(out)
    (one,) = facts["typologies"]
    hits = Case(world.case).detect(typologies=[world.shadow]).typology_hits["account_id"]
    risk = world.before["account_risk"].select("account_id", positive=pl.col("score") >= 0.3)
    labels = pl.read_csv(world.labels, infer_schema=False).select("account_id", positive=pl.col("label") == "1")
    assert one["accounts"] == len(hits)
    for name, truth in (("found", risk), ("labels", labels.group_by("account_id").agg(pl.col("positive").any()))):
        hit = truth.filter(pl.col("account_id").is_in(hits.implode()))
        counted = [truth.height, int(truth["positive"].sum()), hit.height, int(hit["positive"].sum())]
        assert [one[name][key] for key in ("accounts", "positives", "hits", "hit_positives")] == counted
        assert one[name]["lift"] == pytest.approx(counted[3] * counted[0] / counted[1] / counted[2])
        low, high = one[name]["lift_95"]
        assert low <= one[name]["lift"] <= high
    for language, words in (("en", "agreement with the detector, not truth"), ("zh", "不等于属实")):
        code, out, _ = call(capsys, *arguments, "--lang", language)
        assert code == 0
        assert words in out
        assert len(out.splitlines()) == 6
        assert facts["detection"]["model"] is None
        assert ("1.1% of all accounts" if language == "en" else "1.1% 的账户") in out.splitlines()[0]


def test_check_says_as_of_when_it_was_judged(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    Case(world.case).detect(as_of=datetime(2024, 6, 1, tzinfo=UTC))
    code, out, _ = call(capsys, "typology", "check", world.shadow, "--case", world.case, "--lang", "en")
    Case(world.case).detect()
    assert code == 0
    assert "as of 2024-06-01 08:00:00" in out.splitlines()[1]


def test_check_names_signals_that_the_case_cannot_give(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    gap = world.before["signal_gaps"]["code"]
    code, out, _ = call(capsys, "typology", "check", world.shadow, "--case", world.case, "--json")
    assert code == 0
    (one,) = json.loads(out)["typologies"]
    assert one["gaps"] == [name for name in ("TX01", "TX06") if name in gap]
    assert one["labels"] is None


def test_check_without_a_case_runs_the_tests(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert call(capsys, "typology", "check", world.shadow, "--lang", "zh")[:2] == (
        0, "U-900 测试（影子运行）：2 个测试全部通过\n",
    )  # fmt: skip
    bad = written(tmp_path, when="TX01 > (select 1)")
    code, out, err = call(capsys, "typology", "check", bad, "--lang", "zh")
    assert (code, out) == (1, "")
    assert f"{bad}:4: when 1:9: 规则语言中没有 select" in err
    assert call(capsys, "detect", world.case, "--typology", bad)[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [["check"], ["check", "FILE", "--labels", "case"], ["check", "FILE", "--found-from", "2"], ["ceck", "FILE"]],
)
def test_wrong_use(world: World, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    given = [str(world.shadow) if one == "FILE" else one for one in arguments]
    code, _, err = call(capsys, "typology", *given)
    assert code == 2
    assert len(err.splitlines()) == 1


def test_check_needs_detection(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    take_in(tmp_path / "case", world.case.parent / "made" / "records" / "accounts.parquet")
    code, _, err = call(capsys, "typology", "check", world.shadow, "--case", tmp_path / "case")
    assert code == 1
    assert "duanka detect" in err
