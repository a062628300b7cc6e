"""From a case to the facts of its report: one named query per section."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from duanka.report.detected import detected, outdated
from duanka.report.errors import ReportError
from duanka.report.evidence import largest_rows, moment, place, places
from duanka.report.facts import (
    Break,
    Coverage,
    Facts,
    File,
    Reject,
    RejectGroup,
    Seeds,
    Total,
    Transit,
    UnknownFile,
    Wanted,
)
from duanka.report.follow import MOVED_SQL, follow, inlet
from duanka.store.case import Case
from duanka.store.database import Database
from duanka.store.detection import tool_version
from duanka.store.seeds import Starts

NEEDED = (
    "transactions",
    "row_sources",
    "accounts",
    "merges",
    "row_order",
    "lineage",
    "coverage",
    "wanted",
    "account_windows",
)
"""Derived tables without which there is no report."""

SHOWN = 50
"""Rows of a long list that the report shows; the rest is in the tables."""

_SHOWN_BREAKS = 10
_OTHER_CURRENCIES = 3


def collect(
    case: Case,
    seeds: Starts | None = None,
    *,
    made: datetime | None = None,
    top: int = 10,
    rows_each: int = 12,
    max_tiers: int = 5,
) -> Facts:
    """Everything that the report of a case shows.

    Args:
        case: with all tables of NEEDED.
        seeds: where the money flow starts; without any, where money enters the busiest transit accounts.
        made: the time that the report bears; now, if not given.
        top: transit accounts of the main currency (other currencies show fewer).
        rows_each: rows shown as evidence for each of them.
        max_tiers: columns of the money flow after the first.

    Raises:
        ReportError: a table is missing.
    """
    missing = [name for name in NEEDED if not case.table_exists(name)]
    if missing:
        raise ReportError("export.not_derived", table=repr(missing[0]))
    db = case.db
    totals = _totals(db)
    transits, transit_count = _transits(db, [total.currency for total in totals], top, rows_each)
    starts = _seeds(db, seeds, transits)
    period = db.rows("SELECT epoch_us(min(time)), epoch_us(max(time)) FROM transactions")[0]
    counts = db.rows(f"SELECT count(*), count(*) FILTER (status NOT IN ({MOVED_SQL})) FROM transactions")[0]
    order = db.rows("SELECT count(*), count(*) FILTER (assumed) FROM row_order")[0]
    reach = db.rows(
        "SELECT count(*), count(*) FILTER (len(breaks) > 0), count(*) FILTER (complete IS NULL) FROM coverage"
    )[0]
    return Facts(
        case=case.folder.resolve().name,
        made=made or datetime.now(UTC),
        version=tool_version(),
        files=_files(case),
        unknown=_unknown(case),
        merges=_merges(db),
        rejects=_rejects(db),
        transactions=_int(counts[0]),
        left_out=_int(counts[1]),
        ordered=_int(order[0]),
        assumed=_int(order[1]),
        accounts=_int(db.rows("SELECT count(*) FROM accounts")[0][0]),
        first=moment(period[0]),
        last=moment(period[1]),
        totals=totals,
        transits=transits,
        transit_count=transit_count,
        produced=_int(reach[0]),
        broken=_int(reach[1]),
        untold=_int(reach[2]),
        coverage=_coverage(db),
        wanted=_wanted(db),
        wanted_count=_int(db.rows("SELECT count(DISTINCT account_id) FROM wanted")[0][0]),
        seeds=starts,
        flows=follow(db, starts if starts.chosen else replace(starts, accounts=()), max_tiers=max_tiers),
        findings=detected(case),
        outdated=outdated(case),
    )


def _int(value: object) -> int:
    return 0 if value is None else int(str(value))


def _seeds(db: Database, seeds: Starts | None, transits: tuple[Transit, ...]) -> Seeds:
    """What was named, or else the rows through which money enters the busiest transit accounts of the main currency."""
    if seeds is not None and (seeds.accounts or seeds.rows):
        return Seeds(seeds.accounts, seeds.rows, chosen=True)
    main = transits[0].currency if transits else ""
    busiest = tuple(one.account_id for one in transits if one.currency == main and one.passed[1])
    return Seeds(busiest, inlet(db, busiest) if busiest else (), chosen=False)


def _files(case: Case) -> tuple[File, ...]:
    return tuple(
        File(
            path=str(file["path"]), sha256=str(file["sha256"]), format=str(file["format"]),
            institution=str(file["institution"]), encoding=str(file["encoding"]), rows=_int(file["rows"]),
            kept=_int(file["kept"]), merged=_int(file["merged"]), rejected=_int(file["rejected"]),
            warnings=_strings(file["warnings"]), unknown_sheets=_strings(file["unknown_sheets"]),
        )
        for file in case.files()
    )  # fmt: skip


def _unknown(case: Case) -> tuple[UnknownFile, ...]:
    return tuple(
        UnknownFile(str(file["path"]), str(file["sha256"]), str(file["reason"]), _strings(file["tried"]))
        for file in case.unknown()
    )


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = json.loads(value)
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _merges(db: Database) -> tuple[tuple[str, int], ...]:
    found = db.rows("SELECT why, count(*) FROM merges GROUP BY why ORDER BY count(*) DESC, why")
    return tuple((str(why), _int(count)) for why, count in found)


def _rejects(db: Database, examples: int = 3) -> tuple[RejectGroup, ...]:
    """Rejects by code, the most frequent first, each with its first rows in the order of files and lines."""
    counts = db.rows("SELECT code, count(*) FROM rejects GROUP BY code ORDER BY count(*) DESC, code")
    found = db.rows(
        """
        SELECT code, path, source_row, detail, raw FROM (
            SELECT r.*, s.path, row_number() OVER (PARTITION BY r.code ORDER BY s.path, r.source_row) AS n
            FROM rejects r JOIN sources s USING (source_id))
        WHERE n <= ? ORDER BY code, n
        """,
        [examples],
    )
    shown: dict[str, list[Reject]] = {}
    for code, path, row, detail, raw in found:
        shown.setdefault(str(code), []).append(Reject(place(path, row), str(detail or ""), str(raw or "")))
    return tuple(RejectGroup(str(code), _int(count), tuple(shown.get(str(code), ()))) for code, count in counts)


def _totals(db: Database) -> tuple[Total, ...]:
    """Sums of the produced accounts by currency, the currency with most rows first. See `facts.Total`."""
    found = db.rows(f"""
        WITH produced AS (SELECT account_id FROM coverage),
        moved AS (SELECT * FROM transactions WHERE status IN ({MOVED_SQL}) AND payer IS DISTINCT FROM payee),
        sides AS (
            SELECT currency_received AS currency, amount_received AS came, 0 AS went, 1 AS receipt,
                   CASE WHEN payer IS NULL OR payer NOT IN (SELECT account_id FROM produced)
                        THEN amount_received ELSE 0 END AS entered
            FROM moved WHERE payee IN (SELECT account_id FROM produced)
            UNION ALL
            SELECT currency, 0, amount, 0, 0 FROM moved WHERE payer IN (SELECT account_id FROM produced))
        SELECT currency, sum(came), sum(went), sum(entered), sum(receipt), count(*) - sum(receipt)
        FROM sides GROUP BY currency ORDER BY count(*) DESC, currency
    """)
    return tuple(Total(str(currency), *(_int(value) for value in values)) for currency, *values in found)


_TRANSIT = """
    FROM account_windows w JOIN coverage c USING (account_id) LEFT JOIN accounts a USING (account_id)
    WHERE w.in_sum > 0 AND w.out_sum > 0"""


def _transits(db: Database, currencies: list[str], top: int, rows_each: int) -> tuple[tuple[Transit, ...], int]:
    """The busiest transit accounts: `top` in the first currency, fewer in the others; and how many there are."""
    count = _int(db.rows(f"SELECT count(*) {_TRANSIT}")[0][0])
    found = []
    for number, currency in enumerate(currencies):
        found += db.rows(
            f"""
            SELECT w.account_id, a.holder_name, a.institution, w.currency, w.in_sum, w.out_sum, w.in_count, w.out_count,
                   w.payers, w.payees, w.retained, w.passed_1h, w.passed_24h, w.passed_7d,
                   w.dwell_p10, w.dwell_p50, w.dwell_p90, w.peak_1h_in, w.peak_24h_in, w.peak_7d_in,
                   w.peak_1h_out, w.peak_24h_out, w.peak_7d_out {_TRANSIT} AND w.currency = ?
            ORDER BY least(w.in_sum, w.out_sum) * coalesce(if(isnan(w.passed_24h), 0, w.passed_24h), 0) DESC,
                     w.account_id
            LIMIT ?
            """,
            [currency, top if number == 0 else min(top, _OTHER_CURRENCIES)],
        )
    keys = [(str(row[0]), str(row[3])) for row in found]
    rows = largest_rows(db, keys, rows_each)
    reach = {one.account_id: one for one in _coverage(db, [account for account, _ in keys])}
    transits = tuple(
        Transit(
            account_id=str(row[0]), holder=str(row[1] or ""), institution=str(row[2] or ""), currency=str(row[3]),
            in_sum=_int(row[4]), out_sum=_int(row[5]), in_count=_int(row[6]), out_count=_int(row[7]),
            payers=_int(row[8]), payees=_int(row[9]), retained=_int(row[10]),
            passed=(_share(row[11]), _share(row[12]), _share(row[13])),
            dwell=(_seconds(row[14]), _seconds(row[15]), _seconds(row[16])),
            peak_in=(_int(row[17]), _int(row[18]), _int(row[19])),
            peak_out=(_int(row[20]), _int(row[21]), _int(row[22])),
            coverage=reach.get(str(row[0])), rows=rows.get(key, ()),
        )
        for row, key in zip(found, keys, strict=True)
    )  # fmt: skip
    return transits, count


def _share(value: object) -> float | None:
    share = None if value is None else float(str(value))
    return None if share is None or share != share else share  # noqa: PLR0124 - NaN


def _seconds(value: object) -> int | None:
    return None if value is None or _int(value) < 0 else _int(value)


def _coverage(db: Database, accounts: list[str] | None = None) -> tuple[Coverage, ...]:
    """Coverage of some accounts, or of the SHOWN first: most breaks, then most rows, then by account."""
    chosen = "" if accounts is None else f"WHERE c.account_id IN ({', '.join('?' for _ in accounts) or 'NULL'})"
    found = db.rows(
        f"""
        WITH busy AS (SELECT account_id, sum(in_count + out_count) AS rows FROM account_windows GROUP BY account_id)
        SELECT c.account_id, a.holder_name, epoch_us(c."from"), epoch_us(c."to"), c.complete, len(c.breaks),
               c.breaks[1:{_SHOWN_BREAKS}]
        FROM coverage c LEFT JOIN accounts a USING (account_id) LEFT JOIN busy b USING (account_id) {chosen}
        ORDER BY len(c.breaks) DESC, b.rows DESC NULLS LAST, c.account_id LIMIT {SHOWN}
        """,
        accounts or (),
    )
    broken = [item for row in found for item in _items(row[6])]
    where = places(db, [str(item["row_id"]) for item in broken])
    return tuple(
        Coverage(
            account_id=str(row[0]), holder=str(row[1] or ""), start=moment(row[2]), stop=moment(row[3]),
            complete=None if row[4] is None else bool(row[4]), break_count=_int(row[5]),
            breaks=tuple(
                Break(
                    str(item["row_id"]), _int(item["expected"]), _int(item["printed"]), str(item["currency"]),
                    where.get(str(item["row_id"]), ()),
                )
                for item in _items(row[6])
            ),
        )
        for row in found
    )  # fmt: skip


def _items(value: object) -> list[dict[str, object]]:
    return [dict(item) for item in value] if isinstance(value, list) else []


def _wanted(db: Database) -> tuple[Wanted, ...]:
    found = db.rows(f"""
        SELECT w.rank, w.account_id, a.holder_name, a.institution, w.why, w.amount, w.currency, w.rows
        FROM wanted w LEFT JOIN accounts a USING (account_id) WHERE w.rank <= {SHOWN}
        ORDER BY w.rank, w.account_id, w.currency
    """)
    return tuple(
        Wanted(
            _int(rank),
            str(account),
            str(holder or ""),
            str(bank or ""),
            str(why),
            _int(amount),
            str(currency),
            _int(rows),
        )
        for rank, account, holder, bank, why, amount, currency, rows in found
    )
