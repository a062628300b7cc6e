"""Where the seeds' money lies at a moment, under several doctrines: the accounts that an order may name."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duanka.flow.clock import covered
from duanka.flow.ledger import NO_BALANCE, NOBODY, Bool, Int64, Ledger
from duanka.flow.reach import forward
from duanka.trace.book import Book
from duanka.trace.doctrine import Doctrine
from duanka.trace.follow import Limits, down
from duanka.trace.reason import LEFT, Reason
from duanka.trace.result import Trace
from duanka.trace.seeds import Seeds

Float = NDArray[np.float64]

DOCTRINES = (Doctrine.FIFO, Doctrine.LIFO, Doctrine.PRO_RATA, Doctrine.ROLLING, Doctrine.LOWEST_BALANCE)
"""Each is a reading of where the money lies, and all count alike. Direct tracing says too little to plan by."""

_UNSEEN = (Reason.UNPRODUCED, Reason.UNCOVERED, Reason.RECORDS_END)
_THERE = (*LEFT, Reason.UNPRODUCED, Reason.UNCOVERED)


@dataclass(frozen=True, slots=True)
class Lying:
    """k nodes that traced money came to, under some of d doctrines, and p parcels of it that lie at them.

    Nodes are those whose payments the seeds' money visibly reached: no order can name another one, for there is no
    payment that it could state. A parcel's `place` is a number of this list, not a node.
    """

    at: int  # µs
    node: Int64  # k, ascending
    hop: Int64  # k: least number of payments from a seed's payer, 1 for the seed's payee
    left: Int64  # (d, k), minor units
    came: Int64  # (d, k): traced money that came, once for each time
    receipt: Int64  # k: the row of the ledger by which most of it came, under whichever doctrine; of equals the first
    place: Int64  # p
    arrived: Int64  # p, µs: mixed money counts as arrived when the last of it did
    amount: Float  # p, minor units, as the mean over the doctrines: a parcel of one of d doctrines counts 1 / d
    seen: Bool  # p: the node's ledger shows that it has not left yet

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.node)

    @property
    def least(self) -> Int64:
        """Per node, what lies there under every doctrine."""
        found: Int64 = self.left.min(axis=0)
        return found

    @property
    def most(self) -> Int64:
        """Per node, what lies there under the doctrine that leaves most."""
        found: Int64 = self.left.max(axis=0)
        return found


def touching(ledger: Ledger, rows: Int64) -> Int64:
    """The rows that tracing the money of `rows` needs, ascending: all rows of every node that it can ever come to.

    And the first of all, at whose time opening balances are booked (`trace.mending`).

    What a trace does at a node follows from that node's own rows. So `lying`, what it holds and how it hands money on
    are the same in `ledger.take` of these rows, but for the numbers of rows. O(rows + nodes).
    """
    reached = ledger.payee[forward(ledger, rows, len(ledger)).row]
    touched = np.zeros(ledger.nodes + 1, np.bool_)  # the last is nobody
    touched[reached] = True
    touched[NOBODY] = False
    needed = touched[ledger.payer] | touched[ledger.payee]
    needed[rows] = True
    needed[:1] = True
    return np.flatnonzero(needed)


def lying(book: Book, seeds: Seeds, at: int, doctrines: tuple[Doctrine, ...] = DOCTRINES) -> Lying:
    """Trace the seeds to the moment `at` (µs, closed). Rows after it are not read. The sum of the traces' costs."""
    traces = [down(book, seeds, doctrine, Limits(at=at)) for doctrine in doctrines]
    ledger, moment = book.down.ledger, book.down.moment
    payee, when = ledger.payee[book.place], moment[book.place]
    came = np.stack([_came(trace, seeds, payee, ledger.nodes) for trace in traces])
    node = np.flatnonzero(came.any(axis=0))
    local = np.full(ledger.nodes, NOBODY, np.int64)
    local[node] = np.arange(len(node))
    hop = np.full(ledger.nodes, np.iinfo(np.int64).max)
    for trace in traces:
        known = payee[trace.steps.row] != NOBODY
        np.minimum.at(hop, payee[trace.steps.row][known], trace.steps.hop[known] + 1)
    hop[payee[seeds.row][payee[seeds.row] != NOBODY]] = 1
    parts = [_parcels(trace, seeds, payee, when, local, len(traces)) for trace in traces]
    place, arrived, amount, seen = (np.concatenate([part[i] for part in parts]) for i in range(4))
    left = np.zeros((len(traces), len(node)), np.int64)
    for row, (at_place, _, money, _) in zip(left, parts, strict=True):
        np.add.at(row, at_place, np.rint(money * len(traces)).astype(np.int64))
    receipt = _receipts(traces, seeds, payee, local, len(node))
    return Lying(at, node, hop[node], left, came[:, node], receipt, place, arrived, amount, seen)


def _receipts(traces: list[Trace], seeds: Seeds, payee: NDArray[np.int32], local: Int64, places: int) -> Int64:
    """Per place the row that brought most traced money under one doctrine."""
    row = np.concatenate([seeds.row, *(trace.steps.row for trace in traces)])
    money = np.concatenate([seeds.amount, *(trace.steps.received for trace in traces)])
    at = np.append(local, NOBODY)[payee[row]]
    order = np.lexsort((row, -money, at))
    order = order[at[order] != NOBODY]
    first = np.searchsorted(at[order], np.arange(places))
    found: Int64 = row[order[first]]
    return found


def _came(trace: Trace, seeds: Seeds, payee: NDArray[np.int32], nodes: int) -> Int64:
    """Traced money that came to each node. What a seed repeats of another's money counts once."""
    total = np.zeros(nodes + 1, np.int64)  # the last is nobody
    np.add.at(total, payee[seeds.row], seeds.amount)
    again = trace.ends.reason == Reason.OVERLAP
    np.subtract.at(total, trace.ends.node[again], trace.ends.amount[again])
    np.add.at(total, payee[trace.steps.row], trace.steps.received)
    return np.maximum(total[:nodes], 0)


def _parcels(
    trace: Trace, seeds: Seeds, payee: NDArray[np.int32], when: Int64, local: Int64, doctrines: int
) -> tuple[Int64, Int64, Float, Bool]:
    """Place, arrival, amount and whether it is seen, of the parcels of one trace."""
    last = np.full(len(local) + 1, np.iinfo(np.int64).min)
    for rows in (seeds.row, trace.steps.row):
        np.maximum.at(last, payee[rows], when[rows])
    ends = trace.ends
    there = np.isin(ends.reason, _THERE) & (ends.node != NOBODY)
    place = local[ends.node[there]]
    row = ends.row[there]
    arrived = np.where(row != NOBODY, when[np.maximum(row, 0)], last[ends.node[there]])
    there_at = place != NOBODY
    seen = ~np.isin(ends.reason[there], _UNSEEN)
    return (
        place[there_at],
        arrived[there_at],
        ends.amount[there][there_at] / doctrines,
        seen[there_at],
    )


def balance(book: Book, at: int) -> Int64:
    """What each node holds after the rows up to `at` (µs, closed); NO_BALANCE where its ledger does not cover that."""
    ledger = book.down.ledger
    rows = slice(0, int(np.searchsorted(book.down.moment, at, side="right")))
    total = np.zeros(ledger.nodes + 1, np.int64)
    for end, money, sign in ((ledger.payee, ledger.received, 1), (ledger.payer, ledger.amount, -1)):
        counts = covered(ledger, end)[rows]
        np.add.at(total, end[rows][counts], sign * money[rows][counts])
    seen = (ledger.covered_from <= at) & (at <= ledger.covered_to)
    found: Int64 = np.where(seen, total[: ledger.nodes], NO_BALANCE)
    return found
