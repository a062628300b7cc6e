"""What a trace finds: the traced amount on every row, and where every unit of it ended."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import Bool, Int32, Int64
from duanka.trace.doctrine import Doctrine
from duanka.trace.mending import Int8
from duanka.trace.reason import ENDED, LEFT, REMAINDER, Reason


@dataclass(frozen=True, slots=True)
class Steps:
    """k rows that traced money went through, ascending by row, then group; one line for each row and group."""

    row: Int32  # k
    group: Int32  # k
    amount: Int64  # k: traced, of what left the payer, in its minor units
    received: Int64  # k: traced, of what reached the payee, in its minor units; the same array where all of it did
    hop: Int32  # k: least number of rows from a seed, 1 for the next row

    def __len__(self) -> int:
        """Number of lines."""
        return len(self.row)


@dataclass(frozen=True, slots=True)
class Ends:
    """e places where branches end, ascending by group, reason, row and node."""

    group: Int32  # e
    reason: Int8  # e: `trace.reason.Reason`
    row: Int32  # e: the row that the money last came by; NOBODY where it lies mixed at a node
    node: Int32  # e: where it lies, or the other side of the row; NOBODY where that is not named
    amount: Int64  # e, > 0, minor units of what that row brought

    def __len__(self) -> int:
        """Number of lines."""
        return len(self.row)


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace down (or up) under one doctrine.

    For each group: seeded + changed = the sum of its ends, exactly. `changed` is what fees and changes of currency did
    to its amounts, received - amount over its steps: 0 where every row brings what it took.
    """

    doctrine: Doctrine
    up: bool
    seeded: Int64  # g, minor units
    changed: Int64  # g
    steps: Steps
    ends: Ends

    def by_reason(self, group: int | None = None) -> dict[Reason, int]:
        """Minor units that ended for each reason, of one group or of all."""
        chosen = slice(None) if group is None else self.ends.group == group
        total = np.zeros(len(Reason) + 1, np.int64)
        np.add.at(total, self.ends.reason[chosen], self.ends.amount[chosen])
        return {reason: int(total[reason]) for reason in Reason if total[reason]}

    def left(self, nodes: int) -> Int64:
        """What lies at each node at the end of the trace, all groups together; minor units, length `nodes`."""
        return self._at_nodes(nodes, np.isin(self.ends.reason, [*LEFT]))

    def left_apart(self, nodes: int) -> Int64:
        """The same per group, shape (g, nodes). 8 bytes a cell."""
        result = np.zeros((len(self.seeded), nodes), np.int64)
        chosen = np.isin(self.ends.reason, [*LEFT])
        np.add.at(result, (self.ends.group[chosen], self.ends.node[chosen]), self.ends.amount[chosen])
        return result

    def ended(self) -> int:
        """Minor units that went out of sight at a known row."""
        return int(self.ends.amount[np.isin(self.ends.reason, [*ENDED])].sum())

    def remainder(self) -> int:
        """Minor units that the doctrine, or the choice of seeds, does not allocate."""
        return int(self.ends.amount[np.isin(self.ends.reason, [*REMAINDER])].sum())

    def _at_nodes(self, nodes: int, chosen: Bool) -> Int64:
        result = np.zeros(nodes, np.int64)
        np.add.at(result, self.ends.node[chosen], self.ends.amount[chosen])
        return result
