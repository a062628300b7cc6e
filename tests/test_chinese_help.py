"""Help and complaints in Chinese: complete, chosen as the reader asks, and never in the way of the English."""

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cyclopts
import pytest

from duanka import cli
from duanka.messages.catalogue import known
from duanka.messages.help import help_words
from duanka.verbs.chinese import in_chinese, verbs_of
from duanka.verbs.wrong_use import told

VERBS = Path(cli.__file__).parent / "verbs"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _walk(app: cyclopts.App, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Each verb with its parameters, as the code names them."""
    for name in verbs_of(app):
        verb = f"{path} {name}".strip()
        function = app[name].default_command
        yield verb, list(inspect.signature(function).parameters) if function else []
        yield from _walk(app[name], verb)


IN_CODE = dict(_walk(cli.app))


@pytest.fixture(autouse=True)
def locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def test_every_verb_and_parameter_has_chinese() -> None:
    words = help_words()
    missing = [verb for verb in ("", *IN_CODE) if not words.verb(verb)]
    missing += [
        f"{verb}: {name}" for verb, names in IN_CODE.items() for name in names if not words.parameter(verb, name)
    ]
    assert not missing, f"without words in help.zh.yaml: {missing}"


def test_nothing_is_translated_that_is_gone() -> None:
    words = help_words()
    gone = [verb for verb in words.verbs if verb and verb not in IN_CODE]
    gone += [f"{verb}: {name}" for verb, one in words.verbs.items() for name in one.parameters
             if name not in IN_CODE.get(verb, [])]  # fmt: skip
    used = {name for verb, names in IN_CODE.items() for name in names if name not in words.verbs[verb].parameters}
    gone += [f"everywhere: {name}" for name in words.everywhere if name not in used]
    assert not gone, f"in help.zh.yaml, but not in the code: {gone}"


def test_the_words_are_chinese() -> None:
    words = help_words()
    texts = [*words.labels.values(), *words.placeholders.values(), *words.errors.values(), *words.everywhere.values()]
    texts += [text for one in words.verbs.values() for text in (one.help, *one.parameters.values())]
    assert [text for text in texts if not _CHINESE.search(text)] == []


@pytest.mark.parametrize("verb", ["", *IN_CODE])
def test_help_in_chinese_and_in_english(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for language in ("zh", "en"):
        assert cli.run([*verb.split(), "--help", "--lang", language]) == 0
        shown[language] = "".join(capsys.readouterr().out.split())
    words = help_words()
    first = "".join((words.verb(verb) or "").replace("`", "").partition("\n")[0].split())
    for text in (words.labels["usage"], first[:20]):
        assert text in shown["zh"]
        assert text not in shown["en"]
    for english in ("Usage", "Parameters", "Arguments", "Commands", "[required]", "[default", "[choices"):
        assert english not in shown["zh"]
    assert "Usage:" in shown["en"]


def test_both_name_the_same_options(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in IN_CODE:
        options = []
        for language in ("zh", "en"):
            cli.run([*verb.split(), "--help", "--lang", language])
            lines = capsys.readouterr().out.splitlines()
            options.append(
                [found[1] for line in lines if (found := re.match(r"│ [* ]{0,3}(?:[A-Z]+ )?(--[\w-]+)", line))]
            )
        assert options[0] == options[1], verb


def test_a_verb_without_chinese_keeps_its_english(capsys: pytest.CaptureFixture[str]) -> None:
    app = cyclopts.App(name="new")

    @app.command
    def novelty(*, what: str = "") -> None:
        """Something new.

        Args:
            what: The latest thing.
        """
        del what

    in_chinese(app)(["novelty", "--help"], result_action="return_value")
    shown = capsys.readouterr().out
    assert "Something new." in shown
    assert "The latest thing." in shown
    assert "用法" in shown


def test_the_locale_decides_where_the_command_line_does_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for arguments, chinese in (
        ([], True),
        (["typology"], True),
        (["doctor", "-h"], True),
        (["doctor", "-h", "--lang=en"], False),
    ):
        assert cli.run(arguments) == 0
        assert ("用法" in capsys.readouterr().out) == chinese
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


WRONG = [
    ("detekt c", "“detekt”", "detect"),
    ("typology chekc x", "“chekc”", "check"),
    ("import x", "--case", "import"),
    ("import x --case", "--case", "import"),
    ("detect", "CASE", "detect"),
    ("import x --case c --undoo y", "--undoo", "--undo"),
    ("export c rings --format pdf --out x", "“pdf”", "csv"),
    ("freeze-plan c --from report:1 --orders many", "“many”", "整数"),
    ("doctor extra", "extra", "多余"),
    ("doctor --json --json", "--json", "一次"),
    ("detect c --as-of yesterday", "yesterday", "2024-05-01T12:00+08:00"),
    ("detect c --as-of 2024-05-01T12:00", "时区", "2024-05-01T12:00+08:00"),
    ("detect c --mapping m.yaml", "--mapping", "--platform-ledger"),
    ("reconcile c --platform-ledger p --fee 200", "--fee", "百分比"),
    ("investigate --case c", "文件", "文件夹"),
    ("import x --case c --undo y", "--undo", "--keep-apart"),
    ("import --case c --keep-apart nonsense", "nonsense", "行号"),
    ("typology check", "类型文件", "文件夹"),
    ("typology check t --labels l", "--labels", "--case"),
    ("typology check t --found-from 2", "--found-from", "得分"),
    ("trace c", "起点", "--from"),
    ("trace c --from account:1 --max-age soon", "soon", "72h"),
    ("trace c --from account:1 --floor lots", "lots", "5000"),
    ("trace c --from account:1 --floor -1", "-1", "10^15"),
    ("trace c --from account:1 --apart --together", "--apart", "--together"),
    ("trace c --from account:1 --max-hops -1", "--max-hops", "0"),
    ("trace c --from account:1 --direction around --apart", "around", "--seeds"),
    ("freeze-plan c", "资金", "--from"),
    ("freeze-plan c --from report:1 --orders 0", "--orders", "1,000"),
    ("freeze-plan c --from report:1 --minutes -1", "--minutes", "43,200"),
    ("freeze-plan c --from report:1 --price -1", "--price", "1,000,000"),
    ("returns c", "返还", "--from"),
    ("trace c --from nonsense", "'nonsense'", "account, row"),
]


@pytest.mark.parametrize(("line", "named", "advice"), WRONG, ids=[line for line, _, _ in WRONG])
def test_wrong_use_in_chinese(line: str, named: str, advice: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(line.split()) == 2
    assert not _CHINESE.search(capsys.readouterr().err)
    assert cli.run([*line.split(), "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("duanka: ")
    assert said.count("\n") == 1
    assert named in said
    assert advice in said
    assert _CHINESE.search(said.partition("；用法见")[0])
    assert not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", re.sub(r"`[^`]*`", "", said)), said  # no English sentence


def test_the_english_of_the_parser_is_its_own() -> None:
    with pytest.raises(cyclopts.CycloptsError) as raised:
        cli.app.parse_args(["detekt"], exit_on_error=False, print_error=False)
    assert told(raised.value, "en") == str(raised.value)


def test_every_complaint_of_the_verbs_has_words() -> None:
    """Values are tried above, and by the law of failed runs."""
    found = [
        text
        for path in sorted(VERBS.glob("*.py"))
        for text in re.findall(r'UsageError\(\s*"([^"]*)"', path.read_text(encoding="utf-8"))
    ]
    assert len(found) > 10
    assert [text for text in found if not known(text)] == []


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["import", "x", "--lang", "zh"], "zh"),
        (["import", "x", "--lang=zh", "--nonsense"], "zh"),
        (["import", "x", "--lang", "fr"], "en"),
        (["import", "x", "--lang"], "en"),
        (["import", "--", "--lang", "zh"], "en"),
        ([], "en"),
    ],
)
def test_the_language_is_found_though_the_rest_is_not_understood(arguments: list[str], language: str) -> None:
    assert cli.language_of(arguments) == language


def test_the_words_are_read_only_for_help() -> None:
    code = (
        "import sys; from duanka import cli; cli.run(['formats', '--lang', 'zh']);"
        "sys.exit(any(name in sys.modules for name in ('duanka.messages.help', 'duanka.verbs.chinese')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_what_is_frozen_is_complained_about_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frozen = tmp_path / "冻结.csv"
    for text, words in (
        ("account,amount\n", "首行须为列名 account_id,amount"),
        ("account_id,amount\n9900000000000000017,many\n", "'many' 不是金额"),
        ("account_id,amount\n,5\n", "须写明账户"),
    ):
        frozen.write_text(text, encoding="utf-8")
        assert cli.run(["returns", "c", "--from", "report:1", "--frozen", str(frozen), "--lang", "zh"]) == 2
        assert words in capsys.readouterr().err
