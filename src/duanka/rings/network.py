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

SHARED = 10.0
"""Weight of what two accounts in question share (a device, a phone, a holder), divided by the root of how many such
partners the busier of them has: about that of one very telling payment (assumption)."""

COHESION = 0.2
"""Share of a ring's own money, weighed by roots of amounts, that must move between its workers (assumption)."""

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


@dataclass(frozen=True, slots=True)
class Shared:
    """Pairs of different nodes that share a device, a phone or a holder; each pair once, in any order."""

    left: Int64
    right: Int64

    def between(self, chosen: Bool) -> "Shared":
        """The pairs of which both are chosen."""
        kept = chosen[self.left] & chosen[self.right]
        return Shared(self.left[kept], self.right[kept])


NOTHING_SHARED = Shared(np.zeros(0, np.int64), np.zeros(0, np.int64))


def network(ledger: Ledger, found: Evidence, relays: Relays, shared: Shared = NOTHING_SHARED) -> Network:
    """Find the rings of a ledger from the evidence on its rows and nodes.

    Accounts whose evidence is CORE or more are tied by the rows between them whose evidence is; a tie weighs what its
    strongest row says, and more with every doubling of the rows, so that no busy pair rules. What accounts of WEAK
    evidence share ties them, too, if one of them is of CORE. Leiden communities (modularity; Traag, Waltman and van Eck
    2019; seeded) are the seeds of rings. An account of WEAK evidence joins the ring with which it has more than BELONGS
    of its telling payments.

    Of these accounts, those work in the ring that hand on HANDS_ON of what they pay and get in its telling rows: a
    gambler's winnings and next stakes are telling, too, for the card that pays them, but he pays mostly money of his
    own. The others are sources if they pay the ring's workers, sinks if they are only paid.
    A worker deals, or shares something, with another one. A ring needs SMALLEST workers and COHESION: accounts that
    only deal with the same shop or employer pay one another little. Its own rows are the telling ones with a worker at
    one end at least.

    Shops, payrolls and utilities tie nobody together: what they pay and are paid is no relay. O(rows log rows), and
    the communities of what is left.
    """
    known = (ledger.payer != NOBODY) & (ledger.payee != NOBODY) & (ledger.payer != ledger.payee)
    core = found.node >= CORE
    tied = np.flatnonzero(known & (found.row >= CORE))
    tied = tied[core[ledger.payer[tied]] & core[ledger.payee[tied]]]
    telling = np.flatnonzero(known & (found.row >= WEAK))
    shared = shared.between(found.node >= WEAK)
    strong = core[shared.left] | core[shared.right]
    shared = Shared(shared.left[strong], shared.right[strong])
    label = _attach(ledger, found, _communities(ledger, tied, found.row, shared), telling)
    working = _working(ledger, relays, telling) & (label != NOBODY)
    working = _cohering(ledger, label, working, telling, shared)
    label = _renumbered(label, working)
    working &= label != NOBODY
    return _collect(ledger, label, working, telling)


def _communities(ledger: Ledger, rows: Int64, strength: Float32, shared: Shared) -> Int64:
    """Community of each node that is tied to another, NOBODY where it is in none."""
    label = np.full(ledger.nodes, NOBODY, np.int64)
    left = np.concatenate([ledger.payer[rows], shared.left]).astype(np.int64)
    right = np.concatenate([ledger.payee[rows], shared.right]).astype(np.int64)
    if not len(left):
        return label
    nodes = _by_first_row(ledger, np.union1d(left, right))  # Leiden goes by their order: not that of their numbers
    number = np.full(ledger.nodes, NOBODY, np.int64)
    number[nodes] = np.arange(len(nodes))
    left, right = number[left], number[right]
    pair = np.minimum(left, right) * len(nodes) + np.maximum(left, right)
    key, place = np.unique(pair, return_inverse=True)
    paid = place[: len(rows)]
    top = np.zeros(len(key))
    np.maximum.at(top, paid, strength[rows])
    weight = top * (1 + np.log2(np.maximum(np.bincount(paid, minlength=len(key)), 1)))
    sharing = np.bincount(np.concatenate([left[len(rows) :], right[len(rows) :]]), minlength=len(nodes))
    busier = np.maximum(sharing[left[len(rows) :]], sharing[right[len(rows) :]])
    weight += np.bincount(place[len(rows) :], SHARED / np.sqrt(busier), minlength=len(key))
    edges = [
        (str(pair // len(nodes)), str(pair % len(nodes)), float(w))
        for pair, w in zip(key.tolist(), weight.tolist(), strict=True)
    ]
    _, found = graspologic_native.leiden(edges, None, RESOLUTION, 0.001, 4, use_modularity=True, seed=1, trials=1)
    label[nodes[[int(name) for name in found]]] = list(found.values())
    return label


def _by_first_row(ledger: Ledger, nodes: Int64) -> Int64:
    """The nodes in the order in which they first appear; the payer of a row before its payee."""
    first = np.full(ledger.nodes, 2 * len(ledger), np.int64)
    for place, end in enumerate((ledger.payer, ledger.payee)):
        rows = np.flatnonzero(end != NOBODY)
        np.minimum.at(first, end[rows], 2 * rows + place)
    result: Int64 = nodes[np.argsort(first[nodes], kind="stable")]
    return result


def _cohering(ledger: Ledger, label: Int64, working: Bool, telling: Int64, shared: Shared) -> Bool:
    """Of the workers those who deal, or share something, with others of their ring, if the ring has COHESION."""
    payer, payee = ledger.payer[telling], ledger.payee[telling]
    money = np.sqrt(ledger.amount[telling])
    rings = int(label.max(initial=0)) + 1
    inside = working[payer] & working[payee] & (label[payer] == label[payee])
    either = np.zeros(rings)
    for worker, ring in ((working[payer], label[payer]), (working[payee] & ~inside, label[payee])):
        either += np.bincount(ring[worker], money[worker], minlength=rings)  # between two rings: each ring's own
    within = np.bincount(label[payer[inside]], money[inside], minlength=rings)
    sharing = shared.between(working)
    sharing = Shared(*(end[label[sharing.left] == label[sharing.right]] for end in (sharing.left, sharing.right)))
    met = np.zeros(ledger.nodes, np.bool_)
    for ends in (payer[inside], payee[inside], sharing.left, sharing.right):
        met[ends] = True
    holds = within >= COHESION * either
    cohering: Bool = working & met & holds[label]
    return cohering


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
