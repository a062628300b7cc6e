"""A crew with hundreds of e-CNY wallets of class 4 (四类钱包): filled from tainted cards, emptied in notes.

Class 4 needs a phone number only: at most 10,000 yuan held, 2,000 a payment and 5,000 a day (background).
"""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, lognormal
from duanka.synth.rings.bosses import Bosses, Given, Group, agreed, conclude, hire_bosses
from duanka.synth.rings.exits import Partners, leave, notes, partners
from duanka.synth.rings.hiring import arrests, enrol, spans, staff
from duanka.synth.rings.punters import collect, enrol_payers, punters
from duanka.synth.rings.ring import Control, Ring, Scene
from duanka.synth.rings.sums import YUAN
from duanka.synth.rings.tiers import Reach, Works, active_days, three_lanes
from duanka.synth.rings.turns import CARD, NEVER, Book, Money, Turns, words
from duanka.synth.wallets import A_DAY, OPERATORS, SINGLE, rented
from duanka.synth.words import W
from duanka.synth.world import I32, OUTLETS_OF_A_CITY, bank_outlet, more_accounts, more_devices, more_networks

_DAY, _HOUR = 86_400, 3_600


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works the wallets, and on which phones: those whose place among the phones is theirs modulo `persons`."""

    persons: I32
    accounts: I32
    phones: I32


@dataclass(frozen=True, slots=True)
class Wallets:
    """Wallets as they took turns, and which of the crew's runners fills and empties each."""

    turns: Turns
    runner: Ints


def make(scene: Scene) -> Ring:
    """The ring of this scene; it adds wallets to the world. O(payments + wallets)."""
    chance, p, people = scene.chance, scene.p, scene.world.people
    city = int(people.region[chance.integers(0, len(people))])
    ring = Ring(scene.number, "ecny", scene.adaptive, city)
    days = active_days(scene, p["ecny.days"], chance)
    works = Works(scene, Book(scene.world.end), city)
    bosses = hire_bosses(works, p["ecny.token_dealers"])
    there = partners(works, bosses.boss_accounts, bosses.tokens)
    crew = _crew(works, ring)
    holder, studio, dealer = agreed(works, ring, "ecny", ("holder", "studio", "dealer"))
    payers = punters(scene, "ecny", days, max(12, round(p["ecny.payments"] * scene.size / works.tickets**0.5)))
    lanes = max(1, round(p["ecny.lanes_1"] * scene.size**0.5 / works.cells))
    word = words(chance, len(payers), transfer=0.85, code=0.1, fees=0.05)
    arrived, first = collect(works, ring, payers, word, lanes=lanes, days=p["ecny.card_days_1"])
    pace = works.pace(p["ecny.wait_2"], (1, 4), (2_000, 49_900))
    sent, failed = works.hand_on(arrived, first, pace, gap=p.whole("ecny.gap_1"))
    arrived, second, runner = _to_runners(works, sent, failed, crew)
    rate = holder + studio + dealer
    wallets = _fill_and_change(works, arrived, second, runner, bosses, there, rate)
    groups = [
        Group(first, "collection", 1, holder), Group(second, "transit", 2, holder), Group(wallets.turns, "cash_out", 3),
    ]  # fmt: skip
    given, sellers = _open_wallets(works, ring, wallets, crew, bosses)
    conclude(works, ring, groups, bosses, there=there, rates=(holder, studio), given=given)
    enrol_payers(ring, payers)
    _enrol_sellers(scene, ring, sellers)
    return ring


def _crew(works: Works, ring: Ring) -> Crew:
    """Some persons in one room, each phone with dozens of wallets."""
    scene, chance, p = works.scene, works.scene.chance, works.scene.p
    persons, accounts = staff(scene, max(works.cells, round(p["ecny.crew"] * scene.size)), city=works.city)
    network = more_networks(scene.world.networks, "studio", np.array([works.city]))
    size = max(works.cells, round(p["ecny.wallets"] * scene.size / p["ecny.wallets_a_phone"]))
    mobile = works.city * 4 + chance.integers(0, 4, size)  # they go from machine to machine
    phones = more_devices(scene.world.devices, "phone", np.repeat(network, size), mobile)
    since = scene.world.start
    for number, phone in enumerate(phones.tolist()):
        ring.controls.append(Control(int(persons[number % len(persons)]), "device", phone, since, "studio"))
    return Crew(persons, accounts, phones)


def _to_runners(works: Works, sent: Money, failed: Money, crew: Crew) -> tuple[Money, Turns, Ints]:
    """Each runner has a card of the second tier at a time, out of which he fills the wallets on his own phones.

    Returns what reached the cards, these, and the runner of each. A split ring's cells have runners of their own.
    """
    p = works.scene.p
    lanes = min(len(crew.persons), len(crew.phones)) // works.cells
    lane = three_lanes(works.scene.chance, sent) % lanes
    police = Reach(p["ecny.traced"], 6)
    arrived, turns = works.reach(sent, failed, lanes=lanes, days=p["ecny.card_days_2"], police=police, lane=lane)
    runner = np.zeros(len(turns.node), dtype=np.int64)
    runner[arrived.node - turns.node[0]] = sent.cell * lanes + lane
    return arrived, turns, runner


def _fill_and_change(
    works: Works, money: Money, turns: Turns, runner: Ints, bosses: Bosses, there: Partners, rate: float
) -> Wallets:
    """Cards fill wallets, which are emptied at machines minutes later; a part of the money takes other ways out."""
    chance, p, book = works.scene.chance, works.scene.p, works.book
    other = chance.random(len(turns.node)) > p["ecny.through_wallets"]
    other[int(chance.integers(len(other)))] = False  # wallets are what this ring is for
    aside = other[money.node - turns.node[0]]
    to = bosses.dealer_accounts.astype(np.int64)
    pace = works.pace(p["ecny.wait_out"], (1, 3), (2_000, 49_900))
    sent, _ = works.hand_on(money.take(aside), turns, pace, to=to, rate=rate)
    leave(works, sent, turns.stop_of(sent.node), there)
    pace = works.pace(p["ecny.wait_fill"], (2, 6), (900, SINGLE))
    sent, _ = works.hand_on(money.take(~aside), turns, pace, to=to, rate=rate)
    sent = sent.take(np.argsort(sent.time, kind="stable"))
    works_it = runner[sent.node - turns.node[0]]
    wallet, last = _assign(works, sent, works_it)
    cell = sent.cell[last]
    wallets = Turns(works.number(len(cell)), np.full(len(cell), NEVER, dtype=np.int64), cell)
    node = wallets.node[wallet]
    book.add(sent.time, sent.node, node, sent.amount, W["ecny"], "forward")
    lying = Money(sent.time, node, sent.amount, np.full(len(sent), NEVER), sent.cell)
    pace = replace(works.pace(p["ecny.wait_notes"], (1, 1), (100, A_DAY)), spread=0.8)
    ready, _ = works.hand_on(lying, wallets, pace, gap=2_700)
    spent = chance.random(len(ready)) < p["ecny.spent"]
    never = np.full(len(ready), NEVER, dtype=np.int64)
    rest, _ = notes(works, ready.take(~spent), never[~spent], day_limit=A_DAY, single=(500, SINGLE))
    _spend(works, ready.take(spent), there)
    book.add(rest.time + _DAY, rest.node, bosses.boss_accounts[0], rest.amount, W["ecny"], "settlement")
    return Wallets(wallets, works_it[last])


def _assign(works: Works, sent: Money, runner: Ints) -> tuple[Ints, Ints]:
    """Which of its runner's wallets each payment fills, in order of time, and the first payment of each wallet.

    A wallet takes two or three payments one after the other, not more than the limits of a day; on another day it may
    be used again. Walks the payments: some 0.5 µs each.
    """
    chance, p = works.scene.chance, works.scene.p
    size = len(sent)
    again, three = (chance.random(size) < p["ecny.used_again"]).tolist(), chance.integers(2, 4, size).tolist()
    days, runners, sums = seasons.day_of(sent.time).tolist(), runner.tolist(), sent.amount.tolist()
    found = np.empty(size, dtype=np.int64)
    begun: list[int] = []
    many = max(runners, default=0) + 1
    rests = 4 if works.slower > 1 else 1  # days after which a wallet is surely empty
    resting: list[deque[tuple[int, int]]] = [deque() for _ in range(many)]
    at: list[tuple[int, int, int, int]] = [(-1, -1, 0, 0)] * many  # wallet, day, sum, payments
    for row in range(size):
        who, amount = runners[row], sums[row]
        wallet, day, total, count = at[who]
        if day != days[row] or total + amount > A_DAY * YUAN or count == 0:
            if wallet >= 0:
                resting[who].append((wallet, day))
            total, count, rested = 0, three[row], resting[who]
            while rested and rested[0][1] < days[row] - 12:
                rested.popleft()
            if rested and rested[0][1] <= days[row] - rests and again[row]:
                wallet = rested.popleft()[0]
            else:
                wallet = len(begun)
                begun.append(row)
        found[row] = wallet
        at[who] = (wallet, days[row], total + amount, count - 1)
    return found, np.array(begun, dtype=np.int64)


def _spend(works: Works, money: Money, there: Partners) -> None:
    """Some wallets pay for goods instead: in good faith taken."""
    chance = works.scene.chance
    count = -(-money.amount // (SINGLE * YUAN))
    of = np.repeat(np.arange(len(money)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    price = (money.amount[of] / count[of] * chance.uniform(0.6, 0.99, len(of)) / YUAN).astype(np.int64) * YUAN
    time = money.time[of] + nth * 150 + chance.integers(5, 120, len(of))
    seller = there.goods[chance.integers(0, len(there.goods), len(of))]
    works.book.add(time, money.node[of], seller, price, W["ecny"], "taint")


def _open_wallets(works: Works, ring: Ring, taken: Wallets, crew: Crew, bosses: Bosses) -> tuple[Given, Ints]:
    """Open the wallets in the names, or rather under the phone numbers, of persons who sold these.

    Also returns the accounts in which some of these persons were paid.
    """
    scene, chance, p = works.scene, works.scene.chance, works.scene.p
    wallets, world, size = taken.turns, scene.world, len(taken.turns.node)
    _, _, payee, *_ = works.book.rows()
    time = works.book.rows()[0]
    first = np.full(size, works.book.end - 1, dtype=np.int64)
    fills = payee >= wallets.node[0] if size else np.zeros(len(payee), dtype=np.bool_)
    np.minimum.at(first, payee[fills] - wallets.node[0], time[fills])
    identities = scene.market.people(max(1, -(-size // p.whole("ecny.wallets_a_person"))))
    nth, of = np.divmod(chance.permutation(size), len(identities))
    person = identities[of]
    bank = (person + nth) % OPERATORS
    used = seasons.day_of(first)
    lived = rented(world, len(world.accounts) + np.arange(size))  # opened for themselves, like anybody's
    early = world.scale.first_day - 200
    before = (used - early) * chance.random(size)
    opened = used - np.where(lived, before, chance.exponential(p["ecny.opened_before"], size)).astype(np.int64)
    outlet = bank_outlet(bank, world.people.region[person], chance.integers(0, OUTLETS_OF_A_CITY, size))
    rows = more_accounts(
        world.accounts, person, kind="ecny_wallet", institution=bank, opened=opened, outlet=outlet,
        sim=world.people.sim[person],
    )  # fmt: skip
    people = len(crew.persons)
    own = (len(crew.phones) - 1 - taken.runner) // people + 1  # phones of the wallet's runner
    device = crew.phones[taken.runner + people * chance.integers(0, own)].astype(np.int64)
    worker = crew.persons[taken.runner].astype(np.int64)
    for row, start, over in zip(rows.tolist(), first.tolist(), worker.tolist(), strict=True):
        ring.controls.append(Control(over, "account", row, start - _HOUR, "studio"))
    begun = int(first.min()) - _DAY if size else scene.world.start
    for member in crew.persons.tolist():
        ring.controls.append(Control(int(bosses.dealers[0]), "person", member, begun, "dealer"))
    sellers = _buy_identities(works, identities, begun, bosses)
    return Given(int(wallets.node[0]) - CARD if size else works.cards, rows, device, worker), sellers


def _buy_identities(works: Works, persons: Array, begun: int, bosses: Bosses) -> Ints:
    """Some are paid by transfer, some dozens of yuan a wallet; others in notes, which no record shows.

    Returns the accounts of those who are paid by transfer.
    """
    scene, chance = works.scene, works.scene.chance
    people, opened = scene.world.people, scene.world.accounts.opened
    bank = people.bank[persons]
    paid = (chance.random(len(persons)) < 0.35) & (opened[bank] <= scene.world.scale.first_day)
    time = begun - (lognormal(chance, 1.5, 0.8, len(persons)) * _DAY).astype(np.int64)
    paid &= time >= scene.world.start
    price = chance.integers(3, 25, len(persons)) * 10 * YUAN
    works.book.add(time[paid], int(bosses.dealer_accounts[0]), bank[paid], price[paid], W["transfer"], "purchase")
    return bank[paid].astype(np.int64)


def _enrol_sellers(scene: Scene, ring: Ring, paid: Ints) -> None:
    """Who was paid for a wallet is a farmer (卡农) in that account, unless it is a member already."""
    when = spans(ring)
    others = np.setdiff1d(paid, [member.account for member in ring.members])
    enrol(ring, when, others, "farmer", tier=-1, known=arrests(scene, int(when.last.max()), len(others)))
