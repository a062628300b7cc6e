"""What may become of the money: units of it that go on as the case shows that money goes on, drawn by chance."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY, Bool, Int64
from duanka.trace.freezing.habits import EDGES, Habits
from duanka.trace.freezing.lying import Float, Lying

WALKERS = 20_000
"""Units that all the money is split into: one of 20,000 is 0.005 % of it."""

STEPS = 12
"""Accounts that a unit visits at most."""

SEED = 20_160_318
"""Of the generator of chance, always the same: the same case gives the same plan."""


@dataclass(frozen=True, slots=True)
class Visits:
    """v stays of w units of money at places; units are numbered 0 … w - 1 and all weigh the same."""

    unit: Int64  # v
    place: Int64  # v
    came: Float  # v, µs after the moment; negative where it lies there already
    leaves: Float  # v, µs after the moment; infinite where it stays
    kept: Bool  # v: the holder is who is looked for; at an innocent the money ends, and can't be had back
    luck: Float  # v, 0 … 1, uniform: whether asking the holder shows that, where the chance of it is more
    units: int  # w
    each: float  # minor units that one unit stands for


def walk(lying: Lying, habits: Habits, innocence: Float, until: int, *, units: int = WALKERS) -> Visits:
    """Draw `units` units of the money that lies at the moment `lying.at`, and follow each to the moment `until` (µs).

    A parcel gets units by its amount (systematic sampling, so that their number is right to one). A unit at an account
    stays as long as `habits` have it, given how long it has stayed already where the ledger shows that; then it goes
    where a payment of the account, or of its tier, went, and on from there. The holder is innocent by the probability
    `innocence` (per place): then it ends there. Units that go to an account no traced money has reached are out of
    sight. Deterministic, whatever the order of parcels. O(units · (stretches + log templates) · STEPS).
    """
    at, total = lying.at, float(lying.amount.sum())
    if not total or not len(lying):
        none = np.zeros(0, np.int64)
        return Visits(none, none, np.zeros(0), np.zeros(0), np.zeros(0, np.bool_), np.zeros(0), 0, 0.0)
    chance = np.random.default_rng(SEED)
    order = np.lexsort((lying.amount, lying.arrived, lying.seen, lying.place))
    marks = (np.arange(units) + chance.random()) * (total / units)
    parcel = order[np.minimum(np.searchsorted(np.cumsum(lying.amount[order]), marks, side="right"), len(order) - 1)]
    place, came = lying.place[parcel], (lying.arrived[parcel] - at).astype(np.float64)
    stayed = np.where(lying.seen[parcel], -came, 0.0)
    unit = np.arange(units)
    found: list[tuple[Int64, Int64, Float, Float, Bool, Float]] = []
    summed = _risk_so_far(habits.rate)
    for _ in range(STEPS):
        kept = chance.random(len(unit)) >= innocence[place]
        draws = chance.random((3, len(unit)))
        leaves = came + _stay(habits.rate, summed, place, stayed, chance.exponential(size=len(unit)))
        found.append((unit, place, came, np.where(kept, leaves, np.inf), kept, draws[2]))
        onward = np.flatnonzero(kept & (leaves < until - at))
        to = _goes(habits, place[onward], draws[:, onward])
        onward, to = onward[to != NOBODY], to[to != NOBODY]
        if not len(onward):
            break
        unit, place, came, stayed = unit[onward], to, leaves[onward], np.zeros(len(onward))
    whose, where, since, until_, kept_, luck = zip(*found, strict=True)
    return Visits(
        unit=np.concatenate(whose),
        place=np.concatenate(where),
        came=np.concatenate(since),
        leaves=np.concatenate(until_),
        kept=np.concatenate(kept_),
        luck=np.concatenate(luck),
        units=units,
        each=total / units,
    )


def _risk_so_far(rate: Float) -> Float:
    """Integral of the rate up to the start of each stretch."""
    width = np.diff(EDGES)
    return np.concatenate([np.zeros((len(rate), 1)), np.cumsum(rate[:, :-1] * width, axis=1)], axis=1)


def _stay(rate: Float, summed: Float, place: Int64, stayed: Float, drawn: Float) -> Float:
    """Whole stay, µs: until the risk that is drawn (exponential) is used up, beginning at what has been stayed."""
    now = np.searchsorted(EDGES, stayed, side="right") - 1
    target = summed[place, now] + rate[place, now] * (stayed - EDGES[now]) + drawn
    stretch = (summed[place] <= target[:, None]).sum(axis=1) - 1
    whole: Float = EDGES[stretch] + (target - summed[place, stretch]) / rate[place, stretch]
    return whole


def _goes(habits: Habits, place: Int64, draws: Float) -> Int64:
    """Where each goes: a place, or NOBODY."""
    own = draws[0] < habits.own[place]
    to = np.full(len(place), NOBODY, np.int64)
    for chosen, group, start, summed, target in (
        (own, place, habits.own_from, habits.own_sum, habits.own_to),
        (~own, habits.tier[place], habits.tier_from, habits.tier_sum, habits.tier_to),
    ):
        which = np.flatnonzero(chosen & (start[group] < start[group + 1]))
        first, last = start[group[which]], start[group[which] + 1] - 1
        before = np.where(first > 0, summed[np.maximum(first - 1, 0)], 0.0)
        mark = before + draws[1][which] * (summed[last] - before)
        to[which] = target[np.clip(np.searchsorted(summed, mark, side="right"), first, last)]
    return to
