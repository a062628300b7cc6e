"""What walks along the money share: the rows as kernels take them, limits, rows that are due, results in the making."""

from dataclasses import dataclass
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

STEP = 5

E_LABEL, E_REASON, E_ROW, E_NODE, E_AMOUNT = range(5)
"""An end: group of seeds, reason, row or NOBODY, node or NOBODY, minor units."""

AT, SEED, USED, FREE, STEPS, ENDS = range(6)
"""The state of a walk that may be interrupted: next row and seed, used places, the first free one (+ 1), results."""

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


@dataclass(slots=True)
class Found:
    """Tables that grow while a walk goes on."""

    cursor: Int64
    steps: Int64
    ends: Int64


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


def nothing_found() -> Found:
    """Empty tables with room for a few thousand lines."""
    return Found(np.zeros(6, np.int64), np.empty((4096, STEP), np.int64), np.empty((4096, 5), np.int64))


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
