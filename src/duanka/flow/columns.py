"""The arrays of a ledger as kernels take them, and what one row does to one balance."""

from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import NO_BALANCE, Int32, Int64, Ledger
from duanka.kernels.compile import kernel


class Columns(NamedTuple):
    """Arrays of n rows each, as in `Ledger`."""

    payer: Int32
    payee: Int32
    amount: Int64
    received: Int64
    balance_payer: Int64
    balance_payee: Int64


def columns(ledger: Ledger) -> Columns:
    """The columns of a ledger, without copying."""
    return Columns(
        payer=ledger.payer,
        payee=ledger.payee,
        amount=ledger.amount,
        received=ledger.received,
        balance_payer=ledger.balance_payer,
        balance_payee=ledger.balance_payee,
    )


@kernel
def node_of(rows: Columns, row: int, role: int) -> int:
    """The payer (role 0) or the payee (role 1); NOBODY also for the payee of a row from a node to itself."""
    node = np.int64(rows.payee[row] if role else rows.payer[row])
    return -1 if role and node == rows.payer[row] else int(node)


@kernel
def effect(rows: Columns, row: int, role: int) -> tuple[int, int]:
    """What the row adds to the balance of its payer (role 0) or payee (role 1), and the balance printed after it.

    A row from a node to itself does both at once, stands under role 0, and prints the payee's balance if there is one.
    The printed balance may be NO_BALANCE.
    """
    if rows.payer[row] == rows.payee[row]:
        printed = rows.balance_payee[row]
        if printed == NO_BALANCE:
            printed = rows.balance_payer[row]
        return rows.received[row] - rows.amount[row], printed
    if role:
        return rows.received[row], rows.balance_payee[row]
    return -rows.amount[row], rows.balance_payer[row]
