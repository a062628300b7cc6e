"""The contract that users script against: keys, exit codes, one line about an error."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cases import A, B, aes, police, relay, write_all
from duanka import cli
from duanka.report.tables import TABLES
from duanka.sources import registry
from findings import put_members, put_scores

VERBS = (
    "demo", "investigate", "import", "detect", "learn", "evaluate", "export", "reconcile", "report", "formats",
    "synth", "doctor", "trace", "freeze-plan", "returns",
)  # fmt: skip
OUTCOME = {"case", "files", "unknown", "transactions", "accounts", "seconds", "peak_memory_mb", "wanted", "report"}
FILE = {"path", "sha256", "format", "rows", "kept", "merged", "rejected"}


class Ran:
    """A finished command."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        assert self.out.count("\n") == 1
        return found


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("DUANKA_DEBUG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(*arguments: object) -> Ran:
        code = cli.run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case in a folder whose name has blanks and Chinese."""
    home = tmp_path_factory.mktemp("断卡 案件")
    folder = write_all(home / "调证 数据", relay())
    (folder / "说明 notes.txt").write_text("nothing\n", encoding="utf-8")
    assert cli.run(["import", str(folder), "--case", str(home / "案件 一"), "--json"]) == 0
    return home / "案件 一"


def one_line(ran: Ran, code: int) -> str:
    assert ran.code == code
    *progress, line = ran.err.strip().splitlines()
    assert line.startswith("duanka: ")
    assert not any(other.startswith(("duanka", "Traceback", " ")) for other in progress), ran.err
    return line


def test_import_prints_the_documented_keys(case: Path, run: Run) -> None:
    found = run("import", case.parent / "调证 数据", "--case", case, "--json").json
    assert set(found) >= OUTCOME
    assert found["case"] == str(case)
    files, unknown = found["files"], found["unknown"]
    assert isinstance(files, list)
    assert isinstance(unknown, list)
    assert len(files) == 2
    for file in files:
        assert set(file) >= FILE
        assert file["rows"] == file["kept"] + file["merged"] + file["rejected"]
    assert [set(one) >= {"path", "tried"} for one in unknown] == [True]
    assert set(found["seconds"]) >= {"import", "lineage", "detect"}
    assert (found["transactions"], found["accounts"]) == (4, 4)


def test_import_without_paths_lists_what_is_there(case: Path, run: Run) -> None:
    found = run("import", "--case", case, "--json").json
    assert len(found["files"]) == 2
    assert found["transactions"] == 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_words_for_people(case: Path, run: Run, language: str) -> None:
    ran = run("import", case.parent / "调证 数据", "--case", case, "--lang", language)
    assert ran.code == 0
    assert "甲.csv" in ran.out
    assert "说明 notes.txt" in ran.out
    assert ("交易" in ran.out.replace("说明", "")) == (language == "zh")


def test_investigate_writes_a_report(tmp_path: Path, run: Run) -> None:
    folder = write_all(tmp_path / "in", relay())
    seeds = tmp_path / "种子.csv"
    seeds.write_text(f"kind,value\naccount,{A}\n", encoding="utf-8")
    found = run("investigate", folder, "--case", tmp_path / "c", "--seeds", seeds, "--json").json
    assert set(found) >= OUTCOME
    assert Path(str(found["report"])).exists()
    again = run("report", tmp_path / "c", "--from", f"account:{B}", "--out", tmp_path / "other", "--json").json
    assert Path(str(again["report"])).exists()
    assert tmp_path / "other" in Path(str(again["report"])).parents


def test_undo_and_merges(tmp_path: Path, run: Run) -> None:
    folder = write_all(tmp_path / "in", relay())
    case = tmp_path / "c"
    run("import", folder, "--case", case, "--json")
    out = tmp_path / "merges.csv"
    assert run("export", case, "merges", "--format", "csv", "--out", out, "--json").json["rows"] == 1
    merge = pl.read_csv(out, infer_schema=False).row(0, named=True)
    place = f"{merge['source_id']}:{merge['source_row']}"
    assert run("import", "--keep-apart", place, "--case", case, "--json").json["transactions"] == 5
    assert run("import", "--merge-again", place, "--case", case, "--json").json["transactions"] == 4
    undone = run("import", "--undo", "乙.csv", "--case", case, "--json").json
    assert (undone["transactions"], len(undone["files"])) == (3, 1)


def test_evaluate(tmp_path: Path, run: Run) -> None:
    case = tmp_path / "案 c"
    run("import", write_all(tmp_path / "in", relay()), "--case", case, "--json")
    labels = tmp_path / "标签.csv"
    labels.write_text(f"account_id,label,ring_id,tier,role\n{A},1,R1,1,collection\n{B},0,,,\n", encoding="utf-8")
    assert "duanka detect" in one_line(run("evaluate", case, "--labels", labels), 1)
    put_scores(case, {A: 0.9, B: 0.2})
    put_members(case, [("G1", A, 1, "collection")])
    found = run("evaluate", case, "--labels", labels, "--json").json
    assert found["average_precision"] == found["rings"]["bcubed_f1"] == found["rings"]["tier_accuracy"] == 1.0
    assert (found["recall_at_fpr_0.1pct"], found["transactions"]) == (1.0, None)
    assert "B-cubed" in run("evaluate", case, "--labels", labels, "--lang", "zh").out
    assert "none.csv" in one_line(run("evaluate", case, "--labels", tmp_path / "none.csv"), 1)
    labels.write_text("account_id,label\n1,maybe\n", encoding="utf-8")
    assert f"{labels}, line 2" in one_line(run("evaluate", case, "--labels", labels), 1)
    assert "no file of the case has labels" in one_line(run("evaluate", case, "--labels", "case"), 1)


@pytest.mark.parametrize("fmt", ["parquet", "csv", "xlsx"])
def test_export(case: Path, tmp_path: Path, run: Run, fmt: str) -> None:
    out = tmp_path / f"导出 {fmt}" / f"t.{fmt}"
    found = run("export", case, "transactions", "--format", fmt, "--out", out, "--json").json
    assert set(found) == {"case", "table", "format", "out", "rows"}
    assert found["rows"] == 4
    assert out.stat().st_size > 0


def test_every_table_can_be_exported(case: Path, tmp_path: Path, run: Run) -> None:
    ledger = tmp_path / "platform_X_orders.csv"
    ledger.write_text("order,time,kind,amount,card,user,merchant,status,confirmed\n", encoding="utf-8")
    assert run("reconcile", case, "--platform-ledger", ledger).code == 0
    assert run("detect", case).code == 0
    for table in TABLES:
        assert run("export", case, table, "--out", tmp_path / f"{table}.parquet").code == 0, table


def test_formats(run: Run) -> None:
    listed = run("formats", "--json").json["formats"]
    assert {one["name"] for one in listed} == {one["name"] for one in registry.catalogue()}
    assert all(set(one) == {"name", "record", "title_en", "title_zh", "documentation"} for one in listed)
    plain = run("formats", "--lang", "zh")
    assert plain.code == 0
    assert "公安查控" in plain.out


def test_a_template_is_a_header_line(tmp_path: Path, run: Run) -> None:
    ran = run("formats", "--template", "duanka_transactions")
    assert ran.code == 0
    path = tmp_path / "t.csv"
    path.write_text(ran.out, encoding="utf-8")
    assert "duanka_transactions" in str(run("import", path, "--case", tmp_path / "c", "--json").json["files"])
    one_line(run("formats", "--template", "nonsense"), ran.code + 1)


def test_doctor(run: Run) -> None:
    ran = run("doctor", "--json")
    found = ran.json
    assert set(found) == {"good", "findings"}
    assert ran.code == (0 if found["good"] else 1)
    assert {one["check"] for one in found["findings"]} >= {"python", "libraries", "disk", "cache", "kernel"}
    assert run("doctor", "--lang", "zh").out.count("\n") == len(found["findings"])


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help(run: Run, verb: str) -> None:
    ran = run(verb, "--help")
    assert ran.code == 0
    assert "--json" in ran.out
    assert verb in ran.out


def test_the_verbs_are_those_that_are_tested_here(run: Run) -> None:
    shown = run("--help").out
    assert all(verb in shown for verb in VERBS)
    assert {name for name in cli.app if not name.startswith("-")} == {
        *VERBS,
        "typology",
    }  # whose own verbs stand in test_typologies


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").out.strip()


@pytest.mark.parametrize(("language", "words"), [("en", "too few payments"), ("zh", "交易过少")])
def test_detect_says_what_it_found(tmp_path: Path, run: Run, language: str, words: str) -> None:
    case = tmp_path / "c"
    run("import", write_all(tmp_path / "in", relay()), "--case", case, "--json")
    printed = run("detect", case, "--lang", language).out
    assert words in printed
    assert f"duanka export {case} account_risk" in printed
    found = run("detect", case, "--as-of", "2024-03-01T10:05:59+08:00", "--json").json
    assert found.pop("seconds") >= 0
    assert found.pop("version") == version("duanka")
    assert datetime.fromisoformat(found.pop("detected_at")).tzinfo
    assert found == {
        "case": str(case), "as_of": "2024-03-01T02:05:59+00:00", "prior": 0.011, "model": None, "payments": 3,
        "accounts": 0, "rings": 0, "members": 0, "learnt": False, "typologies": [],
    }  # fmt: skip
    rows = run("export", case, "transaction_risk", "--format", "csv", "--out", tmp_path / "t.csv", "--json").json[
        "rows"
    ]
    assert rows == 3  # the third is known to the minute, which is over


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("yesterday", "is no time"),
        ("2024-13-01T12:00+08:00", "is no time"),
        ("2024-05-01T12:00", "says no time zone"),
        ("2024-05-01", "says no time zone"),
    ],
)
def test_a_moment_that_is_none_is_wrong_use(case: Path, run: Run, moment: str, words: str) -> None:
    line = one_line(run("detect", case, "--as-of", moment), 2)
    assert words in line
    advice = line.partition("write it as ")[2].partition(";")[0]
    assert datetime.fromisoformat(advice).tzinfo is not None  # what it says would be understood


def test_a_folder_that_is_no_case_can_not_be_searched(tmp_path: Path, run: Run) -> None:
    assert "is no case" in one_line(run("detect", tmp_path / "nowhere"), 1)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["import", "x"],
        ["investigate", "--case", "c"],
        ["import", "x", "--case", "c", "--no-such-thing"],
        ["import", "x", "--undo", "y", "--case", "c"],
        ["import", "--keep-apart", "nonsense", "--case", "c"],
        ["import", "--keep-apart", "abc:x", "--case", "c"],
        ["export", "c", "transactions"],
        ["export", "c", "transactions", "--format", "pdf", "--out", "x"],
        ["evaluate", "c"],
        ["formats", "--lang", "fr"],
    ],
)
def test_wrong_use_is_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, arguments: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    one_line(run(*arguments), 2)
    assert not list(tmp_path.iterdir())


def test_a_failed_run_is_1_and_says_what_to_do(case: Path, tmp_path: Path, run: Run) -> None:
    bad_seeds = tmp_path / "seeds.csv"
    bad_seeds.write_text("kind,value\naccount,nobody\n", encoding="utf-8")
    bad_mapping = tmp_path / "m.yaml"
    bad_mapping.write_text("][", encoding="utf-8")
    data = police(tmp_path / "a.csv", relay()["甲.csv"])
    (tmp_path / "nocase").mkdir()
    (tmp_path / "nocase" / "case.duckdb").write_bytes(b"something else")
    tries: list[tuple[list[object], str]] = [
        (["import", tmp_path / "nowhere", "--case", tmp_path / "c1"], "does not exist"),
        (["export", tmp_path / "none", "transactions", "--out", tmp_path / "x"], "no case"),
        (["export", case, "nonsense", "--out", tmp_path / "x"], "nonsense"),
        (["import", "--undo", "nonsense", "--case", case], "nonsense"),
        (["import", "--undo", "x", "--case", tmp_path / "none"], "no case"),
        (["import", "--keep-apart", "0123456789abcdef:7", "--case", case], "no row 7"),
        (["investigate", data, "--case", tmp_path / "c2", "--seeds", bad_seeds], "nobody"),
        (["investigate", data, "--case", tmp_path / "c2", "--seeds", tmp_path / "none.csv"], "none.csv"),
        (["import", data, "--case", tmp_path / "c2", "--mapping", bad_mapping], "m.yaml"),
        (["import", data, "--case", tmp_path / "c2", "--mapping", tmp_path / "none.yaml"], "none.yaml"),
        (["import", data, "--case", tmp_path / "c2", "--password-file", tmp_path / "none.txt"], "none.txt"),
        (["import", data, "--case", tmp_path / "c3", "--memory", "lots"], "emory"),
        (["import", data, "--case", tmp_path / "nocase"], "can't be opened"),
        (["report", case, "--from", "nonsense"], "nonsense"),
        (["report", case, "--from", "account:nobody"], "nobody"),
        (["import", data, "--case", data], "a.csv"),
    ]
    for arguments, words in tries:
        ran = run(*arguments)
        assert words in one_line(ran, 1), arguments
        assert ran.out == "", arguments


def test_a_fault_of_ours_is_one_line_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("duanka.pipeline.import_paths", broken)
    line = one_line(run("import", tmp_path, "--case", tmp_path / "c"), 1)
    assert "KeyError" in line
    assert "report" in line


def test_stopping_is_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("duanka.pipeline.import_paths", stopped)
    assert run("import", tmp_path, "--case", tmp_path / "c").code == 1


def test_as_a_process_with_any_locale(tmp_path: Path) -> None:
    folder = write_all(tmp_path / "数据 一", relay())
    done = subprocess.run(
        [sys.executable, "-m", "duanka", "import", str(folder), "--case", str(tmp_path / "案 c"), "--json"],
        capture_output=True,
        check=False,
        env={"PATH": "", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "SYSTEMROOT": "C:\\Windows"},
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "数据 一" in json.loads(done.stdout.decode("utf-8"))["files"][0]["path"]
    assert done.stderr == b""


def test_passwords_come_from_a_file(tmp_path: Path, run: Run) -> None:
    data = police(tmp_path / "甲.csv", relay()["甲.csv"]).read_bytes()
    archive = aes(tmp_path / "a.zip", {"甲.csv": data}, "密码".encode())
    for name, encoding in (("utf8", "utf-8-sig"), ("gbk", "gbk")):
        words = tmp_path / f"{name}.txt"
        words.write_bytes("wrong\r\n密码\r\n".encode(encoding))
        found = run("import", archive, "--case", tmp_path / name, "--password-file", words, "--json").json
        assert (len(found["files"]), found["unknown"]) == (1, [])


def test_a_world_is_made_with_its_truth_and_a_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "world"
    assert cli.run(["synth", "tiny", "--out", str(out), "--ring", "fraud:1", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["rings"] == {"fraud": 1}
    assert facts["transactions"] > 5_000
    assert (out / "records" / "accounts.parquet").exists()
    assert (out / "truth" / "labels.csv").exists()
    assert cli.run(["synth", "planet", "--out", str(out)]) == 1
    assert "tiny, demo, case, province" in capsys.readouterr().err
    assert cli.run(["synth", "tiny", "--out", str(out), "--set", "rings.adaptive=7"]) == 1
    assert "from 0 to 1" in capsys.readouterr().err
