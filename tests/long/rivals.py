"""Plain rivals that a good generator must not be easy for; their settings are fixed here, before any measurement.

Each takes a folder that `duanka synth` wrote as canonical Parquet. Labels are read for the score only, and by LightGBM
for the half of the accounts that it learns from.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detection import communities
from detection.agreement import average_precision
from detection.learners import LIGHTGBM, ROUNDS

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]

SPLIT_SEED = 17


@dataclass(frozen=True, slots=True)
class Evidence:
    """A world as a rival sees it: plain columns of every account that moved money, and the truth for the score."""

    columns: pl.DataFrame  # account_id and one column a measure
    label: Bits  # parallel to the rows of `columns`
    rings: list[NDArray[np.int64]]  # rows of the labelled members of each ring
    edges: pl.DataFrame  # payer, payee as rows of `columns`, payments, amount


def read(folder: Path) -> Evidence:
    """Aggregate the payments that happened. O(rows)."""
    rows = pl.scan_parquet(folder / "records" / "transactions" / "*.parquet").filter(pl.col("status") == "success")
    hour = pl.col("time").dt.convert_time_zone("Asia/Shanghai").dt.hour()
    rows = rows.with_columns(
        night=((hour >= 23) | (hour < 6)), day=pl.col("time").dt.convert_time_zone("Asia/Shanghai").dt.date(),
        round=(pl.col("amount") % 10_000 == 0), cents=(pl.col("amount") % 100 != 0),
    )  # fmt: skip
    sides = []
    for own, other, name in (("payer", "payee", "out"), ("payee", "payer", "in")):
        pairs = rows.group_by(own, other).agg(pl.len().alias("n")).group_by(own).agg(
            pl.len().alias(f"{name}_partners"), (pl.col("n") == 1).mean().alias(f"{name}_once")
        )  # fmt: skip
        sums = rows.group_by(own).agg(
            pl.len().alias(f"{name}_rows"), pl.col("amount").sum().alias(f"{name}_sum"),
            pl.col("amount").mean().alias(f"{name}_mean"), pl.col("amount").max().alias(f"{name}_max"),
            pl.col("amount").std().alias(f"{name}_spread"), pl.col("night").mean().alias(f"{name}_night"),
            pl.col("round").mean().alias(f"{name}_round"), pl.col("cents").mean().alias(f"{name}_cents"),
            pl.col("day").n_unique().alias(f"{name}_days"), pl.col("time").min().dt.epoch("s").alias(f"{name}_first"),
            pl.col("time").max().dt.epoch("s").alias(f"{name}_last"),
        )  # fmt: skip
        both = sums.join(pairs, on=own).rename({own: "account_id"}).filter(pl.col("account_id").is_not_null())
        sides.append(both.collect())
    columns = sides[0].join(sides[1], on="account_id", how="full", coalesce=True).sort("account_id").fill_null(0)
    columns = columns.with_columns(
        through=pl.min_horizontal("in_sum", "out_sum"),
        through_share=pl.min_horizontal("in_sum", "out_sum") / (pl.max_horizontal("in_sum", "out_sum") + 1),
        turnover=pl.col("in_sum") + pl.col("out_sum"),
        first=pl.min_horizontal("in_first", "out_first"),
        number=pl.col("account_id").str.slice(-10).cast(pl.Int64),
    )
    places = columns.select("account_id").with_row_index("row")
    labels = pl.read_csv(folder / "truth" / "labels.csv", infer_schema_length=0).filter(pl.col("label") == "1")
    found = labels.join(places, on="account_id")
    label = np.zeros(columns.height, dtype=np.bool_)
    label[found["row"].to_numpy()] = True
    rings = [group["row"].unique().to_numpy().astype(np.int64) for _, group in found.group_by("ring_id")]
    edges = (
        rows.group_by("payer", "payee").agg(pl.len().alias("payments"), pl.col("amount").sum())
        .join(places.lazy(), left_on="payer", right_on="account_id").rename({"row": "from"})
        .join(places.lazy(), left_on="payee", right_on="account_id").rename({"row": "to"})
        .select("from", "to", "payments", "amount").sort("from", "to").collect()
    )  # fmt: skip
    return Evidence(columns, label, [ring for ring in rings if len(ring) >= 3], edges)


def pass_through(evidence: Evidence) -> float:
    """Ranking by the smaller of what came in and what went out."""
    return average_precision(evidence.columns["through"].cast(pl.Float64).to_numpy(), evidence.label)


def single_columns(evidence: Evidence) -> dict[str, float]:
    """Average precision of every column alone, upwards or downwards, whichever is better."""
    found = {}
    for name in evidence.columns.columns[1:]:
        values = evidence.columns[name].cast(pl.Float64).to_numpy()
        found[name] = max(average_precision(values, evidence.label), average_precision(-values, evidence.label))
    return found


def lightgbm(evidence: Evidence) -> float:
    """Gradient boosting on all columns, learning from a random half of the accounts, scored on the other."""
    import lightgbm as gbm  # noqa: PLC0415 - for this rival alone

    values = evidence.columns.drop("account_id").cast(pl.Float64).to_numpy()
    learns = np.random.default_rng(SPLIT_SEED).random(len(values)) < 0.5
    data = gbm.Dataset(values[learns], evidence.label[learns].astype(np.float64))
    model = gbm.train(LIGHTGBM, data, num_boost_round=ROUNDS)
    return average_precision(np.asarray(model.predict(values[~learns]), dtype=np.float64), evidence.label[~learns])


def louvain(evidence: Evidence) -> dict[str, float]:
    """Mean best Jaccard of the true rings over communities of the account graph, by weight and resolution."""
    return {
        setting: best_jaccard(evidence.rings, community)
        for setting, community in communities.louvain(evidence.edges, evidence.columns.height)
    }


def best_jaccard(rings: list[NDArray[np.int64]], community: NDArray[np.int64]) -> float:
    """For each ring the community that fits it best; the mean over rings."""
    sizes = np.bincount(community)
    best = []
    for ring in rings:
        inside = np.bincount(community[ring], minlength=len(sizes))
        best.append(float((inside / (sizes + len(ring) - inside)).max()))
    return float(np.mean(best)) if best else 0.0


def report(folder: Path) -> dict[str, object]:
    """All rivals over one world."""
    evidence = read(folder)
    columns = single_columns(evidence)
    graph = louvain(evidence)
    return {
        "accounts": evidence.columns.height, "base_rate": float(evidence.label.mean()), "rings": len(evidence.rings),
        "pass_through": pass_through(evidence), "lightgbm": lightgbm(evidence),
        "louvain": max(graph.values()), "louvain_all": graph,
        "columns": dict(sorted(columns.items(), key=lambda pair: -pair[1])),
    }  # fmt: skip
