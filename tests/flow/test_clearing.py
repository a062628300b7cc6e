"""The books of a made-up country against a slow twin."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.clearing import (
    ACCOUNT,
    BLOCKED,
    DONE,
    NO_FUNDS,
    NOT_OPEN,
    OVER_LIMIT,
    UNLIMITED,
    Books,
    Rows,
    Rules,
    clear,
    tried,
    unwritten,
)
from duanka.flow.ledger import NO_BALANCE

ACCOUNTS = 4
NEVER = np.iinfo(np.int32).max
Row = tuple[int, int, int, int]  # time, payer, payee, amount


def books(seed: int) -> Books:
    """Four accounts with all sorts of limits."""
    chance = np.random.default_rng(seed)

    def some(low: int, high: int, none: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.where(chance.random(ACCOUNTS) < 0.5, none, chance.integers(low, high, ACCOUNTS)).astype(np.int64)

    accounts = unwritten(ACCOUNTS)
    accounts["balance"] = chance.integers(0, 40, ACCOUNTS)
    accounts["rule"] = np.arange(ACCOUNTS)
    accounts["opened"], accounts["closed"] = some(0, 2, 0), some(2, 4, NEVER)
    accounts["holder"] = [0, 1, 1, 2]
    accounts["blocked_from"] = some(0, 20, 0)
    accounts["blocked_to"] = accounts["blocked_from"] + some(0, 9, 0)
    rules = Rules(
        floor=some(-20, 0, 0), single=some(5, 30, UNLIMITED), daily=some(10, 40, UNLIMITED),
        yearly=some(20, 60, UNLIMITED), most=some(40, 80, UNLIMITED),
    )  # fmt: skip
    return Books(accounts, rules)


@dataclass
class Twin:
    """The rules, one payment at a time, over plain lists."""

    books: Books
    paid: list[tuple[int, int, int, int, bool]]  # account, day, year, amount, to another holder

    def out(self, account: int, place: int, number: int, *, others: bool = False) -> int:
        chosen = [row for row in self.paid if row[0] == account and row[place] == number]
        return sum(row[3] for row in chosen if row[4] or not others)

    def book(self, time: int, payer: int, payee: int, amount: int) -> int:
        b, rules, day, year = self.books.accounts, self.books.rules, time // 10, time // 25
        others = payer < 0 or payee < 0 or b["holder"][payer] != b["holder"][payee]
        if any(a >= 0 and not b["opened"][a] <= day < b["closed"][a] for a in (payer, payee)):
            return NOT_OPEN
        if payer >= 0:
            if b["blocked_from"][payer] <= time < b["blocked_to"][payer]:
                return BLOCKED
            limits = [(0, rules.single), (self.out(payer, 1, day), rules.daily)]
            if others:
                limits.append((self.out(payer, 2, year, others=True), rules.yearly))
            if any(before + amount > int(limit[payer]) for before, limit in limits):
                return OVER_LIMIT
            if b["balance"][payer] - amount < rules.floor[payer]:
                return NO_FUNDS
        if payee >= 0 and int(b["balance"][payee]) + amount > int(rules.most[payee]):
            return OVER_LIMIT
        if payer >= 0:
            b["balance"][payer] -= amount
            self.paid.append((payer, day, year, amount, bool(others)))
        if payee >= 0:
            b["balance"][payee] += amount
        return DONE


@settings(deadline=None)  # the first run compiles
@given(
    seed=st.integers(0, 500),
    rows=st.lists(
        st.tuples(st.integers(0, 45), st.integers(-1, 3), st.integers(-1, 3), st.integers(1, 40)), max_size=40
    ),
)
def test_books_are_kept_as_the_plain_rules_say(seed: int, rows: list[Row]) -> None:
    kept, twin = books(seed), Twin(books(seed), [])
    before, total = kept.accounts.copy(), int(kept.accounts["balance"].sum())
    trial = tried(kept, in_order(rows))
    np.testing.assert_array_equal(kept.accounts, before)
    ordered = in_order(rows)
    state, left, reached = clear(kept, ordered)
    np.testing.assert_array_equal(trial, state)
    balance = twin.books.accounts["balance"]
    for i, row in enumerate(zip(ordered.time, ordered.payer, ordered.payee, ordered.amount, strict=True)):
        expected = twin.book(*(int(value) for value in row))
        assert state[i] == expected
        done = expected == DONE
        assert left[i] == (balance[row[1]] if done and row[1] >= 0 else NO_BALANCE)
        assert reached[i] == (balance[row[2]] if done and row[2] >= 0 else NO_BALANCE)
    np.testing.assert_array_equal(kept.accounts["balance"], balance)
    moved, amount = state == DONE, ordered.amount
    notes = int(amount[moved & (ordered.payer < 0)].sum()) - int(amount[moved & (ordered.payee < 0)].sum())
    assert int(balance.sum()) == total + notes  # every cent that leaves arrives
    assert (balance >= np.minimum(kept.rules.floor, before["balance"])).all()


def in_order(rows: list[Row]) -> Rows:
    """By time, without payments to oneself."""
    ordered = sorted(row for row in rows if row[1] != row[2])
    time, payer, payee, amount = (np.array([row[i] for row in ordered], dtype=np.int64) for i in range(4))
    return Rows(time, time // 10, time // 25, payer.astype(np.int32), payee.astype(np.int32), amount)


def test_accounts_begin_where_a_fetch_begins() -> None:
    accounts = unwritten(3)
    assert len(accounts) == 3
    assert accounts.ctypes.data % ACCOUNT.itemsize == 0
    assert (accounts["balance"] == 0).all()
