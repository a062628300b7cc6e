"""From evidence on rows to a score per account: how likely it is that it carries other people's money."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY, Float32, Int32, Int64, Ledger
from duanka.scoring.relays import Relays

PRIOR = 0.011
"""Share of accounts that carry other people's money (RBIH/IIT-D NFPC: 1.1 %; domain facts §3.3)."""

AGAIN = 0.5
"""Weight of the log of one more than the relays of an account: often is more than once (assumption)."""

STRONG = 2.0
"""Natural log of the likelihood ratio from which a relay of an account is counted."""

TOUCH = 1.0
"""Taken off where an account only paid into a relay (natural log): victims and gamblers do, and carry nothing."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Natural logs of likelihood ratios, 0 where there is none."""

    row: Float32  # per row: that it belongs to a relay, as its second step and as its first together
    node: Float32  # per node
    best: Int64  # per node: the row that says most, or NOBODY


def evidence(ledger: Ledger, found: Relays) -> Evidence:
    """Gather the evidence of rows at their accounts. O(rows + nodes).

    A node is as suspect as its most telling row: one in which it handed on what it had just received, or received what
    it handed on, or was paid by somebody who did; or, for TOUCH less, one in which it paid somebody who did. The
    largest counts and not the sum, which would grow with how much an account does; that it hands on again and again
    adds AGAIN times the log of its relays of STRONG evidence.
    """
    row = found.second + found.first
    touched = np.where(found.second > 0, row, np.maximum(row - TOUCH, 0)).astype(np.float32)
    node = np.zeros(ledger.nodes, np.float32)
    best = np.full(ledger.nodes, NOBODY, np.int64)
    for end, strength in ((ledger.payer, touched), (ledger.payee, row)):
        _largest(end, strength, node, best)
    relays = np.bincount(found.node[found.weight > STRONG], minlength=ledger.nodes)
    node += (AGAIN * np.log1p(relays)).astype(np.float32)
    return Evidence(row, node, best)


def _largest(end: Int32, strength: Float32, node: Float32, best: Int64) -> None:
    """Raise `node` to the largest strength of its rows, and note the first such row in `best`."""
    there = np.flatnonzero((end != NOBODY) & (strength > 0))
    most = np.zeros(len(node), np.float32)
    np.maximum.at(most, end[there], strength[there])
    top = there[strength[there] == most[end[there]]]
    top = top[most[end[top]] > node[end[top]]]
    node[end[top]] = strength[top]
    best[end[top[::-1]]] = top[::-1]  # the first is written last


def score(evidence: Float32) -> Float32:
    """The probability that goes with evidence of this weight, if PRIOR of all are what is looked for: 0 … 1."""
    odds = evidence.astype(np.float64) + np.log(PRIOR / (1 - PRIOR))
    result: Float32 = (1 / (1 + np.exp(-odds))).astype(np.float32)
    return result
