"""How far a value stands out among peers: accounts of the same kind, as busy, and where known of the same age."""

import pyarrow as pa

from duanka.store.case import Case

LEAST_PEERS = 20
"""Among fewer, nothing is said (assumption)."""

FIRED = 3.0
"""Strength from which a signal is told: reached by 5 % of the peers."""


def group(case: Case) -> None:
    """`peers (a, wide, narrow, many, few)`: the group of every account that is measured, with its size.

    `wide`: same kind of holder and currency, ledger produced or not, and 1-9, 10-29, 30-99, 100-299 or more rows.
    `narrow`: the same age band, too. An account that is plainly an institution is left out: one for settlement, an
    exchange, or of unknown kind and not produced with 2,000 partners or more (assumption).
    """
    case.db.run("signal peers", """
        CREATE OR REPLACE TEMP TABLE peers AS
        WITH banded AS (
            SELECT a, concat_ws(' ', grp, currency, own, CASE WHEN n < 10 THEN 0 WHEN n < 30 THEN 1 WHEN n < 100 THEN 2
                       WHEN n < 300 THEN 3 ELSE 4 END) AS wide,
                   CASE WHEN age < 0 THEN 0 WHEN age < 18 THEN 1 WHEN age < 25 THEN 2 WHEN age < 65 THEN 3
                       WHEN age < 120 THEN 4 ELSE 0 END AS narrow
            FROM acc WHERE grp <> 'institution' AND NOT (grp = 'unknown' AND NOT own AND u_in + u_out >= 2000))
        SELECT *, count(*) OVER (PARTITION BY wide) AS many, count(*) OVER (PARTITION BY wide, narrow) AS few FROM banded
    """)  # fmt: skip


def strengths(case: Case, query: str) -> pa.Table:
    """`a, value, strength, …` of a signal's query: minus the natural log of the share of peers that reach the value.

    Peers are those of the same age band, or of all ages where there are fewer than LEAST_PEERS. Half of those with the
    same value count as reaching it. Peers whom the signal doesn't apply to stay below. 0 where the value is, or there
    are too few peers still, or half of them reach the value.
    """
    return case.db.arrow(f"""
        WITH measured AS (SELECT * FROM ({query}) WHERE value IS NOT NULL AND isfinite(value)),
        ranked AS (
            SELECT m.*, few >= {LEAST_PEERS} AS by_age, CASE WHEN by_age THEN few ELSE many END AS group_size,
                   CASE WHEN by_age THEN rank() OVER (PARTITION BY wide, narrow ORDER BY value DESC)
                        ELSE rank() OVER (PARTITION BY wide ORDER BY value DESC) END - 1 AS above,
                   CASE WHEN by_age THEN count(*) OVER (PARTITION BY wide, narrow, value)
                        ELSE count(*) OVER (PARTITION BY wide, value) END AS alike
            FROM measured m JOIN peers p USING (a))
        SELECT * EXCLUDE (by_age, group_size, above, alike),
               CASE WHEN value <= 0 OR group_size < {LEAST_PEERS} OR 2 * (above + alike) >= group_size THEN 0.0
                    ELSE -ln((above + alike / 2) / group_size) END AS strength
        FROM ranked ORDER BY a
    """)  # fmt: skip
