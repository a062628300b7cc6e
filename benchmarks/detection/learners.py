"""Rivals that learn. Settings and seeds are fixed; no published figure is from the worlds that they were chosen on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detection.aggregates import Values, plain, values, with_neighbours
from detection.evidence import Evidence

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]

LIGHTGBM: dict[str, Any] = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 20, "feature_fraction": 0.8,
    "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 5, "deterministic": True, "verbose": -1, "num_threads": 1,
}  # fmt: skip
"""One thread: two of them wait for each other much longer than they gain wherever anything else runs."""
ROUNDS = 300

SNAP_WINDOW_S = 86_400
"""The window of every pattern."""
SNAP_BATCH = 1_024
"""Payments looked at together. Within a batch the features know what comes later."""


@dataclass(frozen=True, slots=True)
class Given:
    """Labels by node that a rival may learn from; empty for those that learn from none."""

    label: Bits
    learns: Bits


def isolation_forest(evidence: Evidence, _given: Given) -> Floats:
    """How easily a node is told apart from all others by its plain aggregates; no labels."""
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415 - for this rival alone

    own = np.nan_to_num(values(plain(evidence)), nan=-1.0)
    forest = IsolationForest(n_estimators=200, random_state=5, n_jobs=1).fit(own)
    return np.asarray(-forest.score_samples(own), dtype=np.float64)


def boosting(evidence: Evidence, given: Given) -> Floats:
    """Gradient boosting on plain aggregates."""
    return fit(values(plain(evidence)), given)


def boosting_with_neighbours(evidence: Evidence, given: Given) -> Floats:
    """Gradient boosting on plain aggregates and the means of those that a node deals with."""
    return fit(with_neighbours(evidence, values(plain(evidence))), given)


def boosting_on_snap(evidence: Evidence, given: Given) -> Floats:
    """Gradient boosting on Snap ML's graph features of payments, by node as mean and largest on either side."""
    from snapml import GraphFeaturePreprocessor  # noqa: PLC0415 - for this rival alone

    rows = evidence.rows
    rows = rows.filter((rows["payer"] >= 0) & (rows["payee"] >= 0))
    payer, payee = rows["payer"].to_numpy(), rows["payee"].to_numpy()
    seconds = (rows["time"].to_numpy() - rows["time"].min()) // 1_000_000
    table = np.column_stack([np.arange(len(rows)), payer, payee, seconds, rows["amount"].to_numpy() / 100])
    table = np.ascontiguousarray(table, dtype=np.float64)
    made = GraphFeaturePreprocessor()
    made.set_params(snap_settings())
    sides = [Folded(len(evidence)), Folded(len(evidence))]
    for begin in range(0, len(table), SNAP_BATCH):
        part = slice(begin, begin + SNAP_BATCH)
        features = np.asarray(made.transform(table[part]), dtype=np.float32)[:, table.shape[1] :]
        for side, node in zip(sides, (payer, payee), strict=True):
            side.add(node[part], features)
    return fit(np.hstack([side.values() for side in sides]), given)


class Folded:
    """Features of payments as the mean and the largest value for each node, added batch by batch."""

    def __init__(self, size: int) -> None:
        self._count = np.zeros((size, 1), np.float32)
        self._sum = self._top = np.zeros((size, 0), np.float32)

    def add(self, node: NDArray[np.int32], features: Values) -> None:
        """Features by payment, and each payment's node."""
        if not self._sum.shape[1]:
            shape = len(self._count), features.shape[1]
            self._sum, self._top = np.zeros(shape, np.float32), np.full(shape, -np.inf, np.float32)
        order = np.argsort(node, kind="stable")
        there, first, count = np.unique(node[order], return_index=True, return_counts=True)
        self._count[there, 0] += count
        self._sum[there] += np.add.reduceat(features[order], first)
        self._top[there] = np.maximum(self._top[there], np.maximum.reduceat(features[order], first))

    def values(self) -> Values:
        """Means beside largest values; NaN for a node without payments."""
        known = self._count > 0
        mean = np.divide(self._sum, self._count, out=np.full_like(self._sum, np.nan), where=known)
        return np.hstack([mean, np.where(known, self._top, np.nan)])


def snap_settings() -> dict[str, object]:
    """All patterns of the package within one window, and statistics of amounts and times."""
    settings: dict[str, object] = {
        "num_threads": 2, "time_window": SNAP_WINDOW_S, "vertex_stats": True, "vertex_stats_tw": SNAP_WINDOW_S,
        "vertex_stats_cols": [3, 4], "lc-cycle": True, "lc-cycle_tw": SNAP_WINDOW_S, "lc-cycle_len": 5,
    }  # fmt: skip
    for pattern in ("fan", "degree", "scatter-gather", "temp-cycle"):
        settings |= {pattern: True, f"{pattern}_tw": SNAP_WINDOW_S}
    return settings


def fit(features: Values, given: Given) -> Floats:
    """Learn from the given nodes, score all of them."""
    import lightgbm as gbm  # noqa: PLC0415 - slow to import

    data = gbm.Dataset(features[given.learns], given.label[given.learns].astype(np.float64), params={"verbose": -1})
    model = gbm.train(LIGHTGBM, data, num_boost_round=ROUNDS)
    return np.asarray(model.predict(features), dtype=np.float64)
