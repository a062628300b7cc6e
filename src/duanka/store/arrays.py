"""The ledger on its way to the kernels: payments that moved money, with accounts and currencies as node numbers."""

from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa

from duanka.records.vocabulary import MOVED
from duanka.store.database import Database


def coverage(db: Database) -> None:
    """`spans (account_id, from, to)`: whose ledger was produced, from when to when, both ends closed.

    An account's span reaches from its first row to the end of its last row's interval, over the period that its
    statement names, or over the whole of a full book in which it appears.
    """
    db.run("spans", """
        CREATE OR REPLACE TEMP TABLE spans AS
        WITH seen AS (
            SELECT payer AS account_id, time, time_precision FROM transactions WHERE sides & 1 = 1
            UNION ALL SELECT payee, time, time_precision FROM transactions WHERE sides & 2 = 2),
        books AS (
            SELECT s.source_id, min(e.time) AS first, max(e.time + width_of(e.time_precision)) AS last
            FROM entries e JOIN sources s USING (source_id) WHERE s.full_book GROUP BY s.source_id),
        members AS (
            SELECT DISTINCT coalesce(a.account_id, x.account) AS account_id, x.source_id FROM (
                SELECT source_id, payer AS account FROM entries WHERE side = 3
                UNION SELECT source_id, payee FROM entries WHERE side = 3) x LEFT JOIN aliases a ON x.account = a.alias),
        pieces AS (
            SELECT account_id, time AS first, time + width_of(time_precision) AS last FROM seen
            UNION ALL SELECT coalesce(a.account_id, p.account), p."from", p."to" + INTERVAL 1 MICROSECOND
            FROM periods p LEFT JOIN aliases a ON p.account = a.alias
            UNION ALL SELECT m.account_id, b.first, b.last FROM members m JOIN books b USING (source_id))
        SELECT account_id, min(first) AS "from", max(last) - INTERVAL 1 MICROSECOND AS "to"
        FROM pieces WHERE account_id IS NOT NULL GROUP BY account_id
    """)  # fmt: skip


def prepare(db: Database) -> None:
    """Macros and the `nodes (node, account_id, currency)` table: an account in a currency, numbered by name."""
    _width(db)
    coverage(db)
    _nodes(db, """
        SELECT payer AS account_id, currency FROM transactions WHERE payer IS NOT NULL
        UNION SELECT payee, currency_received FROM transactions WHERE payee IS NOT NULL
    """)  # fmt: skip


def recall(db: Database) -> None:
    """The same as `prepare` from what was derived: `coverage` has a row a span, `account_windows` a row a node."""
    _width(db)
    db.run("spans", 'CREATE OR REPLACE TEMP TABLE spans AS SELECT account_id, "from", "to" FROM coverage')
    _nodes(db, "SELECT account_id, currency FROM account_windows")


def _width(db: Database) -> None:
    db.run("width", """
        CREATE OR REPLACE TEMP MACRO width_of(p) AS to_microseconds(CASE p WHEN 'day' THEN 86400000000
            WHEN 'hour' THEN 3600000000 WHEN 'minute' THEN 60000000 ELSE 1000000 END)
    """)  # fmt: skip


def _nodes(db: Database, accounts: str) -> None:
    db.run("nodes", f"""
        CREATE OR REPLACE TEMP TABLE nodes AS
        SELECT (row_number() OVER (ORDER BY account_id, currency) - 1)::INTEGER AS node, account_id, currency
        FROM ({accounts})
    """)  # fmt: skip


def nodes(db: Database) -> pa.Table:
    """node, account_id, currency, from, to (µs; from > to where the ledger was not produced), in the order of node."""
    return db.arrow("""
        SELECT node, account_id, currency, coalesce(epoch_us(s."from"), 1) AS "from", coalesce(epoch_us(s."to"), 0) AS "to"
        FROM nodes LEFT JOIN spans s USING (account_id) ORDER BY node
    """)


def payments(db: Database) -> pa.Table:
    """The rows that moved money, in the order of time, serial (shorter first) and row_id: the tie rank.

    Where two banks booked the two sides at different times, the row's interval holds both.

    Columns: row_id, time, width (µs), payer, payee (node, -1 = nobody), amount, received, both balances (null = not
    printed).
    """
    moved = ", ".join(f"'{status.value}'" for status in sorted(MOVED))
    return db.arrow(f"""
        SELECT epoch_us({_FIRST}) AS time, t.row_id, {_COLUMNS}
        FROM transactions t {_ENDS} WHERE t.status IN ({moved})
        ORDER BY {_FIRST}, length(t.external_id), t.external_id, t.row_id
    """)


def ordered_rows(db: Database, size: int, first: int) -> Iterator[pa.RecordBatch]:
    """The `first` rows of `row_order`, in parts of `size`, in no order: seq, row_id, moment (µs), assumed."""
    return db.batches(
        f"SELECT seq, row_id, epoch_us(moment) AS moment, assumed FROM row_order WHERE seq < {first:d}", size
    )


def ordered_payments(db: Database, size: int, first: int) -> Iterator[pa.RecordBatch]:
    """The rows of `ledger` likewise: what `payments` has beside time and row_id, by seq."""
    return db.batches(f"SELECT * FROM ledger WHERE seq < {first:d}", size)


def ordered_by(db: Database, at: datetime) -> int | None:
    """How many rows of `row_order` had surely happened by `at` (closed); None where it may owe something to later rows.

    It may where `at` falls into the time of a row that is known to a minute, hour or day only: such a row is placed
    beside finer ones of its interval, which may be later than `at`. Of all others the first ones are ordered by nothing
    that comes after them.
    """
    moved = ", ".join(f"'{status.value}'" for status in sorted(MOVED))
    unsure = db.rows(
        f"""
        SELECT 1 FROM transactions t WHERE t.status IN ({moved}) AND {_WIDTH} > 1000000
          AND {_FIRST} <= $1 AND epoch_us({_FIRST}) + {_WIDTH} > epoch_us($1) LIMIT 1
        """,
        [at],
    )
    if unsure:
        return None
    return int(str(db.rows("SELECT count(*) FROM row_order WHERE moment <= $1", [at])[0][0]))


_FIRST = "least(t.time, coalesce(t.time_other, t.time))"
_WIDTH = """(
    abs(epoch_us(t.time) - epoch_us(coalesce(t.time_other, t.time)))
        + CASE t.time_precision WHEN 'day' THEN 86400000000 WHEN 'hour' THEN 3600000000
              WHEN 'minute' THEN 60000000 ELSE 1000000 END)
"""
_COLUMNS = f"""
    {_WIDTH} AS width,
    coalesce(p.node, -1)::INTEGER AS payer, coalesce(q.node, -1)::INTEGER AS payee,
    t.amount, t.amount_received AS received, t.balance_payer, t.balance_payee
"""
_ENDS = """
    LEFT JOIN nodes p ON t.payer = p.account_id AND t.currency = p.currency
    LEFT JOIN nodes q ON t.payee = q.account_id AND t.currency_received = q.currency
"""
