"""How well scores and rings agree with the truth. Small functions over arrays, so that others can take their place.

Ties are never broken: accounts of one score are taken together or not at all, so that a constant score gains nothing.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]

SMALLEST_RING = 3
"""Fewer accounts than this are no ring, in the truth as in what is found."""

SMALLEST_KIND = 10
"""A share of fewer hard innocents of one kind than this says nothing."""

TOLERANCE = 0.002
"""Commission rates may be this far off."""


def account_measures(score: Floats, label: Bits) -> dict[str, float]:
    """Base rate, average precision, ROC AUC, and recall at 1 % and 0.1 % false positives. O(n log n)."""
    return {
        "base_rate": float(label.mean()) if len(label) else 0.0,
        "average_precision": average_precision(score, label),
        "recall_at_fpr_1pct": recall_at(score, label, 0.01),
        "recall_at_fpr_0.1pct": recall_at(score, label, 0.001),
        "roc_auc": roc_auc(score, label),
    }


def average_precision(score: Floats, label: Bits) -> float:
    """Area under precision by recall; ties share their precision, so that a constant gives the base rate."""
    found, taken, _ = _steps(score, label)
    gained = np.diff(found, prepend=0)
    return float((found / taken * gained).sum() / max(1, label.sum()))


def roc_auc(score: Floats, label: Bits) -> float:
    """Chance that a positive stands above a negative, ties counting half."""
    positives, negatives = int(label.sum()), int((~label).sum())
    if not positives or not negatives:
        return 0.5
    ranks = rankdata(score)
    return float((ranks[label].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def recall_at(score: Floats, label: Bits, false_positives: float) -> float:
    """Share of the positives at or above `threshold`."""
    return float((score[label] >= threshold(score, label, false_positives)).sum() / max(1, label.sum()))


def threshold(score: Floats, label: Bits, false_positives: float) -> float:
    """Lowest score such that at most this share of the negatives stands at or above it; infinite if there is none."""
    found, taken, values = _steps(score, label)
    fits = (taken - found) <= false_positives * (~label).sum()
    return float(values[np.flatnonzero(fits)[-1]]) if fits.any() else float("inf")


def _steps(score: Floats, label: Bits) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """From the top down, after each distinct score: positives so far, accounts so far, and the score."""
    order = np.argsort(-score, kind="stable")
    ranked, hits = score[order], np.cumsum(label[order])
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    return hits[last], last + 1, ranked[last]


def innocents_above(score: Floats, label: Bits, kinds: pl.DataFrame) -> dict[str, float]:
    """Share of the hard innocents of each kind at or above the threshold of 0.1 % false positives.

    `kinds`: row (position in `score`), kind. Kinds of fewer than SMALLEST_KIND accounts are left out.
    """
    bound = threshold(score, label, 0.001)
    kinds = kinds.filter(pl.Series(~label[kinds["row"].to_numpy()]))
    above = kinds.with_columns(above=pl.Series(score[kinds["row"].to_numpy()] >= bound))
    shares = above.group_by("kind").agg(pl.len().alias("n"), pl.col("above").mean()).sort("kind")
    return dict(shares.filter(pl.col("n") >= SMALLEST_KIND).select("kind", "above").iter_rows())


def ring_measures(true: pl.DataFrame, found: pl.DataFrame) -> dict[str, float]:
    """Mean best Jaccard in both directions; both frames: ring_id, account_id. Rings may overlap. O(memberships)."""
    true, found = _large(true), _large(found)
    best = overlaps(true, found)
    forth = best.group_by("true_ring").agg(pl.col("jaccard").max())["jaccard"].sum()
    back = best.group_by("found_ring").agg(pl.col("jaccard").max())["jaccard"].sum()
    rings, sets = true["ring_id"].n_unique(), found["ring_id"].n_unique()
    return {
        "true_rings": rings, "found_rings": sets,
        "true_to_found": float(forth or 0) / max(1, rings), "found_to_true": float(back or 0) / max(1, sets),
    }  # fmt: skip


def overlaps(true: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Pairs of rings that share an account: true_ring, found_ring, jaccard."""
    sizes = [
        frame.group_by("ring_id").agg(pl.col("account_id").n_unique().alias(f"{name}_size"))
        for name, frame in (("true", true), ("found", found))
    ]
    left = true.select("account_id", pl.col("ring_id").alias("true_ring")).unique()
    right = found.select("account_id", pl.col("ring_id").alias("found_ring")).unique()
    shared = left.join(right, on="account_id").group_by("true_ring", "found_ring").agg(pl.len().alias("shared"))
    shared = shared.join(sizes[0], left_on="true_ring", right_on="ring_id")
    shared = shared.join(sizes[1], left_on="found_ring", right_on="ring_id").with_columns(
        pl.col("shared").cast(pl.Int64)
    )
    union = pl.col("true_size").cast(pl.Int64) + pl.col("found_size").cast(pl.Int64) - pl.col("shared")
    return shared.select("true_ring", "found_ring", jaccard=pl.col("shared") / union).sort("true_ring", "found_ring")


def best_match(true: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The found ring that fits each true ring best: true_ring, found_ring."""
    ranked = overlaps(true, found).sort(["true_ring", "jaccard", "found_ring"], descending=[False, True, False])
    return ranked.group_by("true_ring", maintain_order=True).first().select("true_ring", "found_ring")


def member_measures(true: pl.DataFrame, found: pl.DataFrame) -> dict[str, float]:
    """Tier accuracy and macro F1 of roles, over the memberships of the truth; both frames: also tier, role.

    A membership is judged in the found ring that fits its ring best; one that is not found there is wrong, and so are
    all memberships of a ring that nothing overlaps. Tiers count from 1 on: victims and staff have no place in the flow.
    """
    pairs = best_match(true, found)
    judged = true.join(pairs, left_on="ring_id", right_on="true_ring", how="left").join(
        found.select("ring_id", "account_id", pl.col("tier").alias("found_tier"), pl.col("role").alias("found_role"))
        .unique(["ring_id", "account_id"], keep="first", maintain_order=True),
        left_on=["found_ring", "account_id"], right_on=["ring_id", "account_id"], how="left",
    )  # fmt: skip
    tiered = judged.filter(pl.col("tier") >= 1)
    right = int((tiered["tier"] == tiered["found_tier"]).fill_null(value=False).to_numpy().sum())
    reached = tiered["found_tier"].count()
    return {
        "tier_accuracy": right / max(1, tiered.height), "tier_accuracy_of_found": right / max(1, reached),
        "role_macro_f1": _macro_f1(judged["role"].to_list(), judged["found_role"].to_list()),
    }  # fmt: skip


def _macro_f1(true: list[str], found: list[str | None]) -> float:
    """Mean F1 over the roles of the truth."""
    scores = []
    for role in sorted(set(true)):
        both = sum(one == other == role for one, other in zip(true, found, strict=True))
        scores.append(2 * both / (true.count(role) + found.count(role)))
    return float(np.mean(scores)) if scores else 0.0


def commission_measures(
    agreed: pl.DataFrame, true: pl.DataFrame, found: pl.DataFrame, rates: pl.DataFrame
) -> dict[str, float]:
    """How many rings' commission was estimated within TOLERANCE, and how often the interval held a true share.

    `agreed`: ring_id, commission of the rings that count; `rates`: ring_id, low, commission, high as found. The truth
    has a share for each tier that keeps any, what is found has one a ring: it is held against the share nearest to it.
    """
    pairs = best_match(true, found).join(
        rates.rename({"commission": "found"}), left_on="found_ring", right_on="ring_id"
    )
    judged = agreed.join(pairs, left_on="ring_id", right_on="true_ring").drop_nulls("found")
    judged = judged.with_columns(error=(pl.col("found") - pl.col("commission")).abs())
    nearest = judged.sort("ring_id", "error").group_by("ring_id", maintain_order=True).first()
    held = judged.filter((pl.col("low") <= pl.col("commission")) & (pl.col("commission") <= pl.col("high")))
    return {
        "rings": agreed["ring_id"].n_unique(), "estimated": nearest.height,
        "within_tolerance": int((nearest["error"] <= TOLERANCE).sum()), "interval_holds": held["ring_id"].n_unique(),
        "median_error": float(np.median(nearest["error"].to_numpy())) if nearest.height else float("nan"),
    }  # fmt: skip


def _large(rings: pl.DataFrame) -> pl.DataFrame:
    rings = rings.select("ring_id", "account_id").unique().sort("ring_id", "account_id")
    return rings.filter(pl.len().over("ring_id") >= SMALLEST_RING)
