"""The ledger as arrays: what every kernel reads. One row is one payment that moved money."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Bool = NDArray[np.bool_]
Float32 = NDArray[np.float32]

NO_BALANCE = np.iinfo(np.int64).min
"""Stands where a balance is not printed."""

NOBODY = -1
"""Node index where the source does not say who paid or received; also 'no row' in links."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """n payments between nodes; a node is one account in one currency, numbered 0 … nodes-1.

    Arrays have length n unless said otherwise. Amounts are minor units of the node's currency, so lineage never
    mixes currencies: a payment that changes currency leaves the payer's node and reaches another currency's node.
    """

    time: Int64  # µs since 1970 UTC: start of the interval in which the payment happened
    width: Int64  # µs: length of that interval (10**6 where the source gives seconds, 86_400 * 10**6 for days)
    payer: Int32  # node that paid, NOBODY if unknown
    payee: Int32  # node that received, NOBODY if unknown
    amount: Int64  # >= 0, left the payer
    received: Int64  # >= 0, reached the payee
    balance_payer: Int64  # payer's printed balance after the row, or NO_BALANCE
    balance_payee: Int64  # payee's printed balance after the row, or NO_BALANCE
    tie: Int64  # a rank without ties, from the row's serial and content alone: the last resort of the order
    nodes: int
    covered_from: Int64  # per node, µs: the node's own ledger was produced from here …
    covered_to: Int64  # … up to and including here; from > to where it was not produced at all

    def __len__(self) -> int:
        """Number of payments."""
        return len(self.time)

    def take(self, rows: Int64) -> "Ledger":
        """The same ledger with its rows in the order `rows` (or a subset of them)."""
        return Ledger(
            time=self.time[rows],
            width=self.width[rows],
            payer=self.payer[rows],
            payee=self.payee[rows],
            amount=self.amount[rows],
            received=self.received[rows],
            balance_payer=self.balance_payer[rows],
            balance_payee=self.balance_payee[rows],
            tie=self.tie[rows],
            nodes=self.nodes,
            covered_from=self.covered_from,
            covered_to=self.covered_to,
        )
