"""What a ring has of houses (`houses`): which of its cards, at what price, and who is over them; and what it leaves."""

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints
from duanka.synth.rings.hiring import hire, named, provide
from duanka.synth.rings.houses import Cards, Need
from duanka.synth.rings.ring import Control, Ring
from duanka.synth.rings.sums import YUAN
from duanka.synth.rings.tiers import Works
from duanka.synth.rings.wages import Hands
from duanka.synth.words import W
from duanka.synth.world import I32

_DAY = 86_400


def find_cards(works: Works, need: Need, rented: Array) -> tuple[I32, Ints]:
    """Cards for the rented numbers, and the row of each in the houses' cards: -1 for those of new holders."""
    scene, houses, p = works.scene, works.scene.market.houses, works.scene.p
    taken = named(works.book)
    found = houses.lend(
        scene.chance, scene.world.accounts, need.take(rented), share=p["houses.shared"], days=p["houses.near_days"],
        taken=taken,
    )  # fmt: skip
    cards, lent = np.empty(works.cards, dtype=np.int32), np.full(works.cards, -1, dtype=np.int64)
    lent[rented] = found
    cards[rented[found >= 0]] = houses.cards.account[found[found >= 0]]
    fresh = rented[found < 0]
    cards[fresh] = hire(scene, need.first[fresh], city=works.city, taken=taken)
    return cards, lent


def pay_houses(works: Works, lent: Cards, since: Ints, dealer: int) -> None:
    """What the dealer (his account) pays the suppliers of lent cards: a price for some, in lots by the day."""
    scene, chance = works.scene, works.scene.chance
    bought = np.flatnonzero(chance.random(len(lent)) < scene.p["tiers.bought"])
    supplier = scene.world.people.bank[lent.dealer[bought]].astype(np.int64)
    keys = np.stack([supplier, seasons.day_of(since[bought])], axis=1)
    lots, place = np.unique(keys, axis=0, return_inverse=True)
    price = chance.integers(3, 31, len(bought)) * 100 * YUAN
    total = np.bincount(place.reshape(-1), price, minlength=len(lots)).astype(np.int64)
    when = seasons.at(lots[:, 1] - chance.integers(0, 4, len(lots)), seasons.clock(chance, "evening", len(lots)))
    fits = when >= scene.world.start
    works.book.add(when[fits], dealer, lots[fits, 0], total[fits], W["transfer"], "purchase")
    provide(scene, np.array([dealer]), total[fits].sum(keepdims=True))


def lent_controls(works: Works, ring: Ring, cards: I32, since: Ints, lent: Ints) -> None:
    """Who is over lent cards: their suppliers over holders and houses, houses over the cards and the phones."""
    houses, person = works.scene.market.houses, works.scene.world.accounts.person
    begun: dict[tuple[int, str, int, str], int] = {}
    for row in np.flatnonzero(lent >= 0).tolist():
        card, start = int(cards[row]), int(since[row]) - _DAY
        operator, supplier, phone = (
            int(column[lent[row]]) for column in (houses.cards.operator, houses.cards.dealer, houses.cards.device)
        )
        over = [
            (supplier, "person", int(person[card]), "dealer"), (supplier, "person", operator, "dealer"),
            (operator, "account", card, "studio"),
        ]  # fmt: skip
        if phone >= 0:
            keeper = houses.keeper[phone]
            over += [(supplier, "person", keeper, "dealer"), (keeper, "device", phone, "studio")]
        for one in over:
            begun[one] = min(begun.get(one, start), start)
    ring.controls += [Control(who, over, what, start, role) for (who, over, what, role), start in begun.items()]


def share_cards(
    works: Works, ring: Ring, cards: I32, need: Need, *, fresh: Array, lent: Ints, hands: Hands, dealer: int
) -> None:
    """Leave the ring's own cards (the numbers `fresh`) to other rings as well, and note its use of lent ones."""
    houses = works.scene.market.houses
    again = np.flatnonzero(lent >= 0)
    houses.note(lent[again], need.take(again))
    mine, account = need.take(fresh), cards[fresh].astype(np.int64)
    supplier = np.full(len(fresh), dealer, dtype=np.int64)
    houses.add(Cards(account, mine.first, mine.last, mine.stop, hands.device[fresh], hands.operator[fresh], supplier))
    houses.keeper |= {c.what: c.person for c in ring.controls if c.over == "device" and c.role == "studio"}
