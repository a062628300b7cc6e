"""Lineage: which received money each payment spent, exact to the cent, in one walk over the ledger."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from duanka.flow.ledger import NOBODY, Int32, Int64, Ledger
from duanka.kernels.compile import kernel


class Doctrine(StrEnum):
    """Which of an account's money a payment spends first. A convention, not a fact: compare them."""

    FIFO = "fifo"  # the oldest: what courts call Clayton's rule (Devaynes v Noble, 1816)
    LIFO = "lifo"  # the newest: shows a relay on an account that has a life of its own


@dataclass(frozen=True, slots=True)
class Lineage:
    """Links from the row that brought money to the row that spent it, ascending by `out_row`; m links over n rows.

    `in_row` is NOBODY where the money came from no covered row: from the opening balance, from a ledger that was not
    produced, or from nowhere that the records show. There is at most one link for each pair (in_row, out_row).
    """

    in_row: Int64  # m
    out_row: Int64  # m
    amount: Int64  # m, > 0, minor units of the payer of `out_row`, who is the payee of `in_row`
    remaining: Int64  # n: of what the row brought, the part that its payee had not spent at the end
    opening_left: Int64  # per node: of its opening balance, the part not spent at the end

    def __len__(self) -> int:
        """Number of links."""
        return len(self.in_row)


def lineage(ledger: Ledger, *, doctrine: Doctrine = Doctrine.FIFO, opening: Int64 | None = None) -> Lineage:
    """Walk the payments of an ordered ledger once, and tell which receipts each of them spent.

    Each node is a queue (FIFO) or a stack (LIFO) of received money, on top of `opening` (minor units per node, as from
    `flow.balances.opening`; negative counts as 0), which is the oldest money. A row from a node to itself first spends,
    then is received. What a payment spends beyond what its node has comes from NOBODY. A node takes part at the moments
    that its coverage includes (`ledger.time`, both ends): otherwise its payments come from NOBODY, as do those of an
    unknown payer, its receipts are not kept (`remaining` is 0), and a node never covered has no opening.

    For each row, the links into it (`out_row`) sum to `amount`. For each row that a covered node received, the links
    out of it (`in_row`) and `remaining` sum to `received`. Each link has in_row < out_row. Links number at most
    receipts + payments + openings. O(rows + nodes) in time and memory, whatever the shape of the graph.
    """
    produced = ledger.covered_from <= ledger.covered_to
    left = np.zeros(ledger.nodes, np.int64) if opening is None else np.where(produced, np.maximum(opening, 0), 0)
    # Large arrays are made here: numpy asks for huge pages, numba does not, and page faults would cost half the time.
    queue = np.empty((len(ledger), 2), np.int64)
    links = np.empty((3, 2 * len(ledger) + ledger.nodes), np.int64)
    count = _walk(
        ledger.time,
        ledger.payer,
        ledger.payee,
        ledger.amount,
        ledger.received,
        ledger.covered_from,
        ledger.covered_to,
        left,
        doctrine is Doctrine.LIFO,
        queue,
        links[0],
        links[1],
        links[2],
    )
    in_row, out_row, amount = (column[:count].copy() for column in links)
    remaining = queue[:, REST].copy()
    return Lineage(in_row=in_row, out_row=out_row, amount=amount, remaining=remaining, opening_left=left)


FROM, TO, FIRST, LAST, LEFT = range(5)  # a node's state: coverage, the ends of its queue, its opening balance
REST, NEXT = range(2)  # a receipt in a queue: what is left of it, and the receipt after it


@kernel
def _walk(  # noqa: C901, PLR0912, PLR0915 - one loop; its steps share a dozen arrays
    time: Int64,
    payer: Int32,
    payee: Int32,
    amount: Int64,
    received: Int64,
    covered_from: Int64,
    covered_to: Int64,
    left: Int64,
    newest_first: bool,  # noqa: FBT001 - kernels take no keywords
    queue: Int64,
    in_row: Int64,
    out_row: Int64,
    part: Int64,
) -> int:
    """Write the links and, into `queue`, what remains per row; bring `left` down to what is not spent.

    The queues are linked lists through the rows. State is packed, one cache line a node and a row, since a large graph
    costs little else than cache misses. Returns the number of links.
    """
    state = np.empty((len(left), 5), np.int64)
    for node in range(len(left)):
        state[node, FROM] = covered_from[node]
        state[node, TO] = covered_to[node]
        state[node, FIRST] = NOBODY
        state[node, LEFT] = left[node]
    links = 0
    for row in range(len(time)):
        due = amount[row]
        unexplained = due
        node = payer[row]
        if due > 0 and node != NOBODY and state[node, FROM] <= time[row] <= state[node, TO]:
            unexplained = 0
            if not newest_first:
                unexplained = min(due, state[node, LEFT])
                state[node, LEFT] -= unexplained
                due -= unexplained
            source = state[node, FIRST]
            while due > 0 and source != NOBODY:
                rest = queue[source, REST]
                spent = min(due, rest)
                in_row[links] = source
                out_row[links] = row
                part[links] = spent
                links += 1
                due -= spent
                queue[source, REST] = rest - spent
                if rest == spent:
                    source = queue[source, NEXT]
            state[node, FIRST] = source
            if newest_first:
                state[node, LEFT] -= min(due, state[node, LEFT])
            unexplained += due
        if unexplained > 0:
            in_row[links] = NOBODY
            out_row[links] = row
            part[links] = unexplained
            links += 1
        queue[row, REST] = 0
        node = payee[row]
        if received[row] > 0 and node != NOBODY and state[node, FROM] <= time[row] <= state[node, TO]:
            queue[row, REST] = received[row]
            if newest_first:
                queue[row, NEXT] = state[node, FIRST]
                state[node, FIRST] = row
            else:
                queue[row, NEXT] = NOBODY
                if state[node, FIRST] == NOBODY:
                    state[node, FIRST] = row
                else:
                    queue[state[node, LAST], NEXT] = row
                state[node, LAST] = row
    for node in range(len(left)):
        left[node] = state[node, LEFT]
    return links
