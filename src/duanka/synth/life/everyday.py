"""Everyday payments of persons: shops, the web, friends, wallets, cash, bills."""

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, lognormal, share
from duanka.synth.life.country import Country, city_of
from duanka.synth.movements import CASH, Movements, movements
from duanka.synth.words import W

Chance = np.random.Generator

_SHARES = {
    "codes": 0.33, "web": 0.15, "friends": 0.13, "red_packets": 0.07, "wallet_in": 0.05, "wallet_out": 0.035,
    "bills": 0.06, "cash": 0.035, "refunds": 0.006, "virtual": 0.03, "big": 0.004,
}  # fmt: skip
"""Share of all ordinary payments by sort; what is left to 1 are salaries, rents and the firms' own. Assumption."""


def everyday(country: Country, days: Ints, chance: Chance) -> list[Movements]:
    """All payments of these sorts on these days."""
    scale = country.world.scale
    expected = scale.payments * len(days) / scale.days
    sorts = {
        "codes": _codes, "web": _web, "friends": _friends, "red_packets": _red_packets, "wallet_in": _wallet_in,
        "wallet_out": _wallet_out, "bills": _bills, "cash": _cash, "refunds": _refunds, "virtual": _virtual,
        "big": _big,
    }  # fmt: skip
    return [make(country, days, chance, int(chance.poisson(expected * _SHARES[name]))) for name, make in sorts.items()]


def _payers(country: Country, chance: Chance, size: int) -> Ints:
    return country.payers[chance.integers(0, len(country.payers), size)].astype(np.int64)


def priced(chance: Chance, amounts: Array) -> Ints:
    """Prices as shops write them: many whole, some ending in 9 or 5, the rest with cents. 元 in, 分 out."""
    draw = chance.random(len(amounts))
    whole = np.maximum(np.round(amounts), 1)
    nine = np.maximum(np.ceil(amounts / 10) * 10 - 1, 1)
    tenth = np.round(amounts, 1)
    yuan = np.select([draw < 0.42, draw < 0.52, draw < 0.7], [whole, nine, tenth], np.round(amounts, 2))
    cents: Ints = np.maximum(np.round(yuan * 100), 1).astype(np.int64)
    return cents


def round_sums(chance: Chance, amounts: Array) -> Ints:
    """Sums as people choose them: mostly hundreds or thousands, some to the yuan, some to the cent."""
    draw = chance.random(len(amounts))
    unit = np.where(amounts >= 10_000, 1_000, np.where(amounts >= 500, 100, 10))
    rounded = np.maximum(np.round(amounts / unit) * unit, unit)
    yuan = np.select([draw < 0.62, draw < 0.88], [rounded, np.maximum(np.round(amounts), 1)], np.round(amounts, 2))
    cents: Ints = np.maximum(np.round(yuan * 100), 1).astype(np.int64)
    return cents


def _codes(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """By code in shops of the city, mostly the same few ones."""
    person = _payers(country, chance, size)
    place = country.favourite(person, chance.random(size), salt=1, ties=14)
    shop = country.shops.pick(city_of(country.world, person), share(place, 51))
    time = seasons.at(seasons.days_of(chance, days, "leisure", size), seasons.clock(chance, "day", size))
    amount = priced(chance, lognormal(chance, 24, 0.95, size))
    return movements(time, country.account(person, chance.random(size)), shop, amount, W["code"])


def _web(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """On the web: a few very large sellers, many small ones."""
    person = _payers(country, chance, size)
    seller = country.online[(len(country.online) * chance.random(size) ** 2.2).astype(np.int64)]
    time = seasons.at(seasons.days_of(chance, days, "leisure", size), seasons.clock(chance, "evening", size))
    amount = priced(chance, lognormal(chance, 68, 1.0, size))
    return movements(time, country.account(person, chance.random(size)), seller, amount, W["purchase"])


def _friends(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """Transfers among relatives and friends, often there and back."""
    person = _payers(country, chance, size)
    other = country.friend(person, chance)
    back = chance.random(size) < 0.45
    payer, payee = np.where(back, other, person), np.where(back, person, other)
    time = seasons.at(seasons.days_of(chance, days, "leisure", size), seasons.clock(chance, "evening", size))
    amount = round_sums(chance, lognormal(chance, 420, 1.25, size))
    return movements(
        time, country.account(payer, chance.random(size)), country.receiving(payee, chance.random(size)), amount,
        W["transfer"],
    )  # fmt: skip


def _red_packets(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """红包, up to 200 yuan, lucky sums among them; more on holidays."""
    person = _payers(country, chance, size)
    other = country.friend(person, chance)
    when = seasons.days_of(chance, days, "leisure", size)
    time = seasons.at(when, seasons.clock(chance, "evening", size))
    lucky = chance.choice([6.66, 8.88, 18.88, 52.0, 66.0, 88.0, 100.0, 188.0, 200.0], size)
    plain = np.minimum(lognormal(chance, 9, 1.1, size), 200)
    amount = np.round(np.where(chance.random(size) < 0.35, lucky, plain) * 100).astype(np.int64)
    people = country.world.people
    payer, payee = people.wechat[person], people.wechat[other]
    both = (payer >= 0) & (payee >= 0)
    return movements(time[both], payer[both], payee[both], np.maximum(amount, 1)[both], W["red_packet"])


def _wallet_in(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """From one's bank account into one's wallet."""
    person = _payers(country, chance, size)
    people = country.world.people
    wallet = np.where(chance.random(size) < 0.6, people.wechat[person], people.alipay[person])
    has = wallet >= 0
    time = seasons.at(seasons.days_of(chance, days, "even", size), seasons.clock(chance, "day", size))
    amount = round_sums(chance, lognormal(chance, 500, 0.9, size))
    return movements(time[has], people.bank[person][has], wallet[has], amount[has], W["top_up"])


def _wallet_out(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """From one's wallet to one's bank account, or between one's own bank accounts."""
    person = _payers(country, chance, size)
    people = country.world.people
    wallet = np.where(chance.random(size) < 0.6, people.wechat[person], people.alipay[person])
    own = np.where(wallet >= 0, wallet, people.second[person])
    has = own >= 0
    time = seasons.at(seasons.days_of(chance, days, "even", size), seasons.clock(chance, "evening", size))
    amount = round_sums(chance, lognormal(chance, 700, 1.1, size))
    word = np.where(wallet >= 0, W["withdraw"], W["transfer"])
    return movements(time[has], own[has], people.bank[person][has], amount[has], word[has])


def _bills(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """Water, power, line, phone, insurance."""
    person = _payers(country, chance, size)
    sort = chance.random(size)
    utility = country.local["utility"].pick(city_of(country.world, person), share(person, 52) * 0.2)
    telecom = country.by_kind["telecom"][(share(person, 53) * len(country.by_kind["telecom"])).astype(np.int64)]
    lender = country.by_kind["lender"][(share(person, 54) * len(country.by_kind["lender"])).astype(np.int64)]
    payee = np.select([sort < 0.5, sort < 0.85], [utility, telecom], lender)
    word = np.select([sort < 0.5, sort < 0.85], [W["utility"], W["top_up_phone"]], W["insurance"])
    bill = np.round(lognormal(chance, 95, 0.7, size) * 100)
    topped = chance.choice([30, 50, 100, 200], size, p=[0.25, 0.4, 0.3, 0.05]) * 100
    amount = np.where(word == W["top_up_phone"], topped, bill).astype(np.int64)
    time = seasons.at(seasons.days_of(chance, days, "even", size), seasons.clock(chance, "day", size))
    return movements(time, country.world.people.bank[person], payee, amount, word)


def _cash(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """Notes from and into machines."""
    person = _payers(country, chance, size)
    bank = country.world.people.bank[person]
    into = chance.random(size) < 0.22
    amount = (np.clip(np.round(lognormal(chance, 900, 0.95, size) / 100), 1, 200) * 10_000).astype(np.int64)
    time = seasons.at(seasons.days_of(chance, days, "even", size), seasons.clock(chance, "day", size))
    return movements(
        time,
        np.where(into, CASH, bank),
        np.where(into, bank, CASH),
        amount,
        np.where(into, W["cash_in"], W["cash_out"]),
    )


def _refunds(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """Sellers on the web pay back."""
    person = _payers(country, chance, size)
    seller = country.online[(len(country.online) * chance.random(size) ** 2.2).astype(np.int64)]
    time = seasons.at(seasons.days_of(chance, days, "even", size), seasons.clock(chance, "day", size))
    amount = priced(chance, lognormal(chance, 75, 0.9, size))
    return movements(time, seller, country.account(person, chance.random(size)), amount, W["refund"])


def _virtual(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """Games, memberships and other goods that cost fixed sums; late, and mostly by the young."""
    person = _payers(country, chance, size)
    sellers = country.by_kind["online"]
    seller = sellers[(len(sellers) * chance.random(size) ** 3).astype(np.int64)]
    time = seasons.at(seasons.days_of(chance, days, "leisure", size), seasons.clock(chance, "night", size))
    menu = [6, 12, 30, 68, 98, 128, 198, 328, 648]
    amount = chance.choice(menu, size, p=[0.2, 0.12, 0.24, 0.16, 0.1, 0.07, 0.05, 0.03, 0.03]) * 100
    return movements(time, country.account(person, chance.random(size)), seller, amount, W["virtual"])


def _big(country: Country, days: Ints, chance: Chance, size: int) -> Movements:
    """Cars, flats, weddings to come, family loans: large sums between persons and to firms, seldom."""
    person = _payers(country, chance, size)
    other = country.friend(person, chance)
    firm = chance.random(size) < 0.3
    shop = country.local["wholesale"].pick(city_of(country.world, person), chance.random(size))
    payee = np.where(firm, shop, country.world.people.bank[other])
    time = seasons.at(seasons.days_of(chance, days, "work", size), seasons.clock(chance, "day", size))
    amount = round_sums(chance, lognormal(chance, 18_000, 0.9, size))
    return movements(time, country.world.people.bank[person], payee, amount, W["transfer"])
