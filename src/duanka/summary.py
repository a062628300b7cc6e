"""What a run prints at its end: for people in words, for scripts as one JSON object."""

from duanka.messages.catalogue import Language, say
from duanka.pipeline import Outcome, peak_memory_mb
from duanka.records.money import format_minor


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
        "report": str(outcome.report) if outcome.report else None,
        "seconds": outcome.seconds,
        "peak_memory_mb": peak_memory_mb(),
    }


def as_text(outcome: Outcome, language: Language) -> str:
    """A table of files whose counts add up, then what was found, then what to do next."""
    lines = [say("cli.files_head", language)]
    for file in outcome.files:
        numbers = "".join(f"{int(str(file[name])):>11,}" for name in ("rows", "kept", "merged", "rejected"))
        lines.append(f"{numbers}  {file['format']}  {_short(str(file['path']))}")
    totals = [sum(int(str(file[name])) for file in outcome.files) for name in ("rows", "kept", "merged", "rejected")]
    lines.append(
        "".join(f"{total:>11,}" for total in totals) + "  " + say("cli.all_files", language, count=len(outcome.files))
    )
    lines += [
        say("cli.unknown_file", language, path=unknown["path"], reason=unknown["reason"]) for unknown in outcome.unknown
    ]
    lines.append("")
    lines.append(say("cli.found", language, transactions=f"{outcome.transactions:,}", accounts=f"{outcome.accounts:,}"))
    if outcome.assumed_order:
        lines.append(say("cli.assumed", language, count=f"{outcome.assumed_order:,}"))
    if outcome.balance_breaks:
        lines.append(say("cli.breaks", language, count=f"{outcome.balance_breaks:,}"))
    if outcome.wanted:
        lines.append(say("cli.wanted", language))
        for one in outcome.wanted[:5]:
            amount = format_minor(int(str(one["amount"])), str(one["currency"]))
            lines.append(
                f"    {one['account_id']}  {say('wanted.' + str(one['why']), language)}  {amount} {one['currency']}"
            )
    lines.append(say("cli.seconds", language, read=outcome.seconds["import"], lineage=outcome.seconds["lineage"]))
    if outcome.seconds["compile"]:
        lines.append(say("cli.compiled", language, seconds=outcome.seconds["compile"]))
    if outcome.report:
        lines.append(say("cli.report", language, path=outcome.report))
    else:
        lines.append(say("cli.next", language, case=outcome.case))
    return "\n".join(lines)


def _short(path: str) -> str:
    return path if len(path) <= 70 else "…" + path[-69:]
