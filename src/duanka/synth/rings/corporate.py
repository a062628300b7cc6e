"""Public to private (公转私): money of clients and victims through shells' false invoices, out to personal cards.

Clients are trading firms that want notes or private money; the money passes one to three shells as payment for goods
and comes out on rented personal cards within minutes, without wages, tax or bills (domain.md TX17 and TX18,
法释〔2019〕1号). What clients paid, less the fee, goes back to their owners' own accounts in the order paid; victims'
money leaves as notes.
Tiers: 0 clients and victims, 1 … h shells, h+1 personal cards, h+2 the owners.
"""

import numpy as np

from duanka.synth.chance import Ints, lognormal
from duanka.synth.life.everyday import round_sums
from duanka.synth.rings.bosses import Bosses, Group, agreed, conclude, hire_bosses
from duanka.synth.rings.claims import answer
from duanka.synth.rings.exits import notes
from duanka.synth.rings.hiring import enrol, spans
from duanka.synth.rings.punters import Payers, Police, collect, paid_by, together, victims
from duanka.synth.rings.ring import Ring, Scene
from duanka.synth.rings.shells import buy_shells
from duanka.synth.rings.tiers import Reach, Works, active_days, lanes_for, moments
from duanka.synth.rings.turns import NEVER, Book, Money, Turns, words
from duanka.synth.words import W
from duanka.synth.world import I32, F

_TRADING = ("wholesale", "online", "factory", "freight", "estate", "office")


def make(scene: Scene) -> Ring:
    """One ring of shells. O(payments log payments)."""
    chance, p, people = scene.chance, scene.p, scene.world.people
    city = int(people.region[chance.integers(0, len(people))])
    ring = Ring(scene.number, "corporate", scene.adaptive, city)
    days = active_days(scene, p["corporate.days"], chance)
    works = Works(scene, Book(scene.world.end), city)
    bosses = hire_bosses(works, 0)
    (dealer,) = agreed(works, ring, "corporate", ("dealer",))
    (holder,) = agreed(works, ring, "onward", ("holder",))
    (kept,) = agreed(works, ring, "corporate", ("shell",))
    payers = _payers(scene, days)
    arrived, tiers = _through_shells(works, ring, payers, days, kept)
    owed = _owed(works, ring, payers)
    pace = works.pace(420, (1, 3), (2_000, 49_900))
    to = bosses.dealer_accounts.astype(np.int64)
    sent, failed = works.hand_on(arrived, tiers[-1], pace, to=to, rate=holder + dealer, keep=kept)
    lanes = lanes_for(works, p["corporate.holders"] * scene.size, 12, days)
    word = words(chance, len(sent), transfer=0.6, goods=0.2, freight=0.2)
    police = Reach(p["onward.traced"] / 2, 5)
    arrived, persons = works.reach(sent, failed, lanes=lanes, days=12, police=police, word=word)
    _hand_back(works, arrived, persons, owed, bosses, holder)
    last = len(tiers) + 1
    given = buy_shells(works, ring, tiers, bosses)
    groups = [Group(tier, "transit", number, kept) for number, tier in enumerate(tiers, 1)]
    groups.append(Group(persons, "cash_out", last, holder))
    conclude(works, ring, groups, bosses, rates=(holder, dealer / 2), given=given)
    when = spans(ring)
    enrol(ring, when, payers.account[~payers.victim], "customer", tier=0, known=int(when.last.max()) + 9 * 86_400)
    enrol(ring, when, payers.account[payers.victim], "victim", tier=0, known=payers.reported[payers.victim])
    enrol(ring, when, owed.node[owed.node >= 0], "customer", tier=last + 1)
    return ring


def _payers(scene: Scene, days: Ints) -> Payers:
    """Clients' payments in office hours, and victims' who think that they invest; as much as the ring means to move."""
    p = scene.p
    volume = p["corporate.volume"] * 1e8 * scene.size
    robbed = max(3, round(volume * p["corporate.victims"] / (p["corporate.victim_ticket"] * 137)))
    police = Police(p["corporate.reported"], 9, p["corporate.stopped"])
    lost = victims(scene, days, robbed, median=p["corporate.victim_ticket"], police=police)
    return together(_clients(scene, days, volume), lost)


def _clients(scene: Scene, days: Ints, volume: float) -> Payers:
    """Firms that trade, the larger the likelier; together they pay the volume (分), by their size."""
    chance, world, p = scene.chance, scene.world, scene.p
    firms, table = world.firms, world.accounts
    trading = np.isin(firms.kind, [F[kind] for kind in _TRADING]) & (table.opened[firms.account] <= days[0])
    rows = np.flatnonzero(trading)
    held = np.sqrt(table.balance[firms.account[rows]] + 1.0)
    count = min(max(3, round(p["corporate.clients"] * scene.size)), len(rows))
    chosen = rows[chance.choice(len(rows), count, replace=False, p=held / held.sum())]
    size = max(10, round(volume / (p["corporate.ticket"] * 132)))  # 1.32: a ticket's mean by its median
    of = chance.choice(count, size, p=firms.size[chosen] / firms.size[chosen].sum())
    yuan = lognormal(chance, p["corporate.ticket"], 0.75, size)
    amount = round_sums(chance, yuan * (volume / 100 / yuan.sum()))
    time = moments(chance, days, "work", "office", size)
    honest = np.zeros(count, dtype=np.bool_)
    account: I32 = firms.account[chosen]
    return paid_by(scene, account, of, time, amount, victim=honest, police=Police(0, 1, 0))


def _through_shells(
    works: Works, ring: Ring, payers: Payers, days: Ints, kept: float
) -> tuple[Money, list[Turns]]:  # fmt: skip
    """One to three tiers of shells, as many as there are shells for; a client keeps to its shell, as to a supplier."""
    chance, p, size = works.scene.chance, works.scene.p, works.scene.size
    shells, life = max(2 * works.cells, p["corporate.shells"] * size), p["corporate.shell_days"]
    hops = min(int(chance.integers(1, 4)), max(1, int(shells) // (2 * works.cells)))
    lanes = lanes_for(works, 0.75 * shells / hops, life, days)  # stops take some too
    account = payers.account.astype(np.int64)
    lane = account // 8 + (chance.random(len(payers)) < 0.15)
    word = np.where(payers.victim, W["transfer"], W["goods"])
    arrived, turns = collect(
        works, ring, payers, word, lanes=lanes, days=life, lane=lane, cell=account % works.cells
    )  # fmt: skip
    tiers = [turns]
    pace = works.pace(1_500, (1, 3), (20_000, 480_000))
    for _ in range(hops - 1):
        sent, failed = works.hand_on(arrived, tiers[-1], pace, keep=kept, gap=1_500)
        police = Reach(p["onward.traced"], 5)
        word = np.full(len(sent), W["goods"])
        arrived, turns = works.reach(sent, failed, lanes=lanes, days=life, police=police, word=word)
        tiers.append(turns)
    return arrived, tiers


def _owed(works: Works, ring: Ring, payers: Payers) -> Money:
    """What each payment's owner gets back, less the fee; nobody (-1) for a victim's."""
    scene, world, p = works.scene, works.scene.world, works.scene.p
    fee = scene.chance.uniform(p["corporate.fee_low"], p["corporate.fee_high"], len(payers))
    ring.commission["client"] = float(fee.mean())
    firm = np.maximum(world.accounts.firm[payers.account], 0)
    to = np.where(payers.victim, -1, world.people.bank[world.firms.owner[firm]]).astype(np.int64)
    amount = np.maximum((payers.amount * (1 - fee)).astype(np.int64) // 10_000 * 10_000, 100)
    zero = np.zeros(len(payers), dtype=np.int64)
    return Money(payers.time, to, amount, np.full(len(payers), NEVER), zero)


def _hand_back(works: Works, arrived: Money, persons: Turns, owed: Money, bosses: Bosses, holder: float) -> None:
    """Personal cards pay the owners in turn; victims' money becomes notes, or goes to the boss."""
    ready, later = works.set_aside(arrived, persons, holder=holder, gap=900)
    ready = ready.with_(later)
    pace = works.pace(1_100, (1, 2), (3_000, 50_000))
    rest, stop = answer(works, ready, persons.stop_of(ready.node), owed, pace, "settlement")
    over, stop = notes(works, rest, stop, day_limit=20_000, single=(2_000, 5_000))
    free = over.time < stop
    boss = int(bosses.boss_accounts[0])
    works.book.add(over.time[free], over.node[free], boss, over.amount[free], W["transfer"], "settlement")
