from itertools import combinations, pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from duanka.report.facts import Flow
from duanka.report.ring_flow import ACCOUNTS_EACH, ring_flow
from duanka.report.sankey import draw
from duanka.report.tier_columns import tier_columns

PAIRS = {"payer": pl.String, "payee": pl.String, "amount": pl.Int64, "rows": pl.Int64}
TIERS = {"account_id": pl.String, "tier": pl.Int64}


def _flow(pairs: list[tuple[str, str, int]], tiers: dict[str, int]) -> Flow:
    frame = pl.DataFrame([(*pair, 1) for pair in pairs], schema=PAIRS, orient="row")
    return ring_flow(frame, pl.DataFrame(list(tiers.items()), schema=TIERS, orient="row"), "CNY", {}).flow


def _ribbons(flow: Flow) -> set[tuple[str, str, int]]:
    def name(index: int) -> str:
        return flow.boxes[index].account_id or f"{flow.boxes[index].kind}@{flow.boxes[index].column}"

    return {(name(ribbon.source), name(ribbon.target), ribbon.amount) for ribbon in flow.ribbons}


def test_every_way_that_money_can_go() -> None:
    pairs = [("V", "A", 10), ("A", "B", 9), ("A", "C", 1), ("B", "V", 2), ("B", "B2", 3), ("B", "X", 4), ("Y", "B", 5)]
    flow = _flow(pairs, {"V": 0, "A": 1, "B": 2, "B2": 2, "C": 3})
    assert _ribbons(flow) == {
        ("V", "A", 10), ("A", "B", 9), ("A", "C", 1), ("B", "back@3", 2), ("B", "level@3", 3), ("B", "outside@3", 4),
        ("source@1", "B", 5),
    }  # fmt: skip
    assert {box.account_id: box.amount for box in flow.boxes if box.kind == "account"} == {
        "V": 10, "A": 10, "B": 14, "C": 1,
    }  # fmt: skip
    assert flow.started == 34


def test_the_smaller_accounts_of_a_tier_are_one_box() -> None:
    pairs = [(f"V{n:02}", "A", n + 1) for n in range(20)]
    flow = _flow(pairs, {f"V{n:02}": 0 for n in range(20)} | {"A": 1})
    first = [box for box in flow.boxes if box.column == 0]
    assert [box.account_id for box in first] == ["V19", "V18", "V17", "V16", "V15", "V14", ""]
    assert len(first) == ACCOUNTS_EACH
    assert (first[-1].kind, first[-1].members, first[-1].amount) == ("other", 14, sum(range(1, 15)))


def test_it_can_be_drawn() -> None:
    flow = _flow([("V", "A", 10), ("A", "V", 3)], {"V": 0, "A": 1})
    drawing = draw(flow)
    assert len(drawing.ribbons) == 2
    assert drawing.last_column == 2


def test_many_tiers_share_columns_where_least_money_is_hidden() -> None:
    between = pl.DataFrame(
        [(tier, tier + 1, 1 if tier in {4, 5, 6} else 100) for tier in range(10)],
        schema={"from_tier": pl.Int64, "to_tier": pl.Int64, "amount": pl.Int64}, orient="row",
    )  # fmt: skip
    assert tier_columns(between, 8) == ((0, 0), (1, 1), (2, 2), (3, 3), (4, 7), (8, 8), (9, 9), (10, 10))
    assert tier_columns(between.head(3), 8) == ((0, 0), (1, 1), (2, 2), (3, 3))
    assert tier_columns(between.clear(), 8) == ()


moves = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 50)), min_size=1, max_size=20)


@given(moves, st.integers(1, 6))
def test_columns_hide_as_little_as_any_other_grouping(rows: list[tuple[int, int, int]], count: int) -> None:
    between = pl.DataFrame(rows, schema={"from_tier": pl.Int64, "to_tier": pl.Int64, "amount": pl.Int64}, orient="row")
    tiers = sorted({tier for row in rows for tier in row[:2]})

    def hidden(columns: tuple[tuple[int, int], ...]) -> int:
        return sum(
            amount
            for source, target, amount in rows
            if source != target and any(a <= source <= b and a <= target <= b for a, b in columns)
        )

    found = tier_columns(between, count)
    assert [tier for a, b in found for tier in tiers if a <= tier <= b] == tiers
    assert len(found) == min(count, len(tiers))
    every = []
    for cuts in combinations(range(1, len(tiers)), len(found) - 1):
        edges = (0, *cuts, len(tiers))
        every.append(tuple((tiers[a], tiers[b - 1]) for a, b in pairwise(edges)))
    assert hidden(found) == min(hidden(one) for one in every)


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDEFGHIJKL"), st.sampled_from("ABCDEFGHIJKL"), st.integers(1, 99)), min_size=1
    ),
    st.dictionaries(st.sampled_from("ABCDEFGHIJ"), st.integers(0, 11), min_size=1),
)
def test_no_money_is_lost(pairs: list[tuple[str, str, int]], tiers: dict[str, int]) -> None:
    frame = pl.DataFrame([(*pair, 1) for pair in pairs], schema=PAIRS, orient="row")
    frame = frame.group_by("payer", "payee").agg(pl.col("amount", "rows").sum())
    drawn = ring_flow(frame, pl.DataFrame(list(tiers.items()), schema=TIERS, orient="row"), "CNY", {})
    assert sum(ribbon.amount for ribbon in drawn.flow.ribbons) == sum(amount for *_, amount in pairs)
    assert sum(ribbon.rows for ribbon in drawn.flow.ribbons) == len(pairs)
    if drawn.columns:
        draw(drawn.flow)
