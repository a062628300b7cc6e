"""The one global order of a case: time, then printed balances, then receipts before payments, then serials."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

from duanka.flow.chain import chain
from duanka.flow.columns import Columns, columns, effect, node_of
from duanka.flow.ledger import NO_BALANCE, NOBODY, Bool, Int64, Ledger
from duanka.flow.moment import place
from duanka.flow.precedence import CHAIN, CUSTOM, LOOSE, sort_rows


@dataclass(frozen=True, slots=True)
class Order:
    """Where each of n rows stands. `ledger.take(order.rows)` is the ledger in order."""

    rows: Int64  # a permutation of 0 … n-1: the row that comes first, second, …
    moment: Int64  # µs since 1970 UTC, per row of the ledger as given: when the row is taken to have happened
    assumed: Bool  # per row of the ledger as given: its place beside another row of one of its nodes is assumed


def order(ledger: Ledger) -> Order:
    """Put the rows in one order that does not depend on the order in which they are given.

    Rows of one moment form a group. In it, what comes first is decided by the chain of printed balances of each node
    (see `flow.chain`), where a row has none by receipts before payments of each node, and last by `tie`. Where these
    run in a circle, receipts before payments give way first, then ambiguous chains, then chains (`flow.precedence`).
    Rows whose time is wider than a second are first given a moment beside finer rows (see `flow.moment`).

    A row counts as assumed if it shares a node and a moment (or its imprecise interval) with a row from which neither
    time nor an unambiguous chain of balances tells it apart. A payment to oneself counts with its net effect.
    `ledger.tie` must be without ties. O(n log n) whatever the shape of the graph.
    """
    moment, assumed = place(ledger)
    rows = _by_moment(moment, ledger.tie)
    # The kernel works on the columns in order, since rows far apart in memory would cost it most of its time.
    table = Columns._make(column[rows] for column in columns(ledger))
    sequence = np.arange(len(rows))
    unsettled = np.zeros(len(rows), np.bool_)
    _settle_all(table, ledger.nodes, moment[rows], sequence, unsettled)
    assumed[rows[unsettled]] = True
    return Order(rows=rows[sequence], moment=moment, assumed=assumed)


def _by_moment(moment: Int64, tie: Int64) -> Int64:
    """Rows by moment, then tie. A tie that is a dense rank, as it normally is, needs no sort."""
    count = len(tie)
    if count and tie.min() == 0 and tie.max() == count - 1:
        by_tie = np.empty(count, np.int64)
        by_tie[tie] = np.arange(count)
    else:
        by_tie = np.argsort(tie, kind="stable")
    rows: Int64 = by_tie[np.argsort(moment[by_tie], kind="stable")]
    return rows


@njit(cache=True)
def _settle_all(table: Columns, nodes: int, moment: Int64, rows: Int64, assumed: Bool) -> None:
    """Reorder `rows`, which count up, in place within each run of one moment, and mark what is assumed."""
    known = np.full(nodes, NO_BALANCE, np.int64)  # the balance after all rows so far, where it is certain
    seen = np.full(nodes, -1, np.int64)
    start = 0
    while start < len(rows):
        end = start + 1
        while end < len(rows) and moment[end] == moment[start]:
            end += 1
        group = rows[start:end]
        if end - start > 1 and _meet(table, group, seen, start):
            _settle(table, group, known, assumed)
        else:
            for row in group:
                _advance(table, row, known)
        start = end


@njit(cache=True)
def _meet(table: Columns, group: Int64, seen: Int64, stamp: int) -> bool:
    """Whether two rows of the group share a node. `seen` holds the stamp of the last group that touched each node."""
    for row in group:
        payer = table.payer[row]
        payee = table.payee[row]
        if (payer >= 0 and seen[payer] == stamp) or (payee >= 0 and seen[payee] == stamp):
            return True
        if payer >= 0:
            seen[payer] = stamp
        if payee >= 0:
            seen[payee] = stamp
    return False


@njit(cache=True)
def _advance(table: Columns, row: int, known: Int64) -> None:
    """Bring the known balances of the row's nodes past it."""
    for role in range(2):
        node = node_of(table, row, role)
        if node == NOBODY:
            continue
        change, printed = effect(table, row, role)
        if printed != NO_BALANCE:
            known[node] = printed
        elif known[node] != NO_BALANCE:
            known[node] += change


@njit(cache=True)
def _visits(table: Columns, group: Int64) -> Int64:
    """Codes (node * rows + rank) * 2 + role of each node's part in each row of the group, sorted."""
    codes = np.empty(2 * len(group), np.int64)
    count = 0
    for rank in range(len(group)):
        for role in range(2):
            node = node_of(table, group[rank], role)
            if node != NOBODY:
                codes[count] = (node * len(group) + rank) * 2 + role
                count += 1
    codes = codes[:count]
    codes.sort()
    return codes


class _Claims(NamedTuple):
    """What must come before what in one group, and the place of each part (2 * rank + role) in its node's chain."""

    source: Int64
    target: Int64
    strength: Int64
    size: Int64  # [claims, gates, paths] so far
    path: Int64
    loose: Bool


@njit(cache=True)
def _settle(table: Columns, group: Int64, known: Int64, assumed: Bool) -> None:
    """Reorder one group, in which some node has several rows, in place; mark what is assumed."""
    size = len(group)
    claims = _Claims(
        np.empty(4 * size, np.int64),
        np.empty(4 * size, np.int64),
        np.empty(4 * size, np.int64),
        np.zeros(3, np.int64),
        np.full(2 * size, -1, np.int64),
        np.zeros(2 * size, np.bool_),
    )
    visits = _visits(table, group)
    start = 0
    while start < len(visits):
        node = visits[start] // (2 * size)
        end = start + 1
        while end < len(visits) and visits[end] // (2 * size) == node:
            end += 1
        parts = visits[start:end] % (2 * size)
        visits[start:end] = parts  # from here on the codes are parts; a part's node is known from its row
        known[node] = _claim(table, group, parts, known[node], claims)
        start = end
    _mark_unsettled(table, group, visits, claims, assumed)
    count = claims.size[0]
    if count == 0:
        return
    source, target, strength = claims.source[:count], claims.target[:count], claims.strength[:count]
    sequence, kept = sort_rows(size, size + claims.size[1], source, target, strength)
    if not kept:
        place_of = np.empty(size, np.int64)
        place_of[sequence] = np.arange(size)
        for claim in range(count):
            if strength[claim] != CUSTOM and place_of[source[claim]] > place_of[target[claim]]:
                assumed[group[source[claim]]] = True
                assumed[group[target[claim]]] = True
    group[:] = group[sequence]


@njit(cache=True)
def _claim(table: Columns, group: Int64, parts: Int64, known: int, claims: _Claims) -> int:  # noqa: C901 - splitting it would hand eight arrays on
    """Write the claims of one node with these parts in the group; return its known balance after the group."""
    before = np.empty(len(parts), np.int64)
    after = np.empty(len(parts), np.int64)
    chained = np.empty(len(parts), np.int64)
    count = 0
    total = 0
    for part in parts:
        change, printed = effect(table, group[part // 2], part % 2)
        total += change
        if printed != NO_BALANCE:
            before[count] = printed - change
            after[count] = printed
            chained[count] = part
            count += 1
    onward = known + total if known != NO_BALANCE else NO_BALANCE
    if len(parts) == 1:
        return after[0] if count else onward
    head = parts.copy()  # per unit, that is a path or a part without printed balance: its first and its last part
    tail = parts.copy()
    kinds = np.zeros(len(parts), np.int64)  # per unit: the kinds of parts in it
    units = 0
    if count:
        path, following, loose, loose_step, units, closing = chain(before[:count], after[:count], known)
        claims.path[chained[:count]] = claims.size[2] + path
        claims.loose[chained[:count]] = loose
        claims.size[2] += units
        followed = np.zeros(count, np.bool_)
        for index in range(count):
            kinds[path[index]] |= _kind(table, group, chained[index])
            if following[index] < 0:
                tail[path[index]] = chained[index]
                continue
            followed[following[index]] = True
            strength = LOOSE if loose_step[index] else CHAIN
            _add(claims, chained[index] // 2, chained[following[index]] // 2, strength)
        for index in range(count):
            if not followed[index]:
                head[path[index]] = chained[index]
        if units == 1 and count == len(parts):
            return closing
    for part in parts:
        if claims.path[part] < 0:
            head[units] = tail[units] = part
            kinds[units] = _kind(table, group, part)
            units += 1
    _claim_custom(len(group), head[:units], tail[:units], kinds[:units], claims)
    return onward


RECEIPT = 1
PAYMENT = 2
TO_ITSELF = 4


@njit(cache=True)
def _kind(table: Columns, group: Int64, part: int) -> int:
    """Whether the part is a receipt, a payment, or both at once."""
    row = group[part // 2]
    if table.payer[row] == table.payee[row]:
        return TO_ITSELF
    return RECEIPT if part % 2 else PAYMENT


@njit(cache=True)
def _claim_custom(size: int, head: Int64, tail: Int64, kinds: Int64, claims: _Claims) -> None:
    """Receipts before payments, through one gate, for units that are all receipts or all payments."""
    if not np.any(kinds == RECEIPT) or not np.any(kinds == PAYMENT):
        return
    gate = size + claims.size[1]
    claims.size[1] += 1
    for unit in range(len(kinds)):
        if kinds[unit] == RECEIPT:
            _add(claims, tail[unit] // 2, gate, CUSTOM)
        elif kinds[unit] == PAYMENT:
            _add(claims, gate, head[unit] // 2, CUSTOM)


@njit(cache=True)
def _add(claims: _Claims, source: int, target: int, strength: int) -> None:
    """Write one claim."""
    at = claims.size[0]
    claims.source[at] = source
    claims.target[at] = target
    claims.strength[at] = strength
    claims.size[0] += 1


@njit(cache=True)
def _mark_unsettled(table: Columns, group: Int64, parts: Int64, claims: _Claims, assumed: Bool) -> None:
    """Mark each row that no chain tells apart from all rows that share its node. `parts` are sorted by node."""
    start = 0
    while start < len(parts):
        node = node_of(table, group[parts[start] // 2], parts[start] % 2)
        own = claims.path[parts[start]]  # the path of all parts, in this node's chain …
        other = claims.path[parts[start] ^ 1]  # … and in the chain of the node on the other side
        end = start
        while end < len(parts) and node_of(table, group[parts[end] // 2], parts[end] % 2) == node:
            if claims.path[parts[end]] != own:
                own = -1
            if claims.path[parts[end] ^ 1] != other:
                other = -1
            end += 1
        if end - start > 1:
            for part in parts[start:end]:
                settled = (own >= 0 and not claims.loose[part]) or (other >= 0 and not claims.loose[part ^ 1])
                if not settled:
                    assumed[group[part // 2]] = True
        start = end
