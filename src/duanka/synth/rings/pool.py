"""The money of a platform's day: deposits are dispatched, gathered in the pool, paid out to winners, settled."""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from duanka.synth.chance import Array, Floats, Ints, lognormal, share
from duanka.synth.life.everyday import priced
from duanka.synth.rings.bettors import Bets, Bettors, bets, gather, solvent
from duanka.synth.rings.gang import COLLECT, Gang
from duanka.synth.rings.hiring import provide
from duanka.synth.rings.relay import (
    NEVER,
    Habit,
    Lanes,
    Money,
    Schedule,
    Tally,
    affordable,
    dispatch,
    handed_on,
    joined,
    moments,
    tickets,
)
from duanka.synth.rings.ring import Report
from duanka.synth.world import F, moment

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Takings:
    """What has moved in one cell, by kind, as it stands in the ring."""

    bettors: Bettors
    plan: Schedule
    deposits: Money
    forwards: Money
    funding: Money  # pool to payout cards
    payouts: Money
    settled: Money  # pool to the merchants' accounts


def habit(gang: Gang, threshold: float) -> Habit:
    """How cards empty themselves, as the ring's variant has it."""
    p, adaptive = gang.scene.p, gang.scene.adaptive
    slow = p["platform.slow"] if adaptive == "slow" else 1.0
    small = p["platform.small"] if adaptive == "small_tickets" else 1.0
    return Habit(
        interval=p["platform.flush"] * 60 * slow**0.7,
        threshold=threshold * 100 * small,
        delay=p["platform.delay"] * 60 * slow,
        spread=0.9,
        ticket=round(p["platform.ticket"] * 100 * small),
    )


def lanes_of(gang: Gang, cell: int, job: int) -> Lanes:
    """The pool or payout cards of a cell one after the other: a raided studio's card gives way to another studio's."""
    plan, cards, chance = gang.plan, gang.cards, gang.chance
    own = chance.permutation(np.flatnonzero((cards.job == job) & (plan.cell[cards.studio] == cell)))
    begin, end = moment(plan.first) - _DAY // 2, moment(plan.last)
    count = max(1, min(len(own) // 2, round(1.3 * np.sum(plan.cell == cell))))
    found: list[tuple[int, int, int]] = []
    for lane in range(count):
        life = lognormal(chance, 1.0, 0.6, len(own[lane::count]))
        ends = begin + np.cumsum(life / life.sum()) * (end - begin)
        at = begin
        ends[-1] = end
        for row, planned in zip(own[lane::count].tolist(), ends.astype(np.int64).tolist(), strict=True):
            if planned <= at:
                continue
            room = _room(gang, cell, at, last=planned == end)
            cards.studio[row], cards.start[row] = room, at
            cards.stop[row] = plan.raids[room]
            found.append((lane, at, int(cards.account[row])))
            at = min(planned, int(plan.raids[room]))
    lanes, starts, accounts = np.array(found, dtype=np.int64).T
    return Lanes(lanes, starts, accounts)


def _room(gang: Gang, cell: int, at: int, *, last: bool) -> int:
    """A studio that is open at a moment and for a day more; for the last card the one that is open longest."""
    plan = gang.plan
    own = np.flatnonzero(plan.cell == cell)
    is_open = own[(plan.raids[own] > at + _DAY) & (plan.begins[own] <= (at + 43_200) // _DAY + 1)]
    return int(gang.chance.choice(is_open)) if len(is_open) and not last else int(own[np.argmax(plan.raids[own])])


def crowds(gang: Gang) -> list[Bettors]:
    """The bettors of each cell."""
    plan = gang.plan
    months = (plan.last - plan.first) / 30
    ours = gang.cards.account
    return [gather(gang.scene, plan.bettors // plan.cells, plan.first, months, ours) for _ in range(plan.cells)]


def take_in(gang: Gang, crowd: Bettors, plan: Schedule) -> tuple[Bets, Money]:
    """Deposits of a cell: who comes when, to which card. A card that is stopped gets nothing more once it is known."""
    scene, cards, chance = gang.scene, gang.cards, gang.chance
    made = bets(scene, crowd, plan)
    made = made.take((made.time >= moment(gang.plan.first)) & (made.time < moment(gang.plan.last)))
    made = solvent(crowd, made)
    paid, won = (np.bincount(made.bettor, sums, minlength=len(crowd.account)) for sums in (made.amount, made.won))
    provide(scene, crowd.account, np.maximum(paid - 0.5 * won, 0.4 * paid))
    card = dispatch(chance, plan, cards.studio[plan.card], made.time)
    made, card = made.take(card >= 0), card[card >= 0]
    _stops(gang, card, made.time)
    late = made.time >= cards.stop[card] + 600
    made, card = made.take(~late), card[~late]
    payer, payee = crowd.account[made.bettor].astype(np.int64), cards.account[card].astype(np.int64)
    money = Money(made.time, payer, payee, made.amount)
    other = money.payer != money.payee
    made, money = made.take(other), money.take(other)
    gang.ring.meant += int(money.amount.sum())
    cards.start[plan.card] = NEVER
    np.minimum.at(cards.start, gang.row(money.payee), money.time)
    return made, gang.pay(money, "transfer", "deposit")


def _stops(gang: Gang, card: Ints, time: Ints) -> None:
    """Some cards are stopped late in their life, after a report; all at the latest when their studio is raided."""
    cards, chance = gang.cards, gang.chance
    order = np.lexsort((time, card))
    rows, first = np.unique(card[order], return_index=True)
    size = np.diff(np.append(first, len(card)))
    cards.stop[rows] = gang.plan.raids[cards.studio[rows]]
    stopped = (chance.random(len(rows)) < gang.scene.p["platform.stopped"]) & (size > 8)
    stopped &= cards.account[rows] != gang.minor
    place = first + (size * chance.uniform(0.7, 0.99, len(rows))).astype(np.int64)
    when = time[order][place] + chance.integers(30, 1_500, len(rows))
    cards.stop[rows[stopped]] = np.minimum(cards.stop[rows], when)[stopped]


def reports(gang: Gang, deposits: Money) -> list[Report]:
    """Who goes to the police, about which deposits: for each card stopped one in time, others later, and in vain."""
    cards, chance, p = gang.cards, gang.chance, gang.scene.p
    row = gang.row(deposits.payee)
    stop = cards.stop[row]
    end = gang.scene.world.end
    wait = lognormal(chance, p["platform.report_wait"] * _DAY, 0.9, len(deposits)).astype(np.int64)
    reported = deposits.time + np.maximum(wait, 3_600)
    some = (chance.random(len(deposits)) < p["platform.reported"]) & (reported < end)
    before = stop - chance.integers(600, 10_800, len(deposits))
    early = (stop != gang.plan.raids[cards.studio[row]]) & (deposits.time < before)
    rank = np.where(early, share(deposits.time * 64 + row, 81), 2.0)
    least = np.full(len(cards), 2.0)
    np.minimum.at(least, row, rank)
    causes = early & (rank == least[row])
    reported = np.where(causes, before, reported)
    chosen = np.flatnonzero(some | causes)
    columns = (deposits.payer, deposits.payee, deposits.time, deposits.amount, reported)
    return [Report(*values) for values in zip(*(column[chosen].tolist() for column in columns), strict=True)]


def gather_in(gang: Gang, deposits: Money, pool: Lanes, fraction: Floats) -> Money:
    """What collection cards hand on to the pool, in tickets. `fraction` of each card's inflow goes to shops instead."""
    chance, cards = gang.chance, gang.cards
    how = habit(gang, gang.scene.p["platform.threshold"])
    tally = deposits.tally()
    who, time = moments(chance, how, deposits)
    row = gang.row(who)
    left = gang.left[row] + fraction[row]
    # a while after its last receipt a card that was not stopped gives back most of what it held behind
    last = np.zeros(len(cards), dtype=np.int64)
    np.maximum.at(last, gang.row(deposits.payee), deposits.time)
    held = np.flatnonzero((gang.left > 0) & (last > 0) & (chance.random(len(cards)) < 0.7))
    after = last[held] + (chance.uniform(3, 18, len(held)) * _DAY).astype(np.int64)
    who = np.concatenate([who, cards.account[held]])
    time = np.concatenate([time, after])
    left = np.concatenate([left, 0.2 * gang.left[held] + fraction[held]])
    order = np.lexsort((time, who))
    who, time, left = who[order], time[order], left[order]
    return _send(gang, how, tally, who, time, left, pool)


def _send(gang: Gang, how: Habit, tally: Tally, who: Ints, time: Ints, left: Floats, pool: Lanes) -> Money:
    chance, cards = gang.chance, gang.cards
    alive = time < np.minimum(cards.stop[gang.row(who)], gang.scene.world.end)
    who, time, left = who[alive], time[alive], left[alive]
    row = gang.row(who)
    rate = np.where(cards.keeps[row], cards.rate[row], 0.0)
    amount = handed_on(chance, who, time, tally, rate=rate, left=left)
    batch, wait, part = tickets(chance, amount, how.ticket)
    at = time[batch] + wait
    alive = at < cards.stop[row[batch]]
    batch, at, part = batch[alive], at[alive], part[alive]
    lane = (share(who * 32_768 + time // _DAY, 41) * 1_024).astype(np.int64)
    lane = np.where(chance.random(len(lane)) < 0.2, lane + 1, lane)
    return gang.pay(Money(at, who[batch], pool.at(lane[batch], at), part), "transfer", "forward")


def distribute(
    gang: Gang, made: Bets, forwards: Money, payout: Lanes, takers: Array, operators: Array
) -> tuple[Money, Money]:
    """What pool cards hand on: to payout cards as winners ask, the rest to the merchants' accounts and the operators'.

    Returns the funding of payout cards, and the settlement on `takers` and `operators`.
    """
    chance, p = gang.chance, gang.scene.p
    how = habit(gang, p["platform.pool_threshold"])
    who, time, left = _pool_moments(gang, how, forwards)
    amount = handed_on(chance, who, time, forwards.tally(), rate=np.zeros(len(who)), left=left)
    order = np.argsort(time, kind="stable")
    who, time, amount = who[order], time[order], amount[order]
    asked = np.sort(made.asked[made.won > 0])
    won = made.won[made.won > 0][np.argsort(made.asked[made.won > 0], kind="stable")]
    heap = np.concatenate([[0], np.cumsum(won)])[np.searchsorted(asked, time, side="right")] * 1.02
    sent = np.array(list(accumulate(zip(heap.tolist(), amount.tolist(), strict=True), _fund, initial=0)))
    funds = np.diff(sent) > 0
    batch, wait, part = tickets(chance, amount, how.ticket)
    at = time[batch] + wait
    alive = at < gang.cards.stop[gang.row(who[batch])]
    batch, at, part = batch[alive], at[alive], part[alive]
    lane = chance.integers(0, payout.count, len(who))
    taker = takers[(share(who * 32_768 + time // 43_200, 42) * len(takers)).astype(np.int64)]
    if len(operators):
        own = chance.random(len(who)) < p["platform.operator"]
        taker = np.where(own, operators[chance.integers(0, len(operators), len(who))], taker)
    to = np.where(funds[batch], payout.at(lane[batch], at), taker[batch])
    money, paid = Money(at, who[batch], to, part), funds[batch]
    return (
        gang.pay(money.take(paid), "transfer", "forward"),
        gang.pay(money.take(~paid), "transfer", "settlement"),
    )


def due(gang: Gang, forwards: Money) -> tuple[Floats, Floats]:
    """What studios and agents are owed of each sum that reaches the pool, 分."""
    row = gang.row(forwards.payer)
    studio = gang.cards.studio[row]
    kept = np.where(gang.cards.keeps[row], gang.cards.rate[row], 0.0)
    return forwards.amount * (gang.studio_rate[studio] - kept), forwards.amount * gang.agent_rate[studio]


def _pool_moments(gang: Gang, how: Habit, forwards: Money) -> tuple[Ints, Ints, Floats]:
    """When pool cards hand on, and the share left: commission not yet paid; what remains of it goes on days later."""
    chance, cards = gang.chance, gang.cards
    who, time = moments(chance, how, forwards)
    left = np.full(len(who), float(gang.studio_rate.max() + gang.agent_rate.max()))
    row, size = gang.row(forwards.payee), len(cards)
    total = np.bincount(row, forwards.amount, minlength=size)
    owed = np.bincount(row, sum(due(gang, forwards)), minlength=size)
    last = np.zeros(size, dtype=np.int64)
    np.maximum.at(last, row, forwards.time)
    ended = np.flatnonzero(last > 0)
    who = np.concatenate([who, cards.account[ended]])
    time = np.concatenate([time, last[ended] + (chance.uniform(8.5, 13, len(ended)) * _DAY).astype(np.int64)])
    left = np.concatenate([left, owed[ended] / total[ended] + 0.000_1]) + gang.left[gang.row(who)]
    alive = time < np.minimum(cards.stop[gang.row(who)], gang.scene.world.end)
    order = np.lexsort((time[alive], who[alive]))
    return who[alive][order], time[alive][order], left[alive][order]


def _fund(sent: int, step: tuple[float, int]) -> int:
    """Money goes to the payout cards as long as more has been asked for than they were sent."""
    asked, amount = step
    return sent + amount if sent < asked else sent


def pay_winners(gang: Gang, crowd: Bettors, made: Bets, funding: Money) -> Money:
    """Payouts in the order in which they were asked for, each from the card whose funds it falls to."""
    chance = gang.chance
    wins = made.take(made.won > 0)
    wins = wins.take(np.argsort(wins.asked, kind="stable"))
    funds = funding.take(np.argsort(funding.time, kind="stable"))
    place = np.searchsorted(np.cumsum(funds.amount) * 0.985, np.cumsum(wins.won))
    wins, place = wins.take(place < len(funds)), place[place < len(funds)]
    wait = lognormal(chance, 300, 0.9, len(wins)).astype(np.int64)
    time = np.maximum(wins.asked, funds.time[place]) + np.maximum(wait, 2)
    payer = funds.payee[place]
    row = gang.row(payer)
    holder = gang.scene.world.accounts.person[payer]
    to = crowd.account[wins.bettor].astype(np.int64)
    fine = (time < np.minimum(gang.cards.stop[row], gang.scene.world.end)) & (payer != to) & (holder >= 0)
    money = Money(time, payer, to, wins.won).take(fine)
    money = money.take(affordable(funding.tally(), money.payer, money.time, money.amount))
    return gang.pay(money, "transfer", "payout")


def clear_out(gang: Gang, funding: Money, payouts: Money, takers: Array) -> Money:
    """What is left on payout cards some days after their last payout goes to the merchants."""
    chance, cards = gang.chance, gang.cards
    left, last = np.zeros(len(cards), dtype=np.int64), np.zeros(len(cards), dtype=np.int64)
    np.add.at(left, gang.row(funding.payee), funding.amount)
    np.subtract.at(left, gang.row(payouts.payer), payouts.amount)
    np.maximum.at(last, gang.row(funding.payee), funding.time)
    np.maximum.at(last, gang.row(payouts.payer), payouts.time)
    row = np.flatnonzero(left >= 30_000)
    time = last[row] + (chance.uniform(0.5, 6, len(row)) * _DAY).astype(np.int64)
    batch, wait, part = tickets(chance, left[row] // 10_000 * 10_000, habit(gang, 1).ticket)
    time = time[batch] + wait
    taker = takers[chance.integers(0, len(takers), len(row))][batch]
    money = Money(time, cards.account[row[batch]].astype(np.int64), taker, part)
    return gang.pay(money.take(time < cards.stop[row[batch]]), "transfer", "settlement")


def cover(gang: Gang, deposits: Money) -> Floats:
    """Purchases like anybody's from collection cards, out of a share of what they receive (variant `purchases`).

    Returns the share set aside on each card.
    """
    chance, p, cards = gang.chance, gang.scene.p, gang.cards
    fraction = np.zeros(len(cards))
    if gang.scene.adaptive != "purchases" or not len(deposits):
        return fraction
    fraction[cards.job == COLLECT] = p["platform.cover_share"]
    day = (deposits.time + 28_800) // _DAY
    worked = np.unique(deposits.payee * 32_768 + day)
    count = chance.poisson(p["platform.cover"], len(worked))
    card, day = np.repeat(worked >> 15, count), np.repeat(worked & 32_767, count)
    time = day * _DAY - 28_800 + chance.integers(8 * 3_600, 23 * 3_600, len(day))
    firms = gang.scene.world.firms
    shops = firms.account[np.isin(firms.kind, (F["shop"], F["online"]))].astype(np.int64)
    shop = shops[(len(shops) * chance.random(len(day)) ** 2).astype(np.int64)]
    amount = priced(chance, lognormal(chance, 60, 0.9, len(day)))
    money = Money(time, card, shop, amount)
    share_of = Tally(deposits.payee, deposits.time, (deposits.amount * p["platform.cover_share"]).astype(np.int64))
    fine = affordable(share_of, money.payer, money.time, money.amount)
    fine &= money.time < cards.stop[gang.row(money.payer)]
    gang.pay(money.take(fine), "code", "cover")
    return fraction


def run_cell(
    gang: Gang, crowd: Bettors, plan: Schedule, pool: Lanes, payout: Lanes, takers: Array, operators: Array
) -> Takings:
    """Everything from bettors to bettors and to the merchants' accounts. O(payments log payments)."""
    made, deposits = take_in(gang, crowd, plan)
    forwards = gather_in(gang, deposits, pool, cover(gang, deposits))
    funding, settled = distribute(gang, made, forwards, payout, takers, operators)
    payouts = pay_winners(gang, crowd, made, funding)
    settled = joined([settled, clear_out(gang, funding, payouts, takers)])
    return Takings(crowd, plan, deposits, forwards, funding, payouts, settled)


def both(takings: list[Takings], name: str) -> Money:
    """One kind of movement of all cells."""
    return joined([getattr(cell, name) for cell in takings])
