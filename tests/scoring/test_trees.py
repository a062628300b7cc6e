"""Trees give what scikit-learn gives, to the last bit."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from duanka.scoring.trees import trees_of


def rows(seed: int, count: int) -> np.ndarray:
    """Four features: one smooth, one of few values, one constant, one skew."""
    random = np.random.default_rng(seed)
    columns = [random.normal(size=count), random.integers(0, 5, count), np.ones(count), random.exponential(size=count)]
    return np.column_stack(columns).astype(np.float32)


def fitted(leaves: int, trees: int) -> HistGradientBoostingClassifier:
    features = rows(1, 4_000)
    noise = np.random.default_rng(2).normal(size=4_000)
    classifier = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=leaves, early_stopping=False, random_state=0
    )
    return classifier.fit(features, np.sin(3 * features[:, 0]) + features[:, 1] + noise > 2)


@pytest.mark.parametrize(("leaves", "trees"), [(2, 1), (5, 3), (31, 80), (32, 7)])
def test_sums_are_those_of_the_library(leaves: int, trees: int) -> None:
    classifier = fitted(leaves, trees)
    found, seen = trees_of(classifier, 4), rows(3, 20_000)
    seen[::97, 3] = np.inf
    wanted = classifier.decision_function(seen).astype(np.float32)
    assert len(np.unique(wanted)) > 1
    assert np.array_equal(found.sums(seen), wanted)


def test_a_value_on_a_threshold_stays_on_its_left() -> None:
    """Thresholds are of double precision; those that single precision has are met exactly."""
    classifier = fitted(31, 80)
    found = trees_of(classifier, 4)
    on = np.repeat(found.threshold.astype(np.float32)[:, None], 4, axis=1)
    assert (on.astype(np.float64)[:, 0] == found.threshold).any()
    assert np.array_equal(found.sums(on), classifier.decision_function(on).astype(np.float32))


def test_trees_that_split_nothing_leave_the_base() -> None:
    features = np.ones((100, 2), np.float32)
    classifier = HistGradientBoostingClassifier(max_iter=3, early_stopping=False).fit(features, np.arange(100) < 25)
    wanted = classifier.decision_function(features).astype(np.float32)
    assert np.array_equal(trees_of(classifier, 2).sums(features), wanted)


def test_no_rows() -> None:
    assert len(trees_of(fitted(5, 3), 4).sums(np.zeros((0, 4), np.float32))) == 0
