"""Who is behind the cards: the dealer who pays their holders, the studios he pays, and where the holders are paid.

Those who rent out their cards (卡农) are paid elsewhere, in other accounts of theirs, and all by the same few (卡商).
Among all who pay persons, such a paymaster stands out: far more of those whom he pays hold a card of one ring than
would by chance. None of this money is handed on quickly, so relays don't show it. Some cards are probed first: a few
yuan show that they work.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binom

from duanka.flow.ledger import NOBODY, Bool, Int64, Ledger
from duanka.flow.windows import Float64
from duanka.rings.merging import Payments, one_of
from duanka.rings.network import SINK, SOURCE, WORKER, Network
from duanka.rings.telling import within

CHANCE = 1e-6
"""Probability at most that a payer of so many persons pays so many holders by chance: a case has many payers."""

FEWEST = 3
"""Holders of one ring's cards whom a paymaster pays at least."""

WAGES = 0.1
"""Share of all that a worker pays that must go to holders for it to be their paymaster: others hand the ring's money on
to holders' wallets, among many more (assumption)."""

PROBE = 1_000
"""Minor units at most by which somebody tries whether a card works: ten yuan (domain facts TX06; of other currencies
the same number, assumption)."""

AGAIN = 3
"""Payments by a paymaster from which an account that is no holder's is a studio's (assumption)."""

SHOP = 0.03
"""Share of an account's receipts that must be a paymaster's for it to be a studio's: where he buys again and again, he
is one of many customers (assumption)."""

PAYMASTER, STUDIO, HOLDER, OUTLET = range(3, 7)
"""What else a member does: pays holders (卡商); is paid by who pays them, again and again (工作室); is another account
of a holder, in which he is paid (卡农), or to which the ring's money goes at once."""


@dataclass(frozen=True, slots=True)
class Persons:
    """Per node."""

    holder: Int64  # number of the holder, NOBODY where not known
    personal: Bool  # whether a person's, not a firm's


@dataclass(frozen=True, slots=True)
class Paid:
    """Payments to holders of a ring's cards that are no chance: parallel arrays, a row per payer, ring and account."""

    payer: Int64
    ring: Int64
    account: Int64
    amount: Int64  # minor units
    surprise: Float64  # -log of the probability that payer and ring met so often by chance


def with_people(ledger: Ledger, rings: Network, persons: Persons) -> Network:
    """The rings, with those behind the cards as members; rings whose holders the same person pays are one (`merging`).

    Who pays n holders of accounts, of whom k hold a card that works in the ring, is its paymaster if k or more of n
    would be by chance in CHANCE at most (binomial, at the share that the ring's holders have in all such pairs of payer
    and holder), and k is FEWEST at least. Only accounts other than the workers' count, and PROBE at most from who works
    in no ring: what else is paid to the cards themselves says nothing. O(rows log rows).
    """
    if not rings.rings:
        return rings
    wages = _wages(ledger, rings, persons)
    rings = _merged(rings, _paid(wages, rings, persons, FEWEST, CHANCE), persons)
    paid = _paid(wages, rings, persons, FEWEST, CHANCE)
    masters = _masters(ledger, rings, paid)
    wage = np.isin(paid.ring * ledger.nodes + paid.payer, masters.ring * ledger.nodes + masters.payer)
    return _tidied(ledger, _added(rings, [
        _studios(ledger, rings, paid, masters, persons),
        (paid.ring[~wage], paid.account[~wage], OUTLET),
        (paid.ring[wage], paid.account[wage], HOLDER),
        (masters.ring, masters.payer, PAYMASTER),
    ]))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Wages:
    """Pairs of a payer and a holder's account, where that may be wages, a price or a probe."""

    payer: Int64
    account: Int64
    holder: Int64
    amount: Int64  # minor units
    pays: Int64  # per node: holders whom it pays


def _wages(ledger: Ledger, rings: Network, persons: Persons) -> _Wages:
    works = np.zeros(ledger.nodes, np.bool_)
    works[rings.node[rings.part == WORKER]] = True
    rows = np.flatnonzero((ledger.payer != NOBODY) & (ledger.payee != NOBODY) & (ledger.payer != ledger.payee))
    payer, payee = ledger.payer[rows].astype(np.int64), ledger.payee[rows].astype(np.int64)
    holder = persons.holder[payee]
    tells = ~works[payee] | ~works[payer] & (ledger.amount[rows] <= PROBE)
    rows = rows[tells & (holder != NOBODY) & (holder != persons.holder[payer])]
    key = ledger.payer[rows].astype(np.int64) * ledger.nodes + ledger.payee[rows]
    order = np.argsort(key)
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    amount = np.add.reduceat(ledger.amount[rows[order]], first) if len(first) else np.zeros(0, np.int64)
    payer, account = np.divmod(key[order[first]], ledger.nodes)
    holder, holders = persons.holder[account], _holders(persons)
    met = np.sort(payer * holders + holder)
    met = met[np.diff(met, prepend=-1) != 0]
    return _Wages(payer, account, holder, amount, np.bincount(met // holders, minlength=ledger.nodes))


def _holders(persons: Persons) -> int:
    return int(persons.holder.max(initial=0)) + 1


def paid_holders(ledger: Ledger, rings: Network, persons: Persons, fewest: int, chance: float) -> Paid:
    """Who pays so many holders of a ring's cards, in so little by chance; as for `with_people`. O(rows log rows)."""
    return _paid(_wages(ledger, rings, persons), rings, persons, fewest, chance)


def _paid(wages: _Wages, rings: Network, persons: Persons, fewest: int, chance: float) -> Paid:
    """Wages to holders of each ring's cards, of payers of whom that is no chance."""
    cards = (rings.part == WORKER) & (persons.holder[rings.node] != NOBODY) & persons.personal[rings.node]
    owns = np.unique(np.stack([persons.holder[rings.node[cards]], rings.ring[cards]]), axis=1)  # ascending by holder
    holders = _holders(persons)
    in_rings = np.bincount(owns[0], minlength=holders)
    begin = np.cumsum(in_rings) - in_rings
    told = np.flatnonzero(in_rings[wages.holder])
    times = in_rings[wages.holder[told]]
    pair = np.repeat(told, times)
    ring = owns[1][np.arange(len(pair)) - np.repeat(np.cumsum(times) - times, times) + begin[wages.holder[pair]]]
    payer, holder = wages.payer[pair], wages.holder[pair]
    met = np.unique((payer * rings.rings + ring) * holders + holder)
    key, count = np.unique(met // holders, return_counts=True)  # payer · rings + ring
    share: Float64 = np.bincount(key % rings.rings, count, minlength=rings.rings) / max(int(wages.pays.sum()), 1)
    surprise: Float64 = -binom.logsf(count - 1, wages.pays[key // rings.rings], share[key % rings.rings])
    sure = (count >= fewest) & (surprise >= -np.log(chance))
    place = np.searchsorted(key, payer * rings.rings + ring)
    kept = sure[place]
    return Paid(payer[kept], ring[kept], wages.account[pair[kept]], wages.amount[pair[kept]], surprise[place[kept]])


def _masters(ledger: Ledger, rings: Network, paid: Paid) -> Paid:
    """One row per payer and ring, ascending by ring: of payers who work in no ring, or pay WAGES of all to holders."""
    works = np.zeros(ledger.nodes, np.bool_)
    works[rings.node[rings.part == WORKER]] = True
    _, once = np.unique(np.stack([paid.payer, paid.account]), axis=1, return_index=True)  # of two rings, perhaps
    wages = np.bincount(paid.payer[once], paid.amount[once], minlength=ledger.nodes)
    known = ledger.payer != NOBODY
    whole = np.bincount(ledger.payer[known], ledger.amount[known], minlength=ledger.nodes)
    _, first = np.unique(np.stack([paid.ring, paid.payer]), axis=1, return_index=True)
    payer = paid.payer[first]
    first = first[~works[payer] | (wages[payer] >= WAGES * whole[payer])]
    return Paid(paid.payer[first], paid.ring[first], paid.account[first], paid.amount[first], paid.surprise[first])


def _merged(rings: Network, paid: Paid, persons: Persons) -> Network:
    """Those rings that are one, by their workers or by who pays their holders, as one; numbered by their first."""
    works = rings.part == WORKER
    ring, node = rings.ring[works], rings.node[works]
    holder = np.where(persons.personal[node], persons.holder[node], NOBODY)
    into = one_of(ring, node, holder, Payments(paid.payer, paid.ring, persons.holder[paid.account]), rings.rings)
    number = np.cumsum(into == np.arange(len(into))) - 1
    into = number[into]
    row_ring = into[rings.row_ring]
    order = np.lexsort((rings.row, row_ring))
    merged = _added(replace(rings, ring=into[rings.ring]), [])
    return replace(merged, row_ring=row_ring[order], row=rings.row[order])


def _studios(ledger: Ledger, rings: Network, paid: Paid, masters: Paid, persons: Persons) -> tuple[Int64, Int64, int]:
    """Accounts that a paymaster pays AGAIN, and that are nothing else, nor a shop: of the ring he pays most surely."""
    order = np.lexsort((-masters.surprise, masters.payer))
    payer, first = np.unique(masters.payer[order], return_index=True)
    of = np.full(ledger.nodes, NOBODY, np.int64)
    of[payer] = masters.ring[order][first]
    rows = np.flatnonzero((ledger.payer != NOBODY) & (ledger.payee != NOBODY))
    rows = rows[of[ledger.payer[rows]] != NOBODY]
    other = persons.personal.copy()
    other[rings.node[rings.part == WORKER]] = other[paid.account] = other[masters.payer] = False
    rows = rows[other[ledger.payee[rows]]]
    key, count = np.unique(of[ledger.payer[rows]] * ledger.nodes + ledger.payee[rows], return_counts=True)
    receipts = np.bincount(ledger.payee[ledger.payee != NOBODY], minlength=ledger.nodes)
    key = key[(count >= AGAIN) & (count >= SHOP * receipts[key % ledger.nodes])]
    return key // ledger.nodes, key % ledger.nodes, STUDIO


def _added(rings: Network, more: list[tuple[Int64, Int64, int]]) -> Network:
    """More memberships (ring, node, part): a paymaster comes first, then who works; else the last that is named."""
    ring = np.concatenate([rings.ring, *(one[0] for one in more)])
    node = np.concatenate([rings.node, *(one[1] for one in more)])
    part = np.concatenate([rings.part, *(np.broadcast_to(one[2], len(one[0])) for one in more)])
    place = np.where(part == PAYMASTER, 2, part == WORKER)
    order = np.lexsort((-np.arange(len(ring)), -place, node, ring))
    ring, node, part = ring[order], node[order], part[order]
    first = np.ones(len(ring), np.bool_)
    first[1:] = (ring[1:] != ring[:-1]) | (node[1:] != node[:-1])
    return replace(rings, ring=ring[first], node=node[first], part=part[first])


def _tidied(ledger: Ledger, rings: Network) -> Network:
    """Without the rows that have no worker at an end any more, and without sources and sinks that have no row."""
    key = rings.ring * ledger.nodes + rings.node
    works = key[rings.part == WORKER]
    ends = ledger.payer[rings.row], ledger.payee[rings.row]
    kept = np.any([within(works, rings.row_ring, end, ledger.nodes) for end in ends], axis=0)
    row_ring, row = rings.row_ring[kept], rings.row[kept]
    met = np.concatenate([row_ring * ledger.nodes + end[kept] for end in ends])
    stays = ~np.isin(rings.part, (SOURCE, SINK)) | np.isin(key, met)
    return Network(rings.ring[stays], rings.node[stays], rings.part[stays], row_ring, row)
