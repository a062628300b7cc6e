"""Which accounts work together: communities of accounts tied by payments that relays are made of."""

from dataclasses import dataclass

import graspologic_native
import numpy as np

from duanka.flow.ledger import NOBODY, Bool, Float32, Int64, Ledger
from duanka.scoring.accounts import Evidence
from duanka.scoring.relays import Relays

CORE = 5.0
"""Evidence (natural log) from which an account, and from which a payment, ties others together: e**5 = 150 to 1."""

WEAK = 2.5
"""Evidence from which an account that deals with a ring is counted among its members."""

SMALLEST = 3
"""Workers of the smallest ring."""

BELONGS = 0.5
"""Share of an account's own telling payments that must be with one ring for it to be a member of that ring."""

RESOLUTION = 0.3
"""Of Leiden: below 1, so that a ring with several crews stays one (assumption)."""

ONE_STEP = 1.0
"""Evidence of a single step from which money counts as handed on by an account in question: e to 1."""

HANDS_ON = 0.5
"""Share of the money of an account's telling rows that it must hand on to be a worker."""


WORKER, SOURCE, SINK = range(3)
"""What a member does: hands money on; pays in and hands nothing on; is paid out and hands nothing on."""


@dataclass(frozen=True, slots=True)
class Network:
    """k rings as found, before they are described. Memberships are parallel arrays, ascending by ring, then node."""

    ring: Int64  # per membership: 0 … k-1
    node: Int64  # per membership
    part: Int64  # per membership: WORKER, SOURCE or SINK
    row_ring: Int64  # per payment that is a ring's own: its ring
    row: Int64  # per payment that is a ring's own, ascending by ring, then row

    @property
    def rings(self) -> int:
        """Number of rings."""
        return int(self.ring.max()) + 1 if len(self.ring) else 0


def network(ledger: Ledger, found: Evidence, relays: Relays) -> Network:
    """Find the rings of a ledger from the evidence on its rows and nodes.

    Accounts whose evidence is CORE or more are tied by the rows between them whose evidence is; a tie weighs what its
    strongest row says, and more with every doubling of the rows, so that no busy pair rules. Leiden communities
    (modularity; Traag, Waltman and van Eck 2019; seeded) are the seeds of rings. An account of WEAK evidence joins the
    ring with which it has more than BELONGS of its telling payments.

    Of these accounts, those work in the ring that hand on HANDS_ON of what they pay and get in its telling rows: a
    gambler's winnings and next stakes are telling, too, for the card that pays them, but he pays mostly money of his
    own. The others are sources if they pay the ring's workers, sinks if they are only paid.
    A ring needs SMALLEST workers; its own rows are the telling ones with a worker at one end at least.

    Shops, payrolls and utilities tie nobody together: what they pay and are paid is no relay. O(rows log rows), and
    the communities of what is left.
    """
    known = (ledger.payer != NOBODY) & (ledger.payee != NOBODY) & (ledger.payer != ledger.payee)
    core = found.node >= CORE
    tied = np.flatnonzero(known & (found.row >= CORE))
    tied = tied[core[ledger.payer[tied]] & core[ledger.payee[tied]]]
    telling = np.flatnonzero(known & (found.row >= WEAK))
    label = _attach(ledger, found, _communities(ledger, tied, found.row), telling)
    working = _working(ledger, relays, telling) & (label != NOBODY)
    label = _renumbered(label, working)
    working &= label != NOBODY
    return _collect(ledger, label, working, telling)


def _communities(ledger: Ledger, rows: Int64, strength: Float32) -> Int64:
    """A label per node, NOBODY where it is in none."""
    label = np.full(ledger.nodes, NOBODY, np.int64)
    if not len(rows):
        return label
    ends = np.column_stack([ledger.payer[rows], ledger.payee[rows]])
    nodes, first, place = np.unique(ends, return_index=True, return_inverse=True)
    by_row = np.argsort(first)  # Leiden goes by the order of nodes, which must not follow from their numbers
    number = np.argsort(by_row)[place.reshape(ends.shape)]
    pair = number.min(axis=1) * len(nodes) + number.max(axis=1)
    key, place, count = np.unique(pair, return_inverse=True, return_counts=True)
    top = np.zeros(len(key))
    np.maximum.at(top, place, strength[rows])
    weight = top * (1 + np.log2(count))
    edges = [
        (str(pair // len(nodes)), str(pair % len(nodes)), float(w))
        for pair, w in zip(key.tolist(), weight.tolist(), strict=True)
    ]
    _, found = graspologic_native.leiden(edges, None, RESOLUTION, 0.001, 4, use_modularity=True, seed=1, trials=1)
    label[nodes[by_row[[int(name) for name in found]]]] = list(found.values())
    return label


def _attach(ledger: Ledger, found: Evidence, label: Int64, telling: Int64) -> Int64:
    """Give accounts of some evidence the ring that most of their telling payments are with."""
    payer, payee = ledger.payer[telling], ledger.payee[telling]
    free = (label == NOBODY) & (found.node >= WEAK)
    weights = found.row[telling].astype(np.float64)
    node = np.concatenate([payer[free[payer]], payee[free[payee]]]).astype(np.int64)
    other = np.concatenate([payee[free[payer]], payer[free[payee]]])
    weight = np.concatenate([weights[free[payer]], weights[free[payee]]])
    whole = np.bincount(node, weight, minlength=ledger.nodes)
    with_ring = label[other] != NOBODY
    node, ring, weight = node[with_ring], label[other[with_ring]], weight[with_ring]
    rings = int(label.max(initial=0)) + 1
    key, place = np.unique(node * rings + ring, return_inverse=True)
    share = np.bincount(place, weight, minlength=len(key)) / whole[key // rings]
    joins = key[share > BELONGS]  # more than half: at most one ring
    label = label.copy()
    label[joins // rings] = joins % rings
    return label


def _working(ledger: Ledger, relays: Relays, telling: Int64) -> Bool:
    """Nodes that hand on HANDS_ON of their telling rows, weighed by roots of amounts, in both directions."""
    payer, payee = ledger.payer[telling], ledger.payee[telling]
    # roots, so that no single payment decides, and no minor unit
    paid, got = np.sqrt(ledger.amount[telling]), np.sqrt(ledger.received[telling])
    out = np.bincount(payer, paid, minlength=ledger.nodes)
    into = np.bincount(payee, got, minlength=ledger.nodes)
    passed = np.bincount(payer, paid * (relays.second[telling] >= ONE_STEP), minlength=ledger.nodes)
    going_on = np.bincount(payee, got * (relays.first[telling] >= ONE_STEP), minlength=ledger.nodes)
    working: Bool = (passed >= HANDS_ON * out) & (going_on >= HANDS_ON * into) & (passed + going_on > 0)
    return working


def _renumbered(label: Int64, working: Bool) -> Int64:
    """Drop rings of too few workers; the others are numbered by their first worker."""
    workers = np.flatnonzero(working)
    found, first, count = np.unique(label[workers], return_index=True, return_counts=True)
    kept = found[count >= SMALLEST][np.argsort(first[count >= SMALLEST], kind="stable")]
    number = np.full(int(label.max(initial=0)) + 2, NOBODY, np.int64)  # the last place is NOBODY's
    number[kept] = np.arange(len(kept))
    result: Int64 = number[label]
    return result


def _collect(ledger: Ledger, label: Int64, working: Bool, telling: Int64) -> Network:
    """The ring's own rows, and who stands at their ends."""
    payer, payee = ledger.payer[telling], ledger.payee[telling]
    by_worker, to_worker = working[payer], working[payee]
    own = np.flatnonzero(by_worker | to_worker)
    ring = np.where(by_worker[own], label[payer[own]], label[payee[own]])
    across = by_worker[own] & to_worker[own] & (label[payer[own]] != label[payee[own]])
    rows = np.concatenate([telling[own], telling[own[across]]])
    row_ring = np.concatenate([ring, label[payee[own[across]]]])
    order = np.lexsort((rows, row_ring))
    rows, row_ring = rows[order], row_ring[order]
    workers = np.flatnonzero(working)
    pays, paid = ~working[ledger.payer[rows]], ~working[ledger.payee[rows]]
    ring = np.concatenate([label[workers], row_ring[pays], row_ring[paid]])
    node = np.concatenate([workers, ledger.payer[rows[pays]], ledger.payee[rows[paid]]]).astype(np.int64)
    part = np.repeat([WORKER, SOURCE, SINK], [len(workers), pays.sum(), paid.sum()])
    order = np.lexsort((part, node, ring))  # who pays in is a source, even if he is paid, too
    ring, node, part = ring[order], node[order], part[order]
    first = np.ones(len(ring), np.bool_)
    first[1:] = (ring[1:] != ring[:-1]) | (node[1:] != node[:-1])
    return Network(ring[first], node[first], part[first], row_ring, rows)
