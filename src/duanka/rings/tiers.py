"""On which tier of its ring each account stands: how many hands the money had gone through when it came."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY, Float32, Int64, Ledger
from duanka.flow.windows import Float64
from duanka.rings.network import SOURCE, WORKER, Network
from duanka.rings.paymasters import OUTLET

_ROUNDS = 60
"""Steps of the iteration: far more than a ring has tiers; money that goes in a circle for longer changes little."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """Per membership of the network."""

    tier: Int64  # 0 for sources, 1 for whom they pay, and so on
    confidence: Float32  # share of its ring money that came from the tier just above, 0 … 1


def tiers(ledger: Ledger, found: Network) -> Tiers:
    """Amount-weighted depth below the ring's sources (domain facts NW02), rounded.

    A member's depth is one more than the mean depth of whom its ring money came from, weighted by amount. Money that
    comes from no worker starts at 0, so an account fed from inside and outside lies between, and its confidence says
    so. A holder's account to which the ring's money goes at once (OUTLET) has no ring row: it stands below the workers
    that pay it. Nobody stands deeper than there are workers to hand the money on, even where it goes in a circle.
    O(ring rows) a round.
    """
    size = len(found.node)
    payer, payee = members_of(found, ledger)
    amount = ledger.received[found.row].astype(np.float64)
    paid = payee >= 0
    got = np.bincount(payee[paid], amount[paid], minlength=size)
    inside = paid & (payer >= 0)
    inside[inside] = found.part[payer[inside]] == WORKER
    depth: Float64 = np.where(found.part == SOURCE, 0.0, 1.0)
    share = amount[inside] / np.maximum(got[payee[inside]], 1)
    for _ in range(_ROUNDS):
        below = np.bincount(payee[inside], share * depth[payer[inside]], minlength=size).astype(np.float64)
        depth = np.where(found.part == SOURCE, 0.0, 1.0 + below)
    outlet, above_it = _outlets(ledger, found, depth)
    depth[outlet] = 1 + above_it
    workers = np.bincount(found.ring[found.part == WORKER], minlength=found.rings)[found.ring]
    deepest = np.select([found.part == SOURCE, found.part == WORKER], [0, workers], workers + 1)
    tier = np.clip(np.rint(depth), np.minimum(deepest, 1), deepest).astype(np.int64)
    above = np.zeros(len(payee), np.bool_)
    above[paid] = _tier_of(payer[paid], tier, found) == tier[payee[paid]] - 1
    near = np.bincount(payee[paid & above], amount[paid & above], minlength=size)
    confidence = np.where(found.part == SOURCE, 1.0, np.divide(near, got, out=np.zeros(size), where=got > 0))
    return Tiers(tier, confidence.astype(np.float32))


def _outlets(ledger: Ledger, found: Network, depth: Float64) -> tuple[Int64, Float64]:
    """Memberships of OUTLET that workers of their ring pay, and the mean depth of these, weighted by amount."""
    nodes = ledger.nodes
    outlet, worker = np.flatnonzero(found.part == OUTLET), np.flatnonzero(found.part == WORKER)
    is_outlet, works = np.zeros(nodes + 1, np.bool_), np.zeros(nodes + 1, np.bool_)  # the last is nobody
    is_outlet[found.node[outlet]] = works[found.node[worker]] = True
    rows = np.flatnonzero(is_outlet[ledger.payee] & works[ledger.payer])
    key = found.ring * nodes + found.node  # ascending, as the network is
    weight, deep = np.zeros(len(key)), np.zeros(len(key))
    for ring in np.unique(found.ring[outlet]):
        payer, payee = (
            np.minimum(np.searchsorted(key, ring * nodes + end[rows]), len(key) - 1)
            for end in (ledger.payer, ledger.payee)
        )
        mine = (key[payer] == ring * nodes + ledger.payer[rows]) & (key[payee] == ring * nodes + ledger.payee[rows])
        mine &= (found.part[payer] == WORKER) & (found.part[payee] == OUTLET)
        amount = ledger.received[rows[mine]].astype(np.float64)
        np.add.at(weight, payee[mine], amount)
        np.add.at(deep, payee[mine], amount * depth[payer[mine]])
    paid = np.flatnonzero(weight)
    return paid, deep[paid] / weight[paid]


def members_of(found: Network, ledger: Ledger) -> tuple[Int64, Int64]:
    """The membership of the payer and of the payee of each of the rings' own rows; -1 where it has none there."""
    key = found.ring * ledger.nodes + found.node  # ascending, as the network is
    ends = []
    for end in (ledger.payer, ledger.payee):
        node = end[found.row].astype(np.int64)
        wanted = found.row_ring * ledger.nodes + node
        place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        there = (key[place] == wanted) & (node != NOBODY) if len(key) else np.zeros(len(wanted), np.bool_)
        ends.append(np.where(there, place, -1))
    return ends[0], ends[1]


def _tier_of(member: Int64, tier: Int64, found: Network) -> Int64:
    """Tier of whom the money came from; 0 for sources and strangers."""
    result = np.zeros(len(member), np.int64)
    worker = member >= 0
    worker[worker] = found.part[member[worker]] == WORKER
    result[worker] = tier[member[worker]]
    return result
