"""Check printed balances against the rows, and find what each account held before them."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.columns import Columns, columns, effect, node_of
from duanka.flow.ledger import NO_BALANCE, NOBODY, Bool, Int32, Int64, Ledger
from duanka.kernels.compile import kernel


@dataclass(frozen=True, slots=True)
class Breaks:
    """Places where a printed balance does not follow from the rows; arrays of equal length, by row."""

    row: Int64  # position in the ledger that was checked
    node: Int32  # whose balance it is
    expected: Int64  # minor units: the node's previous printed balance with all rows since
    printed: Int64  # minor units

    def __len__(self) -> int:
        """Number of breaks."""
        return len(self.row)


def breaks(ledger: Ledger, *, opening: Int64 | None = None) -> Breaks:
    """Compare each printed balance of a covered node with its previous one and the rows between.

    The ledger must be in order (see `flow.order`). The first printed balance of a node is the base, or `opening` where
    it is known (per node, before its first covered row, else NO_BALANCE), and each printed balance, right or wrong, is
    the base of the next. Rows that begin outside a node's coverage do not count for it. O(n).
    """
    found = np.empty((4, 2 * len(ledger)), np.int64)
    running = np.full(ledger.nodes, NO_BALANCE, np.int64) if opening is None else opening.astype(np.int64)
    count = _breaks(columns(ledger), _inside(ledger), running, found)
    row, node, expected, printed = found[:, :count].copy()
    return Breaks(row=row, node=node.astype(np.int32), expected=expected, printed=printed)


def opening(ledger: Ledger) -> Int64:
    """Balance of each node before its first covered row, in minor units.

    The ledger must be in order (see `flow.order`). It is what the first printed balance implies, and may be negative
    (credit cards, overdrafts). Where none is printed it is the least that keeps the balance from going below zero,
    and so also where a node is not covered or has no rows: zero. O(n).
    """
    lowest = np.zeros(ledger.nodes, np.int64)
    printed = np.full(ledger.nodes, NO_BALANCE, np.int64)
    _opening(columns(ledger), _inside(ledger), np.zeros(ledger.nodes, np.int64), lowest, printed)
    return np.where(printed != NO_BALANCE, printed, -lowest)


def _inside(ledger: Ledger) -> Bool:
    """Whether row i lies within the coverage of its payer (`[i, 0]`) and of its payee (`[i, 1]`)."""
    result = np.zeros((len(ledger), 2), np.bool_)
    for role, node in enumerate((ledger.payer, ledger.payee)):
        there = node != NOBODY
        time, at = ledger.time[there], node[there]
        result[there, role] = (ledger.covered_from[at] <= time) & (time <= ledger.covered_to[at])
    return result


@kernel
def _breaks(table: Columns, inside: Bool, running: Int64, found: Int64) -> int:
    """Write row, node, expected and printed balance of each break; return their number. `running` is per node."""
    count = 0
    for row in range(len(inside)):
        for role in range(2):
            node = node_of(table, row, role)
            if node == NOBODY or not inside[row, role]:
                continue
            change, printed = effect(table, row, role)
            if running[node] != NO_BALANCE:
                running[node] += change
                if printed not in (NO_BALANCE, running[node]):
                    found[0, count] = row
                    found[1, count] = node
                    found[2, count] = running[node]
                    found[3, count] = printed
                    count += 1
            if printed != NO_BALANCE:
                running[node] = printed
    return count


@kernel
def _opening(table: Columns, inside: Bool, total: Int64, lowest: Int64, opening: Int64) -> None:
    """Write the opening balance that is printed, and the least that the balance falls from an opening of zero."""
    for row in range(len(inside)):
        for role in range(2):
            node = node_of(table, row, role)
            if node == NOBODY or not inside[row, role] or opening[node] != NO_BALANCE:
                continue
            change, printed = effect(table, row, role)
            total[node] += change
            lowest[node] = min(lowest[node], total[node])
            if printed != NO_BALANCE:
                opening[node] = printed - total[node]
