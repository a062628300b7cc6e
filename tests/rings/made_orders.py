"""Orders and bank rows in a line each."""

from typing import Any

import polars as pl

from duanka.rings.matching import MINUTE

Record = dict[str, Any]

ORDER = {
    "order_no": pl.Int64, "side": pl.String, "account": pl.String, "other": pl.String, "time": pl.Int64,
    "until": pl.Int64, "amount": pl.Int64, "currency": pl.String, "unpaid": pl.Boolean,
}  # fmt: skip
ROW = {
    "row_no": pl.Int64, "side": pl.String, "account": pl.String, "other": pl.String, "time": pl.Int64,
    "width": pl.Int64, "amount": pl.Int64, "currency": pl.String,
}  # fmt: skip
LINK = {"order_no": pl.Int64, "row_no": pl.Int64}


def order(number: int, minute: float = 0, **more: Any) -> Record:  # noqa: ANN401 - any column
    time = round(minute * MINUTE)
    given = {"order_no": number, "side": "in", "account": "A", "other": None, "time": time, "until": time,
             "amount": 1_000, "currency": "CNY", "unpaid": False}  # fmt: skip
    return given | more


def row(number: int, minute: float = 0, **more: Any) -> Record:  # noqa: ANN401 - as above
    given = {"row_no": number, "side": "in", "account": "A", "other": "X", "time": round(minute * MINUTE),
             "width": 1_000_000, "amount": 1_000, "currency": "CNY"}  # fmt: skip
    return given | more


def frames(
    orders: list[Record], rows: list[Record], links: list[tuple[int, int]]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return (
        pl.DataFrame(orders, schema=ORDER).sort("time", "order_no"),
        pl.DataFrame(rows, schema=ROW).sort("time", "row_no", "side"),
        pl.DataFrame(links, schema=LINK, orient="row"),
    )
