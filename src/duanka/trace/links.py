"""Links of a lineage as a walk along them needs them: which part of one row's money is which part of another row's."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.index import by_node
from duanka.flow.ledger import Int64
from duanka.kernels.compile import kernel


@dataclass(frozen=True, slots=True)
class Links:
    """m links over N rows; those from row r stand at `start[r]` … `start[r + 1]`, ascending by their place in it.

    The money of a row is a line of units in the order in which it was spent. Link i says that the units from `here[i]`
    of its row, `amount[i]` many, are those from `there[i]` of row `other[i]`.
    """

    start: Int64  # N + 1
    other: Int64  # m
    here: Int64  # m
    there: Int64  # m
    amount: Int64  # m
    loose: Int64  # N: the first row from which on it is unknown what became of units that have no link; N if never


def links_of(in_row: Int64, out_row: Int64, amount: Int64, rows: int, loose: Int64, *, down: bool) -> Links:
    """Links down, from receipts to the payments that spent them, or up, on the mirrored ledger (row r is N - 1 - r).

    They come ascending by `out_row` and, within one, in the order of spending. Units of a receipt are counted in the
    order of the payments that spent them. Going up, units without a link are always in doubt. O(m + N).
    """
    in_place, out_place = np.empty(len(in_row), np.int64), np.empty(len(in_row), np.int64)
    _places(in_row, out_row, amount, np.zeros(rows, np.int64), in_place, out_place)
    if down:
        start, order = by_node(in_row.astype(np.int32), rows)
        return Links(start, out_row[order], in_place[order], out_place[order], amount[order], loose)
    start, order = by_node((rows - 1 - out_row).astype(np.int32), rows)
    doubt = np.zeros(rows, np.int64)
    return Links(start, rows - 1 - in_row[order], out_place[order], in_place[order], amount[order], doubt)


@kernel
def _places(in_row: Int64, out_row: Int64, amount: Int64, spent: Int64, in_place: Int64, out_place: Int64) -> None:
    """Write where each link begins within its two rows; `spent` is scratch, per row."""
    paid, at = 0, np.int64(-1)
    for link in range(len(in_row)):
        if out_row[link] != at:
            at = out_row[link]
            paid = 0
        in_place[link] = spent[in_row[link]]
        out_place[link] = paid
        spent[in_row[link]] += amount[link]
        paid += amount[link]
