"""Card farms of one day, and the modem pools that go with them.

Ten to sixty persons are brought to one to three bank outlets on one day to open cards, with phones opened the day
before at one telecom outlet; each card gets a few fen, goes to the dealer, and collects from a crowd for one to three
days, through two transit cards into notes (domain.md TX19, NW05, TEL10, TEL11). The telecom side is in `modems`.
Tiers: 0 who pays, 1 farmed cards, 2 and 3 transit; sellers of SIMs alone have none.
"""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, lognormal
from duanka.synth.life.calls import MESSAGE, hotline
from duanka.synth.life.everyday import round_sums
from duanka.synth.movements import movements
from duanka.synth.rings.crew import DAY, Crew, gather_crew, regulars, within_means
from duanka.synth.rings.modems import Pool, call_out, open_pool
from duanka.synth.rings.onward import NEVER, Flow, Tier
from duanka.synth.rings.ring import Control, Ring, Scene
from duanka.synth.words import P, W
from duanka.synth.world import BANKS, I32, OUTLETS_OF_A_CITY, bank_outlet, more_sims, telecom_outlet


@dataclass(frozen=True, slots=True)
class _Trip:
    """Persons brought to the counters on one day, and what their cards then do until `end`."""

    day: int
    start: int  # seconds UTC
    end: int
    farmed: Tier
    transit: tuple[Tier, Tier]
    sims: I32  # parallel to the cards of `farmed`


def make(scene: Scene) -> Ring:
    """One dealer's farm. O(payments + calls)."""
    p, market = scene.p, scene.market
    city = int(scene.world.people.region[market.crowd(1)[0]])
    ring = Ring(scene.number, "farm", scene.adaptive, city)
    crew = gather_crew(scene, ring, days=p["farm.days"], most_cells=2)
    operator = int(market.people(1, city=city)[0])
    ring.controls.append(Control(crew.dealer, "person", operator, crew.start - DAY, "dealer"))
    size = max(4, round(p["farm.sims"] * scene.size))
    pools = [open_pool(crew, size=len(part), operator=operator)
             for part in np.array_split(np.arange(size), max(1, round(size / p["farm.sims_a_pool"])))]  # fmt: skip
    for pool in pools:
        call_out(crew, pool)
    trips = _trips(crew, pools[0])
    paid = [_work(crew, trip) for trip in trips]
    for trip in trips:
        _messages(crew, trip)
    _close(crew, trips, np.concatenate(paid))
    return ring


def _trips(crew: Crew, pool: Pool) -> list[_Trip]:
    """One day at the counters, or two where many are brought; each trip's cards are used up before the next."""
    scene, chance, p = crew.scene, crew.scene.chance, crew.scene.p
    cells = crew.manner.cells
    persons = max(4, round(p["farm.persons"] * scene.size))
    count = 1 if persons < 20 else 2
    span = (crew.end - crew.start) // count
    trips = []
    for number, group in enumerate(np.array_split(np.arange(persons), count)):
        start = crew.start + number * span
        cards, sims, day = _open_cards(crew, len(group), start, pool)
        life = p["farm.card_days"] * DAY
        lanes = max(1, round(len(cards) * life / (0.8 * span)))
        lanes = min(max(cells, -(-lanes // cells) * cells), len(cards) // cells * cells)
        farmed = Tier(chance, cards, lanes, life=life, sigma=0.35)
        transit = []
        for _ in range(2):
            rented = scene.market.cards(
                scene.market.people(max(3 * cells, round(0.3 * len(cards))), city=crew.ring.city)
            )
            crew.staff(rented, low=p["onward.holder_low"], high=p["onward.holder_high"])
            transit.append(Tier(chance, rented, 2 * cells, life=4 * DAY, sigma=0.6))
        end = min(start + round(life * len(cards) / lanes * 1.05), start + span, crew.end)
        trips.append(_Trip(day, start, end, farmed, (transit[0], transit[1]), sims))
    return trips


def _open_cards(crew: Crew, size: int, start: int, pool: Pool) -> tuple[I32, I32, int]:
    """The day at the counters: cards (a second one where the holder has one already), their SIMs, and the day."""
    scene, chance, world = crew.scene, crew.scene.chance, crew.scene.world
    people, accounts, city = world.people, world.accounts, crew.ring.city
    holders = scene.market.people(size, city=city)
    day = start // DAY - int(chance.integers(0, 2))
    second = people.second[holders] >= 0
    cards = np.where(second, people.second[holders], people.bank[holders])
    both = second & (chance.random(size) < scene.p["farm.two_cards"])
    banks = chance.choice(len(BANKS), min(3, 1 + size // 6) + 1, replace=False)
    taken = accounts.institution[people.bank[holders]]
    bank = banks[chance.integers(0, len(banks) - 1, size)]
    bank = np.where(second & (bank == taken) & ~both, banks[-1], bank)
    bank = np.where(second & (bank == taken) & ~both, banks[0], bank)
    accounts.institution[cards] = bank
    mains = people.bank[holders[both]]
    others = np.where(bank[both] == banks[0], banks[1 % len(banks)], banks[0])
    accounts.institution[mains] = others
    allcards, owners = np.concatenate([cards, mains]), np.concatenate([holders, holders[both]])
    place = np.full(len(allcards), city)
    pick = np.full(len(allcards), chance.integers(0, OUTLETS_OF_A_CITY))
    scene.market.reopen(
        allcards, np.full(len(allcards), day), outlet=bank_outlet(accounts.institution[allcards], place, pick)
    )
    seat = int(chance.choice(3))
    operator = np.full(size, seat)
    in_pool = chance.random(size) < scene.p["farm.sims_in_pool"]
    seats = np.where(in_pool, pool.modems[chance.integers(0, len(pool.modems), size)], people.device[holders])
    sims = more_sims(
        world.sims, holders, kind=0, operators=operator, opened=np.full(size, day - 1), devices=seats,
        outlets=telecom_outlet(operator, np.full(size, city), np.full(size, chance.integers(0, OUTLETS_OF_A_CITY))),
    )  # fmt: skip
    sim_of = sims[np.concatenate([np.arange(size), np.flatnonzero(both)])]
    accounts.sim[allcards] = sim_of
    since = start - 3_600
    for sim in sims[in_pool].tolist():
        crew.ring.controls.append(Control(crew.dealer, "sim", sim, since, "dealer"))
    for person in np.unique(owners).tolist():
        crew.ring.controls.append(Control(crew.dealer, "person", person, since, "dealer"))
    crew.staff(allcards, low=scene.p["onward.holder_low"], high=scene.p["onward.holder_high"], a_studio=40)
    crew.by_transfer.update(allcards.tolist())  # a farmer is paid for the card, and sees none of the money
    shuffled = chance.permutation(len(allcards))
    return allcards[shuffled].astype(np.int32), sim_of[shuffled].astype(np.int32), day


def _work(crew: Crew, trip: _Trip) -> Ints:
    """Tests, deposits from the crowd, two transit cards, notes; returns who paid in."""
    scene, chance, p = crew.scene, crew.scene.chance, crew.scene.p
    farmed, (first, second) = trip.farmed, trip.transit
    days: Ints = np.arange(trip.start // DAY, max(trip.end // DAY, trip.start // DAY + 2), dtype=np.int64)
    share_of = len(farmed.cards) / max(p["farm.persons"] * scene.size, 1)
    size = max(10, round(p["farm.deposits"] * scene.size * min(share_of, 1)))
    crowd, who = regulars(crew, max(8, size // 4), size)
    card = scene.world.people.bank[crowd]
    amount = round_sums(chance, np.clip(lognormal(chance, p["farm.deposit"], 0.9, size), 50, 20_000))
    amount = within_means(amount, who, scene.world.accounts.balance[card].astype(np.float64), 0.7)
    time = seasons.at(seasons.days_of(chance, days, "even", size), seasons.clock(chance, "round", size))
    time = np.clip(time, trip.start + chance.integers(1, 3_600, size), trip.end - chance.integers(1, 3_600, size))
    told, alarm = crew.report(time, p["farm.reported"], 0.7)
    cells = crew.manner.cells
    lane = who % cells + cells * (chance.integers(0, 1 << 20, size) % max(1, farmed.lanes // cells))
    taker = farmed.settle(trip.start, time, lane, alarm)
    payer = card[who].astype(np.int64)
    can = (taker >= 0) & (taker != payer) & (time < crew.end) & (amount > 0)
    crew.ring.pay(movements(time[can], payer[can], taker[can], amount[can], W["transfer"], part=P["deposit"]))
    crew.file(np.where(can, told, NEVER), payer, taker, time, amount)
    arrived = Flow(time[can], taker[can], lane[can], amount[can], alarm[can])
    ready = crew.gather(arrived, farmed, within=2_400, delay=500)
    held = crew.send(ready, farmed, first, ticket=900_000, most=4_990_000, pause=60, word=W["transfer"],
                     traced=p["onward.traced"])  # fmt: skip
    ready = crew.gather(held, first, within=1_800, delay=600)
    held = crew.send(ready, first, second, ticket=1_500_000, most=4_990_000, pause=60, word=W["transfer"])
    ready = crew.gather(held, second, within=2_400, delay=1_500)
    ready = crew.pay_dealer(ready, second, p["farm.dealer_low"], p["farm.dealer_high"])
    crew.cash(ready, second)
    _hand_over(crew, trip)
    return np.unique(payer[can])


def _hand_over(crew: Crew, trip: _Trip) -> None:
    """A tiny payment to each card before its first use, its price on the day of opening, and a first session."""
    chance, farmed = crew.scene.chance, trip.farmed
    opened = int(seasons.at(np.array([trip.day]), np.array([15 * 3_600]))[0])
    used = farmed.begins < min(trip.end, crew.end)
    cards, begins = farmed.cards[used], farmed.begins[used]
    size = len(cards)
    test = np.maximum(
        begins - chance.exponential(5 * 3_600, size).astype(np.int64) - 240, opened + chance.integers(0, 5_400, size)
    )
    tiny = chance.choice([1, 10, 10, 100, 100, 100, 200, 20], size)
    one_by_one = chance.random(size) < 0.9
    when = np.minimum(test, begins - 30)
    fits = one_by_one & (when >= opened)
    ring = crew.ring
    ring.pay(movements(when[fits], crew.dealer_card, cards[fits], tiny[fits], W["transfer"], part=P["test"]))
    price = chance.integers(3, 16, size) * 10_000
    paid = opened + chance.integers(1_800, 6 * 3_600, size)
    some = chance.random(size) < 0.6
    ring.pay(movements(paid[some], crew.dealer_card, cards[some], price[some], W["transfer"], part=P["purchase"]))
    device = crew.device(cards)
    seen = device >= 0
    ring.logins.add(np.maximum(when - 120, opened)[seen], cards[seen], device[seen])


def _messages(crew: Crew, trip: _Trip) -> None:
    """Banks' codes to the cards' phones, at the opening and with payments: all that these SIMs ever get."""
    chance, world = crew.scene.chance, crew.scene.world
    moves = crew.ring.movements
    order = np.argsort(trip.farmed.cards, kind="stable")
    sorted_cards = trip.farmed.cards[order]
    place = np.minimum(np.searchsorted(sorted_cards, moves.payer), len(order) - 1)
    asked = (sorted_cards[place] == moves.payer) & (chance.random(len(moves)) < crew.scene.p["farm.codes"])
    row = order[place[asked]]
    opened = int(seasons.at(np.array([trip.day]), np.array([9 * 3_600]))[0])
    at_counter = opened + chance.integers(0, 7 * 3_600, 2 * len(order))
    time = np.concatenate([moves.time[asked] - chance.integers(8, 50, len(row)), at_counter])
    row = np.concatenate([row, np.repeat(np.arange(len(order)), 2)])
    keep = (time >= world.start) & (time < world.end)
    time, row = time[keep], row[keep]
    sim, bank = trip.sims[row], world.accounts.institution[trip.farmed.cards[row]]
    crew.ring.calls.add(
        time, sim, hotline(bank), np.full(len(time), MESSAGE), outgoing=False, device=world.sims.device[sim],
        ring=crew.ring.number,
    )  # fmt: skip


def _close(crew: Crew, trips: list[_Trip], paid: Array) -> None:
    """Stops and the truth."""
    p = crew.scene.p
    crew.ring.commission["holder"] = (p["onward.holder_low"] + p["onward.holder_high"]) / 2
    cards = [trip.farmed.cards for trip in trips]
    for trip in trips:
        for tier in (trip.farmed, *trip.transit):
            crew.stop(tier)
        for tier in trip.transit:
            used = tier.begins < trip.end
            crew.probe(tier.cards[used], tier.begins[used])
    own = np.concatenate([*cards, *(tier.cards for trip in trips for tier in trip.transit)])
    victims = np.array([r.payer for r in crew.ring.reports], dtype=np.int64)
    payers = np.setdiff1d(paid, own)
    crew.enlist(np.intersect1d(payers, victims), "victim", 0, led=False)
    crew.enlist(np.setdiff1d(payers, victims), "bettor", 0, led=False)
    crew.enlist(np.concatenate(cards), "collection", 1)
    for number in (0, 1):
        crew.enlist(np.concatenate([trip.transit[number].cards for trip in trips]), "transit", 2 + number)
    crew.enlist(np.array([crew.dealer_card]), "dealer", -1)
