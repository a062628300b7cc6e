"""What a node's counterparties are like: means and largest values of their columns, over payers and over payees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from duanka.flow.ledger import NOBODY, Int64, Ledger
from duanka.scoring.grouped import Float64, fixed, share

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Contacts:
    """Different pairs of a payer and another payee, sorted by payer, and how many payments each has."""

    payer: Int64
    payee: Int64
    often: Int64
    nodes: int


def contacts(ledger: Ledger) -> Contacts:
    """Who paid whom; a payment to oneself, or with an unknown end, counts nowhere. O(rows log rows)."""
    there = (ledger.payer != NOBODY) & (ledger.payee != NOBODY) & (ledger.payer != ledger.payee)
    key = ledger.payer[there].astype(np.int64) * ledger.nodes + ledger.payee[there]
    pairs, often = np.unique(key, return_counts=True)
    return Contacts(pairs // ledger.nodes, pairs % ledger.nodes, often, ledger.nodes)


def means(found: Contacts, values: Float32, *, over_payees: bool, by_payments: bool) -> Float32:
    """Row means of `values` over those whom a node paid (or who paid it), each once or as often as they did business.

    NaN values are left out; NaN where nobody is left. O(pairs · columns).
    """
    of, over = (found.payer, found.payee) if over_payees else (found.payee, found.payer)
    weight = np.minimum(found.often, 1 << 10).astype(np.float64) if by_payments else np.ones(len(of))
    graph = csr_array((weight, (of, over)), shape=(found.nodes, found.nodes))
    result = np.empty(values.shape, np.float32)
    for column in range(values.shape[1]):  # one at a time: a wide product would take eight bytes a cell at once
        one = values[:, column]
        known = ~np.isnan(one)
        total: Float64 = graph @ np.where(known, fixed(np.nan_to_num(one)), 0.0)
        result[:, column] = share(total, graph @ known.astype(np.float64))
    return result


def largest(found: Contacts, values: Float32, *, over_payees: bool) -> Float32:
    """Row maxima of `values` over those whom a node paid (or who paid it); NaN where there is none."""
    of, over = (found.payer, found.payee) if over_payees else (found.payee, found.payer)
    order = np.argsort(of, kind="stable")
    of, over = of[order], over[order]
    result = np.full(values.shape, np.nan, np.float32)
    if len(of):
        starts = np.flatnonzero(np.append(True, of[1:] != of[:-1]))
        result[of[starts]] = np.fmax.reduceat(values[over], starts)
    return result
