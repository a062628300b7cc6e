"""What a reconciliation prints at its end: for people in words, for scripts as one JSON object."""

from dataclasses import asdict
from datetime import datetime

from duanka.messages.catalogue import Language, say
from duanka.reconciling import Reconciliation
from duanka.records.money import format_minor
from duanka.rings.chance import MOST

_SHOWN = 10
"""Accounts, and rejects, that the text lists; all of them stand in the tables."""


def as_dict(found: Reconciliation) -> dict[str, object]:
    """The contract that scripts rely on: orders = exact + near + Σ without_row; times ISO 8601, amounts minor units."""
    facts = {name: value for name, value in asdict(found).items() if name != "case"}
    facts["accounts"] = [{name: _plain(value) for name, value in one.items()} for one in found.accounts]
    return {"case": str(found.case)} | facts


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def as_text(found: Reconciliation, language: Language) -> str:
    """Files, orders and what became of them, chance, accounts, commission, contradictions, and where the rest is."""
    lines = [*_files(found, language), "", *_orders(found, language), "", *_accounts(found, language)]
    lines += ["", *_levels(found, language), "", *_contradictions(found, language)]
    return "\n".join([*lines, say("platform.next", language, case=found.case)])


def _files(found: Reconciliation, language: Language) -> list[str]:
    lines = [say("platform.files_head", language)]
    for one in found.files:
        counts = "".join(f"{one[name]:>11,}" for name in ("rows", "kept", "merged", "rejected"))
        lines.append(f"{counts}  {one['role']}  {one['path']}")
    for reject in found.rejects[:_SHOWN]:
        why = say(f"reject.{reject['code']}", language)
        facts = {"path": reject["path"], "row": reject["source_row"], "why": why, "detail": reject["detail"] or ""}
        lines.append(say("platform.reject", language, **facts).rstrip())
    return lines + [say("platform.unknown", language, **unknown) for unknown in found.unknown]


def _orders(found: Reconciliation, language: Language) -> list[str]:
    minutes = {"within": f"{found.tolerance.within_us / 60e6:g}", "far": f"{found.tolerance.far_us / 60e6:g}"}
    lines = [say("platform.orders", language, orders=f"{found.orders:,}")]
    lines.append(say("platform.exact", language, count=f"{found.exact:>11,}", **minutes))
    lines.append(
        say("platform.near", language, count=f"{found.near:>11,}", expected=f"{found.near_expected:,.1f}", **minutes)
    )
    for reason, count in sorted(found.without_row.items(), key=lambda one: (-one[1], one[0])):
        lines.append(f"{count:>11,}  {say(f'platform.reason.{reason}', language)}")
    if found.score is None:
        lines.append(say("platform.untested", language))
    else:
        facts = {"met": f"{found.met:,}", "tested": f"{found.tested:,}", "expected": f"{found.expected:,.1f}"}
        lines.append(say("platform.chance", language, score=_percent(found.score), **facts))
    for kind, count in found.rows.items():
        lines.append(f"{count:>11,}  {say(f'platform.rows.{kind}', language)}")
    return lines


def _percent(score: float) -> str:
    """Never more certain than it is: rounded down, and the highest that there is reads as a bound."""
    return f"{'≥ ' if score >= MOST else ''}{int(round(score * 1_000_000) / 100) / 100:.2f} %"


def _accounts(found: Reconciliation, language: Language) -> list[str]:
    accounts = {one["account_id"] for one in found.accounts}  # which have a row a currency
    lines = [say("platform.accounts_head", language, count=f"{len(accounts):,}")]
    for one in found.accounts[:_SHOWN]:
        currency = str(one["currency"])
        collected, paid = (format_minor(int(str(one[name])), currency) for name in ("collected", "paid_out"))
        score = one["score"]
        strength = _percent(score) if isinstance(score, float) else "–"
        exact, near, missing = (f"{one[name]:>7,}" for name in ("exact", "near", "missing"))
        lines.append(f"    {one['account_id']:<20} {collected:>16} {paid:>16} {exact}{near}{missing}  {strength}")
    return lines


def _levels(found: Reconciliation, language: Language) -> list[str]:
    lines = [say("platform.levels_head", language)]
    for one in found.levels:
        role = say("platform.all_levels", language) if one["role"] == "*" else (one["role"] or "–")
        sums = "".join(f"{_money(one[name]):>16}" for name in ("earned", "charged", "rake", "kept_bank", "kept_booked"))
        rate = f"{one['rate']:>9.2%}" if isinstance(one["rate"], float) else f"{'–':>9}"
        lines.append(f"    {role!s:<12}{one['users']:>6,}{sums}{rate}")
    return lines


def _money(value: object) -> str:
    return "–" if value is None else format_minor(int(str(value)), "CNY")


def _contradictions(found: Reconciliation, language: Language) -> list[str]:
    if not found.contradictions:
        return [say("platform.consistent", language, users=f"{found.users:,}")]
    lines = [say("platform.contradictions", language)]
    return lines + [
        f"{count:>11,}  {say(f'platform.contradiction.{code}', language)}"
        for code, count in found.contradictions.items()
    ]
