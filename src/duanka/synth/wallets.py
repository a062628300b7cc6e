"""People's e-CNY wallets of class 4, opened for a campaign or a journey, and what they do with them.

Class 4 needs a phone number only: at most 10,000 yuan held, 2,000 a payment and 5,000 a day (background). Without these
wallets, any wallet that wakes up, is filled from a bank card and ends in notes would be a crew's.
"""

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, lognormal, share
from duanka.synth.life.country import Country, city_of
from duanka.synth.life.everyday import priced
from duanka.synth.movements import CASH, Movements, movements, together
from duanka.synth.words import W
from duanka.synth.world import I32, OUTLETS_OF_A_CITY, REGIONS, A, World, bank_outlet, more_accounts

HELD, SINGLE, A_DAY = 10_000, 2_000, 5_000
"""Limits of class 4 in yuan (background)."""
OPERATORS = 6
"""The first banks of `world.BANKS` offer wallets."""
_HOUR = 3_600


def honest_wallets(world: World, chance: np.random.Generator) -> I32:
    """Open further wallets of honest people, some in their city's campaign days; returns the accounts' rows.

    To be called before the rings are made, or after: rows say nothing then. O(people).
    """
    p, people, first, last = world.parameters, world.people, world.scale.first_day, world.scale.last_day
    age = (first - people.birth) / 365.25
    weight = np.cumsum(np.where((age > 16) & (people.bank >= 0), np.sqrt(people.activity), 0))
    size = round(p["ecny.honest_wallets"] * len(people))
    person = np.searchsorted(weight, chance.random(size) * weight[-1])
    begins = chance.integers(first - 60, last - 3, REGIONS)  # each city's campaign
    region = people.region[person]
    campaign = begins[region] + chance.integers(0, 6, size)
    whenever = chance.integers(first - 200, last - 1, size)
    opened = np.where(chance.random(size) < p["ecny.campaigns"], campaign, whenever)
    bank = (person + chance.integers(0, OPERATORS, size)) % OPERATORS
    outlet = bank_outlet(bank, region, chance.integers(0, OUTLETS_OF_A_CITY, size))
    return more_accounts(
        world.accounts, person, kind="ecny_wallet", institution=bank, opened=opened, outlet=outlet,
        sim=people.sim[person],
    )  # fmt: skip


def lived_with(world: World, members: Array) -> I32:
    """All wallets with which somebody lives: honest people's, and those that a ring rents while their life goes on."""
    rows = np.flatnonzero(world.accounts.kind == A["ecny_wallet"])
    return rows[rented(world, rows) | ~np.isin(rows, members)].astype(np.int32)


def rented(world: World, rows: Array) -> Array:
    """Which of a ring's wallets (rows of Accounts) their holders go on using."""
    found: Array = share(rows, 701) < world.parameters["ecny.rented"]
    return found


def wallet_life(country: Country, wallets: I32, days: Ints, chance: np.random.Generator) -> Movements:
    """What these wallets do on these days, and in hours after. Not of a ring. O(rows).

    They are filled from a bank card; then spent in shops and on the web, handed to friends, paid back into the bank, or
    changed into notes on a journey.
    """
    world = country.world
    busy = np.cumsum(lognormal(chance, 1.0, 0.9, len(wallets)))
    size = (
        int(chance.poisson(world.parameters["ecny.honest_episodes"] * len(wallets) * len(days) / 7))
        if len(wallets)
        else 0
    )
    wallet = wallets[np.searchsorted(busy, chance.random(size) * busy[-1])] if size else wallets[:0]
    time = seasons.at(seasons.days_of(chance, days, "leisure", size), seasons.clock(chance, "day", size))
    open_ = seasons.day_of(time) >= world.accounts.opened[wallet]
    wallet, time = wallet[open_], time[open_]
    person, size = world.accounts.person[wallet], len(wallet)
    bank = world.people.bank[person]
    menu = chance.choice([50, 100, 200, 300, 500, 1_000, 2_000], size, p=[0.14, 0.26, 0.22, 0.1, 0.14, 0.09, 0.05])
    filled = np.where(chance.random(size) < 0.8, menu * 100, priced(chance, lognormal(chance, 160, 0.9, size)))
    filled = np.minimum(filled, SINGLE * 100).astype(np.int64)
    use = np.searchsorted(np.cumsum([0.66, 0.12, 0.13]), chance.random(size))
    made = [
        movements(time, bank, wallet, filled, W["ecny"]),
        _in_shops(country, wallet, time, filled, use == 0, chance),
    ]
    later = time + lognormal(chance, 5 * _HOUR, 1.3, size).astype(np.int64) + 60
    rest = (filled * chance.uniform(0.4, 1, size)).astype(np.int64) // 100 * 100
    friends = world.people.ecny[country.friend(person.astype(np.int64), chance)]
    to = np.where((use == 1) & (friends >= 0) & (friends != wallet), friends, bank)
    back = (use == 1) | (use == 2)
    made.append(movements(later[back], wallet[back], to[back], rest[back], W["ecny"]))
    cash = use == 3
    noted = filled // 10_000 * 10_000
    made.append(movements(later[cash], wallet[cash], CASH, noted[cash], W["cash_out"]))
    return together(made)


def _in_shops(
    country: Country, wallet: I32, time: Ints, filled: Ints, chosen: Array, chance: np.random.Generator
) -> Movements:
    """Two or three purchases out of a filling, over hours and days."""
    rows = np.flatnonzero(chosen)
    count = chance.integers(1, 5, len(rows))
    of = np.repeat(rows, count)
    price = np.minimum(priced(chance, lognormal(chance, 26, 0.9, len(of))), filled[of] // np.repeat(count, count))
    when = time[of] + lognormal(chance, 9 * _HOUR, 1.4, len(of)).astype(np.int64) + 30
    hour = (when + 8 * _HOUR) // _HOUR % 24
    when += np.where(hour < 7, 7 * _HOUR, 0)
    person = country.world.accounts.person[wallet[of]]
    shop = country.shops.pick(city_of(country.world, person), chance.random(len(of)))
    web = country.online[(len(country.online) * chance.random(len(of)) ** 2.2).astype(np.int64)]
    return movements(when, wallet[of], np.where(chance.random(len(of)) < 0.8, shop, web), price, W["ecny"])
