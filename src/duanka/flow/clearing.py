"""The books of a made-up country: which of the payments that are meant to happen do happen, and what balances show.

One walk in time order; a payment that the balance, a limit of the account's class, or a measure does not allow is
refused and moves nothing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import NO_BALANCE, Int32, Int64
from duanka.kernels.compile import kernel

DONE, NO_FUNDS, OVER_LIMIT, BLOCKED, NOT_OPEN = 0, 1, 2, 3, 4
"""What became of a payment."""

UNLIMITED = np.iinfo(np.int64).max

ACCOUNT = np.dtype({
    "names": ["opened", "closed", "holder", "rule", "balance", "day", "year", "day_out", "year_out",
              "blocked_from", "blocked_to"],
    "formats": ["i4", "i4", "i4", "i4", "i8", "i4", "i4", "i8", "i8", "i8", "i8"],
    "itemsize": 64,
})  # fmt: skip
"""One account, in as many bytes as a processor fetches at once: `clear` looks at nearly all of an account's state.

`opened` is the day from which it exists, `closed` the day from which it no longer does. `holder` is whose it is;
different numbers are different holders. `rule` is a row of `Rules`. `day` and `year` are those of the last payment out,
`day_out` and `year_out` what went out in them. Outflow is refused from second `blocked_from` up to `blocked_to`.
"""

_CHANGED = slice(2, 6)
"""The words of an account that payments change: from `balance` to `year_out`."""


class Rules(NamedTuple):
    """What accounts may do, by class; all arrays have one length. Amounts in minor units."""

    floor: Int64  # the least balance that a payment may leave: 0, or a debt that is allowed
    single: Int64  # most that one payment out may be
    daily: Int64  # most that may go out in one day of the zone
    yearly: Int64  # most that may go out in one calendar year, but to the holder's own accounts
    most: Int64  # highest balance that may be held


class Books(NamedTuple):
    """State of n accounts, changed in place by `clear`. Amounts in minor units, times in seconds, days as numbers."""

    accounts: NDArray[np.void]  # of ACCOUNT
    rules: Rules


class Rows(NamedTuple):
    """Payments that are meant to happen, in time order; account -1 is notes and coins, which have no balance."""

    time: Int64
    day: Int64
    year: Int64
    payer: Int32
    payee: Int32
    amount: Int64


def unwritten(size: int) -> NDArray[np.void]:
    """Accounts that are empty, each beginning where a processor's fetch begins."""
    room = np.zeros((size + 1) * ACCOUNT.itemsize, dtype=np.uint8)
    first = -room.ctypes.data % ACCOUNT.itemsize
    return room[first : first + size * ACCOUNT.itemsize].view(ACCOUNT)


def clear(books: Books, rows: Rows) -> tuple[Int64, Int64, Int64]:
    """Book rows in the order given.

    Returns per row what became of it, and the balances of payer and payee after it (NO_BALANCE for -1 and for rows
    that were refused). O(rows).
    """
    size = len(rows.time)
    state = np.zeros(size, dtype=np.int64)
    left = np.full(size, NO_BALANCE, dtype=np.int64)
    reached = np.full(size, NO_BALANCE, dtype=np.int64)
    _clear(books.accounts, books.rules, rows, state, left, reached)
    return state, left, reached


def tried(books: Books, rows: Rows) -> Int64:
    """What would become of the rows; the books stay as they are. O(rows + accounts / 64)."""
    named = np.zeros(len(books.accounts), dtype=np.bool_)
    for side in (rows.payer, rows.payee):
        named[side[side >= 0]] = True
    touched = np.flatnonzero(named)
    words = books.accounts.view(np.int64).reshape(len(named), -1)  # numpy copies records field by field
    before = words[touched, _CHANGED]
    state, _, _ = clear(books, rows)
    words[touched, _CHANGED] = before
    return state


@kernel
def _clear(accounts: NDArray[np.void], rules: Rules, rows: Rows, state: Int64, left: Int64, reached: Int64) -> None:
    for i in range(len(state)):
        payer, payee, amount = rows.payer[i], rows.payee[i], rows.amount[i]
        source, target = accounts[max(payer, 0)], accounts[max(payee, 0)]
        others = payer < 0 or payee < 0 or source["holder"] != target["holder"]
        why = DONE
        if payer >= 0:
            yearly = rules.yearly[source["rule"]] if others else UNLIMITED
            why = _refusal_of_payer(source, rules, yearly, amount, rows.time[i], rows.day[i], rows.year[i])
        if payee >= 0 and why != NOT_OPEN:
            if not target["opened"] <= rows.day[i] < target["closed"]:
                why = NOT_OPEN
            elif why == DONE and target["balance"] > rules.most[target["rule"]] - amount:
                why = OVER_LIMIT
        state[i] = why
        if why != DONE:
            continue
        if payer >= 0:
            source["balance"] -= amount
            source["day_out"] += amount
            if others:
                source["year_out"] += amount
            left[i] = source["balance"]
        if payee >= 0:
            target["balance"] += amount
            reached[i] = target["balance"]


@kernel
def _refusal_of_payer(source: np.void, rules: Rules, yearly: int, amount: int, time: int, day: int, year: int) -> int:
    """Why a payment can't be on the payer's side; DONE if nothing is against it."""
    if not source["opened"] <= day < source["closed"]:
        return NOT_OPEN
    if source["day"] != day:
        source["day"], source["day_out"] = day, 0
    if source["year"] != year:
        source["year"], source["year_out"] = year, 0
    if source["blocked_from"] <= time < source["blocked_to"]:
        return BLOCKED
    rule = source["rule"]
    if amount > rules.single[rule] or source["day_out"] > rules.daily[rule] - amount:
        return OVER_LIMIT
    if source["year_out"] > yearly - amount:
        return OVER_LIMIT
    return NO_FUNDS if source["balance"] - amount < rules.floor[rule] else DONE
