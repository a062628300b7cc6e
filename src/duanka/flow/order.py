"""The one global order of a case: time, then printed balances, then receipts before payments, then serials."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from duanka.flow.chain import chain
from duanka.flow.columns import Columns, columns, effect, node_of
from duanka.flow.ledger import NO_BALANCE, NOBODY, Bool, Int64, Ledger
from duanka.flow.moment import place
from duanka.flow.precedence import CHAIN, CUSTOM, LOOSE, Groups, pop, push, sort_groups
from duanka.kernels.compile import inlined, kernel


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
    groups, claims = _claims(table, ledger.nodes, moment[rows], unsettled)
    sort_groups(groups, claims.source, claims.target, claims.strength, sequence, unsettled)
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


class _Claims(NamedTuple):
    """What must come before what, group after group, and of the group at hand the place of each part in its chain.

    A part is one side of one row: 2 * rank + role. Sources and targets are ranks or gates (see `flow.precedence`).
    """

    source: Int64
    target: Int64
    strength: Int64
    size: Int64  # [claims so far, gates of this group, paths of this group]
    path: Int64  # per part, or -1
    loose: Bool  # per part


def _claims(table: Columns, nodes: int, moment: Int64, assumed: Bool) -> tuple[Groups, _Claims]:
    """The claims of all groups of rows in order of time; marks the rows that no chain tells apart."""
    count = len(moment)
    bounds = np.flatnonzero(np.concatenate(([True], moment[1:] != moment[:-1], [True]))) if count else np.zeros(1, int)
    most = int(np.diff(bounds).max(initial=0))
    claims = _Claims(
        np.empty(4 * count, np.int64),
        np.empty(4 * count, np.int64),
        np.empty(4 * count, np.int64),
        np.zeros(3, np.int64),
        np.empty(2 * most, np.int64),
        np.empty(2 * most, np.bool_),
    )
    groups = np.empty((count // 2, 5), np.int64)
    known = np.full(nodes, NO_BALANCE, np.int64)  # the balance after all rows so far, where it is certain
    seen = np.full(nodes, -1, np.int64)
    found = _claim_all(table, bounds, known, seen, claims, groups, assumed)
    return groups[:found], claims


@kernel
def _claim_all(
    table: Columns, bounds: Int64, known: Int64, seen: Int64, claims: _Claims, groups: Groups, assumed: Bool
) -> int:
    """Write the claims of each run of rows `bounds[i]:bounds[i + 1]`, and the groups that have some; count these."""
    found = 0
    for number in range(len(bounds) - 1):
        start = bounds[number]
        end = bounds[number + 1]
        if end - start == 1 or not _meet(table, start, end, seen):
            for row in range(start, end):
                _advance(table, row, known)
            continue
        first = claims.size[0]
        _claim_group(table, start, end, known, claims, assumed)
        if claims.size[0] > first:
            groups[found, 0] = start
            groups[found, 1] = end
            groups[found, 2] = first
            groups[found, 3] = claims.size[0]
            groups[found, 4] = claims.size[1]
            found += 1
    return found


@kernel
def _meet(table: Columns, start: int, end: int, seen: Int64) -> bool:
    """Whether two rows of the group share a node. `seen` holds the start of the last group that touched each node."""
    for row in range(start, end):
        payer = table.payer[row]
        payee = table.payee[row]
        if (payer >= 0 and seen[payer] == start) or (payee >= 0 and seen[payee] == start):
            return True
        if payer >= 0:
            seen[payer] = start
        if payee >= 0:
            seen[payee] = start
    return False


@kernel
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


@kernel
def _visits(table: Columns, start: int, end: int) -> Int64:
    """Codes (node * rows + rank) * 2 + role of each node's part in each row of the group, sorted."""
    size = end - start
    heap = np.empty(2 * size, np.int64)
    count = 0
    for rank in range(size):
        for role in range(2):
            node = node_of(table, start + rank, role)
            if node != NOBODY:
                count = push(heap, count, (node * size + rank) * 2 + role)
    codes = np.empty(count, np.int64)
    for at in range(count):
        codes[at] = pop(heap, count - at)
    return codes


@inlined
def _claim_group(table: Columns, start: int, end: int, known: Int64, claims: _Claims, assumed: Bool) -> None:
    """Write the claims of one group, in which some node has several rows; mark what no chain tells apart."""
    size = end - start
    claims.size[1] = 0
    claims.size[2] = 0
    for part in range(2 * size):
        claims.path[part] = -1
        claims.loose[part] = False
    visits = _visits(table, start, end)
    low = 0
    while low < len(visits):
        node = visits[low] // (2 * size)
        high = low
        while high < len(visits) and visits[high] // (2 * size) == node:
            visits[high] %= 2 * size  # from here on the code is a part; its node is known from its row
            high += 1
        known[node] = _claim(table, start, size, visits[low:high], known[node], claims)
        low = high
    _mark_unsettled(table, start, visits, claims, assumed)


@kernel
def _claim(table: Columns, start: int, size: int, parts: Int64, known: int, claims: _Claims) -> int:  # noqa: C901 - splitting it would hand eight arrays on
    """Write the claims of one node with these parts in the group; return its known balance after the group."""
    before = np.empty(len(parts), np.int64)
    after = np.empty(len(parts), np.int64)
    chained = np.empty(len(parts), np.int64)
    count = 0
    total = 0
    for part in parts:
        change, printed = effect(table, start + part // 2, part % 2)
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
        followed = np.zeros(count, np.bool_)
        for index in range(count):
            part = chained[index]
            claims.path[part] = claims.size[2] + path[index]
            claims.loose[part] = loose[index]
            kinds[path[index]] |= _kind(table, start, part)
            if following[index] < 0:
                tail[path[index]] = part
                continue
            followed[following[index]] = True
            strength = LOOSE if loose_step[index] else CHAIN
            _add(claims, part // 2, chained[following[index]] // 2, strength)
        claims.size[2] += units
        for index in range(count):
            if not followed[index]:
                head[path[index]] = chained[index]
        if units == 1 and count == len(parts):
            return closing
    for part in parts:
        if claims.path[part] < 0:
            head[units] = tail[units] = part
            kinds[units] = _kind(table, start, part)
            units += 1
    _claim_custom(size, head[:units], tail[:units], kinds[:units], claims)
    return onward


RECEIPT = 1
PAYMENT = 2
TO_ITSELF = 4


@kernel
def _kind(table: Columns, start: int, part: int) -> int:
    """Whether the part is a receipt, a payment, or both at once."""
    row = start + part // 2
    if table.payer[row] == table.payee[row]:
        return TO_ITSELF
    return RECEIPT if part % 2 else PAYMENT


@kernel
def _claim_custom(size: int, head: Int64, tail: Int64, kinds: Int64, claims: _Claims) -> None:
    """Receipts before payments, through one gate, for units that are all receipts or all payments."""
    receipts = 0
    payments = 0
    for kind in kinds:
        receipts += kind == RECEIPT
        payments += kind == PAYMENT
    if receipts == 0 or payments == 0:
        return
    gate = size + claims.size[1]
    claims.size[1] += 1
    for unit in range(len(kinds)):
        if kinds[unit] == RECEIPT:
            _add(claims, tail[unit] // 2, gate, CUSTOM)
        elif kinds[unit] == PAYMENT:
            _add(claims, gate, head[unit] // 2, CUSTOM)


@kernel
def _add(claims: _Claims, source: int, target: int, strength: int) -> None:
    """Write one claim."""
    at = claims.size[0]
    claims.source[at] = source
    claims.target[at] = target
    claims.strength[at] = strength
    claims.size[0] += 1


@kernel
def _mark_unsettled(table: Columns, start: int, parts: Int64, claims: _Claims, assumed: Bool) -> None:
    """Mark each row that no chain tells apart from all rows that share its node. `parts` are sorted by node."""
    low = 0
    while low < len(parts):
        node = node_of(table, start + parts[low] // 2, parts[low] % 2)
        own = claims.path[parts[low]]  # the path of all parts, in this node's chain …
        other = claims.path[parts[low] ^ 1]  # … and in the chain of the node on the other side
        high = low
        while high < len(parts) and node_of(table, start + parts[high] // 2, parts[high] % 2) == node:
            if claims.path[parts[high]] != own:
                own = -1
            if claims.path[parts[high] ^ 1] != other:
                other = -1
            high += 1
        for at in range(low, high if high - low > 1 else low):
            part = parts[at]
            settled = (own >= 0 and not claims.loose[part]) or (other >= 0 and not claims.loose[part ^ 1])
            if not settled:
                assumed[start + part // 2] = True
        low = high
