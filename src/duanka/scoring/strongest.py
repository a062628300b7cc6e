"""For each account the one relay that says most of it: what a reason shows."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import NOBODY, Float32, Int32, Int64
from duanka.scoring.accounts import Evidence
from duanka.scoring.relays import Relays


class Shown(NamedTuple):
    """Of n nodes each one relay.

    Receipt and payment are NOBODY, and the weight is that of the row, where the node handed nothing on in it.
    """

    receipt: Int64  # row
    payment: Int64  # row
    weight: Float32
    row: Int64  # the node's most telling one


@dataclass(frozen=True, slots=True)
class Strongest:
    """Lookups from a row to the strongest pair in which it is the receipt, or the payment; NOBODY for none."""

    relays: Relays
    evidence: Evidence
    by_payment: Int64  # per row: pair
    by_receipt: Int64  # per row: pair

    def of(self, node: Int64) -> "Shown":
        """Of each of these nodes, which have evidence, the most telling relay. O(nodes)."""
        row = self.evidence.best[node]
        pair = np.full(len(node), NOBODY, np.int64)
        for lookup in (self.by_receipt, self.by_payment):  # a pair by its payment goes before
            found = lookup[row]
            own = (found != NOBODY) & (self.relays.node[found] == node)
            pair[own] = found[own]
        none, pairs = pair == NOBODY, self.relays.pairs
        weight = np.where(none, self.evidence.node[node], self.relays.weight[pair])
        receipt, payment = (np.where(none, NOBODY, rows[pair]) for rows in (pairs.receipt, pairs.payment))
        return Shown(receipt, payment, weight, row)


def strongest(found: Relays, evidence: Evidence) -> Strongest:
    """Prepare the lookups. O(pairs)."""
    rows = len(evidence.row)
    return Strongest(
        found,
        evidence,
        by_payment=_best(found.pairs.payment, found.weight, rows),
        by_receipt=_best(found.pairs.receipt, found.weight, rows),
    )


def _best(row: Int32, weight: Float32, rows: int) -> Int64:
    """The first pair of the largest positive weight, per row."""
    top = np.zeros(rows, np.float32)
    np.maximum.at(top, row, weight)
    good = np.flatnonzero((weight > 0) & (weight == top[row]))
    best = np.full(rows, NOBODY, np.int64)
    best[row[good[::-1]]] = good[::-1]  # the first is written last
    return best
