"""Where a trace begins: rows whose money is followed, how much of each, and which belong together."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import Int64, Ledger


@dataclass(frozen=True, slots=True)
class Seeds:
    """s seeds in g groups. A group is one claim, a victim for instance; amounts of different groups are kept apart."""

    row: Int64  # s: row of the ledger
    amount: Int64  # s, minor units: of what the row's payee received (going up: of what its payer paid)
    group: Int64  # s: 0 … g-1; where something must come first, lower groups do
    groups: int  # g

    def __len__(self) -> int:
        """Number of seeds."""
        return len(self.row)


def seeds(
    ledger: Ledger, rows: Int64, amounts: Int64 | None = None, *, group: Int64 | None = None, up: bool = False
) -> Seeds:
    """Seeds at `rows` of a ledger, in any order; without `amounts` all that the row brought (going up: took).

    One group, unless `group` numbers them; `np.arange(len(rows))` keeps each apart. A row may have several seeds.
    Raises ValueError if a seed is no row, or its amount is negative or more than the row's. O(s).
    """
    row = np.asarray(rows, np.int64)
    if len(row) and not (row.min() >= 0 and row.max() < len(ledger)):
        raise ValueError(f"Seeds are rows 0 to {len(ledger) - 1}; they run from {row.min()} to {row.max()}.")
    most = (ledger.amount if up else ledger.received)[row]
    amount = most.copy() if amounts is None else np.asarray(amounts, np.int64)
    of = np.zeros(len(row), np.int64) if group is None else np.asarray(group, np.int64)
    if not len(row) == len(amount) == len(of):
        raise ValueError(
            f"There are {len(row)} rows, {len(amount)} amounts and {len(of)} groups; give as many of each."
        )
    wrong = np.flatnonzero((amount < 0) | (amount > most))
    if len(wrong):
        at = wrong[0]
        raise ValueError(f"Seed {at} asks for {amount[at]} of row {row[at]}, which has {most[at]}; give 0 to that.")
    if len(of) and of.min() < 0:
        raise ValueError(f"Groups are numbered from 0; there is a group {of.min()}.")
    return Seeds(row, amount, of, int(of.max()) + 1 if len(of) else 1)
