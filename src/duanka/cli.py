"""The command line: parses, calls, prints. Every verb takes --json; 0 is success, 1 a failed run, 2 wrong use."""

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import cyclopts
from cyclopts import Parameter

from duanka.messages.catalogue import Language, default_language, say

if TYPE_CHECKING:
    from duanka.importing import Options
    from duanka.pipeline import Outcome
    from duanka.progress import Progress

app = cyclopts.App(
    name="duanka",
    help="断卡 · From raw payment records to an exact ledger, the lineage of the money, and a report.",
    version=lambda: version("duanka"),
    version_flags=["--version"],
    result_action="return_value",
    suppress_keyboard_interrupt=False,  # `run` says what is kept
)

Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object and nothing else.")]
CaseDir = Annotated[Path, Parameter(name="--case", help="Folder of the case; made if it does not exist.")]
Lang = Annotated[Language | None, Parameter(name="--lang", help="zh or en; default: the locale's.")]
Mapping = Annotated[Path | None, Parameter(name="--mapping", help="YAML file that describes further formats.")]
Passwords = Annotated[Path | None, Parameter(name="--password-file", help="Passwords of archives, one a line.")]
PlatformLedger = Annotated[
    tuple[Path, ...],
    Parameter(negative="", consume_multiple=True, help="Files or folders of a platform's orders, points, users."),
]
PlatformMapping = Annotated[Path | None, Parameter(name="--mapping", help="YAML file that names their columns.")]
Memory = Annotated[str, Parameter(name="--memory", help="DuckDB's share of memory, e.g. 1GB; it spills beyond it.")]


@app.command
def demo(*, case: CaseDir = Path("demo-case"), json_: Json = False, lang: Lang = None) -> int:
    """Make up a small country with a fraud ring in it, investigate it, and hold the find against the truth."""
    from duanka import demo as show
    from duanka.summary import as_dict, as_text

    language = lang or default_language()
    with _watch(quiet=json_, language=language) as watch:
        shown = show.run(case, language=language, watch=watch, progress=watch.world)
    if json_:
        print(json.dumps(as_dict(shown.outcome) | show.as_dict(shown), ensure_ascii=False))
    else:
        print(as_text(shown.outcome, language, by_format=True), show.as_text(shown, language), sep="\n\n")
    return 0


@app.command
def investigate(
    *paths: Path,
    case: CaseDir,
    mapping: Mapping = None,
    seeds: Annotated[Path | None, Parameter(help="CSV with the columns kind,value: where to start from.")] = None,
    password_file: Passwords = None,
    own_account: Annotated[str, Parameter(help="Whose ledger the files are that don't say it.")] = "",
    memory: Memory = "",
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Import files and folders, follow the money, and write the report: everything in one go."""
    from duanka import pipeline
    from duanka.store.seeds import read_seeds

    if not paths:
        raise UsageError("name at least one file or folder")
    language = lang or default_language()
    options = _options(mapping, password_file, own_account, memory)
    starts = read_seeds(seeds) if seeds else []
    with _watch(quiet=json_, language=language) as watch:
        outcome = pipeline.investigate(case, list(paths), options=options, seeds=starts, language=language, watch=watch)
    return _print(outcome, as_json=json_, language=language)


@app.command(name="import")
def import_(
    *paths: Path,
    case: CaseDir,
    mapping: Mapping = None,
    password_file: Passwords = None,
    own_account: Annotated[str, Parameter(help="Whose ledger the files are that don't say it.")] = "",
    undo: Annotated[str, Parameter(help="Take a source out again: its id, hash or path.")] = "",
    keep_apart: Annotated[str, Parameter(help="Undo the merge of one row: SOURCE:ROW.")] = "",
    merge_again: Annotated[str, Parameter(help="Allow the merge of a row kept apart: SOURCE:ROW.")] = "",
    memory: Memory = "",
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Import files and folders into a case; or undo an import, or a merge; or, without paths, list what is there."""
    from duanka import pipeline

    language = lang or default_language()
    chosen = [bool(paths), bool(undo), bool(keep_apart), bool(merge_again)]
    if sum(chosen) > 1:
        raise UsageError("give either paths to import, or one of --undo, --keep-apart, --merge-again")
    with _watch(quiet=json_, language=language) as watch:
        if not any(chosen):
            outcome = pipeline.listing(case)
        elif undo:
            outcome = pipeline.undo(case, undo, watch=watch)
        elif keep_apart or merge_again:
            source, row = _source_row(keep_apart or merge_again)
            outcome = pipeline.keep_apart(case, source, row, apart=bool(keep_apart), watch=watch)
        else:
            options = _options(mapping, password_file, own_account, memory)
            outcome = pipeline.import_paths(case, list(paths), options=options, watch=watch)
    return _print(outcome, as_json=json_, language=language)


@app.command
def detect(
    case: Path,
    *,
    as_of: Annotated[
        str, Parameter(name="--as-of", help="Look at nothing later than this, e.g. 2024-05-01T12:00+08:00.")
    ] = "",
    platform_ledger: PlatformLedger = (),
    mapping: PlatformMapping = None,
    model: Annotated[Path | None, Parameter(help="A model that `duanka learn` wrote: it scores the accounts.")] = None,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Find the accounts that carry other people's money and the rings that they form, with reasons.

    With a seized platform database, hold that against the bank rows, too, as `duanka reconcile` does.
    """
    from duanka import pipeline, reconciled
    from duanka.summary import found_as_text

    language = lang or default_language()
    moment = _moment(as_of) if as_of else None
    if mapping and not platform_ledger:
        raise UsageError("--mapping names the columns of a --platform-ledger, which is missing")
    platform = None
    with _watch(quiet=json_, language=language) as watch:
        outcome = pipeline.detect(case, as_of=moment, model=model, watch=watch)
        if platform_ledger:
            platform = pipeline.reconcile(case, list(platform_ledger), mapping=mapping, watch=watch)
    found = outcome.found
    facts = {"case": str(case), "seconds": outcome.seconds["detect"]} | (asdict(found) if found else {})
    if platform:
        facts["platform"] = reconciled.as_dict(platform)
    texts = [found_as_text(outcome, language), *([reconciled.as_text(platform, language)] if platform else [])]
    print(json.dumps(facts, ensure_ascii=False) if json_ else "\n\n".join(texts))
    return 0


@app.command
def learn(
    case: Path,
    *,
    labels: Annotated[str, Parameter(help="CSV account_id,label; or `case`: what the imported files themselves say.")],
    model: Annotated[Path, Parameter(help="JSON file to write; cards in Chinese and English come beside it.")],
    split: Annotated[
        Literal["account", "time"], Parameter(help="Measure on other accounts; or on these by later payments.")
    ] = "account",
    unlabelled: Annotated[
        bool, Parameter(negative="", help="Labels 1 alone count: nobody has looked at the other accounts.")
    ] = False,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Learn from labelled accounts a model that `duanka detect --model` scores accounts with."""
    from duanka import pipeline
    from duanka.summary import learnt_as_text

    language = lang or default_language()
    with _watch(quiet=json_, language=language) as watch:
        learnt = pipeline.learn(case, labels, model, split=split, unlabelled=unlabelled, watch=watch)
    print(json.dumps(learnt.facts(), ensure_ascii=False) if json_ else learnt_as_text(learnt, language))
    return 0


@app.command
def export(
    case: Path,
    table: str,
    *,
    format_: Annotated[Literal["parquet", "csv", "xlsx"], Parameter(name="--format")] = "parquet",
    out: Annotated[Path, Parameter(help="File to write; replaced if it exists.")],
    json_: Json = False,
) -> int:
    """Write one table of a case to a file."""
    from duanka import pipeline
    from duanka.report.tables import export as write
    from duanka.store.case import Case

    with Case(case) as opened:
        pipeline.bring_up_to_date(opened)
        rows = write(opened, table, format_, out)
    facts = {"case": str(case), "table": table, "format": format_, "out": str(out), "rows": rows}
    print(json.dumps(facts, ensure_ascii=False) if json_ else say("cli.exported", default_language(), **facts))
    return 0


@app.command
def reconcile(
    case: Path,
    *,
    platform_ledger: PlatformLedger,
    mapping: PlatformMapping = None,
    within: Annotated[float, Parameter(help="Minutes between an order and an exact bank row, at most.")] = 15.0,
    far: Annotated[float, Parameter(help="Minutes between an order and a near bank row, at most.")] = 120.0,
    fee: Annotated[float, Parameter(help="Percent by which the amount of a near bank row may differ.")] = 0.6,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Hold a seized platform database (orders, points, users) against the bank rows of a case."""
    from duanka import pipeline
    from duanka.reconciled import as_dict, as_text
    from duanka.rings.matching import MINUTE, Tolerance

    if not 0 <= within <= far or not 0 <= fee < 100 or far > 1e6:
        raise UsageError("--within and --far are minutes, --within the smaller, and --fee is a percentage")
    language = lang or default_language()
    limits = Tolerance(within_us=round(within * MINUTE), far_us=round(far * MINUTE), fee_ppm=round(fee * 10_000))
    with _watch(quiet=json_, language=language) as watch:
        found = pipeline.reconcile(case, list(platform_ledger), mapping=mapping, tolerance=limits, watch=watch)
    print(json.dumps(as_dict(found), ensure_ascii=False) if json_ else as_text(found, language))
    return 0


@app.command
def report(
    case: Path,
    *,
    seeds: Annotated[Path | None, Parameter(help="CSV with the columns kind,value: where to start from.")] = None,
    start: Annotated[
        tuple[str, ...],
        Parameter(name="--from", negative="", help="account:ID, row:ID, report:ID, party:ID, phone:NO …"),
    ] = (),
    out: Annotated[Path | None, Parameter(help="Folder of the report; default: CASE/report.")] = None,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Write the report of a case again, from other starting points or in the other language."""
    from duanka import pipeline
    from duanka.store.seeds import parse_seed, read_seeds

    language = lang or default_language()
    starts = [*(read_seeds(seeds) if seeds else []), *(parse_seed(text) for text in start)]
    path = pipeline.report(case, out=out, seeds=starts, language=language)
    facts = {"case": str(case), "report": str(path)}
    print(json.dumps(facts, ensure_ascii=False) if json_ else say("cli.report", language, path=path))
    return 0


@app.command
def evaluate(
    case: Path,
    *,
    labels: Annotated[
        str,
        Parameter(
            help="CSV account_id,label[,ring_id][,tier][,role]; or `case`: what the imported files themselves say."
        ),
    ],
    transaction_labels: Annotated[str, Parameter(help="CSV external_id,label; or `case`.")] = "",
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Measure what detection found against labels: how accounts and payments are ranked, how rings agree."""
    from duanka import evaluating, pipeline
    from duanka.store.case import Case

    with Case(case) as opened:
        pipeline.bring_up_to_date(opened)
        found = evaluating.evaluate(opened, labels, transaction_labels)
    if json_:
        print(json.dumps(evaluating.as_dict(found), ensure_ascii=False))
    else:
        print(evaluating.as_text(found, lang or default_language()))
    return 0


@app.command
def formats(
    *,
    template: Annotated[str, Parameter(help="Print the header line of one of our own CSV templates.")] = "",
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """List the formats that are recognised."""
    from duanka.sources import registry

    language = lang or default_language()
    if template:
        print(registry.template(template))
        return 0
    known = registry.catalogue()
    if json_:
        print(json.dumps({"formats": known}, ensure_ascii=False))
        return 0
    width = max(len(str(one["name"])) for one in known)
    for one in known:
        print(f"{one['name']:{width}}  {one['title_zh'] if language == 'zh' else one['title_en']}")
    return 0


@app.command
def synth(
    scale: Annotated[str, Parameter(help="tiny, demo, case or province.")],
    *,
    out: Annotated[Path, Parameter(help="Folder of the world; a world that is there already is replaced.")],
    seed: Annotated[int, Parameter(help="The same seed makes the same world.")] = 1,
    ring: Annotated[
        tuple[str, ...], Parameter(negative="", help="KIND:COUNT instead of the scale's own rings; may be repeated.")
    ] = (),
    as_: Annotated[
        Literal["canonical", "police", "banks", "iso20022"],
        Parameter(name="--as", help="Parquet tables, or the files that institutions would hand over."),
    ] = "canonical",
    set_: Annotated[
        tuple[str, ...], Parameter(name="--set", negative="", help="NAME=VALUE: a parameter; may be repeated.")
    ] = (),
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Make up a country's payments, phones and devices with rings hidden in it, and the truth about them."""
    from duanka.synth.parameters import settings
    from duanka.synth.scales import rings_wanted, scale_named
    from duanka.synth.write import write_world

    language = lang or default_language()
    chosen = scale_named(scale)
    with _watch(quiet=json_, language=language) as watch:
        facts = write_world(
            chosen, seed, settings(set_), rings_wanted(chosen, ring), out, style=as_, progress=watch.world
        )
    if json_:
        print(json.dumps({"out": str(out)} | facts, ensure_ascii=False))
    else:
        print(say("cli.synth", language, out=out, **facts))
    return 0


@app.command
def doctor(*, json_: Json = False, lang: Lang = None) -> int:
    """Check this machine: versions, memory, disk, and whether the kernels compile and agree with plain arithmetic."""
    from duanka.doctor import check

    language = lang or default_language()
    findings = check()
    good = all(finding.good for finding in findings)
    if json_:
        print(json.dumps({"good": good, "findings": [finding.facts() for finding in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{'✓' if finding.good else '✗'} {say(finding.key, language, **finding.values)}")
    return 0 if good else 1


class UsageError(ValueError):
    """The command was called in a way that can't mean anything."""


def _options(mapping: Path | None, password_file: Path | None, own_account: str, memory: str) -> "Options":
    from duanka.importing import Options
    from duanka.sources.encoding import read_text

    passwords = []
    if password_file is not None:
        passwords = [line for line in read_text(password_file).splitlines() if line]
    return Options(mapping=mapping, passwords=passwords, own_account=own_account, memory_limit=memory)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no time; write it as 2024-05-01T12:00+08:00") from None
    if moment.tzinfo is None:
        raise UsageError(f"{text!r} says no time zone; write it as 2024-05-01T12:00+08:00")
    return moment


def _source_row(text: str) -> tuple[str, int]:
    source, _, row = text.rpartition(":")
    if not source or not row.isdigit():
        raise UsageError(f"{text!r} is not SOURCE:ROW, e.g. 0123456789abcdef:42")
    return source, int(row)


def _watch(*, quiet: bool, language: Language) -> "Progress":
    from duanka.progress import Progress

    return Progress(quiet=quiet, language=language)


def _print(outcome: "Outcome", *, as_json: bool, language: Language) -> int:
    from duanka.summary import as_dict, as_text

    print(json.dumps(as_dict(outcome), ensure_ascii=False) if as_json else as_text(outcome, language))
    return 0


def main() -> None:
    """Entry point of the `duanka` command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    with suppress(AttributeError, ValueError):  # streams without reconfigure, as in tests
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stderr.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except cyclopts.CycloptsError as error:
        print(f"duanka: {error}", file=sys.stderr)
        return 2
    except UsageError as error:
        print(f"duanka: {error}; see `duanka --help`", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nduanka: {say('cli.interrupted', default_language())}", file=sys.stderr)
        return 1
    except (ValueError, RuntimeError, OSError, ImportError) as error:
        if os.environ.get("DUANKA_DEBUG"):
            raise
        print(f"duanka: {_one_line(error)}", file=sys.stderr)
        return 1
    except Exception as error:  # whatever it is, the user gets one line that says what to do
        if os.environ.get("DUANKA_DEBUG"):
            raise
        problem = f"{type(error).__name__}: {_one_line(error)}"
        print(f"duanka: {say('cli.fault', default_language(), problem=problem)}", file=sys.stderr)
        return 1
    return code if isinstance(code, int) else 0


def _one_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    if isinstance(error, OSError) and error.filename:
        text = f"{error.filename}: {error.strerror}"
    return text.splitlines()[0]
