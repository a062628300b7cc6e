"""What a case says of balances and of payments under way: openings, payments begun but not surely over, rows left unread."""

from datetime import datetime

import polars as pl
import pyarrow as pa

from duanka.records.vocabulary import MOVED
from duanka.store.database import Database

PENDING_HOURS = 24
"""How long a payment that is printed as pending counts as in flight (assumption)."""

_MOVED = ", ".join(f"'{status.value}'" for status in sorted(MOVED))


def known_openings(db: Database, at: datetime | None = None) -> pa.Table:
    """`account_id, currency, from, opening`: the opening balance of each account's first statement, where it prints one.

    Only statements that begin by `at`; `from` in µs. Of several the earliest, of equals the lowest.
    """
    return db.arrow(
        """
        SELECT account_id, currency, epoch_us(first) AS "from", opening FROM (
            SELECT coalesce(a.account_id, p.account) AS account_id, p.currency, p."from" AS first, p.opening,
                   row_number() OVER (PARTITION BY coalesce(a.account_id, p.account), p.currency
                                      ORDER BY p."from", p.opening) AS place
            FROM periods p LEFT JOIN aliases a ON p.account = a.alias
            WHERE p.opening IS NOT NULL AND p."from" IS NOT NULL AND ($1::TIMESTAMPTZ IS NULL OR p."from" <= $1))
        WHERE place = 1 ORDER BY account_id, currency
        """,
        [at],
    )


def in_flight(db: Database, accounts: list[str], at: datetime | None) -> pl.DataFrame:
    """`row_id, time, payer, payee, amount, currency, why`: payments out of these accounts that are under way at `at`.

    `not_over`: the row had begun by then and was not surely over (the payer's bank had booked it and the payee's had
    not, or only the day is known). `pending`: printed as pending within PENDING_HOURS before. None of them is traced:
    their money still counts as the payer's. Needs the macro of `arrays.prepare`.
    """
    with db.lend("some_accounts", pa.table({"account_id": pa.array(accounts, pa.string())})):
        found = db.arrow(
            f"""
            WITH begun AS (
                SELECT row_id, time, time_other, time_precision, payer, payee, amount, currency, status
                FROM transactions
                WHERE least(time, coalesce(time_other, time)) <= $1 AND payer IN (SELECT account_id FROM some_accounts))
            SELECT row_id, time, payer, payee, amount, currency,
                   CASE WHEN status = 'pending' THEN 'pending' ELSE 'not_over' END AS why
            FROM begun
            WHERE (status = 'pending' AND time > $1 - INTERVAL {PENDING_HOURS} HOUR)
               OR (status IN ({_MOVED}) AND greatest(time, coalesce(time_other, time)) + width_of(time_precision)
                   - INTERVAL 1 SECOND > $1)
            ORDER BY time, row_id
            """,
            [at],
        )
    frame = pl.from_arrow(found)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table is a frame
    return frame


def unread(db: Database, row_ids: list[str]) -> dict[str, bool]:
    """Of payments that are not in the ledger as it was read: whether each moved money (then it came later)."""
    if not row_ids:
        return {}
    with db.lend("some_rows", pa.table({"row_id": pa.array(row_ids, pa.string())})):
        found = db.rows(f"""
            SELECT row_id, status IN ({_MOVED}) FROM transactions
            WHERE row_id IN (SELECT row_id FROM some_rows) ORDER BY row_id
        """)
    return {str(row_id): bool(moved) for row_id, moved in found}


def some_accounts(db: Database, accounts: list[str]) -> pl.DataFrame:
    """`account_id, holder, institution, kind, produced` of these accounts, by id."""
    with db.lend("some_accounts", pa.table({"account_id": pa.array(accounts, pa.string())})):
        found = db.arrow("""
            SELECT account_id, holder_name AS holder, institution, kind, produced FROM accounts
            WHERE account_id IN (SELECT account_id FROM some_accounts) ORDER BY account_id
        """)
    frame = pl.from_arrow(found)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table is a frame
    return frame
