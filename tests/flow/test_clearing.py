"""The books of a made-up country against a slow twin."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.clearing import BLOCKED, DONE, NO_FUNDS, NOT_OPEN, OVER_LIMIT, UNLIMITED, Books, clear, packed
from duanka.flow.ledger import NO_BALANCE

ACCOUNTS = 4
Row = tuple[int, int, int, int]  # time, payer, payee, amount


def books(seed: int) -> Books:
    """Four accounts with all sorts of limits."""
    chance = np.random.default_rng(seed)

    def some(low: int, high: int, none: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.where(chance.random(ACCOUNTS) < 0.5, none, chance.integers(low, high, ACCOUNTS)).astype(np.int64)

    zero = np.zeros(ACCOUNTS, dtype=np.int64)
    blocked = some(0, 20, 0)
    return Books(
        balance=chance.integers(0, 40, ACCOUNTS), floor=some(-20, 0, 0), opened=some(0, 8, 0),
        closed=some(20, 40, UNLIMITED), holder=np.array([0, 1, 1, 2]),
        blocked_from=blocked, blocked_to=blocked + some(0, 9, 0),
        single=some(5, 30, UNLIMITED), daily=some(10, 40, UNLIMITED), yearly=some(20, 60, UNLIMITED),
        most=some(40, 80, UNLIMITED), day=zero.copy(), day_out=zero.copy(), year=zero.copy(), year_out=zero.copy(),
    )  # fmt: skip


@dataclass
class Twin:
    """The rules, one payment at a time, over plain lists."""

    books: Books
    paid: list[tuple[int, int, int, int, bool]]  # account, day, year, amount, to another holder

    def out(self, account: int, place: int, number: int, *, others: bool = False) -> int:
        chosen = [row for row in self.paid if row[0] == account and row[place] == number]
        return sum(row[3] for row in chosen if row[4] or not others)

    def book(self, time: int, payer: int, payee: int, amount: int) -> int:
        b, day, year = self.books, time // 10, time // 25
        others = payer < 0 or payee < 0 or b.holder[payer] != b.holder[payee]
        if any(a >= 0 and not b.opened[a] <= time < b.closed[a] for a in (payer, payee)):
            return NOT_OPEN
        if payer >= 0:
            if b.blocked_from[payer] <= time < b.blocked_to[payer]:
                return BLOCKED
            limits = [(0, b.single), (self.out(payer, 1, day), b.daily)]
            if others:
                limits.append((self.out(payer, 2, year, others=True), b.yearly))
            if any(before + amount > int(limit[payer]) for before, limit in limits):
                return OVER_LIMIT
            if b.balance[payer] - amount < b.floor[payer]:
                return NO_FUNDS
        if payee >= 0 and int(b.balance[payee]) + amount > int(b.most[payee]):
            return OVER_LIMIT
        if payer >= 0:
            b.balance[payer] -= amount
            self.paid.append((payer, day, year, amount, bool(others)))
        if payee >= 0:
            b.balance[payee] += amount
        return DONE


@settings(deadline=None)  # the first run compiles
@given(
    seed=st.integers(0, 500),
    rows=st.lists(
        st.tuples(st.integers(0, 45), st.integers(-1, 3), st.integers(-1, 3), st.integers(1, 40)), max_size=40
    ),
)
def test_books_are_kept_as_the_plain_rules_say(seed: int, rows: list[Row]) -> None:
    ordered = sorted(row for row in rows if row[1] != row[2])
    time, payer, payee, amount = (np.array([row[i] for row in ordered], dtype=np.int64) for i in range(4))
    fast = packed(books(seed)) if seed % 2 else books(seed)  # the layout makes no difference
    total = int(fast.balance.sum())
    state, left, reached = clear(
        fast, time, time // 10, time // 25, payer.astype(np.int32), payee.astype(np.int32), amount
    )
    twin = Twin(books(seed), [])
    for i, row in enumerate(ordered):
        expected = twin.book(*row)
        assert state[i] == expected
        done = expected == DONE
        assert left[i] == (twin.books.balance[row[1]] if done and row[1] >= 0 else NO_BALANCE)
        assert reached[i] == (twin.books.balance[row[2]] if done and row[2] >= 0 else NO_BALANCE)
    np.testing.assert_array_equal(fast.balance, twin.books.balance)
    moved = state == DONE
    notes = int(amount[moved & (payer < 0)].sum()) - int(amount[moved & (payee < 0)].sum())
    assert int(fast.balance.sum()) == total + notes  # every cent that leaves arrives
    assert (fast.balance >= np.minimum(fast.floor, books(seed).balance)).all()
