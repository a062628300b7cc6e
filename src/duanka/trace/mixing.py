"""Follow money that is mixed: what each node holds of it, payment by payment, for the doctrines that share."""

from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import NOBODY, Int32, Int64
from duanka.kernels.compile import kernel
from duanka.trace.exact import share
from duanka.trace.reason import Reason
from duanka.trace.shares import Purse, purse, take
from duanka.trace.skipping import ALWAYS, Loads, next_place, threshold
from duanka.trace.walking import (
    AT,
    NEXT,
    SEED,
    USED,
    Bounds,
    Due,
    EndPart,
    Found,
    Rows,
    Started,
    arrival,
    begin,
    has_room,
    let_go,
    new_entry,
    next_due,
    put_end,
    put_step,
)
from duanka.trace.way import Way

KEY, HELD, GATHERED, HOPPED = range(NEXT)
"""What a node holds of one group of seeds: its key, minor units held and brought, least hops, next entry (+ 1).

The key is the group; with a hop limit group · (limit + 1) + hops, so that money of different hops is told apart.
"""


class _Nodes(NamedTuple):
    """Per node, and the payments of nodes in order."""

    head: Int64  # first entry (+ 1), ascending by key
    place: Int64  # its next payment to look at, where it has entries
    paid_from: Int64
    paid: Int64
    before: Int64  # per row
    gathered: Int64  # per row
    load: Loads


class _State(NamedTuple):
    """What grows while a walk goes on; see `trace.walking` for the cursor."""

    cursor: Int64
    table: Int64
    steps: Int64
    ends: Int64


def follow_shares(way: Way, doctrine: int, load: Loads, seeds: Started, bounds: Bounds, *, limited: bool) -> Found:
    """Walk along the payments of nodes that hold traced money, in the order of rows.

    O(K + N / 8 + nodes), for K = groups at the payer summed over those payments: a hub that holds traced money costs
    its later payments, each once. N bytes, 16 bytes a node, 40 a group at a node.
    """
    found, rows, due = begin(way, seeds, bounds)
    width = bounds.hops + 1 if limited else 1
    state_of = _Nodes(
        np.zeros(way.ledger.nodes, np.int64),
        np.zeros(way.ledger.nodes, np.int64),
        way.index.paid_from,
        way.index.paid,
        way.before,
        way.gathered,
        load,
    )
    own = purse(len(bounds.oldest) * width + len(seeds.row))
    while True:
        state = _State(found.cursor, found.table, found.steps, found.ends)
        missing = _walk(rows, doctrine, seeds, bounds, width, due, state_of, own, state)
        if missing == 0:
            break
        found.make_room(missing)
    found.put_aside()
    found.steps = found.ends = np.empty((0, 5), np.int64)
    label, node, held = (np.empty(found.cursor[USED], kind) for kind in (np.int32, np.int32, np.int64))
    count = _leave(state_of, width, found.table, label, node, held)
    found.table = found.table[:0].copy()
    reason, nobody = np.full(count, _HELD, np.int8), np.full(count, NOBODY, np.int32)
    found.ends_aside.append(EndPart(label[:count], reason, nobody, node[:count], held[:count]))
    return found


@kernel
def _walk(
    rows: Rows, doctrine: int, seeds: Started, bounds: Bounds, width: int, due: Due, nodes: _Nodes, own: Purse,
    state: _State,
) -> int:  # fmt: skip
    """Go on until all is done (0), or until there is no room for so many more lines."""
    cursor = state.cursor
    while True:
        row = next_due(due, cursor[AT], bounds.horizon)
        cursor[AT] = row
        if row >= bounds.horizon:
            return 0
        payer = rows.payer[row]
        needed = _needed(nodes, seeds, state, row, payer)
        if not has_room(cursor, state.table, state.steps, state.ends, needed):
            return needed
        count = 0
        if payer >= 0 and nodes.head[payer] > 0 and _is_next(nodes, payer, row):
            if rows.covered_from[payer] <= rows.time[row] <= rows.covered_to[payer]:
                count = _pay(rows, doctrine, bounds, width, nodes, own, state, row, payer)
            if nodes.head[payer] > 0:
                _come_next(nodes, due, payer, nodes.place[payer] + 1, _least(doctrine, bounds, nodes, state, payer))
        for i in range(count):
            put_step(state.steps, cursor, row, own.key[i] // width, own.out[i], own.came[i], own.hop[i])
        count = _sow(rows, seeds, width, own, state, row, count)
        _arrive(rows, doctrine, bounds, width, due, nodes, own, state, row, count)
        cursor[AT] = row + 1


@kernel
def _needed(nodes: _Nodes, seeds: Started, state: _State, row: int, payer: int) -> int:
    """Room for whatever one row may bring."""
    count = 2
    at = nodes.head[payer] if payer >= 0 else 0
    while at > 0:
        count += 2
        at = state.table[at - 1, NEXT]
    seed = state.cursor[SEED]
    while seed < len(seeds.row) and seeds.row[seed] == row:
        count += 2
        seed += 1
    return count


@kernel
def _least(doctrine: int, bounds: Bounds, nodes: _Nodes, state: _State, node: int) -> float:
    """The least load of a payment that must be looked at: any, where money may become too old."""
    return ALWAYS if bounds.ages else threshold(doctrine, state.table, nodes.head[node])


@kernel
def _is_next(nodes: _Nodes, node: int, row: int) -> bool:
    """Whether the row is the node's next payment to look at: a row may be due that no longer is, or for a seed only."""
    place = nodes.place[node]
    return bool(place < nodes.paid_from[node + 1] and nodes.paid[place] == row)


@kernel
def _come_next(nodes: _Nodes, due: Due, node: int, place: int, least: float) -> None:
    """The node's next payment to look at is the first from `place` of the index on with such a load."""
    stop = int(nodes.paid_from[node + 1])
    if nodes.place[node] >= place:  # one is due already, and what lies after it can wait
        stop = min(stop, int(nodes.place[node]))
    place = next_place(nodes.load, place, stop, least)
    nodes.place[node] = place
    if place < nodes.paid_from[node + 1]:
        due.byte[nodes.paid[place]] = 1


@kernel
def _pay(
    rows: Rows, doctrine: int, bounds: Bounds, width: int, nodes: _Nodes, own: Purse, state: _State, row: int,
    payer: int,
) -> int:  # fmt: skip
    """Take a payment out of its payer; return how many groups it carries, written to the front of the purse."""
    table, cursor = state.table, state.cursor
    count, at, before = 0, int(nodes.head[payer]), 0
    while at > 0:  # what is too old stays, and is no longer told apart from the rest
        following = table[at - 1, NEXT]
        key = table[at - 1, KEY]
        if rows.moment[row] > bounds.oldest[key // width]:
            put_end(state.ends, cursor, key // width, _STALE, -1, payer, table[at - 1, HELD])
            _drop(nodes, table, cursor, payer, before, at)
        else:
            own.key[count] = key
            own.held[count] = table[at - 1, HELD]
            own.gathered[count] = table[at - 1, GATHERED]
            own.hop[count] = table[at - 1, HOPPED]
            count += 1
            before = at
        at = following
    if count == 0 or rows.amount[row] == 0:
        return 0
    gathered = nodes.gathered[row] if doctrine == 0 else 0
    take(doctrine, own, count, rows.amount[row], nodes.before[row], gathered)
    before = 0
    at = int(nodes.head[payer])
    carried, total, i = 0, 0, 0
    while at > 0:
        following = table[at - 1, NEXT]
        out = own.out[i]
        table[at - 1, HELD] -= out
        if table[at - 1, HELD] == 0:
            _drop(nodes, table, cursor, payer, before, at)
        else:
            before = at
        if out > 0:
            own.key[carried] = own.key[i] + (1 if width > 1 else 0)
            own.hop[carried] = own.hop[i] + 1
            own.out[carried] = out
            total += out
            carried += 1
        at = following
        i += 1
    came, amount = rows.received[row], rows.amount[row]
    if came == amount:
        for k in range(carried):
            own.came[k] = own.out[k]
    elif carried > 0:
        own.out[carried] = amount - total
        share(came, own.out, amount, carried + 1, own.came, own.spare)
    return carried


@kernel
def _drop(nodes: _Nodes, table: Int64, cursor: Int64, node: int, before: int, at: int) -> None:
    """Free an entry of a node, which comes after the entry `before` (+ 1, or 0)."""
    if before == 0:
        nodes.head[node] = table[at - 1, NEXT]
    else:
        table[before - 1, NEXT] = table[at - 1, NEXT]
    let_go(table, cursor, at)


@kernel
def _sow(rows: Rows, seeds: Started, width: int, own: Purse, state: _State, row: int, count: int) -> int:
    """Add the seeds of a row, as far as it is not traced yet, ascending by key; return the number of groups."""
    cursor = state.cursor
    free = rows.received[row]
    for i in range(count):
        free -= own.came[i]
    while cursor[SEED] < len(seeds.row) and seeds.row[cursor[SEED]] == row:
        label, amount = seeds.label[cursor[SEED]], seeds.amount[cursor[SEED]]
        cursor[SEED] += 1
        taken = min(amount, free)
        free -= taken
        if taken < amount:
            put_end(state.ends, cursor, label, _OVERLAP, row, rows.payee[row], amount - taken)
        if taken == 0:
            continue
        key = label * width
        at = count
        while at > 0 and own.key[at - 1] > key:
            at -= 1
        if at > 0 and own.key[at - 1] == key:  # the same group twice, or with the money that it sent round
            own.came[at - 1] += taken
            own.hop[at - 1] = 0
            continue
        for j in range(count, at, -1):
            own.key[j] = own.key[j - 1]
            own.came[j] = own.came[j - 1]
            own.hop[j] = own.hop[j - 1]
        own.key[at] = key
        own.came[at] = taken
        own.hop[at] = 0
        count += 1
    return count


@kernel
def _arrive(
    rows: Rows, doctrine: int, bounds: Bounds, width: int, due: Due, nodes: _Nodes, own: Purse, state: _State, row: int,
    count: int,
) -> None:  # fmt: skip
    """Put what came with a row to its payee, or write down why not."""
    if count == 0:
        return
    node = int(np.int64(rows.payee[row]))
    stopped = arrival(rows, row)
    at = int(nodes.head[node]) if stopped == 0 else 0
    before = 0
    if at == 0 and stopped == 0:
        nodes.place[node] = -1
    group, total = -1, 0
    for i in range(count):
        label, came = own.key[i] // width, own.came[i]
        if came == 0:
            continue
        if label != group:
            group, total = label, _of_group(own, i, count, width)
        reason = stopped
        if reason == 0 and total < bounds.floor:
            reason = _FLOOR
        elif reason == 0 and own.hop[i] >= bounds.hops:
            reason = _HOPS
        if reason == 0:
            before, at = _keep(nodes, state, node, before, at, own, i)
        else:
            put_end(state.ends, state.cursor, label, reason, row, node, came)
    if stopped == 0 and nodes.head[node] > 0:
        _come_next(nodes, due, node, _after(nodes, node, row), _least(doctrine, bounds, nodes, state, node))


@kernel
def _of_group(own: Purse, first: int, count: int, width: int) -> int:
    """What came of one group, whose keys follow each other."""
    total, label = 0, own.key[first] // width
    while first < count and own.key[first] // width == label:
        total += own.came[first]
        first += 1
    return int(total)


@kernel
def _keep(nodes: _Nodes, state: _State, node: int, before: int, at: int, own: Purse, i: int) -> tuple[int, int]:
    """Add money to a node's entries from `at` on, which follows `before`; return where to go on."""
    table, cursor = state.table, state.cursor
    while at > 0 and table[at - 1, KEY] < own.key[i]:
        before = at
        at = int(table[at - 1, NEXT])
    if at > 0 and table[at - 1, KEY] == own.key[i]:
        table[at - 1, HELD] += own.came[i]
        table[at - 1, GATHERED] += own.came[i]
        table[at - 1, HOPPED] = min(table[at - 1, HOPPED], own.hop[i])
        return before, at
    entry = new_entry(table, cursor)
    table[entry - 1, KEY] = own.key[i]
    table[entry - 1, HELD] = own.came[i]
    table[entry - 1, GATHERED] = own.came[i]
    table[entry - 1, HOPPED] = own.hop[i]
    table[entry - 1, NEXT] = at
    if before == 0:
        nodes.head[node] = entry
    else:
        table[before - 1, NEXT] = entry
    return entry, at


@kernel
def _after(nodes: _Nodes, node: int, row: int) -> int:
    """The place of the node's first payment after a row."""
    low, high = int(nodes.paid_from[node]), int(nodes.paid_from[node + 1])
    while low < high:
        middle = (low + high) // 2
        if nodes.paid[middle] > row:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def _leave(nodes: _Nodes, width: int, table: Int64, label: Int32, place: Int32, held: Int64) -> int:
    """Write down what lies at each node in the end: whose, where, how much; return the number of lines."""
    count = 0
    for node in range(len(nodes.head)):
        at = nodes.head[node]
        while at > 0:
            label[count] = table[at - 1, KEY] // width
            place[count] = node
            held[count] = table[at - 1, HELD]
            count += 1
            at = table[at - 1, NEXT]
    return count


_HELD, _STALE, _FLOOR, _HOPS, _OVERLAP = (
    int(reason) for reason in (Reason.HELD, Reason.STALE, Reason.FLOOR, Reason.HOPS, Reason.OVERLAP)
)
