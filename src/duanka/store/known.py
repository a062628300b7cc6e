"""What a case knows of accounts beside their payments: kind, holder, and whether the holder reported a fraud."""

from datetime import datetime

import pyarrow as pa

from duanka.store.database import Database


def holders(db: Database, as_of: datetime | None = None) -> pa.Table:
    """`account_id, kind, party_id, reported` of all accounts; reports up to the moment `as_of` (closed) are looked at.

    A report that does not say when it was made counts from the time of the payment.
    """
    return db.arrow(
        """
        SELECT account_id, kind, party_id, account_id IN (
            SELECT coalesce(a.account_id, r.victim_account)
            FROM raw_report r LEFT JOIN aliases a ON r.victim_account = a.alias
            WHERE r.victim_account <> '' AND ($1 IS NULL OR coalesce(r.reported_at, r.time) <= $1)
        ) AS reported
        FROM accounts ORDER BY account_id
        """,
        [as_of],
    )
