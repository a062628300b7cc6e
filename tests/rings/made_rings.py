"""Rings made by hand: payments along chains, and the relays that are told of them."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from duanka.flow.ledger import Int64, Ledger
from duanka.flow.succession import Succession, handed_on
from duanka.rings.network import SINK, SOURCE, WORKER, Network
from duanka.scoring.accounts import Evidence, evidence
from duanka.scoring.relays import Relays
from scoring.planted import ordered_ledger
from strategies import MIDNIGHT, MINUTE

Chain = Sequence[tuple[int, int]]
"""Nodes and what each of them pays on, from whom the money comes to whom it stays with (who pays nothing)."""


def rows_of(chains: Iterable[Chain], nodes: int) -> tuple[Ledger, Int64]:
    """Each chain a minute a step, an hour after the one before; and the pairs of rows that hand on: (m, 2)."""
    rows: list[tuple[int, int, int, int]] = []
    pairs: list[tuple[int, int]] = []
    for number, chain in enumerate(chains):
        for step, ((payer, amount), (payee, _)) in enumerate(itertools.pairwise(chain)):
            if step:
                pairs.append((len(rows) - 1, len(rows)))
            rows.append((MIDNIGHT + number * 60 * MINUTE + step * MINUTE, payer, payee, amount))
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    ledger, place = ordered_ledger(columns[0], columns[1], columns[2], columns[3], nodes)
    return ledger, place[np.array(pairs, np.int64).reshape(-1, 2)]


def told(ledger: Ledger, pairs: Int64, weight: float = 6.0, keep: float = 0.3) -> tuple[Evidence, Relays]:
    """What `relays` would say if just these pairs of rows were relays."""
    pairs = pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]
    receipt, payment = pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)
    succession = Succession(
        receipt, payment, ledger.time[payment] - ledger.time[receipt], np.zeros(len(pairs), np.int32)
    )  # fmt: skip
    weights = np.full(len(pairs), weight, np.float32)
    second, first = handed_on(succession, weights, len(ledger), keep)
    found = Relays(succession, ledger.payer[payment], weights, second, first, learnt=True)
    return evidence(ledger, found), found


def along(amount: int, *nodes: int, kept: float = 0.0) -> Chain:
    """A chain of these nodes, each of which keeps a share of what it hands on."""
    return [(node, round(amount * (1 - kept) ** place)) for place, node in enumerate(nodes)]


def ring_of(ledger: Ledger, *, sources: set[int], workers: set[int], sinks: set[int]) -> Network:
    """One ring of these members that owns all rows."""
    parts = dict.fromkeys(sources, SOURCE) | dict.fromkeys(workers, WORKER) | dict.fromkeys(sinks, SINK)
    nodes = sorted(parts)
    rows = np.arange(len(ledger))
    return Network(
        ring=np.zeros(len(nodes), np.int64), node=np.array(nodes, np.int64),
        part=np.array([parts[node] for node in nodes], np.int64), row_ring=np.zeros(len(rows), np.int64), row=rows,
    )  # fmt: skip
