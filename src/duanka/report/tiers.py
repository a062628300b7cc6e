"""Money followed forward over lineage, tier by tier, exact to the cent. Arrays in, arrays out.

A row is one payment and moves the money positions [0, amount) of its payer to its payee. Lineage links share these
positions out: the links into a row take its positions in the order of the receipts that funded it, the links out of a
row take its positions in the order of the payments that spent it, as first in, first out does. So what is followed is
never a share but an interval of positions, which arrives whole, splits exactly, and can't be counted twice.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]

NOBODY = -1
NO_ROW = -1


class End(IntEnum):
    """Why money is followed no further."""

    STAYS = 0  # its holder's records don't show it leave
    NOT_PRODUCED = 1  # its holder's records were not produced, or not for that time
    CURRENCY = 2  # it was exchanged
    FEE = 3  # it left the payer and did not reach the payee
    BEYOND = 4  # it goes on, but the last tier is reached


@dataclass(frozen=True, slots=True)
class Rows:
    """Payments, sorted by `row` (their place in the one order of the case)."""

    row: Int64
    payer: Int64  # node, NOBODY if not named
    payee: Int64
    amount: Int64  # left the payer
    received: Int64  # reached the payee
    exchanged: NDArray[np.bool_]  # the payee got another currency
    produced: NDArray[np.bool_]  # the payee's own records cover the row


@dataclass(frozen=True, slots=True)
class Links:
    """Lineage: `amount` of `in_row` (NO_ROW = from before the records) left with `out_row`; rows as in `Rows.row`."""

    in_row: Int64
    out_row: Int64
    amount: Int64


@dataclass(frozen=True, slots=True)
class Unrolled:
    """What was followed. Into node n of tier k flow moves of tier k; out of it flow moves of tier k+1 and its ends.

    Moves: `amount` of row `row`, from a node of tier `tier` - 1 to a node of tier `tier` (tiers of moves begin at 1).
    Ends: `end_amount` that node `end_node` of tier `end_tier` holds or lost, for the reason `end_kind`.
    """

    tier: Int64
    row: Int64
    payer: Int64
    payee: Int64
    amount: Int64
    end_tier: Int64
    end_node: Int64
    end_kind: Int64
    end_amount: Int64


@dataclass(frozen=True, slots=True)
class Spans:
    """Disjoint intervals [start, stop) of positions of rows."""

    row: Int64
    start: Int64
    stop: Int64

    @property
    def length(self) -> Int64:
        """Positions in each."""
        lengths: Int64 = self.stop - self.start
        return lengths


def unroll(rows: Rows, links: Links, starts: Int64, *, max_tiers: int) -> Unrolled:
    """Follow the money of the payments `starts` (rows) through at most `max_tiers` tiers.

    Money of one start that comes to another start is followed from the first only. O(E log E) for E links of the rows
    that are reached, whatever the shape of the graph.
    """
    share = _positions(links)
    starts = np.unique(starts)
    at = np.searchsorted(rows.row, starts)
    whole = Spans(starts, np.zeros(len(starts), np.int64), rows.amount[at])
    whole = _take(whole, whole.length > 0)
    reached = [span for span, _ in _walk(rows, share, whole, max_tiers)][1:]
    own = subtract(whole, _join([span for span in reached if len(span.row)]))
    moves, ends = [], []
    for tier, (span, passed) in enumerate(_walk(rows, share, own, max_tiers), start=1):
        moves.append(_moves(rows, span, tier))
        ends.append(_ends(rows, span, passed, tier, last=tier == max_tiers))
    return Unrolled(*_stack(moves, 5), *_stack(ends, 4))


@dataclass(frozen=True, slots=True)
class _Share:
    """Links by in_row, with the positions that they take of it (from in_start) and of out_row (from out_start)."""

    links: Links
    in_start: Int64
    out_start: Int64


def _positions(links: Links) -> _Share:
    by = np.lexsort((links.out_row, links.in_row))
    by = by[links.amount[by] > 0]
    links = Links(links.in_row[by], links.out_row[by], links.amount[by])
    return _Share(
        links,
        in_start=_running(links.in_row, links.out_row, links.amount),
        out_start=_running(links.out_row, links.in_row, links.amount),
    )


def _running(group: Int64, order: Int64, amount: Int64) -> Int64:
    """Sum of the amounts before each element in its group, elements of a group taken by `order`."""
    by = np.lexsort((order, group))
    total = np.cumsum(amount[by])
    before = total - amount[by]
    first = np.ones(len(by), np.bool_)
    first[1:] = group[by][1:] != group[by][:-1]
    before -= before[np.maximum.accumulate(np.where(first, np.arange(len(by)), 0))]
    result = np.empty(len(by), np.int64)
    result[by] = before
    return result


def _walk(rows: Rows, share: _Share, spans: Spans, max_tiers: int) -> list[tuple[Spans, tuple[Int64, Int64]]]:
    """Per tier the spans that arrive in it, and (index of span, length) of what of them is handed on."""
    tiers = []
    for _ in range(max_tiers):
        if not len(spans.row):
            break
        arrived = _arrived(rows, spans)
        near = _near(share.links.in_row, np.unique(arrived.row))
        out_of = Spans(share.links.in_row[near], share.in_start[near], share.in_start[near] + share.links.amount[near])
        index, link, start, stop = overlay(arrived, out_of)
        link = near[link]
        tiers.append((spans, (index, stop - start)))
        shift = share.out_start[link] - share.in_start[link]
        spans = _merged(Spans(share.links.out_row[link], start + shift, stop + shift))
    return tiers


def _near(in_row: Int64, rows: Int64) -> Int64:
    """Which elements of the sorted `in_row` are in the sorted `rows`, without looking at the others."""
    first, past = np.searchsorted(in_row, rows, "left"), np.searchsorted(in_row, rows, "right")
    count = past - first
    before = np.cumsum(count) - count
    near: Int64 = np.repeat(first - before, count) + np.arange(count.sum())
    return near


def _arrived(rows: Rows, spans: Spans) -> Spans:
    """The positions that reach the payee and can be followed there: fees take the last ones, exchange takes all."""
    at = np.searchsorted(rows.row, spans.row)
    limit = np.where(rows.exchanged[at], 0, rows.received[at])
    return Spans(spans.row, np.minimum(spans.start, limit), np.minimum(spans.stop, limit))


def _moves(rows: Rows, spans: Spans, tier: int) -> tuple[Int64, ...]:
    row, inverse = np.unique(spans.row, return_inverse=True)
    amount = _sums(inverse, spans.length, len(row))
    at = np.searchsorted(rows.row, row)
    return np.full(len(row), tier, np.int64), row, rows.payer[at], rows.payee[at], amount


def _ends(rows: Rows, spans: Spans, passed: tuple[Int64, Int64], tier: int, *, last: bool) -> tuple[Int64, ...]:
    at = np.searchsorted(rows.row, spans.row)
    arrived = _arrived(rows, spans).length
    handed_on = _sums(passed[0], passed[1], len(spans.row))
    lost = np.where(rows.exchanged[at], int(End.CURRENCY), int(End.FEE))
    kept = np.where(rows.produced[at], int(End.STAYS), int(End.NOT_PRODUCED))
    parts = [(lost, spans.length - arrived), (kept, arrived - handed_on)]
    if last:
        parts.append((np.full(len(at), int(End.BEYOND)), handed_on))
    kind = np.concatenate([part[0] for part in parts]).astype(np.int64)
    amount = np.concatenate([part[1] for part in parts])
    node = np.tile(rows.payee[at], len(parts))
    pairs, inverse = np.unique(np.stack([node, kind]), axis=1, return_inverse=True)
    total = _sums(inverse.reshape(-1), amount, pairs.shape[1])
    some = total > 0
    return np.full(int(some.sum()), tier, np.int64), pairs[0][some], pairs[1][some], total[some]


def _sums(index: Int64, amount: Int64, size: int) -> Int64:
    total = np.zeros(size, np.int64)
    np.add.at(total, index, amount)
    return total


def _stack(parts: list[tuple[Int64, ...]], columns: int) -> list[Int64]:
    if not parts:
        return [np.zeros(0, np.int64)] * columns
    return [np.concatenate([part[column] for part in parts]) for column in range(columns)]


def _join(parts: list[Spans]) -> Spans:
    row, start, stop = _stack([(part.row, part.start, part.stop) for part in parts], 3)
    return _united(Spans(row, start, stop))


def _take(spans: Spans, which: NDArray[np.bool_]) -> Spans:
    return Spans(spans.row[which], spans.start[which], spans.stop[which])


def _united(spans: Spans) -> Spans:
    """The union of spans that may overlap."""
    if not len(spans.row):
        return spans
    row = np.concatenate([spans.row, spans.row])
    place = np.concatenate([spans.start, spans.stop])
    step = np.repeat(np.array([1, -1]), len(spans.row))
    by = np.lexsort((-step, place, row))  # a start before a stop at the same place joins neighbours
    depth = np.cumsum(step[by])
    opens = by[(step[by] == 1) & (depth == 1)]
    closes = by[(step[by] == -1) & (depth == 0)]
    return Spans(row[opens], place[opens], place[closes])


def _merged(spans: Spans) -> Spans:
    return _united(_take(spans, spans.length > 0))


def subtract(spans: Spans, other: Spans) -> Spans:
    """What of `spans` is not in `other`; both disjoint."""
    _, start, stop, row, inside = _sweep(spans, other)
    outside = inside < 0
    return _merged(Spans(row[outside], start[outside], stop[outside]))


def overlay(spans: Spans, other: Spans) -> tuple[Int64, Int64, Int64, Int64]:
    """Every overlap of two sets of disjoint spans: index in `spans`, index in `other`, start, stop. O(n log n)."""
    index, start, stop, _, inside = _sweep(spans, other)
    both = inside >= 0
    return index[both], inside[both], start[both], stop[both]


def _sweep(spans: Spans, other: Spans) -> tuple[Int64, Int64, Int64, Int64, Int64]:
    """The pieces of `spans`, cut where `other` begins or ends: index, start, stop, row, index in `other` or -1."""
    sides = [_take_indexed(spans), _take_indexed(other)]
    row = np.concatenate([np.tile(side[0].row, 2) for side in sides])
    place = np.concatenate([np.concatenate([side[0].start, side[0].stop]) for side in sides])
    opens = np.concatenate([np.repeat([True, False], len(side[1])) for side in sides])
    index = np.concatenate([np.tile(side[1], 2) for side in sides])
    first = np.arange(len(row)) < 2 * len(sides[0][1])
    by = np.lexsort((opens, place, row))  # at one place, what ends comes before what begins
    row, place = row[by], place[by]
    state = np.where(opens[by], index[by], -1)
    own, theirs = _latest(state, first[by]), _latest(state, ~first[by])
    piece = np.zeros(len(by), np.bool_)
    piece[:-1] = (own[:-1] >= 0) & (row[1:] == row[:-1]) & (place[1:] > place[:-1])
    at = np.flatnonzero(piece)
    return own[at], place[at], place[at + 1] if len(at) else place[:0], row[at], theirs[at]


def _take_indexed(spans: Spans) -> tuple[Spans, Int64]:
    some = spans.length > 0
    return _take(spans, some), np.flatnonzero(some)


def _latest(state: Int64, mine: NDArray[np.bool_]) -> Int64:
    """Per event the state after the latest event that is `mine`, -1 before the first."""
    at = np.maximum.accumulate(np.where(mine, np.arange(len(state)), -1)) if len(state) else np.zeros(0, np.int64)
    latest: Int64 = np.where(at >= 0, state[np.maximum(at, 0)], -1) if len(state) else at
    return latest
