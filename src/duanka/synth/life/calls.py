"""Ordinary people's calls and messages: friends and family again and again, and those whose work is to ring strangers.

Tuned to the normal column of domain.md §4.1, whose months are taken to be the eight from August 2019 to March 2020.
"""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Floats, Ints, lognormal, scatter, share
from duanka.synth.life.country import FAR_TIES, NEAR
from duanka.synth.world import I32, OPERATOR_IS_IOT, F, J, World

Chance = np.random.Generator

MESSAGE = -1
"""Instead of a call's seconds: it is a message."""
_HOTLINE = -2

_RATE = 0.74  # calls that a person of median habits begins in a day
_RATE_SPREAD = 1.7  # sigma of the logarithm, between persons
_BREADTH = 11.0  # mean place on the list of ties of whom one rings, at the median rate
_BREADTH_BY_RATE = 0.95
_TIES = 400
_CANDIDATES = 7  # ties thought of before one is rung: those who ring much are preferred
_EAGERNESS = 1.1  # spread of who begins calls
_SECONDS, _SECONDS_OF_PERSON, _SECONDS_OF_CALL = 62.0, 0.9, 0.95
_SECOND_SIM = 0.3  # of a person's ties, those who have the number of the second SIM
_ASLEEP = 0.93  # of calls at night, those that wait until the day
_CODES = 0.2  # messages from banks, a person and day


@dataclass(frozen=True, slots=True)
class CallRows:
    """n entries of call records, one side each. All arrays have length n.

    Where the other number is covered too, its own record has the mirrored row (same time and seconds): that is for the
    writer to add.
    """

    time: Ints  # seconds UTC
    sim: I32  # whose record: row of Sims
    other: Ints  # row of Sims; below 0 a bank's number, see `hotline`
    seconds: I32  # MESSAGE for a message
    outgoing: np.ndarray[tuple[int], np.dtype[np.bool_]]
    device: I32  # row of Devices in which `sim` sat

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: Array) -> "CallRows":
        """The rows that a mask or an index array chooses, in its order."""
        return CallRows(
            self.time[chosen], self.sim[chosen], self.other[chosen], self.seconds[chosen], self.outgoing[chosen],
            self.device[chosen],
        )  # fmt: skip


def hotline(institution: Array) -> Ints:
    """The number from which an institution (row of INSTITUTIONS) writes, as `other` of a call."""
    return _HOTLINE - institution.astype(np.int64)


def ordinary_calls(world: World, days: Ints, chance: Chance, cities: Array) -> CallRows:
    """Entries of these days for all numbers of people who live in these cities, by time. O(n log n).

    A call between two covered numbers is there once, in the caller's record.
    """
    covered = np.isin(world.people.region, cities)
    seats = _Seats(world)
    parts = [_friends(seats, days, chance, covered), _codes(seats, days, chance, covered)]
    parts += [_strangers(seats, days, chance, covered, trade) for trade in _trades(world)]
    rows = _joined(parts)
    inside = (rows.time >= seasons.at(days[:1], np.zeros(1, dtype=np.int64))[0]) & _in_use(world, rows)
    rows = rows.take(inside)
    return rows.take(np.argsort(rows.time, kind="stable"))


class _Seats:
    """Numbers and phones of persons."""

    def __init__(self, world: World) -> None:
        self.world = world
        size = len(world.people)
        machines = np.flatnonzero(world.sims.operator[size:] == OPERATOR_IS_IOT)
        end = size + int(machines[0]) if len(machines) else len(world.sims)  # SIMs that rings bought come after
        self.second = np.full(size, -1, dtype=np.int32)
        self.second[world.sims.person[size:end]] = np.arange(size, end)

    def sim(self, person: Ints, other: Ints) -> I32:
        """The number under which `other` knows a person: always the same one."""
        second = self.second[person]
        uses = (second >= 0) & (share(person * 1_000_003 + other, 501) < _SECOND_SIM)
        return np.where(uses, second, self.world.people.sim[person]).astype(np.int32)

    def device(self, person: Ints, time: Ints) -> I32:
        """The phone that a person has at each moment."""
        people = self.world.people
        changed = seasons.day_of(time) >= people.change_day[person]
        return np.where(changed, people.next_device[person], people.device[person]).astype(np.int32)

    def rows(self, time: Ints, person: Ints, other: Ints, seconds: Ints, *, outgoing: bool) -> CallRows:
        """Entries in `person`'s records about `other`."""
        return CallRows(
            time, self.sim(person, other), self.sim(other, person).astype(np.int64), seconds.astype(np.int32),
            np.full(len(time), outgoing), self.device(person, time),
        )  # fmt: skip


def _in_use(world: World, rows: CallRows) -> Array:
    """Neither number is used before it is given out."""
    day = seasons.day_of(rows.time)
    other = np.maximum(rows.other, 0)
    return (world.sims.opened[rows.sim] <= day) & ((rows.other < 0) | (world.sims.opened[other] <= day))


def _habits(world: World) -> Floats:
    """Calls that each person begins in a day; the same whatever days are made."""
    people = world.people
    everyone = np.arange(len(people), dtype=np.int64)
    of_job = np.array([0.15, 0.8, 1.1, 1.4, 1.3, 1.6, 0.9, 0.9, 0.6, 0.7])[people.job]
    rate: Floats = np.minimum(_RATE * np.exp(_RATE_SPREAD * _normal(everyone, 502)) * of_job, 14.0)
    return rate


def _normal(values: Ints, salt: int) -> Floats:
    """A standard normal number of each value, always the same one (Box and Muller)."""
    drawn: Floats = np.sqrt(-2 * np.log(1 - share(values, salt))) * np.cos(2 * np.pi * share(values, salt + 1))
    return drawn


def _masks(size: int) -> Ints:
    """Ties in the order of closeness; as in `life.country`, a tie is an exclusive or, and so it is mutual."""
    whole = 1 << max(4, int(size - 1).bit_length())
    place = np.arange(_TIES, dtype=np.int64)
    reach = np.where(place % 3 > 0, min(4_096, whole), whole)
    more = (scatter(place, 503) % reach.astype(np.uint64)).astype(np.int64)
    near = np.array(NEAR + FAR_TIES, dtype=np.int64)
    masks = np.concatenate([near, more])
    masks = masks[(masks > 0) & (masks < whole)]
    _, first = np.unique(masks, return_index=True)
    return masks[np.sort(first)]


def _friends(seats: _Seats, days: Ints, chance: Chance, covered: Array) -> CallRows:
    """Calls along ties. Those who ring much know many and are rung much; who of two begins is a matter of character."""
    caller, other = _pairs(seats.world, len(days), chance, covered)
    away = ~covered[other]  # from there come as many calls again, which nobody else makes
    caller, other = np.append(caller, caller[away]), np.append(other, other[away])
    eager = _EAGERNESS * (_normal(caller, 512) - _normal(other, 512))
    begins = chance.random(len(caller)) < 1 / (1 + np.exp(-eager))
    caller, other = np.where(begins, caller, other), np.where(begins, other, caller)
    time, seconds = _when(chance, days, "leisure", "day", len(caller)), _long(chance, caller, other)
    mine = covered[caller]
    return _joined([
        seats.rows(time[mine], caller[mine], other[mine], seconds[mine], outgoing=True),
        seats.rows(time[~mine], other[~mine], caller[~mine], seconds[~mine], outgoing=False),
    ])  # fmt: skip


def _pairs(world: World, days: int, chance: Chance, covered: Array) -> tuple[Ints, Ints]:
    """Covered persons as often as their habits say, each with the tie that a call goes along."""
    size, masks, rate = len(world.people), _masks(len(world.people)), _habits(world)
    one = np.flatnonzero(covered)
    one = np.repeat(one, chance.poisson(rate[one] * days))
    breadth = _BREADTH * (rate[one] / _RATE) ** _BREADTH_BY_RATE
    liked = np.log(rate)
    best, weight = np.full(len(one), -1, dtype=np.int64), np.full(len(one), -np.inf)
    for _ in range(_CANDIDATES):
        tie = (chance.standard_exponential(len(one)) * breadth).astype(np.int64)
        other = one ^ masks[np.minimum(tie, len(masks) - 1)]
        fits = (other < size) & (tie < len(masks))
        score = liked[np.where(fits, other, 0)] - np.log(chance.standard_exponential(len(one)) + 1e-300)
        better = fits & (score > weight)
        best, weight = np.where(better, other, best), np.where(better, score, weight)
    return one[best >= 0], best[best >= 0]


def _joined(parts: list[CallRows]) -> CallRows:
    return CallRows(*(np.concatenate([getattr(part, name) for part in parts]) for name in CallRows.__slots__))


def _when(chance: Chance, days: Ints, week: str, hours: str, size: int) -> Ints:
    """Moments by day and hour; fewer at night than payments."""
    clock = seasons.clock(chance, hours, size)
    asleep = ((clock < 6 * 3_600) | (clock >= 23 * 3_600)) & (chance.random(size) < _ASLEEP)
    clock = np.where(asleep, (clock + 10 * 3_600) % 86_400, clock)
    return seasons.at(seasons.days_of(chance, days, week, size), clock)


def _long(chance: Chance, caller: Ints, other: Ints) -> Ints:
    """Seconds: some people talk long, some ties do, and every call differs."""
    person = np.exp(_SECONDS_OF_PERSON * _normal(caller, 504))
    tie = np.exp(0.45 * _normal(np.minimum(caller, other) * 65_537 + np.maximum(caller, other), 506))
    seconds = _SECONDS * person * tie * lognormal(chance, 1.0, _SECONDS_OF_CALL, len(caller)) * 0.62
    return np.clip(seconds, 1, 9_000).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Trade:
    """Work that consists of ringing many: who does it and how. The hard innocents of the telecom side."""

    person: Ints
    a_day: float  # calls begun
    area: int  # they ring people whose number is in the same block of so many; 0: anybody from a list of their own
    listed: int  # length of that list
    seconds: float  # median
    rung_back: float  # calls that come back, for each begun
    week: str
    hours: str


def _trades(world: World) -> list[_Trade]:
    """Couriers, sales rooms and dispatchers, as found by job and firm."""
    people = world.people
    everyone = np.arange(len(people), dtype=np.int64)
    luck = share(everyone, 508)
    kind = world.firms.kind[np.maximum(people.employer, 0)]
    driver = people.job == J["driver"]
    sells = (people.job == J["office"]) & np.isin(kind, [F[k] for k in ("estate", "lender", "office", "school")])
    moves = (people.job == J["office"]) & (kind == F["freight"])
    return [
        _Trade(np.flatnonzero(driver & (luck < 0.04)), 24, 4_096, 0, 24, 0.12, "even", "day"),
        _Trade(np.flatnonzero(sells & (luck < 0.008)), 55, 0, 6_000, 34, 0.04, "work", "office"),
        _Trade(np.flatnonzero(moves & (luck < 0.06)), 38, 0, 160, 48, 0.8, "even", "day"),
    ]


def _strangers(seats: _Seats, days: Ints, chance: Chance, covered: Array, trade: _Trade) -> CallRows:
    """A trade's calls, and those that come back; of uncovered callers only what reaches covered numbers."""
    size = len(seats.world.people)
    pace = trade.a_day * np.exp(0.45 * _normal(trade.person, 509))
    caller = np.repeat(trade.person, chance.poisson(pace * len(days)))
    if trade.area:
        other = caller // trade.area * trade.area + chance.integers(0, trade.area, len(caller))
    else:
        entry = (trade.listed * chance.random(len(caller)) ** 1.3).astype(np.int64)
        other = (scatter(caller * 8_191 + entry, 511) % np.uint64(size)).astype(np.int64)
    other = np.minimum(other, size - 1)
    keep = (other != caller) & (covered[caller] | covered[other])
    caller, other = caller[keep], other[keep]
    returned = chance.random(len(caller)) < trade.rung_back / (1 + trade.rung_back)
    begins, answers = np.where(returned, other, caller), np.where(returned, caller, other)
    time = _when(chance, days, trade.week, trade.hours, len(caller))
    seconds = np.clip(lognormal(chance, trade.seconds, 0.8, len(caller)), 1, 3_600).astype(np.int64)
    mine = covered[begins]
    own = seats.rows(time[mine], begins[mine], answers[mine], seconds[mine], outgoing=True)
    rest = seats.rows(time[~mine], answers[~mine], begins[~mine], seconds[~mine], outgoing=False)
    return _joined([own, rest])


def _codes(seats: _Seats, days: Ints, chance: Chance, covered: Array) -> CallRows:
    """Codes and notices that banks and wallets send to the phone reserved with them."""
    world = seats.world
    has = (world.accounts.sim >= 0) & (world.accounts.person >= 0)
    of = np.flatnonzero(has & covered[world.accounts.person])
    person = world.accounts.person[of].astype(np.int64)
    rate = (
        _CODES * world.people.activity[person] * np.array([1, 0.4, 0.2, 0, 0.5, 0.5, 0.2, 0])[world.accounts.kind[of]]
    )
    which = np.repeat(np.arange(len(of)), chance.poisson(rate * len(days)))
    time = _when(chance, days, "even", "day", len(which))
    keep = world.accounts.opened[of[which]] <= seasons.day_of(time)
    which, time = which[keep], time[keep]
    sim = world.accounts.sim[of[which]]
    holder = world.sims.person[sim].astype(np.int64)
    common = sim < seats.second.max(initial=len(world.people) - 1) + 1  # a number that a ring bought sits elsewhere
    device = np.where(common, seats.device(np.maximum(holder, 0), time), world.sims.device[sim])
    number = hotline(world.accounts.institution[of[which]])
    fine = np.full(len(which), MESSAGE, dtype=np.int32)
    return CallRows(time, sim, number, fine, np.zeros(len(which), dtype=np.bool_), device.astype(np.int32))
