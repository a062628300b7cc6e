"""Small random ledgers by the thousand, quicker than hypothesis draws them; for the long test."""

import numpy as np

from duanka.flow.ledger import NO_BALANCE, Int64, Ledger
from duanka.trace.follow import NO_LIMITS, Limits
from duanka.trace.seeds import Seeds, seeds
from strategies import FOREVER, SECOND

_AMOUNTS = np.array([0, 1, 2, 2, 3, 5, 10, 10, 11], np.int64)


def random_ledger(random: np.random.Generator) -> Ledger:
    """Ties of time, NOBODY, a hub, payments to oneself, fees and gains, partial coverage; no printed balances."""
    rows, nodes = int(random.integers(1, 16)), int(random.integers(1, 6))
    payer, payee = random.integers(-1, nodes, (2, rows)).astype(np.int32)
    if random.random() < 0.3:
        on_one_side = random.random(rows) < 0.5
        payer[on_one_side], payee[~on_one_side] = 0, 0
    amount = _AMOUNTS[random.integers(0, len(_AMOUNTS), rows)]
    received = amount + np.where(random.random(rows) < 0.2, random.integers(-2, 4, rows), 0)
    time = np.sort(random.integers(0, 8, rows)) * SECOND
    kind = random.choice(4, nodes, p=[0.7, 0.1, 0.1, 0.1])
    begin = np.choose(kind, [np.zeros(nodes), np.ones(nodes), np.full(nodes, 2 * SECOND), np.zeros(nodes)])
    end = np.choose(
        kind, [np.full(nodes, FOREVER), np.zeros(nodes), np.full(nodes, FOREVER), np.full(nodes, 5 * SECOND)]
    )
    blank = np.full(rows, NO_BALANCE, np.int64)
    return Ledger(
        time=time,
        width=np.full(rows, SECOND, np.int64),
        payer=payer,
        payee=payee,
        amount=amount,
        received=np.maximum(received, 0),
        balance_payer=blank,
        balance_payee=blank,
        tie=np.arange(rows, dtype=np.int64),
        nodes=nodes,
        covered_from=begin.astype(np.int64),
        covered_to=end.astype(np.int64),
    )


def with_balances(random: np.random.Generator, ledger: Ledger) -> Ledger:
    """The same with balances printed here and there, some of them wrong."""
    now = random.integers(0, 20, ledger.nodes)
    printed = np.full((2, len(ledger)), NO_BALANCE, np.int64)
    sides = ((ledger.payer, -ledger.amount), (ledger.payee, ledger.received))
    for row in range(len(ledger)):
        for side, (node, change) in enumerate(sides):
            if node[row] >= 0:
                now[node[row]] += change[row]
                if random.random() < 0.6:
                    now[node[row]] += random.integers(-9, 10) if random.random() < 0.1 else 0
                    printed[side, row] = now[node[row]]
    columns = {name: getattr(ledger, name) for name in Ledger.__dataclass_fields__}
    return Ledger(**(columns | {"balance_payer": printed[0], "balance_payee": printed[1]}))


def random_seeds(random: np.random.Generator, ledger: Ledger, *, up: bool = False) -> Seeds:
    """A few seeds of up to three groups, whole rows or parts."""
    rows = random.integers(0, len(ledger), int(random.integers(1, 5)))
    most: Int64 = (ledger.amount if up else ledger.received)[rows]
    amounts = np.where(random.random(len(rows)) < 0.7, most, random.integers(0, most + 1))
    return seeds(ledger, rows, amounts, group=random.integers(0, 3, len(rows)), up=up)


def random_limits(random: np.random.Generator, ledger: Ledger, start: Seeds) -> Limits:
    """None, or any that leave the seeds inside."""
    if random.random() < 0.4:
        return NO_LIMITS
    latest = int(ledger.time[start.row].max())
    return Limits(
        at=latest + int(random.integers(0, 4)) * SECOND if random.random() < 0.5 else None,
        age=int(random.integers(0, 3)) * SECOND if random.random() < 0.3 else None,
        hops=int(random.integers(0, 4)) if random.random() < 0.3 else None,
        floor=int(random.choice([0, 0, 2, 3])),
    )


def busy_ledger(random: np.random.Generator, rows: int, nodes: int) -> Ledger:
    """One node in half of all rows, amounts from 0.01 to millions, everything covered: blocks are passed over here."""
    payer, payee = random.integers(0, nodes, (2, rows)).astype(np.int32)
    side = random.integers(0, 4, rows)
    payer[side == 0], payee[side == 1] = 0, 0
    amount = np.exp(random.normal(6, 3, rows)).astype(np.int64)
    blank = np.full(rows, NO_BALANCE, np.int64)
    return Ledger(
        time=np.arange(rows, dtype=np.int64) // 2 * SECOND,
        width=np.full(rows, SECOND, np.int64),
        payer=payer,
        payee=payee,
        amount=amount,
        received=amount,
        balance_payer=blank,
        balance_payee=blank,
        tie=np.arange(rows, dtype=np.int64),
        nodes=nodes,
        covered_from=np.zeros(nodes, np.int64),
        covered_to=np.full(nodes, FOREVER, np.int64),
    )
