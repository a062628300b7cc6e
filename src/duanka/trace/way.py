"""A ledger as a walk reads it, in either direction."""

from dataclasses import dataclass, replace

import numpy as np

from duanka.flow.index import Index
from duanka.flow.index import index as build_index
from duanka.flow.ledger import Int64, Ledger
from duanka.trace.mending import Int8


@dataclass(frozen=True, slots=True)
class Way:
    """What a walk in one direction reads, over N rows in its order: the ledger, or its mirror image for going up.

    In the mirror the last row is the first, payer and payee have changed places, and times are negative, so that the
    same walks lead from a payment to where its money came from.
    """

    ledger: Ledger  # N rows
    moment: Int64  # N: ascending
    kind: Int8  # N
    source: Int64  # N: the row of the given ledger
    index: Index
    before: Int64  # N: what the payer held before the row; 0 where it is not covered
    gathered: Int64  # N: what the payer had received by then since it last held nothing
    after: Int64  # N: what the payee held after the row


def mirror(way: Way) -> Way:
    """The way back. O(N + nodes)."""
    given = way.ledger
    turned = replace(
        given.take(np.arange(len(given))[::-1]),
        payer=given.payee[::-1].copy(),
        payee=given.payer[::-1].copy(),
        amount=given.received[::-1].copy(),
        received=given.amount[::-1].copy(),
    )
    return Way(
        ledger=turned,
        moment=-way.moment[::-1],
        kind=way.kind[::-1].copy(),
        source=way.source[::-1].copy(),
        index=build_index(turned),
        before=way.after[::-1].copy(),
        gathered=np.zeros(1, np.int64),
        after=way.before[::-1].copy(),
    )
