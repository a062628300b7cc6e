"""How gambling merchants turn a platform's takings into what they want: other cards, tokens, notes, goods."""

from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Array, Ints, share
from duanka.synth.movements import CASH, NO_DEVICE
from duanka.synth.rings.gang import SETTLE, Gang
from duanka.synth.rings.relay import NEVER, Habit, Money, handed_on, moments, tickets
from duanka.synth.world import I32, F

_DAY = 86_400
_A_DAY = 2_000_000
"""分 in notes from one card in a day: the machines' limit of 20,000 yuan."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where takings go. Accounts, one array for each sort."""

    takers: list[Ints]  # of each cell: shells and rented cards on which the platform settles
    chain: list[Ints]  # of each cell: the merchants' own
    shells: Ints
    traders: Ints  # U商
    runners: Ints  # 车手, who draw notes
    goods: Ints  # wholesalers, in good faith
    sellers: Ints  # who sell tokens to the traders, in good faith
    trader_persons: I32
    runner_persons: I32


def outlets(gang: Gang) -> Outlets:
    """Shells, merchants, traders, runners, and honest firms. O(people)."""
    scene, plan, p, chance = gang.scene, gang.plan, gang.scene.p, gang.chance
    world, size = scene.world, 2.5 if scene.reference else scene.size
    shells = scene.market.shells(max(plan.cells, round(p["platform.shells"] * size)))
    accounts = world.firms.account[shells]
    since = plan.first - chance.integers(15, 400, len(shells))
    world.firms.founded[shells] = np.minimum(world.firms.founded[shells], since - 10)
    world.accounts.opened[accounts] = np.minimum(world.accounts.opened[accounts], since)
    merchants = gang.account("merchant").astype(np.int64)
    cards = gang.cards.account[gang.cards.job == SETTLE].astype(np.int64)
    both = np.concatenate([accounts.astype(np.int64), cards])
    people = [scene.market.people(max(plan.cells, round(count * size))) for count in (3, 4)]
    for persons in people:
        bank = world.people.bank[persons]
        world.accounts.opened[bank] = np.minimum(world.accounts.opened[bank], world.scale.first_day - 30)
    honest = world.firms.account[np.isin(world.firms.kind, (F["wholesale"], F["online"]))]
    honest = honest[world.accounts.opened[honest] < plan.first]
    seller = world.people.bank[scene.market.crowd(max(4, round(120 * size)))]
    seller = seller[world.accounts.opened[seller] < plan.first]
    ours = np.concatenate([world.people.bank[persons] for persons in people])
    return Outlets(
        takers=[both[cell :: plan.cells] for cell in range(plan.cells)],
        chain=[merchants[cell :: plan.cells] for cell in range(plan.cells)],
        shells=accounts.astype(np.int64),
        traders=world.people.bank[people[0]].astype(np.int64),
        runners=world.people.bank[people[1]].astype(np.int64),
        goods=chance.permutation(honest)[: max(2 * plan.cells, round(8 * size))].astype(np.int64),
        sellers=np.setdiff1d(seller, ours).astype(np.int64),
        trader_persons=people[0],
        runner_persons=people[1],
    )  # fmt: skip


def cash_out(gang: Gang, settled: Money, out: Outlets, cell: int) -> None:
    """What is settled leaves the takers' accounts within a day or so, each batch by one of four ways."""
    chance, p = gang.chance, gang.scene.p
    settled = settled.take(np.isin(settled.payee, out.takers[cell]))
    if not len(settled):
        return
    how = Habit(interval=_DAY, threshold=18_000_000, delay=2_400, spread=1.0, ticket=5_000_000)
    who, time = moments(chance, how, settled)
    alive = time < np.minimum(_stop(gang, who), gang.scene.world.end)
    who, time = who[alive], time[alive]
    left = np.full(len(who), 0.002)
    amount = handed_on(chance, who, time, settled.tally(), rate=np.zeros(len(who)), left=left)
    odds = np.array([p["platform.to_tokens"], p["platform.to_notes"]])
    odds = np.append(odds, max(0.0, 1 - p["platform.to_chain"] - odds.sum()))
    way = np.searchsorted(np.cumsum(odds), chance.random(len(who)), side="right")
    batch, wait, part = tickets(chance, amount, how.ticket)
    chosen = way[batch]
    at = time[batch] + wait
    chain, cells = out.chain[cell], gang.plan.cells
    to = chain[chance.integers(0, len(chain), len(at))]
    pick = share(time[batch], 91)
    traders, honest, runners = out.traders[cell::cells], out.goods[cell::cells], out.runners[cell::cells]
    trader = traders[(pick * len(traders)).astype(np.int64)]
    goods = honest[(share(time[batch], 92) ** 2 * len(honest)).astype(np.int64)] if len(honest) else trader
    small = part <= 1_800_000
    runner = runners[chance.integers(0, len(runners), len(at))]
    to = np.where(chosen == 0, trader, np.where(chosen == 2, goods, to))
    to = np.where((chosen == 1) & small, runner, to)
    money = Money(at, who[batch], to, part).take(at < _stop(gang, who[batch]))
    taint = np.isin(money.payee, out.goods)
    gang.pay(money.take(taint), "goods", "taint")
    onward = gang.pay(money.take(~taint), "transfer", "cash_out")
    _tokens(gang, onward.take(np.isin(onward.payee, out.traders)), out.sellers[cell::cells])
    _notes(gang, onward.take(np.isin(onward.payee, out.runners)))


def _stop(gang: Gang, who: Ints) -> Ints:
    """When each taker is stopped; shells are not."""
    place = np.minimum(gang.row(who), len(gang.cards) - 1)
    return np.where(gang.cards.account[place] == who, gang.cards.stop[place], NEVER)


def _tokens(gang: Gang, received: Money, sellers: Ints) -> None:
    """Traders buy the tokens from people who sell theirs, in smaller sums."""
    if not len(received) or not len(sellers):
        return
    chance = gang.chance
    how = Habit(interval=14_400, threshold=8_000_000, delay=3_000, spread=0.9, ticket=2_000_000)
    who, time = moments(chance, how, received)
    left = chance.uniform(0.004, 0.02, len(who))
    amount = handed_on(chance, who, time, received.tally(), rate=np.zeros(len(who)), left=left)
    batch, wait, part = tickets(chance, amount, how.ticket)
    to = sellers[(chance.random(len(batch)) ** 1.5 * len(sellers)).astype(np.int64)]
    gang.pay(Money(time[batch] + wait * 9, who[batch], to, part), "transfer", "taint")


def _notes(gang: Gang, received: Money) -> None:
    """Runners draw notes at machines in several goes, within the day's limit; a hundred or so stays as their pay."""
    chance = gang.chance
    keep: Array = chance.uniform(0.985, 0.998, len(received))
    amount = (received.amount * keep).astype(np.int64) // 10_000 * 10_000
    count = np.maximum(-(-amount // 400_000), 1)
    row = np.repeat(np.arange(len(received)), count)
    number = np.arange(len(row)) - (np.cumsum(count) - count)[row]
    part = np.minimum(amount[row] - number * 400_000, 400_000)
    begin = received.time + np.maximum(chance.lognormal(np.log(2_400), 0.7, len(received)), 120).astype(np.int64)
    time = begin[row] + number * 70 + chance.integers(0, 40, len(row))
    order = np.argsort(time, kind="stable")
    row, part, time = row[order], part[order], time[order]
    group = received.payee[row] * 32_768 + (time + 28_800) // _DAY
    back = np.argsort(group, kind="stable")
    heap = np.cumsum(part[back])
    first = np.searchsorted(group[back], group[back])
    within = heap - (heap[first] - part[back][first]) <= _A_DAY
    row, part, time = row[back][within], part[back][within], time[back][within]
    gang.pay(Money(time, received.payee[row], np.full(len(row), CASH), part), "cash_out", "cash_out", device=NO_DEVICE)
