"""A platform's own books held against themselves: does what is booked add up, and does it fit the orders?"""

import polars as pl

CONTRADICTION_SCHEMA: dict[str, type[pl.DataType]] = {
    "platform": pl.String, "code": pl.String, "user": pl.String, "order": pl.String, "source_id": pl.String,
    "source_row": pl.Int64, "expected": pl.Int64, "found": pl.Int64,
}  # fmt: skip

CODES = (
    "points_sum", "points_suspect", "deposit_sum", "balance_step", "user_twice", "user_unknown", "order_twice",
    "order_unknown", "amount_differs", "booked_twice", "booked_unpaid", "not_booked",
)  # fmt: skip
"""What can be wrong; the words for each stand in `messages`."""

MOST_SUSPECTS = 5
"""Bookings that are listed for a user whose sum is wrong by just their amount."""

_USER = ["platform", "user"]
_PLACE = ["source_id", "source_row"]


def balances(points: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    """Per user: `deposit, up, down, commission, points` as booked, `points_stated, deposit_stated`, differences.

    points(user) = Σ deposit + Σ 上分 − Σ 下分 − Σ commission (domain.md §3.1). A difference is stated − booked; null
    where nothing, or two different things, are stated. A user of only one of the tables is there, too. O(rows).
    """
    sums = points.group_by(_USER).agg(
        *(pl.col("amount").filter(pl.col("kind") == kind).sum().alias(kind)
          for kind in ("deposit", "up", "down", "commission")),
        points=pl.col("change").sum(), bookings=pl.len().cast(pl.Int64),
    )  # fmt: skip
    stated = users.group_by(_USER).agg(
        role=pl.col("role").sort().first(), points_stated=_only("points"), deposit_stated=_only("deposit"),
        cards=pl.col("card").drop_nulls().n_unique().cast(pl.Int64),
    )  # fmt: skip
    both = stated.join(sums, on=_USER, how="full", coalesce=True)
    booked = ("deposit", "up", "down", "commission", "points", "bookings", "cards")
    both = both.with_columns(pl.col(booked).fill_null(0), pl.col("role").fill_null(""))
    return both.with_columns(
        points_difference=pl.col("points_stated") - pl.col("points"),
        deposit_difference=pl.col("deposit_stated") - pl.col("deposit"),
    ).sort(_USER)


def _only(name: str) -> pl.Expr:
    """The one value that is stated."""
    known = pl.col(name).drop_nulls().unique()
    return pl.when(known.len() == 1).then(known.min()).otherwise(None)


def contradictions(orders: pl.DataFrame, points: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    """Everything in the books that can't be, with the row, in CONTRADICTION_SCHEMA.

    Sums are compared only where points were handed over, and orders with bookings only where bookings name orders at
    all. O(rows log rows).
    """
    parts = [*_repeated(orders, users)]
    if points.height:
        held = balances(points, users)
        parts += [*_sums(held, points, users), _steps(points), _strangers(points, users)]
    if points["order"].null_count() < points.height:
        parts += _against_orders(orders, points)
    shaped = [_shaped(code, frame) for code, frame in parts]
    return pl.concat([pl.DataFrame(schema=CONTRADICTION_SCHEMA), *shaped]).sort(
        "platform", "code", "user", "order", "source_id", "source_row", nulls_last=True
    )


def _shaped(code: str, frame: pl.DataFrame) -> pl.DataFrame:
    """With all columns, those that a contradiction does not have being null."""
    frame = frame.with_columns(code=pl.lit(code))
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in CONTRADICTION_SCHEMA.items()
               if name not in frame.columns]  # fmt: skip
    return frame.with_columns(missing).select(pl.col(n).cast(k) for n, k in CONTRADICTION_SCHEMA.items())


def _sums(held: pl.DataFrame, points: pl.DataFrame, users: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Users whose stated points or margin are not the sum of their bookings, and the bookings that would explain it."""
    found = []
    for name, code in (("points", "points_sum"), ("deposit", "deposit_sum")):
        wrong = held.filter(pl.col(f"{name}_difference") != 0)
        wrong = wrong.select(*_USER, expected=pl.col(name), found=pl.col(f"{name}_stated"))
        place = users.sort(_PLACE).group_by(_USER).agg(pl.col(_PLACE).first())
        found.append((code, wrong.join(place, on=_USER)))
    wrong = held.filter(pl.col("points_difference") != 0).select(*_USER, pl.col("points_difference"))
    near = points.join(wrong, on=_USER)
    near = near.filter(
        (pl.col("change") == -pl.col("points_difference")) | (pl.col("change") * 2 == -pl.col("points_difference"))
    )
    near = near.sort(_PLACE).group_by(_USER).head(MOST_SUSPECTS)
    suspects = near.select(
        *_USER, "order", *_PLACE, found="change", expected=pl.col("change") + pl.col("points_difference")
    )
    return [*found, ("points_suspect", suspects)]


def _steps(points: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Printed balances that don't follow from the one before, in the order in which the table stands."""
    lines = points.sort(_PLACE).with_columns(
        expected=pl.col("balance").shift(1).over([*_USER, "source_id"]) + pl.col("change")
    )
    lines = lines.filter(pl.col("expected") != pl.col("balance"))
    return "balance_step", lines.select(*_USER, "order", *_PLACE, "expected", found="balance")


def _strangers(points: pl.DataFrame, users: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Users with bookings whom the table of users does not have: their first booking."""
    platforms = users.select("platform").unique()
    missing = points.join(platforms, on="platform", how="semi").join(users, on=_USER, how="anti")
    return "user_unknown", missing.sort(_PLACE).group_by(_USER).first().select(*_USER, "order", *_PLACE)


def _repeated(orders: pl.DataFrame, users: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """One number for two different orders; one user with two different statements of points or margin."""
    numbered = orders.filter(pl.col("order").is_not_null()).sort(_PLACE)
    again = numbered.filter(pl.int_range(pl.len()).over("platform", "order") > 0)
    stated = users.filter(
        (pl.col("points").drop_nulls().n_unique().over(_USER) > 1)
        | (pl.col("deposit").drop_nulls().n_unique().over(_USER) > 1)
    )
    return [
        ("order_twice", again.select(*_USER, "order", *_PLACE, found="amount")),
        ("user_twice", stated.select(*_USER, *_PLACE, found="points")),
    ]


def _against_orders(orders: pl.DataFrame, points: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Bookings that name an order that is not there, of another amount, unpaid, twice; and orders without a booking."""
    key = ["platform", "order"]
    booked = points.filter(pl.col("order").is_not_null() & (pl.col("kind") != "commission"))
    known = orders.filter(pl.col("order").is_not_null()).sort(_PLACE).group_by(key).agg(
        pl.col("amount").first().alias("expected"), pl.col("status").first()
    )  # fmt: skip
    named = booked.join(known, on=key, how="left", maintain_order="left")
    lines = [*_USER, "order", *_PLACE]
    unknown = named.filter(pl.col("expected").is_null())
    differs = named.filter(pl.col("expected") != pl.col("amount"))
    unpaid = named.filter(pl.col("status") == "unpaid")
    twice = booked.sort(_PLACE).filter(pl.int_range(pl.len()).over([*key, "user", "kind"]) > 0)
    keepers = booked.select(*_USER).unique()
    due = orders.filter((pl.col("status") == "paid") & pl.col("order").is_not_null()).join(
        keepers, on=_USER, how="semi"
    )
    missing = due.join(booked, on=[*key, "user"], how="anti")
    return [
        ("order_unknown", unknown.select(*lines, found="amount")),
        ("amount_differs", differs.select(*lines, "expected", found="amount")),
        ("booked_unpaid", unpaid.select(*lines, found="amount")),
        ("booked_twice", twice.select(*lines, found="amount")),
        ("not_booked", missing.select(*lines, expected="amount")),
    ]
