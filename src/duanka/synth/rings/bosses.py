"""A ring's own people, and the end of its making: cards are hired, everybody is paid, and the truth is written down."""

from dataclasses import dataclass, replace

import numpy as np

from duanka.synth.chance import Array, Ints, lognormal
from duanka.synth.rings.exits import Partners, good_faith
from duanka.synth.rings.hiring import (
    arrests,
    enrol,
    measures,
    other_account,
    settle,
    spans,
    staff,
    uses,
)
from duanka.synth.rings.houses import Need
from duanka.synth.rings.lending import find_cards, lent_controls, pay_houses, share_cards
from duanka.synth.rings.ring import Control, Measure, Ring
from duanka.synth.rings.tiers import Works
from duanka.synth.rings.turns import CARD, NEVER, Turns
from duanka.synth.rings.wages import Hands, buy_and_probe, open_studios, pay_shares
from duanka.synth.world import I32

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Bosses:
    """The ring's own people and the accounts in which they are paid."""

    dealers: I32  # persons, one a cell; the same one for all cells of a split ring
    dealer_accounts: I32
    tokens: I32  # accounts of token dealers
    boss: int  # person
    boss_accounts: I32


@dataclass(frozen=True, slots=True)
class Group:
    """Cards of one tier as they took turns, and what they are in the truth."""

    turns: Turns
    role: str
    tier: int
    rate: float = 0.0  # share of what passed that its holders were promised


@dataclass(frozen=True, slots=True)
class Given:
    """Numbered accounts that need not be hired: those from number `at` on."""

    at: int
    accounts: I32
    device: Ints | None = None  # OWN_DEVICE: the holder's; None: the ring's studios work them like hired ones
    operator: Ints | None = None  # person, -1 for the holder


def hire_bosses(works: Works, token_dealers: float) -> Bosses:
    """A dealer, token dealers (so many at size 1, none or one a cell at least) and a boss, perhaps two accounts."""
    scene, city = works.scene, works.city
    dealers, accounts = staff(scene, 1, city=city)
    dealers, accounts = np.repeat(dealers, works.cells), np.repeat(accounts, works.cells)
    many = max(works.cells, 2, round(token_dealers * scene.size)) if token_dealers else 0
    _, tokens = staff(scene, many, city=city)
    boss, own = staff(scene, 1, city=city)
    second = scene.world.people.second[boss]
    second = second[(second >= 0) & (scene.world.accounts.opened[second] <= scene.world.scale.first_day)]
    return Bosses(dealers, accounts, tokens, int(boss[0]), np.concatenate([own, second]).astype(np.int32))


def agreed(works: Works, ring: Ring, section: str, levels: tuple[str, ...]) -> tuple[float, ...]:
    """Share that each level of the ring keeps, by the section's `LEVEL_low` and `LEVEL_high`; also the ring's truth."""
    chance, p = works.scene.chance, works.scene.p
    rates = tuple(float(chance.uniform(p[f"{section}.{name}_low"], p[f"{section}.{name}_high"])) for name in levels)
    ring.commission.update(zip(levels, rates, strict=True))
    return rates


def conclude(
    works: Works, ring: Ring, groups: list[Group], bosses: Bosses, *, rates: tuple[float, float],
    there: Partners | None = None, given: Given | None = None,
) -> I32:  # fmt: skip
    """Hire the cards, open studios, pay everybody, write the book into the ring, and the truth about all of them.

    `groups` name all numbered cards in the order of their numbers; `rates` are those of rented cards' holders and of
    studios; `there` are those who were paid at the ring's end. Returns the cards' accounts.
    """
    scene, book = works.scene, works.book
    cell = np.concatenate([group.turns.cell for group in groups])
    stops = np.concatenate([group.turns.stop for group in groups])
    need = Need(*uses(book, works.cards), stops)
    rented = np.arange(works.cards)
    if given is not None:
        rented = np.delete(rented, np.s_[given.at : given.at + len(given.accounts)])
    cards, lent = find_cards(works, need, rented)
    if given is not None:
        cards[given.at : given.at + len(given.accounts)] = given.accounts
    hands = _hands(works, ring, cards, need.first, cell, lent, bosses, given)
    _pay_and_settle(works, ring, cards, need.first, rented, lent, hands, bosses, rates)
    known = np.full(works.cards, NEVER, dtype=np.int64)
    for report in ring.reports:
        known[report.payee - CARD] = min(known[report.payee - CARD], report.reported)
    ring.reports = [replace(report, payee=int(cards[report.payee - CARD])) for report in ring.reports]
    stopped = np.flatnonzero((stops < NEVER) & (need.first < book.end - 1))  # cards without a row are nobody's
    measures(scene, ring, cards[stopped], stops[stopped])
    when, begin = spans(ring), 0
    heard = np.minimum(np.minimum(known, stops), arrests(scene, int(when.last.max()), len(cards)))
    for group in groups:
        rows = np.arange(begin, begin + len(group.turns.node))
        enrol(
            ring, when, cards[rows], group.role, tier=group.tier, rate=group.rate, controller=hands.operator[rows],
            known=heard[rows],
        )  # fmt: skip
        begin += len(rows)
    ring.kept = _kept(works, groups)
    deepest = max(group.tier for group in groups)
    _enrol_staff(works, ring, cards[rented], hands, bosses, deepest)
    fresh = rented[(lent[rented] < 0) & (need.first[rented] < book.end - 1)]
    share_cards(works, ring, cards, need, fresh=fresh, lent=lent, hands=hands, dealer=int(bosses.dealers[0]))
    if there is not None:
        _honest_receivers(works, ring, there, deepest)
    return cards


def _kept(works: Works, groups: list[Group]) -> list[tuple[int, float]]:
    """Tiers and the shares that stay there at a hand-over, each pair once."""
    tier = np.concatenate([np.full(len(group.turns.node), group.tier) for group in groups])
    pairs = {(int(one), share) for cards, share in works.kept for one in np.unique(tier[cards - CARD])}
    return sorted(pairs)


def _hands(
    works: Works, ring: Ring, cards: I32, since: Ints, cell: Ints, lent: Ints, bosses: Bosses, given: Given | None
) -> Hands:
    """Who works all numbered cards: the ring's studios, the house that lends one, or whoever works the given ones."""
    own, houses = lent < 0, works.scene.market.houses.cards
    device, operator = np.empty(works.cards, np.int64), np.empty(works.cards, np.int64)
    device[~own], operator[~own] = houses.device[lent[~own]], houses.operator[lent[~own]]
    if given is not None and given.device is not None and given.operator is not None:
        place = slice(given.at, given.at + len(given.accounts))
        device[place], operator[place] = given.device, given.operator
        own[place] = False
    hands = open_studios(works.scene, ring, cards[own], since[own], cell[own], dealers=bosses.dealers)
    device[own], operator[own] = hands.device, hands.operator
    lenders = np.unique(operator[lent >= 0])
    people = works.scene.world.people
    return Hands(
        device, operator, studio_people=np.concatenate([hands.studio_people, lenders]).astype(np.int32),
        studio_accounts=np.concatenate([hands.studio_accounts, people.bank[lenders]]).astype(np.int32),
    )  # fmt: skip


def _pay_and_settle(
    works: Works, ring: Ring, cards: I32, since: Ints, rented: Array, lent: Ints, hands: Hands, bosses: Bosses,
    rates: tuple[float, float],
) -> None:  # fmt: skip
    """Prices, probes and wages go into the book, and the book into the ring; who is over whom goes into the truth."""
    scene, book = works.scene, works.book
    dealer, again = int(bosses.dealer_accounts[0]), np.flatnonzero(lent >= 0)
    fresh = rented[lent[rented] < 0]
    lenders = scene.market.houses.cards.take(lent[again])
    buy_and_probe(scene, book, cards[fresh], since[fresh], dealer)
    pay_houses(works, lenders, since[again], dealer)
    _, last = uses(book, works.cards)
    apart = rented[works.paid_apart(CARD + rented)] if works.some_keep else rented
    pay_shares(scene, book, dealer=dealer, cards=cards, mine=apart, rates=rates, hands=hands, last=last)
    settle(ring, book, cards, hands.device)
    holder = scene.world.accounts.person[cards[fresh]]
    begun = int(since.min()) - _DAY
    for person, start in zip(holder.tolist(), since[fresh].tolist(), strict=True):
        ring.controls.append(Control(int(bosses.dealers[0]), "person", person, start - _DAY, "dealer"))
    ring.controls.append(Control(bosses.boss, "person", int(bosses.dealers[0]), begun, "operator"))
    lent_controls(works, ring, cards, since, lent)


def _enrol_staff(works: Works, ring: Ring, cards: I32, hands: Hands, bosses: Bosses, tiers: int) -> None:
    """Dealer, studios, boss, token dealers, and holders' other accounts."""
    scene, when = works.scene, spans(ring)
    others = other_account(scene.world, cards)
    taken = np.array([member.account for member in ring.members], dtype=np.int64)
    others = others[~np.isin(others, taken)]
    last = int(when.last.max())
    lenders = np.setdiff1d(scene.market.houses.cards.dealer, bosses.dealers)
    groups: tuple[tuple[Array, str, int, float], ...] = (
        (bosses.dealer_accounts[:1], "dealer", -1, ring.commission.get("dealer", 0.0)),
        (scene.world.people.bank[lenders], "dealer", -1, 0.0),
        (hands.studio_accounts, "studio", -1, ring.commission.get("studio", 0.0)),
        (bosses.boss_accounts, "operator", tiers + 1, 0.0),
        (bosses.tokens, "cash_out", tiers + 1, 0.0),
        (others, "farmer", -1, ring.commission.get("holder", 0.0)),
    )
    for accounts, role, tier, rate in groups:
        enrol(ring, when, accounts, role, tier=tier, rate=rate, known=arrests(scene, last, len(accounts)))


def _honest_receivers(works: Works, ring: Ring, there: Partners, tiers: int) -> None:
    """Shops and sellers who gave goods or tokens for the money: members in good faith, some frozen by amount."""
    scene, chance, p = works.scene, works.scene.chance, works.scene.p
    private = np.concatenate([there.sellers, there.token_sellers])
    account, first, total = good_faith(works.book, np.unique(np.concatenate([there.gold, there.goods, private])))
    heard = first + lognormal(chance, p["exits.taint_days"] * _DAY, 0.7, len(account)).astype(np.int64)
    heard = np.where(chance.random(len(account)) < p["exits.taint_found"], heard, NEVER)
    enrol(ring, spans(ring), account, "good_faith", tier=tiers + 1, known=heard)
    frozen = (heard < scene.world.end) & (chance.random(len(account)) < p["exits.taint_frozen"])
    for row in np.flatnonzero(frozen).tolist():
        begun = int(heard[row])
        ring.measures.append(Measure(int(account[row]), "冻结", begun, begun + 182 * _DAY, int(total[row])))
    ring.innocents += [("second_hand", row) for row in account[np.isin(account, private)].tolist()]
