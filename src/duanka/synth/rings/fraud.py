"""A fraud ring: a call room, victims, three or four tiers of cards within minutes; then notes, tokens, gold, goods."""

from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Ints, lognormal
from duanka.synth.rings.bosses import Bosses, Group, agreed, conclude, hire_bosses
from duanka.synth.rings.callroom import call_victims
from duanka.synth.rings.exits import Partners, leave, partners
from duanka.synth.rings.hiring import enrol, provide, spans
from duanka.synth.rings.punters import able
from duanka.synth.rings.ring import Report, Ring, Scene
from duanka.synth.rings.sums import YUAN, chosen_sums
from duanka.synth.rings.tiers import Reach, Works, active_days, moments
from duanka.synth.rings.turns import NEVER, Book, Money, Turns
from duanka.synth.words import W
from duanka.synth.world import I32

_DAY, _HOUR = 86_400, 3_600


@dataclass(frozen=True, slots=True)
class Victims:
    """Who is robbed, and each of their payments: `person` to `reported` one entry a victim, the rest one a payment."""

    person: I32
    account: I32
    first: Ints  # seconds UTC of the first payment
    reported: Ints  # seconds UTC, NEVER for no report
    of: Ints  # which victim
    time: Ints
    amount: Ints  # 分
    back: Ints  # 分 returned as bait, 0 for none


def make(scene: Scene) -> Ring:
    """The ring of this scene. O(payments + cards)."""
    chance, p, people = scene.chance, scene.p, scene.world.people
    city = int(people.region[chance.integers(0, len(people))])
    ring = Ring(scene.number, "fraud", scene.adaptive, city)
    days = active_days(scene, p["fraud.days"], chance)
    works = Works(scene, Book(scene.world.end), city)
    bosses = hire_bosses(works, p["fraud.token_dealers"])
    there = partners(works, bosses.boss_accounts, bosses.tokens)
    victims = _victims(scene, days)
    holder, studio, dealer = agreed(works, ring, "fraud", ("holder", "studio", "dealer"))
    groups = _run(works, ring, victims, bosses, there, (holder, studio, dealer))
    conclude(works, ring, groups, bosses, there=there, rates=(holder, studio))
    enrol(ring, spans(ring), victims.account, "victim", tier=0, known=victims.reported)
    call_victims(scene, ring, days, victims.person, victims.first)
    return ring


def _victims(scene: Scene, days: Ints) -> Victims:
    chance, p, world = scene.chance, scene.p, scene.world
    people, size = world.people, max(3, round(p["fraud.victims"] * scene.size))
    count = chance.choice(8, size, p=[0.34, 0.22, 0.15, 0.1, 0.07, 0.05, 0.04, 0.03]) + 1
    baited = np.where(chance.random(size) < p["fraud.baited"], chance.integers(1, 4, size), 0)
    of = np.repeat(np.arange(size), count + baited)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count + baited) - count - baited, count + baited)
    bait = nth < baited[of]
    gap = np.where(bait, lognormal(chance, 4 * _HOUR, 1.0, len(of)), lognormal(chance, 540, 1.5, len(of)))
    gap = np.where(nth == 0, 0, np.clip(gap, 25, 4 * _DAY))
    since = np.cumsum(gap)
    base = np.repeat(since[nth == 0], count + baited)
    start = moments(chance, days, "even", "office", size)
    time = start[of] + (since - base).astype(np.int64)
    usual = lognormal(chance, p["fraud.ticket"], 0.75, size)[of]
    large = np.clip(usual * lognormal(chance, 1.0, 0.35, len(of)), 300, 480_000) * YUAN
    small = chance.uniform(80, 900, len(of)) * YUAN
    amount = chosen_sums(chance, np.where(bait, small, large))
    lost = np.bincount(of, amount, minlength=size)
    person = able(scene, lost)
    account = people.bank[person].astype(np.int32)
    provide(scene, account, lost)
    told = lognormal(chance, p["fraud.report_hours"] * _HOUR, 1.3, size).astype(np.int64) + 600
    last = time[np.cumsum(count + baited) - 1]
    reported = np.where((chance.random(size) < p["fraud.reported"]) & (last + told < world.end), last + told, NEVER)
    back = np.where(bait, (amount * chance.uniform(1.05, 1.25, len(of)) / (10 * YUAN)).astype(np.int64) * 10 * YUAN, 0)
    fits = time < world.end
    return Victims(person, account, start, reported, of[fits], time[fits], amount[fits], back[fits])


def _run(
    works: Works, ring: Ring, victims: Victims, bosses: Bosses, there: Partners, rates: tuple[float, ...]
) -> list[Group]:
    """Move the money through all tiers and out; returns the cards.

    One of the tiers pays the commission, as the ring has it.
    """
    scene, chance, p = works.scene, works.scene.chance, works.scene.p
    count = 4 if chance.random() < p["fraud.four_tiers"] else 3
    lanes = [max(1, round(p[f"fraud.lanes_{tier}"] * scene.size**0.5 / works.cells)) for tier in (1, 2, 3, 3)]
    arrived, turns = _collect(works, ring, victims, lanes[0])
    payout = _bait(works, victims, bosses)
    groups = [Group(turns, "collection", 1, rates[0]), Group(payout, "payout", 1, rates[0])]
    paying = int(chance.integers(1, count + 1))
    to = bosses.dealer_accounts.astype(np.int64)
    police = [Reach(p["fraud.traced_2"], 3), Reach(p["fraud.traced_3"], 9), Reach(p["fraud.traced_3"], 20)]
    for tier in range(2, count + 1):
        pace = works.pace(p[f"fraud.wait_{min(tier, 3)}"], (2, 6) if tier == 2 else (2, 8), (5_000, 49_900))
        sent, failed = works.hand_on(arrived, turns, pace, to=to, rate=sum(rates) * (paying == tier - 1))
        days = p[f"fraud.card_days_{min(tier, 3)}"]
        arrived, turns = works.reach(sent, failed, lanes=lanes[tier - 1], days=days, police=police[tier - 2])
        groups.append(Group(turns, "cash_out" if tier == count else "transit", tier, rates[0]))
    pace = works.pace(p["fraud.wait_out"], (1, 3), (2_000, 49_900))
    sent, _ = works.hand_on(arrived, turns, pace, to=to, rate=sum(rates) * (paying == count))
    leave(works, sent, turns.stop_of(sent.node), there)
    return groups


def _collect(works: Works, ring: Ring, victims: Victims, lanes: int) -> tuple[Money, Turns]:
    """Victims pay; a victim stays in one lane mostly. Reports come with what was paid."""
    chance, p = works.scene.chance, works.scene.p
    size = len(victims.time)
    reported = victims.reported[victims.of]
    late = lognormal(chance, p["fraud.stop_minutes"] * 60, 0.9, len(victims.person)).astype(np.int64)[victims.of]
    danger = np.where((reported < NEVER) & (chance.random(size) < p["fraud.stopped"]), reported + late, NEVER)
    cell = chance.integers(0, works.cells, len(victims.person))[victims.of]
    lane = chance.integers(0, 1 << 16, len(victims.person))[victims.of] + (chance.random(size) < 0.15)
    money = Money(victims.time, np.full(size, -1), victims.amount, danger, cell)
    arrived, turns = works.turns_of(money, lanes=lanes, days=p["fraud.card_days_1"], lane=lane)
    at_counter = chance.random(len(victims.person)) < p["fraud.at_counter"]
    word = np.where(at_counter[victims.of] & (victims.back == 0), W["counter"], W["transfer"])
    works.book.add(victims.time, victims.account[victims.of], arrived.node, victims.amount, word, "deposit")
    ring.meant = int(victims.amount.sum())
    told = np.flatnonzero(reported < NEVER)
    payer = victims.account[victims.of[told]]
    for row in zip(payer, arrived.node[told], victims.time[told], victims.amount[told], reported[told], strict=True):
        ring.reports.append(Report(*map(int, row)))
    return arrived, turns


def _bait(works: Works, victims: Victims, bosses: Bosses) -> Turns:
    """Small sums that come back with interest (刷单), paid by cards that the boss filled."""
    chance, book = works.scene.chance, works.book
    rows = np.flatnonzero(victims.back > 0)
    time = victims.time[rows] + lognormal(chance, 1_300, 0.8, len(rows)).astype(np.int64) + 30
    rows, time = rows[time < book.end], time[time < book.end]
    never, zero = np.full(len(rows), NEVER), np.zeros(len(rows), dtype=np.int64)
    paid, turns = works.turns_of(
        Money(time, zero, victims.back[rows], never, zero), lanes=1, days=works.scene.p["fraud.card_days_3"]
    )
    book.add(time, paid.node, victims.account[victims.of[rows]], paid.amount, W["transfer"], "payout")
    size = len(turns.node)
    total = np.bincount(paid.node - turns.node[0], paid.amount, minlength=size) if size else np.zeros(0)
    first = np.full(size, book.end, dtype=np.int64)
    np.minimum.at(first, paid.node - (turns.node[0] if size else 0), time)
    filled = (-(-total * chance.uniform(1.02, 1.6, size) // (100 * YUAN)) * 100 * YUAN).astype(np.int64)
    before = np.maximum(first - lognormal(chance, 9_000, 1.0, size).astype(np.int64) - 60, works.scene.world.start)
    book.add(before, int(bosses.boss_accounts[0]), turns.node, filled, W["transfer"], "margin")
    provide(works.scene, bosses.boss_accounts[:1], np.array([filled.sum()]))
    return turns
