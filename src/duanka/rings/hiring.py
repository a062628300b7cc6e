"""Who behind the cards is what: dealers deliver them, studios buy them and work them, recruiters are paid by the head.

Whom `paymasters` finds pays holders, or is paid by who does. What goes between them tells them apart: a card dealer
(卡商) pays a holder before the card works and sells it to a studio (工作室), who pays him for the lot when it came, and
the holders for what passed (domain facts §3.1, §3.2).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from duanka.flow.ledger import NOBODY, Bool, Int64, Ledger
from duanka.rings.network import SINK, WORKER, Network
from duanka.rings.paymasters import AGAIN, PAYMASTER, STUDIO, Persons, paid_holders

PAID = 2
"""Holders whom somebody pays at least who is a dealer since the ring pays him, too (assumption)."""

CHANCE = 1e-2
"""Probability at most that such a one pays so many holders by chance: the ring pays few others (assumption)."""


@dataclass(frozen=True, slots=True)
class Hired:
    """Per membership of the network."""

    dealer: Bool
    studio: Bool
    recruiter: Bool


def hired(ledger: Ledger, rings: Network, persons: Persons) -> Hired:
    """Dealers, studios and recruiters among those behind the cards and those whom the ring pays.

    A paymaster who pays another one of the ring AGAIN, and no holder before his card works, is a studio: it buys its
    cards. Whom the dealer pays AGAIN who sold them is a recruiter; whom any other paymaster does, a studio. A paymaster
    who is no studio is a dealer, and so is a person whom the ring or a paymaster pays, and who pays PAID of its holders
    (in CHANCE by chance). O(rows log rows).
    """
    master, studio = rings.part == PAYMASTER, rings.part == STUDIO
    payer, payee = _among(ledger, rings, master | studio)
    buys, pairs = np.unique(np.stack([payer, payee]), axis=1, return_counts=True)
    buyer, seller = buys[:, (pairs >= AGAIN) & master[buys[0]] & master[buys[1]]]
    early = _early(ledger, rings, persons)
    buyer, seller = buyer[~early[buyer]], seller[~early[buyer]]
    head, sells = np.zeros_like(master), np.zeros_like(master)
    head[buyer] = sells[seller] = True
    by_dealer = np.bincount(payee, sells[payer], minlength=len(master))
    by_others = np.bincount(payee, master[payer] & ~sells[payer], minlength=len(master))
    recruiter = studio & (by_dealer > by_others)
    paid = paid_holders(ledger, rings, persons, PAID, CHANCE)
    pays = np.isin(rings.ring * ledger.nodes + rings.node, paid.ring * ledger.nodes + paid.payer)
    deals = pays & persons.personal[rings.node] & ((rings.part == SINK) | studio & ~recruiter)
    return Hired(master & ~head | deals, head | studio & ~recruiter & ~deals, recruiter)


def _among(ledger: Ledger, rings: Network, these: Bool) -> tuple[Int64, Int64]:
    """Payments between these members of the same ring, as memberships of payer and payee."""
    member = _members(rings, these)
    rows = _between(ledger, member["node"], member["node"])
    both = rows.join(member, left_on="payer", right_on="node").join(
        member, left_on=("payee", "ring"), right_on=("node", "ring"), suffix="_payee"
    )
    both = both.filter(pl.col("payer") != pl.col("payee"))
    return both["member"].to_numpy(), both["member_payee"].to_numpy()


def _early(ledger: Ledger, rings: Network, persons: Persons) -> Bool:
    """Per membership: whether it is a paymaster who pays a holder before the first payment to his card in the ring."""
    holder = pl.Series(persons.holder)
    works = _members(rings, rings.part == WORKER)
    cards = works.with_columns(holder=holder.gather(works["node"])).filter(pl.col("holder") != NOBODY)
    first = pl.DataFrame({"ring": rings.row_ring, "row": rings.row, "node": ledger.payee[rings.row].astype(np.int64)})
    first = first.join(cards, on=("ring", "node")).group_by("ring", "holder").agg(begins=pl.col("row").min())
    masters = _members(rings, rings.part == PAYMASTER)
    accounts = np.flatnonzero(np.isin(persons.holder, cards["holder"].to_numpy()))
    paid = _between(ledger, masters["node"], pl.Series(accounts)).join(masters, left_on="payer", right_on="node")
    paid = paid.join(works, left_on=("ring", "payee"), right_on=("ring", "node"), how="anti")
    paid = paid.with_columns(holder=holder.gather(paid["payee"])).join(first, on=("ring", "holder"))
    early = np.zeros(len(rings.node), np.bool_)
    early[paid.filter(pl.col("row") < pl.col("begins"))["member"].to_numpy()] = True
    return early


def _members(rings: Network, these: Bool) -> pl.DataFrame:
    member = np.flatnonzero(these)
    return pl.DataFrame({"ring": rings.ring[member], "node": rings.node[member], "member": member})


def _between(ledger: Ledger, payers: pl.Series, payees: pl.Series) -> pl.DataFrame:
    """`row, payer, payee` of all payments from these nodes to those."""
    rows = np.flatnonzero(np.isin(ledger.payer, payers.to_numpy()) & np.isin(ledger.payee, payees.to_numpy()))
    ends = {name: each[rows].astype(np.int64) for name, each in (("payer", ledger.payer), ("payee", ledger.payee))}
    return pl.DataFrame({"row": rows} | ends)
