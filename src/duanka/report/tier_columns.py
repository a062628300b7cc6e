"""Which tiers share a column where a ring has more of them than a picture can hold."""

import numpy as np
import polars as pl

COLUMNS = 7
"""Columns of tiers in a picture; with more, none is wide enough to read."""


def tier_columns(between: pl.DataFrame, count: int = COLUMNS) -> tuple[tuple[int, int], ...]:
    """First and last tier of each column: neighbouring tiers share one so that least money stays within a column.

    `between` holds `from_tier`, `to_tier`, `amount`; a side that is null has no tier. Exact, by dynamic programming
    over the t tiers that occur: O(t³) sums, and t is a dozen or two.
    """
    known = between.drop_nulls(["from_tier", "to_tier"])
    tiers = sorted({*between["from_tier"].drop_nulls(), *between["to_tier"].drop_nulls()})
    if len(tiers) <= count:
        return tuple((tier, tier) for tier in tiers)
    place = {tier: number for number, tier in enumerate(tiers)}
    money = np.zeros((len(tiers), len(tiers)))
    for source, target, amount in known.select("from_tier", "to_tier", "amount").iter_rows():
        money[place[source], place[target]] += amount * (source != target)
    inside = [[money[a : b + 1, a : b + 1].sum() for b in range(len(tiers))] for a in range(len(tiers))]
    best = list(inside[0])  # least money within the columns so far, if they hold the tiers up to b
    cuts = []  # per column after the first: with which tier it begins, if it ends with b
    for _ in range(1, count):
        options = [[(best[a - 1] + inside[a][b], a) for a in range(1, b + 1)] for b in range(len(tiers))]
        chosen = [min(one, default=(np.inf, 0)) for one in options]
        best = [least for least, _ in chosen]
        cuts.append([start for _, start in chosen])
    columns, stop = [], len(tiers) - 1
    for cut in reversed(cuts):
        columns.append((tiers[cut[stop]], tiers[stop]))
        stop = cut[stop] - 1
    return ((tiers[0], tiers[stop]), *reversed(columns))
