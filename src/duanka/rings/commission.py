"""What a ring keeps of the money it hands on (佣金、抽成), with an interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import Int64, Ledger
from duanka.rings.network import WORKER, Network
from duanka.scoring.relays import Relays

LEAST, MOST = 0.0, 0.25
"""Shares kept that a single relay may show (closed): the dearest cash-out chains take 15–20 % (domain facts §3.2)."""

FEWEST = 5
"""Single relays from which a commission is stated at all."""

DRAWS = 400
_SEED = 20


@dataclass(frozen=True, slots=True)
class Commission:
    """Per ring; NaN where too few single relays show it."""

    low: NDArray[np.float64]  # 5 %
    middle: NDArray[np.float64]
    high: NDArray[np.float64]  # 95 %


def commissions(ledger: Ledger, found: Network, relays: Relays, *, least: float) -> Commission:
    """Share kept at one hand-over: the median over the ring's single relays, and its bootstrap interval (5–95 %).

    A single relay is a pair of a worker's ring rows whose evidence is `least` or more, of which the second is at most
    the first and at least 1 - MOST of it: split and gathered money shows no commission by itself. Interval: DRAWS
    resamples with a fixed seed (percentile bootstrap; Efron 1979). O(pairs + DRAWS · relays of the ring).
    """
    works = found.part == WORKER
    ring_of = np.full(ledger.nodes, -1, np.int64)
    ring_of[found.node[works]] = found.ring[works]  # a worker has one ring, a row may have two
    own = np.zeros(len(ledger), np.bool_)
    own[found.row] = True
    pairs = relays.pairs
    strong = np.flatnonzero((relays.weight >= least) & (ring_of[relays.node] >= 0))
    strong = strong[own[pairs.receipt[strong]] & own[pairs.payment[strong]]]
    first, second = pairs.receipt[strong], pairs.payment[strong]
    got = ledger.received[first].astype(np.float64)
    kept = 1 - ledger.amount[second] / np.maximum(got, 1)
    plain = (kept >= LEAST) & (kept <= MOST)
    return _intervals(ring_of[relays.node[strong[plain]]], kept[plain], found.rings)


def _intervals(ring: Int64, kept: NDArray[np.float64], rings: int) -> Commission:
    low, middle, high = (np.full(rings, np.nan) for _ in range(3))
    for number in range(rings):
        sample = np.sort(kept[ring == number])
        if len(sample) < FEWEST:
            continue
        random = np.random.default_rng(_SEED)  # anew for each ring, so that other rings play no part
        middle[number] = np.median(sample)
        drawn = np.median(sample[random.integers(0, len(sample), (DRAWS, len(sample)))], axis=1)
        low[number], high[number] = np.quantile(drawn, [0.05, 0.95])
    return Commission(low, middle, high)
