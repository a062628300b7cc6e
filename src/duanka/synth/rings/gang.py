"""Who runs a run-points platform, from operators to recruiters, and the cards that they rent."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Floats, Ints, lognormal
from duanka.synth.movements import OWN_DEVICE, movements
from duanka.synth.rings.relay import NEVER, Money
from duanka.synth.rings.ring import Ring, Scene
from duanka.synth.rings.studio import Studio
from duanka.synth.scales import EPOCH
from duanka.synth.words import P, W
from duanka.synth.world import I32, OUTLETS_OF_A_CITY, REGIONS, bank_outlet

COLLECT, TRANSIT, PAYOUT, SETTLE = range(4)
"""What a rented card does."""

_FIRST_ARREST = (date(2020, 9, 4) - EPOCH).days
"""Of the reference case (domain.md §0)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How large and how long. Days since 1970; `last` is the day after the last one."""

    first: int
    last: int
    begins: Ints  # of each studio
    ends: Ints  # of each studio, the day after
    raids: Ints  # of each studio, seconds UTC; NEVER
    cell: Ints  # of each studio: parts of a split ring have only the dealer in common
    cities: Ints
    cards: int
    bettors: int
    volume: float  # factor on what a card takes in
    heads: dict[str, int]  # how many dealers, agents …

    @property
    def cells(self) -> int:
        """How many parts have nothing but a dealer in common."""
        return int(self.cell.max()) + 1


def lay_plan(scene: Scene) -> Plan:
    """Sizes and times of one ring, from the scale's size or from the reference case."""
    p, chance, scale, size = scene.p, scene.chance, scene.world.scale, scene.size
    if scene.reference:
        first, last = scale.first_day + min(13, scale.days // 4), scale.last_day
    else:
        days = int(np.clip(lognormal(chance, p["platform.days"], 0.35, 1)[0], min(10, scale.days - 3), scale.days - 3))
        first = scale.first_day + 2 + int(chance.integers(0, scale.days - days - 1))
        last = first + days
    studios = p.whole("platform.reference_studios") if scene.reference else max(1, round(p["platform.studios"] * size))
    studios = max(studios, 2) if scene.adaptive == "split" else studios
    begins = first + np.sort(chance.integers(0, max(1, (last - first) // 5), studios))
    begins[0] = first
    raids = _raids(scene, first, last, studios)
    ends = np.minimum(seasons.day_of(raids) + 1, last)
    whole = scene.reference
    factor = 1.3 if whole else min(1.0, size) ** 0.35
    heads = {"dealer": 6, "agent": 4, "recruiter": 4, "operator": 2, "merchant": 1}
    heads = {role: max(1, round(count * size)) for role, count in heads.items()}
    if whole:  # with 6 studios of 12 these are the 134 who were arrested (domain.md §0)
        heads = {"dealer": 24, "agent": 14, "recruiter": 14, "operator": 6, "merchant": 4}
    if scene.adaptive == "split":
        heads["dealer"] = 1
    cell: Ints = np.arange(studios) if scene.adaptive == "split" else np.zeros(studios, dtype=np.int64)
    for role in ("agent", "operator", "merchant"):
        heads[role] = max(heads[role], int(cell.max()) + 1)
    cards = p.whole("platform.reference_cards") if whole else round(p["platform.cards"] * size)
    people = p["platform.reference_bettors"] if whole else p["platform.bettors"] * size
    return Plan(
        first, last, begins, ends, raids, cell, chance.integers(0, REGIONS, studios), max(cards, 6 * len(set(cell))),
        max(12, round(people)), factor, heads,
    )  # fmt: skip


def _raids(scene: Scene, first: int, last: int, studios: int) -> Ints:
    """When police enter each studio; the last one of the reference case works until the end."""
    chance, days = scene.chance, last - first
    if scene.reference:
        early = _FIRST_ARREST if first + 30 < _FIRST_ARREST < last - 5 else first + round(0.68 * days)
        found = np.sort(chance.integers(early, last - 1, studios))
        found[0], found[-1] = early, last - 1
    elif chance.random() < scene.p["platform.raided"]:
        found = first + np.ceil(days * chance.uniform(0.7, 0.98, studios)).astype(np.int64)
    else:
        return np.full(studios, NEVER, dtype=np.int64)
    return seasons.at(found, chance.integers(5 * 3600, 22 * 3600, len(found)))


@dataclass(slots=True)
class Cards:
    """One row a rented card; rows in the order of their accounts. Seconds UTC."""

    account: I32
    job: Ints  # COLLECT, TRANSIT, PAYOUT or SETTLE
    studio: Ints  # row of Plan.begins
    dealer: Ints  # row of Gang.people["dealer"]
    rate: Floats  # holder's share of inflow
    keeps: Array  # whether the holder takes it from the card; others are paid by the studio
    start: Ints  # first use; NEVER: not used
    stop: Ints  # from then on it pays nothing out; NEVER
    device: Ints  # OWN_DEVICE: worked by the holder at home

    def __len__(self) -> int:
        return len(self.account)


@dataclass(slots=True)
class Gang:
    """A ring in the making."""

    scene: Scene
    ring: Ring
    plan: Plan
    cards: Cards
    people: dict[str, I32]  # dealer, agent, recruiter, operator, merchant -> persons
    minor: int  # account of the reference case's minor; -1
    studio_rate: Floats  # share of deposits, the holders' in it
    agent_rate: Floats  # of each studio's agent
    left: Floats  # share that each card leaves behind
    studios: list[Studio]

    @property
    def chance(self) -> np.random.Generator:
        """The ring's own."""
        return self.scene.chance

    def row(self, accounts: Array) -> Ints:
        """Row of each card in `cards`; only for accounts that are cards."""
        return np.searchsorted(self.cards.account, accounts)

    def account(self, role: str) -> I32:
        """Accounts in which these people are paid."""
        return self.scene.world.people.bank[self.people[role]]

    def agent_of(self, rows: Array) -> Ints:
        """Row of the agent of each card; an agent works for one cell."""
        cells, number = self.plan.cells, self.cards.studio[rows] * 7 + self.cards.dealer[rows]
        cell = self.plan.cell[self.cards.studio[rows]]
        return cell + number % (len(self.people["agent"]) // cells) * cells

    def bosses(self) -> I32:
        """Account of each studio's head."""
        people = self.scene.world.people
        return np.array([people.bank[studio.operators[0]] for studio in self.studios], dtype=np.int32)

    def pay(self, money: Money, word: str, part: str, *, device: Array | int = OWN_DEVICE) -> Money:
        """Write payments into the ring, those within the world's time; returns them."""
        world = self.scene.world
        money = money.take((money.time >= world.start) & (money.time < world.end) & (money.amount > 0))
        device = np.full(len(money), device) if np.ndim(device) == 0 else device
        place = np.minimum(self.row(money.payer), len(self.cards) - 1)
        of_card = self.cards.account[place] == money.payer
        device = np.where(of_card & (device == OWN_DEVICE), self.cards.device[place], device)
        self.ring.pay(
            movements(money.time, money.payer, money.payee, money.amount, W[word], device=device, part=P[part])
        )
        return money


def assemble(scene: Scene, ring: Ring, plan: Plan) -> Gang:
    """Find the people and their cards; nothing has happened yet. O(people) a dealer."""
    chance, p = scene.chance, scene.p
    people = {role: scene.market.people(count) for role, count in sorted(plan.heads.items())}
    for persons in people.values():
        _open(scene, persons)
    account, dealer, minor = _rent(scene, plan, people["dealer"])
    size, studios = len(account), len(plan.begins)
    job = _jobs(scene, plan, size)
    if minor >= 0:
        place = int(np.searchsorted(account, minor))
        other = int(np.flatnonzero(job == COLLECT)[0])
        job[[place, other]] = job[[other, place]]
    most = np.where(job == COLLECT, p["platform.holder_high"], p["platform.inner_high"])
    cards = Cards(
        account=account,
        job=job,
        studio=_rooms(chance, plan, job),
        dealer=dealer,
        rate=chance.uniform(p["platform.holder_low"], most),
        keeps=(chance.random(size) < p["platform.keeps"]) & (job == COLLECT),
        start=np.full(size, NEVER, dtype=np.int64),
        stop=np.full(size, NEVER, dtype=np.int64),
        device=np.full(size, OWN_DEVICE, dtype=np.int64),
    )
    left = np.zeros(size)
    if scene.adaptive == "retention":
        kept = chance.uniform(p["platform.retention_low"], p["platform.retention_high"], size)
        left = np.where(job == COLLECT, kept, 0.0)
    studio_rate = chance.uniform(p["platform.studio_low"], p["platform.studio_high"], studios)
    agent_rate = chance.uniform(p["platform.agent_low"], p["platform.agent_high"], studios)
    return Gang(scene, ring, plan, cards, people, minor, studio_rate, agent_rate, left, [])


def _rent(scene: Scene, plan: Plan, dealers: I32) -> tuple[I32, Ints, int]:
    """The cards in their order, the dealer of each, and the reference case's minor's card; -1."""
    each = -(-plan.cards // len(dealers))
    found, of_dealer, minor = [], [], -1
    for number, city in enumerate(scene.world.people.region[dealers].tolist()):
        cards = _hire(scene, max(1, min(each, plan.cards - number * each)), city)
        found.append(cards)
        of_dealer.append(np.full(len(cards), number))
    if scene.reference:
        minor = int(scene.world.people.bank[scene.market.people(1, minor=True)][0])
        found.append(np.array([minor], dtype=np.int32))
        of_dealer.append(np.array([0]))
    account, dealer = np.concatenate(found), np.concatenate(of_dealer)
    order = np.argsort(account, kind="stable")
    return account[order].astype(np.int32), dealer[order], minor


def _open(scene: Scene, persons: I32) -> None:
    """People who run a ring have had their own account for some time."""
    accounts = scene.world.people.bank[persons]
    opened = scene.world.accounts.opened
    opened[accounts] = np.minimum(opened[accounts], scene.world.scale.first_day - 30)


def _hire(scene: Scene, count: int, city: int) -> I32:
    """So many cards of holders near a dealer; some hand over two."""
    second, people = scene.p["platform.second_card"], scene.world.people
    persons = scene.market.people(max(1, round(count / (1 + 0.4 * second))), city=city)
    both = persons[(people.second[persons] >= 0) & (scene.chance.random(len(persons)) < second)]
    cards = np.concatenate([scene.market.cards(persons), people.second[both]])
    if len(cards) < count:
        cards = np.concatenate([cards, scene.market.cards(scene.market.people(count - len(cards), city=city))])
    return cards[:count].astype(np.int32)


def _jobs(scene: Scene, plan: Plan, size: int) -> Ints:
    """What each card does."""
    p = scene.p
    counts = [
        max(plan.cells, round(p["platform.transit_cards"] * size)),
        max(plan.cells, round(p["platform.payout_cards"] * size)),
        round(p["platform.settlement_cards"] * size),
    ]
    job = np.repeat([TRANSIT, PAYOUT, SETTLE, COLLECT], [*counts, size - sum(counts)])
    return scene.chance.permutation(job)


def _rooms(chance: np.random.Generator, plan: Plan, job: Ints) -> Ints:
    """Which studio works each card: every one has some of each sort, and the more the longer it works."""
    weight = np.maximum(plan.ends - plan.begins, 1).astype(np.float64)
    heap, count = np.cumsum(weight / weight.sum()), len(weight)
    found = np.zeros(len(job), dtype=np.int64)
    for sort in np.unique(job).tolist():
        rows = chance.permutation(np.flatnonzero(job == sort))
        first, rest = rows[:count], rows[count:]
        found[first] = chance.permutation(count)[: len(first)] if plan.cells == 1 else np.arange(len(first))
        found[rest] = np.minimum(np.searchsorted(heap, (np.arange(len(rest)) + 0.5) / max(len(rest), 1)), count - 1)
    return found


def open_in_time(gang: Gang) -> None:
    """Some cards are opened for the ring shortly before their first use, a dealer's often at one outlet.

    So are those that would not be open yet.
    """
    scene, cards, chance = gang.scene, gang.cards, gang.chance
    table = scene.world.accounts
    used = cards.start < NEVER
    day = seasons.day_of(np.where(used, cards.start, 0))
    main = scene.world.people.bank[table.person[cards.account]] == cards.account
    fresh = chance.random(len(cards)) < scene.p["platform.fresh"] * np.where(main, 0.6, 2.0)
    fresh = used & (fresh | (table.opened[cards.account] > day - 3)) & (cards.account != gang.minor)
    rows = np.flatnonzero(fresh)
    city = scene.world.people.region[gang.people["dealer"][cards.dealer[rows]]]
    institution = table.institution[cards.account[rows]]
    outlet = bank_outlet(institution, city, cards.dealer[rows] % OUTLETS_OF_A_CITY)
    together = chance.random(len(rows)) < 0.4
    outlet = np.where(together, outlet, table.outlet[cards.account[rows]])
    opened = day[rows] - 3 - chance.exponential(14, len(rows)).astype(np.int64)
    scene.market.reopen(cards.account[rows], opened, outlet=outlet)
    late = used & ~fresh & (table.opened[cards.account] > day - 3)
    table.opened[cards.account[late]] = day[late] - 20
