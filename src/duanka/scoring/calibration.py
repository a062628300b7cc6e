"""From a learner's raw scores to probabilities, by scores of rows that it had not learnt from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import Bool

Float64 = NDArray[np.float64]

ENOUGH = 200
"""Positives from which steps are fitted; below, a sigmoid, which has two numbers to learn (assumption)."""

_SLOPE = 0.01
"""Weight of the sigmoid beside steps: within a step, a higher raw score stays a higher probability."""

_LARGEST = 1e10
"""Bound of the sigmoid's regularisation: none to speak of."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A sigmoid of the raw score (Platt 1999), and where there were enough positives the knots of isotonic steps."""

    slope: float
    offset: float
    raw: tuple[float, ...] = ()  # rising
    probability: tuple[float, ...] = ()  # rising, of the same length

    def __call__(self, raw: Float64) -> Float64:
        """The probability that goes with raw scores; rises with them."""
        smooth: Float64 = 1 / (1 + np.exp(-np.clip(self.slope * raw + self.offset, -700, 700)))
        if not self.raw:
            return smooth
        steps = np.interp(raw, self.raw, self.probability)
        mixed: Float64 = (1 - _SLOPE) * steps + _SLOPE * smooth
        return mixed


def calibrate(raw: Float64, positive: Bool) -> Calibration:
    """Fit to raw scores of rows that were not learnt from. O(n log n)."""
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - slow to import
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    classifier = LogisticRegression(C=_LARGEST).fit(raw[:, None], positive)
    slope, offset = max(float(classifier.coef_[0, 0]), 1e-6), float(classifier.intercept_[0])
    if positive.sum() < ENOUGH:
        return Calibration(slope, offset)
    steps = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(raw, positive)
    return Calibration(
        slope, offset, tuple(map(float, steps.X_thresholds_)), tuple(map(float, steps.y_thresholds_))
    )  # fmt: skip
