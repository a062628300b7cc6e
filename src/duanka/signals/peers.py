"""How far a value stands out among peers: accounts of the same kind, as busy, and where known of the same age."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from duanka.flow.ledger import Int64
from duanka.store.case import Case

LEAST_PEERS = 20
"""Among fewer, nothing is said (assumption)."""

FIRED = 3.0
"""Strength from which a signal is told: reached by 5 % of the peers."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The groups of every account that is measured, as numbers, with their sizes; by the account's number.

    `wide`: same kind of holder and currency, ledger produced or not, and 1-9, 10-29, 30-99, 100-299 or more rows.
    `narrow`: the same age band, too.
    """

    measured: np.ndarray  # bool
    wide: Int64
    narrow: Int64
    many: Int64  # in `wide`
    few: Int64  # in `narrow`


def group(case: Case) -> Peers:
    """The peers of every account in `acc`.

    An account that is plainly an institution is left out: one for settlement, an exchange, or of unknown kind and not
    produced with 2,000 partners or more (assumption).
    """
    found = case.db.arrow("""
        WITH banded AS (
            SELECT a, concat_ws(' ', grp, currency, own, CASE WHEN n < 10 THEN 0 WHEN n < 30 THEN 1 WHEN n < 100 THEN 2
                       WHEN n < 300 THEN 3 ELSE 4 END) AS kind,
                   CASE WHEN age < 0 THEN 0 WHEN age < 18 THEN 1 WHEN age < 25 THEN 2 WHEN age < 65 THEN 3
                       WHEN age < 120 THEN 4 ELSE 0 END AS band,
                   grp <> 'institution' AND NOT (grp = 'unknown' AND NOT own AND u_in + u_out >= 2000) AS measured
            FROM acc)
        SELECT measured, dense_rank() OVER (ORDER BY kind) AS wide, dense_rank() OVER (ORDER BY kind, band) AS narrow
        FROM banded ORDER BY a
    """)  # fmt: skip
    measured, wide, narrow = (found[name].to_numpy() for name in ("measured", "wide", "narrow"))
    many = np.bincount(wide[measured], minlength=int(wide.max(initial=0)) + 1)[wide]
    few = np.bincount(narrow[measured], minlength=int(narrow.max(initial=0)) + 1)[narrow]
    return Peers(measured, wide, narrow, many, few)


def strengths(case: Case, query: str, peers: Peers) -> pl.DataFrame:
    """`a, value, strength, …` of a signal's query, in any order: minus the natural log of the share of peers that reach the value.

    Peers are those of the same age band, or of all ages where there are fewer than LEAST_PEERS. Half of those with the
    same value count as reaching it. Peers whom the signal doesn't apply to stay below. 0 where the value is, or there
    are too few peers still, or half of them reach the value.
    """
    found = pl.from_arrow(case.db.arrow(f"SELECT * FROM ({query}) WHERE isfinite(value)"))
    assert isinstance(found, pl.DataFrame)  # noqa: S101 - a query gives a table
    found = found.filter(pl.Series(peers.measured[found["a"].to_numpy()]))
    a, value = found["a"].to_numpy(), found["value"].to_numpy()
    by_age = peers.few[a] >= LEAST_PEERS
    size = np.where(by_age, peers.few[a], peers.many[a])
    above, alike = _standing(peers.narrow[a], value)
    if not by_age.all():
        wide = peers.wide[a]
        without = np.flatnonzero(np.isin(wide, wide[~by_age]))  # whose group has somebody without enough of his age
        above_any, alike_any = _standing(wide[without], value[without])
        here = ~by_age[without]
        above[without[here]], alike[without[here]] = above_any[here], alike_any[here]
    out = (value > 0) & (size >= LEAST_PEERS) & (2 * (above + alike) < size)
    share = pl.Series((above + alike / 2) / size)
    return found.with_columns(strength=pl.select(pl.when(pl.Series(out)).then(-share.log()).otherwise(0.0)).to_series())


def _standing(group: Int64, value: np.ndarray) -> tuple[Int64, Int64]:
    """Of each value: how many of its group are above it, and how many are the same, itself too. O(n log n)."""
    order = np.argsort(-value)
    small = group.astype(np.min_scalar_type(int(group.max(initial=0))))  # quicker to sort
    order = order[np.argsort(small[order], kind="stable")]
    new_group = np.diff(group[order], prepend=-1) != 0
    new_value = new_group | (np.diff(value[order], prepend=0.0) != 0)
    first = np.flatnonzero(new_value)
    alike, above = np.empty(len(group), np.int64), np.empty(len(group), np.int64)
    run = np.diff(first, append=len(group))
    alike[order] = np.repeat(run, run)
    start = np.flatnonzero(new_group)
    above[order] = np.repeat(first, run) - np.repeat(start, np.diff(start, append=len(group)))
    return above, alike
