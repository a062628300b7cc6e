"""Sort the rows of one moment by what must come before what, and untie the knots where claims contradict.

Items 0 … rows-1 are rows, ranked; items from `rows` on are gates: what points to a gate comes before what it points to.
Claims come in three strengths, and where they run in a circle the weakest give way first.
"""

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import Bool, Int64
from duanka.kernels.compile import inlined, kernel

CHAIN = 0
"""A claim from printed balances that have one reading."""
LOOSE = 1
"""A claim from the reading chosen among several."""
CUSTOM = 2
"""Receipts before payments: nothing but custom. The only strength of claims to and from gates."""


@kernel
def push(heap: Int64, size: int, item: int) -> int:
    """Add `item` to the binary min-heap `heap[:size]`; return the new size."""
    at = size
    while at > 0 and heap[(at - 1) // 2] > item:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = item
    return size + 1


@kernel
def pop(heap: Int64, size: int) -> int:
    """Take the least item off the binary min-heap `heap[:size]`, which then has one item less, and return it."""
    least = heap[0]
    item = heap[size - 1]
    size -= 1
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= item:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = item
    return int(least)


Groups = NDArray[np.int64]
"""Per group of rows: its first row, the row after its last, its first claim, the claim after its last, its gates."""


@kernel
def sort_groups(groups: Groups, source: Int64, target: Int64, strength: Int64, rows: Int64, broken: Bool) -> None:
    """Reorder `rows`, which count up, in each group by its claims; mark both rows of a chain's claim that gave way.

    Claims name rows by their rank in their group. See `sort_rows`.
    """
    for number in range(len(groups)):
        start = groups[number, 0]
        size = groups[number, 1] - start
        low = groups[number, 2]
        high = groups[number, 3]
        items = size + groups[number, 4]
        sequence, kept = sort_rows(size, items, source[low:high], target[low:high], strength[low:high])
        for place in range(size):
            rows[start + place] = start + sequence[place]
        if not kept:
            _mark_broken(start, sequence, source[low:high], target[low:high], strength[low:high], broken)


@kernel
def _mark_broken(start: int, sequence: Int64, source: Int64, target: Int64, strength: Int64, broken: Bool) -> None:
    """Mark the rows of claims from chains that the sequence does not keep."""
    place_of = np.empty(len(sequence), np.int64)
    for place in range(len(sequence)):
        place_of[sequence[place]] = place
    for claim in range(len(source)):
        if strength[claim] != CUSTOM and place_of[source[claim]] > place_of[target[claim]]:
            broken[start + source[claim]] = True
            broken[start + target[claim]] = True


@inlined
def sort_rows(rows: int, items: int, source: Int64, target: Int64, strength: Int64) -> tuple[Int64, bool]:
    """The rows in the order of the claims `source[i]` before `target[i]`, least rank first where these leave a choice.

    Returns the sequence and whether all claims were kept. O((items + claims) log rows).
    """
    starts, onward, force = _by_source(items, source, target, strength)
    result, found = _sort_plain(rows, items, starts, onward)
    if found == rows:
        return result, True
    return _sort_knotted(rows, items, starts, onward, force), False


@kernel
def _by_source(items: int, source: Int64, target: Int64, strength: Int64) -> tuple[Int64, Int64, Int64]:
    """Claims of each item: `onward[starts[i]:starts[i + 1]]`, with their strengths beside them."""
    starts = np.zeros(items + 1, np.int64)
    for claim in range(len(source)):
        starts[source[claim] + 1] += 1
    for item in range(items):
        starts[item + 1] += starts[item]
    fill = starts[:-1].copy()
    onward = np.empty(len(source), np.int64)
    force = np.empty(len(source), np.int64)
    for claim in range(len(source)):
        at = fill[source[claim]]
        fill[source[claim]] += 1
        onward[at] = target[claim]
        force[at] = strength[claim]
    return starts, onward, force


@kernel
def _sort_plain(rows: int, items: int, starts: Int64, onward: Int64) -> tuple[Int64, int]:
    """Kahn's sort; the second value falls short of `rows` if there is a circle."""
    waiting = np.zeros(items, np.int64)
    for claim in range(len(onward)):
        waiting[onward[claim]] += 1
    heap = np.empty(rows, np.int64)
    size = 0
    for row in range(rows):
        if waiting[row] == 0:
            heap[size] = row  # ascending already, hence a heap
            size += 1
    result = np.empty(rows, np.int64)
    found = 0
    while size:
        row = pop(heap, size)
        size -= 1
        result[found] = row
        found += 1
        for claim in range(starts[row], starts[row + 1]):
            item = onward[claim]
            waiting[item] -= 1
            if waiting[item]:
                continue
            if item < rows:
                size = push(heap, size, item)
                continue
            for passed in range(starts[item], starts[item + 1]):
                waiting[onward[passed]] -= 1
                if waiting[onward[passed]] == 0:
                    size = push(heap, size, onward[passed])
    return result, found


@kernel
def _sort_knotted(rows: int, items: int, starts: Int64, onward: Int64, force: Int64) -> Int64:
    """Kahn's sort over knots (items on common circles), each of which is untied when its turn comes."""
    knot, knots = _knots(items, starts, onward)
    first = np.zeros(knots + 1, np.int64)
    for item in range(items):
        first[knot[item] + 1] += 1
    for number in range(knots):
        first[number + 1] += first[number]
    fill = first[:-1].copy()
    members = np.empty(items, np.int64)
    for item in range(items):
        members[fill[knot[item]]] = item
        fill[knot[item]] += 1
    outside, inside = _count_waiting(items, knots, knot, starts, onward, force)

    # The least member of a knot is its rank.
    heap = np.empty(knots, np.int64)
    size = 0
    for number in range(knots):
        if outside[number] == 0:
            size = push(heap, size, members[first[number]])
    result = np.empty(rows, np.int64)
    done = np.zeros(items, np.bool_)
    found = 0
    while size:
        number = knot[pop(heap, size)]
        size -= 1
        crowd = members[first[number] : first[number + 1]]
        if len(crowd) > 1:
            found = _untie(rows, crowd, number, knot, starts, onward, force, inside, done, result, found)
        elif crowd[0] < rows:
            result[found] = crowd[0]
            found += 1
        size = _release(rows, number, crowd, knot, starts, onward, outside, members, first, heap, size)
    return result


@kernel
def _release(
    rows: int,
    number: int,
    crowd: Int64,
    knot: Int64,
    starts: Int64,
    onward: Int64,
    outside: Int64,
    members: Int64,
    first: Int64,
    heap: Int64,
    size: int,
) -> int:
    """Let go the knots that waited for knot `number` alone, through single gates at once; return the heap's size."""
    for member in crowd:
        for claim in range(starts[member], starts[member + 1]):
            other = knot[onward[claim]]
            if other == number:
                continue
            outside[other] -= 1
            if outside[other]:
                continue
            least = members[first[other]]
            if least < rows:
                size = push(heap, size, least)
                continue
            for passed in range(starts[least], starts[least + 1]):
                beyond = knot[onward[passed]]
                outside[beyond] -= 1
                if outside[beyond] == 0:
                    size = push(heap, size, members[first[beyond]])
    return size


@kernel
def _count_waiting(
    items: int, knots: int, knot: Int64, starts: Int64, onward: Int64, force: Int64
) -> tuple[Int64, Int64]:
    """Claims on each knot from outside it, and per strength on each item from inside its own knot."""
    outside = np.zeros(knots, np.int64)
    inside = np.zeros((3, items), np.int64)
    for item in range(items):
        for claim in range(starts[item], starts[item + 1]):
            other = onward[claim]
            if knot[other] == knot[item]:
                inside[force[claim], other] += 1
            else:
                outside[knot[other]] += 1
    return outside, inside


@kernel
def _untie(  # noqa: C901, PLR0912 - one loop over four degrees of readiness
    rows: int,
    crowd: Int64,
    number: int,
    knot: Int64,
    starts: Int64,
    onward: Int64,
    force: Int64,
    inside: Int64,
    done: Bool,
    result: Int64,
    found: int,
) -> int:
    """Sort one knot: when no row is free, let the least go that only CUSTOM holds, else only LOOSE, else the least.

    Returns the new length of `result`. Each claim pushes a row at most once per heap: O(c log c) for c claims.
    """
    room = len(crowd)
    for member in crowd:
        room += starts[member + 1] - starts[member]
    heaps = np.empty((3, room), np.int64)  # free; held by custom alone; held by custom and loose claims
    sizes = np.zeros(3, np.int64)
    for member in crowd:
        if member < rows:
            _offer(member, inside, heaps, sizes)
    rest = 0
    while True:
        level = 0
        row = -1
        while level < 3 and row < 0:
            if sizes[level] == 0:
                level += 1
                continue
            row = pop(heaps[level], sizes[level])
            sizes[level] -= 1
            if done[row]:
                row = -1
        while row < 0 and rest < len(crowd):
            if crowd[rest] < rows and not done[crowd[rest]]:
                row = crowd[rest]
            rest += 1
        if row < 0:
            return found
        done[row] = True
        result[found] = row
        found += 1
        for claim in range(starts[row], starts[row + 1]):
            item = onward[claim]
            if knot[item] != number:
                continue
            inside[force[claim], item] -= 1
            if item < rows:
                _offer(item, inside, heaps, sizes)
            elif inside[CUSTOM, item] == 0:
                for passed in range(starts[item], starts[item + 1]):
                    if knot[onward[passed]] == number:
                        inside[CUSTOM, onward[passed]] -= 1
                        _offer(onward[passed], inside, heaps, sizes)


@kernel
def _offer(row: int, inside: Int64, heaps: Int64, sizes: Int64) -> None:
    """Put the row in the heap of what still holds it; rows offered again or done are skipped when they come up."""
    if inside[CHAIN, row] > 0:
        return
    level = 2 if inside[LOOSE, row] > 0 else 1 if inside[CUSTOM, row] > 0 else 0
    sizes[level] = push(heaps[level], sizes[level], row)


@kernel
def _knots(items: int, starts: Int64, onward: Int64) -> tuple[Int64, int]:  # noqa: C901 - one loop instead of recursion
    """The strongly connected component of each item, and their number (Tarjan 1972, without recursion)."""
    seen = np.full(items, -1, np.int64)
    low = np.zeros(items, np.int64)
    knot = np.full(items, -1, np.int64)
    at = starts[:-1].copy()
    route = np.empty(items, np.int64)
    stack = np.empty(items, np.int64)
    stacked = 0
    clock = 0
    knots = 0
    for root in range(items):
        if seen[root] >= 0:
            continue
        depth = 1
        route[0] = root
        while depth:
            item = route[depth - 1]
            if seen[item] < 0:
                seen[item] = clock
                low[item] = clock
                clock += 1
                stack[stacked] = item
                stacked += 1
            if at[item] < starts[item + 1]:
                other = onward[at[item]]
                at[item] += 1
                if seen[other] < 0:
                    route[depth] = other
                    depth += 1
                elif knot[other] < 0:
                    low[item] = min(low[item], seen[other])
                continue
            depth -= 1
            if depth:
                low[route[depth - 1]] = min(low[route[depth - 1]], low[item])
            if low[item] == seen[item]:
                while knot[item] < 0:
                    stacked -= 1
                    knot[stack[stacked]] = knots
                knots += 1
    return knot, knots
