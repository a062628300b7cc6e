"""Who in a ring pays whom: shares of ring money per membership, by whom it comes from and goes to."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import NOBODY, Bool, Int64, Ledger
from duanka.flow.windows import Float64
from duanka.rings.network import SOURCE, WORKER, Network
from duanka.rings.tiers import members_of

_ROUNDS = 60
"""Steps of an iteration: far more than a ring has tiers."""


class Dealings:
    """The rings' own rows by the memberships at their ends; all results are per membership, in the network's order."""

    def __init__(self, ledger: Ledger, found: Network) -> None:
        self.payer, self.payee = members_of(found, ledger)
        self._size = len(found.node)
        self._amount = ledger.amount[found.row].astype(np.float64)
        self._received = ledger.received[found.row].astype(np.float64)
        self._ring, self._row_ring = found.ring, found.row_ring
        worker = np.append(found.part == WORKER, False)  # the last is nobody's
        source = np.append(found.part == SOURCE, False)
        self._from_worker, self._to_worker = worker[self.payer], worker[self.payee]
        self._paid_in = source[self.payer] & self._to_worker

    def times(self, member: Int64) -> Int64:
        """Rows of those at this end (`payer` or `payee`)."""
        return np.bincount(member[member >= 0], minlength=self._size)

    def inside(self) -> tuple[Float64, Float64]:
        """Share of the money that comes from workers, and share of the money that goes to workers."""
        return self._part(self.payee, self._from_worker), self._part(self.payer, self._to_worker)

    def received(self) -> Float64:
        """Minor units of the ring's money."""
        known = self.payee >= 0
        return np.bincount(self.payee[known], self._received[known], self._size).astype(np.float64)

    def given_out(self, to: Bool) -> Float64:
        """Minor units that all workers of a membership's ring pay to these members or in cash."""
        leaves = self._amount * (self._from_worker & np.append(to, True)[self.payee])
        by_ring = np.bincount(self._row_ring, leaves, int(self._ring.max(initial=-1)) + 1)
        return by_ring[self._ring].astype(np.float64)

    def payers(self) -> Int64:
        """Different workers that pay."""
        return self._partners(np.flatnonzero(self._from_worker & (self.payee >= 0)), self.payer)

    def given_to(self, who: Bool) -> Float64:
        """Share of the money paid that goes to these members."""
        return self._part(self.payer, np.append(who, False)[self.payee])

    def given_by(self, who: Bool) -> Float64:
        """Share of the money received that comes from these members."""
        return self._part(self.payee, np.append(who, False)[self.payer])

    def hands_left(self) -> Float64:
        """Through how many workers' hands a membership's money still goes, on average by amount; 0 where it leaves."""
        rows = np.flatnonzero(self._from_worker & self._to_worker)
        payer, payee = self.payer[rows], self.payee[rows]
        paid = self.payer >= 0
        whole = np.bincount(self.payer[paid], self._amount[paid], self._size)
        share = _share(self._amount[rows], whole[payer])
        left = np.zeros(self._size)
        for _ in range(_ROUNDS):
            left = np.bincount(payer, share * (1 + left[payee]), self._size).astype(np.float64)
        return left

    def comes_from(self, who: Bool) -> Float64:
        """Share of the money received that these sources had paid in, each worker's money taken in proportion."""
        paid = np.flatnonzero((self.payer >= 0) & (self.payee >= 0))
        known = self.payee >= 0
        whole = np.bincount(self.payee[known], self._amount[known], self._size)
        payer, payee = self.payer[paid], self.payee[paid]
        share = _share(self._amount[paid], whole[payee])
        direct = np.bincount(payee, share * who[payer], self._size).astype(np.float64)
        inside = self._from_worker[paid]
        payer, payee, share = payer[inside], payee[inside], share[inside]
        found = direct
        for _ in range(_ROUNDS):
            found = direct + np.bincount(payee, share * found[payer], self._size)
        return found

    def gathered(self, holder: Int64) -> tuple[Float64, Int64]:
        """Of the money received, the share from workers who bring their own; and how many holders these are.

        Such workers pay, or are paid by, another worker of the same holder in the ring. `holder` is per membership.
        """
        rows = np.flatnonzero(self._from_worker & self._to_worker)
        payer, payee = self.payer[rows], self.payee[rows]
        same = (holder[payer] == holder[payee]) & (holder[payer] != NOBODY)
        own = np.zeros(self._size, np.bool_)
        own[payer[same]] = own[payee[same]] = True
        brought = np.zeros(len(self.payer), np.bool_)
        brought[rows] = own[payer] & ~same
        return self._part(self.payee, brought), self._partners(np.flatnonzero(brought), holder[self.payer])

    def large(self, member: Int64, amount: int) -> Float64:
        """Share of the money of the payments at this end (`payer` or `payee`) that is in those above this amount."""
        return self._part(member, self._amount > amount)

    def paid_large(self, amount: int) -> Float64:
        """Of what sources pay to the same workers: the share of payments above this amount, by a member's rows."""
        rows = np.flatnonzero(self._paid_in)
        above = np.bincount(self.payee[rows], self._amount[rows] > amount, self._size)
        share = _share(above, np.bincount(self.payee[rows], minlength=self._size))
        return self._mean(self.payer[rows], share[self.payee[rows]])

    def paid_by(self, who: Bool, of_these: Bool) -> Float64:
        """Of those (`who`) that pay the same workers: the share that is of these, on average over a member's rows."""
        rows = self._to_worker & (self.payer >= 0)
        rows[rows] = who[self.payer[rows]]
        member, worker = self.payer[rows], self.payee[rows]
        pairs = np.unique(np.stack([worker, member]), axis=1)
        some = np.bincount(pairs[0], of_these[pairs[1]], minlength=self._size)
        share = _share(some, np.bincount(pairs[0], minlength=self._size))
        return self._mean(member, share[worker])

    def _part(self, member: Int64, rows: Bool) -> Float64:
        known = member >= 0
        part = np.bincount(member[known], (self._amount * rows)[known], minlength=self._size)
        return _share(part, np.bincount(member[known], self._amount[known], minlength=self._size))

    def _partners(self, rows: Int64, partner: Int64) -> Int64:
        """Different partners (per row of the rings) of the payees of these rows."""
        pairs = np.unique(np.stack([self.payee[rows], partner[rows]]), axis=1)
        return np.bincount(pairs[0], minlength=self._size)

    def _mean(self, member: Int64, value: Float64) -> Float64:
        total = np.bincount(member, value, minlength=self._size)
        return _share(total, np.bincount(member, minlength=self._size))


def _share(part: NDArray[Any], whole: NDArray[Any]) -> Float64:
    result: Float64 = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
    return result
