"""The plan: which accounts, which measure, which amount, so that most comes back for the least harm to innocents."""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from duanka.flow.ledger import Bool, Int64
from duanka.trace.book import Book
from duanka.trace.freezing.choosing import Cover, choose, cover_of
from duanka.trace.freezing.habits import HOUR, learn
from duanka.trace.freezing.lying import Float, Lying, balance
from duanka.trace.freezing.walks import WALKERS, Visits, walk

STOP_LASTS = 48 * HOUR
"""µs: 紧急止付 lasts 48 hours (银发〔2016〕86号 二(一)). Other measures are weighed over the same time."""


class Measure(IntEnum):
    """What an order asks of a bank. All but VERIFY keep an amount in the account and leave the rest free."""

    STOP = 1  # 紧急止付: 48 hours, at most twice on one account
    FREEZE = 2  # 冻结: six months; by the chief of a county police bureau or above
    HOLD = 3  # 暂缓出金: the institution delays what goes out, but not essential payments (反电信网络诈骗法 art. 18)
    VERIFY = 4  # 核实: the institution asks the holder first, and keeps the money only if the answer does not hold
    NONE = 5  # no order: it is under a measure already


@dataclass(frozen=True, slots=True)
class Known:
    """What the case knows of each place (see `Lying`) at the moment, beside its payments."""

    innocence: Float  # k, 0 … 1: probability that the holder carries nobody's money for a ring
    essential: Int64  # k, minor units: salary, tax, dues, bills that fall into the time of a measure, expected
    measure: Int64  # k, `Measure`: what would keep money there; NONE where something does already


@dataclass(frozen=True, slots=True)
class Wish:
    """How many orders, how soon, and what harm weighs."""

    orders: int
    effect: int  # µs from the moment until orders take effect
    verifying: int = HOUR  # µs more until a holder has been asked (assumption)
    shown: float = 0.5  # chance that asking shows, in time, that the holder is no innocent (assumption)
    lasts: int = STOP_LASTS
    price: float = 0.25  # what 1 of an innocent's money, held up, weighs against 1 that a victim gets back
    units: int = WALKERS


@dataclass(frozen=True, slots=True)
class Lines:
    """l orders, in the order of what each adds. Amounts are minor units."""

    node: Int64  # l
    measure: Int64  # l
    amount: Int64  # l: what is to be kept; for VERIFY what it is about
    least: Int64  # l: traced money there at the moment, under every doctrine
    most: Int64  # l: under the doctrine that leaves most there
    came: Int64  # l: traced money that ever came; no order asks for more
    balance: Int64  # l: what the node holds, all told; NO_BALANCE where its ledger does not cover the moment
    expected: Float  # l: recovered by this order that no order before it recovers
    arriving: Float  # l: of all that this order keeps first, what is still on its way to it
    gone: Float  # l, 0 … 1: of the traced money there, what has left when the order takes effect, expected
    innocence: Float  # l
    harm: Float  # l: innocence · (amount + essential payments), expected; 0 for VERIFY
    hop: Int64  # l

    def __len__(self) -> int:
        """Number of orders."""
        return len(self.node)

    @property
    def over(self) -> Float:
        """Over-freeze ratio, 0 … 1: of the amount, the share that is not traced money under every doctrine."""
        ratio: Float = 1 - np.minimum(self.least, self.amount) / np.maximum(self.amount, 1)
        return ratio


@dataclass(frozen=True, slots=True)
class Plan:
    """Orders, and what all of them do together."""

    lines: Lines
    traced: float  # minor units that lay at known accounts at the moment, mean of the doctrines
    recovered: float  # minor units, expected
    innocents: float  # accounts of innocents whose money an order keeps, expected
    harm: float  # minor units of theirs, expected


@dataclass(frozen=True, slots=True)
class Outlook:
    """What planning rests on: made once for a moment, asked for many prices and numbers of orders."""

    lying: Lying
    visits: Visits
    balance: Int64  # per place
    known: Known
    wish: Wish  # its effect, verifying, lasts and units are in the visits; orders and price may be changed


def outlook(book: Book, lies: Lying, known: Known, wish: Wish) -> Outlook:
    """Learn how money is handed on, and draw what may become of what lies there. Nothing after `lies.at` is read.

    Raises ValueError where `known` does not have one value per place, or a wish is negative. Costs: `habits`, `walks`.
    """
    for name in ("innocence", "essential", "measure"):
        if len(getattr(known, name)) != len(lies):
            raise ValueError(f"`{name}` has {len(getattr(known, name))} values for {len(lies)} places; give one each.")
    if wish.orders < 0 or wish.effect < 0 or wish.price < 0:
        raise ValueError("Orders, minutes and the price of harm can't be negative.")
    until = lies.at + wish.effect + wish.lasts
    visits = walk(lies, learn(book, lies), known.innocence, until, units=wish.units)
    return Outlook(lies, visits, balance(book, lies.at)[lies.node], known, wish)


def plan(seen: Outlook, *, orders: int | None = None, price: float | None = None) -> Plan:
    """The orders that together recover most, less `price` times the harm expected to innocents.

    A unit of money is recovered where an order meets it: where it lies there when the order takes effect, or comes
    later while it lasts, at an account whose holder is no innocent. Money that an order upstream keeps does not count
    downstream again. The fast solver is `choosing.choose`.
    """
    wish = replace(
        seen.wish,
        orders=seen.wish.orders if orders is None else orders,
        price=seen.wish.price if price is None else price,
    )
    alone = _amounts(seen, _arriving(seen), wish.price)
    cover, place, measure = options(seen, alone, wish.price)
    chosen = _undoubled(place, choose(cover, wish.orders))
    return _told(seen, cover, chosen, place, measure, wish)


def options(seen: Outlook, amount: Int64, price: float) -> tuple[Cover, Int64, Int64]:
    """The cover to choose from, and each option's place and measure.

    Every place has two: to keep the amount at once, at the price of the harm, or to verify first, which does no harm
    and is late. A place under a measure has none: its money is not lost.
    """
    places, visits, wish = len(seen.lying), seen.visits, seen.wish
    free = seen.known.measure != Measure.NONE
    pairs = []
    meets = visits.kept & (visits.came <= wish.effect + wish.lasts) & free[visits.place]
    for shift, ready, chance in ((0, wish.effect, 1.0), (places, wish.effect + wish.verifying, wish.shown)):
        met = meets & (visits.leaves > ready) & (visits.luck < chance)
        pairs.append((visits.place[met] + shift, visits.unit[met]))
    option, unit = (np.concatenate([pair[i] for pair in pairs]) for i in range(2))
    cost = np.concatenate([price * _harm(seen.known, np.arange(places), amount), np.zeros(places)])
    measure = np.concatenate([seen.known.measure, np.full(places, Measure.VERIFY)])
    return cover_of(option, unit, visits.units, visits.each, cost), np.tile(np.arange(places), 2), measure


def _harm(known: Known, place: Int64, amount: Int64) -> Float:
    """Innocents' money that an order keeps, expected, with the essential payments that it stands in the way of."""
    essential = np.where(known.measure[place] == Measure.HOLD, 0, known.essential[place])
    harm: Float = known.innocence[place] * (amount + essential)
    return harm


def _arriving(seen: Outlook) -> Float:
    """Money that comes to each place after the moment, expected, where no other order keeps it."""
    visits = seen.visits
    later = np.flatnonzero((visits.came > 0) & (visits.came <= seen.wish.effect + seen.wish.lasts))
    pair = np.unique(visits.place[later] * max(visits.units, 1) + visits.unit[later])
    money: Float = (np.bincount(pair // max(visits.units, 1), minlength=len(seen.lying)) * visits.each).astype(
        np.float64
    )
    return money


def _amounts(seen: Outlook, arriving: Float, price: float) -> Int64:
    """What an order at each place asks for.

    Of the doctrines, the least amount such that the chance that more is there is worth less than the harm of asking for
    more: innocence · price of the doctrines may leave more (a newsvendor's choice). Added is what is on its way. Never
    more than the traced money that came: only payments that reached the account can be stated in an order.
    """
    left = np.sort(seen.lying.left, axis=0)
    doctrines = len(left)
    above = np.floor(np.clip(seen.known.innocence * price, 0, 1) * doctrines).astype(np.int64)
    row = np.clip(doctrines - 1 - above, 0, doctrines - 1)
    here = left[row, np.arange(left.shape[1])]
    amounts: Int64 = np.minimum(here + np.rint(arriving).astype(np.int64), seen.lying.came.max(axis=0))
    return amounts


def _undoubled(place: Int64, chosen: Int64) -> Int64:
    """Without verifying where an order keeps the money at once anyway."""
    at_once = set(place[chosen[chosen < len(place) // 2]].tolist())
    keep = [one for one in chosen if one < len(place) // 2 or int(place[one]) not in at_once]
    return np.array(keep, np.int64)


def _told(seen: Outlook, cover: Cover, chosen: Int64, place: Int64, measure: Int64, wish: Wish) -> Plan:
    """The lines of the options chosen."""
    lies, visits = seen.lying, seen.visits
    at, what = place[chosen], measure[chosen]
    expected, arriving = np.zeros((2, len(chosen)))
    met = np.zeros(visits.units, np.bool_)
    for number, one in enumerate(chosen):
        unit = cover.unit[cover.start[one] : cover.start[one + 1]]
        expected[number] = (~met[unit]).sum() * visits.each
        met[unit] = True
    first = _first_met(seen, at, what)
    moving = visits.came[first] > 0
    np.add.at(arriving, _line_of(at, visits.place[first[moving]]), visits.each)
    spread = np.zeros(len(lies))
    spread[at] = arriving
    verify = what == Measure.VERIFY
    amount = np.where(verify, lies.most[at], _amounts(seen, spread, wish.price)[at])
    lying_there = np.bincount(visits.place[visits.came <= 0], minlength=len(lies))
    early = (visits.came <= 0) & (visits.leaves <= wish.effect)
    gone = np.bincount(visits.place[early], minlength=len(lies)) / np.maximum(lying_there, 1)
    harm = np.where(verify, 0.0, _harm(seen.known, at, amount))
    lines = Lines(
        node=lies.node[at], measure=what, amount=amount, least=lies.least[at], most=lies.most[at],
        came=lies.came.max(axis=0)[at] if len(lies) else np.zeros(0, np.int64), balance=seen.balance[at],
        expected=expected, arriving=arriving, gone=gone[at], innocence=seen.known.innocence[at], harm=harm,
        hop=lies.hop[at],
    )  # fmt: skip
    return Plan(
        lines=lines,
        traced=float(lies.left.sum() / max(len(lies.left), 1)),
        recovered=float(expected.sum()),
        innocents=float(seen.known.innocence[at[~verify]].sum()),
        harm=float(harm.sum()),
    )


def _first_met(seen: Outlook, at: Int64, what: Int64) -> Int64:
    """The visits at which an order first meets each unit that is met."""
    visits, wish = seen.visits, seen.wish
    ready = np.full(len(seen.lying), np.inf)
    chance = np.ones(len(seen.lying))
    ready[at] = np.where(what == Measure.VERIFY, wish.effect + wish.verifying, wish.effect)
    chance[at] = np.where(what == Measure.VERIFY, wish.shown, 1.0)
    met = np.flatnonzero((visits.leaves > ready[visits.place]) & (visits.luck < chance[visits.place]))
    met = met[visits.came[met] <= wish.effect + wish.lasts]
    met = met[np.lexsort((visits.came[met], visits.unit[met]))]
    first: Bool = np.diff(visits.unit[met], prepend=-1) > 0
    return met[first]


def _line_of(at: Int64, place: Int64) -> Int64:
    order = np.argsort(at)
    found: Int64 = order[np.searchsorted(at[order], place)]
    return found
