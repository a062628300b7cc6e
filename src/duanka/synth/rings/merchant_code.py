"""A code ring (码商): merchants who go on selling lend their receiving codes; suppliers collect for a platform."""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Ints, lognormal
from duanka.synth.movements import OWN_DEVICE
from duanka.synth.rings.bosses import Bosses, Given, Group, agreed, conclude, hire_bosses
from duanka.synth.rings.exits import leave, partners
from duanka.synth.rings.hiring import arrests, enrol, in_time, named, provide, spans, staff
from duanka.synth.rings.punters import Payers, collect, enrol_payers, punters
from duanka.synth.rings.ring import Control, Ring, Scene
from duanka.synth.rings.sums import YUAN
from duanka.synth.rings.tiers import Reach, Works, active_days
from duanka.synth.rings.turns import NEVER, Book, Money, Turns, some_days, words
from duanka.synth.words import W
from duanka.synth.world import I32

_DAY, _HOUR = 86_400, 3_600


@dataclass(frozen=True, slots=True)
class Chain:
    """Numbers and people of the merchants and of the suppliers above them; one entry each."""

    codes: Turns  # wallets that the codes lead to
    banks: Turns  # the same merchants' bank cards
    supplier: Ints  # of each merchant, a row of the following
    suppliers: I32  # persons
    supplier_accounts: I32
    supplier_banks: Turns
    supplier_wallets: Turns
    uppers: I32  # persons above the suppliers, one a cell
    upper_accounts: I32


def make(scene: Scene) -> Ring:
    """The ring of this scene. O(payments + merchants)."""
    chance, p, people = scene.chance, scene.p, scene.world.people
    city = int(people.region[chance.integers(0, len(people))])
    ring = Ring(scene.number, "merchant_code", scene.adaptive, city)
    days = active_days(scene, p["merchant_code.days"], chance)
    works = Works(scene, Book(scene.world.end), city)
    bosses = hire_bosses(works, p["merchant_code.token_dealers"])
    there = partners(works, bosses.boss_accounts, bosses.tokens)
    merchant, supplier, upper, holder, studio, dealer = agreed(
        works, ring, "merchant_code", ("merchant", "supplier", "upper", "holder", "studio", "dealer")
    )
    count = p["merchant_code.merchants"] * scene.size * (1 / works.tickets) ** 0.5
    payers = punters(scene, "merchant_code", days, max(12, round(count * p["merchant_code.payments"])))
    arrived, codes = _receive(works, ring, payers, count, len(days))
    chain = _supply(works, codes)
    merchants, given = _recruit(works, chain, arrived)
    _margins(works, chain, arrived, given)
    upwards = _to_suppliers(works, chain, arrived, merchant)
    arrived, turns = _to_platform(works, chain, upwards, supplier, upper)
    pace = works.pace(p["merchant_code.wait_out"], (1, 3), (2_000, 49_900))
    to = bosses.dealer_accounts.astype(np.int64)
    sent, _ = works.hand_on(arrived, turns, pace, to=to, rate=holder + studio + dealer, gap=_HOUR)
    leave(works, sent, turns.stop_of(sent.node), there)
    groups = [
        Group(chain.codes, "collection", 1, merchant), Group(chain.banks, "transit", 2, merchant),
        Group(chain.supplier_banks, "agent", 3, supplier), Group(chain.supplier_wallets, "agent", 3, supplier),
        Group(turns, "settlement", 4, holder),
    ]  # fmt: skip
    conclude(works, ring, groups, bosses, there=there, rates=(holder, studio), given=given)
    enrol_payers(ring, payers)
    _hierarchy(works, ring, chain, merchants, bosses, upper)
    return ring


def _receive(works: Works, ring: Ring, payers: Payers, merchants: float, days: int) -> tuple[Money, Turns]:
    """Bettors and victims pay by code; in each lane one merchant after the other is given the orders."""
    p, chance = works.scene.p, works.scene.chance
    life = p["merchant_code.code_days"]
    lanes = max(1, round(merchants * life * 1.1 / (days + life) / works.cells))
    size = len(payers)
    weight = np.cumsum(lognormal(chance, 1.0, 0.7, lanes))  # some take far more orders than others
    lane = np.searchsorted(weight, chance.random(size) * weight[-1])
    word = words(chance, size, code=0.46, virtual=0.36, fees=0.12, transfer=0.06)
    return collect(works, ring, payers, word, lanes=lanes, days=life, lane=lane)


def _supply(works: Works, codes: Turns) -> Chain:
    """Suppliers with some merchants each, and one person above them in each cell."""
    scene, chance = works.scene, works.scene.chance
    a_cell = max(1, round(scene.p["merchant_code.suppliers"] * scene.size / works.cells))
    suppliers, accounts = staff(scene, a_cell * works.cells, city=works.city)
    uppers, upper_accounts = staff(scene, works.cells, city=works.city)
    share = np.cumsum(lognormal(chance, 1.0, 0.6, a_cell))
    own = np.searchsorted(share, chance.random(len(codes.node)) * share[-1])
    late = lognormal(chance, 5 * _HOUR, 0.9, len(codes.node)).astype(np.int64)
    follows = (chance.random(len(codes.node)) < scene.p["merchant_code.traced"]) & (codes.stop < NEVER)
    banks = Turns(works.number(len(codes.node)), np.where(follows, codes.stop + late, NEVER), codes.cell)
    cell = np.arange(len(suppliers)) // a_cell
    never = np.full(len(suppliers), NEVER, dtype=np.int64)
    first, second = (Turns(works.number(len(suppliers)), never, cell) for _ in range(2))
    return Chain(codes, banks, codes.cell * a_cell + own, suppliers, accounts, first, second, uppers, upper_accounts)


def _recruit(works: Works, chain: Chain, arrived: Money) -> tuple[I32, Given]:
    """Merchants who take money in a wallet, and the accounts of theirs and of the suppliers."""
    scene, chance, needed = works.scene, works.scene.chance, len(chain.codes.node)
    people, opened, country = scene.world.people, scene.world.accounts.opened, works.country
    taken, found = named(works.book), np.empty(0, dtype=np.int32)
    while len(found) < needed:
        missing = needed - len(found)
        more = scene.market.people(missing, job="merchant", city=works.city)
        till = country.till[np.searchsorted(country.merchants, more)]
        fits = (till != people.bank[more]) & ~np.isin(people.bank[more], taken) & ~np.isin(till, taken)
        found = np.concatenate([found, more[fits]])
    found = chance.permutation(found)[:needed]
    till = country.till[np.searchsorted(country.merchants, found)].astype(np.int64)
    bank = people.bank[found].astype(np.int64)
    first = np.full(needed, NEVER, dtype=np.int64)
    np.minimum.at(first, arrived.node - chain.codes.node[0], arrived.time)
    day = seasons.day_of(first) - 4
    order = in_time(chance, np.maximum(opened[till], opened[bank]), day)
    till, bank, found = till[order], bank[order], found[order]
    for accounts in (till, bank):
        opened[accounts] = np.minimum(opened[accounts], np.maximum(day, scene.world.scale.first_day - 60))
    wallet = np.where(people.wechat[chain.suppliers] >= 0, people.wechat[chain.suppliers], people.bank[chain.suppliers])
    opened[wallet] = np.minimum(opened[wallet], scene.world.scale.first_day - 10)
    rows = np.concatenate([till, bank, chain.supplier_accounts, wallet]).astype(np.int32)
    nobody = np.full(len(rows), -1, dtype=np.int64)
    return found.astype(np.int32), Given(0, rows, np.full(len(rows), OWN_DEVICE, dtype=np.int64), nobody)


def _margins(works: Works, chain: Chain, arrived: Money, given: Given) -> None:
    """Before the first order many merchants give their supplier a margin (保证金) of their own."""
    scene, chance, p, size = works.scene, works.scene.chance, works.scene.p, len(chain.codes.node)
    first = np.full(size, NEVER, dtype=np.int64)
    np.minimum.at(first, arrived.node - chain.codes.node[0], arrived.time)
    low, high = p["merchant_code.margin_low"], p["merchant_code.margin_high"]
    margin = np.exp(chance.uniform(np.log(low), np.log(high), size)) // 100 * 100 * YUAN
    margin = np.where(chance.random(size) < p["merchant_code.with_margin"], margin, 0).astype(np.int64)
    when = first - (chance.exponential(0.8, size) * _DAY).astype(np.int64) - 1_200
    gives = (margin > 0) & (when >= scene.world.start)
    word = words(chance, int(gives.sum()), transfer=0.8, goods=0.2)
    to = chain.supplier_banks.node[chain.supplier[gives]]
    works.book.add(when[gives], chain.banks.node[gives], to, margin[gives], word, "margin")
    provide(scene, given.accounts[size : 2 * size], margin * gives)


def _to_suppliers(works: Works, chain: Chain, arrived: Money, rate: float) -> Money:
    """Out of the wallet to the merchant's card and on, less the merchant's share; some as refunds, straight from it."""
    chance, p, book = works.scene.chance, works.scene.p, works.book
    pace = works.pace(p["merchant_code.wait_withdraw"], (1, 1), (300, 49_900))
    gap = p.whole("merchant_code.withdraw_gap")
    refunds = some_days(chance, arrived, p["merchant_code.refunds"])
    taken, failed = works.hand_on(arrived.take(~refunds), chain.codes, pace, gap=gap)
    size = len(chain.codes.node)
    book.add(taken.time, taken.node, taken.node + size, taken.amount, W["withdraw"], "forward")
    book.add(failed.time, failed.node, failed.node + size, failed.amount, W["withdraw"], "forward")
    on_bank = Money(taken.time, taken.node + size, taken.amount, taken.danger, taken.cell)
    pace = works.pace(p["merchant_code.wait_2"], (1, 2), (1_000, 49_900))
    sent, failed = works.hand_on(on_bank, chain.banks, pace, keep=rate, gap=1_800)
    word = words(chance, len(sent), transfer=0.8, goods=0.16, freight=0.04)
    to = chain.supplier_banks.node[chain.supplier[sent.node - chain.banks.node[0]]]
    book.add(sent.time, sent.node, to, sent.amount, word, "forward")
    works.write_failed(sent, failed, to, "forward")
    pace = works.pace(p["merchant_code.wait_withdraw"] / 3, (1, 3), (100, 9_900))
    back, _ = works.hand_on(arrived.take(refunds), chain.codes, pace, keep=rate, gap=gap // 4)
    wallet = chain.supplier_wallets.node[chain.supplier[back.node - chain.codes.node[0]]]
    book.add(back.time, back.node, wallet, back.amount, W["refund"], "forward")
    return Money(sent.time, to, sent.amount, sent.danger, sent.cell).with_(
        Money(back.time, wallet, back.amount, back.danger, back.cell)
    )


def _to_platform(works: Works, chain: Chain, money: Money, rate: float, upper: float) -> tuple[Money, Turns]:
    """Suppliers keep their share, pay the one above them, and send the rest to the platform's cards."""
    p = works.scene.p
    both = Turns(
        np.concatenate([chain.supplier_banks.node, chain.supplier_wallets.node]),
        np.concatenate([chain.supplier_banks.stop, chain.supplier_wallets.stop]),
        np.concatenate([chain.supplier_banks.cell, chain.supplier_wallets.cell]),
    )
    pace = works.pace(p["merchant_code.wait_3"], (1, 3), (3_000, 49_900))
    to = chain.upper_accounts.astype(np.int64)
    sent, failed = works.hand_on(
        money, both, pace, to=to, rate=upper, keep=rate, gap=p.whole("merchant_code.supplier_gap")
    )
    lanes = max(1, round(p["merchant_code.lanes"] * works.scene.size**0.5 / works.cells))
    police = Reach(p["merchant_code.traced"] / 4, 24)
    return works.reach(sent, failed, lanes=lanes, days=p["merchant_code.card_days"], police=police)


def _hierarchy(works: Works, ring: Ring, chain: Chain, merchants: I32, bosses: Bosses, upper: float) -> None:
    """Boss over uppers, these over suppliers, these over merchants; the uppers' accounts are members too."""
    when = spans(ring)
    begun = int(when.first.min()) - _DAY
    a_cell = len(chain.suppliers) // len(chain.uppers)
    for person in chain.uppers.tolist():
        ring.controls.append(Control(bosses.boss, "person", person, begun, "operator"))
    for number, person in enumerate(chain.suppliers.tolist()):
        ring.controls.append(Control(int(chain.uppers[number // a_cell]), "person", person, begun, "agent"))
    for number, person in enumerate(merchants.tolist()):
        over = int(chain.suppliers[chain.supplier[number]])
        ring.controls.append(Control(over, "person", person, begun, "agent"))
    heard = arrests(works.scene, int(when.last.max()), len(chain.uppers))
    enrol(ring, when, chain.upper_accounts, "agent", tier=-1, rate=upper, known=heard)
