"""For each account the one relay that says most of it: what a reason shows."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY, Float32, Int32, Int64
from duanka.scoring.accounts import Evidence
from duanka.scoring.relays import Relays


@dataclass(frozen=True, slots=True)
class Strongest:
    """Lookups from a row to the strongest pair in which it is the receipt, or the payment; NOBODY for none."""

    relays: Relays
    evidence: Evidence
    by_payment: Int64  # per row: pair
    by_receipt: Int64  # per row: pair

    def of(self, node: int) -> tuple[int, int, float, int]:
        """Receipt and payment of the node's most telling relay, its weight, and the node's most telling row.

        Receipt and payment are NOBODY, and the weight is the row's, where the node handed nothing on in that row.
        """
        row = int(self.evidence.best[node])
        for lookup in (self.by_payment, self.by_receipt):
            pair = int(lookup[row])
            if pair != NOBODY and self.relays.node[pair] == node:
                pairs = self.relays.pairs
                return int(pairs.receipt[pair]), int(pairs.payment[pair]), float(self.relays.weight[pair]), row
        return NOBODY, NOBODY, float(self.evidence.node[node]), row


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
