"""Match a platform's orders with bank rows, one to one: what is certain first, then what is near."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from duanka.flow.closest import ALONE, Spans, claim, closest
from duanka.flow.ledger import Int64

MINUTE = 60_000_000
"""µs."""

MATCH_SCHEMA: dict[str, type[pl.DataType]] = {
    "order_no": pl.Int64, "row_no": pl.Int64, "kind": pl.String, "how": pl.String, "time_difference": pl.Int64,
    "amount_difference": pl.Int64,
}  # fmt: skip

KINDS = ("exact", "near")

HOWS = ("number", "counterparty", "account", "later", "fee", "other_account")
"""In the order in which they are tried; see `match`."""

_CROWD = 100
"""Rows on each side of an order's time that the fee step looks at; more can't be told apart anyway."""
_PART = 100_000
"""Orders that the fee step expands at a time."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What still counts as the same payment. All limits are closed: a difference equal to them is within."""

    within_us: int = 15 * MINUTE
    """Between an order, from its making to its confirmation, and a bank row (domain.md §3.1: minutes). Assumption."""

    far_us: int = 120 * MINUTE
    """The same, where nothing else differs: late bookings, clocks that are wrong. Assumption."""

    fee_ppm: int = 6_000
    """Share of an order's amount by which a row may differ, in millionths: acquirers charge 0.6 %. Assumption."""

    fee_least: int = 100
    """Minor units by which it may always differ: platforms change the cents to tell orders apart. Assumption."""

    def __post_init__(self) -> None:
        """ValueError if a limit is negative or the far one is the nearer one."""
        if min(self.within_us, self.far_us, self.fee_ppm, self.fee_least) < 0 or self.far_us < self.within_us:
            raise ValueError("tolerances must not be negative, and the far one not below the near one")


@dataclass(slots=True)
class _Left:
    """What is not matched yet, by number; and what is."""

    orders: pl.DataFrame
    rows: pl.DataFrame
    found: list[pl.DataFrame] = field(default_factory=list)


def match(
    orders: pl.DataFrame, rows: pl.DataFrame, links: pl.DataFrame, tolerance: Tolerance, *, hows: Sequence[str] = HOWS
) -> pl.DataFrame:
    """Pairs in MATCH_SCHEMA: every order, and every bank row, is in at most one.

    Args:
        orders: `order_no` (unique), `side` (in: the platform's account receives, out: it pays), `account` (the
            platform's; null if not named), `other` (the other side's; null), `time` and `until` (µs, closed: from
            the order to its confirmation), `amount`, `currency`, `unpaid` (the platform says so). Sorted so that
            orders of one time stand in an order of their own.
        rows: `row_no` (of the payment: one between two accounts of the platform stands under both sides), `side`,
            `account`, `other`, `time` (µs, start), `width` (µs), `amount`, `currency`. Sorted likewise.
        links: `order_no`, `row_no`: rows whose serial or memo names the order.
        tolerance: see there.
        hows: the steps to take.

    Steps, for orders that were paid or may have been, and then for those that the platform calls unpaid:

    - *number*: the row names the order, amount within fee, time within far. Exact if also account, amount and time fit;
    - *counterparty*, *account*: same account, amount and currency, time within `within_us`, row known to the minute; in
      the first also the same other side. Exact;
    - *later*: as *account*, but within `far_us`, or only the hour or day of the row is known. Near;
    - *fee*: same account, time within `within_us`, amount within fee: closest amount first. Near;
    - *other_account*: as *account* with another account of the platform. Near.

    In each step as many pairs as there can be, of those the closest in time (`flow.closest`); in the steps *number*
    and *fee* the best pair first. `time_difference` is row − order's making in µs, 0 inside of a row's
    interval; `amount_difference` row − order in minor units. O((orders + rows) log). Source: domain.md §3.1.
    """
    left = _Left(orders, rows)
    for unpaid in (False, True):
        for how in hows:
            for side in ("in", "out"):
                chosen = left.orders.filter((pl.col("unpaid") == unpaid) & (pl.col("side") == side))
                there = left.rows.filter(pl.col("side") == side)
                if chosen.height and there.height:
                    _settle(left, _step(how, chosen, there, links, tolerance), how, tolerance)
    found = pl.concat([pl.DataFrame(schema=MATCH_SCHEMA), *left.found])
    return found.sort("order_no")


def _step(
    how: str, orders: pl.DataFrame, rows: pl.DataFrame, links: pl.DataFrame, tolerance: Tolerance
) -> pl.DataFrame:
    """Pairs of one step, each order and row once: `order_no`, `row_no`, and both sides' columns with `_row`."""
    if how == "number":
        return _named(orders, rows, links, tolerance)
    if how == "fee":
        return _with_fee(orders, rows, tolerance)
    timed = rows if how == "later" else rows.filter(pl.col("width") <= MINUTE)
    keys = {
        "counterparty": ["account", "amount", "currency", "other"], "other_account": ["amount", "currency"],
    }.get(how, ["account", "amount", "currency"])  # fmt: skip
    return _together(orders, timed, keys, tolerance.far_us if how == "later" else tolerance.within_us)


def _settle(left: _Left, pairs: pl.DataFrame, how: str, tolerance: Tolerance) -> None:
    """Note the pairs of a step, and take both of each out of what is left."""
    if not pairs.height:
        return
    fits = (
        (pl.col("account") == pl.col("account_row")) & (pl.col("amount") == pl.col("amount_row"))
        & (_gap() <= tolerance.within_us) & (pl.col("width_row") <= MINUTE)
    )  # fmt: skip
    exact = fits.fill_null(value=False) & pl.lit(how in {"number", "counterparty", "account"})
    found = pairs.with_columns(time_difference=_difference()).select(
        "order_no", row_no="row_no_row", kind=pl.when(exact).then(pl.lit("exact")).otherwise(pl.lit("near")),
        how=pl.lit(how), time_difference="time_difference", amount_difference=pl.col("amount_row") - pl.col("amount"),
    )  # fmt: skip
    left.found.append(found.select(*MATCH_SCHEMA))
    left.orders = left.orders.filter(~pl.col("order_no").is_in(found["order_no"].implode()))
    left.rows = left.rows.filter(~pl.col("row_no").is_in(found["row_no"].implode()))


def _difference() -> pl.Expr:
    """Row − order in µs; 0 where the order's time lies inside of the row's interval."""
    start, end = pl.col("time_row"), pl.col("time_row") + pl.col("width_row") - 1
    return (
        pl.when(pl.col("time") < start)
        .then(start - pl.col("time"))
        .otherwise(pl.min_horizontal(end - pl.col("time"), 0))
    )


def _gap() -> pl.Expr:
    """µs between the order, from its making to its confirmation, and the row's interval; 0 where they overlap."""
    before = pl.col("time_row") - pl.col("until")
    after = pl.col("time") - (pl.col("time_row") + pl.col("width_row") - 1)
    return pl.max_horizontal(before, after, 0)


def spans_of(frame: pl.DataFrame, end: pl.Expr) -> Spans:
    """Intervals of a frame sorted by `group` and `time`; arrays of their own, which kernels may be handed."""
    ends = frame.select(end=end.cast(pl.Int64))["end"].to_numpy().copy()
    return Spans(ints(frame, "group"), ints(frame, "time"), ends)


ORDER_END, ROW_END = pl.col("until"), pl.col("time") + pl.col("width") - 1
"""Where the interval of an order, and of a row, ends."""


def _together(orders: pl.DataFrame, rows: pl.DataFrame, keys: list[str], within_us: int) -> pl.DataFrame:
    """Pairs within the groups that agree in all keys."""
    orders = orders.drop_nulls(keys)
    known = orders.select(keys).unique().join(rows.select(keys).unique(), on=keys).sort(keys).with_row_index("group")
    mine = orders.join(known, on=keys, maintain_order="left").sort("group", "time", maintain_order=True)
    theirs = rows.join(known, on=keys, maintain_order="left").sort("group", "time", maintain_order=True)
    partner = closest(spans_of(mine, ORDER_END), spans_of(theirs, ROW_END), within_us)
    has = np.flatnonzero(partner != ALONE)
    return _side_by_side(mine[has], theirs[partner[has]])


def _named(orders: pl.DataFrame, rows: pl.DataFrame, links: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Rows that name the order: the right amount first, then the right account, then the nearest time."""
    pairs = links.join(orders, on="order_no").join(
        rows.rename({name: f"{name}_row" for name in rows.columns}), left_on="row_no", right_on="row_no_row"
    )
    pairs = pairs.with_columns(row_no_row="row_no").filter(pl.col("currency") == pl.col("currency_row"))
    return _best_first(pairs, tolerance, tolerance.far_us)


def _with_fee(orders: pl.DataFrame, rows: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Rows of the order's account and time whose amount is nearly that of the order."""
    keys = ["account", "currency"]
    rows = rows.filter(pl.col("width") <= MINUTE)
    orders = orders.drop_nulls(keys)
    known = orders.select(keys).unique().join(rows.select(keys).unique(), on=keys).sort(keys).with_row_index("group")
    mine = orders.join(known, on=keys, maintain_order="left").sort("group", "time", maintain_order=True)
    theirs = rows.join(known, on=keys, maintain_order="left").sort("group", "time", maintain_order=True)
    found = [_crowd(mine[at : at + _PART], theirs, tolerance) for at in range(0, mine.height, _PART)]
    return _best_first(pl.concat(found), tolerance, tolerance.within_us) if found else mine.clear()


def _crowd(mine: pl.DataFrame, theirs: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Every order beside every row of its group within reach, at most _CROWD on each side, if the amounts are near."""
    group, time, until = ints(mine, "group"), ints(mine, "time"), ints(mine, "until")
    row_group, row_time = ints(theirs, "group"), ints(theirs, "time")
    begin, end = np.searchsorted(row_group, group, "left"), np.searchsorted(row_group, group, "right")
    low, middle, high = np.empty_like(group), np.empty_like(group), np.empty_like(group)
    for one in np.unique(group):
        at = slice(*np.searchsorted(group, [one, one + 1]))
        within = row_time[begin[at.start] : end[at.start]]
        low[at] = np.searchsorted(within, time[at] - tolerance.within_us - MINUTE)
        middle[at] = np.searchsorted(within, time[at])
        high[at] = np.searchsorted(within, until[at] + tolerance.within_us, "right")
    low, high = np.maximum(low, middle - _CROWD) + begin, np.minimum(high, middle + _CROWD) + begin
    size = np.maximum(high - low, 0)
    first = np.repeat(np.arange(len(group)), size)
    second = np.arange(len(first)) - np.repeat(np.cumsum(size) - size, size) + np.repeat(low, size)
    amount, theirs_amount = ints(mine, "amount"), ints(theirs, "amount")
    allowed = np.maximum(amount * tolerance.fee_ppm // 1_000_000, tolerance.fee_least)
    near = np.abs(theirs_amount[second] - amount[first]) <= allowed[first]
    return _side_by_side(mine[first[near]], theirs[second[near]])


def _best_first(pairs: pl.DataFrame, tolerance: Tolerance, within_us: int) -> pl.DataFrame:
    """Of possible pairs those that come first by amount, account, time and then number, each side once."""
    allowed = pl.max_horizontal(pl.col("amount") * tolerance.fee_ppm // 1_000_000, pl.lit(tolerance.fee_least))
    apart = (pl.col("amount_row") - pl.col("amount")).abs()
    pairs = pairs.with_columns(apart=apart, gap=_gap())
    pairs = pairs.filter((pl.col("apart") <= allowed) & (pl.col("gap") <= within_us))
    stranger = (pl.col("account") != pl.col("account_row")).fill_null(value=True)
    pairs = pairs.sort("apart", stranger, "gap", "order_no", "row_no_row")
    if not pairs.height:
        return pairs
    first, second = (pairs[name].rank("dense").cast(pl.Int64).to_numpy() - 1 for name in ("order_no", "row_no_row"))
    taken = claim(first, second, int(first.max()) + 1, int(second.max()) + 1)
    return pairs.filter(pl.Series(taken))


def _side_by_side(mine: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([mine, theirs.rename({name: f"{name}_row" for name in theirs.columns})], how="horizontal")


def ints(frame: pl.DataFrame, name: str) -> Int64:
    """A column as an array of its own, which kernels may be handed."""
    values: Int64 = frame[name].cast(pl.Int64).to_numpy().copy()
    return values
