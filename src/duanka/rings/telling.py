"""Payments that tell of a relay, by the strand they belong to, and what their ends are."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY, Bool, Int32, Int64, Ledger
from duanka.flow.windows import Float64

OUTSIDE = 0.5
"""Share of an account's partners, and of its money, from which it counts as dealing with outsiders (assumption)."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The telling payments that have a strand."""

    ledger: Ledger
    row: Int64  # ascending
    strand: Int64  # per row of the ledger

    def ends(self, works: Int64) -> tuple[Bool, Bool]:
        """Whether the payer, and whether the payee, of each row works in its strand. `works`: strand · nodes + node."""
        mine = self.strand[self.row]
        return (
            within(works, mine, self.ledger.payer[self.row], self.ledger.nodes),
            within(works, mine, self.ledger.payee[self.row], self.ledger.nodes),
        )

    def once(self) -> Int64:
        """The first row of each pair of payer and payee in each strand, as places in `row`."""
        payer, payee = self.ledger.payer[self.row].astype(np.int64), self.ledger.payee[self.row]
        _, pair = np.unique(payer * self.ledger.nodes + payee, return_inverse=True)
        _, once = np.unique(self.strand[self.row] * len(self.row) + pair, return_index=True)
        return once

    def money(self) -> Float64:
        """Roots of amounts per row, so that no single payment decides, and no minor unit."""
        money: Float64 = np.sqrt(self.ledger.amount[self.row])
        return money


def within(memberships: Int64, ring: Int64, node: Int32 | Int64, nodes: int) -> Bool:
    """Whether each node is a member of each ring. `memberships`: ring · nodes + node, ascending. NOBODY never is."""
    if not len(memberships):
        return np.zeros(len(node), np.bool_)
    wanted = ring * nodes + node
    place = np.minimum(np.searchsorted(memberships, wanted), len(memberships) - 1)
    found: Bool = (memberships[place] == wanted) & (node != NOBODY)
    return found


def place_of(works: Int64, own: Telling, node: Int32 | Int64, place: Int64) -> Int64:
    """Membership of the node in the strand of each of these rows (places in `own.row`); any where it has none."""
    wanted = own.strand[own.row[place]] * own.ledger.nodes + node
    return np.minimum(np.searchsorted(works, wanted), max(len(works) - 1, 0))


def share(works: Int64, own: Telling, node: Int32 | Int64, place: Int64, part: Float64, whole: Float64) -> Float64:
    """Per membership: the sum of `part` over the sum of `whole` of the rows with this node at that end; 0 of none."""
    mine = within(works, own.strand[own.row[place]], node, own.ledger.nodes)
    at = place_of(works, own, node, place)[mine]
    some = np.bincount(at, part[mine], minlength=len(works))
    every = np.bincount(at, whole[mine], minlength=len(works))
    result: Float64 = np.divide(some, every, out=np.zeros(len(works)), where=every > 0)
    return result


def paid_by_outsiders(own: Telling, works: Int64) -> Bool:
    """Per membership: whether more than OUTSIDE of those that pay the account in its strand are no workers there."""
    once = own.once()
    partners = np.ones(len(once))
    by_worker, _ = own.ends(works)
    payee = own.ledger.payee[own.row[once]]
    inlet: Bool = share(works, own, payee, once, partners * ~by_worker[once], partners) > OUTSIDE
    return inlet
