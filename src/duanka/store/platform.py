"""What a case's ledger says about the accounts and orders of a platform's own database."""

import pyarrow as pa

from duanka.store.database import Database

PLATFORM_TABLES = (
    "platform_orders", "platform_matches", "platform_rows", "platform_accounts", "platform_users", "platform_levels",
    "platform_contradictions", "platform_files", "platform_rejects",
)  # fmt: skip
"""Tables that a reconciliation writes. They rest on the ledger as it was, so they go when it is made anew."""

SHORTEST_NUMBER = 8
"""Characters of an order's number that is looked for in memos: shorter ones are also sums, dates and card ends."""

_WORD = f"[0-9A-Za-z_-]{{{SHORTEST_NUMBER},}}"


def resolve(db: Database, numbers: pa.Table) -> pa.Table:
    """`printed, account`: the account of each of the `printed` numbers, which is itself where the case has no other."""
    with db.lend("platform_numbers", numbers):
        return db.arrow("""
            SELECT n.printed, coalesce(a.account_id, n.printed) AS account
            FROM platform_numbers n LEFT JOIN aliases a ON n.printed = a.alias ORDER BY n.printed
        """)


def named_orders(db: Database, orders: pa.Table) -> pa.Table:
    """`order, row_id`: booked rows whose serial is the number of an `order`, or whose memo has it as a word."""
    with db.lend("platform_numbers", orders):
        return db.arrow(f"""
            WITH wanted AS (SELECT "order" FROM platform_numbers WHERE length("order") >= {SHORTEST_NUMBER}),
            words AS (
                SELECT row_id, external_id AS word FROM transactions
                WHERE status IN ('success', 'unknown') AND length(external_id) >= {SHORTEST_NUMBER}
                UNION SELECT row_id, unnest(regexp_extract_all(memo, '{_WORD}')) FROM transactions
                WHERE status IN ('success', 'unknown') AND length(memo) >= {SHORTEST_NUMBER})
            SELECT DISTINCT w."order", words.row_id FROM wanted w JOIN words ON w."order" = words.word
            ORDER BY w."order", words.row_id
        """)


def bank_rows(db: Database, accounts: pa.Table, more: pa.Table, *, booked: bool = True) -> pa.Table:
    """`row_id, side, account, other, time, time_precision, amount, currency`: rows of the accounts, by side.

    Side `in` is the payee's view, with what reached him and his bank's time; `out` is the payer's. `accounts` has
    `account`; rows of `more` (`row_id`) are given with both of their sides. Booked rows without reversals,
    which undo; or, if not `booked`, payments that failed or are pending.
    """
    statuses = "'success', 'unknown'" if booked else "'failed', 'pending'"
    with db.lend("platform_own", accounts), db.lend("platform_more", more):
        return db.arrow(f"""
            WITH booked AS (SELECT * FROM transactions WHERE status IN ({statuses})),
            sides AS (
                SELECT row_id, 'in' AS side, payee AS account, payer AS other, coalesce(time_other, time) AS time,
                       time_precision, amount_received AS amount, currency_received AS currency
                FROM booked WHERE payee IN (SELECT account FROM platform_own)
                   OR (payee IS NOT NULL AND row_id IN (SELECT row_id FROM platform_more))
                UNION ALL
                SELECT row_id, 'out', payer, payee, time, time_precision, amount, currency
                FROM booked WHERE payer IN (SELECT account FROM platform_own)
                   OR (payer IS NOT NULL AND row_id IN (SELECT row_id FROM platform_more)))
            SELECT * FROM sides ORDER BY time, row_id, side
        """)


def spans(db: Database) -> pa.Table:
    """`account, from, to, complete` of every ledger in the case; both ends closed."""
    return db.arrow("""
        SELECT account_id AS account, "from", "to", complete FROM coverage ORDER BY account_id
    """)
