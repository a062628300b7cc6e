"""Rows of each node in order, by payer and by payee: how kernels go along the money."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY, Int32, Int64, Ledger
from duanka.kernels.compile import kernel


@dataclass(frozen=True, slots=True)
class Index:
    """Rows of a ledger by node, ascending: node v paid in `paid[paid_from[v]:paid_from[v + 1]]`."""

    paid_from: Int64  # nodes + 1
    paid: Int64  # the rows with a known payer
    got_from: Int64  # nodes + 1
    got: Int64  # the rows with a known payee, likewise


def index(ledger: Ledger) -> Index:
    """Build the index of a ledger. O(rows + nodes), 16 bytes a row."""
    paid_from, paid = by_node(ledger.payer, ledger.nodes)
    got_from, got = by_node(ledger.payee, ledger.nodes)
    return Index(paid_from=paid_from, paid=paid, got_from=got_from, got=got)


def by_node(node: Int32, nodes: int) -> tuple[Int64, Int64]:
    """Counting sort of the rows by `node` (payer or payee): starts (nodes + 1), and the rows without NOBODY's."""
    starts = _starts(node, nodes)
    rows = np.empty(starts[nodes], np.int64)
    _fill(node, starts[:-1].copy(), rows)
    return starts, rows


@kernel
def _starts(node: Int32, nodes: int) -> Int64:
    """Where each node's rows begin."""
    starts = np.zeros(nodes + 1, np.int64)
    for row in range(len(node)):
        if node[row] != NOBODY:
            starts[node[row] + 1] += 1
    for place in range(nodes):
        starts[place + 1] += starts[place]
    return starts


@kernel
def _fill(node: Int32, free: Int64, rows: Int64) -> None:
    """Put each row in the next free place of its node."""
    for row in range(len(node)):
        at = node[row]
        if at != NOBODY:
            rows[free[at]] = row
            free[at] += 1
