"""What orders would have kept: the rows that really followed, paid again with the orders in force."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NO_BALANCE, NOBODY, Int64, Ledger
from duanka.trace.freezing.lying import Float


@dataclass(frozen=True, slots=True)
class Force:
    """An order in force: the account may not fall below `amount` (minor units) from `begin` to `end` (µs, closed)."""

    begin: int
    end: int
    amount: int


@dataclass(frozen=True, slots=True)
class Kept:
    """At the end of a replay, minor units. Kept of victims' money is at most the order's amount."""

    node: int
    held: int  # kept by the order, all told
    victims: float  # of that, victims' money
    refused: int  # of payments of the account, what the order stopped


def replay(
    ledger: Ledger, moment: Int64, after: int, until: int, balance: Int64, traced: Float, orders: Mapping[int, Force]
) -> list[Kept]:
    """Pay the rows after `after` and up to `until` (µs, closed) again, with the orders in force.

    `balance` and `traced` (victims' money) are what nodes hold at `after`; a node whose balance is not known has none.
    A payment pays what is free: the balance less the order's amount. What an order stops does not reach the payee, who
    then has less to pay with. Payers send what they still can. Victims' money is mixed with the rest in the free part,
    and leaves with it in proportion; the part that an order keeps stays. O(rows).
    """
    known = balance != NO_BALANCE
    has = np.where(known, balance, 0).astype(np.float64)
    taint = traced.astype(np.float64).copy()
    refused: dict[int, float] = {}
    first, last = np.searchsorted(moment, [after, until], side="right")
    for row in range(int(first), int(last)):
        payer, payee = int(ledger.payer[row]), int(ledger.payee[row])
        asked, got = float(ledger.amount[row]), float(ledger.received[row])
        paid, moved = asked, 0.0
        if payer != NOBODY and known[payer]:
            order = orders.get(payer)
            floor = order.amount if order and order.begin <= moment[row] <= order.end else 0
            held = min(floor, has[payer])
            free = has[payer] - held
            paid = min(asked, free)
            if order and paid < asked:
                refused[payer] = refused.get(payer, 0.0) + min(asked - paid, held)
            loose = taint[payer] - min(held, taint[payer])
            moved = loose * (paid / free) if free > 0 else 0.0
            has[payer] -= paid
            taint[payer] -= moved
        if payee != NOBODY and known[payee] and asked:
            has[payee] += got * (paid / asked)
            taint[payee] += moved * (got / asked)
    result = []
    for node, order in sorted(orders.items()):
        held = min(order.amount, has[node]) if order.begin <= until else 0.0
        result.append(Kept(node, round(held), min(held, taint[node]), round(refused.get(node, 0.0))))
    return result
