"""What a ring keeps of the money it hands on (佣金、抽成), with an interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import NOBODY, Int64, Ledger
from duanka.rings.network import WORKER, Network, within
from duanka.scoring.relays import Relays

LEAST, MOST = 0.0, 0.25
"""Shares kept that a single relay may show (closed): the dearest cash-out chains take 15–20 % (domain facts §3.2)."""

FEWEST = 5
"""Single relays that must agree before a commission is stated at all."""

IN_FULL = 1e-4
"""Share up to which a relay counts as handed on in full: laundering houses pass on all that they get."""

NEAR = 0.0025
"""Shares that differ by no more agree: rounding, and orders of different size (assumption)."""

STANDS_OUT = 3
"""How many times as many relays must agree as would if what is kept were chance, uniform between 0 and MOST."""

ENOUGH = 5_000
"""Relays of one ring that are looked at, evenly spread over the shares: bounds the work."""

DRAWS = 400
_SEED = 20


@dataclass(frozen=True, slots=True)
class Commission:
    """Per ring; NaN where too few single relays agree."""

    low: NDArray[np.float64]  # 5 %
    middle: NDArray[np.float64]
    high: NDArray[np.float64]  # 95 %


def commissions(ledger: Ledger, found: Network, relays: Relays, *, least: float) -> Commission:
    """Share kept at one hand-over: that on which most of the ring's single relays agree, and its interval (5–95 %).

    Receipts and payments that have nothing to do with each other leave any share, a commission leaves the same one
    again and again: so the mode counts, and neither mean nor median (half-sample mode: Bickel and Frühwirth 2006; then
    the median of what lies NEAR it). Relays in full are set aside; only if they are the most, and no other share stands
    out, is the commission 0.

    A single relay is a pair of a worker's rows in one ring, of evidence `least` or more, of which the second is at most
    the first and at least 1 - MOST of it: split and gathered money shows no commission by itself. Interval: DRAWS
    resamples with a fixed seed (percentile bootstrap; Efron 1979). O(pairs + DRAWS · ENOUGH a ring).
    """
    kept = _kept(ledger, found, relays, least)
    return _intervals(kept.ring, kept.share, found.rings)


@dataclass(frozen=True, slots=True)
class TierCommission:
    """What the workers of one tier keep of what they hand on."""

    tier: int
    low: float  # 5 %
    middle: float
    high: float  # 95 %


def commissions_by_tier(
    ledger: Ledger, found: Network, relays: Relays, tier: Int64, *, least: float
) -> list[list[TierCommission]]:
    """Per ring: as `commissions`, for the workers of each tier by themselves; tiers of which nothing is known left out.

    `tier` is per membership. A ring that pays its people at one tier keeps the same share there again and again, and
    none at the others.
    """
    kept = _kept(ledger, found, relays, least)
    key = np.stack([kept.ring, tier[kept.member]])
    groups, place = np.unique(key, axis=1, return_inverse=True)
    said = _intervals(place.reshape(-1), kept.share, groups.shape[1])
    result: list[list[TierCommission]] = [[] for _ in range(found.rings)]
    for (ring, of), *share in zip(groups.T.tolist(), said.low, said.middle, said.high, strict=True):
        if not np.isnan(share).any():
            result[ring].append(TierCommission(of, *(float(one) for one in share)))
    return result


@dataclass(frozen=True, slots=True)
class _Kept:
    """Single relays of workers, in one ring each."""

    ring: Int64
    member: Int64  # membership of the worker
    share: NDArray[np.float64]


def _kept(ledger: Ledger, found: Network, relays: Relays, least: float) -> _Kept:
    workers = np.flatnonzero(found.part == WORKER)
    works = found.ring[workers] * ledger.nodes + found.node[workers]  # ascending, as the network is
    ring_of = np.full(len(ledger), NOBODY, np.int64)
    ring_of[found.row] = found.row_ring
    pairs = relays.pairs
    ring = ring_of[pairs.receipt]
    strong = np.flatnonzero((relays.weight >= least) & (ring != NOBODY) & (ring == ring_of[pairs.payment]))
    strong = strong[within(works, ring[strong], relays.node[strong], ledger.nodes)]
    got = ledger.received[pairs.receipt[strong]].astype(np.float64)
    share = 1 - ledger.amount[pairs.payment[strong]] / np.maximum(got, 1)
    plain = (share >= LEAST) & (share <= MOST)
    strong = strong[plain]
    member = workers[np.searchsorted(works, ring[strong] * ledger.nodes + relays.node[strong])]
    return _Kept(ring[strong], member, share[plain])


def _intervals(ring: Int64, kept: NDArray[np.float64], rings: int) -> Commission:
    low, middle, high = (np.full(rings, np.nan) for _ in range(3))
    for number in range(rings):
        sample = np.sort(kept[ring == number])
        sample = sample[np.linspace(0, len(sample) - 1, min(len(sample), ENOUGH)).astype(np.int64)]
        taken = sample[sample > IN_FULL]
        if len(taken) >= FEWEST and _stands_out(taken):
            random = np.random.default_rng(_SEED)  # anew for each ring, so that other rings play no part
            middle[number] = _agreed(taken)
            drawn = np.sort(taken[random.integers(0, len(taken), (DRAWS, len(taken)))], axis=1)
            low[number], high[number] = np.quantile([_agreed(one) for one in drawn], [0.05, 0.95])
        elif len(sample) - len(taken) >= max(FEWEST, len(taken)):
            low[number] = middle[number] = high[number] = 0.0
    return Commission(low, np.clip(middle, low, high), high)


def _stands_out(shares: NDArray[np.float64]) -> bool:
    """Whether enough of the sorted shares agree."""
    near = _near(shares, _mode(shares))
    return len(near) >= max(FEWEST, STANDS_OUT * len(shares) * 2 * NEAR / MOST)


def _agreed(shares: NDArray[np.float64]) -> float:
    return float(np.median(_near(shares, _mode(shares))))


def _near(shares: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    return shares[np.searchsorted(shares, share - NEAR) : np.searchsorted(shares, share + NEAR, side="right")]


def _mode(shares: NDArray[np.float64]) -> float:
    """Half-sample mode of sorted values: the densest half, of that the densest half, and so on."""
    while len(shares) > 2:
        half = (len(shares) + 1) // 2
        first = int(np.argmin(shares[half - 1 :] - shares[: len(shares) - half + 1]))
        shares = shares[first : first + half]
    return float(shares.mean())
