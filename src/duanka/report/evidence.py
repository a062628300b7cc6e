"""The rows behind a figure, and where each stands in its files."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from duanka.report.facts import Moment, Place, Row
from duanka.report.follow import MOVED_SQL
from duanka.sources.registry import SHEET_ROWS
from duanka.store.database import Database

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(micros: object) -> datetime | None:
    """A time from µs since 1970 UTC."""
    return None if micros is None else _EPOCH + timedelta(microseconds=int(str(micros)))


def place(path: object, source_row: object) -> Place:
    """Where a row stands; rows of workbooks are numbered by table."""
    sheet, row = divmod(int(str(source_row)), SHEET_ROWS)
    is_book = str(path).lower().endswith((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et"))
    return Place(str(path), row, sheet + 1 if is_book else 0)


def places(db: Database, row_ids: Sequence[str]) -> dict[str, tuple[Place, ...]]:
    """Every input row of some transactions, the one that gave the transaction its id first."""
    with db.lend("some_rows", pa.table({"row_id": pa.array(sorted(set(row_ids)), pa.string())})):
        found = db.rows("""
            SELECT r.row_id, s.path, r.source_row FROM row_sources r JOIN sources s USING (source_id)
            WHERE r.row_id IN (SELECT row_id FROM some_rows)
            ORDER BY r.row_id, r.first DESC, s.path, r.source_row
        """)
    collected: dict[str, list[Place]] = {}
    for row_id, path, source_row in found:
        collected.setdefault(str(row_id), []).append(place(path, source_row))
    return {row_id: tuple(found_places) for row_id, found_places in collected.items()}


def largest_rows(
    db: Database, accounts: Sequence[tuple[str, str]], count: int
) -> dict[tuple[str, str], tuple[Row, ...]]:
    """The `count` largest rows of each (account, currency) that moved money, in the order of the case."""
    wanted = pa.table({
        "account_id": pa.array([account for account, _ in accounts], pa.string()),
        "currency": pa.array([currency for _, currency in accounts], pa.string()),
    })  # fmt: skip
    with db.lend("some_accounts", wanted):
        found = db.rows(
            f"""
            WITH sides AS (
                SELECT t.payee AS account_id, t.currency_received AS currency, true AS incoming,
                       t.amount_received AS amount, t.payer AS other, t.payer_name AS other_name, t.row_id
                FROM transactions t JOIN some_accounts a ON t.payee = a.account_id AND t.currency_received = a.currency
                WHERE t.status IN ({MOVED_SQL})
                UNION ALL
                SELECT t.payer, t.currency, false, t.amount, t.payee, t.payee_name, t.row_id
                FROM transactions t JOIN some_accounts a ON t.payer = a.account_id AND t.currency = a.currency
                WHERE t.status IN ({MOVED_SQL})),
            ranked AS (
                SELECT *, row_number() OVER (
                    PARTITION BY account_id, currency ORDER BY amount DESC, row_id, incoming) AS n
                FROM sides)
            SELECT r.account_id, r.currency, r.row_id, epoch_us(t.time), t.zone, t.time_precision,
                   coalesce(o.assumed, false), r.incoming, coalesce(r.other, ''), coalesce(r.other_name, ''), r.amount,
                   t.status, t.memo
            FROM ranked r JOIN transactions t USING (row_id) LEFT JOIN row_order o USING (row_id)
            WHERE r.n <= ? ORDER BY r.account_id, r.currency, o.seq, r.incoming DESC
            """,
            [count],
        )
    where = places(db, [str(row[2]) for row in found])
    collected: dict[tuple[str, str], list[Row]] = {}
    for row in found:
        when = moment(row[3])
        assert when is not None  # noqa: S101 - the column is required
        one = Row(
            row_id=str(row[2]), moment=Moment(when, str(row[4]), str(row[5])), assumed=bool(row[6]),
            incoming=bool(row[7]), counterparty=str(row[8]), counterparty_name=str(row[9]), amount=int(str(row[10])),
            currency=str(row[1]), status=str(row[11]), memo=str(row[12] or ""), places=where.get(str(row[2]), ()),
        )  # fmt: skip
        collected.setdefault((str(row[0]), str(row[1])), []).append(one)
    return {key: tuple(rows) for key, rows in collected.items()}
