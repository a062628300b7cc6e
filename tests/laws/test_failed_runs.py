"""Whatever a failed run says to its user has Chinese: no error is raised in English alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import duanka
from cases import A, police, row, take_in
from duanka.cli import run
from duanka.messages.catalogue import fields, known, say
from duanka.messages.told import Message, ToldError
from duanka.store.seeds import KINDS

SOURCES = Path(duanka.__file__).parent
TREES = {path.relative_to(SOURCES).as_posix(): ast.parse(path.read_text("utf-8")) for path in SOURCES.rglob("*.py")}

SAID = {"TraceError", "ViewError"}
"""Made of words in the language that is asked for, where they are raised."""

INSIDE = {"MessageError", "DoctrineError", "_NotReadableError"}
"""Faults of our own code, asked for what a verb refuses before, or caught where files are read."""

ARRAYS = ("flow/", "trace/", "rings/", "scoring/", "signals/", "identifiers/")
"""Rooms that check the arrays that our own code hands them; no input of a user fails there first."""

OURS = {
    ("case.py", "ValueError"),  # called from Python
    ("sources/intake.py", "ValueError"),  # caught where it is raised: the archive is listed as damaged
}
"""Built-in errors that other rooms raise."""

WORDED = {"message", "key", "_worded(problem)", "problem.message"}
"""Arguments that are words of the catalogue already, chosen where these tests look for them as well."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _errors() -> dict[str, list[str]]:
    """Every class of errors in the source, and its bases."""
    found = {
        node.name: [ast.unparse(base) for base in node.bases]
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }
    assert len(found) > 15
    return found


def _calls() -> Iterator[tuple[str, ast.Call, int, str]]:
    """Every place where words are chosen: file, call, which argument is the key, and what goes before the key."""
    told = {name for name, bases in _errors().items() if "ToldError" in bases}
    for file, tree in TREES.items():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
            if name in told or (name == "Message" and "iso20022" not in file and not file.startswith("messages/")):
                yield file, call, 0, "typology." if name == "TypologyError" else ""
            elif name == "_error" and file == "typologies/condition.py":
                yield file, call, 0, "typology."
            elif name == "error" and owner in {"document", "self"} and "mapping" in file:
                yield file, call, 1, ""


def _keys(node: ast.expr) -> list[str] | None:
    """The keys that an expression may give; none where it is a message already."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return [*(_keys(node.body) or []), *(_keys(node.orelse) or [])]
    if isinstance(node, ast.JoinedStr) and ast.unparse(node) == "f'seed.{seed.kind}'":
        return [f"seed.{kind}" for kind in KINDS]
    return None


def test_every_error_has_words_in_both_languages_or_is_named_here() -> None:
    told = {name for name, bases in _errors().items() if "ToldError" in bases}
    assert set(_errors()) - told - {"ToldError"} == SAID | INSIDE


def test_every_place_that_raises_one_names_words_and_gives_their_values() -> None:
    wrong, seen = [], set()
    for file, call, place, before in _calls():
        at = f"{file}:{call.lineno}"
        keys = _keys(call.args[place]) if len(call.args) > place else None
        if keys is None:
            text = ast.unparse(call.args[place]) if len(call.args) > place else ""
            if text not in WORDED:
                wrong.append(f"{at}: no key")
            continue
        given = {one.arg for one in call.keywords} - {"language", "place" if before else None}
        for key in (before + one for one in keys):
            seen.add(key)
            if not known(key) or (None not in given and fields(key) != given):
                wrong.append(f"{at}: {key} {sorted(map(str, given))}")
    assert wrong == []
    assert len(seen) > 150
    bare = {key for key in seen if not _CHINESE.search(say(key, "zh", **dict.fromkeys(fields(key), "")))}
    assert {re.sub(r"\{\w+\}|\W|label\.\w+", "", say(key, "zh", **dict.fromkeys(fields(key), ""))) for key in bare} <= {
        ""
    }


def test_what_is_said_where_it_is_raised_is_said_in_a_language() -> None:
    calls = [
        ast.unparse(call)
        for tree in TREES.values()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in SAID
    ]
    assert calls
    assert [
        text for text in calls if not re.match(r"\w+\((say\('[\w.]+', language|claims\.nothing\(language\))", text)
    ] == []


def test_no_built_in_error_is_raised_where_users_input_is_read() -> None:
    builtin = {"ValueError", "RuntimeError", "OSError", "KeyError", "FileNotFoundError", "Exception"}
    raised = {
        (file, str(getattr(node.exc.func, "id", "")))
        for file, tree in TREES.items()
        if not file.startswith(ARRAYS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    }
    assert {(file, name) for file, name in raised if name in builtin} == OURS


def test_a_message_within_a_message_is_told_in_its_language() -> None:
    place = Message("common.line_of", path="a.csv", line=3)
    error = ToldError("frozen.no_amount", place=place, text="'x'")
    assert str(error) == "a.csv, line 3: 'x' is no amount"
    assert error.told("zh") == "a.csv 第 3 行：'x' 不是金额"
    assert ToldError("common.problem", problem=error).told("zh") == error.told("zh")
    assert str(ToldError("frozen.no_amount", language="zh", place=place, text="'x'")) == error.told("zh")


FAILED = [
    ("detect {none}", "case.duckdb"),
    ("detect {case} --model {text}", "不是断卡的模型"),
    ("evaluate {case} --labels case", "duanka detect"),
    ("export {case} nothing --out {tmp}/x.parquet", "account_risk"),
    ("export {case} rings --out {tmp}/x.parquet", "duanka detect"),
    ("export {case} platform_orders --out {tmp}/x.parquet", "duanka reconcile"),
    ("formats --template nothing", "transactions"),
    ("freeze-plan {case} --from report:none", "报案"),
    ("import {tmp}/missing.csv --case {case}", "不存在"),
    ("import {text} --case {case} --mapping {text}", "映射文件"),
    ("import {text} --case {case} --mapping {tmp}/missing.yaml", "无法读取"),
    ("import {text} --case {case} --password-file {tmp}/missing.txt", "文件或文件夹不存在"),
    ("import --case {case} --undo nothing", "来源文件"),
    ("learn {case} --labels {text} --model {tmp}/m.json", "account_id,label"),
    ("learn {case} --labels {tmp}/missing.csv --model {tmp}/m.json", "文件或文件夹不存在"),
    ("reconcile {case} --platform-ledger {text}", "--mapping"),
    ("report {case} --from account:none", "账户"),
    ("returns {case} --from report:none", "报案"),
    ("synth nothing --out {tmp}/w", "province"),
    ("synth tiny --out {tmp}/w --ring nothing:1", "--ring"),
    ("trace {case} --from row:none", "交易"),
    ("typology check {tmp}/missing.yaml", "文件或文件夹不存在"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("failed")
    (home / "text.txt").write_text("nothing of use\n", "utf-8")
    take_in(
        home / "case", police(home / "a.csv", [row(A, "进", "9900000000000000911", "50.00", "2024-05-01 10:00:00")])
    )
    return home


@pytest.mark.parametrize(("line", "named"), FAILED, ids=[line for line, _ in FAILED])
def test_a_failed_run_speaks_chinese(line: str, named: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = line.format(tmp=folder, case=folder / "case", text=folder / "text.txt", none=folder / "none").split()
    assert run([*words, "--lang", "en"]) == 1
    assert not _CHINESE.search(capsys.readouterr().err)
    assert run([*words, "--lang", "zh"]) == 1
    said = next(one for one in capsys.readouterr().err.splitlines() if one.startswith("duanka: "))
    assert _CHINESE.search(said)
    assert named in said
    quoted = re.sub(r"`[^`]*`", "", said)
    assert not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{3,}", quoted), said  # no English sentence
