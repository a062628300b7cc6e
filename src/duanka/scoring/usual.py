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
    money, log = currency[node[known]], np.log(amount[known].astype(np.float64))
    found = np.zeros(int(currency.max(initial=0)) + 1)
    for code in np.unique(money):
        found[code] = np.median(log[money == code])
    return found


def relative(amount: Int64, node: Int32, currency: Int64, usual: Float64) -> Float32:
    """Log of each amount over the median of its currency; 0 where nobody is known."""
    known = (node != NOBODY) & (amount > 0)
    result = np.zeros(len(amount), np.float32)
    result[known] = np.log(amount[known].astype(np.float64)) - usual[currency[node[known]]]
    return result
