"""What each account and each user did for a platform: by the platform's books, by the banks', and the difference."""

import polars as pl

_ACCOUNT = ["platform", "account_id", "currency"]
_USER = ["platform", "user"]
_US_UTC = pl.Datetime("us", "UTC")


def account_table(
    orders: pl.DataFrame, rows: pl.DataFrame, named: pl.DataFrame, strength: pl.DataFrame, spans: pl.DataFrame
) -> pl.DataFrame:
    """`platform_accounts`: one row an account and currency.

    Args:
        orders: `platform_orders`.
        rows: `platform_rows`.
        named: `platform, account, user, role` of all accounts that the platform names.
        strength: `platform, account, tested, met, expected, score`.
        spans: `account, from, to` (µs, closed), `complete`.

    `collected` and `paid_out` are sums of orders' amounts that have a bank row; `bank_…` are all bank rows in service.
    """
    paid = pl.col("status") != "unpaid"
    has = pl.col("match") != "none"
    amount, collect = pl.col("amount"), pl.col("kind") == "collect"
    served = orders.filter(pl.col("account_id").is_not_null()).group_by(_ACCOUNT).agg(
        orders=_count(), unpaid=_count(~paid), exact=_count(pl.col("match") == "exact"),
        near=_count(pl.col("match") == "near"), without_row=_count(~has), missing=_count(pl.col("reason") == "missing"),
        ordered_in=amount.filter(paid & collect).sum(), ordered_out=amount.filter(paid & ~collect).sum(),
        collected=amount.filter(has & collect).sum(), paid_out=amount.filter(has & ~collect).sum(),
        first=pl.col("time").filter(has).min(), last=pl.col("time").filter(has).max(),
    )  # fmt: skip
    banked = rows.filter(pl.col("in_service")).group_by(_ACCOUNT).agg(*_sides())
    frame = served.join(banked, on=_ACCOUNT, how="full", coalesce=True)
    keys = named.rename({"account": "account_id"})
    bare = keys.join(frame, on=["platform", "account_id"], how="anti").select("platform", "account_id")
    currencies = orders.select("platform", "currency").unique().sort("platform", "currency")
    frame = pl.concat(
        [frame, bare.join(currencies.group_by("platform").first(), on="platform", how="left")], how="diagonal"
    )
    frame = frame.join(keys, on=["platform", "account_id"], how="left")
    frame = frame.join(strength.rename({"account": "account_id"}), on=["platform", "account_id"], how="left")
    frame = frame.join(spans.rename({"account": "account_id"}), on="account_id", how="left")
    numbers = [name for name, kind in served.schema.items() if kind == pl.Int64] + _NAMES
    frame = frame.with_columns(pl.col(numbers).fill_null(0), pl.col("user", "role").fill_null(""))
    return frame.select(
        *_ACCOUNT, "user", "role", "orders", "unpaid", "exact", "near", "without_row", "missing", "ordered_in",
        "ordered_out", "collected", "paid_out", "first", "last", *_NAMES, "tested", "met", "expected", "score",
        ledger_from=pl.col("from").cast(_US_UTC), ledger_to=pl.col("to").cast(_US_UTC), complete="complete",
    ).sort(pl.col("collected") + pl.col("paid_out"), *_ACCOUNT, descending=[True, False, False, False])  # fmt: skip


_NAMES = ["bank_in", "bank_out", "internal_in", "internal_out", "no_order_in", "no_order_out", "no_order_rows"]


def _count(where: pl.Expr | None = None) -> pl.Expr:
    return pl.len().cast(pl.Int64) if where is None else where.sum().cast(pl.Int64)


def _sides() -> list[pl.Expr]:
    """Sums of bank rows by side: all, those between accounts of the platform, those that no order explains."""
    received, kind, amount = pl.col("side") == "in", pl.col("kind"), pl.col("amount")
    return [
        amount.filter(received).sum().alias("bank_in"),
        amount.filter(~received).sum().alias("bank_out"),
        amount.filter(received & (kind == "internal")).sum().alias("internal_in"),
        amount.filter(~received & (kind == "internal")).sum().alias("internal_out"),
        amount.filter(received & (kind == "no_order")).sum().alias("no_order_in"),
        amount.filter(~received & (kind == "no_order")).sum().alias("no_order_out"),
        (kind == "no_order").sum().cast(pl.Int64).alias("no_order_rows"),
    ]


def user_table(
    held: pl.DataFrame, orders: pl.DataFrame, rows: pl.DataFrame, owned: pl.DataFrame, rejects: pl.DataFrame
) -> pl.DataFrame:
    """`platform_users`: one row a user.

    Args:
        held: `books.balances`.
        orders: `platform_orders`.
        rows: `platform_rows`.
        owned: `platform, user, account`: which accounts are a user's. Money of an account that several users have is
            not put to any of them.
        rejects: rows that could not be read, with `platform, user, role`: what is missing from a user's sums.

    For who serves orders with a card, 下分 (down) is what the platform books as received on it and 上分 (up) as handed
    on, so `bank_in − down` and `bank_out − up` are what it does not know, and `bank_in − bank_out` against
    `down − up` shows what really stayed. Null for users whose role serves no orders, or with no bank row.
    """
    unread = rejects.filter((pl.col("role") == "points") & pl.col("user").is_not_null())
    unread = unread.group_by(_USER).agg(rejected=_count())
    served = orders.filter(pl.col("user").is_not_null() & (pl.col("status") != "unpaid")).group_by(_USER).agg(
        orders=_count(), matched=_count(pl.col("match") != "none"), order_commission=pl.col("commission").sum()
    )  # fmt: skip
    alone = owned.filter(pl.col("user").n_unique().over("platform", "account") == 1).rename({"account": "account_id"})
    banked = rows.filter(pl.col("in_service")).join(alone, on=["platform", "account_id"]).group_by(_USER).agg(
        bank_in=pl.col("amount").filter(pl.col("side") == "in").sum(),
        bank_out=pl.col("amount").filter(pl.col("side") == "out").sum(),
    )  # fmt: skip
    frame = held.join(served, on=_USER, how="full", coalesce=True)
    for more in (banked, unread):
        frame = frame.join(more, on=_USER, how="left")
    sums = ("deposit", "up", "down", "commission", "points", "bookings", "cards", "orders", "matched",
            "order_commission", "rejected")  # fmt: skip
    frame = frame.with_columns(pl.col(sums).fill_null(0), pl.col("role").fill_null(""))
    serving = ((pl.col("orders").sum().over("platform", "role") > 0) & (pl.col("bookings") > 0)).fill_null(value=False)
    compared = [pl.when(serving).then(pl.col(name)).alias(name) for name in ("bank_in", "bank_out")]
    frame = frame.with_columns(compared).with_columns(
        in_difference=pl.col("bank_in") - pl.col("down"),
        out_difference=pl.col("bank_out") - pl.col("up"),
        kept_bank=pl.col("bank_in") - pl.col("bank_out"),
        kept_booked=pl.when(pl.col("bank_in").is_not_null()).then(pl.col("down") - pl.col("up")),
    )
    return frame.select(
        *_USER, "role", "cards", "deposit", "up", "down", "commission", "points", "points_stated", "points_difference",
        "deposit_stated", "deposit_difference", "bookings", "rejected", "orders", "matched", "order_commission",
        "bank_in", "bank_out", "in_difference", "out_difference", "kept_bank", "kept_booked",
    ).sort(_USER)  # fmt: skip


def level_table(users: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """`platform_levels`: commission by role, as booked and as share of what all orders collected; `*` is all of them.

    `earned` is what users of the role got, `charged` what they paid, both ≥ 0; of the whole platform, `rake` is
    charged − earned: what is left to who runs it. `kept_bank` is what stayed on the role's accounts and `kept_booked`
    what should have by the books; their difference, `unexplained`, is the banks' less the books'.
    """
    takings = orders.filter((pl.col("kind") == "collect") & (pl.col("status") != "unpaid"))
    takings = takings.group_by("platform").agg(base=pl.col("amount").sum())
    commission = pl.col("commission")
    sums = [
        pl.len().cast(pl.Int64).alias("users"), (-commission.filter(commission < 0).sum()).alias("earned"),
        commission.filter(commission > 0).sum().alias("charged"),
        *(pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)
          for name in ("kept_bank", "kept_booked")),
    ]  # fmt: skip
    levels = users.group_by("platform", "role").agg(sums)
    whole = users.group_by("platform").agg(sums).with_columns(role=pl.lit("*"))
    frame = pl.concat([levels, whole.select(levels.columns)]).join(takings, on="platform", how="left")
    rake = pl.when(pl.col("role") == "*").then(pl.col("charged") - pl.col("earned"))
    return frame.with_columns(
        rake=rake, base=pl.col("base").fill_null(0), unexplained=pl.col("kept_bank") - pl.col("kept_booked")
    ).select(
        "platform", "role", "users", "earned", "charged", "rake", "base",
        rate=pl.when(pl.col("base") > 0).then(
            pl.coalesce("rake", pl.max_horizontal("earned", "charged")) / pl.col("base")
        ),
        kept_bank="kept_bank", kept_booked="kept_booked", unexplained="unexplained",
    ).sort("platform", "role")  # fmt: skip
