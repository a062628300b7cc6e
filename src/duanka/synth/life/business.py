"""Trade: firms among themselves, the self-employed on their personal accounts, taxes, tills that are emptied."""

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Ints, below, lognormal, normal, share
from duanka.synth.life.country import Country, city_of
from duanka.synth.life.everyday import round_sums
from duanka.synth.movements import NO_DEVICE, Movements, movements, nothing
from duanka.synth.words import W
from duanka.synth.world import F

Chance = np.random.Generator

_SELF_EMPLOYED, _FIRMS = 0.09, 0.05
_SWEEPS = 0.35  # of merchants, those who move the till to the bank now and then


def business(country: Country, days: Ints, chance: Chance) -> list[Movements]:
    """All payments of these sorts on these days."""
    scale = country.world.scale
    expected = scale.payments * len(days) / scale.days
    return [
        *_self_employed(country, days, chance, int(chance.poisson(expected * _SELF_EMPLOYED))),
        _firms(country, days, chance, int(chance.poisson(expected * _FIRMS))),
        _tills(country, days, chance),
        _revenue(country, days, chance),
        _taxes(country, days, chance),
    ]


def _self_employed(country: Country, days: Ints, chance: Chance, size: int) -> list[Movements]:
    """Wholesalers, builders, traders on personal cards: paid in thousands, paying their own suppliers within hours.

    Their turnover is far above a wage, as heavy-tailed as a mule's, and most of it passes through.
    """
    weight = np.cumsum(np.exp(1.25 * normal(country.merchants, 81)))
    who = np.minimum(np.searchsorted(weight, chance.random(size) * weight[-1]), len(country.merchants) - 1)
    trader = country.merchants[who].astype(np.int64)
    people = country.world.people
    own = people.bank[trader]
    tie = country.favourite(trader, chance.random(size), salt=2, ties=30)
    buyer = country.merchants[below(tie, 82, len(country.merchants))]
    company = country.local["small"].pick(city_of(country.world, trader), share(tie, 83))
    payer = np.where(below(tie, 84, 10) < 6, people.bank[buyer], company)
    amount = round_sums(chance, lognormal(chance, 5_200, 1.25, size) * np.exp(0.5 * normal(trader, 85)))
    week = seasons.days_of(chance, days, "work", size)
    time = seasons.at(week, seasons.clock(chance, "market", size))
    receipts = movements(time, payer, own, amount, W["goods"])
    on = chance.random(size) < 0.62
    source = country.favourite(trader, chance.random(size), salt=3, ties=6)
    wholesaler = country.local["wholesale"].pick(city_of(country.world, trader), share(source, 86))
    person = people.bank[country.merchants[below(source, 87, len(country.merchants))]]
    seller = np.where(below(source, 88, 10) < 5, wholesaler, person)
    later = time + (lognormal(chance, 4.0, 1.5, size) * 3600).astype(np.int64)
    cost = round_sums(chance, amount / 100 * chance.uniform(0.68, 0.99, size))
    return [receipts, movements(later[on], own[on], seller[on], cost[on], W["goods"])]


def _firms(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """Firms buy of firms, mostly of the same few."""
    world = country.world
    weight = np.cumsum(world.firms.size)
    buyer = np.minimum(np.searchsorted(weight, chance.random(size) * weight[-1]), len(world.firms) - 1)
    tie = country.favourite(buyer, chance.random(size), salt=4, ties=9)
    seller = country.world.firms.account[below(tie, 89, len(world.firms))]
    amount = round_sums(chance, lognormal(chance, 16_000, 1.3, size))
    time = seasons.at(seasons.days_of(chance, days, "work", size), seasons.clock(chance, "office", size))
    return movements(time, world.firms.account[buyer], seller, amount, W["goods"])


def _tills(country: Country, days: Ints, chance: Chance) -> Movements:
    """Merchants move what their till took to the bank every few days."""
    people = country.world.people
    active = share(country.merchants, 90) < _SWEEPS
    person, till = country.merchants[active], country.till[active]
    every = 3 + below(person, 91, 12)
    made = []
    for day in days.tolist():
        due = (day + person) % every == 0
        count = int(due.sum())
        time = seasons.at(np.full(count, day), seasons.clock(chance, "night", count))
        amount = round_sums(chance, lognormal(chance, 600, 0.9, count))
        made.append((time, till[due], people.bank[person[due]], amount))
    if not made:
        return nothing()
    time, payer, payee, amount = (np.concatenate(column) for column in zip(*made, strict=True))
    return movements(time, payer, payee, amount, W["withdraw"])


def _revenue(country: Country, days: Ints, chance: Chance) -> Movements:
    """Employers are paid by the state, groups and wholesalers about what their payroll takes and more."""
    world = country.world
    people, firms = world.people, world.firms
    paid = people.employer >= 0
    payroll = np.bincount(people.employer[paid], people.pay[paid], minlength=len(firms))
    rich = np.concatenate([country.by_kind[kind] for kind in ("state", "group", "lender")])
    needs = np.flatnonzero((payroll > 0) & ~np.isin(firms.kind, [F["state"], F["group"]]))
    times = chance.poisson(4 * len(days) / 30, len(needs))
    firm = np.repeat(needs, times)
    size = len(firm)
    amount = round_sums(chance, payroll[firm] / 100 / 4 * 1.35 * lognormal(chance, 0.9, 0.5, size))
    time = seasons.at(seasons.days_of(chance, days, "work", size), seasons.clock(chance, "office", size))
    customer = rich[below(firm * 8 + chance.integers(0, 3, size), 92, len(rich))]
    return movements(time, customer, firms.account[firm], amount, W["goods"])


def _taxes(country: Country, days: Ints, chance: Chance) -> Movements:
    """Around the 15th of the month, firms that trade pay taxes and social insurance."""
    world = country.world
    firms = world.firms
    due = days[np.abs(seasons.of_month(days) - 13) <= 2]
    state = country.by_kind["state"]
    made = []
    for day in due.tolist():
        firm = np.flatnonzero((chance.random(len(firms)) < 0.16) & (firms.kind != F["state"]))
        amount = np.round(firms.size[firm] * lognormal(chance, 2_600, 1.0, len(firm)) * 100).astype(np.int64)
        time = seasons.at(np.full(len(firm), day), seasons.clock(chance, "office", len(firm)))
        made.append((time, firms.account[firm], state[firms.region[firm] % len(state)], amount))
    if not made:
        return nothing()
    time, payer, payee, amount = (np.concatenate(column) for column in zip(*made, strict=True))
    return movements(time, payer, payee, amount, W["tax"], device=NO_DEVICE)
