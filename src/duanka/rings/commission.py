"""What a ring keeps of the money it hands on (佣金、抽成), with an interval.

It shows in two ways. What stays behind at a hand-over: receipts, then payments, of which a share is missing, the same
one again and again. And where the people behind the cards are paid by the cards themselves: payments to them, held
against what those cards received.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY, Int64, Ledger
from duanka.flow.windows import Float64
from duanka.rings.network import WORKER, Network
from duanka.rings.paymasters import HOLDER, PAYMASTER, STUDIO
from duanka.rings.telling import within
from duanka.rings.tiers import members_of

MOST = 0.25
"""Share kept that a hand-over may show at most: the dearest cash-out chains take 15–20 % (domain facts §3.2)."""

FEWEST = 5
"""Hand-overs that must agree, or payments to those behind the cards, before a commission is stated at all."""

IN_FULL = 1e-4
"""Share up to which money counts as handed on in full: laundering houses pass on all that they get."""

NEAR = 0.0025
"""Shares that differ by no more agree: rounding, and orders of different size (assumption)."""

STANDS_OUT = 3
"""How many times as many hand-overs must agree as would if what is kept were chance, uniform between 0 and MOST."""

PLAIN = 10
"""The same, from which hand-overs alone decide; below, payments to those behind the cards go first (assumption)."""

ENOUGH = 5_000
"""Hand-overs of one ring that are looked at, evenly spread over the shares: bounds the work."""

EXACT = 1e-4
"""To which interval ends are rounded: no commission is agreed more exactly."""

DRAWS = 400
_SEED = 20
_BEHIND = (PAYMASTER, STUDIO, HOLDER)


@dataclass(frozen=True, slots=True)
class Commission:
    """Per ring; NaN where nothing shows it."""

    low: Float64  # 5 %
    middle: Float64
    high: Float64  # 95 %


def commissions(ledger: Ledger, found: Network) -> Commission:
    """Share kept of what is handed on, per ring, and its interval (5–95 %).

    A hand-over is an unbroken run of receipts of a worker in a ring and the run of payments that follows, among the
    ring's own rows; the share kept is what is missing of it, between 0 and MOST. Runs that have nothing to do with each
    other leave any share, a commission leaves the same one again and again: so the mode counts (the window of ± NEAR
    that holds most, and their median), and neither mean nor median of all. Runs handed on in full are set aside; only
    if they are the most, and no other share stands out, is the commission 0.

    Cards that pay those behind them (dealers, studios) pay a share of what they received till then: of these shares the
    weighted median, by what was received. This goes first, unless the hand-overs are PLAIN.

    Interval: DRAWS resamples, with a fixed seed, of the ring's workers (percentile bootstrap over clusters; Efron
    1979), or of single samples where fewer than FEWEST workers show it; both ends are rounded outwards to EXACT.
    O(rows log rows + DRAWS · ENOUGH a ring).
    """
    return _by_group(ledger, found, found.ring, found.rings)


@dataclass(frozen=True, slots=True)
class TierCommission:
    """What the workers of one tier keep of what they hand on."""

    tier: int
    low: float  # 5 %
    middle: float
    high: float  # 95 %


def commissions_by_tier(ledger: Ledger, found: Network, tier: Int64) -> list[list[TierCommission]]:
    """Per ring: as `commissions`, for the workers of each tier by themselves; tiers of which nothing is known left out.

    `tier` is per membership. A ring that pays its people at one tier keeps the same share there again and again, and
    none at the others.
    """
    groups, group = np.unique(np.stack([found.ring, tier]), axis=1, return_inverse=True)
    said = _by_group(ledger, found, group.reshape(-1), groups.shape[1])
    result: list[list[TierCommission]] = [[] for _ in range(found.rings)]
    for (ring, of), *share in zip(groups.T.tolist(), said.low, said.middle, said.high, strict=True):
        if not np.isnan(share).any():
            result[ring].append(TierCommission(of, *(float(one) for one in share)))
    return result


@dataclass(frozen=True, slots=True)
class _Samples:
    """Hand-overs of workers, or their payments to those behind the cards, each of one ring."""

    member: Int64  # membership of the worker
    taken: Float64  # minor units: what is missing of what was received; what was paid
    received: Float64  # minor units: at the hand-over; since the payment before

    def take(self, rows: Int64) -> "_Samples":
        """Some of them."""
        return _Samples(self.member[rows], self.taken[rows], self.received[rows])

    @property
    def share(self) -> Float64:
        """What was taken of what was received."""
        share: Float64 = self.taken / np.maximum(self.received, 1)
        return share


def _kept(ledger: Ledger, found: Network) -> _Samples:
    """Hand-overs of which a share of 0 to MOST is missing."""
    pays, paid = members_of(found, ledger)
    works, behind = (np.append(np.isin(found.part, parts), False) for parts in (WORKER, _BEHIND))  # the last: nobody
    out, into = np.flatnonzero(works[pays] & ~behind[paid]), np.flatnonzero(works[paid] & ~behind[pays])
    member = np.concatenate([paid[into], pays[out]])
    row = np.concatenate([found.row[into], found.row[out]])
    receipt = np.repeat([True, False], [len(into), len(out)])
    amount = np.concatenate([ledger.received[found.row[into]], ledger.amount[found.row[out]]]).astype(np.float64)
    order = np.lexsort((~receipt, row, member))
    member, receipt, amount = member[order], receipt[order], amount[order]
    new = np.flatnonzero((np.diff(member, prepend=-1) != 0) | (np.diff(receipt, prepend=False) != 0))
    total = np.add.reduceat(amount, new) if len(new) else np.zeros(0)
    member, receipt = member[new], receipt[new]
    first = np.flatnonzero(receipt[:-1] & ~receipt[1:] & (member[:-1] == member[1:]))
    missing = total[first] - total[first + 1]
    plain = (missing >= 0) & (missing <= MOST * total[first])
    return _Samples(member[first[plain]], missing[plain], total[first[plain]])


def _paid(ledger: Ledger, found: Network) -> _Samples:
    """Payments to those behind the cards, of workers who pay them MOST at most of what they received till then."""
    row, member = _to_those_behind(ledger, found)
    _, gets = members_of(found, ledger)
    gets = np.where(np.append(found.part == WORKER, False)[gets], gets, NOBODY)
    into = np.flatnonzero(gets != NOBODY)
    who = np.concatenate([gets[into], member])
    when = np.concatenate([found.row[into], row])
    got = np.concatenate([ledger.received[found.row[into]], np.zeros(len(row), np.int64)])
    order = np.lexsort((when, who))
    heap = np.cumsum(got[order]).astype(np.float64)
    payment = np.flatnonzero(order >= len(into))
    of, heap = who[order][payment], heap[payment]
    first = np.diff(of, prepend=-1) != 0
    begins = np.searchsorted(who[order], of)
    before = np.where(first, np.append(0.0, np.cumsum(got[order]))[begins], np.append(0.0, heap[:-1]))
    taken = ledger.amount[np.concatenate([found.row[into], row])[order][payment]].astype(np.float64)
    received = heap - before
    size = len(found.node)
    whole = np.bincount(of, received, size)
    most = (whole > 0) & (np.bincount(of, taken, size) <= MOST * whole)
    return _Samples(of[most[of]], taken[most[of]], received[most[of]])


def _to_those_behind(ledger: Ledger, found: Network) -> tuple[Int64, Int64]:
    """Payments of a ring's workers to its paymasters and studios: rows, and memberships of the workers."""
    behind = np.flatnonzero(np.isin(found.part, (PAYMASTER, STUDIO)))
    behind = behind[np.argsort(found.node[behind], kind="stable")]
    rows = np.flatnonzero(np.isin(ledger.payee, found.node[behind]))
    first, end = (np.searchsorted(found.node[behind], ledger.payee[rows], side=side) for side in ("left", "right"))
    row = np.repeat(rows, end - first)
    place = np.arange(len(row)) - np.repeat(np.cumsum(end - first) - (end - first), end - first)
    ring = found.ring[behind[np.repeat(first, end - first) + place]]
    workers = np.flatnonzero(found.part == WORKER)
    works = found.ring[workers] * ledger.nodes + found.node[workers]  # ascending, as the network is
    there = within(works, ring, ledger.payer[row], ledger.nodes)
    row, ring = row[there], ring[there]
    return row, workers[np.searchsorted(works, ring * ledger.nodes + ledger.payer[row])]


def _by_group(ledger: Ledger, found: Network, group: Int64, groups: int) -> Commission:
    """The commission of each group of memberships (`group` per membership)."""
    kept, paid = _kept(ledger, found), _paid(ledger, found)
    stated = np.full((groups, 3), np.nan)
    for number in range(groups):
        mine = (samples.take(np.flatnonzero(group[samples.member] == number)) for samples in (kept, paid))
        stated[number] = _stated(*mine)
    return Commission(stated[:, 0], stated[:, 1], stated[:, 2])


def _stated(kept: _Samples, paid: _Samples) -> tuple[float, float, float]:
    some = np.flatnonzero(kept.share > IN_FULL)
    some = some[np.argsort(kept.share[some], kind="stable")]
    agreeing = _Agreeing(kept.take(some[np.linspace(0, len(some) - 1, min(len(some), ENOUGH)).astype(np.int64)]))
    if agreeing.times < PLAIN and len(paid.member) >= FEWEST:
        return _interval(paid.member, _Usual(paid).share)
    if agreeing.times >= STANDS_OUT:
        return _interval(agreeing.samples.member, agreeing.share)
    full = len(kept.member) - len(some)
    return (0.0, 0.0, 0.0) if full >= max(FEWEST, len(some)) else (np.nan, np.nan, np.nan)


class _Agreeing:
    """The share on which most hand-overs agree. `samples` ascend by share."""

    def __init__(self, samples: _Samples) -> None:
        self.samples, self._share = samples, samples.share
        self._begin = np.searchsorted(self._share, self._share - NEAR)
        self._end = np.searchsorted(self._share, self._share + NEAR, side="right")

    @property
    def times(self) -> float:
        """How many times as many agree as would by chance; 0 if they are fewer than FEWEST."""
        most = int((self._end - self._begin).max(initial=0))
        return most / (len(self._share) * 2 * NEAR / MOST) if most >= FEWEST else 0.0

    def share(self, weight: Float64) -> float:
        """The median of the window that weighs most, of several the lowest."""
        heap = np.append(0.0, np.cumsum(weight))
        best = int(np.argmax(heap[self._end] - heap[self._begin]))
        window = slice(self._begin[best], self._end[best])
        return _median(self._share[window], weight[window])


class _Usual:
    """The usual share that workers pay to those behind them, by what they received."""

    def __init__(self, samples: _Samples) -> None:
        self._samples = samples
        _, self._worker = np.unique(samples.member, return_inverse=True)

    def share(self, weight: Float64) -> float:
        """The median of the workers' shares, each weighing as much as it received; NaN if none received anything."""
        taken, received = (
            np.bincount(self._worker, weight * column) for column in (self._samples.taken, self._samples.received)
        )
        known = np.flatnonzero(received > 0)
        share = taken[known] / received[known]
        order = np.argsort(share, kind="stable")
        return _median(share[order], received[known[order]].astype(np.float64))


def _median(values: Float64, weight: Float64) -> float:
    """Weighted median of ascending values: the mean of those at which half the weight is reached; NaN of none."""
    if not len(values):
        return float("nan")
    heap = np.cumsum(weight)
    low, high = (np.searchsorted(heap, heap[-1] / 2, side=side) for side in ("left", "right"))
    return float(values[low] + values[min(high, len(values) - 1)]) / 2


def _interval(member: Int64, share: Callable[[Float64], float]) -> tuple[float, float, float]:
    """5 %, middle and 95 % of a share that hangs on how much each sample weighs."""
    random = np.random.default_rng(_SEED)  # anew for each ring, so that other rings play no part
    middle = share(np.ones(len(member)))
    workers, worker = np.unique(member, return_inverse=True)
    if len(workers) < FEWEST:
        workers, worker = np.arange(len(member)), np.arange(len(member))
    drawn = random.multinomial(len(workers), np.full(len(workers), 1 / len(workers)), DRAWS)
    low, high = np.nanquantile([share(times[worker].astype(np.float64)) for times in drawn], [0.05, 0.95])
    low, high = np.floor(low / EXACT) * EXACT, np.ceil(high / EXACT) * EXACT
    return min(low, middle), middle, max(high, middle)
