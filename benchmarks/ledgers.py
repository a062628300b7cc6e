"""Seeded synthetic ledgers for the benchmarks: three shapes of graph, the same size."""

import numpy as np

from duanka.flow.ledger import NO_BALANCE, Int32, Int64, Ledger

ROWS = 5_000_000
NODES = 500_000
SECOND = 10**6
DAY = 86_400 * SECOND
PERIOD = 90 * DAY
START = 20_000 * DAY
SEED = 20_261_123


def heavy(rows: int = ROWS, nodes: int = NODES) -> Ledger:
    """Both sides drawn with Zipf-like weights (rank to the power -0.8): who receives much also pays much."""
    random = np.random.default_rng(SEED)
    weight = np.arange(1, nodes + 1) ** -0.8
    edges = np.cumsum(weight) / weight.sum()
    named = random.permutation(nodes)
    payer, payee = (named[np.minimum(np.searchsorted(edges, random.random(rows)), nodes - 1)] for _ in range(2))
    return _ledger(random, payer.astype(np.int32), payee.astype(np.int32), nodes)


def uniform(rows: int = ROWS, nodes: int = NODES) -> Ledger:
    """Both sides drawn evenly."""
    random = np.random.default_rng(SEED)
    payer, payee = (random.integers(0, nodes, rows, dtype=np.int32) for _ in range(2))
    return _ledger(random, payer, payee, nodes)


def hub(rows: int = ROWS, nodes: int = NODES) -> Ledger:
    """As `uniform`, but node 0 stands in half of the rows, on either side in turn."""
    random = np.random.default_rng(SEED)
    payer, payee = (random.integers(0, nodes, rows, dtype=np.int32) for _ in range(2))
    side = random.integers(0, 4, rows)
    payer[side == 0] = 0
    payee[side == 1] = 0
    return _ledger(random, payer, payee, nodes)


def _ledger(random: np.random.Generator, payer: Int32, payee: Int32, nodes: int) -> Ledger:
    """Rows at random seconds of the period, log-normal amounts in fen, every node covered throughout."""
    rows = len(payer)
    payee = np.where(payee == payer, (payee + 1) % nodes, payee).astype(np.int32)
    time = np.sort(START + random.integers(0, PERIOD // SECOND, rows) * SECOND)
    amount: Int64 = np.exp(random.normal(9.5, 1.8, rows)).astype(np.int64) + 1
    return Ledger(
        time=time,
        width=np.full(rows, SECOND, np.int64),
        payer=payer,
        payee=payee,
        amount=amount,
        received=amount,
        balance_payer=np.full(rows, NO_BALANCE, np.int64),
        balance_payee=np.full(rows, NO_BALANCE, np.int64),
        tie=np.arange(rows, dtype=np.int64),
        nodes=nodes,
        covered_from=np.full(nodes, START, np.int64),
        covered_to=np.full(nodes, START + PERIOD, np.int64),
    )
