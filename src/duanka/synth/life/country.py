"""What ordinary life looks up over and over: whom to pay, from which account, who is whose friend."""

from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Array, Ints, below, share
from duanka.synth.world import I32, REGIONS, F, J, World

_TABLE = 1 << 22
NEAR = (1, 2, 3, 5, 7, 11, 14, 19, 26, 33, 44, 58)
FAR_TIES = (515, 1_282, 4_355, 16_649)
"""A person's friends are those whose number differs by one of these masks (exclusive or), so that friendship is mutual
and needs no memory; the near ones are neighbours, since people are numbered by city and household."""


@dataclass(frozen=True, slots=True)
class Places:
    """Accounts by city, so that a city's are `rows[start[c] : start[c + 1]]`, the busiest first."""

    rows: I32
    start: Ints

    def pick(self, city: Array, draw: Array) -> I32:
        """One of each city's accounts; `draw` in [0, 1), the busy ones far more often (its cube)."""
        size = self.start[city + 1] - self.start[city]
        rows: I32 = self.rows[self.start[city] + (size * draw**3).astype(np.int64)]
        return rows


class Country:
    """Tables over a world, made once."""

    def __init__(self, world: World) -> None:
        self.world = world
        people, firms = world.people, world.firms
        self.payers = _table(people.activity)
        merchants = np.flatnonzero(people.job == J["merchant"])
        till = people.wechat[merchants]
        till = np.where((till < 0) | (share(merchants, 41) < 0.3), people.alipay[merchants], till)
        till = np.where(till < 0, people.bank[merchants], till)
        shops = np.flatnonzero(firms.kind == F["shop"])
        self.till = till.astype(np.int32)  # personal account in which a merchant takes money
        self.merchants = merchants.astype(np.int32)
        self.shops = _places(
            np.concatenate([firms.account[shops], till]),
            np.concatenate([firms.region[shops], people.region[merchants]]),
            np.concatenate([firms.size[shops] * 1.5, people.activity[merchants]]),
        )
        self.by_kind = {kind: firms.account[firms.kind == number] for kind, number in F.items()}
        self.local = {
            kind: _places(firms.account[firms.kind == F[kind]], firms.region[firms.kind == F[kind]], None)
            for kind in ("utility", "school", "estate", "wholesale", "small", "factory", "office")
        }
        sellers = np.concatenate([self.by_kind["online"], self.by_kind["travel"]])
        order = np.argsort(-firms.size[world.accounts.firm[sellers]], kind="stable")
        self.online = sellers[order]
        self._due: dict[int, list[Array]] = {}  # who pays by the month on each day of it

    def due(self, number: int, salt: int, part: float) -> Array:
        """Of a share of the adults, chosen by `salt`, those whose day of the month this is (1 to 28), by number."""
        if salt not in self._due:
            people = self.world.people
            everyone = np.arange(len(people), dtype=np.int64)
            grown = (people.job != J["child"]) & (people.job != J["student"])
            chosen = np.flatnonzero((share(everyone, salt) < part) & grown)
            days = below(chosen, salt + 100, 28) + 1
            order = np.argsort(days, kind="stable")
            self._due[salt] = np.split(chosen[order], np.searchsorted(days[order], np.arange(2, 29)))
        return self._due[salt][number - 1] if number <= 28 else np.empty(0, dtype=np.int64)

    def account(self, person: Array, draw: Array) -> I32:
        """From which account each pays: a wallet if there is one and the draw says so, else the bank account."""
        people = self.world.people
        wallet = np.where(draw < 0.3, people.wechat[person], people.alipay[person])
        chosen = np.where((draw < 0.55) & (wallet >= 0), wallet, people.bank[person])
        second = people.second[person]
        return np.where((draw > 0.92) & (second >= 0), second, chosen).astype(np.int32)

    def receiving(self, person: Array, draw: Array) -> I32:
        """Into which account each is paid by friends."""
        wallet = self.world.people.wechat[person]
        return np.where((draw < 0.6) & (wallet >= 0), wallet, self.world.people.bank[person]).astype(np.int32)

    def friend(self, person: Array, chance: np.random.Generator) -> Ints:
        """A friend of each; the same few again and again, some far away."""
        size, count = len(self.world.people), len(person)
        masks = np.array(NEAR + FAR_TIES)
        tie = np.minimum(chance.exponential(3.2, count).astype(np.int64), len(masks) - 1)
        other = person ^ masks[tie]
        known = share(np.minimum(person, other) * 17 + tie, 42) < 0.7  # not everybody next door is a friend
        other = np.where(known, other, person ^ 1)
        return np.where(other < size, other, np.maximum(person - 1, 0))

    def favourite(self, person: Array, draw: Array, *, salt: int, ties: int) -> Ints:
        """One of a person's few favourites, as a stable number for `Places.pick`."""
        which = np.minimum((-np.log1p(-draw) * ties / 3).astype(np.int64), ties - 1)
        return person.astype(np.int64) * 64 + which + salt * 7


def _table(weight: Array) -> I32:
    """Rows of `weight`, each as often as it weighs, so that a random entry is a weighted pick."""
    size = min(_TABLE, max(1 << 14, 8 * len(weight)))
    heap = np.cumsum(weight, dtype=np.float64)
    found = np.searchsorted(heap, (np.arange(size) + 0.5) * heap[-1] / size)
    rows: I32 = np.minimum(found, len(weight) - 1).astype(np.int32)
    return rows


def _places(accounts: Array, regions: Array, size: Array | None) -> Places:
    weight = np.zeros(len(accounts)) if size is None else -size
    order = np.lexsort((np.arange(len(accounts)), weight, regions))
    rows, cities = accounts[order].astype(np.int32), regions[order]
    counts = np.bincount(cities, minlength=REGIONS)
    filled, lists = [], []
    for city in range(REGIONS):  # a city without any goes to the next city's
        here = rows[cities == city] if counts[city] else rows[: max(1, min(5, len(rows)))]
        lists.append(here)
        filled.append(len(here))
    return Places(np.concatenate(lists), np.concatenate([[0], np.cumsum(filled)]))


def city_of(world: World, person: Array) -> Ints:
    """City in which each lives."""
    return world.people.region[person].astype(np.int64)
