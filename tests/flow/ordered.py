"""Ledgers in order, as the kernels take them, with coverage that begins and ends between rows."""

import dataclasses

import numpy as np
from hypothesis import strategies as st

from duanka.flow.ledger import Int64, Ledger
from duanka.flow.order import order
from strategies import MIDNIGHT, SECOND, ledgers

OPENED = MIDNIGHT + 10 * 3600 * SECOND
"""The moment at which the rows of `ledgers` that are known to the second begin."""

WINDOWS = (1, SECOND, 2 * SECOND, 5 * 3600 * SECOND, 10**12)


@st.composite
def covered_ledgers(draw: st.DrawFn, *, max_rows: int = 14) -> Ledger:
    """Any ledger, not in order, whose nodes are covered throughout, never, or between two of its seconds."""
    ledger = draw(ledgers(max_rows=max_rows))
    spans = st.one_of(
        st.just((0, 2**62)), st.just((1, 0)), st.tuples(st.integers(0, 3), st.integers(0, 3)).map(_between)
    )
    drawn = draw(st.lists(spans, min_size=ledger.nodes, max_size=ledger.nodes))
    begin, end = np.array(drawn, np.int64).T
    return dataclasses.replace(ledger, covered_from=begin, covered_to=end)


def _between(seconds: tuple[int, int]) -> tuple[int, int]:
    return OPENED + seconds[0] * SECOND, OPENED + seconds[1] * SECOND


def in_order(ledger: Ledger) -> tuple[Ledger, Int64]:
    """The ledger in order, and the moments of its rows."""
    found = order(ledger)
    return ledger.take(found.rows), found.moment[found.rows]


def openings(ledger: Ledger) -> st.SearchStrategy[Int64]:
    """Opening balances, some of them negative."""
    values = st.lists(st.integers(-5, 9), min_size=ledger.nodes, max_size=ledger.nodes)
    return values.map(lambda drawn: np.array(drawn, np.int64))
