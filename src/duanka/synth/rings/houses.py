"""Laundering houses (水房) and card dealers that serve several rings: the cards which a ring uses besides its own.

A house keeps its room, its phones and its people, and takes work from whoever pays: on one card the money of two gangs
meets in the same week, or a dealer passes the card on from one ring to the next. Each ring that uses a card has a
membership of its own for it. The law counts how many are served in this way (domain.md §1.2 D24-B, §1.4 C-帮信-2019).
"""

from dataclasses import dataclass, field, fields

import numpy as np

from duanka.synth.chance import Array, Ints
from duanka.synth.seasons import day_of
from duanka.synth.world import FAR, Accounts

_DAY = 86_400
_NEVER = FAR * 86_400


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(slots=True)
class Cards:
    """Cards with those who work and supply them: arrays, one entry a card. Seconds UTC."""

    account: Ints = field(default_factory=_none)
    first: Ints = field(default_factory=_none)  # first and last use by any ring
    last: Ints = field(default_factory=_none)
    stop: Ints = field(default_factory=_none)  # the earliest stop by the police, NEVER for none
    device: Ints = field(default_factory=_none)  # the house's phone, OWN_DEVICE for the holder's
    operator: Ints = field(default_factory=_none)  # person of the house
    dealer: Ints = field(default_factory=_none)  # person who supplied it

    def __len__(self) -> int:
        return len(self.account)

    def take(self, rows: Ints) -> "Cards":
        """These rows."""
        return Cards(*(getattr(self, column.name)[rows] for column in fields(self)))


@dataclass(frozen=True, slots=True)
class Need:
    """Cards that a ring needs: first and last use and stop of each (seconds UTC)."""

    first: Ints
    last: Ints
    stop: Ints

    def take(self, rows: Array) -> "Need":
        """These rows."""
        return Need(self.first[rows], self.last[rows], self.stop[rows])


class Houses:
    """All cards that rings have rented so far, for others to use as well."""

    def __init__(self) -> None:
        self.cards = Cards()
        self.keeper: dict[int, int] = {}  # person who has each of the houses' phones

    def lend(
        self, chance: np.random.Generator, accounts: Accounts, need: Need, *, share: float, days: float, taken: Array
    ) -> Ints:  # fmt: skip
        """For about a share of what is needed, rows of `cards` that do it besides what they do already; -1 for none.

        A card is lent once to a ring at most, within so many days of its other work, if it is open by then; none of the
        accounts `taken`. It is stopped for one ring at most, after its last use by anybody. O(needed times cards).
        """
        found = np.full(len(need.first), -1, dtype=np.int64)
        cards, near = self.cards, round(days * _DAY)
        free = ~np.isin(cards.account, taken)
        opened = accounts.opened[cards.account]
        for row in np.flatnonzero(chance.random(len(found)) < share).tolist():
            first, last, stop = int(need.first[row]), int(need.last[row]), int(need.stop[row])
            fits = free & (opened <= day_of(need.first[row : row + 1])[0])
            fits &= (cards.first < last + near) & (cards.last > first - near)
            fits &= np.maximum(cards.last, last) < np.minimum(cards.stop, stop)
            fits &= (cards.stop == _NEVER) | (stop == _NEVER)
            rows = np.flatnonzero(fits)
            if len(rows):
                found[row] = rows[int(chance.integers(len(rows)))]
                free[found[row]] = False
        return found

    def note(self, rows: Ints, need: Need) -> None:
        """These cards of the houses have been lent for that."""
        cards = self.cards
        cards.first[rows] = np.minimum(cards.first[rows], need.first)
        cards.last[rows] = np.maximum(cards.last[rows], need.last)
        cards.stop[rows] = np.minimum(cards.stop[rows], need.stop)

    def add(self, cards: Cards) -> None:
        """Cards that others may use from now on as well."""
        both = (np.concatenate([getattr(self.cards, c.name), getattr(cards, c.name)]) for c in fields(Cards))
        self.cards = Cards(*both)
