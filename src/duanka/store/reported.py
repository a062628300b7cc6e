"""Which payment each report speaks of: the row of the case that fits its accounts, amount and time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from duanka.records.vocabulary import MOVED
from duanka.store.database import Database

NEAR_US = 86_400 * 10**6
"""How far the time that a report gives may be from the row's, at most: victims name the day, or read it off a receipt
(assumption). Of several rows that fit the nearest is taken."""

Unmatched = Literal["no_account", "no_payment", "taken", "unclear"]
"""No account of the report is in the case; no payment fits; another report has the one that fits; several fit and the
report gives no time."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A line of a report, and its payment where one fits."""

    report_id: str
    source_id: str
    source_row: int
    victim: str | None  # account
    row_id: str | None
    why_not: Unmatched | None
    gap_us: int | None  # between the two times; 0 within the row's own interval; None where the report gives none


def reported_payments(db: Database, at: datetime | None = None, named: tuple[str, ...] = ()) -> tuple[Reported, ...]:
    """All lines of all reports, by report and place; with `at` those made by then (closed) and those `named`.

    A report that does not say when it was made counts from the time of the payment.

    A payment fits if it goes to the reported account (from the victim's, where both are known), moved money, is of the
    reported amount and currency, and of a time at most NEAR_US from the reported one. Each payment is given to one line
    at most: the nearest in time first, of equals the line that comes first. So a payment that two reports tell of
    counts once. Needs the macro of `arrays.prepare`.
    """
    fits: dict[_Key, list[tuple[str, int | None]]] = {}
    for *place, row, gap in db.rows(_FITTING, [at, list(named)]):
        fits.setdefault(_key(place), []).append((str(row), None if gap is None else int(str(gap))))
    given = _given(fits)
    taken = {row for row, _ in given.values()}
    result = []
    for *place, victim, known in db.rows(_ALL, [at, list(named)]):
        key = _key(place)
        payment, apart = given.get(key, (None, None))
        why = None if payment else _why_not(fits.get(key, []), taken, known=bool(known))
        result.append(Reported(*key, None if victim is None else str(victim), payment, why, apart))
    return tuple(result)


_Key = tuple[str, str, int]


def _key(place: list[object]) -> _Key:
    report, source, row = place
    return str(report), str(source), int(str(row))


def _given(fits: dict[_Key, list[tuple[str, int | None]]]) -> dict[_Key, tuple[str, int | None]]:
    """A payment for each line that gets one."""
    given: dict[_Key, tuple[str, int | None]] = {}
    taken: set[str] = set()
    timed = ((gap, key, row) for key, rows in fits.items() for row, gap in rows if gap is not None)
    for gap, key, row in sorted(timed):
        if key not in given and row not in taken:
            given[key] = (row, gap)
            taken.add(row)
    for key, rows in sorted(fits.items()):
        free = [row for row, gap in rows if row not in taken and gap is None]
        if key not in given and len(free) == 1:
            given[key] = (free[0], None)
            taken.add(free[0])
    return given


def _why_not(fits: list[tuple[str, int | None]], taken: set[str], *, known: bool) -> Unmatched:
    if not known:
        return "no_account"
    if not fits:
        return "no_payment"
    return "taken" if all(row in taken for row, _ in fits) else "unclear"


_KEY = "report_id, source_id, source_row"

_LINES = """
    SELECT r.report_id, r.source_id, r.source_row, r.time, r.amount, r.currency,
           coalesce(v.account_id, nullif(r.victim_account, '')) AS victim,
           coalesce(p.account_id, nullif(r.receiver_account, '')) AS receiver,
           v.account_id IS NOT NULL OR p.account_id IS NOT NULL AS known
    FROM raw_report r LEFT JOIN aliases v ON r.victim_account = v.alias
    LEFT JOIN aliases p ON r.receiver_account = p.alias
    WHERE r.report_id <> ''
      AND ($1::TIMESTAMPTZ IS NULL OR coalesce(r.reported_at, r.time) <= $1
           OR list_contains($2::VARCHAR[], r.report_id))"""

_ALL = f"SELECT {_KEY}, victim, known FROM ({_LINES}) ORDER BY {_KEY}"

_FITTING = f"""
    WITH lines AS ({_LINES}),
    moved AS (
        SELECT row_id, payer, payee, amount, amount_received, currency, currency_received, time,
               time + width_of(time_precision) AS over
        FROM transactions WHERE status IN ({", ".join(f"'{status.value}'" for status in sorted(MOVED))})
          AND (payee IN (SELECT receiver FROM lines) OR payer IN (SELECT victim FROM lines))),
    pairs AS (
        SELECT l.*, m.row_id, m.time AS began, m.over, m.amount AS paid, m.amount_received AS got,
               m.currency AS paid_in, m.currency_received AS got_in
        FROM lines l JOIN moved m ON m.payee = l.receiver
            AND (l.victim IS NULL OR m.payer IS NULL OR m.payer = l.victim)
        UNION ALL
        SELECT l.*, m.row_id, m.time, m.over, m.amount, m.amount_received, m.currency, m.currency_received
        FROM lines l JOIN moved m ON m.payer = l.victim AND (l.receiver IS NULL OR m.payee IS NULL)),
    timed AS (
        SELECT *, CASE WHEN time < began THEN epoch_us(began) - epoch_us(time)
                       WHEN time >= over THEN epoch_us(time) - epoch_us(over) + 1
                       WHEN time IS NOT NULL THEN 0 END AS gap
        FROM pairs
        WHERE (amount IS NULL OR (amount = paid AND coalesce(currency, '') IN ('', paid_in))
               OR (amount = got AND coalesce(currency, '') IN ('', got_in))))
    SELECT DISTINCT {_KEY}, row_id, gap FROM timed WHERE gap IS NULL OR gap <= {NEAR_US} ORDER BY ALL"""
