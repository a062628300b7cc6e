"""What a trace prints: for people in words and columns, for scripts as one JSON object."""

import unicodedata
from datetime import datetime

import polars as pl

from duanka.messages.catalogue import Language, say
from duanka.records.money import format_minor
from duanka.report.long import LongTable
from duanka.report.wording import SHOWN_ZONE
from duanka.trace.doctrine import Doctrine
from duanka.tracing.notes import Note
from duanka.tracing.run import TABLES, Traced

SHOWN = 10
"""Lines that the text lists of each kind; all of them are in the tables."""

MOST_LINES = 100_000
"""A table of more lines is null in JSON; `--out` writes it whole."""

_WIDTH, _HOLDER = 15, 12


def as_dict(found: Traced) -> dict[str, object]:
    """The contract that scripts rely on: the tables as lists of objects, null beyond MOST_LINES.

    Times are ISO 8601, amounts minor units.
    """
    wish = found.wish
    facts: dict[str, object] = {
        "direction": wish.direction,
        "doctrines": [str(one) for one in found.doctrines],
        "at": wish.at.isoformat() if wish.at else None,
        "until": found.until.isoformat(),
        "firm": found.firm(),
        "firm_without_direct": found.firm(but=(Doctrine.DIRECT,)),
        "notes": [one.facts() for one in found.notes],
    }
    return facts | {name: _lines(found.table(name)) for name in TABLES}


def _lines(table: pl.DataFrame | LongTable) -> list[dict[str, object]] | None:
    """A table as a list; none where it is too long."""
    if len(table) > MOST_LINES:
        return None
    frame = table.frame() if isinstance(table, LongTable) else table
    return [{name: _plain(value) for name, value in one.items()} for one in frame.iter_rows(named=True)]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def as_text(found: Traced, language: Language) -> str:
    """What was followed, where it is and why it ended by doctrine, how far they differ, and how sure that is."""
    parts = [
        [head(found, language), *claim_lines(found.claims, language)],
        _titled("trace.left_out_head", left_out_lines(found.left_out, language), language),
        *_places(found, language),
        _reasons(found, language),
        firm_lines(found, language),
        _touched(found, language),
        _titled("trace.in_flight_head", in_flight_lines(found, language), language),
        _titled("trace.contradictions_head", contradiction_lines(found, language), language),
        _titled("trace.notes_head", note_lines(found.notes, language), language),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _titled(key: str, lines: list[str], language: Language) -> list[str]:
    return [say(key, language), *lines] if lines else []


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(SHOWN_ZONE):%Y-%m-%d %H:%M:%S%z}"


def head(found: Traced, language: Language) -> str:
    """What was followed, and to when."""
    moment = found.until if found.wish.at is None else found.wish.at
    facts = {"claims": f"{len(found.claims):,}", "payments": f"{len(found.seeds):,}",
             "sums": _sums(found.claims, "seeded"), "moment": _moment(moment)}  # fmt: skip
    return say(f"trace.head_{found.wish.direction}", language, **facts)


def claim_lines(claims: pl.DataFrame, language: Language) -> list[str]:
    """The claims, a line each."""
    lines = []
    for one in claims.head(SHOWN).iter_rows(named=True):
        names = ", ".join(one["seeds"][:3]) + (" …" if len(one["seeds"]) > 3 else "")
        facts = {"number": one["claim"], "names": names, "payments": f"{one['payments']:,}",
                 "amount": _money(one["seeded"], one["currency"])}  # fmt: skip
        lines.append(say("trace.claim", language, **facts))
    return lines + _more(claims, language)


def _sums(frame: pl.DataFrame, column: str) -> str:
    summed = frame.group_by("currency").agg(pl.col(column).sum()).sort("currency")
    return ", ".join(_money(amount, currency) for currency, amount in summed.iter_rows())


def _money(amount: int, currency: str) -> str:
    return f"{format_minor(amount, currency)} {currency}"


def _more(frame: pl.DataFrame, language: Language) -> list[str]:
    rest = len(frame) - SHOWN
    return [say("trace.more", language, count=f"{rest:,}")] if rest > 0 else []


def left_out_lines(left_out: pl.DataFrame, language: Language) -> list[str]:
    """What could not be traced, and why."""
    lines = []
    for one in left_out.head(SHOWN).iter_rows(named=True):
        what = one["row_id"] or (one["report_line"] and say("unit.row", language, row=one["report_line"])) or ""
        lines.append(f"    {one['seed']}  {what}  {say('trace.left_out.' + one['why'], language)}")
    return lines + _more(left_out, language)


def _places(found: Traced, language: Language) -> list[list[str]]:
    """A table a currency: by account and reason what each doctrine finds, the largest amounts first."""
    balance = balance_words(found, language)
    holders = dict(found.accounts.select("account_id", "holder").iter_rows())
    parts = []
    for currency in found.compared["currency"].unique().sort().to_list():
        shown = found.compared.filter(pl.col("currency") == currency).sort(
            "most", "account_id", "reason", descending=[True, False, False]
        )
        key = f"trace.places_{found.wish.direction}"
        lines = [say(key, language, currency=currency), _columns("trace.account", "trace.why", found, language)]
        for one in shown.head(SHOWN).iter_rows(named=True):
            name = _named(one["account_id"], holders, language)
            amounts = [format_minor(one[str(doctrine)], currency) for doctrine in found.doctrines]
            line = _line(name, say(f"trace.reason.{one['reason']}", language), amounts)
            lines.append(f"{line}  {balance.get((one['account_id'], currency), '')}".rstrip())
        parts.append(lines + _more(shown, language))
    return parts


def _named(account: str | None, holders: dict[str, str], language: Language) -> str:
    if account is None:
        return say("common.not_named", language)
    holder = holders.get(account) or ""
    return f"{account} {holder if _wide(holder) <= _HOLDER else ''}".rstrip()


def balance_words(found: Traced, language: Language) -> dict[tuple[str, str], str]:
    """What accounts hold, in words, by account and currency."""
    words = {}
    for one in found.balances.iter_rows(named=True):
        how = say(f"trace.known_by.{one['known_by']}", language)
        amount = "–" if one["balance"] is None else format_minor(one["balance"], one["currency"])
        words[one["account_id"], one["currency"]] = say("trace.balance", language, amount=amount, how=how)
    return words


def _columns(first: str, second: str, found: Traced, language: Language) -> str:
    names = [say(f"trace.doctrine.{one}", language) for one in found.doctrines]
    return _line(say(first, language) if first else "", say(second, language), names)


def _line(first: str, second: str, rest: list[str]) -> str:
    head = _padded(first, 36) + _padded(second, 14)
    return f"    {head}{''.join(' ' * max(1, _WIDTH - _wide(one)) + one for one in rest)}"


def _padded(text: str, width: int) -> str:
    return text + " " * max(1, width - _wide(text))


def _wide(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _reasons(found: Traced, language: Language) -> list[str]:
    if found.reasons.is_empty():
        return []
    lines = [say("trace.reasons_head", language), _columns("", "trace.why", found, language)]
    wide = found.reasons.pivot("doctrine", index=["currency", "reason"], values="amount").fill_null(0)
    for one in wide.sort("currency", "reason").iter_rows(named=True):
        amounts = [format_minor(one.get(str(doctrine), 0), one["currency"]) for doctrine in found.doctrines]
        lines.append(_line(one["currency"], say(f"trace.reason.{one['reason']}", language), amounts))
    return lines


def firm_lines(found: Traced, language: Language) -> list[str]:
    """What is firm, and where the choice of a doctrine matters most."""
    if len(found.doctrines) < 2:
        return []
    lines, shared = [], found.firm(but=(Doctrine.DIRECT,))
    seeded = dict(found.claims.group_by("currency").agg(pl.col("seeded").sum()).iter_rows())
    for currency, firm in found.firm().items():
        whole = _money(seeded.get(currency, 0), currency)
        lines.append(say("trace.firm", language, firm=_money(firm, currency), whole=whole))
        if Doctrine.DIRECT in found.doctrines and len(found.doctrines) > 2 and shared[currency] != firm:
            lines.append(say("trace.firm_but_direct", language, firm=_money(shared[currency], currency)))
        places = (pl.col("currency") == currency) & (pl.col("spread") > 0) & (pl.col("reason") != "unmatched")
        first = found.compared.filter(places).head(1)
        for one in first.iter_rows(named=True):
            name = one["account_id"] or say("common.not_named", language)
            low, high = (say(f"trace.doctrine.{one[key]}", language) for key in ("least_doctrine", "most_doctrine"))
            least, most = (format_minor(one[key], currency) for key in ("least", "most"))
            why = say(f"trace.reason.{one['reason']}", language)
            facts = {"account": name, "why": why, "low": low, "high": high, "least": least, "most": most}
            lines.append(say("trace.sensitive", language, **facts))
    return lines


def _touched(found: Traced, language: Language) -> list[str]:
    if found.touched.is_empty():
        return []
    accounts = found.touched["payee"].n_unique()
    return [say("trace.touched", language, rows=f"{len(found.touched):,}", accounts=f"{accounts:,}")]


def in_flight_lines(found: Traced, language: Language) -> list[str]:
    """Payments under way."""
    lines = []
    for one in found.in_flight.head(SHOWN).iter_rows(named=True):
        why = say(f"trace.in_flight.{one['why']}", language)
        sides = f"{one['payer']} → {one['payee'] or '–'}  {_money(one['amount'], one['currency'])}"
        lines.append(f"    {_moment(one['time'])}  {sides}  {one['row_id']}  {why}")
    return lines + _more(found.in_flight, language)


def contradiction_lines(found: Traced, language: Language) -> list[str]:
    """Printed balances that don't follow from the rows."""
    lines = []
    for one in found.contradictions.head(SHOWN).iter_rows(named=True):
        printed, expected = (_money(one[key], one["currency"]) for key in ("printed", "expected"))
        facts = {"account": one["account_id"], "row": one["row_id"], "time": _moment(one["time"])}
        lines.append(say("trace.contradiction", language, **facts, printed=printed, expected=expected))
    return lines + _more(found.contradictions, language)


def note_lines(found: tuple[Note, ...], language: Language) -> list[str]:
    """How sure it is."""
    lines = []
    for one in found:
        amounts = ", ".join(_money(amount, currency) for currency, amount in one.amounts)
        lines.append("  · " + one.words(language, amounts or "0"))
    return lines
