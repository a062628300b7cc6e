"""The same seeds under every doctrine, side by side: what holds under all, and how far they differ."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import Int64
from duanka.trace.book import Book
from duanka.trace.doctrine import ALLOCATING, Doctrine
from duanka.trace.follow import NO_LIMITS, Limits, down
from duanka.trace.reason import Reason
from duanka.trace.result import Trace
from duanka.trace.seeds import Seeds


@dataclass(frozen=True, slots=True)
class Comparison:
    """d doctrines over a nodes: every node at which some doctrine leaves money, the widest spread first.

    Amounts are minor units of each node's currency. Direct tracing allocates what it can show and no more, so it is
    often the least; what it does not allocate is its remainder, not somebody else's money.
    """

    traces: tuple[Trace, ...]  # d, in the order asked for
    node: Int64  # a
    left: Int64  # (d, a): left at the node, all groups together

    @property
    def doctrines(self) -> tuple[Doctrine, ...]:
        """What was compared."""
        return tuple(trace.doctrine for trace in self.traces)

    @property
    def least(self) -> Int64:
        """Per node, the amount that holds under every doctrine compared: firm."""
        least: Int64 = self.left.min(axis=0)
        return least

    @property
    def most(self) -> Int64:
        """Per node, the amount that some doctrine leaves there, and none exceeds."""
        most: Int64 = self.left.max(axis=0)
        return most

    @property
    def spread(self) -> Int64:
        """Per node, by how much the doctrines differ: 0 where the choice between them does not matter."""
        return self.most - self.least

    @property
    def firm(self) -> int:
        """Minor units that lie at the same nodes under every doctrine. Meaningful within one currency."""
        return int(self.least.sum())

    def by_reason(self) -> dict[Doctrine, dict[Reason, int]]:
        """Per doctrine, the minor units that ended for each reason."""
        return {trace.doctrine: trace.by_reason() for trace in self.traces}

    def sensitivity(self, node: int) -> tuple[Doctrine, int, Doctrine, int]:
        """One line for one node: which doctrine leaves least there and how much, which most and how much.

        Of equals the first asked for. Raises ValueError where no doctrine leaves anything at the node.
        """
        at = np.flatnonzero(self.node == node)
        if not len(at):
            raise ValueError(f"No doctrine leaves money at node {node}.")
        amounts = self.left[:, at[0]]
        low, high = int(amounts.argmin()), int(amounts.argmax())
        return self.doctrines[low], int(amounts[low]), self.doctrines[high], int(amounts[high])


def compare(
    book: Book, seeds: Seeds, limits: Limits = NO_LIMITS, *, doctrines: tuple[Doctrine, ...] = ALLOCATING
) -> Comparison:
    """Trace the same seeds down under each doctrine. Raises DoctrineError if poison is among them.

    The sum of the costs of the traces; 8 bytes a node and doctrine.
    """
    traces = tuple(down(book, seeds, doctrine, limits) for doctrine in doctrines)
    nodes = book.down.ledger.nodes
    left = np.stack([trace.left(nodes) for trace in traces]) if traces else np.zeros((0, nodes), np.int64)
    node = np.flatnonzero(left.any(axis=0))
    chosen = left[:, node]
    if traces:
        ranked = np.lexsort((node, -(chosen.max(axis=0) - chosen.min(axis=0))))
        node, chosen = node[ranked], chosen[:, ranked]
    return Comparison(traces, node, chosen)
