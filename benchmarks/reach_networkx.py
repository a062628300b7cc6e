"""Reach: what 100 rows lead to in six hops, against networkx on the same rows.

Needs `pip install networkx`, so it is not in `make bench`. networkx keeps the payments (a multigraph whose keys are the
rows); the walk is the one that `reach.py` gives to DuckDB: per hop, the payments of accounts that were reached earlier
than before, each payment found once. Building the graph is not counted, nor is building our index.
"""

from functools import partial

import networkx as nx
import numpy as np

from duanka.flow.index import index
from duanka.flow.ledger import Int64, Ledger
from duanka.flow.reach import forward
from ledgers import SEED, heavy
from measure import arguments, cpu, row, turns
from reach import HOPS, SEEDS

NEVER = 1 << 62


def graph_of(ledger: Ledger) -> "nx.MultiDiGraph[int]":
    """An edge a row, from payer to payee."""
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    rows = range(len(ledger))
    graph.add_edges_from(zip(ledger.payer.tolist(), ledger.payee.tolist(), rows, strict=True))
    return graph


def by_networkx(graph: "nx.MultiDiGraph[int]", payee: Int64, seeds: Int64) -> dict[int, int]:
    """Row -> hop."""
    found = dict.fromkeys(seeds.tolist(), 0)
    best: dict[int, int] = {}
    for seed in found:
        best[int(payee[seed])] = min(seed, best.get(int(payee[seed]), NEVER))
    fresh = [(node, came, NEVER) for node, came in best.items()]
    for hop in range(1, HOPS + 1):
        step: dict[int, int] = {}
        for node, came, until in fresh:
            for _, other, at in graph.out_edges(node, keys=True):
                if came < at <= until and at not in found:
                    found[at] = hop
                    step[other] = min(at, step.get(other, NEVER))
        fresh = [(node, came, best.get(node, NEVER)) for node, came in step.items() if came < best.get(node, NEVER)]
        best |= {node: came for node, came, _ in fresh}
    return found


def main() -> None:
    chosen = arguments(__doc__)
    small = heavy(1_000, 100)
    forward(small, np.arange(3), 2, index=index(small))  # compiles
    ledger = heavy(chosen.rows, chosen.nodes)
    seeds = np.sort(np.random.default_rng(SEED).choice(chosen.rows, SEEDS, replace=False))
    built, graph = index(ledger), graph_of(ledger)
    payee = ledger.payee.astype(np.int64)
    ours = forward(ledger, seeds, HOPS, index=built)
    _, theirs = cpu(partial(by_networkx, graph, payee, seeds))
    if dict(zip(ours.row.tolist(), ours.hop.tolist(), strict=True)) != theirs:
        raise AssertionError("reach differs from networkx's")
    name = f"{HOPS} hops from {SEEDS} of {chosen.rows:,} payments ({len(ours):,} reached), equal results"
    work = partial(forward, ledger, seeds, HOPS, index=built)
    ratio, mine, other = turns(work, partial(by_networkx, graph, payee, seeds), 1)
    row(f"{name}, index at hand", "≥ 100 × networkx", 1 / ratio, f"{mine:.3f} s", f"{other:.1f} s")


if __name__ == "__main__":
    main()
