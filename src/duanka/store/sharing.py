"""Which accounts share a device, a phone or a holder."""

from datetime import datetime

import pyarrow as pa

from duanka.store.database import Database

MOST = 60
"""Accounts on one device, phone or holder, at most, that are taken to have to do with each other: what more accounts
share is a bank's counter, a gateway or an agency (assumption; one operator's phone carries 2–3 cards, a studio's
computer dozens: domain facts §3.3)."""


def sharing(db: Database, accounts: pa.Array, as_of: datetime | None = None) -> pa.Table:
    """`one, other`: pairs of these accounts that share a device, a reserved phone or a holder, each pair once.

    Devices are those of sessions and of the payer's side of payments, up to the moment `as_of` (closed). Addresses (IP)
    are left out: neighbours and whole campuses have the same. Of what more than MOST accounts share, nothing is made.
    Needs the macro of `arrays.prepare`.
    """
    then = "time IS NOT NULL" if as_of is None else "time + width_of(time_precision) - INTERVAL 1 SECOND <= $1"
    with db.lend("wanted_accounts", pa.table({"account_id": accounts})):
        return db.arrow(
            f"""
            WITH uses AS (
                SELECT coalesce(a.account_id, s.account_id) AS account_id, 'device ' || s.device AS thing
                FROM raw_session s LEFT JOIN aliases a ON s.account_id = a.alias
                WHERE s.device <> '' AND s.time <= coalesce($1, s.time)
                UNION SELECT payer, 'device ' || device FROM (SELECT DISTINCT payer, device FROM transactions
                WHERE device <> '' AND payer IS NOT NULL AND {then})
                UNION SELECT account_id, 'phone ' || phone FROM accounts WHERE phone <> ''
                UNION SELECT account_id, 'holder ' || party_id FROM accounts WHERE party_id IS NOT NULL),
            things AS (SELECT thing FROM uses GROUP BY thing HAVING count(*) BETWEEN 2 AND $2),
            theirs AS (SELECT account_id, thing FROM uses
                       WHERE thing IN (SELECT thing FROM things)
                         AND account_id IN (SELECT account_id FROM wanted_accounts))
            SELECT DISTINCT x.account_id AS one, y.account_id AS other
            FROM theirs x JOIN theirs y ON x.thing = y.thing AND x.account_id < y.account_id ORDER BY one, other
            """,
            [as_of, MOST],
        )
