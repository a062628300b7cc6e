"""How large an amount is for its currency: logs of amounts over the currency's median."""

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import NOBODY, Float32, Int32, Int64, Ledger

Float64 = NDArray[np.float64]


def medians(ledger: Ledger, currency: Int64) -> Float64:
    """Log of the median of what was paid or received, per currency. `currency` is a number per node."""
    node = np.concatenate([ledger.payer, ledger.payee])
    amount = np.concatenate([ledger.amount, ledger.received])
    known = (node != NOBODY) & (amount > 0)
    money, amount = currency[node[known]], amount[known]
    found = np.zeros(int(currency.max(initial=0)) + 1)
    for code in np.flatnonzero(np.bincount(money)):
        found[code] = np.median(np.log(_middle(amount[money == code]).astype(np.float64)))
    return found


def _middle(amount: Int64) -> Int64:
    """The one or two amounts in the middle: there are as many below as above."""
    middle = slice((len(amount) - 1) // 2, len(amount) // 2 + 1)
    return np.partition(amount, (middle.start, middle.stop - 1))[middle]


def relative(amount: Int64, node: Int32, currency: Int64, usual: Float64) -> Float32:
    """Log of each amount over the median of its currency; 0 where nobody is known."""
    known = (node != NOBODY) & (amount > 0)
    result = np.zeros(len(amount), np.float32)
    result[known] = np.log(amount[known].astype(np.float64)) - usual[currency[node[known]]]
    return result
