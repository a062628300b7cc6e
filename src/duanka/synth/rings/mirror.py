"""Underground bank (地下钱庄): yuan taken in from those who want money abroad, paid out to those who bring money home.

No payment crosses a border: the two lists of customers share nothing but the pool of rented cards, the amounts and
the days (对敲, domain.md UB01). An order is paid in several parts to several cards, and answered within hours or days
by the same sum less a margin; what is left is evened out between pool cards in the evening. Some customers act in
good faith: families of students abroad, people who bring their own savings home.
Tiers: 0 customers who pay in, 1 intake cards, 2 paying cards, 3 customers who are paid.
"""

from dataclasses import replace

import numpy as np

from duanka.synth.chance import Array, Ints, lognormal
from duanka.synth.life.everyday import round_sums
from duanka.synth.rings.bosses import Group, agreed, conclude, hire_bosses
from duanka.synth.rings.claims import answer
from duanka.synth.rings.hiring import arrests, enrol, spans
from duanka.synth.rings.punters import Payers, Police, able, collect, paid_by, visits
from duanka.synth.rings.ring import Ring, Scene
from duanka.synth.rings.sums import YUAN, Pace
from duanka.synth.rings.tiers import Reach, Works, active_days, lanes_for, moments
from duanka.synth.rings.turns import NEVER, Book, Money, Turns, some_days, split, words
from duanka.synth.world import I32, J

_DAY, _HOUR = 86_400, 3_600


def make(scene: Scene) -> Ring:
    """One bank. O(payments log payments)."""
    chance, p, people = scene.chance, scene.p, scene.world.people
    city = int(people.region[chance.integers(0, len(people))])
    ring = Ring(scene.number, "mirror", scene.adaptive, city)
    days = active_days(scene, p["mirror.days"], chance)
    works = Works(scene, Book(scene.world.end), city)
    bosses = hire_bosses(works, 0)
    holder, dealer = *agreed(works, ring, "onward", ("holder",)), *agreed(works, ring, "mirror", ("dealer",))
    holder = ring.commission["holder"] = holder / 3  # long use, and nobody reports
    orders = _orders(scene, days)
    payers = _in_parts(works, orders)
    owed = _mirrored(works, ring, orders)
    life, cards = p["mirror.card_days"], 1.4 * p["mirror.holders"] * scene.size
    lanes = [max(2, lanes_for(works, share * cards, life, days)) for share in (0.6, 0.4)]
    account = payers.account.astype(np.int64)
    arrived, intake = collect(
        works, ring, payers, words(chance, len(payers), transfer=1), lanes=lanes[0], days=life,
        lane=account + chance.integers(0, 2, len(payers)), cell=account % works.cells,
    )  # fmt: skip
    wait = Pace(p["mirror.wait_hours"] * _HOUR * works.slower, 0.9, 1, 1, YUAN, 10**12)
    direct = some_days(chance, arrived, p["mirror.direct"])
    at_once = _ready(works, arrived.take(direct), intake, wait, holder=holder)
    to = bosses.dealer_accounts.astype(np.int64)
    lying, paying = _even_out(works, arrived.take(~direct), intake, wait, lanes[1], (holder, dealer, to))
    later = _ready(works, lying, paying, replace(wait, median=wait.median / 2), holder=holder)
    pace = replace(works.pace(900, (1, 1), (3_000, 50_000)), step=900)
    stop = np.concatenate([intake.stop_of(at_once.node), paying.stop_of(later.node)])
    answer(works, at_once.with_(later), stop, owed, pace, "payout")
    groups = [Group(intake, "collection", 1, holder), Group(paying, "payout", 2, holder)]
    conclude(works, ring, groups, bosses, rates=(holder, dealer / 2))
    _enrol_customers(scene, ring, payers.account, 0)
    _enrol_customers(scene, ring, owed.node, 3)
    return ring


def _orders(scene: Scene, days: Ints) -> Payers:
    """Persons who want money abroad order it by day, some several times."""
    chance, p = scene.chance, scene.p
    size = max(4, round(p["mirror.orders"] * scene.size))
    customers = max(3, round(p["mirror.customers"] * scene.size))
    of = visits(scene, customers, size)
    amount = round_sums(chance, np.clip(lognormal(chance, p["mirror.order"], 0.9, size), 8_000, 3_000_000))
    account = scene.world.people.bank[able(scene, np.bincount(of, amount, minlength=customers))]
    time = moments(chance, days, "even", "day", size)
    victim = np.ones(customers, dtype=np.bool_)  # whose money meets the pool and is reported
    police = Police(p["mirror.reported"], 9, 0.8)
    return paid_by(scene, account, of, time, amount, victim=victim, police=police)


def _in_parts(works: Works, orders: Payers) -> Payers:
    """Each order in parts under 50,000, over minutes or hours; what a part leaves over goes with none."""
    never = np.full(len(orders), NEVER)
    rows = np.arange(len(orders))
    pace = replace(works.pace(1_500, (1, 1), (3_000, 50_000)), step=1_500)
    parts = split(works.scene.chance, Money(orders.time, rows, orders.amount, never, rows), pace, empties=1.0)
    parts = parts.take((parts.time < works.book.end) & (parts.time < orders.reported[parts.node]))
    of = parts.node
    return Payers(
        orders.account[of], parts.time, parts.amount, orders.victim[of], orders.reported[of], orders.danger[of]
    )


def _mirrored(works: Works, ring: Ring, orders: Payers) -> Money:
    """The same sums less a margin, hours or days later, owed to persons who are on the other list alone."""
    scene, chance, p = works.scene, works.scene.chance, works.scene.p
    people, size = scene.world.people, max(3, round(p["mirror.customers"] * scene.size))
    crowd = people.bank[scene.market.crowd(3 * size)]
    known = scene.world.accounts.opened[crowd] < scene.world.scale.first_day
    home = crowd[known & ~np.isin(crowd, orders.account)][:size]
    margin = chance.uniform(p["mirror.margin_low"], p["mirror.margin_high"], len(orders))
    ring.commission["customer"] = float(margin.mean())
    less = orders.amount * (1 - margin)
    unit = np.where(chance.random(len(orders)) < 0.6, 10_000, 100)
    amount = np.maximum((np.round(less / unit) * unit).astype(np.int64), 100)
    time = orders.time + lognormal(chance, p["mirror.wait_hours"] * _HOUR, 1.0, len(orders)).astype(np.int64)
    order = np.argsort(time, kind="stable")  # the one who was first is not answered first
    to = home[visits(scene, len(home), len(orders))].astype(np.int64)
    return Money(time[order], to, amount[order], np.full(len(orders), NEVER), np.zeros(len(orders), dtype=np.int64))


def _ready(works: Works, money: Money, turns: Turns, wait: Pace, *, holder: float) -> Money:
    """What lies on these cards for customers, from when it is paid out."""
    ready, later = works.set_aside(money, turns, holder=holder, gap=4 * _HOUR)
    return split(works.scene.chance, ready, wait, empties=1.0).with_(later)


def _even_out(
    works: Works, money: Money, intake: Turns, wait: Pace, lanes: int, dues: tuple[float, float, Ints]
) -> tuple[Money, Turns]:  # fmt: skip
    """In the evening what lies on intake cards goes to those that pay next; the dealer takes his share of it."""
    chance, p = works.scene.chance, works.scene.p
    holder, dealer, to = dues
    ready, later = works.set_aside(money, intake, holder=holder, to=to, rate=dealer + holder, gap=4 * _HOUR)
    ready = split(chance, ready, wait, empties=1.0)
    day = (ready.time - 1) // _DAY * _DAY + 10 * _HOUR  # 18:00 in Beijing
    evening = np.maximum(ready.time, day + chance.integers(0, 5 * _HOUR, len(ready)))
    ready = Money(evening, ready.node, ready.amount, ready.danger, ready.cell)
    sent, failed = works.send(ready, later, intake, works.pace(1_200, (1, 2), (3_000, 200_000)))
    word = words(chance, len(sent), sweep=0.5, transfer=0.5)
    police = Reach(p["onward.traced"], 5)
    return works.reach(sent, failed, lanes=lanes, days=p["mirror.card_days"], police=police, word=word)


def _enrol_customers(scene: Scene, ring: Ring, listed: I32 | Ints, tier: int) -> None:
    """Students' families and some others knew of nothing."""
    job, when = scene.world.people.job, spans(ring)
    customers = np.unique(listed)
    person = scene.world.accounts.person[customers]
    family = (job[person] == J["student"]) | (job[np.maximum(person - 1, 0)] == J["student"])
    honest: Array = family | (scene.chance.random(len(customers)) < scene.p["mirror.good_faith"])
    told = np.full(len(customers), NEVER, dtype=np.int64)
    for report in ring.reports:
        place = np.searchsorted(customers, report.payer)
        if tier == 0:
            told[place] = min(told[place], report.reported)
    heard = np.minimum(told, arrests(scene, int(when.last.max()), len(customers)))
    enrol(ring, when, customers[honest], "good_faith", tier=tier, known=told[honest])
    enrol(ring, when, customers[~honest], "customer", tier=tier, known=heard[~honest])
