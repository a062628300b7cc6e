"""What standing in a ring says of an account, beside its own payments: what the others do speaks against it, too."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY, Bool, Float32, Int64, Ledger
from duanka.rings.network import WEAK, WORKER, Network
from duanka.rings.paymasters import HOLDER, OUTLET, PAYMASTER, PROBE, STUDIO
from duanka.rings.telling import within
from duanka.scoring.accounts import Evidence

WORKS = 3.0
"""Natural log of the odds by which who works in a ring is more likely to carry money: e**3 = 20 to 1 (assumption)."""

BEHIND = 8.0
"""The same for who pays holders of a ring's cards, and for whom he pays: e**8 = 3,000 to 1. The chance that is excluded
is smaller (`paymasters.CHANCE`), but payments of one payer are not independent (assumption)."""

REPORTED = 7
"""Part of who works in no ring and reported a fraud as its victim; the other parts are those of `paymasters`."""

REPORTS = -3.0
"""Natural log of the odds by which he is less likely to carry money: 1 to 20 (assumption). Who was baited with small
payouts before he lost his savings looks like a relay."""

SHOWN = 5
"""Rows that are named of each account."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Nodes that stand in a ring, once each, ascending; of several rings the one that says most, then the first."""

    node: Int64
    part: Int64  # WORKER, one of `paymasters`, or REPORTED
    evidence: Float32
    others: Int64  # other workers of the ring; of a PAYMASTER the holders whom he pays
    row: Int64  # rows behind, by place in `node`, ascending
    of: Int64  # per row behind: place in `node`

    def rows(self, place: int) -> list[int]:
        """Rows behind one of them, SHOWN at most."""
        begin, end = np.searchsorted(self.of, [place, place + 1])
        return [int(row) for row in self.row[begin:end]]

    def added(self, found: Evidence) -> Float32:
        """Evidence of each node with what its standing adds."""
        node = found.node.copy()
        node[self.node] += self.evidence
        return node


def standing(ledger: Ledger, found: Evidence, rings: Network, reporting: Bool) -> Standing:
    """Who stands in a ring and is no victim, gambler or recipient; who reported a fraud; and the rows that show it.

    `reporting` says per node whether its holder reported a fraud as its victim. That counts for nodes of WEAK evidence
    that stand in no ring.

    A worker's row is its most telling one in the ring; of the others, rows from paymaster (or worker) to the paid
    account. O(rows + memberships · log).
    """
    counted = np.isin(rings.part, (WORKER, PAYMASTER, STUDIO, HOLDER, OUTLET))
    ring, node, part = rings.ring[counted], rings.node[counted], rings.part[counted]
    evidence = np.where(part == WORKER, WORKS, BEHIND).astype(np.float32)
    order = np.lexsort((ring, -evidence, node))
    _, first = np.unique(node[order], return_index=True)
    order = order[first]
    ring, node, part, evidence = ring[order], node[order], part[order], evidence[order]
    shown, of, holders = _wage_rows(ledger, rings, ring, node, part)
    best, best_of = _worker_rows(ledger, found, rings, ring, node, part)
    rows, places = np.concatenate([shown, best]), np.concatenate([of, best_of])
    order = np.lexsort((rows, places))
    rows, places = rows[order], places[order]
    begin = np.searchsorted(places, places)
    kept = np.arange(len(places)) - begin < SHOWN
    workers = np.bincount(rings.ring[rings.part == WORKER], minlength=rings.rings)[ring]
    others = np.where(part == PAYMASTER, holders, workers - (part == WORKER))
    stands = Standing(node, part, evidence, others, rows[kept], places[kept])
    return _with_victims(ledger, found, stands, rings, reporting)


def _with_victims(ledger: Ledger, found: Evidence, stands: Standing, rings: Network, reporting: Bool) -> Standing:
    """The same, with those who reported a fraud, and what they paid to rings."""
    more = np.setdiff1d(np.flatnonzero(reporting & (found.node >= WEAK)), stands.node)
    node = np.concatenate([stands.node, more])
    order = np.argsort(node, kind="stable")
    place = np.argsort(order, kind="stable")  # old to new
    paid = np.unique(rings.row[np.isin(ledger.payer[rings.row], more)])
    begin = np.searchsorted(more, ledger.payer[paid])
    first = np.argsort(begin, kind="stable")
    paid, begin = paid[first], begin[first]
    shown = np.arange(len(paid)) - np.searchsorted(begin, begin) < SHOWN
    of = np.concatenate([place[stands.of], place[len(stands.node) + begin[shown]]])
    row = np.concatenate([stands.row, paid[shown]])
    by_place = np.lexsort((row, of))
    return Standing(
        node[order],
        np.concatenate([stands.part, np.full(len(more), REPORTED)])[order],
        np.concatenate([stands.evidence, np.full(len(more), REPORTS, np.float32)])[order],
        np.concatenate([stands.others, np.zeros(len(more), np.int64)])[order],
        row[by_place],
        of[by_place],
    )


def _wage_rows(ledger: Ledger, rings: Network, ring: Int64, node: Int64, part: Int64) -> tuple[Int64, Int64, Int64]:
    """Rows from who pays to who is paid in the same ring, by place of either; and holders paid, by place.

    Of holders paid and cards probed the more are counted, since the cards may be those holders'.
    """
    key = rings.ring * ledger.nodes + rings.node
    masters = key[rings.part == PAYMASTER]
    works = np.zeros(ledger.nodes, np.bool_)
    works[rings.node[rings.part == WORKER]] = True  # who pays an outlet may work in another ring
    place_of = np.full(ledger.nodes, NOBODY, np.int64)
    place_of[node] = np.arange(len(node))
    paid = np.flatnonzero((ledger.payer != NOBODY) & (ledger.payee != NOBODY))
    place = place_of[ledger.payee[paid]]
    paid, place = paid[place != NOBODY], place[place != NOBODY]
    payer = ledger.payer[paid].astype(np.int64)
    pays = within(masters, ring[place], payer, ledger.nodes)
    wage = pays & np.isin(part[place], (HOLDER, STUDIO))
    probe = pays & (part[place] == WORKER) & (ledger.amount[paid] <= PROBE)
    handed = works[payer] & (part[place] == OUTLET)
    master = place_of[payer]
    told = (wage & (part[place] == HOLDER) | probe) & (master != NOBODY)
    told[told] = part[master[told]] == PAYMASTER
    pairs = [np.unique(np.stack([master[those], place[those]]), axis=1)[0] for those in (told & wage, told & probe)]
    holders = np.maximum(*(np.bincount(each, minlength=len(node)) for each in pairs))
    shown = wage | handed
    return np.concatenate([paid[shown], paid[told]]), np.concatenate([place[shown], master[told]]), holders


def _worker_rows(
    ledger: Ledger, found: Evidence, rings: Network, ring: Int64, node: Int64, part: Int64
) -> tuple[Int64, Int64]:
    """The most telling of each worker's rows in its ring, of equals the first; by place."""
    works = np.flatnonzero(part == WORKER)
    rows, places = [], []
    for end in (ledger.payer, ledger.payee):
        place = np.full(ledger.nodes, NOBODY, np.int64)
        place[node[works]] = works
        mine = np.where(end[rings.row] == NOBODY, NOBODY, place[end[rings.row]])
        there = (mine != NOBODY) & (ring[mine] == rings.row_ring)
        rows.append(rings.row[there])
        places.append(mine[there])
    row, at = np.concatenate(rows), np.concatenate(places)
    order = np.lexsort((row, -found.row[row], at))
    row, at = row[order], at[order]
    at, first = np.unique(at, return_index=True)
    return row[first], at
