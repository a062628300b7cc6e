"""What ties accounts to others: money, calls, devices, addresses, phones, holders, and openings side by side."""

from datetime import datetime

import polars as pl
import pyarrow as pa

from duanka.records.vocabulary import MOVED
from duanka.store.database import Database
from duanka.store.sharing import MOST

TOGETHER_DAYS = 3
"""Accounts opened at one outlet within so many days count as opened side by side (assumption)."""

_MOVED = ", ".join(f"'{status.value}'" for status in sorted(MOVED))

_USES = """
    SELECT coalesce(a.account_id, s.account_id) AS account_id, s.kind, s.thing, s.time
    FROM (SELECT account_id, time, 'device' AS kind, unnest([device, mac]) AS thing FROM raw_session
          UNION ALL SELECT account_id, time, 'ip', ip FROM raw_session) s LEFT JOIN aliases a ON s.account_id = a.alias
    WHERE $1::TIMESTAMPTZ IS NULL OR s.time <= $1
    UNION ALL SELECT payer, kind, thing, time
    FROM (SELECT payer, time, 'device' AS kind, unnest([device, mac]) AS thing FROM transactions
          UNION ALL SELECT payer, time, 'ip', ip FROM transactions)
    WHERE payer IS NOT NULL AND ($1::TIMESTAMPTZ IS NULL OR time <= $1)
    UNION ALL SELECT account_id, 'phone', phone, NULL FROM accounts
    UNION ALL SELECT account_id, 'holder', party_id, NULL FROM accounts
    UNION ALL SELECT account_id, 'address', p.address, NULL FROM accounts JOIN parties p USING (party_id)"""

_PHONES = """
    SELECT account_id, phone FROM accounts WHERE phone <> ''
    UNION SELECT account_id, p.phone FROM accounts JOIN parties p USING (party_id) WHERE p.phone <> ''
    UNION SELECT a.account_id, s.phone FROM accounts a
          JOIN raw_sim s ON a.party_id = coalesce(nullif(s.party_id, ''), 'id:' || s.holder_id) WHERE s.phone <> ''"""


def ties(db: Database, leads: list[str], at: datetime | None = None) -> pl.DataFrame:
    """`lead, account_id, kind, thing, times, amount, currency, first, last, spread`: each tie of a lead to another.

    `kind`: paid (the lead paid), received, called, device (also MAC), ip, phone, holder, address, opened. `spread` says
    how common the tie is: the accounts that share the thing; of payments and calls, the partners of the busier side.
    Payments, sessions, calls and openings up to `at` (closed). What more than MOST accounts share ties nothing.
    """
    with db.lend("lead_accounts", pa.table({"account_id": pa.array(sorted(set(leads)), pa.string())})):
        db.run("leads", "CREATE OR REPLACE TEMP TABLE leads AS SELECT * FROM lead_accounts")
    parts = [_shared(db, at), _opened(db, at), _called(db, at), _paid(db, at)]
    return pl.concat(parts).sort("lead", "account_id", "kind", "thing", "currency")


def accounts_of_rows(db: Database, row_ids: list[str]) -> list[str]:
    """Both sides of some payments, sorted."""
    with db.lend("some_rows", pa.table({"row_id": pa.array(row_ids, pa.string())})):
        found = db.rows("""
            SELECT DISTINCT unnest([payer, payee]) AS account FROM transactions
            WHERE row_id IN (SELECT row_id FROM some_rows)
        """)
    return sorted(str(one[0]) for one in found if one[0] is not None)


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table is a frame
    return frame.with_columns(pl.col("times", "amount", "spread").cast(pl.Int64))


def _shared(db: Database, at: datetime | None) -> pl.DataFrame:
    return _frame(db.arrow(
        f"""
        WITH uses AS (
            SELECT account_id, kind, thing, count(time) AS times, min(time) AS first, max(time) AS last
            FROM ({_USES}) WHERE thing <> '' GROUP BY account_id, kind, thing),
        common AS (
            SELECT kind, thing, count(*) AS spread FROM uses
            WHERE (kind, thing) IN (SELECT (kind, thing) FROM uses WHERE account_id IN (SELECT account_id FROM leads))
            GROUP BY kind, thing HAVING count(*) BETWEEN 2 AND {MOST})
        SELECT x.account_id AS lead, y.account_id, kind, thing, y.times, NULL::BIGINT AS amount,
               NULL::VARCHAR AS currency, y.first, y.last, spread
        FROM common JOIN uses x USING (kind, thing) JOIN uses y USING (kind, thing)
        WHERE x.account_id IN (SELECT account_id FROM leads) AND y.account_id NOT IN (SELECT account_id FROM leads)
        """,
        [at],
    ))  # fmt: skip


def _opened(db: Database, at: datetime | None) -> pl.DataFrame:
    return _frame(db.arrow(
        f"""
        WITH near AS (
            SELECT x.account_id AS lead, y.account_id, y.outlet_id AS thing, y.opened_on
            FROM accounts x JOIN accounts y ON x.outlet_id = y.outlet_id
                AND abs(x.opened_on - y.opened_on) <= {TOGETHER_DAYS} AND x.account_id <> y.account_id
            WHERE x.account_id IN (SELECT account_id FROM leads)
              AND ($1::TIMESTAMPTZ IS NULL OR y.opened_on <= timezone('UTC', $1)::DATE)),
        counted AS (SELECT *, 1 + count(*) OVER (PARTITION BY lead) AS spread FROM near)
        SELECT lead, account_id, 'opened' AS kind, thing, 1 AS times, NULL::BIGINT AS amount, NULL::VARCHAR AS currency,
               opened_on::TIMESTAMPTZ AS first, opened_on::TIMESTAMPTZ AS last, spread
        FROM counted WHERE spread <= {MOST} AND account_id NOT IN (SELECT account_id FROM leads)
        """,
        [at],
    ))  # fmt: skip


def _called(db: Database, at: datetime | None) -> pl.DataFrame:
    return _frame(db.arrow(
        f"""
        WITH phones AS ({_PHONES}),
        talks AS (
            SELECT phone, other, time FROM raw_call UNION ALL SELECT other, phone, time FROM raw_call),
        theirs AS (
            SELECT phone, other, count(*) AS times, min(time) AS first, max(time) AS last FROM talks
            WHERE phone <> '' AND other <> '' AND ($1::TIMESTAMPTZ IS NULL OR time <= $1)
              AND phone IN (SELECT phone FROM phones WHERE account_id IN (SELECT account_id FROM leads))
            GROUP BY phone, other),
        busy AS (
            SELECT phone, count(DISTINCT other) AS partners FROM talks
            WHERE phone IN (SELECT phone FROM theirs UNION SELECT other FROM theirs)
              AND ($1::TIMESTAMPTZ IS NULL OR time <= $1)
            GROUP BY phone)
        SELECT x.account_id AS lead, y.account_id, 'called' AS kind, t.other AS thing, t.times, NULL::BIGINT AS amount,
               NULL::VARCHAR AS currency, t.first, t.last, greatest(b.partners, c.partners) AS spread
        FROM theirs t JOIN phones x ON t.phone = x.phone JOIN phones y ON t.other = y.phone
        JOIN busy b ON t.phone = b.phone JOIN busy c ON t.other = c.phone
        WHERE x.account_id IN (SELECT account_id FROM leads) AND y.account_id NOT IN (SELECT account_id FROM leads)
        """,
        [at],
    ))  # fmt: skip


def _paid(db: Database, at: datetime | None) -> pl.DataFrame:
    return _frame(db.arrow(
        f"""
        WITH moved AS (
            SELECT payer, payee, amount, currency, time FROM transactions
            WHERE status IN ({_MOVED}) AND payer IS NOT NULL AND payee IS NOT NULL AND payer <> payee
              AND ($1::TIMESTAMPTZ IS NULL OR time <= $1)),
        pairs AS (
            SELECT payer AS lead, payee AS account_id, 'paid' AS kind, amount, currency, time FROM moved
            WHERE payer IN (SELECT account_id FROM leads) AND payee NOT IN (SELECT account_id FROM leads)
            UNION ALL SELECT payee, payer, 'received', amount, currency, time FROM moved
            WHERE payee IN (SELECT account_id FROM leads) AND payer NOT IN (SELECT account_id FROM leads)),
        near AS (SELECT lead AS account_id FROM pairs UNION SELECT account_id FROM pairs),
        busy AS (
            SELECT account_id, count(DISTINCT other) AS partners FROM (
                SELECT payer AS account_id, payee AS other FROM moved WHERE payer IN (SELECT account_id FROM near)
                UNION ALL SELECT payee, payer FROM moved WHERE payee IN (SELECT account_id FROM near))
            GROUP BY account_id)
        SELECT p.lead, p.account_id, kind, '' AS thing, count(*) AS times, sum(amount)::BIGINT AS amount, currency,
               min(time) AS first, max(time) AS last, max(greatest(b.partners, c.partners)) AS spread
        FROM pairs p JOIN busy b ON p.lead = b.account_id JOIN busy c ON p.account_id = c.account_id
        GROUP BY p.lead, p.account_id, kind, currency
        """,
        [at],
    ))  # fmt: skip
