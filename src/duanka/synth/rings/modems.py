"""Modem pools (猫池, GOIP): many SIMs in one rented place, a few at a time, all calling out in office hours.

The figures are the fraud column of domain.md §4.1, the shape is TEL01–TEL04 and TEL13 of §4.2: SIMs of a pool are
switched on and off together, never talk at the same time, and are worn out in turn.
"""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Ints, drawn, lognormal
from duanka.synth.rings.ring import Control, Ring
from duanka.synth.rings.tiers import Works
from duanka.synth.words import W
from duanka.synth.world import (
    I32,
    OPERATOR_IS_IOT,
    OPERATOR_IS_MVNO,
    OUTLETS_OF_A_CITY,
    more_devices,
    more_networks,
    more_sims,
    telecom_outlet,
)

_DAY = 86_400
_AT = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_CALLS = (10, 29, 88, 216, 624, 1_924, 2_500)
_DISPERSION = (0.08, 0.16, 0.43, 0.81, 0.95, 1.0, 1.0)
_OUT_RATIO = (0.3, 0.46, 0.75, 0.97, 1.0, 1.0, 1.0)
_SECONDS = (15, 33, 57, 92, 146, 226, 400)
_MODEMS = (1, 1, 1, 2, 4, 7, 10)
_LUNCH = (12 * 3_600, 5_400)  # begins, lasts
_TALKING = 0.82
"""Of the time that a pool is switched on, what its SIMs can at most talk."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose pools they are, and when they call."""

    works: Works
    ring: Ring
    dealer: int  # account
    start: int  # seconds UTC
    end: int


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool: its modems, its SIMs in the order of use, and on which days each is in."""

    modems: I32
    sims: I32
    first: Ints  # first day in
    days: Ints  # how many days
    sellers: I32  # accounts of those who sold the SIMs


def open_pool(owner: Owner, *, size: int, operator: int) -> Pool:
    """A pool with SIMs bought on one day; `operator` is the person who runs it."""
    scene, chance, p = owner.works.scene, owner.works.scene.chance, owner.works.scene.p
    world, city = scene.world, owner.ring.city
    slots = max(2, p.whole("farm.slots"))
    batch = np.arange(size) // slots
    lasts = np.clip(lognormal(chance, p["farm.sim_days"], 0.75, int(batch[-1]) + 1), 1, 40).astype(np.int64)
    begins = owner.start // _DAY + 1 + np.cumsum(lasts) - lasts
    fits = begins[batch] < owner.end // _DAY - 1
    fits[:slots] = True
    batch = batch[fits]
    lasts = np.minimum(lasts, max(owner.end // _DAY, owner.start // _DAY + 2) - begins)
    modems = more_devices(
        world.devices, "modem", np.repeat(more_networks(world.networks, "studio", np.array([city])), 2 * slots),
        np.full(2 * slots, -1),
    )  # fmt: skip
    sims, sellers = _buy(owner, len(batch), int(begins[0]), modems, operator)
    for modem in modems.tolist():
        owner.ring.controls.append(Control(operator, "device", modem, owner.start, "studio"))
    return Pool(modems, sims, begins[batch], np.maximum(lasts, 1)[batch], sellers)


def _buy(owner: Owner, size: int, first: int, modems: I32, operator: int) -> tuple[I32, I32]:
    """SIMs from holders who sell one to five each, all opened on one day at one agent's (一人多卡: domain.md TEL07).

    Returns the SIMs, and the accounts in which their sellers were paid.
    """
    scene, chance, p = owner.works.scene, owner.works.scene.chance, owner.works.scene.p
    world = scene.world
    holders = scene.market.people(max(1, round(size / p["farm.sims_of_a_holder"])))
    holder = np.sort(np.append(holders, chance.choice(holders, max(size - len(holders), 0))))[:size]
    draw = chance.random(size)
    iot = draw < p["farm.iot"]
    resold = ~iot & (draw < p["farm.iot"] + p["farm.virtual_operators"])
    operators = np.where(iot, OPERATOR_IS_IOT, np.where(resold, chance.choice(OPERATOR_IS_MVNO), chance.integers(0, 3)))
    place = np.full(size, owner.ring.city)
    outlet = telecom_outlet(operators, place, np.full(size, chance.integers(0, OUTLETS_OF_A_CITY)))
    day = first - int(chance.integers(1, 6))
    sims = np.empty(size, dtype=np.int32)
    for kind, rows in ((0, ~iot & ~resold), (1, resold), (2, iot)):
        sims[rows] = more_sims(
            world.sims, holder[rows], kind=kind, operators=operators[rows], opened=np.full(int(rows.sum()), day),
            outlets=outlet[rows], devices=modems[chance.integers(0, len(modems), int(rows.sum()))],
        )  # fmt: skip
    since = int(seasons.at(np.array([day]), np.array([18 * 3_600]))[0])
    owner.ring.controls += [Control(operator, "sim", sim, since, "studio") for sim in sims.tolist()]
    sellers, count = np.unique(holder, return_counts=True)
    price = chance.integers(4, 13, len(sellers)) * count * 1_000
    when = np.maximum(
        since + chance.integers(0, _DAY, len(sellers)), world.start + chance.integers(0, 3_600, len(sellers))
    )
    paid: I32 = world.people.bank[sellers].astype(np.int32)
    owner.works.book.add(when, owner.dealer, paid, price, W["transfer"], "purchase")
    return sims, paid


def call_out(owner: Owner, pool: Pool) -> None:
    """All calls of a pool's SIMs, day by day; O(calls log calls)."""
    chance, world = owner.works.scene.chance, owner.works.scene.world
    size = len(pool.sims)
    count = np.maximum(drawn(chance, _AT, _CALLS, size) * owner.works.scene.p["farm.calls"], 3).astype(np.int64)
    count = np.minimum(count, 220 * pool.days)
    of = np.repeat(np.arange(size), count)
    day = pool.first[of] + (chance.random(len(of)) * pool.days[of]).astype(np.int64)
    mean = drawn(chance, _AT, _SECONDS, size)[of]
    seconds = np.clip(0.7 * mean * lognormal(chance, 1.0, 0.85, len(of)), 1, 5_400).astype(np.int64)
    chosen, time = _in_turn(owner, day, of, seconds)
    of, seconds = of[chosen], seconds[chosen]
    callee = _callees(owner, of, size)
    out = chance.random(len(of)) < drawn(chance, _AT, _OUT_RATIO, size)[of]
    wanders = np.minimum(drawn(chance, _AT, _MODEMS, size).astype(np.int64), len(pool.modems))
    turn = (of * 3 + seasons.day_of(time) * 5 % wanders[of]) % len(pool.modems)
    keep = (time >= world.start) & (time + seconds < min(owner.end, world.end))
    owner.ring.calls.add(
        time[keep], pool.sims[of[keep]], world.people.sim[callee[keep]], seconds[keep], outgoing=out[keep],
        device=pool.modems[turn[keep]], ring=owner.ring.number,
    )  # fmt: skip


def _in_turn(owner: Owner, day: Ints, of: Ints, seconds: Ints) -> tuple[Ints, Ints]:
    """Calls of a day one after the other, never two at once; returns those that find room, and when they begin."""
    chance = owner.works.scene.chance
    order = np.lexsort((chance.random(len(day)), day))
    edges = np.flatnonzero(np.diff(day[order], prepend=-1, append=-1))
    chosen, times = [], []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        rows = order[first:last]
        on = int(chance.integers(8 * 3_600 + 1_800, 9 * 3_600 + 1_800))
        long = int(chance.integers(17 * 3_600, 19 * 3_600)) - on - _LUNCH[1]
        rows = rows[: int(np.searchsorted(np.cumsum(seconds[rows] + 2), _TALKING * long))]
        rows = (
            rows[np.argsort((of[rows] + chance.integers(0, 3, len(rows))) % 7, kind="stable")]
            if len(rows) > 40
            else rows
        )
        rest = chance.exponential(1.0, len(rows) + 1)
        rest = rest / rest.sum() * (long - int(seconds[rows].sum()) - 2 * len(rows))
        before = np.cumsum(seconds[rows] + 2) - seconds[rows] - 2
        start = on + np.cumsum(rest[:-1]).astype(np.int64) + before
        start = np.where(start >= _LUNCH[0], start + _LUNCH[1], start)
        chosen.append(rows)
        times.append(seasons.at(day[rows], start))
    return np.concatenate(chosen), np.concatenate(times)


def _callees(owner: Owner, of: Ints, size: int) -> Ints:
    """Whom each call reaches: a pool works through one list, and rings some numbers again."""
    chance, people = owner.works.scene.chance, owner.works.scene.world.people
    order = np.argsort(of, kind="stable")
    count = np.bincount(of, minlength=size)
    nth: Ints = np.empty(len(of), dtype=np.int64)
    nth[order] = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    distinct = np.maximum((count * drawn(chance, _AT, _DISPERSION, size)).astype(np.int64), 1)
    which = np.where(nth < distinct[of], nth, (chance.random(len(of)) * distinct[of]).astype(np.int64))
    cities = chance.choice(50, 4, replace=False)
    listed = np.flatnonzero((people.sim >= 0) & (np.isin(people.region, cities) | (chance.random(len(people)) < 0.1)))
    listed = chance.permutation(listed)
    begin = chance.integers(0, len(listed), size)
    return listed[(begin[of] + which) % len(listed)]
