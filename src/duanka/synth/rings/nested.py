"""Mixed and nested: gambling deposits and fraud money through one ring of five tiers, with small parts and round trips.

The inlet (tier 1) serves gamblers and frauds in separate lanes; tier 2 is rented cards or shells; tier 3 breaks the
money into parts just below one limit a card (50,000, 20,000, 10,000, 5,000) over dozens of cards; tier 4 gathers it
again; a share goes back to tier 2 as repayment and comes round once more (domain.md NW04: cycles of three to six, loss
under 5 %); tier 5 turns it into notes, tokens, gold and goods. The inner circles are no rings of their own: their
members are told apart by tier, and `parent` stays -1.
"""

from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Array, Ints
from duanka.synth.rings.bosses import Bosses, Group, agreed, conclude, hire_bosses
from duanka.synth.rings.exits import leave, partners
from duanka.synth.rings.punters import Payers, Police, collect, enrol_payers, gamblers, together, victims
from duanka.synth.rings.ring import Ring, Scene
from duanka.synth.rings.shells import buy_shells
from duanka.synth.rings.sums import YUAN
from duanka.synth.rings.tiers import Reach, Works, active_days, lanes_for
from duanka.synth.rings.turns import NEVER, Book, Money, Turns, split, standing, words
from duanka.synth.words import W

_LIMITS = np.array([5_000_000, 2_000_000, 1_000_000, 500_000], dtype=np.int64)
"""Sums (分) below which nobody asks: cash report, machine a day, class II a day, a common limit without a token."""
_SMALL = 3_000
"""What (分) is not worth splitting off."""
_LATE = 1_800
"""Seconds within which winners are paid before the rest of a batch goes on."""


@dataclass(frozen=True, slots=True)
class _Tiers:
    """Cards of the tiers, and what reached each."""

    turns: list[Turns]
    arrived: list[Money]


def make(scene: Scene) -> Ring:
    """One nested ring. O(payments log payments)."""
    chance, p, people = scene.chance, scene.p, scene.world.people
    city = int(people.region[chance.integers(0, len(people))])
    ring = Ring(scene.number, "nested", scene.adaptive, city)
    days = active_days(scene, p["nested.days"], chance)
    works = Works(scene, Book(scene.world.end), city)
    bosses = hire_bosses(works, p["nested.token_dealers"])
    there = partners(works, bosses.boss_accounts, bosses.tokens)
    (holder,), (dealer,) = agreed(works, ring, "onward", ("holder",)), agreed(works, ring, "nested", ("dealer",))
    payers = _payers(scene, days)
    tiers = _Tiers([], [])
    _enter(works, ring, payers, days, tiers)
    _second(works, tiers, payers, days, holder)
    _break_up(works, tiers, days, holder)
    _go_round(works, tiers, holder)
    _out(works, tiers, days, bosses, (holder, dealer))
    pace = works.pace(1_500, (1, 3), (2_000, 49_900))
    sent, _ = works.hand_on(tiers.arrived[4], tiers.turns[4], pace, holder=holder)
    leave(works, sent, tiers.turns[4].stop_of(sent.node), there)
    given = None
    if chance.random() < p["nested.shells"]:
        given = buy_shells(works, ring, tiers.turns[1:2], bosses)
    roles = ("collection", "transit", "transit", "transit", "cash_out")
    groups = [
        Group(turns, role, tier, holder) for tier, (turns, role) in enumerate(zip(tiers.turns, roles, strict=True), 1)
    ]
    conclude(works, ring, groups, bosses, there=there, rates=(holder, dealer / 2), given=given)
    enrol_payers(ring, payers)
    return ring


def _payers(scene: Scene, days: Ints) -> Payers:
    """Gamblers' top-ups in the evening, mostly menu sums, and victims' payments in the day, a few large ones each."""
    p, chance = scene.p, scene.chance
    bets = max(30, round(p["nested.bets"] * scene.size))
    menu = np.array([100, 200, 300, 500, 1_000, 2_000, 3_000, 5_000])
    sums = chance.choice(menu, bets, p=[0.14, 0.15, 0.13, 0.19, 0.16, 0.11, 0.06, 0.06]) * float(YUAN)
    sums = np.where(chance.random(bets) < 0.4, sums * chance.uniform(0.95, 1.0, bets), sums)
    police = Police(p["nested.reported"], 9, p["nested.stopped"])
    robbed = max(2, round(p["nested.frauds"] * scene.size))
    many = victims(scene, days, robbed, median=p["nested.fraud"], police=police)
    return together(gamblers(scene, days, bets, each=9, sums=sums), many)


def _enter(works: Works, ring: Ring, payers: Payers, days: Ints, tiers: _Tiers) -> None:
    """Victims' lanes and gamblers' lanes."""
    p, chance = works.scene.p, works.scene.chance
    life = p["nested.inlet_days"]
    lanes = max(2, lanes_for(works, p["nested.inlet"] * works.scene.size, life, days))
    for_frauds = max(1, lanes // 3)
    turn = chance.integers(0, 1 << 20, len(payers))
    lane = np.where(payers.victim, turn % for_frauds, for_frauds + turn % (lanes - for_frauds))
    word = words(chance, len(payers), transfer=1)
    cell = payers.account.astype(np.int64) % works.cells
    arrived, turns = collect(works, ring, payers, word, lanes=lanes, days=life, lane=lane, cell=cell)
    tiers.turns.append(turns)
    tiers.arrived.append(arrived)


def _second(works: Works, tiers: _Tiers, payers: Payers, days: Ints, holder: float) -> None:
    """Some batches pay winners first: gamblers who have paid in before. The rest goes to tier 2."""
    chance, p = works.scene.chance, works.scene.p
    first = tiers.turns[0]
    ready, later = works.set_aside(tiers.arrived[0], first, holder=holder, gap=2_700)
    lucky = chance.random(len(ready)) < p["nested.pays_winners"]
    budget = np.where(lucky, ready.amount * chance.uniform(0.1, 0.6, len(ready)), 0).astype(np.int64)
    rows = np.arange(len(ready))
    due = Money(ready.time, rows, budget, ready.danger, ready.cell).take(budget > 20_000)
    pace = works.pace(40, (1, 4), (200, 4_000))
    won = split(chance, due, pace)
    won = won.take(won.time < ready.time[won.node] + _LATE)
    before = payers.take(~payers.victim)
    reach = np.searchsorted(before.time, won.time)
    whom = before.account[(np.maximum(reach, 1) * chance.random(len(won)) - 1e-9).clip(0).astype(np.int64)]
    payer = ready.node[won.node]
    can = (won.time < first.stop_of(payer)) & (won.time < works.book.end) & (reach > 0) & (won.amount >= _SMALL)
    works.book.add(won.time[can], payer[can], whom[can], won.amount[can], W["transfer"], "payout")
    spent = np.bincount(won.node[can], won.amount[can], minlength=len(ready)).astype(np.int64)
    wait = np.where(spent > 0, _LATE, 0)  # what goes on leaves after the last winner is paid
    ready = Money(ready.time + wait, ready.node, ready.amount, ready.danger, ready.cell).less(spent)
    sent, failed = works.send(ready, later, first, works.pace(600, (1, 2), (5_000, 200_000)))
    word = words(chance, len(sent), transfer=0.67, goods=0.33)
    lanes = lanes_for(works, p["nested.second"] * works.scene.size, 30, days)
    police = Reach(p["onward.traced"], 5)
    arrived, turns = works.reach(sent, failed, lanes=lanes, days=30, police=police, word=word)
    tiers.turns.append(turns)
    tiers.arrived.append(arrived)


def _below(works: Works, ready: Money) -> Ints:
    """The limit below which each batch of tier 2 is broken up: by card and three days, lower for small batches. 分."""
    limit = _LIMITS[(ready.node * 5 + ready.time // (3 * 86_400)) % len(_LIMITS)]
    many = np.minimum(limit, np.maximum(ready.amount // 12, _LIMITS[-1]))
    limit = _LIMITS[np.searchsorted(-_LIMITS, -many)]
    below: Ints = (limit * works.tickets).astype(np.int64)
    return below


def _break_up(works: Works, tiers: _Tiers, days: Ints, holder: float) -> None:
    """Tier 2 breaks the money up below a limit, tier 3 passes it on, tier 4 gathers it."""
    p, size = works.scene.p, works.scene.size
    ready, later = works.set_aside(tiers.arrived[1], tiers.turns[1], holder=holder / 2, gap=5_400)
    sent, failed = works.send(ready, later, tiers.turns[1], works.pace(1_500, (1, 1), (300, 49_000)),
                              limit=_below(works, ready))  # fmt: skip
    lanes = max(3, round(p["nested.breakers"] * size / works.cells))
    arrived, turns = works.reach(sent, failed, lanes=lanes, days=400, police=Reach(0, 1))
    tiers.turns.append(turns)
    tiers.arrived.append(arrived)
    sent, failed = works.hand_on(arrived, turns, works.pace(1_200, (1, 2), (1_000, 49_900)), holder=holder, gap=3_600)
    lanes = lanes_for(works, p["nested.gatherers"] * size, 25, days)
    arrived, turns = works.reach(sent, failed, lanes=lanes, days=25, police=Reach(0, 1))
    tiers.turns.append(turns)
    tiers.arrived.append(arrived)


def _goes_back(works: Works, top: Money) -> Array:
    """Which sums of tier 4 come round once more: those that reach some cards in some half-days."""
    mark: Ints = ((top.node * 2_654_435_761 + top.time // 43_200 * 40_503) >> 7) % 1_000
    back: Array = mark < round(1_000 * works.scene.p["nested.round_trips"])
    return back


def _go_round(works: Works, tiers: _Tiers, holder: float) -> None:
    """Back from tier 4 to tier 2, as repayment or payment for goods, and through cards that stand there to tier 4."""
    chance = works.scene.chance
    back = _goes_back(works, tiers.arrived[3])
    lying, tiers.arrived[3] = tiers.arrived[3].take(back), tiers.arrived[3].take(~back)
    paces = (works.pace(2_400, (1, 3), (5_000, 120_000)), works.pace(1_500, (1, 1), (300, 49_000)),
             works.pace(1_200, (1, 2), (1_000, 49_900)))  # fmt: skip
    for (source, to, part), pace in zip(((3, 1, 0.5), (1, 2, 0.5), (2, 3, 1.0)), paces, strict=True):
        ready, later = works.set_aside(lying, tiers.turns[source], holder=holder * part, gap=3_600)
        limit = _below(works, ready) if source == 1 else None
        sent, _ = works.send(ready, later, tiers.turns[source], pace, limit=limit)
        node, found = standing(chance, sent, tiers.arrived[to], tiers.turns[to])
        sent, node = sent.take(found), node[found]
        word = words(chance, len(sent), transfer=0.6, goods=0.2, refund=0.2) if source == 3 else W["transfer"]
        works.book.add(sent.time, sent.node, node, sent.amount, word, "forward")
        lying = Money(sent.time, node, sent.amount, np.full(len(sent), NEVER), sent.cell)
    tiers.arrived[3] = tiers.arrived[3].with_(lying)


def _out(works: Works, tiers: _Tiers, days: Ints, bosses: Bosses, rates: tuple[float, float]) -> None:
    """Tier 4 pays the dealer and sends the rest to the runners of tier 5."""
    holder, dealer = rates
    to = bosses.dealer_accounts.astype(np.int64)
    pace = works.pace(900, (1, 3), (5_000, 49_900))
    sent, failed = works.hand_on(
        tiers.arrived[3], tiers.turns[3], pace, to=to, rate=holder + dealer, holder=holder / 2, gap=3_600
    )
    lanes = lanes_for(works, works.scene.p["nested.runners"] * works.scene.size, 10, days)
    arrived, turns = works.reach(sent, failed, lanes=lanes, days=10, police=Reach(0, 1))
    tiers.turns.append(turns)
    tiers.arrived.append(arrived)
