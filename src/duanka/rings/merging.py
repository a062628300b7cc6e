"""Which of the rings found are one: those whose holders the same person pays, and those that share workers."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from duanka.flow.ledger import Int64

PAYS = 0.2
"""Share of the holders of each of two rings whom the same person must pay for the two to be one: dealers serve several
rings, and one ring's dealer now and then pays a holder whose card goes to another (assumption)."""

FEWEST = 2
"""Such holders of each at least; that somebody pays so many of the two together is no chance (`paymasters`)."""

OVERLAP = 0.7
"""Share of the smaller one's workers that must work in the other, too, for the two to be one: a house lends cards to
several rings, but not so many (assumption)."""

LENT = 3
"""Such workers at least (assumption)."""


@dataclass(frozen=True, slots=True)
class Payments:
    """Who pays which holders of each ring's cards: parallel arrays. A holder may be there more than once."""

    payer: Int64
    ring: Int64
    holder: Int64


def one_of(ring: Int64, node: Int64, holder: Int64, paid: Payments, rings: int) -> Int64:
    """For each of k rings the first of those that are one with it.

    `ring`, `node` and `holder` are parallel, a row per worker (holder NOBODY where not known, or no person).

    Two rings are one if somebody pays PAYS of the holders of each, FEWEST at least, where holders whose cards work in
    several rings don't count: for which of them they are paid is not known. Or if OVERLAP of the smaller one's workers
    work in the other, LENT at least. O(workers + pairs of rings that somebody pays).
    """
    ties = [*_by_workers(ring, node, rings), *_by_payers(ring[holder >= 0], holder[holder >= 0], paid)]
    left, right = np.array(ties, np.int64).reshape(-1, 2).T
    graph = csr_array(coo_array((np.ones(len(left)), (left, right)), shape=(rings, rings)))
    _, group = connected_components(graph, directed=False)
    _, first, place = np.unique(group, return_index=True, return_inverse=True)
    return first[place].astype(np.int64)


def _by_workers(ring: Int64, node: Int64, rings: int) -> list[tuple[int, int]]:
    ring, node = np.unique(np.stack([ring, node]), axis=1)
    _, place = np.unique(node, return_inverse=True)
    works = csr_array((np.ones(len(ring), np.int64), (ring, place)), shape=(rings, int(place.max(initial=-1)) + 1))
    size = np.bincount(ring, minlength=rings)
    both = coo_array(works @ works.T)
    left, right = both.coords
    one = (left < right) & (both.data >= np.maximum(LENT, OVERLAP * np.minimum(size[left], size[right])))
    return list(zip(left[one].tolist(), right[one].tolist(), strict=True))


def _by_payers(ring: Int64, holder: Int64, paid: Payments) -> list[tuple[int, int]]:
    works, holders = defaultdict(set), defaultdict(set)
    for one, who in zip(ring.tolist(), holder.tolist(), strict=True):
        works[who].add(one)
    for who, some in works.items():
        if len(some) == 1:
            holders[min(some)].add(who)
    pays: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for payer, one, who in zip(paid.payer.tolist(), paid.ring.tolist(), paid.holder.tolist(), strict=True):
        if who in holders[one]:
            pays[payer][one].add(who)
    ties = []
    for by_ring in pays.values():
        mostly = [one for one, some in by_ring.items() if len(some) >= max(FEWEST, PAYS * len(holders[one]))]
        ties += [(mostly[0], other) for other in mostly[1:]]
    return ties
