"""What a freeze plan prints: for people in words and columns, for scripts as one JSON object."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from duanka.detecting import LATEST
from duanka.freezing.plan import TABLES, Proposal
from duanka.freezing.words import moment, money
from duanka.messages.catalogue import Language, say


def as_dict(found: Proposal) -> dict[str, object]:
    """The contract that scripts rely on: tables as lists of objects; times ISO 8601, amounts minor units."""
    wish, made = found.wish, found.plan
    return {
        "at": found.moment.isoformat(), "orders": wish.orders, "minutes": wish.minutes, "price": wish.price,
        "verifying": wish.verifying, "currency": found.currency, "seeded": found.seeded, "traced": round(made.traced),
        "recovered": round(made.recovered), "innocents": made.innocents, "harm": round(made.harm),
        "scored_as_of": found.scored_as_of.isoformat() if found.scored_as_of else None,
    } | {name: _listed(getattr(found, name)) for name in TABLES}  # fmt: skip


def _listed(frame: pl.DataFrame) -> list[dict[str, object]]:
    return [{name: _plain(value) for name, value in one.items()} for one in frame.iter_rows(named=True)]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def as_text(found: Proposal, language: Language) -> str:
    """What is proposed, line by line with its reason and its time in law, then what more caution would cost."""
    lines = [
        head(found, language),
        scored(found, language),
        *([] if len(found.lines) else [say("freeze.none", language)]),
    ]
    for one in found.lines.iter_rows(named=True):
        lines += ["", *_line(one, found, language)]
    if len(found.under_measure):
        lines += ["", say("freeze.under_measure", language), *under_measure_lines(found)]
    lines += ["", say("freeze.frontier", language)]
    for point in found.frontier.iter_rows(named=True):
        lines.append(say(
            "freeze.point", language, price=f"{point['price']:g}", recovered=money(point["recovered"], found.currency),
            innocents=f"{point['innocents']:.2f}", harm=money(point["harm"], found.currency), orders=point["orders"],
            verified=point["verified"],
        ))  # fmt: skip
    return "\n".join([*lines, "", say("freeze.people_decide", language)])


def head(found: Proposal, language: Language) -> str:
    """What the plan does, all in all."""
    wish, made = found.wish, found.plan
    sums = {name: money(amount, found.currency) for name, amount in (
        ("seeded", found.seeded), ("traced", made.traced), ("recovered", made.recovered), ("harm", made.harm),
    )}  # fmt: skip
    return say(
        "freeze.head", language, moment=moment(found.moment, language), minutes=f"{wish.minutes:g}",
        count=len(found.lines), innocents=f"{made.innocents:.2f}", **sums,
    )  # fmt: skip


def scored(found: Proposal, language: Language) -> str:
    """What risk rests on."""
    if found.scored_as_of:
        return say("freeze.scored_as_of", language, moment=moment(found.scored_as_of, language))
    return say("freeze.scored", language, most=f"{LATEST:,}")


def under_measure_lines(found: Proposal) -> list[str]:
    """Accounts that need no order, the first ones; the same in every language."""
    first = found.under_measure.head(10).iter_rows(named=True)
    return [f"    {one['account_id']}  {one['holder'] or ''}  {_range(one, found)}" for one in first]


def _line(one: Mapping[str, object], found: Proposal, language: Language) -> list[str]:
    """One order."""
    return [
        say("freeze.line", language, rank=one["rank"], measure=measure(one, language),
            amount=money(one["amount"], found.currency), account=one["account_id"],
            holder=one["holder"] or say("freeze.no_holder", language), institution=one["institution"] or ""),
        "    " + resting(one, language), "    " + lies(one, found, language), f"    {one[f'reason_{language}']}",
    ]  # fmt: skip


def measure(one: Mapping[str, object], language: Language) -> str:
    """What is asked."""
    return say(f"freeze.measure.{one['measure']}", language)


def resting(one: Mapping[str, object], language: Language) -> str:
    """On which rule the measure rests, and its time in law."""
    return say("freeze.basis", language, basis=say(f"freeze.law.{one['basis']}", language),
               window=_window(one, language))  # fmt: skip


def lies(one: Mapping[str, object], found: Proposal, language: Language) -> str:
    """What lies at the account."""
    whole = "–" if one["whole_account"] is None else f"{one['whole_account']:.1f}"
    return say("freeze.balance", language, traced=_range(one, found), balance=_balance(one, found, language),
               over=f"{one['over_freeze']:.0%}", whole=whole)  # fmt: skip


def _window(one: Mapping[str, object], language: Language) -> str:
    begins, ends = one["begins"], one["ends"]
    assert isinstance(begins, datetime)  # noqa: S101 - the column is one of times
    first = moment(begins, language)
    if not isinstance(ends, datetime):
        return say("freeze.window_open", language, begins=first)
    key = "freeze.window_stop" if one["measure"] == "stop" else "freeze.window"
    number = int(str(one["stops_before"])) + 1
    return say(key, language, begins=first, ends=moment(ends, language), number=number)


def _range(one: Mapping[str, object], found: Proposal) -> str:
    return f"{money(one['least'], found.currency)} … {money(one['most'], found.currency)}"


def _balance(one: Mapping[str, object], found: Proposal, language: Language) -> str:
    amount = "–" if one["balance"] is None else money(one["balance"], found.currency)
    how = say(f"trace.known_by.{one['known_by']}", language)
    return say("trace.balance", language, amount=amount, how=how)
