"""What a ring's people are paid, by whom and when: the price of cards, probes, and shares of what has passed."""

from dataclasses import dataclass

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, lognormal
from duanka.synth.movements import OWN_DEVICE
from duanka.synth.rings.hiring import other_account, provide
from duanka.synth.rings.ring import Control, Ring, Scene
from duanka.synth.rings.studio import open_studio
from duanka.synth.rings.sums import YUAN
from duanka.synth.rings.turns import CARD, Book, affordable
from duanka.synth.words import P, W
from duanka.synth.world import I32

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Hands:
    """Who works the cards: arrays, one entry a card."""

    device: Ints  # on which it is worked; OWN_DEVICE: its holder's
    operator: Ints  # person
    studio_people: I32
    studio_accounts: I32


def open_studios(scene: Scene, ring: Ring, cards: I32, since: Ints, cell: Ints, *, dealers: Array) -> Hands:
    """A studio for each cell's cards, or several; `since` is each card's first use, `dealers` are persons by cell."""
    device = np.full(len(cards), OWN_DEVICE, dtype=np.int64)
    operator = np.full(len(cards), -1, dtype=np.int64)
    people: list[int] = []
    for number in np.unique(cell).tolist():
        mine = np.flatnonzero(cell == number)
        for some in np.array_split(mine, max(1, round(len(mine) / scene.p["tiers.cards_a_studio"]))):
            begun = int(since[some].min()) - _DAY
            count = min(4, max(1, len(some) // 12))
            studio = open_studio(scene, ring, cards[some], operators=count, city=ring.city, since=begun)
            device[some] = studio.device
            operator[some] = studio.operators[np.arange(len(some)) % count]
            people += studio.operators.tolist()
            for person in studio.operators.tolist():
                ring.controls.append(Control(int(dealers[number]), "person", person, begun, "dealer"))
    persons = np.array(people, dtype=np.int32)
    accounts = scene.world.people.bank[persons].astype(np.int32)
    opened = scene.world.accounts.opened
    opened[accounts] = np.minimum(opened[accounts], scene.world.scale.first_day - 30)
    return Hands(device, operator, persons, accounts)


def buy_and_probe(scene: Scene, book: Book, cards: I32, since: Ints, dealer: int) -> None:
    """The price of some cards, and small sums that show whether a card works, before its first use.

    The dealer's account pays out of its own pocket; some probes are the holder's own.
    """
    chance, accounts = scene.chance, scene.world.accounts
    holder = other_account(scene.world, cards)
    bought = np.flatnonzero(chance.random(len(cards)) < scene.p["tiers.bought"])
    price = chance.integers(3, 31, len(bought)) * 100 * YUAN
    when = since[bought] - (chance.exponential(2.5, len(bought)) * _DAY).astype(np.int64) - 7_200
    fits = when >= scene.world.start
    book.add(when[fits], dealer, holder[bought][fits], price[fits], W["transfer"], "purchase")
    probed = np.flatnonzero(chance.random(len(cards)) < scene.p["onward.probed"])
    own = (chance.random(len(probed)) < 0.5) & (holder[probed] != cards[probed])
    small = chance.choice([1, 10, 20, 50, 100, 100, 188, 200, 500, 666, 1_000, 5_000], len(probed))
    when = since[probed] - lognormal(chance, 7_000, 1.4, len(probed)).astype(np.int64) - 40
    opened = seasons.at(accounts.opened[cards[probed]].astype(np.int64), np.zeros(len(probed), dtype=np.int64))
    fits = when >= np.maximum(opened, scene.world.start)
    word = np.where(own & (chance.random(len(probed)) < 0.5), W["sweep"], W["transfer"])
    payer = np.where(own, holder[probed], dealer)
    book.add(when[fits], payer[fits], cards[probed][fits], small[fits], word[fits], "test")
    provide(scene, np.array([dealer]), price.sum(keepdims=True) + 6_000 * len(probed) * YUAN)


def pay_shares(
    scene: Scene,
    book: Book,
    *,
    dealer: int,
    cards: I32,
    mine: Array,
    rates: tuple[float, float],
    hands: Hands,
    last: Ints,
) -> None:
    """What the dealer pays its holders and studios out of the commission that reached it, as far as that goes.

    `mine` are the dealer's card numbers; `rates` those of holder and studio, shares of what passed; `last` each card's
    last receipt. Holders are paid by the card or, of cards long in use, by the week; studios by the week.
    """
    chance, world = scene.chance, scene.world
    time, _, payee, amount, _, part = book.rows()
    income = (payee == dealer) & (part == P["commission"])
    passed = np.zeros(len(cards), dtype=np.int64)
    received = (payee >= CARD) & (part != P["test"])
    np.add.at(passed, payee[received] - CARD, amount[received])
    share_ = passed[mine] * rates[0] * chance.uniform(0.7, 1.2, len(mine))
    sums = [(np.maximum(share_ / (50 * YUAN), 1)).astype(np.int64) * 50 * YUAN]
    times = [last[mine] + lognormal(chance, 0.6 * _DAY, 1.0, len(mine)).astype(np.int64) + 1_800]
    who = [other_account(world, cards[mine]).astype(np.int64)]
    operators = world.people.bank[np.unique(hands.operator[mine])].astype(np.int64)
    week = seasons.day_of(time[income]) // 7
    for number in np.unique(week).tolist():
        due = int(amount[income][week == number].sum()) * rates[1] / max(sum(rates), 1e-9) / max(len(operators), 1)
        pay = due * chance.uniform(0.5, 0.8, len(operators))
        sums.append((pay / (100 * YUAN)).astype(np.int64) * 100 * YUAN)
        day = np.full(len(operators), number * 7 + 7 + int(chance.integers(0, 3)), dtype=np.int64)
        times.append(seasons.at(day, seasons.clock(chance, "evening", len(operators))))
        who.append(operators)
    when, whom, pay_ = np.concatenate(times), np.concatenate(who), np.concatenate(sums)
    fits = affordable(time[income], amount[income], when, pay_) & (whom != dealer)
    word = chance.choice([W["transfer"], W["transfer"], W["transfer"], W["gift"]], int(fits.sum()))
    book.add(when[fits], dealer, whom[fits], pay_[fits], word, "commission")
