"""The books of a made-up country: which of the payments that are meant to happen do happen, and what balances show.

One walk in time order; a payment that the balance, a limit of the account's class, or a measure does not allow is
refused and moves nothing.
"""

from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import NO_BALANCE, Int32, Int64
from duanka.kernels.compile import kernel

DONE, NO_FUNDS, OVER_LIMIT, BLOCKED, NOT_OPEN = 0, 1, 2, 3, 4
"""What became of a payment."""

UNLIMITED = np.iinfo(np.int64).max


class Books(NamedTuple):
    """State of n accounts, changed in place by `clear`. Amounts in minor units, times in seconds, days as numbers."""

    balance: Int64
    floor: Int64  # the least balance that a payment may leave: 0, or a debt that is allowed
    opened: Int64  # second from which the account exists
    closed: Int64  # second from which it no longer does
    holder: Int64  # whose it is; different numbers are different holders
    blocked_from: Int64  # outflow is refused in [from, to)
    blocked_to: Int64
    single: Int64  # most that one payment out may be
    daily: Int64  # most that may go out in one day of the zone
    yearly: Int64  # most that may go out in one calendar year, but to the holder's own accounts
    most: Int64  # highest balance that may be held
    day: Int64  # day of the last payment out
    day_out: Int64
    year: Int64  # year of the last payment out
    year_out: Int64


def packed(books: Books) -> Books:
    """A copy of the books that lies in memory account by account: `clear` looks at nearly all of one at once. O(n)."""
    return Books(*np.stack(books, axis=1).T)


def clear(
    books: Books, time: Int64, day: Int64, year: Int64, payer: Int32, payee: Int32, amount: Int64
) -> tuple[Int64, Int64, Int64]:
    """Book rows in the order given; account -1 is notes and coins, which have no balance.

    Returns per row what became of it, and the balances of payer and payee after it (NO_BALANCE for -1 and for rows
    that were refused). O(rows).
    """
    rows = len(time)
    state = np.zeros(rows, dtype=np.int64)
    left = np.full(rows, NO_BALANCE, dtype=np.int64)
    reached = np.full(rows, NO_BALANCE, dtype=np.int64)
    _clear(books, Rows(time, day, year, payer, payee, amount), state, left, reached)
    return state, left, reached


class Rows(NamedTuple):
    """The columns of `clear`."""

    time: Int64
    day: Int64
    year: Int64
    payer: Int32
    payee: Int32
    amount: Int64


@kernel
def _clear(books: Books, rows: Rows, state: Int64, left: Int64, reached: Int64) -> None:
    for i in range(len(state)):
        payer, payee, amount = rows.payer[i], rows.payee[i], rows.amount[i]
        state[i] = _refusal(books, payer, payee, amount, rows.time[i], rows.day[i], rows.year[i])
        if state[i] != DONE:
            continue
        if payer >= 0:
            books.balance[payer] -= amount
            books.day_out[payer] += amount
            if payee < 0 or books.holder[payer] != books.holder[payee]:
                books.year_out[payer] += amount
            left[i] = books.balance[payer]
        if payee >= 0:
            books.balance[payee] += amount
            reached[i] = books.balance[payee]


@kernel
def _refusal(books: Books, payer: int, payee: int, amount: int, time: int, day: int, year: int) -> int:
    """Why a payment can't be; DONE if nothing is against it."""
    if payer >= 0 and not books.opened[payer] <= time < books.closed[payer]:
        return NOT_OPEN
    if payee >= 0 and not books.opened[payee] <= time < books.closed[payee]:
        return NOT_OPEN
    if payer >= 0:
        why = _refusal_of_payer(books, payer, payee, amount, time, day, year)
        if why != DONE:
            return why
    if payee >= 0 and books.balance[payee] > books.most[payee] - amount:
        return OVER_LIMIT
    return DONE


@kernel
def _refusal_of_payer(books: Books, payer: int, payee: int, amount: int, time: int, day: int, year: int) -> int:
    if books.day[payer] != day:
        books.day[payer], books.day_out[payer] = day, 0
    if books.year[payer] != year:
        books.year[payer], books.year_out[payer] = year, 0
    if books.blocked_from[payer] <= time < books.blocked_to[payer]:
        return BLOCKED
    over = amount > books.single[payer] or books.day_out[payer] > books.daily[payer] - amount
    others = payee < 0 or books.holder[payer] != books.holder[payee]
    if over or (others and books.year_out[payer] > books.yearly[payer] - amount):
        return OVER_LIMIT
    return NO_FUNDS if books.balance[payer] - amount < books.floor[payer] else DONE
