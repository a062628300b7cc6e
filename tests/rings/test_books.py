"""A platform's own books: sums, steps, and bookings against orders."""

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from duanka.rings.books import CODES, CONTRADICTION_SCHEMA, balances, contradictions
from duanka.sources.platform.reading import ORDER_SCHEMA, POINT_SCHEMA, USER_SCHEMA

Record = dict[str, Any]
SIGN = {"deposit": 1, "up": 1, "down": -1, "commission": -1}


def booking(row: int, kind: str, amount: int, **more: Any) -> Record:  # noqa: ANN401 - any column
    given = {"platform": "P", "source_id": "s", "source_row": row, "user": "1", "kind": kind, "amount": amount}
    return given | {"change": SIGN[kind] * amount} | more


def order(row: int, amount: int, **more: Any) -> Record:  # noqa: ANN401 - as above
    given = {"platform": "P", "source_id": "o", "source_row": row, "order": f"N{row}", "amount": amount, "user": "1"}
    return given | {"status": "paid", "kind": "collect"} | more


def user(points: int | None, *, row: int = 1, **more: Any) -> Record:  # noqa: ANN401 - as above
    return {
        "platform": "P",
        "source_id": "u",
        "source_row": row,
        "user": "1",
        "role": "member",
        "points": points,
    } | more


def wrong(orders: list[Record], points: list[Record], users: list[Record]) -> list[tuple[Any, ...]]:
    found = contradictions(
        pl.DataFrame(orders, schema=ORDER_SCHEMA), pl.DataFrame(points, schema=POINT_SCHEMA),
        pl.DataFrame(users, schema=USER_SCHEMA),
    )  # fmt: skip
    assert found.schema == pl.Schema(CONTRADICTION_SCHEMA)
    assert set(found["code"]) <= set(CODES)
    return found.select("code", "source_id", "source_row", "expected", "found").rows()


@given(st.lists(st.tuples(st.sampled_from(sorted(SIGN)), st.integers(-50, 50), st.sampled_from("12")), max_size=12))
def test_points_are_what_is_booked_one_by_one(chosen: list[tuple[str, int, str]]) -> None:
    points = [booking(row, kind, amount, user=name) for row, (kind, amount, name) in enumerate(chosen)]
    held = balances(pl.DataFrame(points, schema=POINT_SCHEMA), pl.DataFrame(schema=USER_SCHEMA))
    twin: dict[str, int] = {}
    for kind, amount, name in chosen:
        twin[name] = twin.get(name, 0) + SIGN[kind] * amount
    assert dict(held.select("user", "points").iter_rows()) == twin
    sums = held.select(pl.col("deposit") + pl.col("up") - pl.col("down") - pl.col("commission")).to_series().to_list()
    assert sums == held["points"].to_list()


def test_books_that_add_up_have_nothing_wrong() -> None:
    points = [booking(1, "deposit", 50), booking(2, "down", 30, order="N1"), booking(3, "commission", -2)]
    assert wrong([order(1, 30)], points, [user(22, deposit=50)]) == []


def test_a_wrong_sum_is_shown_with_the_booking_that_explains_it() -> None:
    points = [booking(1, "up", 50), booking(2, "down", 30), booking(3, "down", 7)]
    assert wrong([], points, [user(50 - 7)]) == [("points_sum", "u", 1, 13, 43), ("points_suspect", "s", 2, 0, -30)]
    assert wrong([], points, [user(13 + 60)]) == [("points_sum", "u", 1, 13, 73), ("points_suspect", "s", 2, 30, -30)]
    assert wrong([], points, [user(13 + 100)]) == [("points_sum", "u", 1, 13, 113)]


def test_a_margin_that_is_not_what_was_paid_in() -> None:
    assert wrong([], [booking(1, "deposit", 50)], [user(50, deposit=60)]) == [("deposit_sum", "u", 1, 50, 60)]


def test_a_balance_that_does_not_follow() -> None:
    points = [booking(1, "up", 50, balance=50), booking(2, "down", 30, balance=20), booking(3, "up", 5, balance=26)]
    assert wrong([], points, [user(None)]) == [("balance_step", "s", 3, 25, 26)]


def test_bookings_against_orders() -> None:
    orders = [order(1, 30), order(2, 40), order(3, 50, status="unpaid"), order(4, 60)]
    points = [
        booking(1, "down", 30, order="N1"), booking(2, "down", 30, order="N1"), booking(3, "down", 41, order="N2"),
        booking(4, "down", 50, order="N3"), booking(5, "down", 9, order="N9"),
    ]  # fmt: skip
    assert wrong(orders, points, [user(None)]) == [
        ("amount_differs", "s", 3, 40, 41),
        ("booked_twice", "s", 2, None, 30),
        ("booked_unpaid", "s", 4, None, 50),
        ("not_booked", "o", 4, 60, None),
        ("order_unknown", "s", 5, None, 9),
    ]


def test_strangers_and_repetitions() -> None:
    points = [booking(1, "up", 5, user="9")]
    users = [user(3), user(4, row=2), user(None, row=3, user="2")]
    orders = [order(1, 30), order(2, 31, order="N1")]
    assert wrong(orders, points, users) == [
        ("order_twice", "o", 2, None, 31),
        ("user_twice", "u", 1, None, 3),
        ("user_twice", "u", 2, None, 4),
        ("user_unknown", "s", 1, None, None),
    ]


def test_without_points_nothing_is_said_of_sums() -> None:
    assert wrong([order(1, 30)], [], [user(100)]) == []
