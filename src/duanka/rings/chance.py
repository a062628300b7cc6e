"""How many orders would meet a bank row by chance: the same orders, at times when they were not made."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import nbinom, poisson

from duanka.flow.closest import Spans, reached
from duanka.flow.ledger import Bool, Int64
from duanka.rings.matching import MINUTE, ORDER_END, ROW_END, Tolerance, ints, match, spans_of

_HOUR, _DAY = 60 * MINUTE, 24 * 60 * MINUTE
_HOURS, _DAYS = (1, 2, 3, 5, 7, 11), (1, 2, 3, 5, 7)
_NEAR_DAYS = (-2, -1, 1, 2)

MOST = 0.9999
"""No score is higher: two dozen shifts say nothing of rarer events, whatever a distribution's tail says."""


def shifts(within_us: int) -> list[int]:
    """µs by which all orders are shifted: ±1, 2, 3, 5, 7, 11 hours and ±1, 2, 3, 5, 7 days.

    Days keep the time of day, hours keep a platform that lived for one day inside of its records. Where four
    tolerances are longer than an hour (or a day), they take its place, so that no order can meet its own row again.
    """
    hours = [n * max(_HOUR, 4 * within_us) for n in _HOURS]
    days = [n * max(_DAY, 4 * within_us) for n in _DAYS]
    return sorted({sign * shift for shift in (*hours, *days) for sign in (-1, 1)})


@dataclass(frozen=True, slots=True)
class Strength:
    """How surely n sets of orders are those of their accounts. Arrays of length n."""

    orders: Int64
    """Orders that can be tested: their account's records cover their time."""

    met: Int64
    """Of these, orders with a row of the same account, amount and currency within the tolerance."""

    expected: np.ndarray  # as many would meet one by chance; NaN where no shift could be tried
    score: np.ndarray  # 1 − probability that chance makes as many or more, at most MOST; NaN likewise, 0 where none met


def strength(
    set_no: Int64, sets: int, orders: pl.DataFrame, rows: pl.DataFrame, spans: pl.DataFrame, tolerance: Tolerance
) -> tuple[Strength, Strength]:
    """Test each set of orders (`set_no`, −1: in none), and all sets together, against the same orders at other times.

    The null hypothesis: the database's times have nothing to do with the bank's rows, whatever its cards, sums, days
    and rhythm. All orders are shifted together by each of `shifts`; at each shift those that `spans` of their account
    (`account`, `from`, `to`, µs, closed; widened by the tolerance) cover are counted, and of them those that meet a
    row as an exact match must. The rate over all shifts, with one success added so that it is never 0, gives
    `expected`. Chance counts are taken as Poisson, or as negative binomial with the variance seen over the shifts
    where that is larger: regular sums come in bursts. `score` then is the probability of fewer meetings than were
    found, and never above MOST. It says how surely orders and rows belong together, not that the holder knew.
    O(shifts · (orders + rows)).
    """
    lanes = [_lane(set_no, orders, rows, spans, side) for side in ("in", "out")]
    counts = [_count(lanes, sets, tolerance, shift) for shift in (0, *shifts(tolerance.within_us))]
    tried, met = np.array([one for one, _ in counts]), np.array([two for _, two in counts])
    return _judged(tried, met), _judged(tried.sum(axis=1, keepdims=True), met.sum(axis=1, keepdims=True))


def _judged(tried: Int64, met: Int64) -> Strength:
    """From counts of orders, and of those that meet a row: a row for no shift, then one a shift; a column a set."""
    now, found = tried[0], met[0]
    possible = tried[1:].sum(axis=0)
    rate = (met[1:].sum(axis=0) + 1) / (possible + 1)
    expected = np.where((possible > 0) & (now > 0), rate * now, np.nan)
    scaled = np.where(tried[1:] > 0, met[1:] * now / np.maximum(tried[1:], 1), np.nan)
    return Strength(now, found, expected, _score(found, expected, _variance(scaled)))


@dataclass(frozen=True, slots=True)
class _Lane:
    """Orders and rows of one side, sorted by account, amount and time."""

    set_no: Int64
    covered_from: Int64
    covered_to: Int64
    orders: Spans
    rows: Spans


def _lane(set_no: Int64, orders: pl.DataFrame, rows: pl.DataFrame, spans: pl.DataFrame, side: str) -> _Lane:
    keys = ["account", "amount", "currency"]
    mine = orders.with_columns(set_no=pl.Series(set_no)).filter(
        (pl.col("side") == side) & ~pl.col("unpaid") & (pl.col("set_no") >= 0)
    )
    mine = mine.drop_nulls(keys).join(spans, on="account", how="inner", maintain_order="left")
    theirs = rows.filter((pl.col("side") == side) & (pl.col("width") <= MINUTE))
    known = mine.select(keys).unique().sort(keys).with_row_index("group")
    mine = mine.join(known, on=keys, maintain_order="left").sort("group", "time", maintain_order=True)
    theirs = theirs.join(known, on=keys, maintain_order="left").sort("group", "time", maintain_order=True)
    return _Lane(
        ints(mine, "set_no"), ints(mine, "from"), ints(mine, "to"), spans_of(mine, ORDER_END),
        spans_of(theirs, ROW_END),
    )  # fmt: skip


def _count(lanes: list[_Lane], sets: int, tolerance: Tolerance, shift: int) -> tuple[Int64, Int64]:
    """Orders that can be tested at a shift, and those that meet a row, by set."""
    tried, met = np.zeros(sets, np.int64), np.zeros(sets, np.int64)
    for lane in lanes:
        begin, end = lane.orders.start + shift, lane.orders.end + shift
        within = tolerance.within_us
        there: Bool = (end + within >= lane.covered_from) & (begin - within <= lane.covered_to)
        served = reached(lane.orders, lane.rows, within, shift_us=shift)
        tried += np.bincount(lane.set_no[there], minlength=sets)
        met += np.bincount(lane.set_no[there & served], minlength=sets)
    return tried, met


def _variance(scaled: np.ndarray) -> np.ndarray:
    """Sample variance over the shifts that could be tried; 0 where fewer than two could."""
    known = ~np.isnan(scaled)
    size = known.sum(axis=0)
    mean = np.where(known, scaled, 0).sum(axis=0) / np.maximum(size, 1)
    squares = np.where(known, (scaled - mean) ** 2, 0).sum(axis=0)
    found: np.ndarray = np.where(size > 1, squares / np.maximum(size - 1, 1), 0.0)
    return found


def _score(found: Int64, expected: np.ndarray, spread: np.ndarray) -> np.ndarray:
    mean = np.nan_to_num(expected, nan=1.0)
    wide = spread > mean * (1 + 1e-9)
    excess = np.where(wide, spread - mean, 1.0)
    tail = np.where(
        wide,
        nbinom.sf(found - 1, mean**2 / excess, mean / (mean + excess)),
        poisson.sf(found - 1, mean),
    )
    score = np.where(found > 0, 1 - tail, 0.0)
    result: np.ndarray = np.where(np.isnan(expected), np.nan, np.clip(score, 0.0, MOST))
    return result


def near_by_chance(orders: pl.DataFrame, rows: pl.DataFrame, links: pl.DataFrame, tolerance: Tolerance) -> float:
    """How many near matches chance would make of what the exact ones left over: a mean over −2, −1, 1 and 2 days.

    Orders and rows as in `matching.match`. O(4 · near steps).
    """
    hows = ("later", "fee", "other_account")
    shifted = [orders.with_columns(pl.col("time", "until") + days * _DAY) for days in _NEAR_DAYS]
    counts = [match(one, rows, links.clear(), tolerance, hows=hows).height for one in shifted]
    return float(np.mean(counts))
