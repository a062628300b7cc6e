"""What a platform's people get and put up: margins, prices of cards, wages, and shares of what has passed."""

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Floats, Ints, lognormal
from duanka.synth.movements import CASH, NO_DEVICE, OWN_DEVICE
from duanka.synth.rings.gang import COLLECT, SETTLE, Gang
from duanka.synth.rings.pool import Takings, both, due
from duanka.synth.rings.relay import NEVER, Lanes, Money, affordable, joined
from duanka.synth.world import moment

_DAY, _YUAN = 86_400, 100


def shares(gang: Gang, takings: list[Takings]) -> Money:
    """Studios and agents are paid their share from the pool cards that received the money, by day or by week."""
    forwards, cards = both(takings, "forwards"), gang.cards
    row = gang.row(forwards.payer)
    studio = cards.studio[row]
    for_studio, for_agent = due(gang, forwards)
    periods = gang.chance.choice([1, 2, 3, 7], len(gang.studios))[studio]
    paid = _by_period(gang, forwards, gang.bosses()[studio].astype(np.int64), for_studio, periods)
    agents = gang.account("agent").astype(np.int64)
    agent = agents[gang.agent_of(row)]
    weekly = np.full(len(row), 7)
    paid = joined([paid, _by_period(gang, forwards, agent, for_agent, weekly)])
    return gang.pay(paid, "transfer", "commission")


def _by_period(gang: Gang, received: Money, to: Ints, due: Floats, days: Ints) -> Money:
    """One payment for each pool card, beneficiary and so many days, when they are over, in round yuan."""
    chance = gang.chance
    period = (seasons.day_of(received.time) - gang.plan.first) // days
    ends = gang.plan.first + (period + 1) * days
    keys = np.stack([received.payee, to, ends], axis=1)
    groups, place = np.unique(keys, axis=0, return_inverse=True)
    total = np.bincount(place.reshape(-1), due, minlength=len(groups))
    unit = chance.choice([1, 100, 1_000, 10_000], len(groups), p=[0.15, 0.35, 0.3, 0.2])
    amount = np.floor(total / unit).astype(np.int64) * unit
    time = seasons.at(groups[:, 2], seasons.clock(chance, "evening", len(groups)))
    stop = gang.cards.stop[gang.row(groups[:, 0])]
    return Money(time, groups[:, 0], groups[:, 1], amount).take(time < stop)


def margins(gang: Gang, pools: list[Lanes]) -> Money:
    """保证金: studios before they open and now and then again, holders who work at home before their first order."""
    chance, p, plan, cards = gang.chance, gang.scene.p, gang.plan, gang.cards
    table = gang.scene.world.accounts
    times = 1 + chance.poisson((plan.ends - plan.begins) / 35)
    studio = np.repeat(np.arange(len(plan.begins)), times)
    first = np.concatenate([[True], np.diff(studio) > 0])
    days = (plan.ends - plan.begins)[studio]
    time = seasons.at(plan.begins[studio], np.zeros_like(studio)) - chance.integers(2_000, 40_000, len(studio))
    later = (chance.random(len(studio)) * days).astype(np.int64) * _DAY + chance.integers(40_000, 80_000, len(studio))
    time = np.where(first, time, time + later)
    low, high = p["platform.margin_low"] / 500, p["platform.margin_high"] / 500
    amount = np.round(low * (high / low) ** chance.random(len(studio))).astype(np.int64) * 500 * _YUAN
    amount = np.maximum(amount, round(p["platform.margin_low"]) * _YUAN)
    boss = gang.bosses()[studio].astype(np.int64)
    pool = np.array(
        [pools[plan.cell[s]].at(np.array([0]), np.array([t]))[0] for s, t in zip(studio, time, strict=True)]
    )
    cash = np.maximum(amount - table.balance[boss] // (3 * times[studio]), 0) // 10_000 * 10_000
    notes = Money(time - chance.integers(1_800, 9_000, len(time)), np.full(len(time), CASH), boss, cash)
    gang.pay(notes, "cash_in", "margin", device=NO_DEVICE)
    home = np.flatnonzero((cards.job == COLLECT) & (cards.device == OWN_DEVICE) & (cards.start < NEVER))
    own = np.round(chance.uniform(8, 50, len(home))).astype(np.int64) * 10_000
    home, own = home[own < table.balance[cards.account[home]] // 2], own[own < table.balance[cards.account[home]] // 2]
    at = cards.start[home] - chance.integers(300, 12_000, len(home))
    to = np.array(
        [pools[plan.cell[cards.studio[r]]].at(np.array([1]), np.array([t]))[0] for r, t in zip(home, at, strict=True)]
    )
    holders = Money(at, cards.account[home].astype(np.int64), to.astype(np.int64), own)
    late = time < np.minimum(plan.raids[studio], gang.scene.world.end)
    return gang.pay(joined([Money(time, boss, pool, amount).take(late), holders]), "transfer", "margin")


def wages(gang: Gang, takings: list[Takings]) -> Money:
    """What studios would pay out of their share: holders' pay, their people's wages."""
    chance, plan = gang.chance, gang.plan
    inflow = joined([both(takings, name) for name in ("deposits", "forwards", "funding")])
    row = gang.row(inflow.payee)
    card = gang.cards
    paid = ~card.keeps[row] & (card.job[row] != SETTLE)
    inflow, row = inflow.take(paid), row[paid]
    week = (seasons.day_of(inflow.time) - plan.first) // 7
    groups, place = np.unique(np.stack([row, week], axis=1), axis=0, return_inverse=True)
    holder, ends = groups[:, 0], plan.first + (groups[:, 1] + 1) * 7
    total = np.bincount(place.reshape(-1), inflow.amount * card.rate[row], minlength=len(groups))
    unit = chance.choice([100, 1_000, 10_000], len(groups), p=[0.4, 0.4, 0.2])
    amount = np.floor(total / unit).astype(np.int64) * unit
    days = ends + chance.integers(0, 4, len(groups))
    time = seasons.at(days, seasons.clock(chance, "evening", len(groups)))
    boss = gang.bosses().astype(np.int64)
    pay = Money(time, boss[card.studio[holder]], elsewhere(gang, card.account[holder]), amount)
    return joined([pay, *(_staff(gang, number) for number in range(len(gang.studios)))])


def _staff(gang: Gang, number: int) -> Money:
    """Weekly wages of one studio's people but its head."""
    chance, plan = gang.chance, gang.plan
    people = gang.scene.world.people
    persons = gang.studios[number].operators[1:]
    usual = lognormal(chance, gang.scene.p["platform.wage"], 0.25, len(persons))
    weeks = np.arange(plan.begins[number] + 7, plan.ends[number] + 1, 7)
    day, who = (grid.reshape(-1) for grid in np.meshgrid(weeks, np.arange(len(persons)), indexing="ij"))
    time = seasons.at(day + chance.integers(0, 2, len(day)), seasons.clock(chance, "day", len(day)))
    amount = np.round(usual[who] * chance.uniform(0.85, 1.2, len(day)) / 50).astype(np.int64) * 50 * _YUAN
    boss = np.full(len(day), people.bank[gang.studios[number].operators[0]], dtype=np.int64)
    return Money(time, boss, people.bank[persons[who]].astype(np.int64), amount).take(time < plan.raids[number])


def elsewhere(gang: Gang, cards: Array) -> Ints:
    """Where each card's holder is paid: a wallet or another account that is open, or else the card."""
    world = gang.scene.world
    people, holder = world.people, world.accounts.person[cards]
    found = np.asarray(cards, dtype=np.int64)
    for other in (people.second[holder], people.bank[holder], people.alipay[holder], people.wechat[holder]):
        fits = (other >= 0) & (other != cards) & (world.accounts.opened[other] <= gang.plan.first)
        found = np.where(fits & ~np.isin(other, gang.cards.account), other, found)
    return found


def prices(gang: Gang) -> tuple[Money, Money]:
    """What cards cost: studios pay dealers by the lot some days after delivery, dealers pay holders and recruiters.

    Returns what studios would pay and what dealers would.
    """
    chance, p, cards = gang.chance, gang.scene.p, gang.cards
    used = np.flatnonzero((cards.start < NEVER) & (cards.job != SETTLE))
    dealer = gang.account("dealer").astype(np.int64)
    week = cards.start[used] // (7 * _DAY)
    lots, place = np.unique(
        np.stack([cards.dealer[used], cards.studio[used], week], axis=1), axis=0, return_inverse=True
    )
    price = np.round(lognormal(chance, p["platform.set_price"] / 50, 0.35, len(used))) * 50 * _YUAN
    total = np.bincount(place.reshape(-1), price, minlength=len(lots)).astype(np.int64)
    last: Ints = np.zeros(len(lots), dtype=np.int64)
    np.maximum.at(last, place.reshape(-1), cards.start[used])
    time = last + (chance.uniform(0.5, 10, len(lots)) * _DAY).astype(np.int64)
    boss = gang.bosses().astype(np.int64)
    bought = Money(time, boss[lots[:, 1]], dealer[lots[:, 0]], total).take(time < gang.plan.raids[lots[:, 1]])
    paid = np.round(lognormal(chance, p["platform.card_price"] / 50, 0.4, len(used))).astype(np.int64) * 50 * _YUAN
    before = cards.start[used] - (chance.uniform(0.3, 5, len(used)) * _DAY).astype(np.int64)
    holders = Money(before, dealer[cards.dealer[used]], elsewhere(gang, cards.account[used]), paid)
    recruiter = gang.account("recruiter").astype(np.int64)
    heads = np.flatnonzero(chance.random(len(used)) < 0.6)
    fee = chance.integers(2, 7, len(heads)) * 5_000
    after = cards.start[used][heads] + chance.integers(3_600, 6 * _DAY, len(heads))
    recruited = Money(after, holders.payer[heads], recruiter[used[heads] % len(recruiter)], fee)
    return bought, joined([holders, recruited])


def probes(gang: Gang) -> Money:
    """A few yuan to see that a card works, the day before its first use."""
    chance, cards = gang.chance, gang.cards
    used = np.flatnonzero((cards.start < NEVER) & (chance.random(len(cards)) < 0.4))
    time = cards.start[used] - chance.integers(1_800, 3 * _DAY // 2, len(used))
    dealer = gang.account("dealer").astype(np.int64)[cards.dealer[used]]
    amount = chance.choice([100, 100, 200, 500, 1_000, 1, 10, 123], len(used))
    sure = time > moment(gang.scene.world.scale.first_day)
    return gang.pay(Money(time, dealer, cards.account[used].astype(np.int64), amount).take(sure), "transfer", "test")


def pay_everybody(gang: Gang, takings: list[Takings], pools: list[Lanes]) -> None:
    """All of these payments, as far as who pays has received enough (dealers also have some money of their own)."""
    margins(gang, pools)
    probes(gang)
    received = shares(gang, takings)
    bought, dealt = prices(gang)
    spent = joined([wages(gang, takings), bought])
    sold = spent.take(affordable(received.tally(), spent.payer, spent.time, spent.amount))
    is_dealer = np.isin(sold.payee, gang.account("dealer"))
    gang.pay(sold.take(~is_dealer), "transfer", "commission")
    sold = gang.pay(sold.take(is_dealer), "transfer", "purchase")
    credit = gang.scene.world.accounts.balance[dealt.payer] // 4
    dealt = dealt.take(affordable(sold.tally(), dealt.payer, dealt.time, dealt.amount, credit=credit))
    to_recruiter = np.isin(dealt.payee, gang.account("recruiter"))
    gang.pay(dealt.take(to_recruiter), "transfer", "commission")
    gang.pay(dealt.take(~to_recruiter), "transfer", "purchase")
