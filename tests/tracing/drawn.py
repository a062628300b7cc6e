"""Ledgers, seeds and limits for properties of tracing, and how a trace is compared with its twin."""

import dataclasses

import numpy as np
from hypothesis import strategies as st

from duanka.flow.ledger import NO_BALANCE, Ledger
from duanka.trace.book import Book, book
from duanka.trace.doctrine import BY_LINKS, Doctrine
from duanka.trace.follow import Limits
from duanka.trace.reason import Reason
from duanka.trace.result import Trace
from duanka.trace.seeds import Seeds, seeds
from flow.ordered import covered_ledgers, in_order
from strategies import SECOND
from tracing.twins import Outcome, Setting, direct_twin, opening_of, share_twin, unit_twin

EMPTY = 1
COMMISSION = 30
"""Per cent; amounts are small, and some of it is to stay."""
WITHINS = (SECOND, 10**13)


@st.composite
def unprinted(draw: st.DrawFn, *, max_rows: int = 14) -> Ledger:
    """A ledger in order without printed balances, at moments that are those of its rows."""
    ledger, moment = in_order(draw(covered_ledgers(max_rows=max_rows)))
    blank = np.full(len(ledger), NO_BALANCE, np.int64)
    return dataclasses.replace(ledger, time=moment, balance_payer=blank, balance_payee=blank)


@st.composite
def sown(draw: st.DrawFn, ledger: Ledger, *, up: bool = False) -> Seeds:
    """A few seeds, often several on one row or one group on several rows."""
    if not len(ledger):
        return seeds(ledger, np.zeros(0, np.int64))
    rows = np.array(draw(st.lists(st.integers(0, len(ledger) - 1), min_size=1, max_size=4)), np.int64)
    most = (ledger.amount if up else ledger.received)[rows]
    parts = draw(st.lists(st.sampled_from([1.0, 1.0, 0.5, 0.0]), min_size=len(rows), max_size=len(rows)))
    group = draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows)))
    amounts = np.ceil(most * np.array(parts)).astype(np.int64)
    return seeds(ledger, rows, amounts, group=np.array(group, np.int64), up=up)


@st.composite
def limited(draw: st.DrawFn, ledger: Ledger, start: Seeds) -> Limits:
    """Any limits that leave the seeds inside."""
    latest = int(ledger.time[start.row].max()) if len(start) else 0
    return Limits(
        at=draw(st.one_of(st.none(), st.integers(0, 3).map(lambda later: latest + later * SECOND))),
        age=draw(st.one_of(st.none(), st.sampled_from([0, SECOND, 2 * SECOND]))),
        hops=draw(st.one_of(st.none(), st.integers(0, 3))),
        floor=draw(st.sampled_from([0, 0, 0, 2, 3])),
    )


def booked(ledger: Ledger, within: int = WITHINS[1]) -> Book:
    return book(ledger, within=within, empty=EMPTY, commission=COMMISSION)


def twin_of(ledger: Ledger, start: Seeds, limits: Limits, doctrine: Doctrine, within: int = WITHINS[1]) -> Outcome:
    setting = Setting(ledger, opening_of(ledger), start, limits)
    if doctrine is Doctrine.DIRECT:
        found = direct_twin(setting, within, EMPTY, COMMISSION)
    else:
        found = (unit_twin if doctrine in BY_LINKS else share_twin)(setting, doctrine)
    last = limits.at if limits.at is not None else int(ledger.time.max(initial=0))
    for (group, reason, row, node), amount in list(found.ends.items()):
        if reason is Reason.HELD and ledger.covered_to[node] < last:
            del found.ends[group, reason, row, node]
            found.ends[group, Reason.RECORDS_END, row, node] = amount
    return found


def lines(found: Trace) -> list[tuple[int, ...]]:
    steps = found.steps
    columns = (steps.row, steps.group, steps.amount, steps.received, steps.hop)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def ends(found: Trace) -> dict[tuple[int, ...], int]:
    place = (found.ends.group, found.ends.reason, found.ends.row, found.ends.node)
    keys = list(zip(*(column.tolist() for column in place), strict=True))
    assert keys == sorted(set(keys))
    return dict(zip(keys, found.ends.amount.tolist(), strict=True))
