"""Who takes part: ours and its rivals, what each may learn from, and what each needs."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detection import learners, rules
from detection.evidence import Evidence
from detection.learners import Given

Floats = NDArray[np.float64]
Labels = Literal["none", "half", "1 %"]
Score = Callable[[Evidence, Given], Floats]


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the tables. Without `score` it is done apart: ours, and what finds rings only."""

    key: str
    title: str
    labels: Labels = "none"
    score: Score | None = None
    needs: str = ""  # a module that not everybody has

    def lacks(self) -> str:
        """Why it can't run here; empty if it can."""
        if self.needs and find_spec(self.needs) is None:
            return f"needs the module {self.needs}"
        return ""


METHODS = (
    Method("ours", "Duanka"),
    Method("ours-learnt", "Duanka, with a model", "half", needs="lightgbm"),
    Method("ours-learnt-1pct", "the same, few labels", "1 %", needs="lightgbm"),
    Method("volume", "ranking by volume", score=lambda evidence, _: rules.volume(evidence)),
    Method("rules", "three rules: cycles, fans, pass-through", score=lambda evidence, _: rules.score(evidence)),
    Method("forest", "isolation forest, plain aggregates", score=learners.isolation_forest, needs="sklearn"),
    Method("boosting", "LightGBM, plain aggregates", "half", learners.boosting, "lightgbm"),
    Method("neighbours", "LightGBM, also counterparties' means", "half", learners.boosting_with_neighbours, "lightgbm"),
    Method("few", "the same, few labels", "1 %", learners.boosting_with_neighbours, "lightgbm"),
    Method("snap", "LightGBM, Snap ML graph features", "half", learners.boosting_on_snap, "snapml"),
    Method("louvain", "Louvain communities", needs="sknetwork"),
)
LEARNT = ("ours-learnt", "ours-learnt-1pct")
"""Ours, when it learns; done apart as well."""
BY_KEY = {method.key: method for method in METHODS}
