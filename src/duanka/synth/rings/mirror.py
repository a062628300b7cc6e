"""Underground bank (地下钱庄): yuan taken in from those who want money abroad, paid out to those who bring money home.

No payment crosses a border: the two lists of customers share nothing but the pool of rented cards, the amounts and
the days (对敲, domain.md UB01). An order is paid in several parts to several cards, and answered within hours or days
by the same sum less a margin; what is left is evened out between pool cards in the evening. Some customers act in
good faith: families of students abroad, people who bring their own savings home.
Tiers: 0 customers who pay in, 1 intake cards, 2 paying cards, 3 customers who are paid.
"""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Ints, lognormal
from duanka.synth.life.everyday import round_sums
from duanka.synth.movements import movements
from duanka.synth.rings.crew import DAY, Crew, gather_crew, lanes_for, payers, within_means
from duanka.synth.rings.onward import NEVER, Flow, Tier, overlay, paced
from duanka.synth.rings.ring import Ring, Scene
from duanka.synth.words import P, W
from duanka.synth.world import I32, J


@dataclass(frozen=True, slots=True)
class _Orders:
    """Orders by time: who pays in or is paid, how much, when agreed."""

    time: Ints
    customer: Ints  # account
    amount: Ints


def make(scene: Scene) -> Ring:
    """One bank. O(payments log payments)."""
    chance, p, market = scene.chance, scene.p, scene.market
    city = int(scene.world.people.region[market.crowd(1)[0]])
    ring = Ring(scene.number, "mirror", scene.adaptive, city)
    crew = gather_crew(scene, ring, days=p["mirror.days"])
    cells = crew.manner.cells
    count = max(4 * cells, round(p["mirror.holders"] * scene.size))
    cards = market.cards(market.people(count, city=city), most=2)
    chance.shuffle(cards)
    crew.staff(cards, low=p["onward.holder_low"] / 3, high=p["onward.holder_high"] / 3)
    middle = len(cards) * 3 // 5
    life = p["mirror.card_days"] * DAY
    intake, paying = (
        Tier(chance, group, max(lanes_for(len(group), life, crew), min(2 * cells, len(group) // cells * cells)),
             life=life, sigma=0.7)
        for group in (cards[:middle], cards[middle:])
    )  # fmt: skip
    wanted = _orders(crew, *_customers(crew))
    arrived = _pay_in(crew, wanted, intake)
    ready = crew.gather(arrived, intake, within=4 * 3_600, delay=p["mirror.wait_hours"] * 3_600, sigma=0.9)
    direct = chance.random(len(ready)) < p["mirror.direct"]
    evened = _even_out(crew, ready.take(~direct), intake, paying)
    again = crew.gather(evened, paying, within=6 * 3_600, delay=p["mirror.wait_hours"] * 1_800, sigma=0.8)
    again = crew.pay_dealer(again, paying, p["mirror.dealer_low"], p["mirror.dealer_high"])
    paid_to = _pay_out(crew, wanted, [(ready.take(direct), intake), (again, paying)])
    _close(crew, wanted, paid_to, intake, paying)
    return ring


def _customers(crew: Crew) -> tuple[I32, I32]:
    """Persons who want money abroad, and persons who bring some home; nobody is on both lists."""
    scene = crew.scene
    count = max(3, round(scene.p["mirror.customers"] * scene.size))
    least = round(scene.p["mirror.order"] * 100)
    both = payers(crew, 2 * count, least)
    out = both[: len(both) // 2]
    home = np.setdiff1d(crew.outsiders(scene.market.crowd(3 * count)), both)
    return out, scene.chance.permutation(home)[:count].astype(np.int32)


def _orders(crew: Crew, out: I32, home: I32) -> tuple[_Orders, _Orders]:
    """Orders in, and their mirror image: the same sums less a margin, hours or days later, to the other list."""
    scene, chance, p = crew.scene, crew.scene.chance, crew.scene.p
    people, accounts = scene.world.people, scene.world.accounts
    size = max(4, round(p["mirror.orders"] * scene.size))
    which = chance.choice(len(out), size, p=(w := chance.uniform(0.3, 1, len(out))) / w.sum())
    amount = round_sums(chance, np.clip(lognormal(chance, p["mirror.order"], 0.9, size), 8_000, 3_000_000))
    card = people.bank[out]
    amount = within_means(amount, which, accounts.balance[card].astype(np.float64), p["mirror.part_of_means"])
    days: Ints = np.arange(crew.start // DAY + 1, max(crew.end // DAY - 2, crew.start // DAY + 2), dtype=np.int64)
    time = np.sort(seasons.at(seasons.days_of(chance, days, "even", size), seasons.clock(chance, "day", size)))
    keep = amount > 0
    wanted = _Orders(time[keep], card[which][keep].astype(np.int64), amount[keep])
    margin = chance.uniform(p["mirror.margin_low"], p["mirror.margin_high"], len(wanted.time))
    crew.ring.commission["customer"] = float(margin.mean()) if len(margin) else 0.0
    answer = wanted.amount * (1 - margin)
    answer = np.where(
        chance.random(len(margin)) < 0.6, np.round(answer / 10_000) * 10_000, np.round(answer / 100) * 100
    )
    lag = lognormal(chance, p["mirror.wait_hours"] * 3_600, 1.0, len(margin)).astype(np.int64)
    order = np.argsort(wanted.time + lag, kind="stable")  # the one who was first is not answered first
    to = people.bank[home[chance.choice(len(home), len(order), p=(v := chance.pareto(1.6, len(home)) + 0.3) / v.sum())]]
    return wanted, _Orders((wanted.time + lag)[order], to.astype(np.int64), answer.astype(np.int64)[order])


def _pay_in(crew: Crew, orders: tuple[_Orders, _Orders], intake: Tier) -> Flow:
    """Each order in parts under 50,000 to the cards that the customer was told, over minutes or hours."""
    chance, wanted, cells = crew.scene.chance, orders[0], crew.manner.cells
    owner, amount = crew.split(wanted.amount, 3_800_000, 5_000_000)
    time = paced(chance, wanted.time, owner, 1_500)
    per_cell = max(1, intake.lanes // cells)
    turn = (np.arange(len(owner)) + wanted.customer[owner]) // np.where(chance.random(len(owner)) < 0.5, 1, 2)
    lane = np.minimum(wanted.customer[owner] % cells + cells * (turn % per_cell), intake.lanes - 1)
    told, alarm = crew.report(time, crew.scene.p["mirror.reported"], 0.8)
    told, alarm = (np.where(time < crew.end, a, NEVER) for a in (told, alarm))
    card = intake.settle(crew.start, time, lane, alarm)
    payer = wanted.customer[owner]
    can = (card >= 0) & (time < crew.end) & (card != payer)
    crew.ring.pay(movements(time[can], payer[can], card[can], amount[can], W["transfer"], part=P["deposit"]))
    crew.file(np.where(can, told, NEVER), payer, card, time, amount)
    return Flow(time[can], card[can], lane[can], amount[can], alarm[can])


def _even_out(crew: Crew, ready: Flow, intake: Tier, paying: Tier) -> Flow:
    """In the evening what lies on intake cards goes to those that pay next."""
    chance = crew.scene.chance
    day = (ready.time - 1) // DAY * DAY + 10 * 3_600  # 18:00 in Beijing
    evening = np.maximum(ready.time, day + chance.integers(0, 5 * 3_600, len(ready)))
    fits = (evening < crew.end) & (evening < intake.stop_of(ready.card))
    moved = Flow(evening, ready.card, ready.lane, ready.amount, ready.alarm).take(fits)
    words = np.array([W["sweep"], W["transfer"]])
    return crew.send(moved, intake, paying, ticket=4_200_000, most=20_000_000, pause=200, word=words,
                     traced=crew.scene.p["onward.traced"])  # fmt: skip


def _pay_out(crew: Crew, orders: tuple[_Orders, _Orders], pools: list[tuple[Flow, Tier]]) -> Ints:
    """The pool pays the other list, order by order, from whichever cards have money; returns who was paid."""
    chance, answered = crew.scene.chance, orders[1]
    flow = Flow(*(np.concatenate([getattr(f, n) for f, _ in pools]) for n in Flow.__slots__))
    stop = np.concatenate([tier.stop_of(f.card) for f, tier in pools])
    order = np.argsort(flow.time, kind="stable")
    flow, stop = flow.take(order), stop[order]
    row, claim, piece = overlay(flow.amount, np.maximum(answered.amount, 100))
    owner, amount = crew.split(piece, 3_600_000, 5_000_000)
    agreed = np.maximum(flow.time[row], answered.time[claim])
    time = paced(chance, agreed, owner, 900) + chance.integers(0, 600, len(owner))
    payer, payee = flow.card[row][owner], answered.customer[claim][owner]
    can = (time < stop[row][owner]) & (time < crew.end) & (payer != payee)
    crew.ring.pay(
        movements(
            time[can], payer[can], payee[can], amount[can], W["transfer"], device=crew.device(payer[can]),
            part=P["payout"],
        )
    )  # fmt: skip
    return np.unique(payee[can])


def _close(crew: Crew, orders: tuple[_Orders, _Orders], paid_to: Ints, intake: Tier, paying: Tier) -> None:
    """Probes, stops and the truth; students' families and some others knew of nothing."""
    chance, world, p = crew.scene.chance, crew.scene.world, crew.scene.p
    crew.ring.commission["holder"] = (p["onward.holder_low"] + p["onward.holder_high"]) / 6
    for tier in (intake, paying):
        used = tier.begins < crew.end
        crew.probe(tier.cards[used], tier.begins[used])
        crew.stop(tier)
    own = np.concatenate([intake.cards, paying.cards])
    for listed, role, tier_number in ((orders[0].customer, "merchant", 0), (paid_to, "settlement", 3)):
        customers = np.setdiff1d(listed, own)
        person = world.accounts.person[customers]
        family = (world.people.job[person] == J["student"]) | (
            world.people.job[np.maximum(person - 1, 0)] == J["student"]
        )
        honest = family | (chance.random(len(customers)) < p["mirror.good_faith"])
        crew.enlist(customers[honest], "good_faith", tier_number, led=False)
        crew.enlist(customers[~honest], role, tier_number)
    crew.enlist(intake.cards, "collection", 1)
    crew.enlist(paying.cards, "payout", 2)
    crew.enlist(np.array([crew.dealer_card]), "dealer", -1)
