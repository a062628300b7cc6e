"""What a freeze plan prints: for people in words and columns, for scripts as one JSON object."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from duanka.freezing.plan import Proposal
from duanka.messages.catalogue import Language, say
from duanka.records.money import format_minor


def as_dict(found: Proposal) -> dict[str, object]:
    """The contract that scripts rely on: tables as lists of objects; times ISO 8601, amounts minor units."""
    wish, made = found.wish, found.plan
    return {
        "at": found.moment.isoformat(), "orders": wish.orders, "minutes": wish.minutes, "price": wish.price,
        "verifying": wish.verifying, "currency": found.currency, "seeded": found.seeded, "traced": round(made.traced),
        "recovered": round(made.recovered), "innocents": made.innocents, "harm": round(made.harm),
        "scored_as_of": found.scored_as_of.isoformat() if found.scored_as_of else None,
        "lines": [
            {name: _plain(value) for name, value in one.items()} | {
                f"reason_{language}": reason(one, found, language) for language in ("zh", "en")
            }
            for one in found.lines.iter_rows(named=True)
        ],
        "under_measure": list(found.under_measure.iter_rows(named=True)),
        "frontier": [asdict(one) for one in found.frontier],
        "claims": list(found.claims.iter_rows(named=True)),
        "left_out": list(found.left_out.iter_rows(named=True)),
    }  # fmt: skip


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def as_text(found: Proposal, language: Language) -> str:
    """What is proposed, line by line with its reason and its time in law, then what more caution would cost."""
    wish, made = found.wish, found.plan
    lines = [
        say(
            "freeze.head", language, moment=_moment(found.moment, language), minutes=f"{wish.minutes:g}",
            seeded=_money(found.seeded, found), traced=_money(made.traced, found), count=len(found.lines),
            recovered=_money(made.recovered, found), innocents=f"{made.innocents:.2f}", harm=_money(made.harm, found),
        ),
        *([] if len(found.lines) else [say("freeze.none", language)]),
    ]  # fmt: skip
    for one in found.lines.iter_rows(named=True):
        lines += ["", *_line(one, found, language)]
    if len(found.under_measure):
        lines += ["", say("freeze.under_measure", language)]
        lines += [f"    {one['account_id']}  {one['holder'] or ''}  {_range(one, found)}"
                  for one in found.under_measure.head(10).iter_rows(named=True)]  # fmt: skip
    lines += ["", say("freeze.frontier", language)]
    for point in found.frontier:
        lines.append(say(
            "freeze.point", language, price=f"{point.price:g}", recovered=_money(point.recovered, found),
            innocents=f"{point.innocents:.2f}", harm=_money(point.harm, found), orders=point.orders,
            verified=point.verified,
        ))  # fmt: skip
    return "\n".join([*lines, "", say("freeze.people_decide", language)])


def _line(one: Mapping[str, object], found: Proposal, language: Language) -> list[str]:
    """One order."""
    amount = _money(one["amount"], found)
    return [
        say("freeze.line", language, rank=one["rank"], measure=say(f"freeze.measure.{one['measure']}", language),
            amount=amount, account=one["account_id"], holder=one["holder"] or say("freeze.no_holder", language),
            institution=one["institution"] or ""),
        "    " + say("freeze.basis", language, basis=say(f"freeze.law.{one['basis']}", language),
                     window=_window(one, language)),
        "    " + say("freeze.balance", language, traced=_range(one, found), balance=_balance(one, found, language),
                     over=f"{one['over_freeze']:.0%}", whole=_times(one["whole_account"])),
        "    " + reason(one, found, language),
    ]  # fmt: skip


def reason(one: Mapping[str, object], found: Proposal, language: Language) -> str:
    """Why this order, in words: the payment that it states, what is expected of it, how sure the account is."""
    minutes = found.wish.minutes + (found.wish.verifying if one["measure"] == "verify" else 0)
    moment = one["row_time"]
    assert isinstance(moment, datetime)  # noqa: S101 - the column is one of times
    return say(
        "freeze.reason", language, amount=_money(one["row_amount"], found), time=_moment(moment, language),
        payer=one["payer"] or say("common.not_named", language), row=one["row_id"], hop=one["hop"],
        gone=f"{one['gone']:.0%}", minutes=f"{minutes:g}", arriving=_money(one["arriving"], found),
        expected=_money(one["expected"], found), risk=f"{one['risk']:.2f}", innocence=f"{one['innocence']:.2f}",
        harm=_money(one["harm"], found),
    )  # fmt: skip


def _window(one: Mapping[str, object], language: Language) -> str:
    begins, ends = one["begins"], one["ends"]
    assert isinstance(begins, datetime)  # noqa: S101 - the column is one of times
    first = _moment(begins, language)
    if not isinstance(ends, datetime):
        return say("freeze.window_open", language, begins=first)
    key = "freeze.window_stop" if one["measure"] == "stop" else "freeze.window"
    number = int(str(one["stops_before"])) + 1
    return say(key, language, begins=first, ends=_moment(ends, language), number=number)


def _range(one: Mapping[str, object], found: Proposal) -> str:
    return f"{_money(one['least'], found)} … {_money(one['most'], found)}"


def _balance(one: Mapping[str, object], found: Proposal, language: Language) -> str:
    amount = "–" if one["balance"] is None else _money(one["balance"], found)
    how = say(f"trace.known_by.{one['known_by']}", language)
    return say("trace.balance", language, amount=amount, how=how)


def _times(whole: object) -> str:
    return "–" if whole is None else f"{float(str(whole)):.1f}"


def _money(amount: object, found: Proposal) -> str:
    return f"{format_minor(round(float(str(amount))), found.currency)} {found.currency}"


def _moment(moment: datetime, language: Language) -> str:
    zone = ZoneInfo("Asia/Shanghai") if language == "zh" else moment.tzinfo
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S%z}"
