"""Money that comes back: cycles of three to six accounts along which at most 5 % is lost at each hand-over."""

import numpy as np
import pyarrow as pa

from duanka.flow.ledger import NOBODY, Ledger
from duanka.flow.lineage import Lineage
from duanka.store.case import Case

LONGEST = 6
_WHOLE = 0.95


def prepare(case: Case, ledger: Ledger, links: Lineage) -> None:
    """`turns (a, seq, length, amount)`: rows of cycles, for the account that each comes back to, by its first row.

    A link counts where it holds at least 95 % of both rows' money, so a row has at most one next row, and cycles are
    found by going on from all rows at once. O(LONGEST * rows).
    """
    known = links.in_row != NOBODY
    source, target, amount = links.in_row[known], links.out_row[known], links.amount[known]
    whole = (amount >= _WHOLE * ledger.received[source]) & (amount >= _WHOLE * ledger.amount[target])
    after = np.full(len(ledger), NOBODY, np.int64)
    after[source[whole]] = target[whole]
    start = np.flatnonzero(ledger.payer != NOBODY)
    path = [start]
    starts, rows, lengths = [], [], []
    for length in range(1, LONGEST + 1):
        here = path[-1]
        back = (ledger.payee[here] == ledger.payer[path[0]]) & (length > 1)
        if length > 2:
            for step in path:
                starts.append(ledger.payer[path[0][back]])
                rows.append(step[back])
                lengths.append(np.full(int(back.sum()), length))
        going = ~back & (after[here] != NOBODY)
        path = [step[going] for step in path]
        path.append(after[path[-1]])
    row = np.concatenate(rows).astype(np.int64)
    found = pa.table({
        "node": np.concatenate(starts).astype(np.int32), "seq": row,
        "length": np.concatenate(lengths).astype(np.int64), "amount": ledger.amount[row],
    })  # fmt: skip
    with case.db.lend("turned", found):
        case.db.run("signal turns", """
            CREATE OR REPLACE TEMP TABLE turns AS
            SELECT h.a, t.seq, min(t.length) AS length, min(t.amount) AS amount
            FROM turned t JOIN main_nodes h ON t.node = h.node AND h.main GROUP BY h.a, t.seq
        """)  # fmt: skip
