"""Direct links: a payment that visibly carries a receipt on, by time and amount."""

import numpy as np

from duanka.flow.index import Index
from duanka.flow.ledger import Int32, Int64, Ledger
from duanka.kernels.compile import kernel
from duanka.trace.exact import share
from duanka.trace.mending import RECORDED, Int8

LOOKED = 64
"""Payments looked at after each receipt; bounds the work at a hub."""
GATHERED = np.iinfo(np.int64).max
"""The owner of a payment that carries several receipts on."""


def direct_links(
    ledger: Ledger, by_node: Index, moment: Int64, kind: Int8, held: Int64, within: int, empty: int, commission: int
) -> tuple[Int64, Int64, Int64, Int64]:
    """(in_row, out_row, amount) of the direct links, ascending by out_row, and per row where its doubt begins.

    A payment belongs to a receipt of the same node if it comes after it, at most `within` µs later (closed), and

    1. its amount is that of the receipt; failing that
    2. the receipt is split exactly: the next free payments sum to it; failing that
    3. the node held at most `empty` minor units before the receipt, and the payment comes before its next receipt: then
       the payments carry the receipt on until it is used up; failing that
    4. the payment follows on receipts with no other payment between, and the latest of them that together reach its
       amount exceed it by `commission` per cent of their sum at most: it carries all of these on, each in proportion;
       failing that
    5. the payment follows on a receipt, and it and those after it, before the next receipt, come to the receipt less
       `commission` per cent at most, and not to more.

    Rules are applied one after the other, each to all rows of a node in order of time; a payment belongs to one receipt
    only, but for rule 4, and what earlier rules have matched counts as not there. In rules 4 and 5 all is within
    `within` of the earliest receipt. `held` is what the payee held after each row.
    Rows from a node to itself, and rows put in by `trace.mending`, take no part: nobody sees them carry anything.
    LOOKED payments are tried for each receipt. The doubt of a receipt begins at the first later payment of its node
    that is not explained wholly: from there on nobody can say what became of the rest. O(rows · LOOKED).
    """
    owner = np.full(len(ledger), -1, np.int64)
    carried = np.zeros(len(ledger), np.int64)
    loose = np.full(len(ledger), len(ledger), np.int64)
    given = np.zeros(len(ledger), np.int64)
    into = np.full(len(ledger), -1, np.int64)  # per receipt, the payment that it was gathered into
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
        commission,
        owner,
        carried,
        given,
        into,
        loose,
    )
    alone, gathered = np.flatnonzero((carried > 0) & (owner != GATHERED)), np.flatnonzero((into >= 0) & (given > 0))
    in_row, out_row = np.concatenate([owner[alone], gathered]), np.concatenate([alone, into[gathered]])
    ranked = np.lexsort((in_row, out_row))
    amount = np.concatenate([carried[alone], given[gathered]])
    return in_row[ranked], out_row[ranked], amount[ranked], loose


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
    commission: int,
    owner: Int64,
    carried: Int64,
    given: Int64,
    into: Int64,
    loose: Int64,
) -> None:
    """Write, per payment, the receipt that it carries on and how much; per receipt what was given, and `loose`."""
    parts = np.empty((4, 2 * LOOKED + 2), np.int64)
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
        _follow_on(
            paid, paid_from[node], stop, got, got_from[node], got_from[node + 1], node, payer, amount, received, time,
            covered_from[node], covered_to[node], moment, kind, within, commission, owner, carried, given, into, parts,
        )  # fmt: skip
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
def _carry(
    paid: Int64, first: int, last: int, amount: Int64, row: int, owner: Int64, carried: Int64
) -> None:  # fmt: skip
    """Those of these payments that carry nobody's money yet carry the receipt's, all of it."""
    for at in range(first, last):
        out = paid[at]
        if owner[out] < 0:
            owner[out] = row
            carried[out] = amount[out]


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
    _carry(paid, first, last, amount, row, owner, carried)
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


@kernel
def _follow_on(
    paid: Int64, first: int, stop: int, got: Int64, got_first: int, got_stop: int, node: int, payer: Int32,
    amount: Int64, received: Int64, time: Int64, known_from: int, known_to: int, moment: Int64, kind: Int8,
    within: int, commission: int, owner: Int64, carried: Int64, given: Int64, into: Int64, parts: Int64,
) -> None:  # fmt: skip
    """Rules 4 and 5: runs of free receipts, each followed by free payments. `parts` is scratch, receipts first."""
    at = got_first  # the next receipt to look at
    for out_at in range(first, stop):
        out = paid[out_at]
        if owner[out] >= 0 or at == got_stop or got[at] > out:
            continue
        count = 0
        while at < got_stop and got[at] < out:
            row = got[at]
            if _is_free(row, node, payer, received, time, known_from, known_to, kind, given):
                count = _put(parts, count, row)
            at += 1
        if count == 0:
            continue
        if _gathered(
            out, count, amount, received, moment, within, commission, owner, carried, given, into, parts
        ):  # fmt: skip
            continue
        row = parts[0, count - 1]
        following = _next_free(got, at, got_stop, node, payer, received, time, known_from, known_to, kind, given)
        end = _reach(paid, out_at, stop, moment, moment[row] + within)
        _handed_on(paid, out_at, end, following, amount, row, received[row], commission, owner, carried, given)


@kernel
def _is_free(
    row: int, node: int, payer: Int32, received: Int64, time: Int64, known_from: int, known_to: int, kind: Int8,
    given: Int64,
) -> bool:  # fmt: skip
    """Whether a receipt takes part and no rule has matched it."""
    recorded = kind[row] == RECORDED and received[row] > 0 and given[row] == 0 and payer[row] != node
    return bool(recorded and known_from <= time[row] <= known_to)


@kernel
def _next_free(
    got: Int64, at: int, stop: int, node: int, payer: Int32, received: Int64, time: Int64, known_from: int,
    known_to: int, kind: Int8, given: Int64,
) -> int:  # fmt: skip
    """The next such receipt, or a number beyond all rows."""
    while at < stop:
        if _is_free(got[at], node, payer, received, time, known_from, known_to, kind, given):
            return int(got[at])
        at += 1
    return len(kind)


@kernel
def _put(parts: Int64, count: int, row: int) -> int:
    """Add a receipt to those of a run; of more than LOOKED the earliest is given up."""
    if count == LOOKED:
        for i in range(1, LOOKED):
            parts[0, i - 1] = parts[0, i]
        count -= 1
    parts[0, count] = row
    return count + 1


@kernel
def _stays(total: int, commission: int) -> int:
    """The most of a sum that may stay behind."""
    return total // 100 * commission + total % 100 * commission // 100


@kernel
def _gathered(
    out: int, count: int, amount: Int64, received: Int64, moment: Int64, within: int, commission: int, owner: Int64,
    carried: Int64, given: Int64, into: Int64, parts: Int64,
) -> bool:  # fmt: skip
    """Rule 4."""
    whole, total, at = amount[out], 0, count
    while at > 0 and total < whole:
        at -= 1
        total += received[parts[0, at]]
    if total < whole or total - whole > _stays(total, commission) or moment[out] - moment[parts[0, at]] > within:
        return False
    owner[out] = GATHERED
    carried[out] = whole
    for i in range(at, count):
        parts[1, i - at] = received[parts[0, i]]
    share(whole, parts[1], total, count - at, parts[2], parts[3])
    for i in range(at, count):
        into[parts[0, i]] = out
        given[parts[0, i]] = parts[2, i - at]
    return True


@kernel
def _handed_on(
    paid: Int64, first: int, end: int, following: int, amount: Int64, row: int, whole: int, commission: int,
    owner: Int64, carried: Int64, given: Int64,
) -> None:  # fmt: skip
    """Rule 5."""
    total, last = 0, first
    while last < end and paid[last] < following:
        out = paid[last]
        if owner[out] < 0:
            if total + amount[out] > whole:
                break
            total += amount[out]
        last += 1
    if total == 0 or whole - total > _stays(whole, commission):
        return
    _carry(paid, first, last, amount, row, owner, carried)
    given[row] = total
