"""How money is handed on, learnt from the case up to the moment: how long it stays, and where it goes."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.clock import covered
from duanka.flow.ledger import NOBODY, Int64
from duanka.trace.book import Book
from duanka.trace.doctrine import Doctrine
from duanka.trace.freezing.lying import Float, Lying

MINUTE = 60 * 10**6
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EDGES = np.array([0, *(MINUTE * m for m in (2, 5, 10, 20, 40)), *(HOUR * h for h in (1, 2, 4, 8, 16, 32, 64)), 8 * DAY])
"""µs: where one stretch of a stay ends and the next begins; within a stretch money leaves at a steady rate."""

TIERS = 4
"""Accounts further from the victims than this are one tier."""

WEIGHT = 3.0
"""As many payments of its own an account needs to count as much as its tier (assumption)."""

STAYS = 1.0
"""As many receipts that leave in a stretch of time count as much as the tier's rate there (assumption)."""

FADES = 2 * DAY
"""µs: after so long a payment says half as much of where money goes next; cards are used for days (assumption)."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Of k places (see `Lying`): the rates at which money leaves, and payments that its next ones may be like.

    Templates are earlier payments: money goes on to where one of them went. They come in two orders, by payer and by
    the payer's tier; `own_from[i]` … `own_from[i + 1]` are those of place i, `tier_from` likewise, and `*_sum` are
    running sums of their weights.
    """

    rate: Float  # (k, stretches), per µs
    own: Float  # k: probability that money goes as one of the account's own payments went, not one of its tier
    tier: Int64  # k: 0 … TIERS - 1
    own_from: Int64  # k + 1
    own_sum: Float
    own_to: Int64  # place; NOBODY where the payee is none of them
    tier_from: Int64  # TIERS + 1
    tier_sum: Float
    tier_to: Int64


def learn(book: Book, lying: Lying) -> Habits:
    """Learn from the rows up to the moment `lying.at` (closed).

    A stay is that of money under LIFO: it shows a relay on an account that has a life of its own. Money that has not
    left yet counts for as long as it has stayed (piecewise exponential survival with censoring), and each account is
    drawn towards its tier by WEIGHT receipts. The share of money that a tier pays to accounts which its payer never
    paid before goes by the tier's payments. O(rows + links of the touched accounts).
    """
    at, tier = lying.at, np.minimum(lying.hop, TIERS) - 1
    local = np.full(book.down.ledger.nodes + 1, NOBODY, np.int64)
    local[lying.node] = np.arange(len(lying))
    rate = _rates(book, local, tier, at)
    ledger, moment = book.down.ledger, book.down.moment
    rows = np.flatnonzero((book.down.kind == 0) & (moment <= at) & (local[ledger.payer] != NOBODY))
    rows = rows[ledger.payer[rows] != ledger.payee[rows]]
    payer, payee = local[ledger.payer[rows]], local[ledger.payee[rows]]
    fresh = 0.5 ** ((at - moment[rows]) / FADES)
    weight = ledger.amount[rows] * fresh
    counted = np.bincount(payer, fresh, minlength=len(lying))
    pair = ledger.payer[rows].astype(np.int64) * (ledger.nodes + 1) + ledger.payee[rows]
    first = np.zeros(len(rows), np.bool_)
    first[np.unique(pair, return_index=True)[1]] = True
    whole = np.bincount(tier[payer], weight, minlength=TIERS)
    new = np.bincount(tier[payer[first]], weight[first], minlength=TIERS) / np.maximum(whole, 1)
    own_from, own_sum, own_to = _templates(payer, payee, weight, len(lying))
    tier_from, tier_sum, tier_to = _templates(tier[payer], payee, weight, TIERS)
    own = counted / (counted + WEIGHT) * (1 - new[tier])
    return Habits(rate, own, tier, own_from, own_sum, own_to, tier_from, tier_sum, tier_to)


def _rates(book: Book, local: Int64, tier: Int64, at: int) -> Float:
    """Leaving per µs of stay, by place and stretch."""
    ledger, moment, links = book.down.ledger, book.down.moment, book.links(Doctrine.LIFO, down=True)
    here = (local[ledger.payee] != NOBODY) & covered(ledger, ledger.payee) & (moment <= at) & (ledger.received > 0)
    rows = np.flatnonzero(here)
    place, received = local[ledger.payee[rows]], ledger.received[rows].astype(np.float64)
    many = np.maximum(np.bincount(place, minlength=len(tier)), 1)
    each = (np.bincount(place, received, minlength=len(tier)) / many)[place]  # an account's mean receipt weighs 1
    length = links.start[rows + 1] - links.start[rows]
    nth = np.repeat(np.arange(len(rows)), length)
    link = np.arange(len(nth)) + np.repeat(links.start[rows] - np.concatenate([[0], np.cumsum(length)[:-1]]), length)
    past = moment[links.other[link]] <= at
    nth, link = nth[past], link[past]
    rest = received - np.bincount(nth, links.amount[link], minlength=len(rows))
    stay = np.concatenate([moment[links.other[link]] - moment[rows[nth]], at - moment[rows]]).astype(np.float64)
    weight = np.concatenate([links.amount[link] / each[nth], np.maximum(rest, 0) / each])
    where = np.concatenate([place[nth], place])
    gone = np.concatenate([np.ones(len(nth), np.bool_), np.zeros(len(rows), np.bool_)])
    left, stayed = np.zeros((2, len(tier), len(EDGES)))
    stretch = np.searchsorted(EDGES, stay, side="right") - 1
    for number, (begin, end) in enumerate(zip(EDGES, [*EDGES[1:], np.inf], strict=True)):
        inside = np.clip(stay - begin, 0, end - begin)
        stayed[:, number] = np.bincount(where, weight * inside, minlength=len(tier))
        of = gone & (stretch == number)
        left[:, number] = np.bincount(where[of], weight[of], minlength=len(tier))
    return _drawn(left, stayed, tier)


def _drawn(left: Float, stayed: Float, tier: Int64) -> Float:
    """Rates drawn towards those of the tier, and these towards those of all: STAYS receipts each."""
    whole = _shrunk(left.sum(axis=0), stayed.sum(axis=0), np.full(len(EDGES), 1 / DAY), 1.0)
    by_tier = np.zeros((2, TIERS, len(EDGES)))
    for sums, given in zip(by_tier, (left, stayed), strict=True):
        np.add.at(sums, tier, given)
    return _shrunk(left, stayed, _shrunk(by_tier[0], by_tier[1], whole, STAYS)[tier], STAYS)


def _shrunk(left: Float, stayed: Float, towards: Float, weight: float) -> Float:
    """Events over exposure, with `weight` further events at the rate `towards` in every stretch: never 0."""
    rate: Float = (left + weight) / (stayed + weight / towards)
    return rate


def _templates(of: Int64, to: Int64, weight: Float, groups: int) -> tuple[Int64, Float, Int64]:
    """Payments by group, with running sums of their weights. Equal ones of a group are one."""
    order = np.lexsort((to, of))
    of, to, weight = of[order], to[order], weight[order]
    first = np.ones(len(of), np.bool_)
    first[1:] = (of[1:] != of[:-1]) | (to[1:] != to[:-1])
    start = np.flatnonzero(first)
    summed = np.add.reduceat(weight, start) if len(start) else weight
    return np.searchsorted(of[start], np.arange(groups + 1)), np.cumsum(summed), to[start]
