"""Ordinary payments with relays hidden among them, made with a seed."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NO_BALANCE, NOBODY, Int32, Int64, Ledger
from strategies import DAY, FOREVER, MIDNIGHT, SECOND


@dataclass(frozen=True)
class Planted:
    """A ledger in order, and the rows of each hidden relay: what came in, and what went on."""

    ledger: Ledger
    receipt: Int64
    payment: Int64
    transit: range


def ordered_ledger(time: Int64, payer: Int64, payee: Int64, amount: Int64, nodes: int) -> tuple[Ledger, Int64]:
    """The payments in the order of time, and the place of each of them in it."""
    order = np.argsort(time, kind="stable")
    none = np.full(len(time), NO_BALANCE)
    ledger = Ledger(
        time=time[order], width=np.full(len(time), SECOND), payer=payer[order].astype(np.int32),
        payee=payee[order].astype(np.int32), amount=amount[order], received=amount[order], balance_payer=none,
        balance_payee=none, tie=np.arange(len(time)), nodes=nodes, covered_from=np.zeros(nodes, np.int64),
        covered_to=np.full(nodes, FOREVER),
    )  # fmt: skip
    return ledger, np.argsort(order)


def planted(*, ordinary: int, transit: int, each: int = 20, payments: int = 12, seed: int = 3) -> Planted:
    """`payments` a month of each ordinary account, and `each` relays over each transit account, minutes long."""
    random = np.random.default_rng(seed)
    nodes, life, hidden = ordinary + transit, ordinary * payments, transit * each
    span = 28 * DAY // SECOND
    carrier = np.repeat(np.arange(ordinary, nodes), each)
    came = random.integers(0, span, hidden)
    received = (np.exp(random.normal(9, 1, hidden)) * 100).astype(np.int64)
    time = np.concatenate([random.integers(0, span, life), came, came + random.integers(30, 1_200, hidden)])
    payer = np.concatenate([random.integers(0, ordinary, life), random.integers(0, ordinary, hidden), carrier])
    payee = np.concatenate([random.integers(0, ordinary, life), carrier, random.integers(0, nodes, hidden)])
    passed = (received * random.uniform(0.95, 1, hidden)).astype(np.int64)
    amount = np.concatenate([(np.exp(random.normal(8, 1.5, life)) * 100).astype(np.int64), received, passed])
    ledger, place = ordered_ledger(MIDNIGHT + time * SECOND, payer, payee, amount, nodes)
    return Planted(ledger, place[life : life + hidden], place[life + hidden :], range(ordinary, nodes))


def renamed(ledger: Ledger, seed: int = 8) -> tuple[Ledger, Int64]:
    """The same ledger with its nodes numbered otherwise, and the new number of each node."""
    number = np.random.default_rng(seed).permutation(ledger.nodes)

    def end(node: Int32) -> Int32:
        return np.where(node == NOBODY, NOBODY, number[node]).astype(np.int32)

    return dataclasses.replace(ledger, payer=end(ledger.payer), payee=end(ledger.payee)), number
