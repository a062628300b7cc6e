"""Card farms of one day, and the modem pools that go with them.

Ten to sixty persons are brought to one to three bank outlets on one day to open cards, with phones opened the day
before at one telecom outlet; each card gets a few fen, goes to the dealer, and collects from a crowd for one to three
days, through two transit cards into notes (domain.md TX19, NW05, TEL10, TEL11). The telecom side is in `modems`.
Tiers: 0 who pays, 1 farmed cards, 2 and 3 transit; sellers of SIMs alone have none.
"""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Ints, lognormal
from duanka.synth.life.calls import MESSAGE, hotline
from duanka.synth.rings.bosses import Bosses, Given, Group, agreed, conclude, hire_bosses
from duanka.synth.rings.exits import notes
from duanka.synth.rings.hiring import enrol, named, provide, spans
from duanka.synth.rings.modems import Owner, Pool, call_out, open_pool
from duanka.synth.rings.punters import Payers, Police, able, collect, enrol_payers, paid_by, together, visits
from duanka.synth.rings.ring import Control, Ring, Scene
from duanka.synth.rings.sums import YUAN, chosen_sums
from duanka.synth.rings.tiers import Reach, Works, active_days, lanes_for, moments
from duanka.synth.rings.turns import CARD, Book, Money, Turns, words
from duanka.synth.words import W
from duanka.synth.world import BANKS, I32, OUTLETS_OF_A_CITY, bank_outlet, moment, more_sims, telecom_outlet

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class _Trip:
    """Persons brought to the counters on one day, and what their cards then collect."""

    day: int
    payers: Payers
    arrived: Money
    farmed: Turns


def make(scene: Scene) -> Ring:
    """One dealer's farm. O(payments + calls)."""
    chance, p, people = scene.chance, scene.p, scene.world.people
    city = int(people.region[chance.integers(0, len(people))])
    ring = Ring(scene.number, "farm", scene.adaptive, city)
    days = active_days(scene, p["farm.days"], chance)
    works = Works(scene, Book(scene.world.end), city)
    bosses = hire_bosses(works, 0)
    (holder,), (dealer,) = agreed(works, ring, "onward", ("holder",)), agreed(works, ring, "farm", ("dealer",))
    pools = _pools(works, ring, bosses, days)
    trips = _trips(works, ring, days)
    groups = [Group(trip.farmed, "collection", 1) for trip in trips]
    for trip in trips:
        groups += _pass_on(works, trip, days, bosses, (holder, dealer))
    cards, sims = zip(*(_open_cards(works, ring, trip, pools[0], bosses) for trip in trips), strict=True)
    for trip in trips:
        _hand_over(works, trip, int(bosses.dealer_accounts[0]))
    given = Given(0, np.concatenate(cards))
    account = conclude(works, ring, groups, bosses, rates=(holder, dealer / 2), given=given)
    for trip, mine in zip(trips, sims, strict=True):
        _messages(scene, ring, trip, account[trip.farmed.node - CARD], mine)
    enrol_payers(ring, together(trips[0].payers, trips[-1].payers))
    when = spans(ring)
    taken = [member.account for member in ring.members]
    enrol(ring, when, np.setdiff1d(np.concatenate([pool.sellers for pool in pools]), taken), "farmer", tier=-1)
    return ring


def _pools(works: Works, ring: Ring, bosses: Bosses, days: Ints) -> list[Pool]:
    """Modem pools at work, all under one operator of the dealer's."""
    scene, p = works.scene, works.scene.p
    operator = int(scene.market.people(1, city=ring.city)[0])
    owner = Owner(works, ring, int(bosses.dealer_accounts[0]), moment(int(days[0])), moment(int(days[-1]) + 1))
    ring.controls.append(Control(int(bosses.dealers[0]), "person", operator, owner.start - _DAY, "dealer"))
    size = max(4, round(p["farm.sims"] * scene.size))
    parts = np.array_split(np.arange(size), max(1, round(size / p["farm.sims_a_pool"])))
    pools = [open_pool(owner, size=len(part), operator=operator) for part in parts]
    for pool in pools:
        call_out(owner, pool)
    return pools


def _trips(works: Works, ring: Ring, days: Ints) -> list[_Trip]:
    """One day at the counters, or two where many are brought; each trip's cards are used up before the next."""
    scene, chance, p = works.scene, works.scene.chance, works.scene.p
    life, cards = p["farm.card_days"], p["farm.persons"] * scene.size
    count = 1 if cards < 20 else 2
    trips = []
    for stretch in np.array_split(days, count):
        worked = stretch[1 : 2 + round(life * max(cards / count / works.cells, 1) / 2)]
        payers = _payers(
            scene, worked if len(worked) else stretch, max(10, round(p["farm.deposits"] * scene.size / count))
        )
        lanes = lanes_for(works, max(4, 1.25 * cards / count), life, worked)
        cell = payers.account.astype(np.int64) % works.cells
        word = words(chance, len(payers), transfer=1)
        arrived, farmed = collect(works, ring, payers, word, lanes=lanes, days=life, cell=cell)
        trips.append(_Trip(int(seasons.day_of(payers.time[:1])[0]) - 1, payers, arrived, farmed))
    return trips


def _payers(scene: Scene, days: Ints, size: int) -> Payers:
    """A crowd that comes again and again at all hours; some go to the police."""
    chance, p = scene.chance, scene.p
    many = max(8, size // 4)
    of = visits(scene, many, size)
    amount = chosen_sums(chance, np.clip(lognormal(chance, p["farm.deposit"], 0.9, size), 50, 20_000) * YUAN)
    account = scene.world.people.bank[able(scene, np.bincount(of, amount, minlength=many))]
    victim = chance.random(many) < p["farm.reported"]
    time = moments(chance, days, "even", "round", size)
    return paid_by(scene, account, of, time, amount, victim=victim, police=Police(1, 9, 0.7))


def _pass_on(
    works: Works, trip: _Trip, days: Ints, bosses: Bosses, rates: tuple[float, float]
) -> list[Group]:  # fmt: skip
    """Through two transit cards into notes; what machines do not pay out goes to the boss."""
    p = works.scene.p
    holder, dealer = rates
    to = bosses.dealer_accounts.astype(np.int64)
    cards = max(3, 0.3 * len(trip.farmed.node))
    lanes = lanes_for(works, cards, 4, days[: max(2, len(days) // 2)])
    sent, failed = works.hand_on(trip.arrived, trip.farmed, works.pace(500, (1, 3), (2_000, 49_900)), gap=900)
    arrived, first = works.reach(sent, failed, lanes=lanes, days=4, police=Reach(p["onward.traced"], 5))
    sent, failed = works.hand_on(arrived, first, works.pace(600, (1, 2), (5_000, 49_900)), holder=holder, gap=900)
    arrived, second = works.reach(sent, failed, lanes=lanes, days=4, police=Reach(0, 1))
    pace = works.pace(1_500, (1, 2), (2_000, 20_000))
    sent, _ = works.hand_on(arrived, second, pace, to=to, rate=holder + dealer, holder=holder, gap=900)
    stop = second.stop_of(sent.node)
    over, stop = notes(works, sent, stop, day_limit=20_000, single=(2_000, 5_000))
    free = over.time < stop
    boss = int(bosses.boss_accounts[0])
    works.book.add(over.time[free], over.node[free], boss, over.amount[free], W["transfer"], "settlement")
    return [Group(first, "transit", 2, holder), Group(second, "transit", 3, holder)]


def _open_cards(works: Works, ring: Ring, trip: _Trip, pool: Pool, bosses: Bosses) -> tuple[I32, I32]:
    """The day at the counters: a card each (a second one where the holder has one already), or both, and their SIMs."""
    scene, chance, world = works.scene, works.scene.chance, works.scene.world
    people, accounts, city, cards = world.people, world.accounts, ring.city, len(trip.farmed.node)
    holders, payers = np.empty(0, dtype=np.int32), named(works.book)
    while len(holders) < cards:
        more = scene.market.people(cards - len(holders), city=city)
        own = people.bank[more], people.second[more]
        pays = [np.isin(account, payers) | ((account >= 0) & scene.market.owes(account)) for account in own]
        holders = np.concatenate([holders, more[~(pays[0] | pays[1])]])
    both = (people.second[holders] >= 0) & (chance.random(cards) < scene.p["farm.two_cards"])
    heap = np.cumsum(1 + both)
    both &= heap <= cards
    holders, both = holders[np.append(0, heap[:-1]) < cards], both[np.append(0, heap[:-1]) < cards]
    size, second = len(holders), people.second[holders] >= 0
    card = np.where(second, people.second[holders], people.bank[holders])
    banks = chance.choice(len(BANKS), min(3, 1 + size // 6) + 1, replace=False)
    taken = accounts.institution[people.bank[holders]]
    bank = banks[chance.integers(0, len(banks) - 1, size)]
    bank = np.where(second & (bank == taken) & ~both, banks[-1], bank)
    bank = np.where(second & (bank == taken) & ~both, banks[0], bank)
    accounts.institution[card] = bank
    mains = people.bank[holders[both]]
    accounts.institution[mains] = np.where(bank[both] == banks[0], banks[1 % len(banks)], banks[0])
    opened = np.concatenate([card, mains])
    place = np.full(len(opened), city)
    pick = np.full(len(opened), chance.integers(0, OUTLETS_OF_A_CITY))
    outlet = bank_outlet(accounts.institution[opened], place, pick)
    scene.market.reopen(opened, np.full(len(opened), trip.day), outlet=outlet)
    seat = int(chance.choice(3))
    in_pool = chance.random(size) < scene.p["farm.sims_in_pool"]
    device = np.where(in_pool, pool.modems[chance.integers(0, len(pool.modems), size)], people.device[holders])
    sims = more_sims(
        world.sims, holders, kind=0, operators=np.full(size, seat), opened=np.full(size, trip.day - 1), devices=device,
        outlets=telecom_outlet(np.full(size, seat), place[:size], np.full(size, chance.integers(0, OUTLETS_OF_A_CITY))),
    )  # fmt: skip
    sim_of = sims[np.concatenate([np.arange(size), np.flatnonzero(both)])]
    accounts.sim[opened] = sim_of
    dealer, since = int(bosses.dealers[0]), moment(trip.day)
    ring.controls += [Control(dealer, "sim", sim, since, "dealer") for sim in sims[in_pool].tolist()]
    ring.controls += [Control(dealer, "person", person, since, "dealer") for person in holders.tolist()]
    order = chance.permutation(len(opened))
    return opened[order].astype(np.int32), sim_of[order].astype(np.int32)


def _hand_over(works: Works, trip: _Trip, dealer: int) -> None:
    """A tiny payment to each card before its first use, and for some its price on the day of opening."""
    chance, farmed, size = works.scene.chance, trip.farmed, len(trip.farmed.node)
    begins = np.full(size, works.book.end, dtype=np.int64)
    np.minimum.at(begins, trip.arrived.node - farmed.node[0], trip.arrived.time)
    opened = int(seasons.at(np.array([trip.day]), np.array([15 * 3_600]))[0])
    test = np.maximum(
        begins - chance.exponential(5 * 3_600, size).astype(np.int64) - 240, opened + chance.integers(0, 5_400, size)
    )
    tiny = chance.choice([1, 10, 10, 100, 100, 100, 200, 20], size)
    when = np.minimum(test, begins - 30)
    fits = (chance.random(size) < 0.9) & (when >= opened)
    works.book.add(when[fits], dealer, farmed.node[fits], tiny[fits], W["transfer"], "test")
    price = chance.integers(3, 16, size) * 100 * YUAN
    paid = np.minimum(opened + chance.integers(1_800, 6 * 3_600, size), begins - 20)
    some = (chance.random(size) < 0.6) & (paid >= opened)
    works.book.add(paid[some], dealer, farmed.node[some], price[some], W["transfer"], "purchase")
    provide(works.scene, np.array([dealer]), np.array([price.sum() + tiny.sum()]))


def _messages(scene: Scene, ring: Ring, trip: _Trip, cards: I32, sims: I32) -> None:
    """Banks' codes to the cards' phones, at the opening and with payments: all that these SIMs ever get."""
    chance, world, moves = scene.chance, scene.world, ring.movements
    order = np.argsort(cards, kind="stable")
    sorted_cards = cards[order]
    place = np.minimum(np.searchsorted(sorted_cards, moves.payer), len(order) - 1)
    asked = (sorted_cards[place] == moves.payer) & (chance.random(len(moves)) < scene.p["farm.codes"])
    row = order[place[asked]]
    opened = int(seasons.at(np.array([trip.day]), np.array([9 * 3_600]))[0])
    at_counter = opened + chance.integers(0, 7 * 3_600, 2 * len(order))
    time = np.concatenate([moves.time[asked] - chance.integers(8, 50, len(row)), at_counter])
    row = np.concatenate([row, np.repeat(np.arange(len(order)), 2)])
    keep = (time >= world.start) & (time < world.end)
    time, row = time[keep], row[keep]
    sim, bank = sims[row], world.accounts.institution[cards[row]]
    ring.calls.add(
        time, sim, hotline(bank), np.full(len(time), MESSAGE), outgoing=False, device=world.sims.device[sim],
        ring=ring.number,
    )  # fmt: skip
