"""Succession: which receipts came shortly before each payment of a node, in the records or rewired in time."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.clock import clock
from duanka.flow.index import Index
from duanka.flow.ledger import NOBODY, Float32, Int32, Int64, Ledger
from duanka.kernels.compile import kernel

LATEST = 4
"""Receipts looked at before each payment. Bounds the work at a hub: O(rows) whatever the shape of the graph."""

MOST = 1_000
"""Payments of one node that `rewired` looks at."""


@dataclass(frozen=True, slots=True)
class Succession:
    """m pairs of a receipt of a node and a later payment of the same node, ascending by the payment."""

    receipt: Int32  # m: row
    payment: Int32  # m: row
    dwell: Int64  # m, µs: between them, >= 0
    between: Int32  # m: receipts of the node between the two, 0 … LATEST-1

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.receipt)


def succession(ledger: Ledger, within: int, *, moment: Int64 | None = None) -> Succession:
    """The last LATEST receipts before each payment, in the order of the ledger, at most `within` µs before it (closed).

    Rows from a node to itself, and rows of amount 0, are neither receipts nor payments. Amounts play no other part.
    Raises ValueError if time goes back. O(LATEST · rows + nodes).
    """
    recent = np.full((ledger.nodes, LATEST + 1), NOBODY, np.int64)  # the last place holds the next place to fill
    recent[:, LATEST] = 0
    size = LATEST * len(ledger)
    receipt, payment = np.empty(size, np.int32), np.empty(size, np.int32)
    dwell, between = np.empty(size, np.int64), np.empty(size, np.int32)
    time = clock(ledger, moment)
    count = _walk(
        ledger.payer, ledger.payee, ledger.amount, time, within, recent, receipt, payment, dwell, between
    )  # fmt: skip
    return Succession(receipt[:count].copy(), payment[:count].copy(), dwell[:count].copy(), between[:count].copy())


@kernel
def _walk(
    payer: Int32,
    payee: Int32,
    amount: Int64,
    time: Int64,
    within: int,
    recent: Int64,
    receipt: Int32,
    payment: Int32,
    dwell: Int64,
    between: Int32,
) -> int:
    """Write the pairs; return their number. `recent` is a ring of the last receipts per node."""
    count = 0
    for row in range(len(payer)):
        node = payer[row]
        if amount[row] <= 0 or node == payee[row]:
            continue
        if node != NOBODY:
            newest = recent[node, LATEST] - 1
            for step in range(LATEST):
                source = recent[node, (newest - step) % LATEST]
                if source == NOBODY or time[row] - time[source] > within:
                    break
                receipt[count] = source
                payment[count] = row
                dwell[count] = time[row] - time[source]
                between[count] = step
                count += 1
        node = payee[row]
        if node != NOBODY:
            at = recent[node, LATEST]
            recent[node, at] = row
            recent[node, LATEST] = (at + 1) % LATEST
    return count


def rewired(
    ledger: Ledger, index: Index, nodes: Int64, turn: Int64, within: int, *, moment: Int64 | None = None
) -> Succession:
    """What `succession` would find at these nodes had their payments happened at other times: chance alone.

    The payments of `nodes[i]` are turned by `turn[i]` µs around the node's own period, from its first row to its last
    (a circle: what leaves it at the end comes in at the start), while its receipts stay. So each node keeps its own
    rates, amounts, counterparties and period, and, turned by whole days, its hours of the day. With turn 0 the pairs
    are those of the records. Of a node with more than MOST payments only every k-th is looked at, so that no hub
    outweighs all others. In the order of `nodes`, then of the turned time.

    Raises ValueError if time goes back. O(rows of the nodes · log).
    """
    time = clock(ledger, moment)
    numbers = index.paid_from[nodes + 1] - index.paid_from[nodes]
    size = LATEST * int(np.minimum(numbers, MOST).sum())
    receipt, payment = np.empty(size, np.int32), np.empty(size, np.int32)
    dwell, between = np.empty(size, np.int64), np.empty(size, np.int32)
    count = 0
    for place, node in enumerate(nodes):
        paid = index.paid[index.paid_from[node] : index.paid_from[node + 1]]
        got = index.got[index.got_from[node] : index.got_from[node + 1]]
        if not len(paid) or not len(got):
            continue
        first = min(time[paid[0]], time[got[0]])
        period = max(time[paid[-1]], time[got[-1]]) - first + 1
        paid = paid[:: -(-len(paid) // MOST)]
        when = first + (time[paid] - first + turn[place]) % period
        order = np.argsort(when, kind="stable")
        count = _match(
            paid[order], when[order], got, time, ledger.payer, ledger.payee, ledger.amount, within, receipt, payment,
            dwell, between, count,
        )  # fmt: skip
    return Succession(receipt[:count].copy(), payment[:count].copy(), dwell[:count].copy(), between[:count].copy())


@kernel
def _match(
    paid: Int64,
    when: Int64,
    got: Int64,
    time: Int64,
    payer: Int32,
    payee: Int32,
    amount: Int64,
    within: int,
    receipt: Int32,
    payment: Int32,
    dwell: Int64,
    between: Int32,
    count: int,
) -> int:
    """Add one node's pairs to the arrays; return their new number."""
    latest = np.full(LATEST, NOBODY, np.int64)
    at = 0
    ahead = 0
    for place in range(len(paid)):
        row = paid[place]
        while ahead < len(got) and (
            time[got[ahead]] < when[place] or (time[got[ahead]] == when[place] and got[ahead] < row)
        ):
            source = got[ahead]
            if amount[source] > 0 and payer[source] != payee[source]:
                latest[at] = source
                at = (at + 1) % LATEST
            ahead += 1
        if amount[row] <= 0 or payer[row] == payee[row]:
            continue
        for step in range(LATEST):
            source = latest[(at - 1 - step) % LATEST]
            if source == NOBODY or when[place] - time[source] > within:
                break
            receipt[count] = source
            payment[count] = row
            dwell[count] = when[place] - time[source]
            between[count] = step
            count += 1
    return count


def handed_on(pairs: Succession, weight: Float32, rows: int, keep: float) -> tuple[Float32, Float32]:
    """How strongly each row is the second step of a relay, and the first: two arrays of `rows` values, >= 0.

    The strength of a row as second step is the largest, over the pairs in which it is the payment, of the pair's
    `weight` plus `keep` (0 … 1) times the strength of the receipt as second step, where the weight is positive: so
    chains of relays count more than single ones, the farther step always less. As first step likewise, from the end.
    O(pairs).
    """
    second, first = np.zeros(rows, np.float32), np.zeros(rows, np.float32)
    _carry(pairs.receipt, pairs.payment, weight, keep, second)
    _carry(pairs.payment[::-1].copy(), pairs.receipt[::-1].copy(), weight[::-1].copy(), keep, first)
    return second, first


@kernel
def _carry(source: Int32, target: Int32, weight: Float32, keep: float, strength: Float32) -> None:
    """A source's strength is final before any pair reads it, since pairs come in the order of payments."""
    for pair in range(len(source)):
        if weight[pair] > 0:
            found = weight[pair] + keep * strength[source[pair]]
            strength[target[pair]] = max(strength[target[pair]], found)
