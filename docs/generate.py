"""Writes docs/reference/ and its Chinese page from the code: `python docs/generate.py`.

A test fails when a page is stale, or something in the code has no words.
"""

# ruff: noqa: INP001 - a script, not a package

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import yaml
from cyclopts import App

import duanka
from duanka.cli import app
from duanka.freezing.plan import TABLES as PLANNED
from duanka.freezing.returns import TABLES as RETURNED
from duanka.messages.catalogue import messages, say
from duanka.messages.help import help_words
from duanka.records.schemas import TABLES
from duanka.records.vocabulary import RecordKind, RejectCode
from duanka.report.tables import TABLES as EXPORTED
from duanka.signals.inputs import INPUTS
from duanka.signals.registry import SIGNALS
from duanka.sources.record_rows import EXTRAS
from duanka.sources.registry import readers, table_formats
from duanka.sources.spec import TRANSACTION_FIELDS, TableFormat
from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.tracing.around_text import TABLES as SURROUNDED
from duanka.tracing.run import TABLES as TRACED
from duanka.tracing.text import MOST_LINES
from duanka.verbs.chinese import default_of, in_chinese, with_chinese_values

REFERENCE = Path(__file__).parent / "reference"
WORDS = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
CODE = Path(duanka.__file__).parent

_KINDS = {"transactions": RecordKind.TRANSACTION, "accounts": RecordKind.ACCOUNT, "parties": RecordKind.PARTY}
_KINDS |= {f"{kind.value}s": kind for kind in RecordKind if kind is not RecordKind.PARTY}
_DERIVED = {"transactions", "accounts", "parties"}
"""Tables of a record kind that are made anew from imported rows; the others are as imported, with file and line."""


class MissingWordError(KeyError):
    """Something has no words in docs/words.yaml."""


def columns_of(table: str) -> dict[str, str]:
    """What each column of an exported table means, as far as code and words say it."""
    kind = _KINDS.get(table)
    given: dict[str, str] = {}
    if kind is not None:
        given = {field.name: _doc(field) for field in TABLES[kind.value]}
    if kind is not None and table not in _DERIVED:
        extras = ("source_id", "source_row", *EXTRAS.get(kind, ()))
        given = {name: WORDS["extras"][name] for name in extras} | given
    return given | (_words("tables", table)["columns"] or {})


def settings_in_code() -> list[str]:
    """Every environment variable of ours that the code reads."""
    found = {name for path in CODE.rglob("*.py") for name in re.findall(r"DUANKA_[A-Z_]+", path.read_text("utf-8"))}
    return sorted(found)


def pages() -> dict[str, str]:
    """The reference pages: path from docs/reference -> text."""
    return {
        "cli.md": _cli(),
        "../zh/reference/cli.md": _cli_in_chinese(),
        "formats.md": _formats(),
        "tables.md": _tables(),
        "trace.md": _trace(),
        "freeze.md": _freeze(),
        "settings.md": _settings(),
        "rejects.md": _rejects(),
        "synth.md": _synth(),
        "signals.md": _signals(),
    }


def _words(section: str, name: str) -> dict[str, dict[str, str]]:
    try:
        return WORDS[section][name]  # type: ignore[no-any-return]  # YAML
    except KeyError as error:
        raise MissingWordError(f"docs/words.yaml has no {section}.{name}") from error


def _doc(field: pa.Field) -> str:
    return str(field.metadata[b"doc"].decode())


def _page(title: str, lead: str, body: Iterable[str], *, source: str = "docs/words.yaml") -> str:
    note = f"<!-- Made by docs/generate.py; change the code or {source}, not this page. -->"
    return "\n".join([f"# {title}", "", note, "", lead, "", *body]).rstrip() + "\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines] + [""]


def _cli() -> str:
    lead = (
        "Every verb takes `--json`, exits with 0 on success, 1 after a failed run and 2 after wrong use, and says in "
        "one line what to do about an error. Progress goes to standard error. `duanka VERB --help` shows the same in "
        "Chinese with `--lang zh` ([中文](../zh/reference/cli.md))."
    )
    return _page("Command line", lead, [_verbs(app)])


def _cli_in_chinese() -> str:
    text = with_chinese_values(_verbs(in_chinese(app)))
    labels = help_words().labels
    text = re.sub(r" \*\[default: (.*)\]\*", _default_in_chinese, text)
    text = text.replace("*[choices: ", f"*[{labels['choices']}：")
    text = text.replace("**[required]**", f"**[{labels['required']}]**")
    text = re.sub(r"(?m)^(\*\*\w+\*\*|\* `[^`]*`): ?", r"\1：", text)
    lead = (
        "每个命令均可加 `--json`；成功时退出码为 0，运行失败为 1，用法有误为 2，出错时用一行文字说明原因和办法。"
        "进度写到标准错误。系统语言为中文，或加 `--lang zh` 时，`duanka 命令 --help` 显示的就是以下内容"
        "（[English](../../reference/cli.md)）。"
    )
    return _page("命令行", lead, [text], source="src/duanka/messages/help.zh.yaml")


def _default_in_chinese(found: re.Match[str]) -> str:
    default = default_of(found[1])
    return f" *[{help_words().labels['default']}：{default}]*" if default else ""


def _verbs(told: App) -> str:
    text = told.generate_docs(usage_name="duanka")
    text = re.sub(
        r"(?m)^(duanka(?: \w[\w-]*)+) -m \S+", r"\1", text
    )  # how this process was started is no usage of ours
    return text[text.index("## duanka ") :]


def _formats() -> str:
    body: list[str] = []
    entries: list[tuple[str, list[str]]] = [(spec.name, _format(spec)) for spec, _ in table_formats()]
    for reader in readers():
        lines = [f"## {reader.name}", "", f"{reader.title_en} · {reader.title_zh}", "", reader.documentation, ""]
        entries.append((reader.name, lines))
    for _, lines in sorted(entries):
        body += lines
    fields = [[f"`{name}`", meaning] for name, meaning in TRANSACTION_FIELDS.items()]
    body += [
        "## Fields of a transaction",
        "",
        "What a mapping may fill; see [map a file](../how-to/map-a-file.md).",
        "",
    ]
    body += _table(("field", "meaning"), fields)
    lead = (
        f"{len(entries)} formats are recognised by what they contain, never by their names alone. Header names are "
        "compared without blanks and in any order; columns that a format does not know are kept with each row. A table "
        "that is none of these is read with a [mapping](../how-to/map-a-file.md)."
    )
    return _page("Formats", lead, body)


def _format(spec: TableFormat) -> list[str]:
    names = [" or ".join([one] if isinstance(one, str) else one) for one in spec.required]
    lines = [f"## {spec.name}", "", f"{spec.title_en} · {spec.title_zh}", ""]
    facts = [("Gives", spec.record.value), ("Recognised by", "; ".join(names))]
    facts += [("Whole book", "yes")] * (spec.book == "full") + [("Unit", "fen (minor units)")] * (spec.unit == "minor")
    lines += [f"- {word}: {value}" for word, value in facts if value]
    return [*lines, "", *([spec.documentation, ""] if spec.documentation else [])]


def _tables() -> str:
    body: list[str] = []
    for table in EXPORTED:
        body += [f"## {table}", "", str(_words("tables", table)["about"]), ""]
        rows = [[f"`{name}`", meaning] for name, meaning in columns_of(table).items()]
        body += _table(("column", "meaning"), rows)
    lead = (
        "What `duanka export CASE TABLE` writes. Amounts are whole numbers of minor units (fen for CNY), times are UTC "
        "to the microsecond, ids are text. In CSV and XLSX nested columns are JSON."
    )
    return _page("Tables", lead, body)


def _described(section: str, names: Sequence[str], heading: str = "{}") -> list[str]:
    """Each table of a section of docs/words.yaml, with its columns."""
    body: list[str] = []
    for table in names:
        words = _words(section, table)
        body += [f"## {heading.format(table)}", "", str(words["about"]), ""]
        columns = [[f"`{name}`", meaning] for name, meaning in words["columns"].items()]
        body += _table(("column", "meaning"), columns)
    return body


def _freeze() -> str:
    body = _described("freeze", PLANNED, "freeze-plan: {}") + _described("returns", RETURNED, "returns: {}")
    lead = (
        "What `duanka freeze-plan` and `duanka returns` print with `--json` as lists of objects, write with `--out` as "
        "files, and `Case.freeze_plan` and `Case.returns` give as Polars frames. Amounts are whole numbers of minor "
        "units, times UTC. JSON also has `case`, `files`, `at` and `currency`; of a plan `orders`, `minutes`, `price`, "
        "`verifying` (as asked), `seeded` (what is followed), `traced` (what lies at known accounts, mean of the "
        "doctrines), `recovered`, `innocents`, `harm` (of the whole plan, expected) and `scored_as_of` (when the "
        "findings used were made; null: for this plan); of returns `untouched` (frozen accounts that no traced money "
        "reached). See [plan what to stop and freeze](../how-to/freeze-plan.md)."
    )
    return _page("Freeze plans and returns", lead, body)


def _trace() -> str:
    body = _described("trace", TRACED) + _described("around", SURROUNDED)
    body += [
        "## Notes",
        "",
        "`notes` says what the trace rests on, each with `code`, `count` and `amounts` by currency.",
        "",
    ]
    notes = sorted(key for key in messages() if key.startswith("trace.note."))
    body += _table(("code", "words"), [[f"`{key.rpartition('.')[2]}`", messages()[key]["en"]] for key in notes])
    lead = (
        "What `duanka trace --json` prints as lists of objects, `--out` writes as files, and `Case.trace` gives as "
        "Polars frames. Amounts are whole numbers of minor units, times UTC. JSON also has `case`, `files`, "
        "`direction`, `doctrines`, `at`, `until` (the last moment looked at), `firm` (by currency, what ends at the "
        "same places for the same reasons under every doctrine) and `firm_without_direct`. A table of more than "
        f"{MOST_LINES:,} lines is null there; `--out` writes it whole. See "
        "[follow the money](../how-to/follow-the-money.md). `--direction around` gives `leads`, `ranked` and `ties`."
    )
    return _page("Traces", lead, body)


def _settings() -> str:
    rows = [[f"`{name}`", str(_words("settings", name))] for name in settings_in_code()]
    others = [[f"`{names}`", meaning] for names, meaning in WORDS["others"].items()]
    body = [*_table(("variable", "what it does"), rows), "Of others', these matter:", ""]
    body += _table(("variable", "what it does"), others)
    return _page("Settings", "Environment variables. There is no configuration file.", body)


def _rejects() -> str:
    rows = [[f"`{c.value}`", say(f"reject.{c.value}", "en"), say(f"reject.{c.value}", "zh")] for c in RejectCode]
    lead = (
        "A row that can't become a record is rejected with its place, a code and its text; the import goes on. All of "
        "them stand in the report and in the table [`rejects`](tables.md#rejects)."
    )
    return _page("Reject codes", lead, _table(("code", "English", "中文"), rows))


def _synth() -> str:
    scales = [
        [f"`{s.name}`", f"{s.people:,}", f"{s.start.isoformat()}, {s.days} days",
         ", ".join(f"{kind} {count}" for kind, count in s.rings.items())]
        for s in SCALES.values()
    ]  # fmt: skip
    body = ["## Scales", "", *_table(("scale", "people", "period", "rings"), scales), "## Parameters", ""]
    known = defaults().all.items()
    numbers = [[f"`{word}`", f"{p.value:g}", f"{p.low:g} … {p.high:g}", p.unit, p.anchor] for word, p in known]
    body += _table(("parameter", "value", "range", "unit", "what supports it"), numbers)
    lead = (
        "What `duanka synth` knows, and what `--set NAME=VALUE` changes. Sections named with § are those of the "
        "field's facts that the project was designed from; *assumption* means that no source was found. See "
        "[made-up worlds](../explanation/synthetic-worlds.md)."
    )
    return _page("Made-up worlds: scales and parameters", lead, body)


def _signals() -> str:
    inputs = [[f"`{name}`", words] for name, (words, _) in INPUTS.items()]
    body = ["## Inputs", "", *_table(("input", "what it is"), inputs)]
    for one in SIGNALS:
        body += [f"## {one.code} {one.en} · {one.zh}", "", f"{one.formal[0].upper()}{one.formal[1:]}.", ""]
        facts = [("Published", one.source), ("Needs", ", ".join(f"`{name}`" for name in one.inputs))]
        facts += [("Role", "supports only: alone it tells nothing")] * (not one.carries)
        body += [*(f"- {word}: {value}" for word, value in facts if value), ""]
        numbers = [[f"`{p.name}`", p.sql.strip("()"), p.source] for p in one.parameters]
        body += _table(("number", "value", "source"), numbers) if numbers else []
        body += [*(f"> {messages()[f'signal.{one.code}'][language]}\n" for language in ("en", "zh"))]
    lead = (
        f"What `duanka detect` measures of every account beside its relays: {len(SIGNALS)} typologies. Each is "
        "compared with accounts of the same kind that are as busy; its *strength* is minus the natural log of the "
        "share of them that reach the value. The tables are [`signals`](tables.md#signals) and "
        "[`signal_gaps`](tables.md#signal_gaps). A published threshold is told in the words and triggers nothing by "
        "itself. Never measured: origin, occupation, prefixes of identity numbers. Not measured: layers (NW02; rings "
        "have tiers), and clusters of outlets (NW05), which are of an outlet and not of an account."
    )
    return _page("Signals", lead, body)


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        (REFERENCE / name).parent.mkdir(parents=True, exist_ok=True)
        (REFERENCE / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
