"""What comes round every month or term: pay, rent, instalments, school fees, interest."""

from collections.abc import Callable

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, below, lognormal, normal, share
from duanka.synth.life.country import Country, city_of
from duanka.synth.movements import CASH, NO_DEVICE, Movements, movements, nothing
from duanka.synth.words import W
from duanka.synth.world import J

Chance = np.random.Generator
Make = Callable[[Country, Array, int, int, Chance], Movements]

_RENTS, _REPAYS, _BORROWS = 0.16, 0.12, 0.012
_TERMS = ((2, 20), (9, 3))  # month and day around which school fees fall due


def by_the_month(country: Country, days: Ints, chance: Chance) -> list[Movements]:
    """All payments of these sorts on these days."""
    day_numbers, month_numbers = seasons.of_month(days), seasons.months(days)
    made = []
    for day, number, month in zip(days.tolist(), day_numbers.tolist(), month_numbers.tolist(), strict=True):
        made += [
            _salaries(country, day, number, chance),
            _on_a_day(country, day, number, month, chance, salt=61, share_of=_RENTS, make=_rent),
            _on_a_day(country, day, number, month, chance, salt=62, share_of=_REPAYS, make=_repayment),
            _on_a_day(country, day, number, month, chance, salt=63, share_of=_BORROWS, make=_loan),
            _school(country, day, month, chance),
            _interest(country, day, number, month, chance),
        ]
    return made


def _salaries(country: Country, day: int, number: int, chance: Chance) -> Movements:
    """Every firm on its payday, all its people within minutes."""
    world = country.world
    firms, people = world.firms, world.people
    pays = firms.payday == number
    person = np.flatnonzero(pays[people.employer] & (people.employer >= 0) & (people.pay > 0))
    firm = people.employer[person]
    start = 9 * 3600 + below(firm.astype(np.int64) * 512 + number, 64, 8 * 3600)
    time = seasons.at(np.full(len(person), day), start + chance.integers(0, 300, len(person)))
    amount = np.round(people.pay[person] * chance.normal(1, 0.03, len(person)).clip(0.8, 1.3)).astype(np.int64)
    own = below(person, 65, 100) < 3  # some have it sent to their second account
    to = np.where(own & (people.second[person] >= 0), people.second[person], people.bank[person])
    return movements(time, firms.account[firm], to, amount, W["salary"], device=NO_DEVICE)


def _on_a_day(
    country: Country, day: int, number: int, month: int, chance: Chance, *, salt: int, share_of: float, make: Make
) -> Movements:
    """Of those who do this at all (a share), the ones whose day of the month it is."""
    return make(country, country.due(number, salt, share_of), day, month, chance)


def _rent(country: Country, person: Array, day: int, month: int, chance: Chance) -> Movements:
    """To the same landlord every month."""
    del month
    people = country.world.people
    landlord = (person // 512) * 512 + below(person, 66, 512)
    landlord = np.minimum(landlord, len(people) - 1)
    amount = (np.round(1_600 * np.exp(0.5 * normal(person, 67)) / 50) * 5_000).astype(np.int64)
    time = seasons.at(np.full(len(person), day), seasons.clock(chance, "day", len(person)))
    return movements(time, people.bank[person], people.bank[landlord], amount, W["rent"])


def _repayment(country: Country, person: Array, day: int, month: int, chance: Chance) -> Movements:
    """The same instalment every month."""
    del month
    lenders = country.by_kind["lender"]
    lender = lenders[(share(person, 68) * len(lenders)).astype(np.int64)]
    amount = np.round(1_900 * np.exp(0.7 * normal(person, 69)) * 100).astype(np.int64)
    time = seasons.at(np.full(len(person), day), chance.integers(2 * 3600, 6 * 3600, len(person)))
    return movements(time, country.world.people.bank[person], lender, amount, W["repayment"], device=NO_DEVICE)


def _loan(country: Country, person: Array, day: int, month: int, chance: Chance) -> Movements:
    """Paid out now and then."""
    person = person[share(person + month * 7_919, 70) < 0.2]
    lenders = country.by_kind["lender"]
    lender = lenders[(share(person, 68) * len(lenders)).astype(np.int64)]
    amount = (np.round(lognormal(chance, 22_000, 0.9, len(person)) / 1_000) * 100_000).astype(np.int64)
    time = seasons.at(np.full(len(person), day), seasons.clock(chance, "office", len(person)))
    return movements(time, lender, country.world.people.bank[person], amount, W["loan"], device=NO_DEVICE)


def _school(country: Country, day: int, month: int, chance: Chance) -> Movements:
    """School fees in the weeks around the beginning of a term, paid by students themselves or by the family."""
    dates = np.array([day], dtype=np.int64)
    of_month = int(seasons.of_month(dates)[0])
    this = month % 12 + 1
    weight = sum(np.exp(-(((this - m) * 30 + of_month - d) ** 2) / 60) for m, d in _TERMS)
    people = country.world.people
    pupils = np.flatnonzero(np.isin(people.job, (J["student"], J["child"])))
    pupils = pupils[chance.random(len(pupils)) < 0.09 * weight]
    payer = np.where(people.job[pupils] == J["student"], pupils, np.maximum(pupils - 1, 0))
    school = country.local["school"].pick(city_of(country.world, pupils), share(pupils, 71))
    amount = (np.round(lognormal(chance, 2_800, 0.7, len(pupils)) / 50) * 5_000).astype(np.int64)
    time = seasons.at(np.full(len(pupils), day), seasons.clock(chance, "day", len(pupils)))
    return movements(time, people.bank[payer], school, amount, W["school"])


def _interest(country: Country, day: int, number: int, month: int, chance: Chance) -> Movements:
    """Banks credit interest on the 21st of each quarter's last month, out of no account."""
    if number != 21 or month % 3 != 2:
        return nothing()
    people = country.world.people
    person = np.flatnonzero(chance.random(len(people)) < 0.5)
    amount = np.maximum((people.wealth[person] * 0.0008 * chance.uniform(0.5, 1.5, len(person))).astype(np.int64), 1)
    time = seasons.at(np.full(len(person), day), chance.integers(0, 5 * 3600, len(person)))
    return movements(time, CASH, people.bank[person], amount, W["interest"], device=NO_DEVICE)
