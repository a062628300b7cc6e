"""Peoples the country: households, jobs, firms, accounts, SIMs and devices, as numbers before anything happens."""

import numpy as np

from duanka.synth.chance import Array, Ints, below, lognormal, stream
from duanka.synth.parameters import Parameters
from duanka.synth.scales import Scale
from duanka.synth.world import (
    ALIPAY,
    BANKS,
    F32,
    FAR,
    FIRM_KINDS,
    I8,
    I32,
    I64,
    INSTITUTIONS,
    OPERATOR_IS_IOT,
    OUTLETS_OF_A_CITY,
    REGIONS,
    TENPAY,
    A,
    Accounts,
    D,
    Devices,
    F,
    Firms,
    Innocents,
    J,
    N,
    Networks,
    People,
    Sims,
    World,
    bank_outlet,
    more_devices,
    more_networks,
    telecom_outlet,
)

_ALIPAY, _TENPAY = INSTITUTIONS.index(ALIPAY), INSTITUTIONS.index(TENPAY)
_YEAR = 365.25
_EMPLOYERS = ("factory", "office", "freight", "school", "group", "state", "wholesale", "online", "estate")


def populate(seed: int, scale: Scale, parameters: Parameters) -> World:
    """The country on the first morning. O(people + firms)."""
    networks = _networks(scale)
    people, devices, sims = _people(seed, scale, parameters, networks)
    firms = _firms(seed, scale, people)
    _offices(firms, people, devices, networks, stream(seed, "offices"))
    _employ(seed, scale, parameters, people, firms)
    accounts = _accounts(seed, scale, parameters, people, firms)
    return World(seed, scale, parameters, people, firms, accounts, sims, devices, networks, Innocents())


def _networks(scale: Scale) -> Networks:
    """CGNATs (four a city), campuses (one a city), bank gateways (one a city), then homes and offices as they come."""
    kinds = np.repeat([N["mobile"], N["campus"], N["gateway"]], [4 * REGIONS, REGIONS, REGIONS]).astype(np.int8)
    regions = np.concatenate([np.repeat(np.arange(REGIONS), 4), np.arange(REGIONS), np.arange(REGIONS)])
    del scale
    return Networks(kinds, regions.astype(np.int16))


def cgnat(region: Array, pick: Array) -> Array:
    """Row of one of the four CGNATs of a city."""
    return region.astype(np.int64) * 4 + pick


def campus(region: Array) -> Array:
    """Row of a city's campus network."""
    return 4 * REGIONS + region.astype(np.int64)


def _people(seed: int, scale: Scale, p: Parameters, networks: Networks) -> tuple[People, Devices, Sims]:
    chance, size = stream(seed, "people"), scale.people
    weight = 1 / (np.arange(REGIONS) % 7 + 1.5)  # cities of unlike sizes
    region = np.sort(chance.choice(REGIONS, size=size, p=weight / weight.sum())).astype(np.int16)
    starts = np.concatenate([[True], (chance.random(size - 1) < p["people.household_ends"]) | (np.diff(region) > 0)])
    household = (np.cumsum(starts) - 1).astype(np.int32)
    age = np.clip(chance.gamma(4.2, 9.5, size) + 8, 8, 92)
    age[chance.random(size) < p["people.young"]] = chance.uniform(18, 27)
    birth = (scale.first_day - age * _YEAR - chance.integers(0, 365, size)).astype(np.int32)
    away = chance.random(size) < p["people.away_from_home"]
    origin = np.where(away, chance.integers(0, REGIONS, size), region).astype(np.int16)
    job = _jobs(chance, (scale.first_day - birth) / _YEAR)
    line_of = np.full(household[-1] + 1, -1, dtype=np.int32)
    line_of[:] = np.arange(len(networks), len(networks) + len(line_of))
    networks.kind = np.append(networks.kind, np.full(len(line_of), N["home"], dtype=np.int8))
    networks.region = np.append(networks.region, region[starts])
    home = line_of[household]
    home = np.where((job == J["student"]) & (chance.random(size) < 0.8), campus(region), home)
    devices = Devices(
        np.full(size, D["phone"], dtype=np.int8),
        home.astype(np.int32),
        cgnat(region, chance.integers(0, 4, size)).astype(np.int32),
    )
    device = np.arange(size, dtype=np.int32)
    head = np.flatnonzero(starts)[household].astype(np.int32)  # the first of the household
    shares = (chance.random(size) < p["people.shares_phone"]) & (age > 60) | ((age < 15) & (chance.random(size) < 0.8))
    device = np.where(shares, head, device).astype(np.int32)
    changes = chance.random(size) < p["people.new_phone_a_year"] * scale.days / 365
    following = devices_of_the_next(devices, np.flatnonzero(changes))
    next_device = device.copy()
    next_device[changes] = following
    change_day = np.full(size, FAR, dtype=np.int32)
    change_day[changes] = scale.first_day + chance.integers(0, scale.days, int(changes.sum()))
    activity = lognormal(chance, 1.0, p["life.spread"], size)
    activity *= np.array([0.15, 0.8, 1.1, 1.3, 1.1, 1.3, 0.6, 0.7, 0.4, 0.6])[job]
    people = People(
        region=region, origin=origin, birth=birth, female=chance.random(size) < 0.5, household=household, job=job,
        employer=_none(size), pay=np.zeros(size, dtype=np.int64),
        activity=(activity / activity.mean()).astype(np.float32), wealth=np.zeros(size, dtype=np.int64),
        bank=_none(size), second=_none(size), alipay=_none(size), wechat=_none(size), ecny=_none(size),
        sim=_none(size), device=device, next_device=next_device, change_day=change_day,
    )  # fmt: skip
    return people, devices, _sims(seed, scale, p, people)


def devices_of_the_next(devices: Devices, owners: Array) -> Array:
    """A new phone on the same lines for each of these devices; returns their rows."""
    first = len(devices)
    devices.kind = np.append(devices.kind, devices.kind[owners])
    devices.network = np.append(devices.network, devices.network[owners])
    devices.mobile = np.append(devices.mobile, devices.mobile[owners])
    return np.arange(first, first + len(owners), dtype=np.int32)


def _none(size: int) -> I32:
    return np.full(size, -1, dtype=np.int32)


def _jobs(chance: np.random.Generator, age: Array) -> I8:
    size = len(age)
    grown = chance.choice(
        [J["worker"], J["office"], J["driver"], J["merchant"], J["farmer"], J["carer"], J["none"]],
        size=size,
        p=[0.34, 0.24, 0.06, 0.12, 0.12, 0.07, 0.05],
    )
    draw = chance.random(size)
    job = np.where(age < 16, J["child"], grown)
    job = np.where((age >= 16) & (age < 23) & (draw < 0.65), J["student"], job)
    return np.where((age > 60) & (draw < 0.8), J["retired"], job).astype(np.int8)


def _sims(seed: int, scale: Scale, p: Parameters, people: People) -> Sims:
    """One SIM each, a second one for some, and the machines' IoT cards."""
    chance, size = stream(seed, "sims"), len(people)
    extra = np.flatnonzero(chance.random(size) < p["people.second_sim"])
    person = np.concatenate([np.arange(size), extra])
    count = len(person)
    operator = chance.choice(5, size=count, p=[0.52, 0.21, 0.18, 0.05, 0.04])
    opened = scale.first_day - (chance.exponential(4.5, count) * 365).astype(np.int64) - 3
    fresh = chance.random(count) < p["people.opens_in_the_period"] * scale.days / 365
    opened[fresh] = scale.first_day + chance.integers(0, scale.days, int(fresh.sum()))
    people.sim[:] = np.arange(size)
    machines = size // 60
    owners = chance.integers(0, size, machines)
    person = np.concatenate([person, owners])
    operator = np.concatenate([operator, np.full(machines, OPERATOR_IS_IOT)])
    opened = np.concatenate([opened, scale.first_day - chance.integers(1, 1500, machines)])
    region = people.region[person]
    return Sims(
        person=person.astype(np.int32),
        kind=np.where(operator == OPERATOR_IS_IOT, 2, np.isin(operator, (3, 4))).astype(np.int8),
        operator=operator.astype(np.int8),
        opened=opened.astype(np.int32),
        outlet=telecom_outlet(operator, region, chance.integers(0, OUTLETS_OF_A_CITY, len(person))),
        device=people.device[person].astype(np.int32),
    )


def _firms(seed: int, scale: Scale, people: People) -> Firms:
    chance, size = stream(seed, "firms"), scale.firms
    weights = np.array([0.44, 0.06, 0.05, 0.08, 0.12, 0.03, 0.02, 0.01, 0.003, 0.006, 0.012, 0.02, 0.006, 0.14, 0.003])
    kind = chance.choice(len(FIRM_KINDS), size=size, p=weights / weights.sum()).astype(np.int8)
    kind[: len(FIRM_KINDS)] = np.arange(len(FIRM_KINDS))  # at least one of each
    grown = np.flatnonzero((scale.first_day - people.birth) > 21 * _YEAR)
    owner = chance.choice(grown, size=size).astype(np.int32)
    founded = scale.first_day - (chance.exponential(6, size) * 365).astype(np.int64) - 5
    fresh = (chance.random(size) < 0.06 * scale.days / 365) & np.isin(kind, (F["shop"], F["small"], F["online"]))
    founded[fresh] = scale.first_day + chance.integers(0, scale.days, int(fresh.sum()))
    return Firms(
        kind=kind,
        region=people.region[owner],
        founded=founded.astype(np.int32),
        owner=owner,
        account=_none(size),
        payday=chance.choice([5, 8, 10, 12, 15, 18, 20, 25, 28], size=size).astype(np.int8),
        size=lognormal(chance, 1.0, 1.0, size).astype(np.float32),
        device=_none(size),
    )


def _offices(firms: Firms, people: People, devices: Devices, networks: Networks, chance: np.random.Generator) -> None:
    """Larger firms pay from a computer on their own line, the others from the owner's phone."""
    firms.device[:] = people.device[firms.owner]
    has = np.flatnonzero((firms.size > 0.6) & (chance.random(len(firms)) < 0.8) & (firms.kind != F["shop"]))
    lines = more_networks(networks, "office", firms.region[has])
    firms.device[has] = more_devices(devices, "computer", lines, np.full(len(has), -1))


def _employ(seed: int, scale: Scale, p: Parameters, people: People, firms: Firms) -> None:
    """Workers, clerks and drivers work for a firm of their city where there is one; pensioners for the state."""
    chance = stream(seed, "work")
    hires = np.flatnonzero(np.isin(firms.kind, [F[kind] for kind in _EMPLOYERS]))
    weight = firms.size[hires] * np.where(np.isin(firms.kind[hires], (F["factory"], F["state"], F["group"])), 6, 1)
    working = np.isin(people.job, (J["worker"], J["office"], J["driver"]))
    chosen = np.full(len(people), -1, dtype=np.int32)
    for region in range(REGIONS):
        here = np.flatnonzero(working & (people.region == region))
        local = firms.region[hires] == region
        among, weights = (hires[local], weight[local]) if local.any() else (hires, weight)
        chosen[here] = chance.choice(among, size=len(here), p=weights / weights.sum())
    state = np.flatnonzero(firms.kind == F["state"])
    retired = np.flatnonzero(people.job == J["retired"])
    chosen[retired] = chance.choice(state, size=len(retired))
    people.employer[:] = chosen
    median = np.array([0, 0, 5_200, 8_500, 6_500, 0, 0, 0, 3_100, 0], dtype=np.float64)[people.job]
    paid = lognormal(chance, 1.0, p["people.pay_spread"], len(people)) * median * 100
    people.pay[:] = np.where(chosen >= 0, np.round(paid / 100) * 100, 0).astype(np.int64)
    income = np.maximum(people.pay, 250_000)
    people.wealth[:] = (income * lognormal(chance, p["people.months_saved"], 1.1, len(people))).astype(np.int64)
    del scale


class _Desk:
    """Opens accounts, one batch after the other; the rows of a batch are returned."""

    def __init__(self) -> None:
        self.batches: list[tuple[I32, I32, Array, int, I32, I32, I32]] = []
        self.size = 0

    def open(
        self,
        persons: Array,
        firms: Array,
        institution: Array,
        kind: str,
        opened: Array,
        outlet: Array,
        sim: Array,
    ) -> I32:
        rows = np.arange(self.size, self.size + len(persons), dtype=np.int32)
        self.batches.append((persons, firms, institution, A[kind], opened, outlet, sim))
        self.size += len(persons)
        return rows

    def accounts(self) -> Accounts:
        columns = list(zip(*self.batches, strict=True))
        kinds = np.repeat(columns[3], [len(b[0]) for b in self.batches])
        rest = [np.concatenate(columns[i]) for i in (0, 1, 2, 4, 5, 6)]
        zero = np.zeros(self.size, dtype=np.int64)
        return Accounts(
            person=rest[0].astype(np.int32),
            firm=rest[1].astype(np.int32),
            institution=rest[2].astype(np.int16),
            kind=kinds.astype(np.int8),
            opened=rest[3].astype(np.int32),
            closed=np.full(self.size, FAR, dtype=np.int32),
            outlet=rest[4].astype(np.int32),
            sim=rest[5].astype(np.int32),
            balance=zero.copy(),
            blocked_from=zero.copy(),
            blocked_to=zero.copy(),
        )


def _accounts(seed: int, scale: Scale, p: Parameters, people: People, firms: Firms) -> Accounts:
    chance, desk, size = stream(seed, "accounts"), _Desk(), len(people)
    everyone = np.arange(size)
    age = (scale.first_day - people.birth) / _YEAR
    head = np.searchsorted(people.household, people.household)  # the first person of each one's household

    def open_for(who: Array, institution: Array, kind: str) -> I32:
        years = np.minimum(chance.exponential(5, len(who)), np.maximum(age[who] - 7, 0.1))
        opened = scale.first_day - (years * 365).astype(np.int64) - 2
        fresh = chance.random(len(who)) < p["people.opens_in_the_period"] * scale.days / 365
        opened[fresh] = scale.first_day + chance.integers(0, scale.days, int(fresh.sum()))
        # some opened where they are from, or where they worked before: not a sign of anything
        away = chance.random(len(who)) < p["people.opened_elsewhere"]
        place = np.where(away, people.origin[who], people.region[who])
        outlet = bank_outlet(institution, place, chance.integers(0, OUTLETS_OF_A_CITY, len(who)))
        relatives = chance.random(len(who)) < p["people.relatives_phone"]  # allowed: 银发〔2016〕261号 (七)
        sim = np.where(relatives, people.sim[head[who]], people.sim[who])
        return desk.open(who, np.full(len(who), -1), institution, kind, opened, outlet, sim)

    def some(share_of: float, *, least: float = 14) -> Array:
        return everyone[(chance.random(size) < share_of) & (age > least)]

    banks = np.array([0.19, 0.17, 0.12, 0.14, 0.06, 0.08, 0.05, 0.11, 0.05, 0.03])
    main = chance.choice(len(BANKS), size=size, p=banks)
    people.bank[:] = open_for(everyone, main, "personal_i")
    who = some(p["people.second_account"], least=17)
    another = (main[who] + 1 + below(who, 4, len(BANKS) - 1)) % len(BANKS)  # one account of class I a person and bank
    people.second[who] = open_for(who, another, "personal_i")
    for kind, probability in (("personal_ii", 0.10), ("personal_iii", 0.05)):
        who = some(p["people.second_account"] * probability * 3, least=16)
        open_for(who, chance.integers(0, len(BANKS), len(who)), kind)
    for column, institution, kind, name in (
        (people.alipay, _ALIPAY, "payment_alipay", "people.alipay"),
        (people.wechat, _TENPAY, "payment_wechat", "people.wechat"),
    ):
        who = some(p[name], least=12)
        column[who] = open_for(who, np.full(len(who), institution), kind)
    who = some(p["people.ecny"], least=18)
    people.ecny[who] = open_for(who, chance.integers(0, 6, len(who)), "ecny_wallet")
    _open_for_firms(chance, desk, p, people, firms)
    accounts = desk.accounts()
    _fill(seed, people, firms, accounts)
    return accounts


def _open_for_firms(
    chance: np.random.Generator, desk: _Desk, p: Parameters, people: People, firms: Firms
) -> None:  # fmt: skip
    """An account each; some small ones are opened by an agent (代办) who gives his own phone and goes to one outlet."""
    size = len(firms)
    institution = chance.integers(0, len(BANKS), size)
    outlet = bank_outlet(institution, firms.region, chance.integers(0, OUTLETS_OF_A_CITY, size))
    opened = firms.founded + chance.integers(1, 20, size)
    sim = people.sim[firms.owner]
    served, agent = _agents(chance, p, people, firms)
    sim[served] = people.sim[agent]
    outlet[served] = bank_outlet(institution[served], people.region[agent], agent % OUTLETS_OF_A_CITY)
    nobody = np.full(size, -1)
    firms.account[:] = desk.open(nobody, np.arange(size), institution, "corporate", opened, outlet, sim)


def _agents(chance: np.random.Generator, p: Parameters, people: People, firms: Firms) -> tuple[Ints, Ints]:
    """Small firms that an agent registered, and the agent's person for each: several neighbours have the same one.

    Without them, small firms that share a phone would all be a ring's shells (domain.md TX18).
    """
    small = np.flatnonzero(np.isin(firms.kind, (F["small"], F["online"])))
    served = small[chance.random(len(small)) < p["people.agents_phone"]]
    served = served[np.argsort(firms.region[served], kind="stable")]
    groups = np.arange(len(served)) // max(1, p.whole("people.firms_of_an_agent"))
    grown = np.flatnonzero(people.job > J["child"])
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    city = people.region[grown]
    agents = [
        chance.choice(near if len(near := grown[city == region]) else grown)
        for region in firms.region[served[first]].tolist()
    ]
    return served, np.array(agents, dtype=np.int64)[groups]


def _fill(seed: int, people: People, firms: Firms, accounts: Accounts) -> None:
    """What lies in each account on the first morning; an account that opens later begins empty."""
    chance = stream(seed, "balances")
    of_person = accounts.person >= 0
    wealth = people.wealth[np.where(of_person, accounts.person, 0)]
    part: F32 = np.array([0.8, 0.05, 0.002, 0, 0.06, 0.05, 0.01, 0], dtype=np.float32)[accounts.kind]
    cents: I64 = (wealth * part * lognormal(chance, 1.0, 0.5, len(accounts))).astype(np.int64)
    firm = np.where(of_person, 0, accounts.firm)
    payroll = np.bincount(people.employer[people.employer >= 0], people.pay[people.employer >= 0], minlength=len(firms))
    turnover = firms.size * 8_000_000
    held = (payroll * chance.uniform(1.5, 6, len(firms)) + turnover * chance.uniform(0.2, 2, len(firms))).astype(
        np.int64
    )
    rich = np.isin(firms.kind, [F[k] for k in ("state", "lender", "telecom", "utility", "group")])
    held = np.where(rich, held + 50_000_000_000, held)
    accounts.balance[:] = np.where(of_person, cents, held[firm])
    cap = np.full(len(accounts), np.iinfo(np.int64).max)
    cap[accounts.kind == A["personal_iii"]] = 180_000
    cap[accounts.kind == A["ecny_wallet"]] = 900_000  # under what a wallet of class 4 may hold
    accounts.balance[:] = np.minimum(accounts.balance, cap)
