"""What time kernels measure by, and whose ledger was produced then."""

import numpy as np

from duanka.flow.ledger import NOBODY, Bool, Int32, Int64, Ledger


def clock(ledger: Ledger, moment: Int64 | None) -> Int64:
    """The time that kernels measure by: `moment` (as `flow.order` gives it, in order), else `ledger.time`; µs per row.

    Raises ValueError if it does not have one time per row, or goes back: windows would mean nothing. O(n).
    """
    time = ledger.time if moment is None else moment
    if len(time) != len(ledger):
        raise ValueError(f"There are {len(time)} moments for {len(ledger)} rows; give one per row.")
    back = np.flatnonzero(time[1:] < time[:-1])
    if len(back):
        raise ValueError(
            f"Row {back[0] + 1} is earlier than row {back[0]}. Put the ledger in order with flow.order, take its rows, "
            "and pass its moments of those rows as `moment`."
        )
    return time


def covered(ledger: Ledger, node: Int32) -> Bool:
    """Whether row i begins within the coverage of `node[i]` (its payer or payee), both ends included; NOBODY has none.

    By `ledger.time`, the start of the row's interval, as coverage is stated. O(n).
    """
    result = np.zeros(len(node), np.bool_)
    there = node != NOBODY
    at, time = node[there], ledger.time[there]
    result[there] = (ledger.covered_from[at] <= time) & (time <= ledger.covered_to[at])
    return result
