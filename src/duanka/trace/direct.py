"""Direct links: a payment that visibly carries a receipt on, by time and amount."""

import numpy as np

from duanka.flow.index import Index
from duanka.flow.ledger import Int32, Int64, Ledger
from duanka.kernels.compile import kernel
from duanka.trace.mending import RECORDED, Int8

LOOKED = 64
"""Payments looked at after each receipt; bounds the work at a hub."""


def direct_links(
    ledger: Ledger, by_node: Index, moment: Int64, kind: Int8, held: Int64, within: int, empty: int
) -> tuple[Int64, Int64, Int64, Int64]:
    """(in_row, out_row, amount) of the direct links, ascending by out_row, and per row where its doubt begins.

    A payment belongs to a receipt of the same node if it comes after it, at most `within` µs later (closed), and

    1. its amount is that of the receipt; failing that
    2. the receipt is split exactly: the next free payments sum to it; failing that
    3. the node held at most `empty` minor units before the receipt, and the payment comes before its next receipt: then
       the payments carry the receipt on until it is used up.

    Rule 1 is applied to all receipts in order, then rule 2, then rule 3; a payment belongs to one receipt only, and an
    earlier receipt chooses first: among equals the order is that of time. `held` is what the payee held after each row.
    Rows from a node to itself, and rows put in by `trace.mending`, take no part: nobody sees them carry anything.
    LOOKED payments are tried for each receipt. The doubt of a receipt begins at the first later payment of its node
    that is not explained wholly: from there on nobody can say what became of the rest. O(rows · LOOKED).
    """
    owner = np.full(len(ledger), -1, np.int64)
    carried = np.zeros(len(ledger), np.int64)
    loose = np.full(len(ledger), len(ledger), np.int64)
    given = np.zeros(len(ledger), np.int64)
    _match(
        ledger.payer,
        ledger.payee,
        ledger.amount,
        ledger.received,
        ledger.time,
        ledger.covered_from,
        ledger.covered_to,
        by_node.paid_from,
        by_node.paid,
        by_node.got_from,
        by_node.got,
        moment,
        kind,
        held,
        within,
        empty,
        owner,
        carried,
        given,
        loose,
    )
    out_row = np.flatnonzero(carried)
    return owner[out_row], out_row, carried[out_row], loose


@kernel
def _match(  # noqa: C901, PLR0912 - three rules over the same pairs
    payer: Int32,
    payee: Int32,
    amount: Int64,
    received: Int64,
    time: Int64,
    covered_from: Int64,
    covered_to: Int64,
    paid_from: Int64,
    paid: Int64,
    got_from: Int64,
    got: Int64,
    moment: Int64,
    kind: Int8,
    held: Int64,
    within: int,
    empty: int,
    owner: Int64,
    carried: Int64,
    given: Int64,
    loose: Int64,
) -> None:
    """Write, per payment, the receipt that it carries on and how much; per receipt what was given, and `loose`."""
    for node in range(len(covered_from)):
        stop = paid_from[node + 1]
        for at in range(paid_from[node], stop):
            row = paid[at]
            hidden = kind[row] != RECORDED or amount[row] == 0 or payee[row] == node
            if hidden or not covered_from[node] <= time[row] <= covered_to[node]:
                owner[row] = row  # not to be had
        for rule in range(1, 4):
            first = paid_from[node]
            for at in range(got_from[node], got_from[node + 1]):
                row = got[at]
                while first < stop and (paid[first] <= row or owner[paid[first]] >= 0):
                    first += 1
                if first == stop:
                    break
                if (
                    kind[row] != RECORDED
                    or received[row] == 0
                    or given[row] > 0
                    or payer[row] == node
                    or not covered_from[node] <= time[row] <= covered_to[node]
                ):
                    continue
                end = _reach(paid, first, stop, moment, moment[row] + within)
                if rule == 1:
                    _equal(paid, first, end, amount, row, received[row], owner, carried, given)
                elif rule == 2:
                    _split(paid, first, end, amount, row, received[row], owner, carried, given)
                elif held[row] - received[row] <= empty:
                    following = _next_receipt(got, at + 1, got_from[node + 1], kind)
                    _emptied(paid, first, end, following, amount, row, received[row], owner, carried, given)
        doubt, at = len(payer), stop - 1
        for back in range(got_from[node + 1] - 1, got_from[node] - 1, -1):
            while at >= paid_from[node] and paid[at] > got[back]:
                row = paid[at]
                if carried[row] < amount[row] and covered_from[node] <= time[row] <= covered_to[node]:
                    doubt = row
                at -= 1
            loose[got[back]] = doubt


@kernel
def _next_receipt(got: Int64, at: int, stop: int, kind: Int8) -> int:
    """The next recorded receipt of a node, or a number beyond all rows."""
    while at < stop and kind[got[at]] != RECORDED:
        at += 1
    return int(got[at]) if at < stop else len(kind)


@kernel
def _reach(paid: Int64, first: int, stop: int, moment: Int64, latest: int) -> int:
    """The place after the last payment that may belong to a receipt."""
    end = first
    while end < stop and end - first < LOOKED and moment[paid[end]] <= latest:
        end += 1
    return end


@kernel
def _equal(
    paid: Int64, first: int, end: int, amount: Int64, row: int, whole: int, owner: Int64,
    carried: Int64, given: Int64,
) -> None:  # fmt: skip
    """Rule 1."""
    for at in range(first, end):
        out = paid[at]
        if owner[out] < 0 and amount[out] == whole:
            owner[out] = row
            carried[out] = whole
            given[row] = whole
            return


@kernel
def _split(
    paid: Int64, first: int, end: int, amount: Int64, row: int, whole: int, owner: Int64,
    carried: Int64, given: Int64,
) -> None:  # fmt: skip
    """Rule 2."""
    total, last = 0, first
    while last < end and total < whole:
        if owner[paid[last]] < 0:
            total += amount[paid[last]]
        last += 1
    if total != whole:
        return
    for at in range(first, last):
        out = paid[at]
        if owner[out] < 0:
            owner[out] = row
            carried[out] = amount[out]
    given[row] = whole


@kernel
def _emptied(
    paid: Int64, first: int, end: int, following: int, amount: Int64, row: int, whole: int,
    owner: Int64, carried: Int64, given: Int64,
) -> None:  # fmt: skip
    """Rule 3."""
    rest = whole
    for at in range(first, end):
        out = paid[at]
        if rest == 0 or out >= following:
            break
        if owner[out] < 0:
            owner[out] = row
            carried[out] = min(amount[out], rest)
            rest -= carried[out]
    given[row] = whole - rest
