"""What hard innocents do beyond what everybody does."""

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, below, lognormal, normal, share
from duanka.synth.life.cast import Cast
from duanka.synth.life.country import Country, city_of
from duanka.synth.life.everyday import priced, round_sums
from duanka.synth.movements import CASH, Movements, movements, nothing
from duanka.synth.words import W
from duanka.synth.world import I32, J

Chance = np.random.Generator


def innocent_life(country: Country, cast: Cast, days: Ints, chance: Chance) -> list[Movements]:
    """What they do on these days beyond what everybody does."""
    made = []
    for day in days.tolist():
        made += _receipts(country, cast, "village_shop", day, chance, a_day=38, median=19.0, hours="day", open_on=0.92)
        made += _receipts(
            country, cast, "online_seller", day, chance, a_day=17, median=74.0, hours="evening", open_on=1.0
        )
        made += _group_buy(country, cast, day, chance)
        made += _wholesalers(country, cast, day, chance)
        made += _travel(country, cast, day, chance)
        made += _fees(country, cast, day, chance)
        made += _sweeps(country, cast, day, chance)
        made += _freight(country, cast, day, chance)
        made += _treasury(cast, day, chance)
        made += _payrolls(country, cast, day, chance)
        made += _salary_movers(country, cast, day, chance)
    made.append(_weddings(country, cast, days, chance))
    return made


def _pace(persons: Array, salt: int) -> Array:
    """How busy each is against its kind, always the same."""
    return np.exp(0.7 * normal(persons, salt))


def _crowd(country: Country, hosts: Array, chance: Chance, *, near: float) -> Ints:
    """A payer for each host: somebody of the neighbourhood, or of anywhere."""
    size = len(country.world.people)
    local = np.minimum((hosts // 256) * 256 + chance.integers(0, 256, len(hosts)), size - 1)
    return np.where(chance.random(len(hosts)) < near, local, chance.integers(0, size, len(hosts)))


def _receipts(
    country: Country,
    cast: Cast,
    kind: str,
    day: int,
    chance: Chance,
    *,
    a_day: float,
    median: float,
    hours: str,
    open_on: float,
) -> list[Movements]:
    """Many small receipts from many people, restocking, refunds, withdrawals at night."""
    persons, accounts = cast.persons[kind], cast.accounts[kind]
    busy = _pace(persons, 201) * (share(persons + day * 131, 202) < open_on)
    count = chance.poisson(a_day * busy)
    which = np.repeat(np.arange(len(persons)), count)
    size = len(which)
    web = kind == "online_seller"
    payer = _crowd(country, persons[which].astype(np.int64), chance, near=0.05 if web else 0.85)
    time = seasons.at(np.full(size, day), seasons.clock(chance, hours, size))
    amount = priced(chance, lognormal(chance, median, 0.9, size) * _pace(persons, 203)[which])
    word = W["purchase"] if web else W["code"]
    made = [movements(time, country.account(payer, chance.random(size)), accounts[which], amount, word)]
    if web:
        back = chance.random(size) < 0.07
        returns = int(back.sum())
        later = time[back] + chance.integers(3_600, 6 * 86_400, returns)
        buyer = country.account(payer[back], chance.random(returns))
        made.append(movements(later, accounts[which[back]], buyer, amount[back], W["refund"]))
    taken = np.bincount(which, amount, minlength=len(persons))
    made += _empty_till(country, persons, accounts, taken, day, chance)
    return made


def _empty_till(
    country: Country, persons: I32, accounts: I32, taken: Array, day: int, chance: Chance
) -> list[Movements]:
    """In the evening most of the day's takings go to the own bank account, and on to suppliers every few days."""
    bank = country.world.people.bank[persons]
    moves = (chance.random(len(persons)) < 0.6) & (taken > 2_000) & (bank != accounts)
    count = int(moves.sum())
    time = seasons.at(np.full(count, day), seasons.clock(chance, "night", count))
    amount = round_sums(chance, taken[moves] / 100 * chance.uniform(0.7, 1, count))
    out = movements(time, accounts[moves], bank[moves], amount, W["withdraw"])
    buys = (persons + day) % 4 == 0
    count = int(buys.sum())
    source = country.favourite(persons[buys].astype(np.int64), chance.random(count), salt=5, ties=3)
    supplier = country.local["wholesale"].pick(city_of(country.world, persons[buys]), share(source, 204))
    time = seasons.at(np.full(count, day), seasons.clock(chance, "market", count))
    amount = round_sums(chance, taken[buys] / 100 * chance.uniform(1.8, 3.4, count) + 50)
    return [out, movements(time, bank[buys], supplier, amount, W["goods"])]


def _group_buy(country: Country, cast: Cast, day: int, chance: Chance) -> list[Movements]:
    """Neighbours pay the leader within an evening; the leader pays the supplier within the hour and keeps a little."""
    persons, accounts = cast.persons["group_buy"], cast.accounts["group_buy"]
    on = share(persons + day * 17, 211) < 0.45
    persons, accounts = persons[on], accounts[on]
    count = chance.poisson(32 * _pace(persons, 212))
    which = np.repeat(np.arange(len(persons)), count)
    size = len(which)
    payer = _crowd(country, persons[which].astype(np.int64), chance, near=0.95)
    begin = 18 * 3600 + below(persons + day, 213, 2 * 3600)
    time = seasons.at(np.full(size, day), begin[which] + (chance.beta(1.5, 3, size) * 7_000).astype(np.int64))
    price = priced(chance, lognormal(chance, 36, 0.4, len(persons)))
    amount = price[which] * chance.choice([1, 1, 1, 2, 2, 3], size)
    ins = movements(time, country.account(payer, chance.random(size)), accounts[which], amount, W["transfer"])
    total = np.bincount(which, amount, minlength=len(persons)) / 100
    after = seasons.at(np.full(len(persons), day), begin + 7_000 + chance.integers(120, 3_600, len(persons)))
    supplier = country.local["wholesale"].pick(city_of(country.world, persons), share(persons, 214))
    paid = np.round(total * chance.uniform(0.9, 0.985, len(persons)) * 100).astype(np.int64)
    return [ins, movements(after, accounts, supplier, paid, W["goods"])]


def _wholesalers(country: Country, cast: Cast, day: int, chance: Chance) -> list[Movements]:
    """Market wholesalers on personal cards: large receipts from early morning on, paid on the same day."""
    persons, accounts = cast.persons["wholesaler"], cast.accounts["wholesaler"]
    count = chance.poisson(5.5 * _pace(persons, 221))
    which = np.repeat(np.arange(len(persons)), count)
    size = len(which)
    tie = country.favourite(persons[which].astype(np.int64), chance.random(size), salt=6, ties=40)
    buyer = country.merchants[below(tie, 222, len(country.merchants))]
    time = seasons.at(np.full(size, day), seasons.clock(chance, "market", size))
    amount = round_sums(chance, lognormal(chance, 3_800, 1.0, size))
    ins = movements(time, country.world.people.bank[buyer], accounts[which], amount, W["goods"])
    parts = np.repeat(np.arange(len(persons)), 2)
    total = np.bincount(which, amount, minlength=len(persons))[parts] / 100
    after = seasons.at(np.full(len(parts), day), 15 * 3600 + chance.integers(0, 7 * 3600, len(parts)))
    source = country.favourite(persons[parts].astype(np.int64), chance.random(len(parts)), salt=7, ties=3)
    seller = country.by_kind["wholesale"][below(source, 223, len(country.by_kind["wholesale"]))]
    paid = round_sums(chance, total / 2 * chance.uniform(0.8, 1.04, len(parts)) + 1)
    return [ins, movements(after, accounts[parts], seller, np.where(total > 0, paid, 0), W["goods"])]


def _travel(country: Country, cast: Cast, day: int, chance: Chance) -> list[Movements]:
    """Travel agents: lumps from customers, at any hour, handed on to carriers and hotels in minutes, less a margin."""
    persons, accounts = cast.persons["travel_agent"], cast.accounts["travel_agent"]
    count = chance.poisson(5 * _pace(persons, 231))
    which = np.repeat(np.arange(len(persons)), count)
    size = len(which)
    payer = _crowd(country, persons[which].astype(np.int64), chance, near=0.3)
    time = seasons.at(np.full(size, day), seasons.clock(chance, "round", size))
    amount = round_sums(chance, lognormal(chance, 2_300, 0.9, size))
    ins = movements(time, country.account(payer, chance.random(size)), accounts[which], amount, W["travel"])
    carrier = country.by_kind["travel"][below(chance.integers(0, 1 << 30, size), 232, len(country.by_kind["travel"]))]
    after = time + (lognormal(chance, 9, 1.2, size) * 60).astype(np.int64)
    paid = np.round(amount * chance.uniform(0.9, 0.99, size)).astype(np.int64)
    return [ins, movements(after, accounts[which], carrier, paid, W["travel"])]


def _fees(country: Country, cast: Cast, day: int, chance: Chance) -> list[Movements]:
    """Those who collect fees for an estate, a class, a club: a few days a month, then all of it is handed over."""
    persons, accounts = cast.persons["fee_agent"], cast.accounts["fee_agent"]
    season = (day + below(persons, 241, 30)) % 30
    on = season < 4
    persons, accounts, season = persons[on], accounts[on], season[on]
    count = chance.poisson(28 * _pace(persons, 242))
    which = np.repeat(np.arange(len(persons)), count)
    size = len(which)
    payer = _crowd(country, persons[which].astype(np.int64), chance, near=0.97)
    fee = (np.round(lognormal(chance, 260, 0.6, len(persons)) / 10) * 1_000).astype(np.int64)
    time = seasons.at(np.full(size, day), seasons.clock(chance, "day", size))
    ins = movements(time, country.account(payer, chance.random(size)), accounts[which], fee[which], W["fees"])
    total = np.bincount(which, fee[which], minlength=len(persons))
    estate = country.local["estate"].pick(city_of(country.world, persons), share(persons, 243))
    after = seasons.at(np.full(len(persons), day), 21 * 3600 + chance.integers(0, 2 * 3600, len(persons)))
    paid = np.round(total * chance.uniform(0.97, 1, len(persons))).astype(np.int64)
    return [ins, movements(after, accounts, estate, paid, W["fees"])]


def _sweeps(country: Country, cast: Cast, day: int, chance: Chance) -> list[Movements]:
    """Personal merchants whose card is empty every night: the day's receipts go to the other own card."""
    persons = cast.persons["till_sweeper"]
    people = country.world.people
    own, other = people.bank[persons], people.second[persons]
    other = np.where(other >= 0, other, people.alipay[persons])
    count = chance.poisson(2.2 * _pace(persons, 251))
    which = np.repeat(np.arange(len(persons)), count)
    size = len(which)
    payer = _crowd(country, persons[which].astype(np.int64), chance, near=0.5)
    time = seasons.at(np.full(size, day), seasons.clock(chance, "day", size))
    amount = priced(chance, lognormal(chance, 900, 1.1, size) * _pace(persons, 252)[which])
    ins = movements(time, people.bank[payer], own[which], amount, W["code"])
    total = np.bincount(which, amount, minlength=len(persons))
    has = (total > 0) & (other >= 0)
    at_night = seasons.at(np.full(int(has.sum()), day), 22 * 3600 + chance.integers(0, 7_000, int(has.sum())))
    swept = np.round(total[has] * chance.uniform(0.93, 1, int(has.sum()))).astype(np.int64)
    return [ins, movements(at_night, own[has], other[has], swept, W["sweep"])]


def _freight(country: Country, cast: Cast, day: int, chance: Chance) -> list[Movements]:
    """Freight platforms: shippers pay in, drivers are paid within hours, less a fee."""
    accounts = cast.accounts["freight_platform"]
    drivers = np.flatnonzero(country.world.people.job == J["driver"])
    if not len(drivers):
        return []
    size = int(chance.poisson(0.02 * len(drivers)))
    platform = accounts[chance.integers(0, len(accounts), size)]
    shipper = country.world.firms.account[chance.integers(0, len(country.world.firms), size)]
    time = seasons.at(np.full(size, day), seasons.clock(chance, "office", size))
    amount = round_sums(chance, lognormal(chance, 1_900, 0.7, size))
    driver = country.world.people.bank[drivers[chance.integers(0, len(drivers), size)]]
    after = time + (lognormal(chance, 3, 1.0, size) * 3_600).astype(np.int64)
    paid = np.round(amount * chance.uniform(0.9, 0.96, size)).astype(np.int64)
    return [movements(time, shipper, platform, amount, W["freight"]),
            movements(after, platform, driver, paid, W["freight"])]  # fmt: skip


def _treasury(cast: Cast, day: int, chance: Chance) -> list[Movements]:
    """Groups collect their firms' balances in the evening and hand back what is needed in the morning."""
    size = len(cast.subsidiaries)
    amount = round_sums(chance, lognormal(chance, 90_000, 1.0, size))
    evening = seasons.at(np.full(size, day), 17 * 3600 + chance.integers(0, 1_800, size))
    morning = seasons.at(np.full(size, day), 8 * 3600 + chance.integers(0, 1_800, size))
    back = np.round(amount * chance.uniform(0.8, 1, size)).astype(np.int64)
    return [movements(morning, cast.group_of, cast.subsidiaries, back, W["sweep"]),
            movements(evening, cast.subsidiaries, cast.group_of, amount, W["sweep"])]  # fmt: skip


def _payrolls(country: Country, cast: Cast, day: int, chance: Chance) -> list[Movements]:
    """Foremen and agents who are paid a lump for a crew and pay the crew out the same day."""
    persons, accounts = cast.persons["payroll"], cast.accounts["payroll"]
    on = (day + below(persons, 261, 15)) % 15 == 0
    persons, accounts = persons[on], accounts[on]
    firm = country.local["factory"].pick(city_of(country.world, persons), share(persons, 262))
    crew = 12 + below(persons, 263, 70)
    which = np.repeat(np.arange(len(persons)), crew)
    size = len(which)
    wage = round_sums(chance, lognormal(chance, 2_400, 0.35, size))
    worker = np.minimum((persons[which] // 256) * 256 + below(persons[which] * 97 + np.arange(size) % 83, 264, 256),
                        len(country.world.people) - 1)  # fmt: skip
    lump = np.round(np.bincount(which, wage, minlength=len(persons)) * chance.uniform(1.005, 1.04, len(persons)))
    begin = seasons.at(np.full(len(persons), day), 9 * 3600 + chance.integers(0, 5 * 3600, len(persons)))
    after = begin[which] + chance.integers(300, 4 * 3600, size)
    return [movements(begin, firm, accounts, lump.astype(np.int64), W["transfer"]),
            movements(after, accounts[which], country.world.people.bank[worker], wage, W["transfer"])]  # fmt: skip


def _salary_movers(country: Country, cast: Cast, day: int, chance: Chance) -> list[Movements]:
    """The day's pay goes to the own second card within minutes."""
    persons = cast.persons["salary_mover"]
    people, firms = country.world.people, country.world.firms
    number = int(seasons.of_month(np.array([day], dtype=np.int64))[0])
    persons = persons[firms.payday[people.employer[persons]] == number]
    start = 17 * 3600 + 300
    time = seasons.at(np.full(len(persons), day), start + chance.integers(60, 1_800, len(persons)))
    amount = np.round(people.pay[persons] * 0.78 / 100) * 100
    return [movements(time, people.bank[persons], people.second[persons], amount.astype(np.int64), W["transfer"])]


def _weddings(country: Country, cast: Cast, days: Ints, chance: Chance) -> Movements:
    """Gifts from many within two days; then the host pays the feast and puts the rest away, part of it in notes in."""
    now = [(host, day) for host, day in cast.weddings if days[0] <= day <= days[-1]]
    if not now:
        return nothing()
    hosts, when = (np.array(column, dtype=np.int64) for column in zip(*now, strict=True))
    which = np.repeat(np.arange(len(hosts)), chance.integers(25, 110, len(hosts)))
    size = len(which)
    guest = _crowd(country, hosts[which], chance, near=0.8)
    time = seasons.at(when[which] + chance.integers(0, 3, size), seasons.clock(chance, "day", size))
    gift = chance.choice([200, 300, 500, 600, 666, 800, 888, 1_000, 1_200, 2_000], size) * 100
    bank = country.world.people.bank
    feast = country.shops.pick(city_of(country.world, hosts), share(hosts, 271) * 0.3)
    price = round_sums(chance, lognormal(chance, 24_000, 0.4, len(hosts)))
    paid = seasons.at(when + 1, seasons.clock(chance, "day", len(hosts)))
    return movements(
        np.concatenate([time, paid, paid + 3_600]),
        np.concatenate([country.account(guest, chance.random(size)), bank[hosts], np.full(len(hosts), CASH)]),
        np.concatenate([bank[hosts][which], feast, bank[hosts]]),
        np.concatenate([gift, price, np.round(price / 30_000).astype(np.int64) * 10_000]),
        np.concatenate([np.full(size, W["gift"]), np.full(len(hosts), W["code"]), np.full(len(hosts), W["cash_in"])]),
    )
