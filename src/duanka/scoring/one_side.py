"""What a node paid, or what it received, in numbers: how often, how much, with whom, at which hours, how regularly.

Amounts are logs over the currency's median, so that what was learnt of one currency or period holds in another.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import NOBODY, Int32, Int64
from duanka.flow.windows import DAY, HOUR
from duanka.scoring.grouped import Grouped, counted, share

Float64 = NDArray[np.float64]
Columns = dict[str, Float64]

LARGE = (50, 75, 90, 95, 99)
"""Percentiles of all amounts of the records: how many of a node's rows, and how much of its money, are above."""

_NIGHT = (23, 6)
_OFFICE = (9, 18)
_FRIDAY = 5
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True, slots=True)
class Side:
    """The rows in which a node is known to be the payer (or the payee), and who was at the other end."""

    node: Int32
    partner: Int32  # NOBODY where unknown
    amount: Int64  # minor units
    log: Float64  # of the amount, over the median of its currency
    moment: Int64  # µs, rising
    nodes: int


def describe(side: Side) -> Columns:
    """Numbers per node. O(rows log rows); whatever order rows of one moment come in."""
    return _amounts(side) | _shapes(side) | _partners(side) | _times(side)


def _amounts(side: Side) -> Columns:
    """Counts, sums, quantiles; NaN for what a node without rows does not have."""
    logs, plain = Grouped(side.node, side.log, side.nodes), Grouped(side.node, np.exp(side.log), side.nodes)
    found = {
        "rows": np.log1p(logs.count), "sum": np.log1p(plain.total()), "mean": np.log(plain.mean() + 1e-6),
        "log_mean": logs.mean(), "log_spread": logs.spread(), "commonest": logs.commonest(),
        "different": share(logs.different(), logs.count),
    }  # fmt: skip
    found |= {f"q{round(100 * part)}": logs.quantile(part) for part in (0.0, 0.25, 0.5, 0.75, 0.9)}
    found |= {f"largest_{place + 1}": logs.largest(place) for place in range(3)}
    found["largest_of_sum"] = share(plain.largest(0), plain.total())
    for percent in LARGE:
        bound = np.quantile(side.log, percent / 100, method="lower") if len(side.log) else 0.0
        above = side.log > bound
        found[f"over_p{percent}"] = np.log1p(counted(side.node, above, side.nodes))
        found[f"sum_over_p{percent}"] = np.log1p(Grouped(side.node[above], np.exp(side.log[above]), side.nodes).total())
    return found


def _shapes(side: Side) -> Columns:
    """Shares of rows with round amounts, with cents, at night, in office hours, on weekends (UTC)."""
    hour, weekday = side.moment // HOUR % 24, (side.moment // DAY + _EPOCH_WEEKDAY) % 7
    rows = np.bincount(side.node, minlength=side.nodes)
    shapes = {
        "round": side.amount % 10_000 == 0, "cents": side.amount % 100 != 0,
        "night": (hour >= _NIGHT[0]) | (hour < _NIGHT[1]), "office": (hour >= _OFFICE[0]) & (hour < _OFFICE[1]),
        "weekend": weekday >= _FRIDAY,
    }  # fmt: skip
    return {name: share(counted(side.node, which, side.nodes), rows) for name, which in shapes.items()}


def _partners(side: Side) -> Columns:
    """Different known partners, the share met once, and what is paid to those who are met once."""
    known = side.partner != NOBODY
    key = side.node[known].astype(np.int64) * side.nodes + side.partner[known]
    pairs, place, often = np.unique(key, return_inverse=True, return_counts=True)
    of_pair = pairs // side.nodes
    partners = np.bincount(of_pair, minlength=side.nodes)
    alone = often[place] == 1
    node, log = side.node[known][alone], side.log[known][alone]
    strangers = Grouped(node, log, side.nodes)
    bound = np.quantile(side.log, 0.9, method="lower") if len(side.log) else 0.0
    return {
        "partners": np.log1p(partners),
        "once": share(np.bincount(of_pair[often == 1], minlength=side.nodes), partners),
        "most_with_one": share(_most(of_pair, often, side.nodes), np.bincount(side.node[known], minlength=side.nodes)),
        "strangers_mean": strangers.mean(), "strangers_largest": strangers.largest(0),
        "strangers_large": np.log1p(counted(node, log > bound, side.nodes)),
    }  # fmt: skip


def _times(side: Side) -> Columns:
    """Days with rows, the most rows of a day and an hour, and the waits between rows that follow each other."""
    order = np.argsort(side.node, kind="stable")
    node, moment = side.node[order], side.moment[order]
    follows = np.zeros(len(node), np.bool_)
    follows[1:] = node[1:] == node[:-1]
    gap = np.log1p(np.diff(moment, prepend=moment[:1])[follows] / 1e6)
    gaps = Grouped(node[follows], gap, side.nodes)
    found = {
        "gap_mean": gaps.mean(), "gap_median": gaps.quantile(0.5), "gap_least": gaps.quantile(0.0),
        "gap_spread": gaps.spread(),
    }  # fmt: skip
    for name, unit in (("day", DAY), ("hour", HOUR)):
        part = moment // unit
        new = np.ones(len(node), np.bool_)
        new[1:] = ~follows[1:] | (part[1:] != part[:-1])
        starts = np.flatnonzero(new)
        found[f"busiest_{name}"] = np.log1p(_most(node[starts], np.diff(np.append(starts, len(node))), side.nodes))
        found[f"{name}s"] = np.log1p(np.bincount(node[starts], minlength=side.nodes))
    return found


def _most(node: NDArray[np.integer], count: Int64, nodes: int) -> Int64:
    """The largest count per node."""
    most = np.zeros(nodes, np.int64)
    np.maximum.at(most, node, count)
    return most
