"""Which payments belong together: pairs of accounts, tied where money that came by one pair left by another.

Not accounts are grouped but pairs of accounts, since an account may work for several rings at once (a laundering house,
a dealer's card): its pairs then fall into several strands, where grouping accounts would make one ring of all its
rings. Communities of links: Evans and Lambiotte 2009, Ahn, Bagrow and Lehmann 2010; here links are tied by the evidence
that money was handed on between them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import graspologic_native
import numpy as np

from duanka.flow.ledger import NOBODY, Bool, Int64, Ledger
from duanka.flow.windows import Float64
from duanka.scoring.relays import Relays

ONE_STEP = 1.0
"""Evidence of a single step from which money counts as handed on by an account in question: e to 1."""

TOGETHER = 20.0
"""Weight that holds all pairs of one account together, beside what money says: about that of two very telling steps
(assumption)."""

SHARED = 10.0
"""Weight of what two accounts share (a device, a phone, a holder), divided by the root of how many such partners the
busier of them has: about that of one very telling step (assumption)."""

RESOLUTION = 0.06
"""Of Leiden, first of all payments, then of each strand as if it were all that there is, until none is divided: what
has fewer ties than about this share with the rest of its strand is a strand of its own (assumption). Looked at once,
the same rings would be told apart in a small case, and joined in a large one: modularity has such a limit (Fortunato
and Barthélemy 2007)."""

FEW_TIES = 500
"""Ties below which a strand is not divided: crews of a small ring may meet by chance alone (assumption)."""


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


def strands(ledger: Ledger, rows: Int64, relays: Relays, shared: Shared = NOTHING_SHARED) -> Int64:
    """Strand of each payment of the ledger, 0 … k-1; NOBODY for all but `rows` (ascending), and for pairs without ties.

    Two pairs (payer, payee) are tied by steps of ONE_STEP between their rows; a tie weighs what its strongest step
    says, and more with every doubling of the steps, so that no busy pair rules. Beside this all pairs of one account
    are tied TOGETHER, and accounts by what they share. Communities: Leiden (modularity; Traag, Waltman and van Eck
    2019; seeded), and again within each of FEW_TIES or more. The same for the same rows, whatever the numbers of nodes
    are. O(steps log steps), and the communities.
    """
    result = np.full(len(ledger), NOBODY, np.int64)
    if not len(rows):
        return result
    pair, first = _numbered(ledger.payer[rows].astype(np.int64) * ledger.nodes + ledger.payee[rows])
    of_row = np.full(len(ledger), NOBODY, np.int64)
    of_row[rows] = pair
    ends = np.stack([ledger.payer[rows[first]], ledger.payee[rows[first]]], axis=1).reshape(-1).astype(np.int64)
    between = shared.between(np.bincount(ends, minlength=ledger.nodes) > 0)
    ties = [_steps(of_row, relays, len(first)), *_of_accounts(ends, between)]
    left, right, weight = (np.concatenate(column) for column in zip(*ties, strict=True))
    result[rows] = _communities(left, right, weight, len(first))[pair]
    return result


def joining(ledger: Ledger, strand: Int64, rows: Int64, relays: Relays) -> Int64:
    """The strands, with `rows` that have none added to that of the rows with which most evidence ties them, if any.

    Of equal evidence the lower strand. O(steps log steps).
    """
    waits = np.zeros(len(ledger), np.bool_)
    waits[rows] = True
    waits &= strand == NOBODY
    step = relays.weight >= ONE_STEP
    receipt, payment, weight = relays.pairs.receipt[step], relays.pairs.payment[step], relays.weight[step]
    row, to, says = [], [], []
    for one, other in ((receipt, payment), (payment, receipt)):
        there = waits[one] & (strand[other] != NOBODY)
        row.append(one[there])
        to.append(strand[other[there]])
        says.append(weight[there])
    rows, of = np.concatenate(row).astype(np.int64), np.concatenate(to)
    count = int(strand.max(initial=0)) + 1
    key, place = np.unique(rows * count + of, return_inverse=True)
    total = np.bincount(place, np.concatenate(says), minlength=len(key))
    order = np.lexsort((-key, total))  # the best of a row is written last
    result = strand.copy()
    result[key[order] // count] = key[order] % count
    return result


def _numbered(key: Int64) -> tuple[Int64, Int64]:
    """Numbers in the order in which keys first appear, and the place of the first of each."""
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(first), np.int64)
    number[order] = np.arange(len(first))
    return number[place], first[order]


_Ties = tuple[Int64, Int64, Float64]  # from, to, weight


def _steps(of_row: Int64, relays: Relays, pairs: int) -> _Ties:
    """Ties between pairs by money handed on."""
    left, right = of_row[relays.pairs.receipt], of_row[relays.pairs.payment]
    told = (left != NOBODY) & (right != NOBODY) & (left != right) & (relays.weight >= ONE_STEP)
    left, right, weight = left[told], right[told], relays.weight[told]
    key, place, count = np.unique(
        np.minimum(left, right) * pairs + np.maximum(left, right), return_inverse=True, return_counts=True
    )
    top = np.zeros(len(key))
    np.maximum.at(top, place, weight)
    return key // pairs, key % pairs, top * (1 + np.log2(count))


def _of_accounts(ends: Int64, shared: Shared) -> tuple[_Ties, _Ties]:
    """Ties of accounts, which are points of their own after all pairs: with their pairs, and by what they share.

    `ends` are payer and payee of each pair in turn; what is shared is between these.
    """
    account, first = _numbered(ends)
    degree = np.bincount(account)
    pairs = len(ends) // 2
    point = np.zeros(int(ends.max()) + 1, np.int64)
    point[ends[first]] = np.arange(len(first))
    left, right = np.sort(np.stack([point[shared.left], point[shared.right]]), axis=0)
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    partners = np.bincount(np.concatenate([left, right]), minlength=len(first))
    busier = np.maximum(partners[left], partners[right])
    own = np.flatnonzero((degree[account] > 1) | (partners[account] > 0))
    return (
        (pairs + account[own], own // 2, TOGETHER / degree[account[own]]),
        (pairs + left, pairs + right, SHARED / np.sqrt(busier)),
    )


def _communities(left: Int64, right: Int64, weight: Float64, pairs: int) -> Int64:
    """Community of each of the first `pairs` points, NOBODY where it has no tie."""
    label = np.full(max(pairs, int(max(left.max(initial=0), right.max(initial=0))) + 1), NOBODY, np.int64)
    if not len(left):
        return label[:pairs]
    point, community = _leiden(left, right, weight)
    label[point] = community
    count, new = int(community.max()) + 1, np.unique(community)
    while len(new):
        again, new = new, np.zeros(0, np.int64)
        for ties in _within(label, left, right, again):
            point, community = _leiden(left[ties], right[ties], weight[ties])
            if community.max() > 0:
                label[point] = count + community
                new = np.concatenate([new, count + np.unique(community)])
                count += int(community.max()) + 1
    found = label[:pairs]
    kept = found != NOBODY
    found[kept] = np.unique(found[kept], return_inverse=True)[1]
    return found


def _leiden(left: Int64, right: Int64, weight: Float64) -> tuple[Int64, Int64]:
    """Points of these ties, and the community of each, 0 … k-1."""
    edges = [(str(a), str(b), w) for a, b, w in zip(left.tolist(), right.tolist(), weight.tolist(), strict=True)]
    _, found = graspologic_native.leiden(edges, None, RESOLUTION, 0.001, 4, use_modularity=True, seed=1, trials=1)
    point = np.array([int(name) for name in found], np.int64)
    return point, np.unique(np.array(list(found.values()), np.int64), return_inverse=True)[1]


def _within(label: Int64, left: Int64, right: Int64, chosen: Int64) -> Iterator[Int64]:
    """The ties within each of the chosen communities (ascending) that has FEW_TIES or more."""
    inside = np.flatnonzero(label[left] == label[right])
    inside = inside[np.argsort(label[left[inside]], kind="stable")]
    of = label[left[inside]]
    for begin, end in zip(np.searchsorted(of, chosen), np.searchsorted(of, chosen, side="right"), strict=True):
        if end - begin >= FEW_TIES:
            yield inside[begin:end]
