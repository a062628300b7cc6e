"""What `duanka trace` prints: the names that scripts rely on, words in both languages, one line about an error."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from lxml import etree

from duanka import cli
from duanka.case import Case
from duanka.report.graphs import GEXF, GRAPHML
from duanka.tracing.run import TABLES
from handed_over import COLLECTOR, COLLECTOR_CARD, DEALER, TRANSIT, VICTIM, hand_over

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("案件 trace")
    hand_over(home / "in")
    assert cli.run(["import", str(home / "in"), "--case", str(home / "案件"), "--json"]) == 0
    return home / "案件"


def facts(run: Run, *arguments: object) -> dict[str, Any]:
    code, out, _ = run("trace", *arguments, "--json")
    assert code == 0
    assert out.count("\n") == 1
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_json_has_stable_names(case: Path, run: Run) -> None:
    found = facts(run, case, "--from", "report:示例001", f"account:{COLLECTOR_CARD}")
    assert set(found) == {
        "case", "files", "direction", "doctrines", "at", "until", "firm", "firm_without_direct", "notes", "claims",
        "seeds", "left_out", "sums", "reasons", "compared", "left", "steps", "ends", "contradictions", "in_flight",
        "accounts", "touched",
    }  # fmt: skip
    assert set(TABLES) < set(found)
    assert set(found["sums"][0]) == {
        "doctrine", "claim", "currency", "seeded", "changed", "left", "ended", "remainder",
    }  # fmt: skip
    assert found["doctrines"] == ["direct", "fifo", "lifo", "pro_rata", "rolling", "lowest_balance"]
    assert found["claims"][0] == {
        "claim": 1, "seeds": ["report:示例001"], "currency": "CNY", "payments": 1, "seeded": 4_980_000,
    }  # fmt: skip
    assert found["steps"][0]["time"].endswith("+00:00")


def test_seeds_from_a_file_are_as_those_named(case: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "seeds.csv").write_text(f"kind,value\nreport,示例001\naccount,{COLLECTOR}\n", encoding="utf-8")
    by_file = facts(run, case, "--seeds", tmp_path / "seeds.csv")
    assert by_file == facts(run, case, "--from", "report:示例001", "--from", f"account:{COLLECTOR}")


def test_python_gives_the_same(case: Path, run: Run) -> None:
    found = Case(case).trace([f"account:{COLLECTOR}"], doctrines=["fifo"], max_hops=1, floor=1)
    told = facts(run, case, "--from", f"account:{COLLECTOR}", "--doctrine", "fifo", "--max-hops", 1, "--floor", "1.00")
    assert found.compared.to_dicts() == told["compared"]
    with pytest.raises(ValueError, match="nonsense"):
        Case(case).trace([f"account:{COLLECTOR}"], doctrines=["nonsense"])


def test_poison_may_stand_beside_all_others(case: Path, run: Run) -> None:
    found = facts(run, case, "--from", "report:示例001", "--doctrine", "all", "poison")
    assert len(found["doctrines"]) == 6
    assert found["touched"]


def test_a_moment_bounds_what_is_looked_at(case: Path, run: Run) -> None:
    found = facts(run, case, "--from", f"account:{COLLECTOR}", "--at", "2024-03-05T10:20+08:00")
    assert found["claims"][0]["payments"] == 1
    assert found["at"] == "2024-03-05T10:20:00+08:00"
    assert {(one["account_id"], one["left"]) for one in found["left"]} == {(COLLECTOR, 4_980_000)}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "followed to",
                "not produced",
                "Why branches end:",
                "end at the same places",
                "contradict",
                "Ask for them",
            ),
        ),
        ("zh", ("追踪 1 项主张、3 笔交易", "未调取", "各分支的终止原因", "在所有规则下", "矛盾", "建议调取")),
    ],
)
def test_the_text_says_where_it_lies_why_and_how_sure(
    case: Path, run: Run, language: str, words: tuple[str, ...]
) -> None:
    code, out, _ = run("trace", case, "--from", f"account:{VICTIM}", "--lang", language)
    assert code == 0
    for one in (*words, DEALER, COLLECTOR, "84,800.00 CNY"):
        assert one in out, one
    code, out, _ = run("trace", case, "--from", f"account:{DEALER}", "--direction", "up", "--lang", language)
    assert code == 0
    assert VICTIM in out


def test_files_hold_the_tables_and_the_network(case: Path, run: Run, tmp_path: Path) -> None:
    seeds = ("--from", f"account:{VICTIM}", "--out", tmp_path / "结果")
    found = facts(run, case, *seeds)
    assert all(Path(one).exists() for one in found["files"])
    for table in TABLES:
        by_parquet = pl.read_parquet(tmp_path / "结果" / "tables" / f"{table}.parquet")
        by_csv = pl.read_csv(tmp_path / "结果" / "tables" / f"{table}.csv", infer_schema=False)
        assert by_parquet.height == by_csv.height == len(found[table])
        assert by_parquet.columns == by_csv.columns
    assert openpyxl.load_workbook(tmp_path / "结果" / "trace.xlsx").sheetnames == [*TABLES]
    page = (tmp_path / "结果" / "trace.html").read_text(encoding="utf-8")
    for one in (
        COLLECTOR,
        DEALER,
        "先进先出",
        "lowest balance",
        "交易明细信息_1.csv",
        '<svg class="flow"',
        "not produced",
    ):
        assert one in page, one
    assert "<script" not in page
    node = f"{{{GRAPHML}}}node"
    graph = etree.parse(tmp_path / "结果" / "trace.graphml")
    names = {one.get("id") for one in graph.iter(node)}
    assert {VICTIM, COLLECTOR, DEALER} <= names
    keys = {one.get("id"): (one.get("for"), one.get("attr.name")) for one in graph.iter(f"{{{GRAPHML}}}key")}
    carried = {}
    for edge in graph.iter(f"{{{GRAPHML}}}edge"):
        assert {edge.get("source"), edge.get("target")} <= names
        values = {keys[one.get("key")][1]: one.text for one in edge.iter(f"{{{GRAPHML}}}data")}
        carried[edge.get("source"), edge.get("target")] = values
    assert carried[VICTIM, COLLECTOR]["seeded"] == "8480000"
    through = sum(one["amount"] for one in found["steps"] if one["doctrine"] == "fifo" and one["payer"] == COLLECTOR)
    assert int(str(carried[COLLECTOR, TRANSIT]["fifo"])) == through
    gexf = etree.parse(tmp_path / "结果" / "trace.gexf")
    assert {one.get("id") for one in gexf.iter(f"{{{GEXF}}}node")} == names
    assert len(list(gexf.iter(f"{{{GEXF}}}edge"))) == len(carried)
    code, out, _ = run("trace", case, *seeds)
    assert code == 0
    assert "trace.graphml" in out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "--from"),
        (("--from", "account"), 2, "KIND:VALUE"),
        (("--from", "card:1"), 2, "KIND:VALUE"),
        (("--from", "account:1", "--apart", "--together"), 2, "exclude"),
        (("--from", "account:1", "--max-hops", "-1"), 2, "max-hops"),
        (("--from", "account:1", "--max-age", "soon"), 2, "72h"),
        (("--from", "account:1", "--floor", "much"), 2, "no amount"),
        (("--from", "account:1", "--floor", "-5"), 2, "no amount"),
        (("--from", "account:1", "--at", "2024-05-01"), 2, "time zone"),
        (("--from", "account:1", "--doctrine", "nonsense"), 2, "nonsense"),
        (("--from", "account:1", "--direction", "up", "--doctrine", "pro_rata"), 2, "pro_rata"),
        (("--from", f"account:{COLLECTOR[:-1]}9"), 1, COLLECTOR),
        (("--from", f"account:{VICTIM}", "--at", "2020-01-01T00:00Z"), 1, "no payment to trace"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    case: Path, run: Run, arguments: tuple[str, ...], code: int, words: str
) -> None:
    got, out, err = run("trace", case, *arguments)
    assert (got, out) == (code, "")
    line = err.strip().splitlines()[-1]
    assert line.startswith("duanka: ")
    assert words in line


def test_report_writes_the_page_alone(case: Path, run: Run, tmp_path: Path) -> None:
    start = ("--from", f"account:{VICTIM}", "--report")
    page = case / "report" / "trace.html"
    page.unlink(missing_ok=True)
    assert facts(run, case, *start)["files"] == [str(page)]
    assert [one.name for one in page.parent.iterdir()] == ["trace.html"]
    assert COLLECTOR in page.read_text(encoding="utf-8")
    code, out, _ = run("trace", case, *start, "--lang", "en")
    assert code == 0
    assert f"The page: {page}" in out
    code, out, _ = run("trace", case, *start, "--out", tmp_path / "here", "--lang", "zh")
    assert code == 0
    assert str(tmp_path / "here" / "trace.html") in out
    code, _, err = run("trace", case, "--from", f"account:{VICTIM}", "--direction", "around", "--report")
    assert code == 2
    assert "around" in err
