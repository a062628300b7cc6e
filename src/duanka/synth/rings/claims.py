"""Claims paid in turn out of sums that lie ready: how a ring hands money back, or pays one list out of another."""

import numpy as np

from duanka.synth.chance import Ints
from duanka.synth.rings.sums import Pace
from duanka.synth.rings.tiers import Works
from duanka.synth.rings.turns import NEVER, Money, split
from duanka.synth.words import W


def overlay(paid: Ints, owed: Ints) -> tuple[Ints, Ints, Ints]:
    """Pay claims in turn out of sums in turn: for each piece, the row of the sum, the row of the claim, the amount.

    Both lists are in their order of time; sums beyond the last claim stay unpaid. O(n log n).
    """
    ends_paid, ends_owed = np.cumsum(paid), np.cumsum(owed)
    reach = min(int(ends_paid[-1]), int(ends_owed[-1])) if len(paid) and len(owed) else 0
    cuts = np.unique(np.concatenate([ends_paid, ends_owed]))
    cuts = cuts[(cuts > 0) & (cuts <= reach)]
    return (
        np.searchsorted(ends_paid, cuts),
        np.searchsorted(ends_owed, cuts),
        np.diff(cuts, prepend=np.int64(0)),
    )


def answer(works: Works, ready: Money, stop: Ints, owed: Money, pace: Pace, part: str) -> tuple[Money, Ints]:
    """Pay what is `owed` to its nodes, in turn, out of what lies `ready` on cards until their `stop`.

    Returns what was meant for claims on nobody (node -1), which still lies there, and its cards' stops.
    """
    chance = works.scene.chance
    order = np.argsort(ready.time, kind="stable")
    ready, stop = ready.take(order), stop[order]
    row, claim, amount = overlay(ready.amount, owed.amount)
    lies = ready.take(row)
    lies = Money(lies.time, lies.node, amount, lies.danger, lies.cell)
    to = owed.node[claim]
    rows = np.flatnonzero(to >= 0)
    since = np.maximum(lies.time, owed.time[claim])[rows]
    due = Money(since, rows, amount[rows], np.full(len(rows), NEVER), lies.cell[rows])
    paid = split(chance, due, pace, empties=1.0)
    free = paid.time < stop[row[paid.node]]
    paid = paid.take(free)
    works.book.add(paid.time, lies.node[paid.node], to[paid.node], paid.amount, W["transfer"], part)
    return lies.take(to < 0), stop[row[to < 0]]
