"""Small ledgers for tests of tracing."""

import numpy as np

from duanka.flow.ledger import NO_BALANCE, Int64, Ledger
from strategies import SECOND, build

Payment = tuple[int, int, int]
"""(payer, payee, amount)."""


def ledger_of(*payments: Payment, outside: int, inside: int) -> Ledger:
    """Payments a second apart; nodes 0 … outside-1 are not covered, the `inside` nodes after them are."""
    rows = [(at * SECOND, SECOND, *payment, payment[2], NO_BALANCE, NO_BALANCE) for at, payment in enumerate(payments)]
    return build(rows, nodes=outside + inside, covered=[False] * outside + [True] * inside)


def rows(*numbers: int) -> Int64:
    """An array of rows, or of amounts."""
    return np.array(numbers, np.int64)
