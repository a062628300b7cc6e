"""A fraud ring's call room: SIMs in others' names, phones they wander through, calls to victims and to everybody else.

Anchors: the Sichuan figures of domain.md §4.1.
"""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, drawn, lognormal
from duanka.synth.rings.ring import Control, Ring, Scene
from duanka.synth.world import I32, OUTLETS_OF_A_CITY, REGIONS, more_devices, more_networks, more_sims, telecom_outlet

_DAY = 86_400
_FIVE = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_CALLS = (8, 29, 88, 216, 624, 1_924, 3_000)
_DISPERSION = (0.08, 0.16, 0.43, 0.81, 0.95, 1.0, 1.0)
_OUT_RATIO = (0.2, 0.46, 0.75, 0.97, 1.0, 1.0, 1.0)
_SECONDS = (15, 33, 57, 92, 146, 226, 400)
_PHONES = (1, 1, 1, 2, 4, 7, 12)


@dataclass(frozen=True, slots=True)
class Room:
    """SIMs with their active days and the phones they wander through."""

    sim: I32
    begin: Ints  # first active day
    days: Ints  # how many days it is active
    phones: I32
    own: list[I32]  # phones of each SIM


def call_victims(scene: Scene, ring: Ring, days: Ints, victims: Array, first_payment: Ints) -> None:
    """The ring's calls on these days: to its victims before they pay, and to the many who don't. O(calls)."""
    room = _open(scene, ring, days)
    _cold_calls(scene, ring, room)
    people, chance = scene.world.people, scene.chance
    count = chance.poisson(scene.p["callroom.calls_a_victim"] - 1, len(victims)) + 1
    of = np.repeat(np.arange(len(victims)), count)
    time = first_payment[of] - lognormal(chance, 5_400, 1.5, len(of)).astype(np.int64) - 60
    night = (time + 8 * 3_600) // 3_600 % 24 < 8
    time -= np.where(night, 10 * 3_600, 0)
    fits = (time >= scene.world.start) & (people.sim[victims[of]] >= 0)
    of, time = of[fits], time[fits]
    day = seasons.day_of(time)
    who = np.array([_on_duty(room, int(d), v) for d, v in zip(day.tolist(), of.tolist(), strict=True)], dtype=np.int64)
    seconds = np.clip(lognormal(chance, 340, 0.9, len(of)), 5, 9_000).astype(np.int64)
    _add(ring, room, time, who, people.sim[victims[of]], seconds, np.ones(len(of), dtype=np.bool_))


def _open(scene: Scene, ring: Ring, days: Ints) -> Room:
    world, chance, p = scene.world, scene.chance, scene.p
    size = max(2, round(p["callroom.sims"] * scene.size))
    network = more_networks(world.networks, "studio", np.array([ring.city]))
    handsets = max(2, round(size / p["callroom.sims_a_phone"]))
    mobile = np.where(chance.random(handsets) < 0.4, ring.city * 4 + chance.integers(0, 4, handsets), -1)
    phones = more_devices(world.devices, "phone", np.repeat(network, handsets), mobile)
    callers = scene.market.people(max(1, round(p["callroom.callers"] * scene.size)), city=ring.city)
    holders = scene.market.people(-(-size // 2))
    holders = np.concatenate([holders, chance.choice(holders, size - len(holders))])
    active = np.clip(lognormal(chance, p["callroom.active_days"], 0.8, size), 1, len(days)).astype(np.int64)
    begin = days[(chance.random(size) * (len(days) - active + 1)).astype(np.int64)]
    resold = chance.random(size) < p["callroom.virtual_operators"]
    operator = np.where(resold, chance.integers(3, 5, size), chance.choice(3, size, p=[0.57, 0.23, 0.2]))
    region = np.where(chance.random(size) < 0.5, chance.integers(0, REGIONS), world.people.region[holders])
    sims = np.empty(size, dtype=np.int32)
    own = [chance.choice(phones, min(int(n), handsets), replace=False) for n in drawn(chance, _FIVE, _PHONES, size)]
    for kind in (0, 1):
        rows = np.flatnonzero(resold == bool(kind))
        sims[rows] = more_sims(
            world.sims, holders[rows], kind=kind, operators=operator[rows],
            opened=begin[rows] - 1 - (chance.exponential(25, len(rows))).astype(np.int64),
            outlets=telecom_outlet(operator[rows], region[rows], chance.integers(0, OUTLETS_OF_A_CITY, len(rows))),
            devices=np.array([own[row][0] for row in rows.tolist()], dtype=np.int32),
        )  # fmt: skip
    for number, sim in enumerate(sims.tolist()):
        since = int(seasons.at(begin[[number]], np.zeros(1, dtype=np.int64))[0])
        ring.controls.append(Control(int(callers[number % len(callers)]), "sim", sim, since, "studio"))
    since = int(seasons.at(days[:1], np.zeros(1, dtype=np.int64))[0])
    for number, phone in enumerate(phones.tolist()):
        ring.controls.append(Control(int(callers[number % len(callers)]), "device", phone, since, "studio"))
    return Room(sims, begin, active, phones, own)


def _cold_calls(scene: Scene, ring: Ring, room: Room) -> None:
    chance, people = scene.chance, scene.world.people
    size = len(room.sim)
    count = drawn(chance, _FIVE, _CALLS, size).astype(np.int64)
    count = np.maximum((count * scene.p["callroom.calls_factor"]).astype(np.int64), 5)
    of = np.repeat(np.arange(size), count)
    first = np.repeat(np.cumsum(count) - count, count)
    distinct = np.maximum((count * drawn(chance, _FIVE, _DISPERSION, size)).astype(np.int64), 1)
    nth = np.arange(len(of)) - first
    again = (chance.random(len(of)) * distinct[of]).astype(np.int64)
    which = np.where(nth < distinct[of], nth, again)
    reached = np.flatnonzero(people.sim >= 0)
    cities = chance.choice(REGIONS, 3, replace=False)
    aimed = reached[np.isin(people.region[reached], cities)]
    pool = np.where(chance.random(len(of)) < 0.5, 1, 0) if len(aimed) else np.zeros(len(of), dtype=np.int64)
    callee = np.where(
        pool == 1, aimed[chance.integers(0, max(len(aimed), 1), len(of)) % max(len(aimed), 1)] if len(aimed) else 0,
        reached[chance.integers(0, len(reached), len(of))],
    )  # fmt: skip
    callee = callee[first + which]  # the same number for the same nth callee
    out = chance.random(len(of)) < drawn(chance, _FIVE, _OUT_RATIO, size)[of]
    mean = drawn(chance, _FIVE, _SECONDS, size)[of]
    seconds = np.clip(mean * lognormal(chance, 0.7, 0.85, len(of)), 1, 7_200).astype(np.int64)
    day = room.begin[of] + (chance.random(len(of)) * room.days[of]).astype(np.int64)
    time = seasons.at(day, seasons.clock(chance, "office", len(of)))
    _add(ring, room, time, of, people.sim[callee], seconds, out)


def _on_duty(room: Room, day: int, victim: int) -> int:
    """A SIM that is active on the day, mostly the same one for a victim."""
    active = np.flatnonzero((room.begin <= day) & (day < room.begin + room.days))
    if not len(active):
        active = np.argsort(np.abs(room.begin - day))[:1]
    return int(active[victim % len(active)])


def _add(ring: Ring, room: Room, time: Ints, of: Ints, other: Array, seconds: Ints, out: Array) -> None:
    """A SIM sits in one phone a day."""
    sizes = np.array([len(own) for own in room.own], dtype=np.int64)
    flat = np.concatenate(room.own)
    starts = np.cumsum(sizes) - sizes
    turn = (seasons.day_of(time) * 7 + of * 3) % sizes[of]
    ring.calls.add(time, room.sim[of], other, seconds, outgoing=out, device=flat[starts[of] + turn], ring=ring.number)
