"""Whose account each number is: cards, accounts and wallets that the rows themselves tie together."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from duanka.store.database import Database

MAX_CARDS = 50
"""Numbers that one account may plausibly have. A number tied to more is a placeholder, and ties nothing."""


_BARE_WALLETS = """
            UNION ALL
            SELECT account_id, bare, holder_id FROM (
                SELECT account_id, split_part(account_id, ':', 2) AS bare, holder_id,
                       count(DISTINCT account_id) OVER (PARTITION BY split_part(account_id, ':', 2)) AS meant
                FROM raw_account WHERE account_id LIKE 'alipay:%' OR account_id LIKE 'tenpay:%')
            WHERE meant = 1 AND bare NOT IN (SELECT account_id FROM raw_account WHERE account_id IS NOT NULL)
              AND bare NOT IN (SELECT alias FROM raw_account WHERE alias IS NOT NULL)
              AND bare NOT IN (
                  SELECT coalesce(CASE side WHEN 1 THEN payer ELSE payee END, '') FROM entries WHERE side IN (1, 2))"""
"""Listed wallets under their bare numbers; a look at every row, so it is left out where no wallet is listed."""


def aliases(db: Database) -> None:
    """`aliases (alias, account_id, kind)` from every row that gives two numbers for one account.

    The account's id is its account number where one is known, else the smallest of its numbers. A number that goes
    with more than MAX_CARDS others, or with holders of different identity numbers, ties nothing together. A listed
    wallet is also meant by its bare number, as banks print it, unless that is an account of its own.
    """
    wallets = db.rows(
        "SELECT 1 FROM raw_account WHERE account_id LIKE 'alipay:%' OR account_id LIKE 'tenpay:%' LIMIT 1"
    )
    db.run("alias pairs", f"""
        CREATE OR REPLACE TEMP TABLE alias_pairs AS
        WITH pairs AS (
            SELECT CASE side WHEN 1 THEN payer ELSE payee END AS account, own_alias AS alias,
                   CASE side WHEN 1 THEN payer_idno ELSE payee_idno END AS idno
            FROM entries WHERE own_alias IS NOT NULL AND side IN (1, 2)
            UNION ALL
            SELECT account_id, alias, holder_id FROM raw_account WHERE alias <> '' AND account_id <> ''
            {_BARE_WALLETS if wallets else ""})
        SELECT DISTINCT account, alias, idno FROM pairs WHERE account <> alias AND account NOT LIKE 'unknown:%'
    """)  # fmt: skip
    pairs = db.arrow(f"""
        WITH ends AS (
            SELECT account AS n, alias AS other, idno FROM alias_pairs
            UNION ALL SELECT alias, account, idno FROM alias_pairs),
        odd AS (
            SELECT n FROM ends GROUP BY n
            HAVING count(DISTINCT other) > {MAX_CARDS} OR count(DISTINCT idno) FILTER (idno <> '') > 1)
        SELECT DISTINCT account, alias FROM alias_pairs
        WHERE account NOT IN (SELECT n FROM odd) AND alias NOT IN (SELECT n FROM odd)
        ORDER BY account, alias
    """)
    table = _components(pairs)
    with db.lend("alias_incoming", table):
        db.run("aliases", """
            CREATE OR REPLACE TABLE aliases AS
            SELECT alias, account_id, CASE WHEN account_id LIKE '%:' || alias THEN 'wallet' ELSE kind END AS kind
            FROM alias_incoming ORDER BY alias
        """)  # fmt: skip


def _components(pairs: pa.Table) -> pa.Table:
    accounts, cards = pairs["account"].combine_chunks(), pairs["alias"].combine_chunks()
    numbers = pc.unique(pa.concat_arrays([accounts, cards])) if len(pairs) else pa.array([], pa.string())
    numbers = numbers.take(pc.sort_indices(numbers))
    left = np.asarray(pc.index_in(accounts, numbers))
    right = np.asarray(pc.index_in(cards, numbers))
    size = len(numbers)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    groups = connected_components(graph, directed=False)[1] if size else np.zeros(0, dtype=np.int32)
    is_account = np.zeros(size, dtype=bool)
    is_account[left] = True
    order = np.lexsort((np.arange(size), ~is_account, groups))
    first = np.ones(size, dtype=bool)
    first[1:] = groups[order][1:] != groups[order][:-1]
    head = np.zeros(size, dtype=np.int64)
    head[groups[order][first]] = order[first]
    return pa.table({
        "alias": numbers,
        "account_id": numbers.take(pa.array(head[groups])),
        "kind": pa.array(np.where(is_account, "account", "card")),
    })  # fmt: skip
