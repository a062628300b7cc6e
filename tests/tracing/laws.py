"""What must be true of every trace of every ledger; used by the quick laws and by the long test."""

import numpy as np

from duanka.flow.ledger import NOBODY, Int64, Ledger
from duanka.trace.book import Book
from duanka.trace.doctrine import BY_LINKS, Doctrine
from duanka.trace.poison import touched
from duanka.trace.reason import LEFT, Reason
from duanka.trace.result import Trace
from duanka.trace.seeds import Seeds


def adds_up(found: Trace) -> None:
    """Seed = left + ended + remainder, for each group, but for fees and changes of currency."""
    for group in range(len(found.seeded)):
        assert found.seeded[group] + found.changed[group] == sum(found.by_reason(group).values())
    assert (found.ends.amount > 0).all()
    assert found.left(_nodes(found)).sum() + found.ended() + found.remainder() == found.ends.amount.sum()


def _nodes(found: Trace) -> int:
    return int(found.ends.node.max(initial=0)) + 1


def fits_the_rows(ledger: Ledger, found: Trace) -> None:
    """No row carries more traced money than it moved, and none less than nothing."""
    for column, whole in ((found.steps.amount, ledger.amount), (found.steps.received, ledger.received)):
        assert (column >= 0).all()
        total = np.zeros(len(ledger), np.int64)
        np.add.at(total, found.steps.row, column)
        assert (total <= whole).all()


def balances_at_nodes(ledger: Ledger, start: Seeds, found: Trace) -> None:
    """At each node and for each group: what came equals what is left, what went on and what ended there."""
    near, far = (ledger.payer, ledger.payee) if not found.up else (ledger.payee, ledger.payer)
    out, came = (found.steps.amount, found.steps.received)
    if found.up:
        out, came = came, out
    total: Int64 = np.zeros((len(found.seeded), ledger.nodes + 1), np.int64)  # the last place is NOBODY's
    np.add.at(total, (start.group, far[start.row]), start.amount)
    np.add.at(total, (found.steps.group, far[found.steps.row]), came)
    np.subtract.at(total, (found.steps.group, near[found.steps.row]), out)
    np.subtract.at(total, (found.ends.group, found.ends.node), found.ends.amount)
    assert not total.any()


def within_what_is_held(book: Book, found: Trace) -> None:
    """What is left at a node is no more than the node holds."""
    ledger = book.down.ledger
    held = np.zeros(ledger.nodes, np.int64)
    for row in range(len(ledger)):
        if ledger.payer[row] != NOBODY and book.down.before[row]:
            held[ledger.payer[row]] = book.down.before[row] - ledger.amount[row]
        if ledger.payee[row] != NOBODY and book.down.after[row]:
            held[ledger.payee[row]] = book.down.after[row]
    assert (found.left(ledger.nodes) <= held).all()


def touches_only_the_poisoned(book: Book, start: Seeds, found: Trace) -> None:
    """Poison is the outer bound of every doctrine."""
    assert set(found.steps.row.tolist()) <= set(touched(book, start).row.tolist())


def never_backwards(start: Seeds, found: Trace) -> None:
    """Each step comes after a seed of its group, and hops count from 1."""
    for row, group, hop in zip(found.steps.row, found.steps.group, found.steps.hop, strict=True):
        own = start.row[start.group == group]
        assert (row < own.max()) if found.up else (row > own.min())
        assert hop >= 1


def renumbered(ledger: Ledger, name: Int64) -> Ledger:
    """The ledger with node v called `name[v]`."""
    columns = {field: getattr(ledger, field) for field in Ledger.__dataclass_fields__}
    old = np.argsort(name)
    for side in ("payer", "payee"):
        known = columns[side] != NOBODY
        columns[side] = np.where(known, name[np.maximum(columns[side], 0)], NOBODY).astype(np.int32)
    return Ledger(**(columns | {side: columns[side][old] for side in ("covered_from", "covered_to")}))


def same_but_for_names(one: Trace, two: Trace, name: Int64) -> None:
    """Two traces of a ledger and of the same with its nodes renumbered."""
    for column in ("row", "group", "amount", "received", "hop"):
        assert np.array_equal(getattr(one.steps, column), getattr(two.steps, column))

    def places(found: Trace, names: Int64) -> list[tuple[int, ...]]:
        ends = found.ends
        node = np.where(ends.node == NOBODY, NOBODY, names[np.maximum(ends.node, 0)])
        columns = (ends.group, ends.reason, ends.row, node, ends.amount)
        return sorted(zip(*(column.tolist() for column in columns), strict=True))

    assert places(one, name) == places(two, np.arange(len(name)))


def lowest_between(book: Book, found: Trace, row: int, amount: int) -> None:
    """A claim on one node is what is left of it, or the lowest balance since, where that is less."""
    ledger, node = book.down.ledger, int(book.down.ledger.payee[book.place[row]])
    lowest = amount
    for later in range(book.place[row] + 1, len(ledger)):
        if ledger.payer[later] == node and book.down.before[later]:
            lowest = min(lowest, int(book.down.before[later] - ledger.amount[later]))
    there = np.isin(found.ends.reason, [*LEFT]) & (found.ends.node == node)
    assert found.ends.amount[there].sum() == lowest


def agree_both_ways(below: Trace, above: Trace, seed: int, target: int) -> None:
    """Down from a whole row and up from a whole row find the same between the two."""
    down = below.steps.amount[below.steps.row == target].sum()
    up = above.steps.received[above.steps.row == seed].sum()
    assert below.doctrine in BY_LINKS
    assert down == up


def all_of(book: Book, ledger: Ledger, start: Seeds, found: Trace) -> None:
    """Every law that holds of any trace down without virtual rows in between."""
    adds_up(found)
    fits_the_rows(ledger, found)
    never_backwards(start, found)
    if Reason.UNRECORDED not in found.by_reason():
        balances_at_nodes(ledger, start, found)
    if not found.up:
        touches_only_the_poisoned(book, start, found)
    assert found.doctrine is not Doctrine.POISON
