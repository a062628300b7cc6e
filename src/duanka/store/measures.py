"""What a freeze plan asks of a case beside its payments: measures in force, what statements cover, ordinary life."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
import pyarrow as pa

from duanka.records.vocabulary import MOVED
from duanka.store.database import Database

STOP_WORDS = "止付|stop"
"""A measure of such a kind is an emergency stop, of which an account may have two (银发〔2016〕86号)."""

RELEASE_WORDS = "解止|解除|解冻|release|lift"
"""A measure of such a kind ends one, and keeps nothing."""

_MOVED = ", ".join(f"'{status.value}'" for status in sorted(MOVED))


def measures(db: Database, at: datetime) -> pl.DataFrame:
    """`account_id, stops, in_force, amount`: per account the stops begun by `at`, and whether a measure is in force.

    Both ends of a measure's time are in it; one without an end lasts, one without a beginning is left out. `amount` is
    the largest of those in force, null where one of them states none: then it keeps all.
    """
    return _frame(
        db,
        """
        WITH told AS (
            SELECT coalesce(a.account_id, m.account_id) AS account_id, lower(m.kind) AS kind, m.amount,
                   m."end" IS NULL OR m."end" >= $1 AS lasts
            FROM raw_measure m LEFT JOIN aliases a ON m.account_id = a.alias
            WHERE m.start <= $1 AND m.account_id <> '')
        SELECT account_id, count(*) FILTER (regexp_matches(kind, $2) AND NOT regexp_matches(kind, $3)) AS stops,
               coalesce(bool_or(lasts AND NOT regexp_matches(kind, $3)), false) AS in_force,
               CASE WHEN bool_or(lasts AND amount IS NULL) THEN NULL ELSE max(amount) FILTER (lasts) END AS amount
        FROM told GROUP BY account_id ORDER BY account_id
        """,
        [at, STOP_WORDS, RELEASE_WORDS],
    )


def stated(db: Database, accounts: Sequence[str]) -> pl.DataFrame:
    """`account_id, stated`: to which moment (µs) statements and full books say that they go, where they say so.

    Of these accounts.
    """
    return _of(
        db,
        accounts,
        """
        WITH named AS (
            SELECT account_id AS name, account_id FROM some_accounts
            UNION SELECT alias, account_id FROM aliases WHERE account_id IN (SELECT account_id FROM some_accounts)),
        books AS (
            SELECT s.source_id, max(e.time) AS last FROM entries e JOIN sources s USING (source_id)
            WHERE s.full_book GROUP BY s.source_id),
        told AS (
            SELECT p.account AS name, p."to" AS last FROM periods p WHERE p."to" IS NOT NULL
            UNION ALL
            SELECT x.name, b.last FROM (
                SELECT payer AS name, source_id FROM entries WHERE side = 3 AND payer IN (SELECT name FROM named)
                UNION SELECT payee, source_id FROM entries WHERE side = 3 AND payee IN (SELECT name FROM named)) x
            JOIN books b USING (source_id))
        SELECT account_id, epoch_us(max(last)) AS stated FROM told JOIN named USING (name)
        GROUP BY account_id ORDER BY account_id
        """,
        [],
    )


def begun(db: Database, at: datetime, accounts: Sequence[str]) -> pl.DataFrame:
    """`account_id, days`: since the first payment of each of these accounts in the case; 1 at least.

    Of payments up to `at` (closed).
    """
    return _of(
        db,
        accounts,
        f"""
        SELECT account_id, greatest((epoch_us($1) - min(began)) / 86400e6, 1.0) AS days FROM (
            SELECT payer AS account_id, epoch_us(time) AS began FROM transactions
            WHERE time <= $1 AND status IN ({_MOVED}) AND payer IN (SELECT account_id FROM some_accounts)
            UNION ALL SELECT payee, epoch_us(time) FROM transactions
            WHERE time <= $1 AND status IN ({_MOVED}) AND payee IN (SELECT account_id FROM some_accounts))
        GROUP BY account_id ORDER BY account_id
        """,
        [at],
    )


def _of(db: Database, accounts: Sequence[str], sql: str, values: list[object]) -> pl.DataFrame:
    """With the table `some_accounts (account_id)`."""
    with db.lend("some_accounts", pa.table({"account_id": pa.array(sorted(set(accounts)), pa.string())})):
        return _frame(db, sql, values)


def _frame(db: Database, sql: str, values: list[object]) -> pl.DataFrame:
    return pl.DataFrame(db.arrow(sql, values))
