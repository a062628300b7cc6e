"""One tier of a ring at work: what it keeps, what it pays its people, what it spends for show, and what it hands on."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, lognormal, share
from duanka.synth.life.country import Country
from duanka.synth.life.everyday import priced
from duanka.synth.rings.ring import Scene
from duanka.synth.rings.sums import YUAN, Pace, chosen_sums
from duanka.synth.rings.turns import CARD, NEVER, Book, Money, Turns, deeper, dues, gather, split, take_turns, words
from duanka.synth.words import W

_HOUR, _DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the police get in a tier: the share of traces that they follow into it, after how many hours."""

    share: float
    hours: float


class Works:
    """What all tiers of one ring have in common: its book, its habits, and the shops where it is at home."""

    def __init__(self, scene: Scene, book: Book, city: int) -> None:
        self.scene, self.book, self.city = scene, book, city
        self.cards = 0  # how many cards have taken a turn so far
        self.some_keep = False  # whether some holders keep their share, so that the dealer pays the others only
        self.kept: list[tuple[Ints, float]] = []  # card numbers, and the share agreed that stays with each of them
        p, adaptive = scene.p, scene.adaptive
        self.slower = p["onward.slow"] if adaptive == "slow" else 1.0
        self.keeps = p["onward.retention"] if adaptive == "retention" else 0.0
        self.tickets = p["onward.small_tickets"] if adaptive == "small_tickets" else 1.0
        self.for_show = p["onward.cover"] if adaptive == "purchases" else 0.0
        self.cells = p.whole("tiers.cells") if adaptive == "split" else 1

    @cached_property
    def country(self) -> Country:
        """Tables of whom one pays; made only where something is bought."""
        return Country(self.scene.world)

    def pace(self, median: float, pieces: tuple[int, int], sums: tuple[int, int]) -> Pace:
        """A tier's pace, as the ring's habits change it. Median in seconds, sums in yuan."""
        more = 1 / self.tickets**0.5
        return Pace(
            median * self.slower, self.scene.p["tiers.delay_spread"], round(pieces[0] * more), round(pieces[1] * more),
            round(sums[0] * YUAN * self.tickets), round(sums[1] * YUAN * self.tickets),
        )  # fmt: skip

    def turns_of(self, money: Money, *, lanes: int, days: float, lane: Ints | None = None) -> tuple[Money, Turns]:
        """A new tier's cards take turns on this money, in so many lanes a cell; `days` is their median life."""
        chance, p = self.scene.chance, self.scene.p
        own = chance.integers(0, lanes, len(money)) if lane is None else lane % lanes
        life = days * (2 if self.slower > 1 else 1)  # what moves slowly is found later
        arrived, turns = take_turns(
            chance,
            money,
            money.cell * lanes + own,
            first=CARD + self.cards,
            days=life,
            spread=p["tiers.card_days_spread"],
        )
        self.cards += len(turns.node)
        return arrived, turns

    def number(self, count: int) -> Ints:
        """The next free card numbers, for accounts that take no turns."""
        first = CARD + self.cards
        self.cards += count
        return np.arange(first, first + count, dtype=np.int64)

    def set_aside(
        self, money: Money, turns: Turns, *, to: Ints | None = None, rate: float = 0.0, keep: float = 0.0,
        holder: float = 0.0, gap: int = 0,
    ) -> tuple[Money, Money]:  # fmt: skip
        """A tier's batches as they are ready to go on, and what it left behind that goes on days later.

        Of each batch a `rate` goes to the accounts `to` (one a cell) as commission, now and then; about a share `keep`
        stays with the card's holder, and a share `holder` with those who are not paid apart. `gap` in seconds is that
        between receipts of one batch.
        """
        chance = self.scene.chance
        batches = gather(money, gap or self.scene.p.whole("tiers.batch_gap"))
        self.some_keep |= holder > 0
        apart = self.paid_apart(batches.node)
        stays = keep + holder * ~apart
        due = rate if to is not None else 0.0
        self.kept += [(batches.node[apart], due + keep), (batches.node[~apart], due + keep + holder)]
        kept = (batches.amount * stays * chance.uniform(0.6, 1.4, len(batches))).astype(np.int64)
        if to is not None and rate:
            set_aside, paid = dues(chance, batches, rate, self.scene.p["tiers.commission_often"])
            kept += set_aside
            self._pay_commission(batches, paid, turns, to)
        left_behind = (batches.amount * self.keeps * chance.uniform(0.45, 1.8, len(batches))).astype(np.int64)
        shown = self._buy_for_show(batches, turns) if self.for_show else np.zeros(len(batches), dtype=np.int64)
        return batches.less(kept + left_behind + shown), self._released(batches, left_behind)

    def paid_apart(self, nodes: Ints) -> Array:
        """Which cards' holders the dealer pays by transfer, where others keep their share."""
        return share(nodes + (self.scene.number << 24), 977) < self.scene.p["onward.paid_by_transfer"]

    def send(
        self, ready: Money, later: Money, turns: Turns, pace: Pace, *, limit: Ints | None = None
    ) -> tuple[Money, Money]:
        """Batches in the pieces in which they are sent; what is tried in vain after a stop comes second.

        `limit` (分, of each batch) is what pieces stay just below, where there is one. Receivers come later.
        """
        chance = self.scene.chance
        one = replace(pace, fewest=1, most=1)
        sent = split(chance, ready, pace, limit=limit).with_(split(chance, later, one))
        sent = sent.take(sent.time < self.book.end)
        late = sent.time >= turns.stop_of(sent.node)
        tried = late & (chance.random(len(sent)) < self.scene.p["tiers.tries_in_vain"])
        return sent.take(~late), sent.take(tried)

    def hand_on(
        self, money: Money, turns: Turns, pace: Pace, *, to: Ints | None = None, rate: float = 0.0, keep: float = 0.0,
        holder: float = 0.0, gap: int = 0,
    ) -> tuple[Money, Money]:  # fmt: skip
        """What a tier sends on, after what it sets aside (`set_aside`), as `send` gives it."""
        ready, later = self.set_aside(money, turns, to=to, rate=rate, keep=keep, holder=holder, gap=gap)
        return self.send(ready, later, turns, pace)

    def reach(
        self, sent: Money, failed: Money, *, lanes: int, days: float, police: Reach, word: Array | None = None,
        lane: Ints | None = None,
    ) -> tuple[Money, Turns]:  # fmt: skip
        """The next tier takes its turns on what was sent, and the payments are written, by these words or usual ones.

        A card has three lanes of the next tier to which it sends, where no others are named.
        """
        chance = self.scene.chance
        danger = deeper(chance, sent.danger, police.share, police.hours * _HOUR)
        lane = three_lanes(chance, sent) if lane is None else lane
        arrived, turns = self.turns_of(replace(sent, danger=danger), lanes=lanes, days=days, lane=lane)
        word = words(chance, len(sent), transfer=0.93, sweep=0.05, gift=0.02) if word is None else word
        self.book.add(sent.time, sent.node, arrived.node, sent.amount, word, "forward")
        self.write_failed(sent, failed, arrived.node, "forward")
        return arrived, turns

    def write_failed(self, sent: Money, failed: Money, payee: Ints, part: str) -> None:
        """Payments that a stop refuses: meant for whom the sender had paid last, if anybody."""
        order = np.lexsort((sent.time, sent.node))
        key = np.stack([sent.node[order], sent.time[order]], axis=1)
        for row in range(len(failed)):
            begin, end = np.searchsorted(key[:, 0], [failed.node[row], failed.node[row] + 1])
            before = begin + int(np.searchsorted(key[begin:end, 1], failed.time[row])) - 1
            if before >= begin:
                one = np.array([row])
                self.book.add(
                    failed.time[one], failed.node[one], payee[order[[before]]], failed.amount[one], W["transfer"], part
                )

    def _pay_commission(self, batches: Money, paid: Ints, turns: Turns, to: Ints) -> None:
        chance = self.scene.chance
        pays = np.flatnonzero(paid > 0)
        some = batches.take(pays)
        time = some.time + lognormal(chance, 1_500 * self.slower, 1.0, len(pays)).astype(np.int64) + 20
        free = time < turns.stop_of(some.node)
        self.book.add(time[free], some.node[free], to[some.cell][free], paid[pays][free], W["transfer"], "commission")

    def _released(self, batches: Money, left_behind: Ints) -> Money:
        """What was left behind goes on after days, for about half of the cards; the rest stays."""
        chance = self.scene.chance
        if not left_behind.any():
            return batches.take(np.zeros(0, dtype=np.int64))
        node, first, group = np.unique(batches.node, return_index=True, return_inverse=True)
        total = np.bincount(group, left_behind).astype(np.int64)
        last = np.zeros(len(node), dtype=np.int64)
        np.maximum.at(last, group, batches.time)
        time = last + (lognormal(chance, self.scene.p["tiers.keeps_days"], 0.5, len(node)) * _DAY).astype(np.int64)
        amount = chosen_sums(chance, total * chance.uniform(0.7, 1, len(node)))
        later = Money(time, node, amount, np.full(len(node), NEVER), batches.cell[first])
        return later.take((chance.random(len(node)) < 0.5) & (amount > 0))

    def _buy_for_show(self, batches: Money, turns: Turns) -> Ints:
        """Purchases on the web and in shops, out of what came in; returns what is set aside for them. 分."""
        chance = self.scene.chance
        batch = np.repeat(np.arange(len(batches)), chance.choice([0, 1, 2, 4], len(batches), p=[0.3, 0.35, 0.2, 0.15]))
        size = len(batch)
        price = priced(chance, lognormal(chance, 90, 1.0, size))
        price = np.minimum(price, (batches.amount[batch] * self.for_show / 2).astype(np.int64))
        time = batches.time[batch] + 60 + lognormal(chance, 5 * _HOUR, 1.0, size).astype(np.int64)
        hour = (time + 8 * _HOUR) // _HOUR % 24
        time += np.where(hour < 7, 7 * _HOUR, 0)  # nobody shops at night
        free = (time < turns.stop_of(batches.node[batch])) & (price > 0) & (time < self.book.end)
        batch, price, time, size = batch[free], price[free], time[free], int(free.sum())
        web = chance.random(size) < 0.55
        sellers = self.country.online
        shop = self.country.shops.pick(np.full(size, self.city), chance.random(size))
        payee = np.where(web, sellers[(len(sellers) * chance.random(size) ** 2.2).astype(np.int64)], shop)
        self.book.add(time, batches.node[batch], payee, price, np.where(web, W["purchase"], W["code"]), "cover")
        return np.bincount(batch, price, minlength=len(batches)).astype(np.int64)


def three_lanes(chance: np.random.Generator, sent: Money) -> Ints:
    """To which lane of the next tier each sum goes, one of its sender's three; modulo the number of lanes."""
    lane: Ints = sent.node * 7 + chance.integers(0, 3, len(sent))
    return lane


def lanes_for(works: Works, cards: float, life: float, days: Ints) -> int:
    """How many cards of a cell work side by side for the ring to use up so many on these days; `life` in days."""
    a_lane = max(1.0, 0.5 + len(days) / (1.28 * life))  # 1.28: the mean of a card's life by its median
    return max(1, round(cards / works.cells / a_lane))


def active_days(scene: Scene, wanted: float, chance: np.random.Generator) -> Ints:
    """Days on which a ring works: about so many, fewer for a small one, somewhere in the world's time."""
    first, last = scene.world.scale.first_day, scene.world.scale.last_day
    length = wanted * (0.45 + 0.55 * min(scene.size, 1.0)) * float(lognormal(chance, 1.0, 0.25, 1)[0])
    length = int(np.clip(length, 5, max(5, last - first - 4)))
    begin = first + 1 + int(chance.integers(0, max(1, last - first - length - 3)))
    return np.arange(begin, min(begin + length, last - 1), dtype=np.int64)


def moments(chance: np.random.Generator, days: Ints, week: str, hours: str, size: int) -> Ints:
    """Moments on these days by the week's and the day's shapes. Seconds UTC."""
    return seasons.at(seasons.days_of(chance, days, week, size), seasons.clock(chance, hours, size))
