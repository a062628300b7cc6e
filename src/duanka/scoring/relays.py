"""Evidence that money was handed on: each case against itself, rewired in time.

A receipt and a payment soon after it may be a relay or chance. How much more often pairs of that kind (so quick, of
such amounts, at an account that is as busy) occur in the records than they would if each account had made the same
payments at other times is a likelihood ratio; it needs no label, no threshold and no currency. It is what a classifier
learns that tells the records' pairs from rewired ones (noise-contrastive estimation: Gutmann and Hyvärinen 2010).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duanka.flow.index import Index, index
from duanka.flow.ledger import NOBODY, Float32, Int32, Int64, Ledger
from duanka.flow.succession import LATEST, MOST, Succession, handed_on, rewired, succession
from duanka.flow.windows import DAY, HOUR
from duanka.scoring.trees import Trees, trees_of
from duanka.scoring.usual import medians, relative

WITHIN = 3 * DAY
"""µs between receipt and payment: the 72 h that practitioners look at (domain facts TX01)."""

LEARNT = 400_000
"""Pairs of each kind that are learnt from, about: learning takes no longer in a larger case (assumption)."""

FEWEST = 400
"""Pairs of the records below which there is nothing to learn from."""

KEEP = 0.15
"""Of the strength of a step, what the next step inherits: a chain is worth more than its parts (assumption)."""

Float64 = NDArray[np.float64]

_CHUNK = 1_000_000
_WEEK = 7
_MANY = 5

FEATURES = (
    "log of the dwell in seconds",
    "log of the receipts to be expected in the dwell, at the account's own rate",
    "log of the payment over the receipt",
    "log of the receipt over the currency's median",
    "log of the payment over the currency's median",
    "payments between the two ends of the receipt, at most 5",
    "payments between the two ends of the payment, at most 5",
    "log of the account's receipts",
    "log of the account's payments",
    "receipts between the two",
    "log of one more than those whom the receipt's payer pays",
    "log of one more than those who pay it",
    "log of one more than those who pay the payment's payee",
    "log of one more than those whom it pays",
    "hour of the day (UTC) of the receipt",
    "hour of the day (UTC) of the payment",
)
"""What a pair is seen by. Nothing of it tells who the account is, or where, or what was decided about it."""


@dataclass(frozen=True, slots=True)
class Relays:
    """The pairs of a case, and what they say of its rows."""

    pairs: Succession
    node: Int32  # per pair: whose receipt and payment they are
    weight: Float32  # per pair: natural log of the likelihood ratio, relay against chance
    second: Float32  # per row: how strongly it hands on what its payer had just received
    first: Float32  # per row: how strongly its payee hands it on
    learnt: bool  # false where there are too few pairs to learn from: all weights are 0 then


def relays(ledger: Ledger, currency: Int64, *, moment: Int64 | None = None, seed: int = 0) -> Relays:
    """Weigh every receipt-and-payment pair of an ordered ledger. `currency` is a number per node.

    The same for the same rows, whatever the names of accounts are or the number of threads is.
    O(rows · log), of which learning takes a bounded part.
    """
    seen = _Seen(ledger, currency, moment)
    pairs = succession(ledger, WITHIN, moment=moment)
    weight = np.zeros(len(pairs), np.float32)
    model = _learn(seen, seed) if len(pairs) >= FEWEST else None
    if model is not None:
        for start in range(0, len(pairs), _CHUNK):
            part = slice(start, start + _CHUNK)
            piece = Succession(
                pairs.receipt[part], pairs.payment[part], pairs.dwell[part], pairs.between[part]
            )  # fmt: skip
            weight[part] = model.sums(seen.features(piece))
    second, first = handed_on(pairs, weight, len(ledger), KEEP)
    return Relays(pairs, ledger.payer[pairs.payment], weight, second, first, model is not None)


class _Seen:
    """What the features of a pair are made from: a few numbers per row and per node."""

    def __init__(self, ledger: Ledger, currency: Int64, moment: Int64 | None) -> None:
        self.ledger = ledger
        self.moment = ledger.time if moment is None else moment
        self.index: Index = index(ledger)
        self.receipts = np.diff(self.index.got_from)
        self.payments = np.diff(self.index.paid_from)
        self.period = _period(ledger, self.moment, self.index)
        often, first = _payments_between(ledger)
        self._often = np.minimum(often, _MANY).astype(np.float32)
        self._pays, self._is_paid_by = (_partners(end[first], ledger.nodes) for end in (ledger.payer, ledger.payee))
        self._hour = (self.moment // HOUR % 24).astype(np.float32)
        usual = medians(ledger, currency)
        self._paid = relative(ledger.amount, ledger.payer, currency, usual)
        self._got = relative(ledger.received, ledger.payee, currency, usual)

    def features(self, pairs: Succession) -> Float32:
        """FEATURES of each pair: (m, 16)."""
        node = self.ledger.payer[pairs.payment]
        source, target = self.ledger.payer[pairs.receipt], self.ledger.payee[pairs.payment]  # -1 is the last: nobody
        expected = self.receipts[node] * (pairs.dwell / self.period[node])
        got, paid = self._got[pairs.receipt], self._paid[pairs.payment]
        columns = [
            np.log(pairs.dwell / 1e6 + 1),
            np.log(expected + 1e-6),
            paid - got,
            got,
            paid,
            self._often[pairs.receipt],
            self._often[pairs.payment],
            np.log(self.receipts[node]),
            np.log(self.payments[node]),
            pairs.between,
            self._pays[source],
            self._is_paid_by[source],
            self._is_paid_by[target],
            self._pays[target],
            self._hour[pairs.receipt],
            self._hour[pairs.payment],
        ]
        return np.column_stack([column.astype(np.float32) for column in columns])


def _learn(seen: _Seen, seed: int) -> Trees | None:
    """Tell the pairs of a sample of nodes from the same nodes' rewired pairs."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - a second to import

    both = np.flatnonzero((seen.receipts > 0) & (seen.payments > 0))
    nodes, share = _some(both, _lots(seen, both, seed), seen)
    real = rewired(seen.ledger, seen.index, nodes, np.zeros(len(nodes), np.int64), WITHIN, moment=seen.moment)
    turns = _turns(seen.period[nodes], share)
    chance = rewired(seen.ledger, seen.index, nodes, turns, WITHIN, moment=seen.moment)
    if min(len(real), len(chance)) < FEWEST // 4:
        return None
    left, right = seen.features(real), seen.features(chance)
    classifier = HistGradientBoostingClassifier(
        max_iter=80, max_leaf_nodes=31, learning_rate=0.1, early_stopping=False, random_state=0,
        min_samples_leaf=int(np.clip((len(left) + len(right)) // 2_000, 20, 200)),
    )  # fmt: skip
    with _one_thread():
        classifier.fit(np.concatenate([left, right]), np.repeat([1, 0], [len(left), len(right)]))
    return trees_of(classifier, len(FEATURES))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Threads of this learner spin while they wait for each other: two take longer than one where others compute, too.

    What is learnt from is bounded, so one thread is enough: 4 s, against 16 to 26 s of two on a busy machine.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

    with threadpool_limits(limits=1, user_api="openmp"):
        yield


def _lots(seen: _Seen, nodes: Int64, seed: int) -> Float64:
    """Two numbers of each node, 0 … 1 (open), as if drawn by lot: (nodes, 2).

    They follow from when and how much it first received and first paid: not from its number or name, nor from the
    currency's minor unit. They stay when other accounts, or later rows, are added.
    """
    ledger = seen.ledger
    got, paid = seen.index.got[seen.index.got_from[nodes]], seen.index.paid[seen.index.paid_from[nodes]]
    state = np.full(len(nodes), seed, np.uint64)
    for content in (seen.moment[got], _digits(ledger.received[got]), seen.moment[paid], _digits(ledger.amount[paid])):
        state = _mixed(state ^ content.astype(np.uint64))
    return (np.column_stack([state, _mixed(state)]) >> np.uint64(11)) / 2.0**53


def _digits(amount: Int64) -> Int64:
    """The amounts without the zeros at their end."""
    while (even := (amount > 0) & (amount % 10 == 0)).any():
        amount = np.where(even, amount // 10, amount)
    return amount


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The next number of the generator SplitMix64 (Steele, Lea and Flood 2014), for each of them."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def _some(nodes: Int64, lots: Float64, seen: _Seen) -> tuple[Int64, Float64]:
    """Nodes drawn by their first lot until they hold enough payments, and their second lots.

    Of equal lots the one with the earlier row comes first: the order, in which the learner's sums depend on it, must
    not follow from the numbers of nodes.
    """
    first = seen.index.got[seen.index.got_from[nodes]]
    order = np.lexsort((first, lots[:, 0]))
    total = np.cumsum(np.minimum(seen.payments[nodes[order]], MOST)) * LATEST
    drawn = order[: int(np.searchsorted(total, 2 * LEARNT)) + 1]
    return nodes[drawn], lots[drawn, 1]


def _turns(period: Int64, share: Float64) -> Int64:
    """By how much each node's payments are turned: whole days where its period has a week of them, else any part."""
    days = period // DAY
    by_day = (1 + (share * (days - 1)).astype(np.int64)) * DAY
    by_part = np.maximum((period * (0.05 + 0.9 * share)).astype(np.int64), 1)
    turned: Int64 = np.where(days >= _WEEK, by_day, by_part)
    return turned


def _period(ledger: Ledger, moment: Int64, by_node: Index) -> Int64:
    """µs from the first row of each node to its last, at least 1."""
    first = np.full(ledger.nodes, np.iinfo(np.int64).max)
    last = np.full(ledger.nodes, np.iinfo(np.int64).min)
    for starts, rows in ((by_node.paid_from, by_node.paid), (by_node.got_from, by_node.got)):
        there = np.flatnonzero(starts[1:] > starts[:-1])
        first[there] = np.minimum(first[there], moment[rows[starts[there]]])
        last[there] = np.maximum(last[there], moment[rows[starts[there + 1] - 1]])
    period: Int64 = np.where(last >= first, last - first + 1, 1)
    return period


def _payments_between(ledger: Ledger) -> tuple[Int64, Int64]:
    """How many rows have the same payer and payee as each row, and one row of each such pair.

    Rows with an unknown end count as alone.
    """
    key = ledger.payer.astype(np.int64) * ledger.nodes + ledger.payee
    alone = (ledger.payer == NOBODY) | (ledger.payee == NOBODY)
    key[alone] = -1 - np.flatnonzero(alone)
    order = np.argsort(key)
    first = np.flatnonzero(np.diff(key[order], prepend=key[order[:1]] - 1))
    often = np.empty(len(key), np.int64)
    count = np.diff(first, append=len(key))
    often[order] = np.repeat(count, count)
    return often, order[first]


def _partners(node: Int32, nodes: int) -> Float32:
    """Log of one more than the partners of each node, given an end of one row per pair; the last place is nobody's."""
    counts = np.bincount(node[node != NOBODY], minlength=nodes + 1)
    result: Float32 = np.log1p(counts).astype(np.float32)
    return result
