"""What a run prints at its end: for people in words, for scripts as one JSON object."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from duanka.messages.catalogue import Language, say
from duanka.pipeline import Outcome, peak_memory_mb
from duanka.records.money import format_minor
from duanka.report import judged
from duanka.store.detection import Detection

if TYPE_CHECKING:
    from duanka.learning import Learnt


def as_dict(outcome: Outcome) -> dict[str, object]:
    """The contract that scripts rely on; `rows = kept + merged + rejected` for every file."""
    return {
        "case": str(outcome.case),
        "files": outcome.files,
        "unknown": outcome.unknown,
        "transactions": outcome.transactions,
        "accounts": outcome.accounts,
        "assumed_order": outcome.assumed_order,
        "balance_breaks": outcome.balance_breaks,
        "wanted": outcome.wanted,
        "found": outcome.found.facts() if outcome.found else None,
        "report": str(outcome.report) if outcome.report else None,
        "seconds": outcome.seconds,
        "peak_memory_mb": peak_memory_mb(),
    }


def found_as_text(outcome: Outcome, language: Language) -> str:
    """What detection found, and where."""
    if outcome.found is None:
        return ""
    return "\n".join([_found(outcome.found, language), say("cli.detect_next", language, case=outcome.case)])


def _found(found: Detection, language: Language) -> str:
    return "\n".join(told.of(language) for told in judged.summary(found))


def as_text(outcome: Outcome, language: Language, *, by_format: bool = False) -> str:
    """A table of files (or of formats) whose counts add up, then what was found, then what to do next."""
    lines = [say("cli.files_head", language)]
    lines += _by_format(outcome, language) if by_format else _by_file(outcome, language)
    lines.append("")
    lines.append(say("cli.found", language, transactions=f"{outcome.transactions:,}", accounts=f"{outcome.accounts:,}"))
    if outcome.assumed_order:
        lines.append(say("cli.assumed", language, count=f"{outcome.assumed_order:,}"))
    if outcome.balance_breaks:
        lines.append(say("cli.breaks", language, count=f"{outcome.balance_breaks:,}"))
    if outcome.wanted:
        lines.append(say("cli.wanted", language))
        lines += _wanted(outcome.wanted, language)
    if outcome.found:
        lines.append(_found(outcome.found, language))
    lines.append(say("cli.seconds", language, read=outcome.seconds["import"], lineage=outcome.seconds["lineage"]))
    if outcome.seconds["compile"]:
        lines.append(say("cli.compiled", language, seconds=outcome.seconds["compile"]))
    if outcome.report:
        lines.append(say("cli.report", language, path=outcome.report))
    else:
        lines.append(say("cli.next", language, case=outcome.case))
    return "\n".join(lines)


def _wanted(rows: list[dict[str, object]], language: Language) -> list[str]:
    """The first accounts to ask for, a line each, with what they dealt in in each currency."""
    of: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        of.setdefault(str(row["account_id"]), []).append(row)
    lines = []
    for account, theirs in list(of.items())[:_ASKED]:
        sums = [f"{format_minor(int(str(one['amount'])), str(one['currency']))} {one['currency']}" for one in theirs]
        lines.append(f"    {account}  {say('wanted.' + str(theirs[0]['why']), language)}  {', '.join(sums)}")
    return lines


def learnt_as_text(learnt: "Learnt", language: Language) -> str:
    """From how many accounts was learnt, how well it went, and where model and cards are."""
    figures, held = learnt.figures, learnt.figures["held_out"]
    lines = [say("cli.learnt", language, **{name: f"{figures[name]:,}" for name in ("accounts", "positives")})]
    if held is None:
        lines.append(say("model_card.too_few", language))
    else:
        shown = {name: "–" if (value := held[name]) is None else f"{value:.3f}" for name in _LEARNT}
        lines.append(say("cli.learnt_held_out", language, accounts=f"{held['accounts']:,}",
                         precision=shown[_LEARNT[0]], recall=shown[_LEARNT[1]]))  # fmt: skip
    files = ", ".join(str(one) for one in (learnt.model, *learnt.cards))
    return "\n".join([*lines, say("cli.learnt_files", language, files=files)])


_LEARNT = ("average_precision", "recall_at_fpr_1pct")
_ASKED = 5
_COUNTS = ("rows", "kept", "merged", "rejected")


def _counts(files: Iterable[dict[str, object]]) -> str:
    listed = list(files)
    return "".join(f"{sum(int(str(file[name])) for file in listed):>11,}" for name in _COUNTS)


def _all(outcome: Outcome, language: Language) -> str:
    return f"{_counts(outcome.files)}  {say('cli.all_files', language, count=len(outcome.files))}"


def _by_file(outcome: Outcome, language: Language) -> list[str]:
    return [
        *(f"{_counts([file])}  {file['format']}  {_short(str(file['path']))}" for file in outcome.files),
        _all(outcome, language),
        *(say("cli.unknown_file", language, path=one["path"], reason=one["reason"]) for one in outcome.unknown),
    ]


def _by_format(outcome: Outcome, language: Language) -> list[str]:
    """One line a format, and one a reason why a file was not read: where there are too many files to list."""
    formats: dict[str, list[dict[str, object]]] = {}
    for file in sorted(outcome.files, key=lambda file: str(file["format"])):
        formats.setdefault(str(file["format"]), []).append(file)
    unread: dict[str, list[str]] = {}
    for one in outcome.unknown:
        unread.setdefault(str(one["reason"]), []).append(Path(str(one["path"])).name)
    return [
        *(f"{_counts(files)}  {name} ({len(files)})" for name, files in formats.items()),
        _all(outcome, language),
        *(
            say("cli.unknown_files", language, count=len(names), names=", ".join(sorted(set(names))), reason=reason)
            for reason, names in unread.items()
        ),
    ]


def _short(path: str) -> str:
    return path if len(path) <= 70 else "…" + path[-69:]
