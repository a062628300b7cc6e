"""Public to private (公转私): money of clients and victims through shells' false invoices, out to personal cards.

Clients are trading firms that want notes or private money; the money passes one to three shells as payment for goods
and comes out on rented personal cards within minutes, without wages, tax or bills (domain.md TX17 and TX18,
法释〔2019〕1号). What clients paid, less the fee, goes back to their owners' own accounts in the order paid; victims'
money leaves as notes.
Tiers: 0 clients and victims, 1 … h shells, h+1 personal cards, h+2 the owners.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Floats, Ints, lognormal
from duanka.synth.life.everyday import round_sums
from duanka.synth.movements import movements
from duanka.synth.rings.crew import DAY, Crew, gather_crew, lanes_for, payers, within_means
from duanka.synth.rings.onward import NEVER, Flow, Tier, overlay
from duanka.synth.rings.ring import Control, Ring, Scene
from duanka.synth.words import P, W
from duanka.synth.world import I32, F, bank_outlet


@dataclass(frozen=True, slots=True)
class _Paid:
    """What comes in, by time: who pays how much, and to whom it is owed again (-1: to nobody, a victim)."""

    time: Ints
    payer: Ints
    amount: Ints
    owner: Ints  # account
    told: Ints  # when reported; NEVER
    alarm: Ints


def make(scene: Scene) -> Ring:
    """One ring of shells. O(payments log payments)."""
    chance, p, market = scene.chance, scene.p, scene.market
    city = int(scene.world.people.region[market.crowd(1)[0]])
    ring = Ring(scene.number, "corporate", scene.adaptive, city)
    crew = gather_crew(scene, ring, days=p["corporate.days"], most_cells=2)
    shells = _shells(crew, max(2 * crew.manner.cells, round(p["corporate.shells"] * scene.size)))
    holders = market.people(max(4, round(p["corporate.holders"] * scene.size)), city=city)
    cards = market.cards(holders, most=2)
    crew.staff(shells, low=p["corporate.shell_low"], high=p["corporate.shell_high"])
    crew.staff(cards, low=p["onward.holder_low"], high=p["onward.holder_high"])
    crew.by_transfer.difference_update(shells.tolist())  # a nominee (小白人) is paid once, for the firm
    paid = _paid(crew)
    tiers = _shell_tiers(crew, shells)
    arrived, paid = _enter(crew, paid, tiers[0])
    for here, following in pairwise(tiers):
        ready = crew.gather(arrived, here, within=5_400, delay=1_500)
        arrived = crew.send(
            ready, here, following, ticket=6_000_000, most=48_000_000, pause=240, word=W["goods"],
            traced=p["onward.traced"],
        )  # fmt: skip
    persons = Tier(chance, cards, lanes_for(len(cards), 12 * DAY, crew), life=12 * DAY, sigma=0.8)
    ready = crew.gather(arrived, tiers[-1], within=1_800, delay=420)
    ready = crew.pay_dealer(ready, tiers[-1], p["corporate.dealer_low"], p["corporate.dealer_high"])
    out = crew.send(
        ready, tiers[-1], persons, ticket=2_400_000, most=5_000_000, pause=50,
        word=np.array([W["transfer"], W["transfer"], W["transfer"], W["goods"], W["freight"]]),
        traced=0.5 * p["onward.traced"],
    )  # fmt: skip
    _hand_back(crew, out, persons, paid)
    _close(crew, paid, tiers, persons)
    return ring


def _shells(crew: Crew, count: int) -> I32:
    """Shells under young nominees, several each; those of one agent have his phone, and some are newly founded."""
    scene, world, chance = crew.scene, crew.scene.world, crew.scene.chance
    firms, accounts, p = world.firms, world.accounts, crew.scene.p
    rows = scene.market.shells(count, city=crew.ring.city)
    nominees = scene.market.people(max(1, round(count / p["corporate.firms_of_a_nominee"])), city=crew.ring.city)
    nominees = nominees[np.argsort(-world.people.birth[nominees], kind="stable")]
    firms.owner[rows] = np.sort(nominees[chance.integers(0, len(nominees), count)])
    agent = int(scene.market.people(1, city=crew.ring.city)[0])
    by_agent = chance.random(count) < p["corporate.agents_phone"]
    book = firms.account[rows]
    accounts.sim[book] = np.where(by_agent, world.people.sim[agent], world.people.sim[firms.owner[rows]])
    new = rows[chance.random(count) < p["corporate.new_shells"]]
    opened = crew.start // DAY - chance.integers(4, 60, len(new))
    opened = np.maximum(opened, world.scale.first_day - 400)
    firms.founded[new] = opened - chance.integers(5, 25, len(new))
    bank = accounts.institution[firms.account[new]]
    outlet = bank_outlet(bank, np.full(len(new), crew.ring.city), np.full(len(new), int(chance.integers(0, 4))))
    scene.market.reopen(firms.account[new], opened, outlet=outlet)
    for firm, card in zip(rows.tolist(), book.tolist(), strict=True):
        crew.ring.controls.append(Control(int(firms.owner[firm]), "account", card, crew.start - 2 * DAY, "farmer"))
    for person in np.unique(firms.owner[rows]).tolist():
        crew.ring.controls.append(Control(agent, "person", person, crew.start - 2 * DAY, "recruiter"))
    crew.ring.controls.append(Control(crew.dealer, "person", agent, crew.start - 2 * DAY, "dealer"))
    return book.astype(np.int32)


def _shell_tiers(crew: Crew, shells: I32) -> list[Tier]:
    """One to three tiers of shells, as many as there are shells for."""
    chance, cells = crew.scene.chance, crew.manner.cells
    hops = min(int(chance.integers(1, 4)), max(1, len(shells) // (2 * cells)))
    life = crew.scene.p["corporate.shell_days"] * DAY
    groups = [shells[hop::hops] for hop in range(hops)]
    lanes = [max(lanes_for(len(g), life, crew), min(cells, len(g))) for g in groups]
    return [Tier(chance, g, n, life=life, sigma=0.5) for g, n in zip(groups, lanes, strict=True)]


def _paid(crew: Crew) -> _Paid:
    """Clients' payments in office hours, and victims' who think that they invest."""
    scene, p = crew.scene, crew.scene.p
    volume = p["corporate.volume"] * 1e8 * scene.size
    clients, victims = _clients(crew, volume), _victims(crew, volume * p["corporate.victims"])
    time, payer, amount, owner = (np.concatenate(pair) for pair in zip(clients, victims, strict=True))
    told, alarm = crew.report(time, p["corporate.reported"], p["corporate.stopped"])
    honest = owner >= 0
    told, alarm = np.where(honest, NEVER, told), np.where(honest, NEVER, alarm)
    order = np.argsort(time, kind="stable")
    return _Paid(*(column[order] for column in (time, payer, amount, owner, told, alarm)))


def _moments(crew: Crew, size: int, week: str, hours: str) -> Ints:
    chance = crew.scene.chance
    days: Ints = np.arange(crew.start // DAY + 1, max(crew.end // DAY - 1, crew.start // DAY + 2), dtype=np.int64)
    return seasons.at(seasons.days_of(chance, days, week, size), seasons.clock(chance, hours, size))


def _clients(crew: Crew, volume: float) -> tuple[Ints, Ints, Ints, Ints]:
    """Firms that trade, by what they have; each to one owner's account that gets its money back."""
    scene, chance, world = crew.scene, crew.scene.chance, crew.scene.world
    firms, accounts, people = world.firms, world.accounts, world.people
    trading = np.flatnonzero(np.isin(firms.kind, [F[k] for k in ("wholesale", "online", "factory", "freight", "estate",
                                                                 "office")]))  # fmt: skip
    held = accounts.balance[firms.account[trading]].astype(np.float64)
    count = min(max(3, round(scene.p["corporate.clients"] * scene.size)), len(trading))
    chosen = trading[chance.choice(len(trading), count, replace=False, p=np.sqrt(held + 1) / np.sqrt(held + 1).sum())]
    mean = scene.p["corporate.ticket"] * 100
    size = max(10, round(volume / (mean * 1.3)))
    which = chance.choice(count, size, p=firms.size[chosen] / firms.size[chosen].sum())
    amount = round_sums(chance, lognormal(chance, mean / 100, 0.75, size))
    balance: Floats = accounts.balance[firms.account[chosen]].astype(np.float64)
    amount = within_means(amount, which, balance, scene.p["corporate.part_of_means"])
    owner = people.bank[firms.owner[chosen]]
    rows = amount > 0
    time = _moments(crew, size, "work", "office")
    return (
        time[rows],
        firms.account[chosen][which][rows].astype(np.int64),
        amount[rows],
        owner[which][rows].astype(np.int64),
    )


def _victims(crew: Crew, volume: float) -> tuple[Ints, Ints, Ints, Ints]:
    """Persons who pay a firm that promises gains, one to four times."""
    scene, chance, world = crew.scene, crew.scene.chance, crew.scene.world
    mean = scene.p["corporate.victim_ticket"] * 100
    size = max(3, round(volume / (mean * 1.4)))
    persons = payers(crew, max(2, size // 2), round(mean * 1.5))
    which = chance.integers(0, len(persons), size)
    card = world.people.bank[persons]
    amount = round_sums(chance, lognormal(chance, mean / 100, 0.8, size))
    amount = within_means(amount, which, world.accounts.balance[card].astype(np.float64), 0.8)
    rows = amount > 0
    time = _moments(crew, size, "even", "day")
    return time[rows], card[which][rows].astype(np.int64), amount[rows], np.full(int(rows.sum()), -1, dtype=np.int64)


def _enter(crew: Crew, paid: _Paid, first: Tier) -> tuple[Flow, _Paid]:
    """The money reaches the first shells: a client keeps to its shell, as with a supplier. Returns what was paid."""
    chance, cells = crew.scene.chance, crew.manner.cells
    per_cell = max(1, first.lanes // cells)
    lane = paid.payer % cells + cells * ((paid.payer // 8 + (chance.random(len(paid.time)) < 0.15)) % per_cell)
    lane = np.minimum(lane, first.lanes - 1)
    card = first.settle(crew.start, paid.time, lane, paid.alarm)
    can = (card >= 0) & (paid.time < crew.end) & (card != paid.payer)
    word = np.where(paid.owner >= 0, W["goods"], W["transfer"])
    crew.ring.pay(movements(paid.time[can], paid.payer[can], card[can], paid.amount[can], word[can], part=P["deposit"]))
    crew.file(np.where(can, paid.told, NEVER), paid.payer, card, paid.time, paid.amount)
    held = Flow(paid.time[can], card[can], lane[can], paid.amount[can], paid.alarm[can])
    return held, _Paid(*(getattr(paid, name)[can] for name in _Paid.__slots__))


def _hand_back(crew: Crew, out: Flow, persons: Tier, paid: _Paid) -> None:
    """Personal cards pay the clients' owners in turn what they are owed less the fee; victims' money becomes notes."""
    scene, chance = crew.scene, crew.scene.chance
    fee = chance.uniform(scene.p["corporate.fee_low"], scene.p["corporate.fee_high"], len(paid.time))
    crew.ring.commission["client"] = float(fee.mean())
    ready = crew.gather(out, persons, within=2_400, delay=1_100)
    ready = ready.take(np.argsort(ready.time, kind="stable"))
    owed = np.floor(paid.amount * (1 - fee) / 10_000).astype(np.int64) * 10_000
    row, claim, amount = overlay(ready.amount, np.maximum(owed, 100))
    to = paid.owner[claim]
    back = (to >= 0) & (paid.time[claim] < ready.time[row])
    row_b, amount_b = row[back], amount[back]
    owner, part = crew.split(amount_b, 3_000_000, 5_000_000)
    time = ready.time[row_b][owner] + chance.integers(0, 900, len(owner))
    payer, payee = ready.card[row_b][owner], to[back][owner]
    can = (time < persons.stop_of(payer)) & (time < crew.end) & (payer != payee)
    crew.ring.pay(
        movements(
            time[can], payer[can], payee[can], part[can], W["transfer"], device=crew.device(payer[can]),
            part=P["settlement"],
        )
    )  # fmt: skip
    left = Flow(ready.time[row], ready.card[row], ready.lane[row], amount, ready.alarm[row]).take(~back)
    crew.cash(left, persons)


def _close(crew: Crew, paid: _Paid, tiers: list[Tier], persons: Tier) -> None:
    """Probes, stops and the truth."""
    p, ring = crew.scene.p, crew.ring
    used = persons.begins < crew.end
    crew.probe(persons.cards[used], persons.begins[used])
    ring.commission["holder"] = (p["onward.holder_low"] + p["onward.holder_high"]) / 2
    last = len(tiers) + 1
    for tier in (*tiers, persons):
        crew.stop(tier)
    crew.enlist(paid.payer[paid.owner >= 0], "merchant", 0)
    crew.enlist(paid.payer[paid.owner < 0], "victim", 0, led=False)
    for number, tier in enumerate(tiers, 1):
        crew.enlist(tier.cards, "transit", number)
    crew.enlist(persons.cards, "cash_out", last)
    crew.enlist(np.setdiff1d(paid.owner[paid.owner >= 0], persons.cards), "settlement", last + 1)
    crew.enlist(np.array([crew.dealer_card]), "dealer", -1)
