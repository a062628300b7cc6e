"""What an ISO 20022 statement says of its own extent: the days it covers, and the balances at both ends."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import polars as pl

from duanka.identifiers.bank_card import normalise_account
from duanka.sources.amounts import exponents_of, minor_units
from duanka.sources.batch import PERIOD_SCHEMA
from duanka.sources.iso20022_paths import Message
from duanka.sources.iso20022_rows import Facts, first

Span = tuple[datetime, datetime]

_FROM, _TO = ("^FrToDt/FrDtTm", "^FrToDt/FrDt"), ("^FrToDt/ToDtTm", "^FrToDt/ToDt")
_CODE = ("Tp/CdOrPrtry/Cd", "Tp/Cd", "Tp/CdOrPrtry/Prtry")
_DAY = ("Dt/DtTm", "Dt/Dt", "Dt")
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD", "ITBD")
_STARTS, _ENDS = ("OPBD", "PRCD", "OPAV"), ("CLBD", "ITBD", "CLAV", "ITAV")
_WHOLE_DAY = timedelta(days=1, microseconds=-1)


@dataclass(slots=True)
class Statement:
    """A statement while it is read: its head, its balances, and the days of the entries met so far."""

    header: Facts
    balances: list[Facts]
    days: list[str] = field(default_factory=list)  # first and last booking day, once there is one
    currency: str = ""

    def meet(self, day: str | None, currency: str | None) -> None:
        """Take note of an entry."""
        self.currency = self.currency or currency or ""
        if day:
            near = day[:10]
            self.days = [min(self.days[0], near), max(self.days[1], near)] if self.days else [near, near]


def periods(statement: Statement, message: Message, own_account: str) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The statement's period, a row for each currency of its balances; and warnings.

    A stated period that doesn't hold the statement's own entries is not believed: then the dates of the balances are
    taken, and if they don't fit either there is no period, and a warning.
    """
    number = first(statement.header, message.paths["own"])
    account = (number and normalise_account(number)) or own_account
    spans = [span for span in (_stated(statement), _of_balances(statement)) if span is not None]
    span = next((span for span in spans if _holds(span, statement.days)), None)
    if span is None:
        return pl.DataFrame(schema=PERIOD_SCHEMA), (f"period_contradicts_entries:{account}",) if spans else ()
    currencies = dict.fromkeys(balance["Amt@Ccy"] for balance in statement.balances if balance.get("Amt@Ccy"))
    named = list(currencies) or [code for code in (statement.header.get("^Acct/Ccy"), statement.currency) if code][:1]
    rows = [
        (account, *span, _amount(statement, _OPENING, code), _amount(statement, _CLOSING, code), code) for code in named
    ]
    return pl.DataFrame(rows, schema=PERIOD_SCHEMA, orient="row"), ()


def _stated(statement: Statement) -> Span | None:
    start, end = _moment(first(statement.header, _FROM)), _moment(first(statement.header, _TO))
    if start is None or end is None or end < start:
        return None
    if _is_midnight(end) and _means_whole_day(statement, start, end):
        return start, end + _WHOLE_DAY
    return start, end.replace(microsecond=999_999)


def _means_whole_day(statement: Statement, start: datetime, end: datetime) -> bool:
    """Whether a period that ends at 00:00 means that day: it is the only one, or has a closing balance or an entry."""
    day = end.date().isoformat()
    closing = _balance_days(statement, _ENDS)
    return start.date() == end.date() or day in closing or (bool(statement.days) and statement.days[1] == day)


def _of_balances(statement: Statement) -> Span | None:
    starts = [
        day + timedelta(days=1) if code == "PRCD" else day  # the balance at the end of the day before
        for code in _STARTS
        for text in _balance_days(statement, (code,))
        if (day := _moment(text)) is not None
    ]
    ends = [day for text in _balance_days(statement, _ENDS) if (day := _moment(text)) is not None]
    return (min(starts), max(ends) + _WHOLE_DAY) if starts and ends and min(starts) <= max(ends) else None


def _holds(span: Span, days: list[str]) -> bool:
    return not days or (span[0].date().isoformat() <= days[0] and days[1] <= span[1].date().isoformat())


def _balance_days(statement: Statement, codes: tuple[str, ...]) -> list[str]:
    return [day[:10] for b in statement.balances if first(b, _CODE) in codes and (day := first(b, _DAY))]


def _amount(statement: Statement, codes: tuple[str, ...], currency: str) -> int | None:
    """The balance of the first code that is there, in minor units; below zero where it is a debit."""
    for code in codes:
        found = [b for b in statement.balances if first(b, _CODE) == code and b.get("Amt@Ccy") == currency]
        if found:
            balance = found[0] if codes is _OPENING else found[-1]
            text = pl.Series([balance.get("Amt")], dtype=pl.String)
            minor: int | None = minor_units(text, exponents_of(pl.Series([currency])))[0].item()
            return -minor if minor is not None and balance.get("CdtDbtInd") == "DBIT" else minor
    return None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)
