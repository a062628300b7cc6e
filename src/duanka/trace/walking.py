"""What walks along the money share: the rows as kernels take them, limits, rows that are due, results in the making."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import NOBODY, Int32, Int64
from duanka.kernels.compile import kernel
from duanka.trace.mending import OPENING, RECORDED, Int8
from duanka.trace.reason import Reason
from duanka.trace.way import Way

UInt8 = NDArray[np.uint8]
UInt64 = NDArray[np.uint64]

ROW, LABEL, OUT, IN, HOP = range(5)
"""A step: row, group of seeds, minor units that left the payer and that reached the payee, least hops from a seed."""

E_LABEL, E_REASON, E_ROW, E_NODE, E_AMOUNT = range(5)
"""An end: group of seeds, reason, row or NOBODY, node or NOBODY, minor units."""

AT, SEED, USED, FREE, STEPS, ENDS = range(6)
"""The state of a walk that may be interrupted: next row and seed, used places, the first free one (+ 1), results."""

NEXT = 4
"""The last of an entry's columns: the entry (+ 1) that comes after it, where it is used and where it is free."""

LINES = 1 << 18
"""Steps, and ends, that a walk writes before it puts them aside."""

UNLIMITED = np.iinfo(np.int64).max


class Rows(NamedTuple):
    """N rows in the order of the walk, and coverage per node."""

    time: Int64
    moment: Int64
    payer: Int32
    payee: Int32
    amount: Int64
    received: Int64
    kind: Int8
    covered_from: Int64
    covered_to: Int64


class Started(NamedTuple):
    """Seeds, ascending by row."""

    row: Int64
    label: Int64
    amount: Int64


class Bounds(NamedTuple):
    """Where a walk stops: before row `horizon`; at `hops`; below `floor`; per label after `oldest`, if it `ages`."""

    horizon: int
    hops: int
    floor: int
    ages: bool
    oldest: Int64


class Due(NamedTuple):
    """Rows to come, a byte each, and the same bytes eight at a time."""

    byte: UInt8
    word: UInt64


class StepPart(NamedTuple):
    """Some steps, a line each row and group, ascending by row, then group."""

    row: Int32
    label: Int32
    out: Int64
    came: Int64 | None  # None: the same
    hop: Int32


class EndPart(NamedTuple):
    """Some ends, in no order; each is of some money."""

    label: Int32
    reason: Int8
    row: Int32
    node: Int32
    amount: Int64


@dataclass(slots=True)
class Found:
    """Tables that a walk writes; `table` holds the entries of what is under way, and grows.

    Full tables of steps and of ends are put aside in narrow columns: a step takes 20 bytes there (28 where it changes
    the amount), an end 21.
    """

    cursor: Int64
    table: Int64
    steps: Int64
    ends: Int64
    groups: int
    steps_aside: list[StepPart] = field(default_factory=list)  # in the order of rows
    ends_aside: list[EndPart] = field(default_factory=list)

    def make_room(self, lines: int) -> None:
        """Room for so many more lines in each table."""
        self.table = roomier(self.table, int(self.cursor[USED]), lines)
        self.put_aside()
        self.steps, self.ends = (
            one if lines <= len(one) else np.empty((2 * lines, one.shape[1]), np.int64)
            for one in (self.steps, self.ends)
        )

    def put_aside(self) -> None:
        """Empty the tables of steps and of ends; nothing is lost."""
        steps, ends = self.steps[: self.cursor[STEPS]], self.ends[: self.cursor[ENDS]]
        if len(steps):
            self.steps_aside.append(_narrow_steps(_merged(steps, self.groups)))
        if len(ends):
            self.ends_aside.append(_narrow_ends(ends))
        self.cursor[STEPS] = self.cursor[ENDS] = 0


def begin(way: Way, seeds: Started, bounds: Bounds) -> tuple[Found, Rows, Due]:
    """A walk that has found nothing yet: empty tables with room for some lines, its rows, and the seeds' rows due."""
    table, steps, ends = (np.empty((lines, 5), np.int64) for lines in (4096, LINES, LINES))
    found = Found(np.zeros(6, np.int64), table, steps, ends, len(bounds.oldest))
    due = no_rows_due(len(way.ledger))
    due.byte[seeds.row[seeds.row < bounds.horizon]] = 1
    return found, rows_of(way), due


def _narrow_steps(steps: Int64) -> StepPart:
    same = np.array_equal(steps[:, OUT], steps[:, IN])
    row, label, hop = (steps[:, column].astype(np.int32) for column in (ROW, LABEL, HOP))
    return StepPart(row, label, steps[:, OUT].copy(), None if same else steps[:, IN].copy(), hop)


def _narrow_ends(ends: Int64) -> EndPart:
    ends = ends[ends[:, E_AMOUNT] > 0]
    label, row, node = (ends[:, column].astype(np.int32) for column in (E_LABEL, E_ROW, E_NODE))
    return EndPart(label, ends[:, E_REASON].astype(np.int8), row, node, ends[:, E_AMOUNT].copy())


def _merged(steps: Int64, groups: int) -> Int64:
    """One line for each row and group: sums, and the least hops. The lines come ascending by row."""
    key = steps[:, ROW] * groups + steps[:, LABEL]
    if np.any(np.diff(key) < 0):
        ranked = np.argsort(key, kind="stable")
        steps, key = steps[ranked], key[ranked]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if len(first) == len(steps):
        return steps
    merged = steps[first]
    for column in (OUT, IN):
        merged[:, column] = np.add.reduceat(steps[:, column], first)
    merged[:, HOP] = np.minimum.reduceat(steps[:, HOP], first)
    return merged


def rows_of(way: Way) -> Rows:
    """The rows of a way as kernels take them."""
    ledger = way.ledger
    return Rows(
        ledger.time,
        way.moment,
        ledger.payer,
        ledger.payee,
        ledger.amount,
        ledger.received,
        way.kind,
        ledger.covered_from,
        ledger.covered_to,
    )


def no_rows_due(rows: int) -> Due:
    """No row is due yet. In order of time without sorting: marking is O(1), finding all reads N bytes."""
    byte = np.zeros((rows // 8 + 1) * 8, np.uint8)
    return Due(byte, byte.view(np.uint64))


def roomier(array: Int64, used: int, needed: int) -> Int64:
    """The same table with at least twice the room, and room for `needed` more lines; only the used part is copied."""
    if used + needed <= len(array) // 2:
        return array
    larger = np.empty((2 * (used + needed) + len(array), array.shape[1]), np.int64)
    larger[:used] = array[:used]
    return larger


@kernel
def next_due(due: Due, at: int, end: int) -> int:
    """The first row from `at` on that is due, or `end`."""
    while at < end:
        if at % 8 == 0 and due.word[at // 8] == 0:
            at += 8
        elif due.byte[at] != 0:
            return at
        else:
            at += 1
    return end


@kernel
def has_room(cursor: Int64, table: Int64, steps: Int64, ends: Int64, needed: int) -> bool:
    """Whether each table has room for so many more lines."""
    return bool(
        cursor[USED] + needed <= len(table)
        and cursor[STEPS] + needed <= len(steps)
        and cursor[ENDS] + needed <= len(ends)
    )


@kernel
def new_entry(table: Int64, cursor: Int64) -> int:
    """A free entry (+ 1)."""
    at = cursor[FREE]
    if at > 0:
        cursor[FREE] = table[at - 1, NEXT]
        return int(at)
    cursor[USED] += 1
    return int(cursor[USED])


@kernel
def let_go(table: Int64, cursor: Int64, at: int) -> None:
    """Free an entry (+ 1)."""
    table[at - 1, NEXT] = cursor[FREE]
    cursor[FREE] = at


@kernel
def arrival(rows: Rows, row: int) -> int:
    """Why money that the row brings is not followed further, or 0."""
    if rows.kind[row] != RECORDED:
        return _OPENING if rows.kind[row] == OPENING else _UNRECORDED
    node = rows.payee[row]
    if node == NOBODY:
        return _OUTSIDE
    if rows.covered_from[node] > rows.covered_to[node]:
        return _UNPRODUCED
    if rows.covered_from[node] <= rows.time[row] <= rows.covered_to[node]:
        return 0
    return _UNCOVERED


_OPENING, _UNRECORDED, _OUTSIDE, _UNPRODUCED, _UNCOVERED = (
    int(reason) for reason in (Reason.OPENING, Reason.UNRECORDED, Reason.OUTSIDE, Reason.UNPRODUCED, Reason.UNCOVERED)
)


@kernel
def put_step(steps: Int64, cursor: Int64, row: int, label: int, out: int, came: int, hop: int) -> None:
    """Write down a step."""
    at = cursor[STEPS]
    steps[at, ROW] = row
    steps[at, LABEL] = label
    steps[at, OUT] = out
    steps[at, IN] = came
    steps[at, HOP] = hop
    cursor[STEPS] += 1


@kernel
def put_end(ends: Int64, cursor: Int64, label: int, reason: int, row: int, node: int, amount: int) -> None:
    """Write down an end."""
    at = cursor[ENDS]
    ends[at, E_LABEL] = label
    ends[at, E_REASON] = reason
    ends[at, E_ROW] = row
    ends[at, E_NODE] = node
    ends[at, E_AMOUNT] = amount
    cursor[ENDS] += 1
