"""Orders and bank rows: each at most once, counts that add up, and the same result however the input is mixed."""

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.rings.matching import HOWS, MATCH_SCHEMA, MINUTE, Tolerance, match
from rings.made_orders import Record, frames, order, row
from rings.twin_matching import fits, most_twin

DAY = 24 * 60 * MINUTE
TOLERANCE = Tolerance(within_us=2 * MINUTE, far_us=6 * MINUTE, fee_ppm=10_000, fee_least=3)
SLOW = settings(max_examples=150, deadline=None)


def found(
    orders: list[Record], rows: list[Record], links: list[tuple[int, int]] | None = None
) -> list[tuple[int, int, str, str]]:
    pairs = match(*frames(orders, rows, links or []), TOLERANCE)
    assert pairs.schema == pl.Schema(MATCH_SCHEMA)
    return pairs.select("order_no", "row_no", "kind", "how").rows()


@st.composite
def cases(draw: st.DrawFn, most: int = 5) -> tuple[list[Record], list[Record], list[tuple[int, int]]]:
    """Orders and rows that crowd on two accounts, and a few rows that name orders."""
    side, account = st.sampled_from(["in", "out"]), st.sampled_from(["A", "B"])
    amount, minute = st.sampled_from([1_000, 1_000, 1_002, 1_009, 2_000]), st.integers(0, 10)
    orders = [
        order(number, draw(minute), side=draw(side), account=draw(st.one_of(account, st.none())), amount=draw(amount),
              other=draw(st.sampled_from(["X", "Y", None])), unpaid=draw(st.booleans()))
        for number in range(draw(st.integers(0, most)))
    ]  # fmt: skip
    for one in orders:
        one["until"] += draw(st.integers(0, 3)) * MINUTE
    rows = [
        row(number, draw(minute), side=draw(side), account=draw(account), amount=draw(amount),
            other=draw(st.sampled_from(["X", "Y"])), width=draw(st.sampled_from([1_000_000, 1_000_000, MINUTE, DAY])))
        for number in range(draw(st.integers(0, most)))
    ]  # fmt: skip
    links = [(o["order_no"], r["row_no"]) for o in orders for r in rows if draw(st.integers(0, 9)) == 0]
    return orders, rows, links


@SLOW
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    case: tuple[list[Record], list[Record], list[tuple[int, int]]], chance: random.Random
) -> None:
    mixed = [chance.sample(part, len(part)) for part in case]
    assert found(*mixed) == found(*case)  # type: ignore[arg-type]  # lists of their own kinds


@SLOW
@given(cases())
def test_each_order_and_each_row_is_in_at_most_one_pair(
    case: tuple[list[Record], list[Record], list[tuple[int, int]]],
) -> None:
    orders, rows, links = case
    pairs = match(*frames(*case), TOLERANCE)
    assert pairs["order_no"].n_unique() == pairs["row_no"].n_unique() == pairs.height
    assert pairs.filter(kind="exact").height + pairs.filter(kind="near").height == pairs.height
    assert pairs.filter(pl.col("how").is_in(["later", "fee", "other_account"]) & (pl.col("kind") == "exact")).is_empty()
    for number, other, how in pairs.select("order_no", "row_no", "how").rows():
        assert (number, other) in links if how == "number" else fits(how, orders[number], rows[other], TOLERANCE)


@SLOW
@given(cases(most=4), st.sampled_from(HOWS[1:]))
def test_no_step_leaves_a_pair_that_it_could_have_made(
    case: tuple[list[Record], list[Record], list[tuple[int, int]]], how: str
) -> None:
    orders, rows, _ = case
    orders = [one | {"unpaid": False, "until": one["time"]} for one in orders]
    rows = [one | {"width": 1_000_000} for one in rows]
    pairs = match(*frames(orders, rows, []), TOLERANCE, hows=(how,))
    if how != "fee":  # there the best pair comes first, even if that costs another
        assert pairs.height == most_twin(how, orders, rows, TOLERANCE)
    left = [one for one in orders if one["order_no"] not in pairs["order_no"].to_list()]
    free = [one for one in rows if one["row_no"] not in pairs["row_no"].to_list()]
    assert most_twin(how, left, free, TOLERANCE) == 0


def test_exact_in_both_directions() -> None:
    assert found([order(0), order(1, side="out")], [row(0, 2), row(1, 1, side="out")]) == [
        (0, 0, "exact", "account"), (1, 1, "exact", "account"),
    ]  # fmt: skip


def test_the_edges_are_closed() -> None:
    assert found([order(0)], [row(0, 2)]) == [(0, 0, "exact", "account")]
    late = row(0) | {"time": 2 * MINUTE + 1}
    assert found([order(0)], [late]) == [(0, 0, "near", "later")]
    assert found([order(0)], [row(0, 6)]) == [(0, 0, "near", "later")]
    assert found([order(0)], [row(0) | {"time": 6 * MINUTE + 1}]) == []
    assert found([order(0)], [row(0, amount=1_010)]) == [(0, 0, "near", "fee")]
    assert found([order(0)], [row(0, amount=1_011)]) == []
    assert found([order(0, amount=100)], [row(0, amount=103)]) == [(0, 0, "near", "fee")]


def test_the_other_side_decides_between_two_rows() -> None:
    rows = [row(0, 0.1, other="X"), row(1, 1, other="Y")]
    assert found([order(0, other="Y")], rows) == [(0, 1, "exact", "counterparty")]
    assert found([order(0)], rows) == [(0, 0, "exact", "account")]


def test_a_number_in_the_row_wins_over_what_is_nearer() -> None:
    rows = [row(0, 0), row(1, 5)]
    assert found([order(0)], rows, [(0, 1)]) == [(0, 1, "near", "number")]
    assert found([order(0)], [row(0, 1), row(1, 0)], [(0, 0)]) == [(0, 0, "exact", "number")]
    assert found([order(0, account=None)], [row(0, 1)], [(0, 0)]) == [(0, 0, "near", "number")]
    assert found([order(0)], [row(0, 1, amount=9_000)], [(0, 0)]) == []


def test_between_making_and_confirmation_there_is_no_gap() -> None:
    assert found([order(0, until=30 * MINUTE)], [row(0, 29)]) == [(0, 0, "exact", "account")]
    assert found([order(0, until=30 * MINUTE)], [row(0, 32)]) == [(0, 0, "exact", "account")]
    assert found([order(0, until=30 * MINUTE)], [row(0, 33)]) == [(0, 0, "near", "later")]


def test_a_row_known_to_the_day_is_near_only() -> None:
    assert found([order(0, 500)], [row(0, width=DAY)]) == [(0, 0, "near", "later")]


def test_another_card_of_the_platform_is_near() -> None:
    assert found([order(0)], [row(0, account="B")]) == [(0, 0, "near", "other_account")]


def test_orders_that_were_not_paid_come_last() -> None:
    orders = [order(0, unpaid=True), order(1, 1)]
    assert found(orders, [row(0)]) == [(1, 0, "exact", "account")]
    assert found(orders, [row(0), row(1, 1)]) == [(0, 0, "exact", "account"), (1, 1, "exact", "account")]


def test_a_payment_between_two_of_its_cards_serves_one_order() -> None:
    orders = [order(0), order(1, side="out", account="B")]
    rows = [row(0, 1, other="B"), row(0, 1, side="out", account="B", other="A")]
    assert found(orders, rows) == [(0, 0, "exact", "account")]


def test_differences_are_row_less_order() -> None:
    pairs = match(*frames([order(0, 1)], [row(0, amount=1_005)], []), TOLERANCE)
    assert pairs.select("time_difference", "amount_difference").rows() == [(-MINUTE + 999_999, 5)]


def test_tolerances_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Tolerance(fee_ppm=-1)
    with pytest.raises(ValueError, match="below the near"):
        Tolerance(within_us=10, far_us=5)
