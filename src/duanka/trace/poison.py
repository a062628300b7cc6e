"""Poison: every row that traced money could have touched, tainted whole. To look at, never a basis of a measure."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import Int32, Int64
from duanka.flow.reach import forward
from duanka.trace.book import Book
from duanka.trace.follow import NO_LIMITS, Limits
from duanka.trace.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Touched:
    """k rows, ascending, seeds included. Amounts are whole rows, counted at every row: they don't add up."""

    row: Int64  # k
    hop: Int32  # k: 0 for seeds
    amount: Int64  # k, minor units: all that reached the payee

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.row)


def touched(book: Book, seeds: Seeds, limits: Limits = NO_LIMITS) -> Touched:
    """Rows that the seeds' money could have gone on through, however little of it, within each node's coverage.

    The outer bound of every doctrine: no other touches a row that poison does not. It over-blocks by far, which is why
    it has no ends, no sums, and no place in `trace.compare`. `limits.age` and `limits.floor` play no part.
    O(N + nodes); see `flow.reach.forward`.
    """
    way = book.down
    hops = limits.hops if limits.hops is not None else int(np.iinfo(np.int32).max) - 1
    found = forward(
        way.ledger,
        book.place[seeds.row[seeds.amount > 0]],
        hops,
        index=way.index,
        until=limits.at,
        covered_only=True,
        moment=way.moment,
    )
    real = (way.kind[found.row] == 0) & ((way.ledger.amount[found.row] > 0) | (found.hop == 0))
    row = found.row[real]
    return Touched(way.source[row], found.hop[real], way.ledger.received[row])
