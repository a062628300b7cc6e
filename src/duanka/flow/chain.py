"""Read the order of one account's rows off its printed balances.

Each row leads from the balance before it to the balance after it, so rows are edges between balances and an order that
explains them all is a walk that uses each edge once. Where several walks do, the rows that differ are told apart.
"""

import numpy as np

from duanka.flow.ledger import NO_BALANCE, Bool, Int64
from duanka.kernels.compile import inlined, kernel

Chain = tuple[Int64, Int64, Bool, Bool, int, int]
"""(path per row, next row in its path or -1, loose per row, loose step to the next per row, paths, closing balance)."""


@inlined
def chain(before: Int64, after: Int64, known: int) -> Chain:
    """Split the k rows of one account, given by rank, into paths in which each row continues the one before it.

    `before` and `after` are balances (k each) and `known` the balance before all of them, or NO_BALANCE. A row is loose
    where another reading puts it elsewhere in its path; of the readings the one that is lowest by rank is returned.
    The closing balance is NO_BALANCE unless there is one path, whose end is certain. O(k log k).
    """
    if len(before) == 2:
        return _pair(before, after, known)
    return _walks(before, after, known)


@kernel
def _pair(before: Int64, after: Int64, known: int) -> Chain:
    """`chain` for two rows, by far the commonest case, without its bookkeeping."""
    path = np.zeros(2, np.int64)
    following = np.full(2, -1, np.int64)
    loose = np.zeros(2, np.bool_)
    forth = after[0] == before[1]
    back = after[1] == before[0]
    if not forth and not back:
        path[1] = 1
        return path, following, loose, loose, 2, NO_BALANCE
    first = 0 if forth else 1
    closing = after[1 - first]
    if forth and back:
        still = before[0] == before[1]
        if still or (known != before[0] and known != before[1]):
            loose[0] = True
            loose[1] = True
            closing = closing if still else NO_BALANCE
        elif known == before[1]:
            first = 1
            closing = after[0]
    following[first] = 1 - first
    return path, following, loose, loose, 1, closing


@kernel
def _walks(before: Int64, after: Int64, known: int) -> Chain:
    """`chain` for any number of rows."""
    rows = len(before)
    source, target, values = _label(before, after)
    part = _parts(source, target, values)
    starts, leaving = _adjacency(source, values)
    entering = np.zeros(values, np.int64)
    known_at = _number_of(known, before, source)
    for row in range(rows):
        entering[target[row]] += 1
    begin, closed = _beginnings(starts, entering, part)

    path = np.full(rows, -1, np.int64)
    following = np.full(rows, -1, np.int64)
    loose = np.zeros(rows, np.bool_)
    loose_step = np.zeros(rows, np.bool_)
    used = starts[:-1].copy()
    paths = 0
    closing = NO_BALANCE
    for row in range(rows):
        if path[row] >= 0:
            continue
        root = part[source[row]]
        if begin[root] == _NO_WALK:
            at = source[row]
            if entering[at] == 1 and starts[at + 1] - starts[at] == 1:
                continue  # its path begins at another row
            closing = _follow_single(row, target, starts, leaving, entering, path, following, paths, after)
        else:
            start = begin[root]
            sure = True
            if closed[root]:
                sure = bool(known_at >= 0 and part[known_at] == root)
                start = known_at if sure else source[row]
            walk = _walk(start, target, starts, leaving, used)
            for step in range(len(walk)):
                path[walk[step]] = paths
                if step + 1 < len(walk):
                    following[walk[step]] = walk[step + 1]
            closing = after[walk[-1]]
            if sure or len(walk) == 1:
                _mark_loose(start, walk, target, values, loose, loose_step)
            else:
                closing = _mark_round(before, walk, loose, loose_step)
        paths += 1
    return path, following, loose, loose_step, paths, closing if paths == 1 else NO_BALANCE


_NO_WALK = -2
"""Stands where no single walk uses all rows of a connected part."""

_MIXER = 0x1E3779B97F4A7C15
"""Odd, with bits at random: spreads amounts of money, which are often multiples of each other, over a hash table."""


@kernel
def _label(before: Int64, after: Int64) -> tuple[Int64, Int64, int]:
    """Number the different balances from 0 on: the number of each row's two balances, and how many there are.

    A hash table with open addressing; a slot holds the first place that has its balance.
    """
    rows = len(before)
    room = 4
    while room < 4 * rows:
        room *= 2
    slots = np.full(room, -1, np.int64)
    label = np.empty(2 * rows, np.int64)
    values = 0
    for place in range(2 * rows):
        value = before[place] if place < rows else after[place - rows]
        mixed = value * _MIXER
        slot = (mixed ^ (mixed >> 32)) & (room - 1)
        while slots[slot] >= 0:
            first = slots[slot]
            if (before[first] if first < rows else after[first - rows]) == value:
                break
            slot = (slot + 1) & (room - 1)
        if slots[slot] < 0:
            slots[slot] = place
            label[place] = values
            values += 1
        else:
            label[place] = label[slots[slot]]
    return label[:rows], label[rows:], values


@kernel
def _number_of(balance: int, before: Int64, source: Int64) -> int:
    """The number of a balance that a row leads from, or -1."""
    for row in range(len(before)):
        if before[row] == balance:
            return int(source[row])
    return -1


@kernel
def _mark_round(before: Int64, walk: Int64, loose: Bool, loose_step: Bool) -> int:
    """Mark a round walk that may begin anywhere as loose; its end is known only if it never leaves one balance."""
    closing = before[walk[0]]
    for row in walk:
        loose[row] = True
        loose_step[row] = True
        if before[row] != before[walk[0]]:
            closing = NO_BALANCE
    return int(closing)


@kernel
def _parts(source: Int64, target: Int64, values: int) -> Int64:
    """The connected part of each balance, named by one of its balances (union-find with path halving)."""
    part = np.arange(values)
    for row in range(len(source)):
        one = source[row]
        while part[one] != one:
            part[one] = part[part[one]]
            one = part[one]
        other = target[row]
        while part[other] != other:
            part[other] = part[part[other]]
            other = part[other]
        part[max(one, other)] = min(one, other)
    for value in range(values):
        part[value] = part[part[value]]  # ascending and roots are least, so one step is enough
    return part


@kernel
def _adjacency(source: Int64, values: int) -> tuple[Int64, Int64]:
    """Rows leaving each balance, ascending: `leaving[starts[v]:starts[v + 1]]`."""
    starts = np.zeros(values + 1, np.int64)
    for row in range(len(source)):
        starts[source[row] + 1] += 1
    for value in range(values):
        starts[value + 1] += starts[value]
    fill = starts[:-1].copy()
    leaving = np.empty(len(source), np.int64)
    for row in range(len(source)):
        leaving[fill[source[row]]] = row
        fill[source[row]] += 1
    return starts, leaving


@kernel
def _beginnings(starts: Int64, entering: Int64, part: Int64) -> tuple[Int64, Bool]:
    """Per part (at the balance that names it): the balance its walk begins at or _NO_WALK, and whether it is round."""
    begin = np.full(len(part), -1, np.int64)
    closed = np.ones(len(part), np.bool_)
    for value in range(len(part)):
        surplus = starts[value + 1] - starts[value] - entering[value]
        root = part[value]
        if surplus != 0:
            closed[root] = False
        if surplus > 1 or surplus < -1 or (surplus == 1 and begin[root] != -1):
            begin[root] = _NO_WALK
        elif surplus == 1:
            begin[root] = value
    return begin, closed


@kernel
def _follow_single(
    row: int,
    target: Int64,
    starts: Int64,
    leaving: Int64,
    entering: Int64,
    path: Int64,
    following: Int64,
    number: int,
    after: Int64,
) -> int:
    """Number the path from `row` on as long as its balance has one way in and one way out; return where it ends."""
    path[row] = number
    at = target[row]
    while entering[at] == 1 and starts[at + 1] - starts[at] == 1:
        onward = leaving[starts[at]]
        following[row] = onward
        row = onward
        path[row] = number
        at = target[row]
    return int(after[row])


@kernel
def _walk(start: int, target: Int64, starts: Int64, leaving: Int64, used: Int64) -> Int64:
    """Hierholzer's walk from `start` over all rows of its part; lowest by rank, since ways out are tried ascending."""
    rows = len(target)
    at = np.empty(rows + 1, np.int64)
    came_by = np.empty(rows + 1, np.int64)
    walk = np.empty(rows, np.int64)  # filled from its end
    at[0] = start
    came_by[0] = -1
    depth = 1
    begin = rows
    while depth:
        here = at[depth - 1]
        if used[here] < starts[here + 1]:
            row = leaving[used[here]]
            used[here] += 1
            at[depth] = target[row]
            came_by[depth] = row
            depth += 1
        else:
            depth -= 1
            if came_by[depth] >= 0:
                begin -= 1
                walk[begin] = came_by[depth]
    return walk[begin:]


@kernel
def _mark_loose(start: int, walk: Int64, target: Int64, values: int, loose: Bool, loose_step: Bool) -> None:
    """Mark the rows of the walk that another walk from `start` would place elsewhere.

    Two walks over the same rows differ by swaps of stretches between repeated balances (Pevzner 1995, "DNA physical
    mapping and alternating Eulerian cycles in colored graphs"): between three visits to one balance, or between
    two visits each to two balances in turn. So the loose stretches are spanned by balances visited three times, and by
    pairs of spans that cross. A stack of open spans finds these in O(length).
    """
    length = len(walk)
    first = np.full(values, -1, np.int64)
    last = np.zeros(values, np.int64)
    visits = np.zeros(values, np.int64)
    visited = np.empty(length + 1, np.int64)
    visited[0] = start
    for step in range(length):
        visited[step + 1] = target[walk[step]]
    for step in range(length + 1):
        value = visited[step]
        if visits[value] == 0:
            first[value] = step
        last[value] = step
        visits[value] += 1
    opened = np.zeros(length + 2, np.int64)  # +1 where a loose stretch begins, -1 where it ends
    inside = np.zeros(length + 2, np.int64)  # the same without its two ends
    span_from = np.empty(length + 1, np.int64)
    span_to = np.empty(length + 1, np.int64)
    depth = 0
    for step in range(length + 1):
        value = visited[step]
        if first[value] == step:
            span_from[depth] = step
            span_to[depth] = last[value]
            depth += 1
        if last[value] != step:
            continue
        begin = first[value]
        end = step
        while span_from[depth - 1] > begin:
            depth -= 1
            end = max(end, span_to[depth])
        span_to[depth - 1] = max(span_to[depth - 1], end)
        if end > step or visits[value] >= 3:
            opened[begin] += 1
            opened[end] -= 1
            inside[begin + 1] += 1
            inside[end] -= 1
        if span_to[depth - 1] <= step:
            depth -= 1
    _spread(walk, opened, inside, loose, loose_step)


@kernel
def _spread(walk: Int64, opened: Int64, inside: Int64, loose: Bool, loose_step: Bool) -> None:
    """From where stretches begin and end to the rows and steps that they cover."""
    stretches = 0
    interiors = 0
    for step in range(len(walk)):
        stretches += opened[step]
        interiors += inside[step]
        loose[walk[step]] = stretches > 0
        if step > 0:
            loose_step[walk[step - 1]] = interiors > 0
