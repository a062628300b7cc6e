"""Follow seeds through a book: down to where the money went, or up to where it came from."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY
from duanka.trace.book import Book
from duanka.trace.doctrine import BY_LINKS, UPWARD, Doctrine, DoctrineError
from duanka.trace.mending import RECORDED
from duanka.trace.mixing import follow_shares
from duanka.trace.pieces import follow_pieces
from duanka.trace.reason import Reason
from duanka.trace.result import Ends, Steps, Trace
from duanka.trace.seeds import Seeds
from duanka.trace.shares import LOWEST, PRO_RATA, ROLLING
from duanka.trace.walking import UNLIMITED, Bounds, EndPart, Found, Started, StepPart
from duanka.trace.way import Way

_SHARING = {Doctrine.PRO_RATA: PRO_RATA, Doctrine.ROLLING: ROLLING, Doctrine.LOWEST_BALANCE: LOWEST}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far money is followed. Where a limit cuts a branch off, the trace says how much and why."""

    at: int | None = None  # µs since 1970, closed: the trace ends (going up: begins) with the rows at this moment
    age: int | None = None  # µs, closed: money moves on only within this time of the latest seed of its group
    hops: int | None = None  # >= 0: rows after the seed; 0 follows nothing
    floor: int = 0  # minor units: less than this of one group in one row is not followed further


NO_LIMITS = Limits()


def down(book: Book, seeds: Seeds, doctrine: Doctrine, limits: Limits = NO_LIMITS) -> Trace:
    """Where the seeds' money went, and what of it is left where.

    Rows after `limits.at` are not read, except that a direct link may rest on them. A node's coverage bounds what is
    known of it: money that comes to it outside ends there. Costs: see `trace.pieces` (links) and `trace.mixing`.
    Raises DoctrineError for poison, whose amounts don't add up (`trace.poison`); ValueError if a limit is negative.
    """
    if doctrine is Doctrine.POISON:
        raise DoctrineError("Poison allocates nothing, its amounts don't add up; look at trace.poison.touched instead.")
    return _trace(book, seeds, doctrine, limits, up=False)


def up(book: Book, seeds: Seeds, doctrine: Doctrine, limits: Limits = NO_LIMITS) -> Trace:
    """Where the money that the seeds' rows took came from: the mirror image of `down`.

    A step's `amount` is what of the payment is traced, `received` what of it the payee got, as always; an end's node is
    the payer. `limits.at` is the earliest moment looked at, and ages count back from the earliest seed. Raises
    DoctrineError for doctrines that don't say where a payment came from: pari passu and the lowest intermediate balance
    share out what is left, and know no payment's sources; pro rata at each payment is the rolling charge.
    """
    if doctrine not in UPWARD:
        known = ", ".join(sorted(UPWARD))
        raise DoctrineError(
            f"{doctrine} says what is left for whom, not where a payment came from; choose of: {known}."
        )
    return _trace(book, seeds, doctrine, limits, up=True)


def _trace(book: Book, seeds: Seeds, doctrine: Doctrine, limits: Limits, *, up: bool) -> Trace:
    way = book.up if up else book.down
    started, bounds = _begin(book, way, seeds, limits, up=up)
    if doctrine in BY_LINKS:
        found = follow_pieces(way, book.links(doctrine, down=not up), started, bounds)
    else:
        rule = _SHARING[doctrine]
        load = book.loads(rule, down=not up)
        found = follow_shares(way, rule, load, started, bounds, limited=limits.hops is not None)
    return _report(way, seeds, doctrine, limits, found, up=up)


def _begin(book: Book, way: Way, seeds: Seeds, limits: Limits, *, up: bool) -> tuple[Started, Bounds]:
    """Seeds and limits in the order of the walk. Seeds that lie beyond `at` are written off where they stand."""
    for name in ("age", "hops", "floor"):
        value = getattr(limits, name)
        if value is not None and value < 0:
            raise ValueError(f"The limit `{name}` is {value}; it must be 0 or more.")
    if len(seeds) and seeds.row.max() >= book.rows:
        raise ValueError(f"Seed row {seeds.row.max()} is not among the {book.rows} rows of the book.")
    rows = len(way.ledger)
    row = book.place[seeds.row]
    row = rows - 1 - row if up else row
    ranked = np.lexsort((seeds.group, row))
    started = Started(row[ranked], seeds.group[ranked], seeds.amount[ranked])
    horizon = rows
    if limits.at is not None:
        horizon = int(np.searchsorted(way.moment, -limits.at if up else limits.at, side="right"))
    if len(started.row) and started.row[-1] >= horizon:
        raise ValueError("A seed lies beyond the moment `at`; leave it out, or choose another moment.")
    oldest = np.full(seeds.groups, UNLIMITED if limits.age is None else np.iinfo(np.int64).min // 2, np.int64)
    if limits.age is not None:
        np.maximum.at(oldest, started.label, way.moment[started.row])
        oldest += limits.age
    hops = UNLIMITED if limits.hops is None else limits.hops
    return started, Bounds(horizon, hops, limits.floor, limits.age is not None, oldest)


def _report(way: Way, seeds: Seeds, doctrine: Doctrine, limits: Limits, found: Found, *, up: bool) -> Trace:
    """Lines in their order, in rows of the given ledger; rows put in stand in ends only."""
    changed, seeded = np.zeros((2, seeds.groups), np.int64)
    for part in found.steps_aside:
        if part.came is not None:
            np.add.at(changed, part.label, part.came - part.out)
    np.add.at(seeded, seeds.group, seeds.amount)
    return Trace(
        doctrine=doctrine,
        up=up,
        seeded=seeded,
        changed=changed,
        steps=_steps(way, found.steps_aside, up=up),
        ends=_ends(way, limits, found.ends_aside, up=up),
    )


def _steps(way: Way, parts: list[StepPart], *, up: bool) -> Steps:
    """The steps of all parts. Parts are let go as they are read, so that the whole is in memory once."""
    aside, parts = parts, [*(reversed(parts) if up else parts), _NO_STEPS]
    aside.clear()
    changing = any(part.came is not None for part in parts)
    columns: list[list[np.ndarray]] = [[], [], [], [], []]
    for place, part in enumerate(parts):
        parts[place] = _NO_STEPS
        for column, values in zip(columns, _given(way, part, changing=changing, up=up), strict=True):
            column.append(values)
    row, group, amount, received, hop = (_joined(column) for column in columns)
    if not changing:
        received = amount
    return Steps(row, group, *((received, amount) if up else (amount, received)), hop)


def _given(way: Way, part: StepPart, *, changing: bool, up: bool) -> tuple[np.ndarray, ...]:
    """The columns of a part's steps through rows that are given, in the order of the given ledger."""
    came = part.out if part.came is None else part.came
    columns = (way.source[part.row].astype(np.int32), part.label, part.out, came if changing else _NOTHING, part.hop)
    chosen = np.flatnonzero(way.kind[part.row] == RECORDED)
    if up:
        chosen = chosen[np.lexsort((part.label[chosen], columns[0][chosen]))]
    elif len(chosen) == len(part.row):
        return columns
    return tuple(column[chosen] if len(column) else column for column in columns)


def _joined(column: list[np.ndarray]) -> np.ndarray:
    joined = np.concatenate(column)
    column.clear()
    return joined


def _ends(way: Way, limits: Limits, parts: list[EndPart], *, up: bool) -> Ends:
    """Ends by group, reason, row and node; those of one place are summed."""
    columns = [list(column) for column in zip(*parts, _NO_ENDS, strict=True)]
    parts.clear()
    group, reason, row, node, amount = (_joined(column) for column in columns)
    there = np.flatnonzero(row != NOBODY)
    met = row[there]
    put_in = way.kind[met] != RECORDED
    node[there[put_in]] = way.ledger.payer[met[put_in]]  # whose row is missing
    row[there] = way.source[met]
    if not up:
        last = limits.at if limits.at is not None else (way.moment[-1] if len(way.moment) else 0)
        held = np.flatnonzero(reason == Reason.HELD)
        reason[held[way.ledger.covered_to[node[held]] < last]] = Reason.RECORDS_END
    ranked = np.lexsort((node, row, reason, group))
    group, reason, row, node = (column[ranked] for column in (group, reason, row, node))
    amount = amount[ranked]
    same = np.ones(len(ranked), np.bool_)
    same[1:] = False
    for column in (group, reason, row, node):
        same[1:] |= column[1:] != column[:-1]
    first = np.flatnonzero(same)
    if len(first) == len(amount):
        return Ends(group, reason, row, node, amount)
    return Ends(group[first], reason[first], row[first], node[first], np.add.reduceat(amount, first))


_NOTHING = np.zeros(0, np.int64)
_NO_STEPS = StepPart(_NOTHING.astype(np.int32), _NOTHING.astype(np.int32), _NOTHING, None, _NOTHING.astype(np.int32))
_NO_ENDS = EndPart(
    _NOTHING.astype(np.int32), _NOTHING.astype(np.int8), _NOTHING.astype(np.int32), _NOTHING.astype(np.int32), _NOTHING
)
