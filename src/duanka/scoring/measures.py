"""How well scores rank positives before negatives. Ties are one threshold: no measure depends on the order of rows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curve:
    """What is flagged at each of k thresholds, the strictest first; one threshold a distinct score.

    `flagged[i]` items score at least the i-th threshold, `hits[i]` of them are positive.
    """

    flagged: Counts  # k, rising
    hits: Counts  # k
    items: int
    positives: int

    @property
    def negatives(self) -> int:
        """Items that are not positive."""
        return self.items - self.positives


def curve(score: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_]) -> Curve:
    """The curve of n scores, higher = more suspect; minus infinity stands for "not scored". O(n log n).

    Raises:
        ValueError: the arrays differ in shape, or a score is not a number.
    """
    if score.shape != positive.shape or score.ndim != 1:
        raise ValueError(f"scores and labels differ in shape: {score.shape}, {positive.shape}")
    if np.isnan(score).any():
        raise ValueError("a score is not a number")
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], values=True)) if len(ranked) else np.zeros(0, np.int64)
    hits = np.cumsum(positive[order], dtype=np.int64)[ends]
    return Curve(ends.astype(np.int64) + 1, hits, len(score), int(positive.sum()))


def base_rate(c: Curve) -> float | None:
    """Share of positives: what precision a coin would have."""
    return c.positives / c.items if c.items else None


def average_precision(c: Curve) -> float | None:
    """Mean over positives of the precision at the threshold that flags them.

    Sum of (R_i - R_{i-1}) P_i over thresholds, without interpolation, as scikit-learn's `average_precision_score`.
    """
    if not c.positives:
        return None
    return float(np.sum(np.diff(c.hits, prepend=0) * (c.hits / c.flagged)) / c.positives)


def roc_auc(c: Curve) -> float | None:
    """Share of pairs (positive, negative) with the positive first, ties half: Mann-Whitney's U over its maximum."""
    if not c.positives or not c.negatives:
        return None
    hits = np.diff(c.hits, prepend=0)
    false = np.diff(c.flagged - c.hits, prepend=0)
    halves = int(np.sum(false * (2 * (c.hits - hits) + hits)))
    return halves / (2 * c.positives * c.negatives)


def best_f1(c: Curve) -> float | None:
    """Largest F1 that any threshold reaches: an upper bound, since the threshold is chosen by the labels."""
    if not c.positives:
        return None
    return float(np.max(2 * c.hits / (c.flagged + c.positives)))


def recall_at(c: Curve, *, per_thousand: int) -> float | None:
    """Largest recall of a threshold that flags at most so many of a thousand negatives; 0 where there is none.

    A threshold flags all items of a score or none, so the rate is never reached by cutting through a tie.
    """
    if not c.positives or not c.negatives:
        return None
    allowed = (c.flagged - c.hits) * 1000 <= per_thousand * c.negatives
    return int(np.max(c.hits[allowed], initial=0)) / c.positives


def precision_at_n(c: Curve) -> float | None:
    """Share of positives among the n first, n = number of positives (R-precision).

    Where the n-th stands in a tie, the expected value over all orders of the tie.
    """
    n = c.positives
    if not n:
        return None
    at = int(np.searchsorted(c.flagged, n))
    before, hits_before = (int(c.flagged[at - 1]), int(c.hits[at - 1])) if at else (0, 0)
    tied, tied_hits = int(c.flagged[at]) - before, int(c.hits[at]) - hits_before
    return (hits_before + (n - before) * tied_hits / tied) / n


MEASURES: dict[str, Callable[[Curve], float | None]] = {
    "base_rate": base_rate,
    "average_precision": average_precision,
    "roc_auc": roc_auc,
    "best_f1": best_f1,
    "recall_at_fpr_1pct": lambda c: recall_at(c, per_thousand=10),
    "recall_at_fpr_0.1pct": lambda c: recall_at(c, per_thousand=1),
    "precision_at_n": precision_at_n,
}
"""Every measure by its name; None where the labels can't tell (no positives, or no negatives)."""


def measure(score: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_]) -> dict[str, float | None]:
    """All of `MEASURES` for n scores and n labels. O(n log n)."""
    found = curve(score, positive)
    return {name: of(found) for name, of in MEASURES.items()}
