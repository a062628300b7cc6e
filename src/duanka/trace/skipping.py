"""Which payments of a node can take traced money at all: lets walks pass over the others, by the block."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import Int64
from duanka.kernels.compile import kernel
from duanka.trace.shares import LOWEST, PRO_RATA, ROLLING
from duanka.trace.way import Way

Float64 = NDArray[np.float64]

BLOCK = 64
"""Payments a block, blocks a block of blocks."""

ALWAYS = -np.inf
"""A threshold that every payment reaches."""


class Loads(NamedTuple):
    """How heavily each payment bears on its payer; per place of the index, and the greatest of each block."""

    place: Float64
    block: Float64
    blocks: Float64


def loads(way: Way, doctrine: int) -> Loads:
    """The loads of a doctrine. O(N).

    A payment that leaves b of what its node holds takes nothing from traced money of H units in all

    - under the lowest balance unless b < H; its load is -b;
    - under rolling charge unless its share of what the node holds reaches 1 / 2H, since all traced shares together then
      stay below half a unit; its load is that share;
    - under pro rata unless b, as a share of all that the node gathered, is below the share that some group still has of
      what it brought (for a single group: half a unit less than it has); its load is minus that share.
    """
    row = way.index.paid
    amount, before = way.ledger.amount[row], way.before[row]
    left = (before - amount).astype(np.float64)
    if doctrine == ROLLING:
        load = np.divide(amount, before, out=np.zeros(len(row)), where=before > 0)
    elif doctrine == PRO_RATA:
        gathered = way.gathered[row]
        load = -np.divide(left, gathered, out=np.full(len(row), np.inf), where=gathered > 0)
    else:
        load = -left
    load[(amount == 0) | (before == 0)] = -np.inf
    block = _greatest(load)
    return Loads(load, block, _greatest(block))


def _greatest(values: Float64) -> Float64:
    """The greatest of each block."""
    if not len(values):
        return np.zeros(0)
    return np.maximum.reduceat(values, np.arange(0, len(values), BLOCK))


@kernel
def threshold(doctrine: int, table: Int64, head: int) -> float:
    """The least load that may move money of the entries from `head` on (columns KEY, HELD, GATHERED, HOPPED, NEXT)."""
    total, share, count, at = 0, 0.0, 0, head
    while at > 0:
        held, gathered = table[at - 1, 1], table[at - 1, 2]
        total += held
        share = max(share, held / gathered)
        count += 1
        at = table[at - 1, 4]
    if doctrine == LOWEST:
        return -float(total)
    if doctrine == ROLLING:
        return 0.5 / total * (1 - 1e-12)
    if count == 1:
        share = (table[head - 1, 1] - 0.5) / table[head - 1, 2]
    return -share * (1 + 1e-12)


@kernel
def next_place(load: Loads, at: int, end: int, least: float) -> int:
    """The first place from `at` on whose load is `least` or more, or `end`."""
    while at < end:
        if at % BLOCK == 0:
            block = at // BLOCK
            if block % BLOCK == 0 and load.blocks[block // BLOCK] < least:
                at += BLOCK * BLOCK
                continue
            if load.block[block] < least:
                at += BLOCK
                continue
        if load.place[at] >= least:
            return at
        at += 1
    return end
