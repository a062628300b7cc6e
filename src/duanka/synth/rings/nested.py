"""Mixed and nested: gambling deposits and fraud money through one ring of five tiers, with small parts and round trips.

The inlet (tier 1) serves gamblers and frauds in separate lanes; tier 2 is merchants' tills or shells; tier 3 breaks the
money into parts just below one limit a card (50,000, 20,000, 10,000, 5,000) over dozens of cards; tier 4 gathers it
again; a share goes back to tier 2 as repayment and comes round once more (domain.md NW04: cycles of three to six, loss
under 5 %); tier 5 is notes, gold and coin traders. The inner circles are no rings of their own: their members are told
apart by tier, and `parent` stays -1.
"""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Ints, lognormal
from duanka.synth.life.everyday import priced, round_sums
from duanka.synth.movements import movements
from duanka.synth.rings.crew import DAY, Crew, gather_crew, lanes_for, payers, regulars, within_means
from duanka.synth.rings.onward import NEVER, Flow, Tier, near_limit, paced, peel
from duanka.synth.rings.ring import Ring, Scene
from duanka.synth.words import P, W
from duanka.synth.world import I32, F

_LIMITS = np.array([5_000_000, 2_000_000, 1_000_000, 500_000], dtype=np.int64)
"""Sums (分) below which nobody asks: cash report, machine a day, class II a day, a common limit without a token."""
_SMALL = 3_000
"""What (分) is not worth splitting off."""


@dataclass(frozen=True, slots=True)
class _Inlet:
    """Deposits by time."""

    time: Ints
    payer: Ints
    amount: Ints
    fraud: Ints  # 1 where a victim pays
    told: Ints
    alarm: Ints


def make(scene: Scene) -> Ring:
    """One nested ring. O(payments log payments)."""
    p, market = scene.p, scene.market
    city = int(scene.world.people.region[market.crowd(1)[0]])
    ring = Ring(scene.number, "nested", scene.adaptive, city)
    crew = gather_crew(scene, ring, days=p["nested.days"], most_cells=2)
    tiers = _tiers(crew)
    inlet = _inlet(crew)
    arrived, inlet = _enter(crew, inlet, tiers[0])
    ready = crew.gather(arrived, tiers[0], within=2_700, delay=600)
    ready = _winnings(crew, ready, tiers[0], inlet)
    held = crew.send(
        ready, tiers[0], tiers[1], ticket=3_600_000, most=20_000_000, pause=90,
        word=np.array([W["goods"], W["transfer"], W["transfer"]]), traced=p["onward.traced"],
    )  # fmt: skip
    top = _break_up(crew, held, tiers, settled=False)
    once_more = _go_round(crew, top, tiers)
    bottom = _break_up(crew, once_more, tiers, settled=True)
    keep = top.take(~_goes_back(crew, top))
    _cash_out(crew, [keep, bottom], tiers)
    _close(crew, inlet, tiers)
    return ring


def _tiers(crew: Crew) -> list[Tier]:
    """Cards of five tiers; the second are shells where the market has some, else merchants of the city."""
    scene, chance, p, cells = crew.scene, crew.scene.chance, crew.scene.p, crew.manner.cells
    market, accounts = scene.market, scene.world.accounts
    groups: list[I32] = []
    for number, name in enumerate(("inlet", "second", "breakers", "gatherers", "runners")):
        count = max(3 * cells, round(p[f"nested.{name}"] * scene.size))
        if number == 1 and chance.random() < p["nested.shells"]:
            firms = market.shells(count, city=crew.ring.city)
            cards = scene.world.firms.account[firms]
        else:
            cards = market.cards(market.people(count, city=crew.ring.city))
        groups.append(cards.astype(np.int32))
        low, high = (0.5 * p["onward.holder_low"], 0.5 * p["onward.holder_high"]) if number in {1, 3} else (
            p["onward.holder_low"], p["onward.holder_high"])  # fmt: skip
        crew.staff(groups[-1], low=low, high=high)
    corporate = [card for group in groups for card in group[accounts.person[group] < 0].tolist()]
    crew.by_transfer.difference_update(corporate)
    lives = (p["nested.inlet_days"] * DAY, 30 * DAY, 12 * DAY, 25 * DAY, 10 * DAY)
    tiers = []
    for number, (group, life) in enumerate(zip(groups, lives, strict=True)):
        lanes = len(group) // cells * cells if number == 2 else lanes_for(len(group), life, crew)
        lanes = max(lanes, 2 * cells) if number == 0 else lanes
        life = life if number != 2 else 400 * DAY  # noqa: PLW2901 - breakers stay in use, each now and then
        tiers.append(Tier(chance, group, lanes, life=life, sigma=0.8))
    return tiers


def _inlet(crew: Crew) -> _Inlet:
    """Gamblers' top-ups at night, mostly menu sums, and victims' payments in the day, a few large ones each."""
    scene, chance, p = crew.scene, crew.scene.chance, crew.scene.p
    days: Ints = np.arange(crew.start // DAY + 1, max(crew.end // DAY - 1, crew.start // DAY + 2), dtype=np.int64)
    bets = max(30, round(p["nested.bets"] * scene.size))
    people, accounts = scene.world.people, scene.world.accounts
    crowd, who = regulars(crew, max(8, bets // 9), bets)
    menu = np.array([100, 200, 300, 500, 1_000, 2_000, 3_000, 5_000])
    sum_ = chance.choice(menu, bets, p=[0.14, 0.15, 0.13, 0.19, 0.16, 0.11, 0.06, 0.06]).astype(np.float64)
    tail = chance.random(bets) < 0.4
    sum_ = np.where(tail, np.round(sum_ * chance.uniform(0.95, 1.0, bets), 2), sum_)
    amount = np.round(sum_ * 100).astype(np.int64)
    card = people.bank[crowd]
    amount = within_means(amount, who, accounts.balance[card].astype(np.float64), 0.7)
    when = seasons.at(seasons.days_of(chance, days, "leisure", bets), seasons.clock(chance, "evening", bets))
    frauds = max(2, round(p["nested.frauds"] * scene.size))
    victims = payers(crew, max(2, frauds // 2), round(p["nested.fraud"] * 130))
    whom = chance.integers(0, len(victims), frauds)
    loss = round_sums(chance, lognormal(chance, p["nested.fraud"], 0.8, frauds))
    loss = within_means(loss, whom, accounts.balance[people.bank[victims]].astype(np.float64), 0.85)
    day = seasons.at(seasons.days_of(chance, days, "even", frauds), seasons.clock(chance, "day", frauds))
    told, alarm = crew.report(day, p["nested.reported"], p["nested.stopped"])
    quiet = np.full(bets, NEVER)
    columns = (
        (when, day), (card[who].astype(np.int64), people.bank[victims][whom].astype(np.int64)), (amount, loss),
        (np.zeros(bets, dtype=np.int64), np.ones(frauds, dtype=np.int64)), (quiet, told), (quiet, alarm),
    )  # fmt: skip
    joined = [np.concatenate(pair) for pair in columns]
    order = np.argsort(joined[0], kind="stable")
    order = order[joined[2][order] > 0]
    return _Inlet(*(column[order] for column in joined))


def _enter(crew: Crew, inlet: _Inlet, first: Tier) -> tuple[Flow, _Inlet]:
    """Victims' lanes and gamblers' lanes; a stopped card's place is taken by the next one of its lane.

    Returns what arrived, and the deposits that did.
    """
    chance, cells = crew.scene.chance, crew.manner.cells
    per_cell = first.lanes // cells
    for_frauds = max(1, per_cell // 3)
    turn = chance.integers(0, 1 << 20, len(inlet.time))
    place = np.where(inlet.fraud == 1, turn % for_frauds, for_frauds + turn % max(per_cell - for_frauds, 1))
    lane = (inlet.payer % cells) + cells * np.minimum(place, per_cell - 1)
    card = first.settle(crew.start, inlet.time, lane, inlet.alarm)
    can = (card >= 0) & (card != inlet.payer) & (inlet.time < crew.end)
    crew.ring.pay(
        movements(inlet.time[can], inlet.payer[can], card[can], inlet.amount[can], W["transfer"], part=P["deposit"])
    )
    crew.file(np.where(can, inlet.told, NEVER), inlet.payer, card, inlet.time, inlet.amount)
    held = Flow(inlet.time[can], card[can], lane[can], inlet.amount[can], inlet.alarm[can])
    return held, _Inlet(*(getattr(inlet, name)[can] for name in _Inlet.__slots__))


def _winnings(crew: Crew, ready: Flow, first: Tier, inlet: _Inlet) -> Flow:
    """Some batches pay winners first: gamblers who have paid in before."""
    chance = crew.scene.chance
    bettors = np.flatnonzero(inlet.fraud == 0)
    lucky = chance.random(len(ready)) < crew.scene.p["nested.pays_winners"]
    budget = np.where(lucky, ready.amount * chance.uniform(0.1, 0.6, len(ready)), 0).astype(np.int64)
    owner, amount = peel(budget, lambda rows: round_sums(chance, lognormal(chance, 900, 0.8, len(rows))), least=20_000)
    time = paced(chance, ready.time, owner, 40)
    reach = np.searchsorted(inlet.time[bettors], ready.time[owner])
    whom = bettors[(np.maximum(reach, 1) * chance.random(len(owner))).astype(np.int64)]
    payer, payee = ready.card[owner], inlet.payer[whom]
    can = (time < first.stop_of(payer)) & (time < crew.end) & (payer != payee) & (reach > 0) & (amount >= _SMALL)
    crew.ring.pay(
        movements(
            time[can], payer[can], payee[can], amount[can], W["transfer"], device=crew.device(payer[can]),
            part=P["payout"],
        )
    )  # fmt: skip
    spent = np.bincount(owner[can], amount[can].astype(np.float64), minlength=len(ready)).astype(np.int64)
    # what goes on leaves after the last winner is paid, lest the card pays twice at once
    last = ready.time.copy()
    np.maximum.at(last, owner[can], time[can] + 1)
    return Flow(last, ready.card, ready.lane, ready.amount, ready.alarm).less(spent)


def _break_up(crew: Crew, held: Flow, tiers: list[Tier], *, settled: bool) -> Flow:
    """Tier 2 breaks the money up below each breaker's limit, the breakers pass it on, tier 4 gathers it."""
    chance, second, third, fourth = crew.scene.chance, *tiers[1:4]
    ready = crew.gather(held, second, within=5_400, delay=1_500)
    limit = _LIMITS[(ready.card * 5 + ready.time // (3 * DAY)) % len(_LIMITS)]
    many = np.minimum(limit, np.maximum(ready.amount // 12, 500_000))
    limit = _LIMITS[np.searchsorted(-_LIMITS, -np.maximum(many, _LIMITS[-1]))] * crew.manner.ticket

    def just_below(rows: Ints) -> Ints:
        return near_limit(chance, limit[rows].astype(np.int64))

    owner, amount = peel(ready.amount, just_below, least=(limit * 0.6).astype(np.int64))
    small = crew.send(ready, second, third, ticket=0, most=0, pause=130, word=W["transfer"], settled=settled,
                      tickets=(owner, amount))  # fmt: skip
    ready = crew.gather(small, third, within=3_600, delay=1_200)
    words = np.array([W["transfer"], W["sweep"], W["transfer"]])
    return crew.send(ready, third, fourth, ticket=1_600_000, most=4_990_000, pause=90, word=words, settled=settled)


def _goes_back(crew: Crew, top: Flow) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which sums of tier 4 come round once more: those that reach some cards in some half-days."""
    mark = ((top.card * 2_654_435_761 + top.time // (DAY // 2) * 40_503) >> 7) % 1_000
    return mark < round(1_000 * crew.scene.p["nested.round_trips"])


def _go_round(crew: Crew, top: Flow, tiers: list[Tier]) -> Flow:
    """Back from tier 4 to tier 2, as repayment or payment for goods."""
    ready = crew.gather(top.take(_goes_back(crew, top)), tiers[3], within=5_400, delay=2_400)
    words = np.array([W["transfer"], W["goods"], W["refund"]])
    return crew.send(ready, tiers[3], tiers[1], ticket=3_000_000, most=12_000_000, pause=120, word=words, settled=True)


def _cash_out(crew: Crew, tops: list[Flow], tiers: list[Tier]) -> None:
    """Tier 4 pays runners, who take notes, buy gold and goods, or pay coin traders (part of them outside the ring)."""
    scene, chance, p = crew.scene, crew.scene.chance, crew.scene.p
    flow = Flow(*(np.concatenate([getattr(t, n) for t in tops]) for n in Flow.__slots__))
    ready = crew.gather(flow, tiers[3], within=3_600, delay=900)
    ready = crew.pay_dealer(ready, tiers[3], p["nested.dealer_low"], p["nested.dealer_high"])
    last = crew.send(ready, tiers[3], tiers[4], ticket=2_000_000, most=4_990_000, pause=60, word=W["transfer"])
    ready = crew.gather(last, tiers[4], within=3_000, delay=1_500)
    sort = chance.random(len(ready))
    crew.cash(ready.take(sort < p["nested.notes"]), tiers[4])
    rest = ready.take(sort >= p["nested.notes"])
    firms = scene.world.firms
    shops = firms.account[(firms.kind == F["shop"]) | (firms.kind == F["wholesale"])]
    traders = scene.world.people.bank[crew.outsiders(scene.market.crowd(max(3, round(6 * scene.size))))]
    coin = chance.random(len(rest)) < 0.6
    goods, coins = rest.take(~coin), rest.take(coin)
    few = shops[chance.integers(0, len(shops), max(1, round(5 * scene.size)))]
    owner, amount = peel(
        goods.amount, lambda rows: priced(chance, lognormal(chance, 6_500, 0.6, len(rows))), least=150_000
    )
    for part, rows, sums, to in (
        (goods, owner, amount, few), (coins, *crew.split(coins.amount, 2_000_000, 4_990_000), traders),
    ):  # fmt: skip
        time = paced(chance, part.time, rows, 200)
        payer, payee = part.card[rows], to[chance.integers(0, len(to), len(rows))]
        can = (time < tiers[4].stop_of(payer)) & (time < crew.end) & (payer != payee) & (sums >= _SMALL)
        crew.ring.pay(
            movements(
                time[can], payer[can], payee[can], sums[can], W["code"] if to is few else W["transfer"],
                device=crew.device(payer[can]), part=P["cash_out"],
            )
        )  # fmt: skip
    for shop in np.unique(few).tolist():
        crew.ring.innocents.append(("none", shop))
    crew.enlist(few, "good_faith", 6, led=False)
    crew.enlist(traders, "cash_out", 6)


def _close(crew: Crew, inlet: _Inlet, tiers: list[Tier]) -> None:
    """Probes, stops and the truth."""
    p, own = crew.scene.p, np.concatenate([tier.cards for tier in tiers])
    crew.ring.commission["holder"] = (p["onward.holder_low"] + p["onward.holder_high"]) / 2
    for tier in tiers:
        used = tier.begins < crew.end
        crew.probe(tier.cards[used], tier.begins[used])
        crew.stop(tier)
    crew.enlist(np.setdiff1d(inlet.payer[inlet.fraud == 1], own), "victim", 0, led=False)
    crew.enlist(np.setdiff1d(inlet.payer[inlet.fraud == 0], own), "bettor", 0, led=False)
    for number, (tier, role) in enumerate(
        zip(tiers, ("collection", "transit", "transit", "transit", "cash_out"), strict=True), 1
    ):
        crew.enlist(tier.cards, role, number)
    crew.enlist(np.array([crew.dealer_card]), "dealer", -1)
