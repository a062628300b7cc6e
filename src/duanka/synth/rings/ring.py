"""What every kind of ring leaves behind, and the market in which it finds its cards."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from duanka.synth.chance import Array, Floats, Ints
from duanka.synth.movements import Movements, nothing, together
from duanka.synth.parameters import Parameters, SettingError
from duanka.synth.rings.houses import Houses
from duanka.synth.world import FAR, I32, F, J, World

ADAPTIVE = ("plain", "slow", "retention", "small_tickets", "purchases", "split")
"""How a ring behaves so as not to stand out; `split` rings are cells with one dealer in common."""


@dataclass(frozen=True, slots=True)
class Member:
    """One account's part in one ring. An account may have several parts, and be in several rings."""

    account: int  # row of Accounts
    role: str  # one of words.ROLES
    tier: int  # 0 is where the money comes from (victims, bettors); -1 where tiers say nothing
    first: int  # seconds UTC: first act for the ring
    last: int  # seconds UTC: last act
    rate: float = 0.0  # share of what passed that this member's level keeps, as agreed
    controller: int = -1  # person who operates it: the studio's operator, or the dealer's; -1 is the holder
    known: int = FAR * 86_400  # seconds UTC: when an investigator could first know; far away is never


@dataclass(frozen=True, slots=True)
class Control:
    """Who has power over whom or what: person over person, SIM, device or account."""

    person: int
    over: str  # person, sim, device or account
    what: int  # its row
    since: int  # seconds UTC
    role: str  # what the person is in the ring: one of words.ROLES


@dataclass(frozen=True, slots=True)
class Report:
    """A victim's report to the police (报案)."""

    payer: int  # account
    payee: int
    time: int  # seconds UTC, of the payment
    amount: int  # 分
    reported: int  # seconds UTC


@dataclass(frozen=True, slots=True)
class Measure:
    """A stop or freeze. In [start, end) the account pays nothing out."""

    account: int
    kind: str  # 止付 or 冻结
    start: int
    end: int
    amount: int = 0  # 分; 0 is the whole account


@dataclass(slots=True)
class Calls:
    """Calls and messages a ring makes, as arrays of one length; ordinary people's are made elsewhere."""

    time: list[Array] = field(default_factory=list)  # seconds UTC
    sim: list[Array] = field(default_factory=list)  # whose record it is: the caller for outgoing ones
    other: list[Array] = field(default_factory=list)  # row of Sims
    seconds: list[Array] = field(default_factory=list)  # -1 for a message
    outgoing: list[Array] = field(default_factory=list)
    device: list[Array] = field(default_factory=list)
    ring: list[Array] = field(default_factory=list)

    def add(
        self, time: Array, sim: Array, other: Array, seconds: Array, *, outgoing: Array | bool, device: Array, ring: int
    ) -> None:
        """One batch; each call is written into both sides' records if both are produced."""
        columns = np.broadcast_arrays(time, sim, other, seconds, outgoing, device, ring)
        lists = (self.time, self.sim, self.other, self.seconds, self.outgoing, self.device, self.ring)
        for heap, column in zip(lists, columns, strict=True):
            heap.append(np.array(column))

    def lay_together(self) -> None:
        """One array for each column, in no more bytes than it needs: a thousand small ones take more than they hold."""
        for name, kind in zip(self.__slots__, ("i8", "i4", "i8", "i4", "?", "i4", "i4"), strict=True):
            setattr(self, name, _as_one(getattr(self, name), kind))


@dataclass(slots=True)
class Logins:
    """Sessions beyond those that payments bring along, as arrays of one length."""

    time: list[Array] = field(default_factory=list)
    account: list[Array] = field(default_factory=list)
    device: list[Array] = field(default_factory=list)

    def add(self, time: Array, account: Array, device: Array) -> None:
        """One batch."""
        columns = np.broadcast_arrays(time, account, device)
        for heap, column in zip((self.time, self.account, self.device), columns, strict=True):
            heap.append(np.array(column))

    def lay_together(self) -> None:
        """One array for each column."""
        for name, kind in zip(self.__slots__, ("i8", "i4", "i4"), strict=True):
            setattr(self, name, _as_one(getattr(self, name), kind))


def _as_one(parts: list[Array], kind: str) -> list[Array]:
    return [np.concatenate(parts).astype(kind)] if parts else []


@dataclass(slots=True)
class Ledger:
    """A seized platform database: users with their points, orders that members served, bookings of points.

    `card` in users and orders is a row of Accounts; amounts are 分, times seconds UTC.
    """

    users: pl.DataFrame = field(default_factory=pl.DataFrame)
    orders: pl.DataFrame = field(default_factory=pl.DataFrame)
    points: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(slots=True)
class Ring:
    """One ring: who is in it, what it does, and what is found of it. `number` is its row in the truth."""

    number: int
    kind: str
    adaptive: str
    city: int
    members: list[Member] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)
    logins: Logins = field(default_factory=Logins)
    ledger: Ledger | None = None
    commission: dict[str, float] = field(
        default_factory=dict
    )  # level -> share agreed: holder, studio, dealer, platform …
    kept: list[tuple[int, float]] = field(default_factory=list)  # tier, share agreed that stays there at a hand-over
    meant: int = 0  # 分 that its payers mean to pay in
    parent: int = -1  # the ring that this one serves or is split from
    innocents: list[tuple[str, int]] = field(default_factory=list)  # (kind, account): good faith met on the way
    _parts: list[Movements] = field(default_factory=list)

    def pay(self, movements: Movements) -> None:
        """Add payments; `ring` is set here, and `part` must be."""
        movements.ring[:] = self.number
        self._parts.append(movements)

    @property
    def movements(self) -> Movements:
        """All its payments by time."""
        return together(self._parts).in_order() if self._parts else nothing()

    def give_away(self) -> tuple[Movements, Ledger | None]:
        """Its payments by time and its ledger, which it no longer holds; calls and logins are laid together."""
        movements, ledger = self.movements, self.ledger
        self._parts, self.ledger = [], None
        self.calls.lay_together()
        self.logins.lay_together()
        return movements, ledger


@dataclass(slots=True)
class Scene:
    """What a ring's maker works with."""

    world: World
    market: "Market"
    chance: np.random.Generator
    number: int
    size: float  # 1 is the size of domain.md §3.3
    adaptive: str
    reference: bool = False  # of the published case's size

    @property
    def p(self) -> Parameters:
        """The generator's numbers."""
        return self.world.parameters


class Market:
    """Where rings find holders, shells and good-faith partners. Nobody is hired twice; houses lend cards on.

    Members are ordinary people, drawn like lots and not by anything that their number, bank or age would show; the
    young, the poor and the unemployed are somewhat likelier, as in the field. Their ordinary life goes on.
    """

    def __init__(self, world: World, chance: np.random.Generator) -> None:
        self.world, self._chance = world, chance
        people = world.people
        self.houses = Houses()
        self._free = np.ones(len(people), dtype=np.bool_)
        self._firm_free = np.ones(len(world.firms), dtype=np.bool_)
        self._promised: Ints = np.zeros(len(world.accounts), dtype=np.int64)
        age = (world.scale.first_day - people.birth) / 365.25
        weight = np.array([0.0, 1.5, 1.2, 0.4, 1.2, 0.7, 1.0, 1.0, 0.4, 2.5])[people.job]
        self._weight = np.where(age < 16, 0.0, weight)
        self._minors = np.flatnonzero((age >= 14) & (age < 18) & (people.bank >= 0))

    def people(
        self, count: int, *, city: int | None = None, minor: bool = False, least_wealth: int = 0, job: str | None = None
    ) -> I32:
        """Persons not yet in a ring; mostly of `city` and its province where one is named. SettingError if too few."""
        people = self.world.people
        weight = np.where(self._free, self._weight, 0.0)
        if minor:
            weight = np.zeros(len(people))
            weight[self._minors[self._free[self._minors]]] = 1
        if job is not None:
            weight = np.where(people.job == J[job], weight, 0)
        if least_wealth:
            weight = np.where(people.wealth >= least_wealth, weight, 0)
        if city is not None:
            weight = weight * np.where(people.region == city, 25, np.where(people.region // 5 == city // 5, 6, 1))
        heap = np.cumsum(weight)
        if np.count_nonzero(weight) < count:
            raise SettingError("synth.too_few_holders", count=count)
        chosen: Ints = np.empty(0, dtype=np.int64)
        while len(chosen) < count:
            more = np.searchsorted(heap, self._chance.random(2 * count) * heap[-1], side="right")
            _, first = np.unique(np.concatenate([chosen, more]), return_index=True)
            chosen = np.concatenate([chosen, more])[np.sort(first)][:count]
        self._free[chosen] = False
        return chosen.astype(np.int32)

    def promise(self, accounts: Array, sums: Ints) -> Ints:
        """Note that these accounts, each named once, will pay rings so much more (分); returns all they will pay."""
        if len(self._promised) < len(self.world.accounts):
            self._promised = np.pad(self._promised, (0, len(self.world.accounts) - len(self._promised)))
        self._promised[accounts] += sums
        all_of_it: Ints = self._promised[accounts]
        return all_of_it

    def owes(self, accounts: Array) -> Array:
        """Which of these accounts have been promised to pay some ring."""
        known = np.minimum(accounts, len(self._promised) - 1)
        found: Array = (self._promised[known] > 0) & (known == accounts)
        return found

    def free(self, persons: Array) -> Array:
        """Which of these persons are in no ring so far."""
        return self._free[persons]

    def crowd(self, count: int, *, city: int | None = None) -> I32:
        """Grown-up persons with a bank account, members or not, each at most once: bettors, victims, buyers."""
        people = self.world.people
        weight = np.where(people.job > J["child"], np.sqrt(people.activity), 0).astype(np.float64)
        if city is not None:
            weight *= np.where(people.region == city, 8, 1)
        heap = np.cumsum(weight)
        count = min(count, len(people) // 3)
        drawn = np.searchsorted(heap, self._chance.random(3 * count) * heap[-1], side="right")
        _, first = np.unique(drawn, return_index=True)
        persons: I32 = drawn[np.sort(first)][:count].astype(np.int32)
        return persons

    def cards(self, persons: Array, *, most: int = 1) -> I32:
        """Bank accounts of class I that these persons hand over, 1 to `most` each, a person's one after the other."""
        people = self.world.people
        both = np.stack([people.bank[persons], people.second[persons]], axis=1)[:, :most].reshape(-1)
        return both[both >= 0].astype(np.int32)

    def shells(self, count: int, *, city: int | None = None) -> I32:
        """Small firms that do little or nothing; honest ones of the same sort remain. SettingError if too few."""
        firms = self.world.firms
        small = (firms.kind == F["small"]) & self._firm_free
        near = small & (firms.region // 5 == city // 5) if city is not None else small
        pool = np.flatnonzero(near) if near.sum() >= 6 * count else np.flatnonzero(small)
        if len(pool) < count:
            raise SettingError("synth.too_few_firms", count=count)
        p = self._idle()[pool]
        chosen = self._chance.choice(pool, size=count, replace=False, p=p / p.sum())
        self._firm_free[chosen] = False
        return chosen.astype(np.int32)

    def _idle(self) -> Floats:
        """Weight of each firm among shells: trade with merchants of its city would spend a ring's money."""
        firms, people = self.world.firms, self.world.people
        small = firms.kind == F["small"]
        cities = int(people.region.max()) + 1
        of_city = np.bincount(firms.region[small], firms.size[small], minlength=cities)
        merchants = np.bincount(people.region[people.job == J["merchant"]], minlength=cities)
        trade = firms.size * (1 + merchants[firms.region] / np.maximum(of_city[firms.region], 1e-9))
        weight: Floats = (1 / (trade + 0.5) ** 2).astype(np.float64)
        return weight

    def reopen(self, accounts: Array, days: Array, *, outlet: Array | None = None) -> None:
        """These accounts were in truth opened on these days (at these outlets); their life begins then."""
        table = self.world.accounts
        table.opened[accounts] = days
        table.balance[accounts] = 0
        if outlet is not None:
            table.outlet[accounts] = outlet


def hold(world: World, measure: Measure) -> None:
    """Put a measure into the books: from then on the account pays nothing out."""
    if measure.amount:
        return  # a freeze by amount is recorded; the books let the rest go
    row = measure.account
    if world.accounts.blocked_to[row] < measure.end:
        if world.accounts.blocked_to[row] < measure.start:  # else it goes on from an earlier one, without a gap
            world.accounts.blocked_from[row] = measure.start
        world.accounts.blocked_to[row] = measure.end
