"""Plain aggregates of an account, and the means of those that it deals with. No id, balance or date is among them."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from detection.evidence import Evidence

Values = NDArray[np.float32]

SECOND = 1_000_000
PERCENTS = (50, 75, 90, 95, 99)
"""Percentiles of all amounts of a data set: how many of an account's payments, and how much of its money, are above."""


def plain(evidence: Evidence) -> pl.DataFrame:
    """One row a node, in the order of nodes: sums, counts and shares of each side, and both sides together. O(rows)."""
    nodes = pl.DataFrame({"node": pl.Series(range(len(evidence)), dtype=pl.Int32)})
    for own, other, name in (("payer", "payee", "out"), ("payee", "payer", "in")):
        nodes = nodes.join(_side(evidence.rows, own, other, name), on="node", how="left", maintain_order="left")
    nodes = nodes.join(_waits(evidence.rows), on="node", how="left", maintain_order="left")
    counts = [f"{side}_{name}" for side in ("in", "out") for name in ("rows", "sum", "max", "partners", "days")]
    nodes = nodes.with_columns(pl.col(counts).fill_null(0))
    less, more = pl.min_horizontal("in_sum", "out_sum"), pl.max_horizontal("in_sum", "out_sum")
    return nodes.with_columns(
        through=less, through_share=less / (more + 1), turnover=less + more, net=pl.col("in_sum") - pl.col("out_sum"),
        rows_out_of_all=pl.col("out_rows") / (pl.col("in_rows") + pl.col("out_rows")),
        partners_out_of_all=pl.col("out_partners") / (pl.col("in_partners") + pl.col("out_partners")),
    ).drop("node")  # fmt: skip


def _side(rows: pl.DataFrame, own: str, other: str, name: str) -> pl.DataFrame:
    """Aggregates of the rows in which a node is `own`. The other side is counted where it is known."""
    bounds = {percent: rows["amount"].quantile(percent / 100, "lower") or 0.0 for percent in PERCENTS}
    rows = rows.filter(pl.col(own) >= 0).select("time", "amount", "day", "hour", node=own, partner=other)
    amount, hour = pl.col("amount"), pl.col("hour")
    measures = {
        "rows": pl.len(), "sum": amount.sum(), "max": amount.max(), "min": amount.min(), "mean": amount.mean(),
        "second": amount.top_k(2).min(), "third": amount.top_k(3).min(), "median": amount.median(),
        "spread": amount.std(), "round": (amount % 10_000 == 0).mean(), "cents": (amount % 100 != 0).mean(),
        "night": ((hour >= 23) | (hour < 6)).mean(), "work": ((hour >= 9) & (hour < 18)).mean(),
        "weekend": (pl.col("day").dt.weekday() >= 6).mean(), "days": pl.col("day").n_unique(),
    }  # fmt: skip
    measures |= {f"q{percent}": amount.quantile(percent / 100) for percent in (25, 75, 90)}
    measures |= {f"over_{percent}": (amount > bound).sum() for percent, bound in bounds.items()}
    measures |= {f"sum_over_{percent}": amount.filter(amount > bound).sum() for percent, bound in bounds.items()}
    found = rows.group_by("node").agg(**measures)
    for part in (_partners(rows), _gaps(rows), *(_busiest(rows, unit) for unit in ("day", "clock_hour"))):
        found = found.join(part, on="node", how="left")
    return found.rename({column: f"{name}_{column}" for column in found.columns if column != "node"})


def _partners(rows: pl.DataFrame) -> pl.DataFrame:
    """Different known partners, and the share of them that was met once."""
    pairs = rows.filter(pl.col("partner") >= 0).group_by("node", "partner").agg(pl.len().alias("n"))
    return pairs.group_by("node").agg(partners=pl.len(), once=(pl.col("n") == 1).mean())


def _gaps(rows: pl.DataFrame) -> pl.DataFrame:
    """Seconds between payments that follow each other on the same side."""
    rows = rows.sort("node", "time").select("node", gap=(pl.col("time").diff() / SECOND).over("node"))
    gap = pl.col("gap")
    return rows.group_by("node").agg(gap_mean=gap.mean(), gap_median=gap.median(), gap_min=gap.min())


def _busiest(rows: pl.DataFrame, unit: str) -> pl.DataFrame:
    """Most payments, and the largest sum, of one day or of one hour."""
    rows = rows.with_columns(clock_hour=pl.col("time") // (3_600 * SECOND))
    each = rows.group_by("node", unit).agg(pl.len().alias("n"), pl.col("amount").sum())
    names = {f"{unit}_rows": pl.col("n").max(), f"{unit}_sum": pl.col("amount").max()}
    return each.group_by("node").agg(**names)


def _waits(rows: pl.DataFrame) -> pl.DataFrame:
    """Seconds from a receipt to the next payment by the same node, if any: median, least, share in an hour."""
    into = rows.filter(pl.col("payee") >= 0).select(pl.col("payee").alias("node"), "time").sort("node", "time")
    out = (
        rows.filter(pl.col("payer") >= 0)
        .select(pl.col("payer").alias("node"), "time", left="time")
        .sort("node", "time")
    )
    both = into.join_asof(out, on="time", by="node", strategy="forward", check_sortedness=False)
    wait = (pl.col("left") - pl.col("time")) / SECOND
    return both.select("node", wait=wait).group_by("node").agg(
        pl.col("wait").median().alias("wait_median"), pl.col("wait").min().alias("wait_min"),
        (pl.col("wait") <= 3_600).fill_null(value=False).mean().alias("wait_hour"),
    )  # fmt: skip


def values(columns: pl.DataFrame) -> Values:
    """Columns as an array; what is not known is NaN."""
    return columns.cast(pl.Float32).to_numpy().astype(np.float32, copy=False)


def with_neighbours(evidence: Evidence, own: Values) -> Values:
    """A node's own values, and the means over those who paid it and over those whom it paid, each of them once."""
    pairs = evidence.rows.filter((pl.col("payer") >= 0) & (pl.col("payee") >= 0) & (pl.col("payer") != pl.col("payee")))
    pairs = pairs.select("payer", "payee").unique().sort("payer", "payee")
    payer, payee = pairs["payer"].to_numpy(), pairs["payee"].to_numpy()
    known = np.nan_to_num(own, nan=0.0)
    return np.hstack([own, _means(payee, payer, known), _means(payer, payee, known)])


def _means(of: NDArray[np.int32], over: NDArray[np.int32], known: Values) -> Values:
    """Row means of `known` over the partners of each node; NaN where there are none."""
    size = len(known)
    graph = sparse.csr_matrix((np.ones(len(of), np.float32), (of, over)), shape=(size, size))
    count = np.bincount(of, minlength=size).astype(np.float32)[:, None]
    found: Values = np.asarray(graph @ known, dtype=np.float32)
    return np.divide(found, count, out=np.full_like(found, np.nan), where=count > 0)
