"""The people who gamble: when they come, what they stake, what they win back, and what they can afford."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from duanka.synth import seasons
from duanka.synth.chance import Array, Floats, Ints, lognormal
from duanka.synth.life.everyday import round_sums
from duanka.synth.rings.relay import Schedule
from duanka.synth.rings.ring import Scene
from duanka.synth.world import I32

Chance = np.random.Generator

_MENU = np.array([100, 200, 300, 500, 800, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 10_000], dtype=np.float64)
_MENU_SHARES = np.array([0.03, 0.04, 0.04, 0.10, 0.03, 0.17, 0.04, 0.15, 0.13, 0.16, 0.04, 0.07])
"""Sums that gambling sites offer (domain.md §3.3: menu of 100 to 5,000, cap 10,000, mean about 2,700); the shares are
an assumption that makes about this mean, as bettors of little means drop out."""

MOST = 1_000_000
"""分 of one deposit at most (domain.md §3.2, 方圆: 10,000 yuan)."""
_MOST_BACK = 5_000_000


@dataclass(frozen=True, slots=True)
class Bettors:
    """One row a bettor."""

    account: I32
    means: Ints  # 分 that may be lost in all
    taste: Floats  # how dear the stakes are; a standard normal


@dataclass(frozen=True, slots=True)
class Bets:
    """One row a deposit, by time, with what it wins."""

    bettor: Ints  # row of Bettors
    time: Ints  # seconds UTC
    amount: Ints  # 分
    won: Ints  # 分 to be paid out; 0 for most
    asked: Ints  # seconds UTC at which the payout is asked for

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: Array) -> "Bets":
        """The rows that a mask or an index array chooses."""
        return Bets(*(getattr(self, name)[chosen] for name in ("bettor", "time", "amount", "won", "asked")))


def gather(scene: Scene, count: int, first: int, months: float, rented: Array) -> Bettors:
    """Ordinary people with an open account and some money in it, none of the ring's `rented` ones. O(people)."""
    people, accounts, p = scene.world.people, scene.world.accounts, scene.p
    persons = scene.market.crowd(round(count * 1.3) + 20)
    second = people.second[persons]
    other = (second >= 0) & (scene.chance.random(len(persons)) < 0.15)
    account = np.where(other, second, people.bank[persons])
    fit = (accounts.opened[account] < first) & (accounts.balance[account] > 60_000) & ~np.isin(account, rented)
    account, persons = account[fit][:count], persons[fit][:count]
    means = accounts.balance[account] * p["platform.means"] + people.pay[persons] * months * p["platform.means_of_pay"]
    place = np.argsort(np.argsort(means, kind="stable"), kind="stable")
    rank = ndtri((place + 0.5) / max(len(means), 1))
    taste = 0.75 * rank + np.sqrt(1 - 0.75**2) * scene.chance.standard_normal(len(means))
    return Bettors(account.astype(np.int32), means.astype(np.int64), taste)


def bets(scene: Scene, bettors: Bettors, plan: Schedule) -> Bets:
    """Deposits on the plan's days, about as many as it has orders; people come back, for some weeks or months."""
    chance, p = scene.chance, scene.p
    days, place = np.unique(plan.day, return_inverse=True)
    heap = np.cumsum(np.bincount(place, plan.orders))
    size = len(bettors.account)
    per_session = 1 / (1 - p["platform.again"])
    sessions = max(round(float(heap[-1]) / per_session), min(size, 3))
    loyal = np.cumsum(lognormal(chance, 1.0, p["platform.loyalty"], size))
    once = chance.permutation(size)[:sessions]
    more = np.searchsorted(loyal, chance.random(max(sessions - len(once), 0)) * loyal[-1], side="right")
    who = np.concatenate([once, more])
    came = chance.random(size) ** 1.1 * 0.97
    left = np.minimum(came + lognormal(chance, p["platform.stays"], 0.8, size), 1.0)
    spot = came[who] + chance.random(len(who)) * (left - came)[who]
    spot = (np.argsort(np.argsort(spot)) + 0.5) / len(spot)  # evenly over the orders; who comes early still does
    day = days[np.minimum(np.searchsorted(heap, spot * heap[-1], side="right"), len(days) - 1)]
    late = chance.random(len(who)) < p["platform.night"]
    clock = seasons.clock(chance, "evening", len(who))
    clock = np.where(late, seasons.clock(chance, "night", len(who)), clock)
    count = np.minimum(chance.geometric(1 - p["platform.again"], len(who)), 7)
    row = np.repeat(np.arange(len(who)), count)
    number = np.arange(len(row)) - (np.cumsum(count) - count)[row]
    gap = np.cumsum(20 + chance.exponential(1_300, len(row))).astype(np.int64)
    gap -= gap[(np.cumsum(count) - count)[row]]
    second = clock[row] + np.where(number > 0, gap, 0)
    second = np.where(second < 86_400, second, clock[row] - np.minimum(gap, clock[row]))  # before, not after midnight
    time = seasons.at(day[row], second)
    order = np.argsort(time, kind="stable")
    who, time = who[row][order], time[order]
    amount = stakes(scene, bettors.taste[who])
    won, asked = _wins(scene, amount, time)
    return Bets(who, time, amount, won, asked)


def stakes(scene: Scene, taste: Floats) -> Ints:
    """Sums from the menu, 分; who can spend more stakes more. Some have a tail, so that no two orders are the same."""
    chance, p, size = scene.chance, scene.p, len(taste)
    centred = (taste - taste.mean()) / max(float(taste.std()), 1e-9) if size > 1 else taste
    draw = ndtr(0.6 * centred + 0.8 * chance.standard_normal(size))
    yuan = _MENU[np.minimum(np.searchsorted(np.cumsum(_MENU_SHARES), draw), len(_MENU) - 1)]
    if scene.adaptive == "small_tickets":
        yuan = np.maximum(np.round(yuan * p["platform.small"] / 50), 1) * 50
    free = chance.random(size) < 0.18
    amount = np.where(free, round_sums(chance, yuan * chance.uniform(0.6, 1.4, size)), yuan * 100).astype(np.int64)
    tail = (chance.random(size) < p["platform.tails"]) & ~free
    amount = np.where(tail, amount - chance.integers(1, np.maximum(amount // 100, 2)), amount)
    return np.clip(amount, 100, MOST)


def _wins(scene: Scene, amount: Ints, time: Ints) -> tuple[Ints, Ints]:
    """What is won on each deposit and when it is asked for."""
    chance, p, size = scene.chance, scene.p, len(amount)
    factor = p["platform.paid_back"] / p["platform.wins"]
    sigma = 0.7
    won = amount * lognormal(chance, factor * np.exp(-(sigma**2) / 2), sigma, size)
    won = np.where(chance.random(size) < p["platform.wins"], np.minimum(won, _MOST_BACK), 0)
    whole = round_sums(chance, np.maximum(won / 100, 1))
    paid = np.where(chance.random(size) < 0.5, whole, np.round(won / 100) * 100).astype(np.int64)
    wait = np.maximum(lognormal(chance, p["platform.win_wait"] * 3_600, 1.2, size), 400).astype(np.int64)
    return np.where(won > 0, np.minimum(paid, _MOST_BACK), 0), time + wait


def solvent(bettors: Bettors, bets: Bets) -> Bets:
    """The deposits that stay within the bettor's means, what was won before put back; the others are not made.

    Each depends on those before, so this walks; some 0.4 µs a row.
    """
    wins = np.flatnonzero(bets.won > 0)
    row = np.concatenate([np.arange(len(bets)), wins])
    paid_out = np.repeat([False, True], [len(bets), len(wins)])
    when = np.where(paid_out, bets.asked[row] + 3_600, bets.time[row])
    order = np.argsort(when, kind="stable")
    row, paid_out = row[order], paid_out[order]
    who, sums = bets.bettor[row], np.where(paid_out, bets.won[row], bets.amount[row])
    left = bettors.means.tolist()
    made = [False] * len(bets)
    for number, back, bettor, amount in zip(row.tolist(), paid_out.tolist(), who.tolist(), sums.tolist(), strict=True):
        if not back and amount <= left[bettor]:
            made[number] = True
            left[bettor] -= amount
        elif back and made[number]:
            left[bettor] += amount
    return bets.take(np.array(made, dtype=np.bool_))
