"""Pairs: what each account had with each partner, one way, over its rows in order."""

from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import NOBODY, Bool, Int32, Int64
from duanka.kernels.compile import kernel


class Rows(NamedTuple):
    """The rows of accounts, one account after the other, each in order: those of account `a` from `starts[a]` on."""

    starts: Int64  # accounts + 1
    other: Int32  # account on the other side, NOBODY if unknown
    paid: Bool  # by the account; else received by it
    amount: Int64
    moment: Int64  # µs
    day: Int32


class Pairs(NamedTuple):
    """p pairs of an account and a partner, one way; those of an account stand together."""

    account: Int32
    other: Int32
    paid: Bool
    mutual: Bool  # the two have a pair the other way, too
    rows: Int32
    total: Int64
    least: Int64  # smallest amount
    first_day: Int32  # earliest day
    first_least: Int64  # smallest amount of that day
    refilled: Int32  # rows before whose next the account received half of their amount or more, and no more than it


def partners(rows: Rows) -> tuple[Pairs, Int32]:
    """Sum up the pairs; also the pair of each row.

    A row with nobody, or with the account itself, is in none: NOBODY. O(rows + accounts).
    """
    accounts = len(rows.starts) - 1
    pair = np.empty(len(rows.other), np.int32)
    width = max(accounts, int(rows.other.max(initial=NOBODY)) + 1)
    of_row, mutual = np.empty(len(pair), np.int32), np.zeros(len(pair), np.bool_)
    count = _number(rows, np.full((width, 2), NOBODY, np.int32), pair, of_row, mutual)
    first_row, mutual = of_row[:count].copy(), mutual[:count].copy()
    account = np.searchsorted(rows.starts, first_row, "right").astype(np.int32) - np.int32(1)
    found = Pairs(
        account=account, other=rows.other[first_row], paid=rows.paid[first_row], mutual=mutual,
        rows=np.zeros(count, np.int32), total=np.zeros(count, np.int64), least=rows.amount[first_row],
        first_day=rows.day[first_row], first_least=rows.amount[first_row], refilled=np.zeros(count, np.int32),
    )  # fmt: skip
    _sum(rows, pair, found, np.zeros(count, np.int64), np.zeros(count, np.int64))
    return found, pair


@kernel
def _number(rows: Rows, known: Int32, pair: Int32, first_row: Int32, mutual: Bool) -> int:
    """Number the pairs by their first rows; `known` (others, 2) holds the last number of each partner and way."""
    count = 0
    for account in range(len(rows.starts) - 1):
        base = count
        for row in range(rows.starts[account], rows.starts[account + 1]):
            other = rows.other[row]
            if other in (NOBODY, account):
                pair[row] = NOBODY
                continue
            way = 1 if rows.paid[row] else 0
            if known[other, way] < base:
                known[other, way] = count
                first_row[count] = row
                back = known[other, 1 - way]
                if back >= base:
                    mutual[count] = True
                    mutual[back] = True
                count += 1
            pair[row] = known[other, way]
    return count


@kernel
def _sum(rows: Rows, pair: Int32, pairs: Pairs, amount: Int64, so_far: Int64) -> None:
    """Sum up each pair; `amount` and `so_far` hold its last row's amount and what the account had received by then."""
    for account in range(len(rows.starts) - 1):
        received = 0
        for row in range(rows.starts[account], rows.starts[account + 1]):
            here = rows.amount[row]
            if not rows.paid[row]:
                received += here
            at = pair[row]
            if at == NOBODY:
                continue
            if pairs.rows[at] > 0:
                came = received - so_far[at]
                if came <= amount[at] and came >= amount[at] - came:
                    pairs.refilled[at] += 1
            amount[at] = here
            so_far[at] = received
            pairs.rows[at] += 1
            pairs.total[at] += here
            pairs.least[at] = min(pairs.least[at], here)
            if rows.day[row] < pairs.first_day[at]:
                pairs.first_day[at] = rows.day[row]
                pairs.first_least[at] = here
            elif rows.day[row] == pairs.first_day[at]:
                pairs.first_least[at] = min(pairs.first_least[at], here)
