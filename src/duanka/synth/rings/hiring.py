"""Who holds a ring's cards, and how its book of numbered cards becomes payments between accounts."""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints
from duanka.synth.movements import OWN_DEVICE, movements
from duanka.synth.rings.ring import Measure, Member, Ring, Scene, hold
from duanka.synth.rings.turns import CARD, NEVER, Book
from duanka.synth.world import I32, J, World

_DAY = 86_400
_NEEDS, _TRADES = 600_000, 1_500_000
"""分 a month that persons without pay spend, and that merchants lay out for their trade at times. Assumption."""


def hire(scene: Scene, since: Ints, *, city: int, taken: Array) -> I32:
    """A card for each of these first uses (seconds UTC), open by then; some holders hand over two. O(cards).

    None of the accounts `taken`: whoever pays the ring from a card has not handed it over.
    """
    size, chance = len(since), scene.chance
    cards: I32 = np.empty(0, dtype=np.int32)
    count = -(-size * 3 // 4)
    while len(cards) < size:
        found = scene.market.cards(scene.market.people(count, city=city), most=2)
        cards = np.concatenate([cards, found[~np.isin(found, taken)]])
        count = size - len(cards)
    cards = chance.permutation(cards)[:size]
    accounts, day = scene.world.accounts, seasons.day_of(since)
    cards = cards[in_time(chance, accounts.opened[cards], day)]
    late = accounts.opened[cards] > day
    accounts.opened[cards[late]] = (day - chance.integers(2, 40, size))[late]  # holders who opened them for the ring
    return cards.astype(np.int32)


def in_time(chance: np.random.Generator, opened: Array, needed: Ints) -> Ints:
    """An order of these accounts in which as many as can be are open by the day on which they are needed."""
    order = np.arange(len(opened))
    for late in np.flatnonzero(opened > needed).tolist():
        fits = np.flatnonzero((opened[order[late]] <= needed) & (opened[order] <= needed[late]))
        if len(fits):
            other = int(chance.choice(fits))
            order[[late, other]] = order[[other, late]]
    return order


def staff(scene: Scene, count: int, *, city: int) -> tuple[I32, I32]:
    """Persons of the ring itself and the accounts in which they are paid, which are open from the first day."""
    persons = scene.market.people(count, city=city)
    accounts = scene.world.people.bank[persons]
    scene.world.accounts.opened[accounts] = np.minimum(
        scene.world.accounts.opened[accounts], scene.world.scale.first_day - 30
    )
    return persons, accounts.astype(np.int32)


def provide(scene: Scene, accounts: Array, needed: Array) -> None:
    """See to it that these accounts can pay so much (分) besides their ordinary life and other rings; each named once.

    What lies there on the first morning counts, beyond what life takes: two months' pay of who earns, the needs of the
    whole time of who does not. What a firm has is for its trade. The rest is put there as savings of earlier years.
    """
    table, people = scene.world.accounts, scene.world.people
    person = np.maximum(table.person[accounts], 0)
    needs = np.where(people.job[person] == J["merchant"], _TRADES, _NEEDS)
    months = max(scene.world.scale.days / 30, 1)
    life = np.where(people.pay[person] > 0, 2 * people.pay[person], needs * months)
    wanted = (np.asarray(needed) * scene.chance.uniform(1.0, 1.3, len(accounts))).astype(np.int64)
    promised = scene.market.promise(accounts, wanted)
    enough = np.where(table.person[accounts] < 0, table.balance[accounts] + wanted * 3 // 2, promised + life)
    table.balance[accounts] = np.maximum(table.balance[accounts], enough.astype(np.int64))


def other_account(world: World, cards: Array) -> I32:
    """Where the holder of each card is paid: a wallet, another card, or else the card itself."""
    people = world.people
    holder = world.accounts.person[cards]
    wallet, main, second = people.wechat[holder], people.bank[holder], people.second[holder]
    other = np.where(main != cards, main, second)
    found = np.where(wallet >= 0, wallet, np.where(other >= 0, other, cards))
    return np.where(world.accounts.opened[found] <= world.scale.first_day, found, cards).astype(np.int32)


def named(book: Book) -> Ints:
    """Accounts that stand in the book by themselves, and not as numbered cards."""
    _, payer, payee, *_ = book.rows()
    both = np.unique(np.concatenate([payer, payee]))
    return both[(both >= 0) & (both < CARD)]


def first_uses(book: Book, count: int) -> Ints:
    """Second of each numbered card's first row; cards without any are given the last second."""
    return uses(book, count)[0]


def uses(book: Book, count: int) -> tuple[Ints, Ints]:
    """Second of each numbered card's first and last row; cards without any are given the last second."""
    time, payer, payee, *_ = book.rows()
    first = np.full(count, book.end - 1, dtype=np.int64)
    last = np.full(count, -1, dtype=np.int64)
    for side in (payer, payee):
        of_cards = side >= CARD
        np.minimum.at(first, side[of_cards] - CARD, time[of_cards])
        np.maximum.at(last, side[of_cards] - CARD, time[of_cards])
    return first, np.maximum(last, first)


def settle(ring: Ring, book: Book, cards: I32, device: Array) -> None:
    """Write the book into the ring: each number becomes its card, each card is worked on its device."""
    time, payer, payee, amount, word, part = book.rows()
    of_card = payer >= CARD
    used = np.where(of_card, device[np.where(of_card, payer - CARD, 0)], OWN_DEVICE)
    account = [np.where(side >= CARD, cards[np.where(side >= CARD, side - CARD, 0)], side) for side in (payer, payee)]
    ring.pay(movements(time, account[0], account[1], amount, word, device=used, part=part))


@dataclass(frozen=True, slots=True)
class Spans:
    """First and last second of each account in a ring's rows."""

    account: Ints
    first: Ints
    last: Ints

    def of(self, accounts: Array) -> tuple[Ints, Ints, Array]:
        """First, last, and whether the account has any row."""
        place = np.minimum(np.searchsorted(self.account, accounts), len(self.account) - 1)
        return self.first[place], self.last[place], self.account[place] == accounts


def spans(ring: Ring) -> Spans:
    """Of all accounts in the ring's payments. O(n log n)."""
    made = ring.movements
    both = np.concatenate([made.payer, made.payee])
    times = np.tile(made.time, 2)
    account, group = np.unique(both, return_inverse=True)
    first = np.full(len(account), NEVER, dtype=np.int64)
    last = np.zeros(len(account), dtype=np.int64)
    np.minimum.at(first, group, times)
    np.maximum.at(last, group, times)
    return Spans(account.astype(np.int64), first, last)


def enrol(
    ring: Ring, when: Spans, accounts: Array, role: str, *, tier: int, rate: float = 0.0, controller: Array | int = -1,
    known: Array | int = NEVER,
) -> None:  # fmt: skip
    """Members of one role; accounts without a row in the ring, and repeated ones, are left out."""
    rows, place = np.unique(np.asarray(accounts, dtype=np.int64), return_index=True)
    first, last, found = when.of(rows)
    bosses = np.broadcast_to(controller, np.shape(accounts))[place]
    knowns = np.broadcast_to(known, np.shape(accounts))[place]
    for row, start, end, boss, knowable, there in zip(
        rows.tolist(), first.tolist(), last.tolist(), bosses.tolist(), knowns.tolist(), found.tolist(), strict=True
    ):
        if there:
            known_ = max(knowable, start + 1)  # nobody is known for what he has not done yet
            ring.members.append(Member(row, role, tier, start, end, rate, boss, known_))


def measures(scene: Scene, ring: Ring, accounts: Array, stops: Array) -> None:
    """紧急止付 of these accounts for 48 hours, and for a share of them 冻结 for six months before the stop runs out."""
    world, chance, p = scene.world, scene.chance, scene.p
    frozen = chance.random(len(accounts)) < p["onward.frozen_after_stop"]
    after = chance.uniform(6, 47, len(accounts))
    for account, stop, freeze, hours in zip(
        accounts.tolist(), stops.tolist(), frozen.tolist(), after.tolist(), strict=True
    ):
        if stop >= world.end:
            continue
        begun = int(stop + hours * 3_600)
        ring.measures.append(Measure(account, "止付", stop, stop + 2 * _DAY))
        hold(world, ring.measures[-1])
        if freeze and begun < world.end:
            ring.measures.append(Measure(account, "冻结", begun, begun + 182 * _DAY))
            hold(world, ring.measures[-1])


def arrests(scene: Scene, last: int, count: int) -> Ints:
    """When each of so many members becomes known through those arrested: after the ring's end, or never."""
    chance, p = scene.chance, scene.p
    if chance.random() > p["tiers.cracked"]:
        return np.full(count, NEVER, dtype=np.int64)
    day = last + int(chance.lognormal(np.log(p["tiers.arrest_days"]), 0.6) * _DAY)
    heard = day + (chance.exponential(9, count) * _DAY).astype(np.int64)
    return np.where(chance.random(count) < p["onward.never_found"], NEVER, heard)
