"""Hypothesis strategies for small ledgers, shared by every test of the kernels."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from duanka.flow.ledger import NO_BALANCE, NOBODY, Int64, Ledger

SECOND = 10**6
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
MIDNIGHT = 19_700 * DAY
"""A midnight, so that day-precision rows fall on the days of precise ones."""

FOREVER = 2**62
"""End of coverage of a node that is covered throughout."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A simulated ledger whose real course is known.

    `ledger` has its rows shuffled and its times blurred; `sequence[i]` is the row of `ledger` that really came i-th;
    `opening` are the real opening balances per node.
    """

    ledger: Ledger
    sequence: Int64
    opening: Int64


def build(
    rows: list[tuple[int, int, int, int, int, int, int, int]],
    *,
    nodes: int,
    tie: list[int] | None = None,
    covered: list[bool] | None = None,
) -> Ledger:
    """Ledger from rows of (time, width, payer, payee, amount, received, balance of payer, balance of payee)."""
    columns = np.array(rows, np.int64).reshape(-1, 8).T
    is_covered = np.ones(nodes, np.bool_) if covered is None else np.array(covered, np.bool_).reshape(nodes)
    return Ledger(
        time=columns[0].copy(),
        width=columns[1].copy(),
        payer=columns[2].astype(np.int32),
        payee=columns[3].astype(np.int32),
        amount=columns[4].copy(),
        received=columns[5].copy(),
        balance_payer=columns[6].copy(),
        balance_payee=columns[7].copy(),
        tie=np.arange(len(rows), dtype=np.int64) if tie is None else np.array(tie, np.int64).reshape(len(rows)),
        nodes=nodes,
        covered_from=np.where(is_covered, 0, 1).astype(np.int64),
        covered_to=np.where(is_covered, FOREVER, 0).astype(np.int64),
    )


def run(
    payments: list[tuple[int, int, int, int, int]], opening: list[int]
) -> list[tuple[int, int, int, int, int, int, int, int]]:
    """Rows for `build` with true printed balances, from (time, width, payer, payee, amount) in true order."""
    balance = list(opening)
    rows = []
    for time, width, payer, payee, amount in payments:
        if payer != NOBODY:
            balance[payer] -= amount
        if payee != NOBODY:
            balance[payee] += amount
        rows.append(
            (
                time,
                width,
                payer,
                payee,
                amount,
                amount,
                NO_BALANCE if payer == NOBODY else balance[payer],
                NO_BALANCE if payee == NOBODY else balance[payee],
            )
        )
    return rows


def _moments(*, days: bool) -> st.SearchStrategy[tuple[int, int]]:
    """Pairs (time, width) that often collide and often overlap."""
    seconds = st.integers(0, 3).map(lambda i: (MIDNIGHT + 10 * 3600 * SECOND + i * SECOND, SECOND))
    if not days:
        return seconds
    minutes = st.integers(0, 1).map(lambda i: (MIDNIGHT + 10 * 3600 * SECOND + i * MINUTE, MINUTE))
    dates = st.integers(0, 1).map(lambda i: (MIDNIGHT + i * DAY, DAY))
    return st.one_of(seconds, dates, minutes)


def _sides(nodes: int, *, hub: bool) -> st.SearchStrategy[tuple[int, int]]:
    """Pairs (payer, payee): now and then NOBODY or the same node twice, and node 0 on one side of all for a hub."""
    anyone = st.integers(NOBODY, nodes - 1)
    if not hub:
        return st.tuples(anyone, anyone)
    return st.tuples(anyone, st.booleans()).map(lambda drawn: (0, drawn[0]) if drawn[1] else (drawn[0], 0))


@st.composite
def ledgers(
    draw: st.DrawFn,
    *,
    min_rows: int = 0,
    max_rows: int = 8,
    max_nodes: int = 4,
    days: bool = True,
    balances: bool = True,
) -> Ledger:
    """Any ledger: ties, day and minute precision, NOBODY, hubs, self-payments, uncovered nodes, broken balances.

    Printed balances follow from the rows in the order drawn, except that each may be missing or wrong; times are not
    in the order drawn, so that chains also contradict time.
    """
    nodes = draw(st.integers(1, max_nodes))
    count = draw(st.integers(min_rows, max_rows))
    hub = draw(st.booleans())
    amounts = st.sampled_from([0, 1, 2, 2, 3, 5, 100])
    parts = draw(
        st.lists(
            st.tuples(_moments(days=days), _sides(nodes, hub=hub), amounts, st.sampled_from([0, 0, 0, 0, 1])),
            min_size=count,
            max_size=count,
        )
    )
    printed = st.sampled_from(["true", "true", "true", "missing", "wrong"]) if balances else st.just("missing")
    fates = draw(st.lists(st.tuples(printed, printed), min_size=count, max_size=count))
    opening = draw(st.lists(st.integers(-5, 9), min_size=nodes, max_size=nodes))
    rows = []
    balance = list(opening)
    for ((time, width), (payer, payee), amount, change), fate in zip(parts, fates, strict=True):
        received = amount + change
        if payer != NOBODY:
            balance[payer] -= amount
        if payee != NOBODY:
            balance[payee] += received
        marks = [
            NO_BALANCE if node == NOBODY or kind == "missing" else balance[node] + (7 if kind == "wrong" else 0)
            for node, kind in zip((payer, payee), fate, strict=True)
        ]
        rows.append((time, width, payer, payee, amount, received, marks[0], marks[1]))
    tie = draw(st.permutations(range(count)))
    covered = draw(st.lists(st.sampled_from([True, True, False]), min_size=nodes, max_size=nodes))
    return build(rows, nodes=nodes, tie=list(tie), covered=covered)


@st.composite
def consistent_ledger(
    draw: st.DrawFn,
    *,
    min_rows: int = 1,
    max_rows: int = 10,
    max_nodes: int = 4,
    blur: bool = True,
    distinct: bool = True,
) -> Truth:
    """A ledger simulated with real balances, then (`blur`) its times cut down to days and its rows shuffled.

    Every node is covered and every balance printed. With `distinct` no node ever comes back to an earlier balance,
    so that the chain of balances has one reading only.
    """
    nodes = draw(st.integers(2, max_nodes))
    count = draw(st.integers(min_rows, max_rows))
    opening = draw(st.lists(st.integers(0, 50), min_size=nodes, max_size=nodes))
    gaps = draw(st.lists(st.sampled_from([1, 3600, 40_000]), min_size=count, max_size=count))
    seen = [{value} for value in opening]
    balance = list(opening)
    payments = []
    clock = MIDNIGHT
    for gap in gaps:
        clock += gap * SECOND
        payer = draw(st.integers(NOBODY, nodes - 1))
        payee = draw(st.sampled_from([node for node in range(NOBODY, nodes) if node != payer]))
        amount = draw(st.integers(1, 9))
        while distinct and _returns(seen, balance, payer, payee, amount):
            amount += 1
        for node, delta in ((payer, -amount), (payee, amount)):
            if node != NOBODY:
                balance[node] += delta
                seen[node].add(balance[node])
        start = clock - clock % DAY if blur else clock
        payments.append((start, DAY if blur else SECOND, payer, payee, amount))
    rows = run(payments, opening)
    place = draw(st.permutations(range(count)))
    tie = draw(st.permutations(range(count)))
    ledger = build(rows, nodes=nodes, tie=list(tie)).take(np.array(place, np.int64))
    return Truth(ledger=ledger, sequence=np.argsort(np.array(place, np.int64)), opening=np.array(opening, np.int64))


def _returns(seen: list[set[int]], balance: list[int], payer: int, payee: int, amount: int) -> bool:
    """Whether the payment would bring one of its nodes back to a balance that it already had."""
    return any(
        node != NOBODY and balance[node] + delta in seen[node] for node, delta in ((payer, -amount), (payee, amount))
    )
