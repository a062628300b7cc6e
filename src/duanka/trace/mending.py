"""Rows that are not in the records but must have been: opening balances, and what breaks of printed balances show."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duanka.flow.balances import Breaks, breaks
from duanka.flow.balances import opening as implied_opening
from duanka.flow.clock import covered
from duanka.flow.columns import Columns, columns, node_of
from duanka.flow.ledger import NO_BALANCE, NOBODY, Bool, Int64, Ledger
from duanka.kernels.compile import kernel

Int8 = NDArray[np.int8]

RECORDED, OPENING, UNRECORDED = range(3)
"""Kinds of rows: in the records; an opening balance; a receipt or payment that the records miss."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A ledger with such rows put in: N rows, of which the n given ones keep their order."""

    ledger: Ledger  # N; its balances are not printed
    moment: Int64  # N
    kind: Int8  # N
    source: Int64  # N: the given row; for a row put in, the given row that shows it, NOBODY for an opening
    place: Int64  # n: where each given row now stands
    breaks: Breaks  # the contradictions between printed and computed balances, by given rows
    opening: Int64  # per node: its balance before its first covered row; 0 for a debt


def mend(ledger: Ledger, moment: Int64, opening: Int64 | None) -> Mended:
    """Put in the opening balances, and before each break what must have come or gone unrecorded.

    Afterwards no covered node ever pays more than it has, and its money follows the printed balances wherever they are
    not negative: a debt (credit card, overdraft) counts as nothing, and what a payment takes out of it as an unrecorded
    receipt. `opening` is known (per node, NO_BALANCE where it is not); else the first printed balance tells it, else it
    is the least that keeps the node from going below zero (`flow.balances.opening`). O(n + nodes).
    """
    found = breaks(ledger, opening=opening)
    start = implied_opening(ledger)
    if opening is not None:
        start = np.where(opening != NO_BALANCE, opening, start)
    start = np.where(ledger.covered_from <= ledger.covered_to, np.maximum(start, 0), 0)
    inside = np.stack([covered(ledger, ledger.payer), covered(ledger, ledger.payee)], axis=1)
    put = np.empty((4 * len(ledger) + 1, 4), np.int64)
    count = _missing(
        columns(ledger),
        inside,
        found.row,
        found.node.astype(np.int64),
        found.printed - found.expected,
        start.copy(),
        put,
    )
    opened = np.flatnonzero(start)
    slot, shown, node, change = put[:count][np.argsort(put[:count, 0], kind="stable")].T
    slot = np.concatenate([np.zeros(len(opened), np.int64), slot])
    shown = np.concatenate([np.full(len(opened), NOBODY, np.int64), shown])
    node = np.concatenate([opened, node])
    change = np.concatenate([start[opened], change])
    return _with_rows(ledger, moment, found, start, slot, shown, node, change, len(opened))


def _with_rows(
    ledger: Ledger,
    moment: Int64,
    found: Breaks,
    start: Int64,
    slot: Int64,
    shown: Int64,
    node: Int64,
    change: Int64,
    opened: int,
) -> Mended:
    """The ledger with row i of those put in before its row `slot[i]`; positive changes are receipts."""
    rows, more = len(ledger), len(slot)
    size = rows + more
    into = slot + np.arange(more)
    place = np.arange(rows, dtype=np.int64)
    place += np.cumsum(np.bincount(slot, minlength=rows + 1))[:rows]

    def merged(given: NDArray[Any], extra: Int64) -> NDArray[Any]:
        if not more:
            return given
        if opened == more:
            return np.concatenate([extra.astype(given.dtype), given])
        result = np.empty(size, given.dtype)
        result[place], result[into] = given, extra
        return result

    paid, money = change < 0, np.abs(change)
    nobody = np.full(more, NOBODY, np.int64)
    first = np.full(more, moment[0] if rows else 0, np.int64)
    when = np.where(shown == NOBODY, first, moment[np.maximum(shown, 0)]) if rows else first
    began = np.where(shown == NOBODY, ledger.covered_from[node], ledger.time[np.maximum(shown, 0)] if rows else 0)
    kind = np.where(shown == NOBODY, OPENING, UNRECORDED)
    unused = np.broadcast_to(np.int64(0), size)
    blank = np.broadcast_to(np.int64(NO_BALANCE), size)
    amount = merged(ledger.amount, money)
    whole = Ledger(
        time=merged(ledger.time, began),
        width=unused,
        payer=merged(ledger.payer, np.where(paid, node, nobody)),
        payee=merged(ledger.payee, np.where(paid, nobody, node)),
        amount=amount,
        received=amount if ledger.received is ledger.amount else merged(ledger.received, money),
        balance_payer=blank,
        balance_payee=blank,
        tie=unused,
        nodes=ledger.nodes,
        covered_from=ledger.covered_from,
        covered_to=ledger.covered_to,
    )
    return Mended(
        ledger=whole,
        moment=merged(moment, when),
        kind=merged(np.zeros(rows, np.int8), kind),
        source=merged(np.arange(rows), shown),
        place=place,
        breaks=found,
        opening=start,
    )


@kernel
def _missing(
    table: Columns, inside: Bool, row_of: Int64, node_at: Int64, delta_of: Int64, pool: Int64, put: Int64
) -> int:
    """Write (slot, row that shows it, node, change) of each row to put in; `pool` is what each node has."""
    count, broken = 0, 0
    for row in range(len(inside)):
        for role in range(2):
            node = node_of(table, row, role)
            if node == -1 or not inside[row, role]:
                continue
            delta = 0
            if broken < len(row_of) and row_of[broken] == row and node_at[broken] == node:
                delta = delta_of[broken]
                broken += 1
            itself = table.payer[row] == table.payee[row]
            due = 0 if role else table.amount[row]
            if delta < 0:
                gone = min(-delta, max(pool[node] - due, 0))
                count = _put(put, count, row, row, node, -gone)
                pool[node] -= gone
                delta += gone
            come = max(delta, 0)
            if pool[node] + come < due:
                come = due - pool[node]
            count = _put(put, count, row, row, node, come)
            pool[node] += come - due
            if role or itself:
                pool[node] += table.received[row]
            gone = min(max(-delta, 0), pool[node])
            count = _put(put, count, row + 1, row, node, -gone)
            pool[node] -= gone
    return count


@kernel
def _put(put: Int64, count: int, slot: int, row: int, node: int, change: int) -> int:
    """Add one row to put in, unless nothing changes; return their number."""
    if change == 0:
        return count
    put[count, 0] = slot
    put[count, 1] = row
    put[count, 2] = node
    put[count, 3] = change
    return count + 1
