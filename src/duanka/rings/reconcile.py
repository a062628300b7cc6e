"""A platform's orders held against the bank rows of its accounts: pairs, and what is left over on both sides."""

from dataclasses import dataclass

import polars as pl

from duanka.flow.ledger import Int64
from duanka.rings.chance import Strength, near_by_chance, strength
from duanka.rings.matching import Tolerance, match

REASONS = ("not_paid", "failed", "no_account", "not_produced", "outside_ledger", "missing")
"""Why an order has no bank row. See `reason`."""

_US_UTC = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the banks' side of a case says about a platform's accounts. Times are µs."""

    accounts: pl.DataFrame  # printed, account: every number of the platform's tables in the case's ids
    rows: pl.DataFrame  # row_id, side, account, other, time, width, amount, currency: booked
    failed: pl.DataFrame  # the same, of payments that failed or are pending
    spans: pl.DataFrame  # account, from, to (closed), complete: ledgers in the case
    links: pl.DataFrame  # order (text), row_id: rows whose serial or memo names an order


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Orders (with `order_no`), pairs, bank rows, and what chance would do."""

    orders: pl.DataFrame
    pairs: pl.DataFrame  # matching.MATCH_SCHEMA and row_id
    rows: pl.DataFrame
    accounts: pl.DataFrame  # platform, account: all that the platform's tables name
    near_expected: float
    failed: pl.DataFrame  # order_no, failed_row_id: orders without a booked row that meet a failed one


def reconcile(orders: pl.DataFrame, users: pl.DataFrame, evidence: Evidence, tolerance: Tolerance) -> Reconciled:
    """Match all orders with the rows of the platform's accounts.

    `orders` and `users` are in the schemas of `sources.platform.reading`. What comes out does not depend on the order
    of rows in any of the frames, but that of two orders which are the same in everything the earlier line comes first.
    O((orders + rows) log). See `matching.match` for the rules and `chance.strength` for the score.
    """
    placed = _placed(orders, users, evidence.accounts, tolerance.far_us)
    rows, numbers = _numbered(evidence.rows)
    links = placed.select("order_no", "order").join(evidence.links, on="order").join(numbers, on="row_id")
    links = links.select("order_no", "row_no").unique().sort("order_no", "row_no")
    pairs = match(placed, rows, links, tolerance)
    exact = pairs.filter(pl.col("kind") == "exact")
    rest = placed.join(exact, on="order_no", how="anti", maintain_order="left")
    expected = near_by_chance(rest, rows.join(exact, on="row_no", how="anti", maintain_order="left"), links, tolerance)
    pairs = pairs.join(numbers, on="row_no", how="left", maintain_order="left")
    failed = _failed(placed.join(pairs, on="order_no", how="anti", maintain_order="left"), evidence.failed, tolerance)
    return Reconciled(placed, pairs, rows, _accounts(placed, users, evidence.accounts), expected, failed)


def _failed(orders: pl.DataFrame, rows: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """`order_no, failed_row_id`: orders that would have an exact match if the bank had booked the payment."""
    numbered, numbers = _numbered(rows)
    none = pl.DataFrame(schema={"order_no": pl.Int64, "row_no": pl.Int64})
    pairs = match(orders, numbered, none, tolerance, hows=("account",)).join(numbers, on="row_no")
    return pairs.select("order_no", failed_row_id="row_id")


def _placed(orders: pl.DataFrame, users: pl.DataFrame, known: pl.DataFrame, far_us: int) -> pl.DataFrame:
    """Orders with the case's accounts, in an order of their own; `order_no` counts them.

    An order that names no card of the platform's is that of its user's, if he has just one. It lasts `until` its
    confirmation, where that is at most `far_us` later: what is confirmed long afterwards says nothing of the time.
    """
    owned = owned_accounts(users, known)
    single = owned.group_by("platform", "user").agg(pl.col("account").first().alias("of_user"), size=pl.len())
    single = single.filter(pl.col("size") == 1).drop("size")
    frame = _resolved(_resolved(orders, "payer", known), "payee", known)
    frame = frame.join(single, on=["platform", "user"], how="left", maintain_order="left")
    receives = pl.col("kind") == "collect"
    frame = frame.with_columns(
        side=pl.when(receives).then(pl.lit("in")).otherwise(pl.lit("out")),
        account=pl.when(receives).then(pl.col("payee")).otherwise(pl.col("payer")).fill_null(pl.col("of_user")),
        other=pl.when(receives).then(pl.col("payer")).otherwise(pl.col("payee")),
        unpaid=pl.col("status") == "unpaid",
        when=pl.col("time"),
        time=pl.col("time").dt.epoch("us"),
        until=pl.col("confirmed").dt.epoch("us"),
    ).drop("of_user")
    lasts = (pl.col("until") >= pl.col("time")) & (pl.col("until") <= pl.col("time") + far_us)
    frame = frame.with_columns(until=pl.when(lasts).then("until").otherwise("time"))
    content = ("time", "platform", "order", "side", "account", "amount", "currency", "other", "user", "merchant",
               "status", "confirmed", "commission", "source_id", "source_row")  # fmt: skip
    return frame.sort(content, nulls_last=True).with_columns(order_no=pl.int_range(pl.len(), dtype=pl.Int64))


def _resolved(frame: pl.DataFrame, name: str, known: pl.DataFrame) -> pl.DataFrame:
    """A column of printed numbers in the case's ids."""
    ids = known.select(pl.col("printed").alias(name), pl.col("account").alias("known"))
    joined = frame.join(ids, on=name, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("known", name).alias(name)).drop("known")


def owned_accounts(users: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """`platform, user, account` of all cards that the table of users names."""
    cards = _resolved(users.filter(pl.col("card").is_not_null()), "card", known)
    return cards.select("platform", "user", account="card").unique().sort("platform", "user", "account")


def _accounts(orders: pl.DataFrame, users: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """`platform, account, user, role`: every account of the platform's; its users, and their roles, in one text."""
    owned = owned_accounts(users, known).join(
        users.group_by("platform", "user").agg(role=pl.col("role").sort().first()), on=["platform", "user"], how="left"
    )
    serving = orders.filter(pl.col("account").is_not_null()).select("platform", "account", "user").unique()
    roles = users.group_by("platform", "user").agg(role=pl.col("role").sort().first())
    serving = serving.join(roles, on=["platform", "user"], how="left")
    both = pl.concat([owned.select("platform", "account", "user", "role"), serving]).unique()
    names = [pl.col(name).drop_nulls().filter(pl.col(name).drop_nulls() != "").unique().sort().str.join(" ")
             for name in ("user", "role")]  # fmt: skip
    return both.group_by("platform", "account").agg(names).sort("platform", "account")


def _numbered(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows by time, then id; `row_no` counts payments, so that both sides of one have the same."""
    numbers = rows.select("row_id", "time").unique("row_id", keep="any").sort("row_id")
    numbers = numbers.select("row_id", row_no=pl.int_range(pl.len(), dtype=pl.Int64))
    return rows.join(numbers, on="row_id").sort("time", "row_id", "side"), numbers


def order_table(found: Reconciled, spans: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """`platform_orders`: every order with its match, or the reason why it has none."""
    frame = found.orders.join(found.pairs, on="order_no", how="left", maintain_order="left", suffix="_match")
    frame = frame.join(found.failed, on="order_no", how="left", maintain_order="left")
    frame = frame.join(spans, on="account", how="left", maintain_order="left")
    return frame.select(
        "platform", "order", pl.col("when").alias("time"), "confirmed", "kind", "amount", "currency",
        account_id="account", other="other", user="user", merchant="merchant", status="status", commission="commission",
        match=pl.col("kind_match").fill_null("none"), how="how", row_id="row_id",
        reason=pl.when(pl.col("row_id").is_null()).then(_reason(tolerance)), failed_row_id="failed_row_id",
        source_id="source_id", source_row="source_row",
    )  # fmt: skip


def _reason(tolerance: Tolerance) -> pl.Expr:
    """Why an order has no row.

    The platform calls it unpaid; the bank tried a payment that fits, and it failed; the order names no account; that
    account's ledger is not in the case; or does not reach the order's time (from and to are closed, the tolerance is
    added on both sides); or it does, and no row fits: missing.
    """
    early = pl.col("until") + tolerance.within_us < pl.col("from")
    late = pl.col("time") - tolerance.within_us > pl.col("to")
    return (
        pl.when(pl.col("unpaid")).then(pl.lit("not_paid"))
        .when(pl.col("failed_row_id").is_not_null()).then(pl.lit("failed"))
        .when(pl.col("account").is_null()).then(pl.lit("no_account"))
        .when(pl.col("from").is_null()).then(pl.lit("not_produced"))
        .when(early | late).then(pl.lit("outside_ledger"))
        .otherwise(pl.lit("missing"))
    )  # fmt: skip


def match_table(found: Reconciled) -> pl.DataFrame:
    """`platform_matches`: every pair, with both sides and their differences."""
    rows = found.rows.select("row_no", "side", row_time=_moment("time"), row_amount="amount", row_account="account")
    pairs = found.pairs.join(found.orders.drop("kind"), on="order_no").join(rows, on=["row_no", "side"])
    return pairs.select(
        "platform", "order", "source_id", "source_row", "row_id", "kind", "how", "side",
        account_id="account", row_account_id="row_account", order_time="when", row_time="row_time",
        time_difference="time_difference", order_amount="amount", row_amount="row_amount",
        amount_difference="amount_difference", currency="currency", order_no="order_no",
    ).sort("order_no").drop("order_no")  # fmt: skip


def row_table(found: Reconciled, service: pl.DataFrame) -> pl.DataFrame:
    """`platform_rows`: bank rows of the platform's accounts: exact, near, internal (both sides are), or no_order.

    `in_service`: between the first and the last of the account's orders and bookings (`service`, µs, closed).
    """
    pairs = found.pairs.select("row_no", "kind", "order_no").join(
        found.orders.select("order_no", "order", of_platform="platform"), on="order_no"
    )
    own = found.accounts.select("platform", "account")
    rows = found.rows.join(own, on="account").join(
        own.rename({"account": "other"}).with_columns(internal=pl.lit(value=True)), on=["platform", "other"], how="left"
    )
    rows = rows.join(pairs, on="row_no", how="left").join(service, on=["platform", "account"], how="left")
    inside = (pl.col("time") >= pl.col("first")) & (pl.col("time") <= pl.col("last"))
    kind = pl.coalesce("kind", pl.when(pl.col("internal")).then(pl.lit("internal")), pl.lit("no_order"))
    return rows.sort("platform", "account", "time", "row_id", "side").select(
        "platform", "row_id", "side", account_id="account", other="other", time=_moment("time"), amount="amount",
        currency="currency", kind=kind, order=pl.when(pl.col("platform") == pl.col("of_platform")).then("order"),
        in_service=inside.fill_null(value=False),
    )  # fmt: skip


def service_periods(found: Reconciled, points: pl.DataFrame, owned: pl.DataFrame, margin_us: int) -> pl.DataFrame:
    """`platform, account, first, last` (µs, closed): when an account served, with a margin on both sides.

    Orders that were not unpaid count, and bookings of 上分 and 下分 of the users who have the account: members book
    what they have handed on some time afterwards.
    """
    served = found.orders.filter(~pl.col("unpaid") & pl.col("account").is_not_null())
    booked = points.filter(pl.col("kind").is_in(["up", "down"])).select(
        "platform", "user", pl.col("time").dt.epoch("us")
    )
    booked = booked.join(owned, on=["platform", "user"])
    moments = pl.concat([served.select("platform", "account", "time"), booked.select("platform", "account", "time")])
    return moments.group_by("platform", "account").agg(
        first=pl.col("time").min() - margin_us, last=pl.col("time").max() + margin_us
    )


def strengths(found: Reconciled, evidence: Evidence, tolerance: Tolerance) -> tuple[pl.DataFrame, Strength]:
    """`platform, account, tested, met, expected, score` for each account; and the same for all orders together.

    Where an account's ledger was not produced, the span of the rows that others' ledgers show of it stands for it.
    """
    seen = evidence.rows.group_by("account").agg(
        pl.col("time").min().alias("from"), (pl.col("time") + pl.col("width") - 1).max().alias("to")
    )
    produced = evidence.spans.select("account", "from", "to")
    spans = pl.concat([produced, seen.join(produced, on="account", how="anti").select("account", "from", "to")])
    sets = found.accounts.select("platform", "account", set_no=pl.int_range(pl.len(), dtype=pl.Int64))
    of: Int64 = (
        found.orders.join(sets, on=["platform", "account"], how="left", maintain_order="left")["set_no"]
        .fill_null(-1).to_numpy().copy()
    )  # fmt: skip
    each, everything = strength(of, sets.height, found.orders, found.rows, spans, tolerance)
    table = sets.drop("set_no").with_columns(
        tested=pl.Series(each.orders), met=pl.Series(each.met),
        expected=pl.Series(each.expected).fill_nan(None), score=pl.Series(each.score).fill_nan(None),
    )  # fmt: skip
    return table, everything


def _moment(name: str) -> pl.Expr:
    return pl.col(name).cast(_US_UTC)
