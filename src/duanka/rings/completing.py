"""What outsiders pay a ring's cards, and are paid back, beside the payments that are telling by themselves."""

import numpy as np

from duanka.flow.ledger import NOBODY, Bool, Int32, Int64, Ledger
from duanka.rings.telling import Telling, paid_by_outsiders

PAUSE = 86_400 * 10**6
"""µs at most between a payment and the worker's next row in its ring on one side (assumption: cards work daily)."""


def completed(own: Telling, works: Int64, firm: Bool) -> Telling:
    """The telling payments of rings, and those between their workers and outsiders meanwhile.

    A collection card gathers many a deposit before it hands them on at once, and few of these tell by themselves. So
    all that persons pay a card that is paid by outsiders, between two of its rows in a ring and no more than PAUSE from
    one of them, is the ring's (of several rings, that of the row before); likewise what a worker pays meanwhile to
    those who pay a ring. What firms pay (`firm` per node), and what goes to anybody else, may be the holder's own life.
    O(rows log rows).
    """
    ledger, of_row = own.ledger, own.strand.copy()
    worker = np.zeros(ledger.nodes + 1, np.bool_)  # the last is nobody
    worker[works % ledger.nodes] = True
    inlets = _Busy(own, works[paid_by_outsiders(own, works)])
    known = (of_row == NOBODY) & (ledger.payer != NOBODY) & (ledger.payee != NOBODY)
    into = np.flatnonzero(known & worker[ledger.payee] & ~worker[ledger.payer] & ~firm[ledger.payer])
    of_row[into] = inlets.ring(into, ledger.payee[into])
    payers = np.zeros(ledger.nodes, np.bool_)
    payers[ledger.payer[of_row != NOBODY]] = True
    back = np.flatnonzero(known & worker[ledger.payer] & ~worker[ledger.payee] & payers[ledger.payee])
    of_row[back] = _Busy(own, works).ring(back, ledger.payer[back])
    return Telling(ledger, np.flatnonzero(of_row != NOBODY), of_row)


class _Busy:
    """When workers work in which ring."""

    def __init__(self, own: Telling, works: Int64) -> None:
        self._ledger: Ledger = own.ledger
        self._ring = own.strand
        by_worker, to_worker = own.ends(works)
        ends = ((own.ledger.payer, by_worker), (own.ledger.payee, to_worker))
        self._key = np.sort(np.concatenate([self._keys(own.row[mine], end[own.row[mine]]) for end, mine in ends]))

    def ring(self, row: Int64, node: Int32) -> Int64:
        """The ring in which each node works when it has this row; NOBODY if in none."""
        if not len(self._key):
            return np.full(len(row), NOBODY, np.int64)
        place = np.searchsorted(self._key, self._keys(row, node))
        before, after = self._key[np.maximum(place - 1, 0)], self._key[np.minimum(place, len(self._key) - 1)]
        rows, time = len(self._ledger), self._ledger.time
        between = (place > 0) & (place < len(self._key)) & (before // rows == node) & (after // rows == node)
        pause = np.minimum(time[row] - time[before % rows], time[after % rows] - time[row])
        return np.where(between & (pause <= PAUSE), self._ring[before % rows], NOBODY)

    def _keys(self, row: Int64, node: Int32) -> Int64:
        keys: Int64 = node.astype(np.int64) * len(self._ledger) + row
        return keys
