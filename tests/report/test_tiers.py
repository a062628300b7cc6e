"""The interval arithmetic of tiers against a twin that moves every cent on its own."""

from collections import Counter, defaultdict, deque

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from duanka.report.bundle import END, bundle
from duanka.report.tiers import NO_ROW, NOBODY, End, Int64, Links, Rows, Spans, Unrolled, overlay, subtract, unroll

NODES = 4


@st.composite
def cases(draw: st.DrawFn) -> tuple[Rows, Links, Int64, int]:
    """A FIFO lineage over random payments, some starts, and a number of tiers."""
    count = draw(st.integers(1, 14))
    node = st.integers(NOBODY, NODES - 1)
    payments = draw(st.lists(
        st.tuples(
            node, node, st.sampled_from([0, 1, 2, 3, 5, 8]), st.sampled_from([0, 0, 0, 0, 1, -1]), st.integers(0, 12)
        ),
        min_size=count, max_size=count,
    ))  # fmt: skip
    payer, payee, amount, change, luck = (np.array(column, np.int64) for column in zip(*payments, strict=True))
    received = np.maximum(amount + change, 0)
    rows = Rows(np.arange(count) * 3, payer, payee, amount, received, luck == 0, luck < 10)
    links = draw(st.permutations(_fifo(rows)))
    column = np.array(links, np.int64).reshape(-1, 3).T
    starts = draw(st.lists(st.sampled_from(rows.row.tolist()), max_size=count))
    return (
        rows,
        Links(column[0].copy(), column[1].copy(), column[2].copy()),
        np.array(starts, np.int64),
        draw(st.integers(1, 5)),
    )


def _fifo(rows: Rows) -> list[tuple[int, int, int]]:
    lots: dict[int, deque[list[int]]] = defaultdict(deque)
    links = []
    for i in range(len(rows.row)):
        row, payer, payee = int(rows.row[i]), int(rows.payer[i]), int(rows.payee[i])
        need = int(rows.amount[i])
        while need and payer != NOBODY and lots[payer]:
            lot = lots[payer][0]
            part = min(need, lot[1])
            links.append((lot[0], row, part))
            lot[1] -= part
            need -= part
            if not lot[1]:
                lots[payer].popleft()
        if need and payer != NOBODY:
            links.append((NO_ROW, row, need))
        if payee != NOBODY and not rows.exchanged[i]:
            lots[payee].append([row, int(rows.received[i])])
    return links


def _following(links: Links) -> dict[tuple[int, int], tuple[int, int]]:
    """Which cent, that is (row, position), becomes which."""
    into: Counter[int] = Counter()
    position: dict[tuple[int, int], int] = {}
    triples = list(zip(links.in_row.tolist(), links.out_row.tolist(), links.amount.tolist(), strict=True))
    for source, target, amount in sorted(triples, key=lambda link: (link[1], link[0])):
        position[source, target] = into[target]
        into[target] += amount
    following: dict[tuple[int, int], tuple[int, int]] = {}
    spent: Counter[int] = Counter()
    for source, target, amount in sorted(triples):
        if source == NO_ROW:
            continue
        for cent in range(amount):
            following[source, spent[source] + cent] = (target, position[source, target] + cent)
        spent[source] += amount
    return following


def _cent_by_cent(rows: Rows, links: Links, starts: Int64, tiers: int) -> tuple[Counter[tuple[int, ...]], ...]:
    """Moves (tier, row) and ends (tier, node, kind)."""
    at = {int(row): i for i, row in enumerate(rows.row)}
    following = _following(links)

    def follow(cent: tuple[int, int]) -> tuple[int, int] | None:
        i = at[cent[0]]
        return None if rows.exchanged[i] or cent[1] >= rows.received[i] else following.get(cent)

    whole = {(int(row), cent) for row in starts for cent in range(rows.amount[at[int(row)]])}
    reached: set[tuple[int, int]] = set()
    front = whole
    for _ in range(tiers - 1):
        front = {found for cent in front if (found := follow(cent))}
        reached |= front
    moves: Counter[tuple[int, ...]] = Counter()
    ends: Counter[tuple[int, ...]] = Counter()
    front = whole - reached
    for tier in range(1, tiers + 1):
        beyond = set()
        for cent in front:
            i = at[cent[0]]
            moves[tier, cent[0]] += 1
            onward = follow(cent)
            if onward and tier < tiers:
                beyond.add(onward)
                continue
            ends[tier, int(rows.payee[i]), int(End.BEYOND if onward else _end(rows, i, cent[1]))] += 1
        front = beyond
    return moves, ends


def _end(rows: Rows, i: int, position: int) -> End:
    if rows.exchanged[i]:
        return End.CURRENCY
    if position >= rows.received[i]:
        return End.FEE
    return End.STAYS if rows.produced[i] else End.NOT_PRODUCED


def _counted(followed: Unrolled) -> tuple[Counter[tuple[int, ...]], ...]:
    moves = zip(followed.tier.tolist(), followed.row.tolist(), followed.amount.tolist(), strict=True)
    ends = zip(
        *(c.tolist() for c in (followed.end_tier, followed.end_node, followed.end_kind, followed.end_amount)),
        strict=True,
    )
    return Counter({(t, r): a for t, r, a in moves}), Counter({(t, n, k): a for t, n, k, a in ends})


@given(cases())
def test_it_follows_every_cent(drawn: tuple[Rows, Links, Int64, int]) -> None:
    rows, links, starts, tiers = drawn
    assert _counted(unroll(rows, links, starts, max_tiers=tiers)) == _cent_by_cent(rows, links, starts, tiers)


@given(cases(), st.integers(2, 5))
def test_what_flows_into_a_box_flows_out_of_it(drawn: tuple[Rows, Links, Int64, int], limit: int) -> None:
    rows, links, starts, tiers = drawn
    followed = unroll(rows, links, starts, max_tiers=tiers)
    bundled = bundle(followed, limit=limit)
    for box in bundled.boxes.iter_rows(named=True):
        into = bundled.ribbons.filter(pl.col("target") == box["box"])["amount"].sum()
        out = bundled.ribbons.filter(pl.col("source") == box["box"])["amount"].sum()
        assert box["column"] == 0 or into == box["amount"]
        assert box["kind"] == END or out == box["amount"]
    per_tier = bundled.boxes.filter(pl.col("kind") != END).group_by("column").len()["len"].to_list()
    assert all(count <= limit for count in per_tier)
    begun = followed.amount[followed.tier == 1].sum()
    assert begun == followed.end_amount.sum()
    assert begun <= rows.amount[np.searchsorted(rows.row, np.unique(starts))].sum()


spans = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 9)), max_size=6)


def _disjoint(drawn: list[tuple[int, int, int]]) -> Spans:
    taken: set[tuple[int, int]] = set()
    kept = []
    for row, a, b in drawn:
        cells = {(row, place) for place in range(min(a, b), max(a, b))}
        if not cells & taken:
            taken |= cells
            kept.append((row, min(a, b), max(a, b)))
    column = np.array(kept, np.int64).reshape(-1, 3).T
    return Spans(column[0], column[1], column[2])


def _cells(found: Spans) -> list[tuple[int, int]]:
    triples = zip(found.row.tolist(), found.start.tolist(), found.stop.tolist(), strict=True)
    return sorted((row, place) for row, start, stop in triples for place in range(start, stop))


@given(spans, spans)
def test_overlay_and_subtract_agree_with_sets(
    left: list[tuple[int, int, int]], right: list[tuple[int, int, int]]
) -> None:
    one, other = _disjoint(left), _disjoint(right)
    index, inside, start, stop = overlay(one, other)
    assert _cells(Spans(one.row[index], start, stop)) == sorted(set(_cells(one)) & set(_cells(other)))
    assert (one.row[index] == other.row[inside]).all()
    assert _cells(subtract(one, other)) == sorted(set(_cells(one)) - set(_cells(other)))


def test_a_hub_that_gathers_and_scatters_is_not_quadratic() -> None:
    """One row funded by 20,000 receipts and spent on 20,000 payments has 20,000 pieces, not 400 million."""
    half = 20_000
    count = 2 * half + 1
    payer = np.r_[np.arange(half) + 2, 0, np.full(half, 1)]
    payee = np.r_[np.zeros(half, np.int64), 1, np.arange(half) + 2]
    amount = np.r_[np.full(half, 7), 7 * half, np.full(half, 7)]
    every = np.ones(count, np.bool_)
    rows = Rows(np.arange(count), payer, payee, amount, amount, ~every, every)
    links = Links(
        np.r_[np.arange(half), np.full(half, half)],
        np.r_[np.full(half, half), np.arange(half + 1, count)],
        np.full(2 * half, 7),
    )
    followed = unroll(rows, links, np.arange(0, half, 2), max_tiers=5)
    assert [int(followed.amount[followed.tier == tier].sum()) for tier in (1, 2, 3)] == [7 * half // 2] * 3
    assert followed.row[followed.tier == 3].tolist() == list(range(half + 1, count, 2))
