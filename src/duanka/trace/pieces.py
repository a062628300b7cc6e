"""Follow money that keeps its identity: pieces of rows along links, for direct, FIFO and LIFO tracing."""

from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import Int64
from duanka.kernels.compile import kernel
from duanka.trace.exact import share
from duanka.trace.links import Links
from duanka.trace.reason import Reason
from duanka.trace.walking import (
    AT,
    NEXT,
    SEED,
    Bounds,
    Due,
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
    roomier,
)
from duanka.trace.way import Way

LOW, HIGH, OF, HOPPED = range(NEXT)
"""A piece: units [low, high) of a row's money, group of seeds, hops, and the next piece of that row (+ 1)."""


class _Linked(NamedTuple):
    """`trace.links.Links` as kernels take them."""

    start: Int64
    other: Int64
    here: Int64
    there: Int64
    amount: Int64
    loose: Int64


class _State(NamedTuple):
    """Everything that a walk writes; see `trace.walking` for the cursor."""

    cursor: Int64
    head: Int64  # N: first piece of each row (+ 1)
    table: Int64  # pieces
    own: Int64  # scratch: the pieces of one row, in order
    scratch: Int64  # (3, …): weights, parts, spare
    total: Int64  # scratch, per label
    steps: Int64
    ends: Int64


def follow_pieces(way: Way, links: Links, seeds: Started, bounds: Bounds) -> Found:
    """Walk along links from the seeds; pieces of one row are handled together, in the order of rows.

    Each unit goes one way only, so the pieces of a row never overlap, and groups of seeds together cost no more than
    their sum. O(P log L + N / 8) for P pieces met and L links of the largest row; N bytes and 8 N bytes untouched.
    """
    found, rows, due = begin(way, seeds, bounds)
    linked = _Linked(links.start, links.other, links.here, links.there, links.amount, links.loose)
    head = np.zeros(len(way.ledger), np.int64)
    own, scratch = np.empty((4096, 4), np.int64), np.empty((3, 8192), np.int64)
    total = np.zeros(len(bounds.oldest), np.int64)
    while True:
        state = _State(found.cursor, head, found.table, own, scratch, total, found.steps, found.ends)
        missing = _walk(rows, linked, seeds, bounds, due, state)
        if missing == 0:
            found.put_aside()
            return found
        found.make_room(missing)
        own = roomier(own, 0, missing)
        if scratch.shape[1] < 8 * missing:
            scratch = np.empty((3, 8 * missing), np.int64)


@kernel
def _walk(rows: Rows, links: _Linked, seeds: Started, bounds: Bounds, due: Due, state: _State) -> int:
    """Go on until all is done (0), or until there is no room for so many more lines."""
    cursor = state.cursor
    while True:
        row = next_due(due, cursor[AT], bounds.horizon)
        cursor[AT] = row
        if row >= bounds.horizon:
            return 0
        needed = _needed(links, seeds, state, row)
        scratch = needed <= len(state.own) and 4 * needed <= state.scratch.shape[1]
        if not scratch or not has_room(cursor, state.table, state.steps, state.ends, needed):
            return needed
        count = _collect(state, row)
        count = _convert(rows, state, row, count)
        for i in range(count):
            came = state.own[i, HIGH] - state.own[i, LOW]
            put_step(state.steps, cursor, row, state.own[i, OF], state.scratch[0, i], came, state.own[i, HOPPED])
        while cursor[SEED] < len(seeds.row) and seeds.row[cursor[SEED]] == row:
            count = _sow(rows, state, row, count, seeds.label[cursor[SEED]], seeds.amount[cursor[SEED]])
            cursor[SEED] += 1
        _go_on(rows, links, bounds, due, state, row, count)
        cursor[AT] = row + 1


@kernel
def _needed(links: _Linked, seeds: Started, state: _State, row: int) -> int:
    """Room for whatever one row may bring."""
    count = 3 * (links.start[row + 1] - links.start[row]) + 4
    at = state.head[row]
    while at > 0:
        count += 6
        at = state.table[at - 1, NEXT]
    seed = state.cursor[SEED]
    while seed < len(seeds.row) and seeds.row[seed] == row:
        count += 6
        seed += 1
    return int(count)


@kernel
def _collect(  # noqa: C901 - taking, sorting and joining a handful of pieces
    state: _State, row: int
) -> int:
    """Take the pieces of a row out of the table, in order, neighbours of one kind joined; return their number."""
    own, table, cursor = state.own, state.table, state.cursor
    count, at = 0, state.head[row]
    state.head[row] = 0
    while at > 0:
        for field in range(4):
            own[count, field] = table[at - 1, field]
        count += 1
        following = table[at - 1, NEXT]
        let_go(table, cursor, at)
        at = following
    if count > 1 and own[0, LOW] > own[count - 1, LOW]:
        for i in range(count // 2):
            for field in range(4):
                own[i, field], own[count - 1 - i, field] = own[count - 1 - i, field], own[i, field]
    for i in range(1, count):
        j = i
        while j > 0 and own[j - 1, LOW] > own[j, LOW]:
            for field in range(4):
                own[j, field], own[j - 1, field] = own[j - 1, field], own[j, field]
            j -= 1
    last = 0
    for i in range(1, count):
        if own[i, LOW] == own[last, HIGH] and own[i, OF] == own[last, OF] and own[i, HOPPED] == own[last, HOPPED]:
            own[last, HIGH] = own[i, HIGH]
        else:
            last += 1
            for field in range(4):
                own[last, field] = own[i, field]
    return min(count, last + 1)


@kernel
def _convert(rows: Rows, state: _State, row: int, count: int) -> int:
    """Put into `scratch[0]` what left the payer, and turn the pieces into what reached the payee: in proportion."""
    own = state.own
    weights, parts, spare = state.scratch[0], state.scratch[1], state.scratch[2]
    whole, came = rows.amount[row], rows.received[row]
    if whole != came and count > 0:
        at = 0
        for i in range(count):
            weights[2 * i] = own[i, LOW] - at
            weights[2 * i + 1] = own[i, HIGH] - own[i, LOW]
            at = own[i, HIGH]
        weights[2 * count] = whole - at
        share(came, weights, whole, 2 * count + 1, parts, spare)
        at = 0
        for i in range(count):
            own[i, LOW] = at + parts[2 * i]
            at = own[i, LOW] + parts[2 * i + 1]
            own[i, HIGH] = at
            weights[i] = weights[2 * i + 1]
    else:
        for i in range(count):
            weights[i] = own[i, HIGH] - own[i, LOW]
    return count


@kernel
def _sow(rows: Rows, state: _State, row: int, count: int, label: int, amount: int) -> int:
    """Put a seed on the first units of the row that are not traced yet; return the number of pieces."""
    own = state.own
    low, i = 0, 0
    while amount > 0:
        high = own[i, LOW] if i < count else rows.received[row]
        taken = min(amount, high - low)
        if taken > 0:
            for j in range(count, i, -1):
                for field in range(4):
                    own[j, field] = own[j - 1, field]
            own[i, LOW] = low
            own[i, HIGH] = low + taken
            own[i, OF] = label
            own[i, HOPPED] = 0
            amount -= taken
            count += 1
        elif i == count:
            put_end(state.ends, state.cursor, label, _OVERLAP, row, rows.payee[row], amount)
            break
        low = own[i, HIGH]
        i += 1
    return count


@kernel
def _go_on(  # noqa: C901, PLR0912 - every reason to end in one place
    rows: Rows, links: _Linked, bounds: Bounds, due: Due, state: _State, row: int, count: int
) -> None:
    """Send the pieces of a row along its links, or write down why not."""
    own, ends, cursor, total = state.own, state.ends, state.cursor, state.total
    node = int(np.int64(rows.payee[row]))
    stopped = arrival(rows, row)
    for i in range(count):
        total[own[i, OF]] += own[i, HIGH] - own[i, LOW]
    for i in range(count):
        low, high, label, hop = own[i, LOW], own[i, HIGH], own[i, OF], own[i, HOPPED]
        reason = stopped
        if reason == 0 and total[label] < bounds.floor:
            reason = _FLOOR
        if reason == 0 and hop >= bounds.hops:
            reason = _HOPS
        if reason != 0:
            if high > low:
                put_end(ends, cursor, label, reason, row, node, high - low)
            continue
        rest = _HELD if links.loose[row] >= bounds.horizon else _UNMATCHED
        at = low
        link = _first(links, row, low)
        while link < links.start[row + 1] and links.here[link] < high:
            begin = max(low, links.here[link])
            end = min(high, links.here[link] + links.amount[link])
            if begin > at:
                put_end(ends, cursor, label, rest, row, node, begin - at)
            other = links.other[link]
            if end > begin:
                if other >= bounds.horizon:
                    put_end(ends, cursor, label, _HELD, row, node, end - begin)
                elif rows.moment[other] > bounds.oldest[label]:
                    put_end(ends, cursor, label, _STALE, row, node, end - begin)
                else:
                    place = links.there[link] + begin - links.here[link]
                    _add(state, other, place, place + end - begin, label, hop + 1)
                    due.byte[other] = 1
            at = end
            link += 1
        if at < high:
            put_end(ends, cursor, label, rest, row, node, high - at)
    for i in range(count):
        total[own[i, OF]] = 0


@kernel
def _first(links: _Linked, row: int, unit: int) -> int:
    """The first link of the row that ends after the unit."""
    low, high = links.start[row], links.start[row + 1]
    while low < high:
        middle = (low + high) // 2
        if links.here[middle] + links.amount[middle] > unit:
            high = middle
        else:
            low = middle + 1
    return int(low)


@kernel
def _add(state: _State, row: int, low: int, high: int, label: int, hop: int) -> None:
    """Put a piece into the table."""
    cursor, table = state.cursor, state.table
    at = new_entry(table, cursor)
    table[at - 1, LOW] = low
    table[at - 1, HIGH] = high
    table[at - 1, OF] = label
    table[at - 1, HOPPED] = hop
    table[at - 1, NEXT] = state.head[row]
    state.head[row] = at


_HELD, _STALE, _FLOOR, _HOPS, _UNMATCHED, _OVERLAP = (
    int(reason) for reason in (Reason.HELD, Reason.STALE, Reason.FLOOR, Reason.HOPS, Reason.UNMATCHED, Reason.OVERLAP)
)
