import random
from itertools import pairwise, permutations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.scoring.measures import MEASURES, curve, measure

Items = list[tuple[float, bool]]
ITEMS = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0, float("-inf")]), st.booleans()), max_size=30)
MIXED = ITEMS.filter(lambda items: len({label for _, label in items}) == 2)


def arrays(items: Items) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    return np.array([score for score, _ in items], np.float64), np.array([label for _, label in items], np.bool_)


def measured(items: Items) -> dict[str, float | None]:
    return measure(*arrays(items))


def twin(items: Items) -> dict[str, float | None]:
    """The definitions, word by word: every threshold, every pair."""
    positives, negatives = [s for s, one in items if one], [s for s, one in items if not one]
    n = len(positives)
    thresholds = [float("inf"), *sorted({s for s, _ in items}, reverse=True)]
    points = [(sum(s >= t for s, _ in items), sum(s >= t for s in positives)) for t in thresholds]  # flagged, hits
    wins = sum(1.0 if p > q else 0.5 if p == q else 0.0 for p in positives for q in negatives)
    steps = list(pairwise(points))

    def recall(share: float) -> float:
        return max(hits / n for flagged, hits in points if flagged - hits <= share * len(negatives) + 1e-9)

    return {
        "base_rate": n / len(items) if items else None,
        "average_precision": sum((h - h0) / n * h / f for (_, h0), (f, h) in steps) if n else None,
        "roc_auc": wins / (n * len(negatives)) if n and negatives else None,
        "best_f1": max(2 * h / (f + n) for f, h in points) if n else None,
        "recall_at_fpr_1pct": recall(0.01) if n and negatives else None,
        "recall_at_fpr_0.1pct": recall(0.001) if n and negatives else None,
        "precision_at_n": _cut(items, n) if n else None,
    }


def _cut(items: Items, n: int) -> float:
    """Positives among the n first, of each item its chance to be among them."""
    expected = 0.0
    for score, label in items:
        above, level = sum(s > score for s, _ in items), sum(s == score for s, _ in items)
        expected += label * min(1.0, max(0.0, (n - above) / level))
    return expected / n


def close(one: dict[str, float | None], other: dict[str, float | None]) -> bool:
    return one.keys() == other.keys() and all(one[name] == pytest.approx(other[name]) for name in one)


@given(ITEMS)
def test_as_the_twin(items: Items) -> None:
    assert close(measured(items), twin(items))


@given(ITEMS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(items: Items, chance: random.Random) -> None:
    assert measured(items) == measured(chance.sample(items, len(items)))


@given(MIXED)
def test_only_the_order_of_scores_counts(items: Items) -> None:
    assert measured(items) == measured([(float(np.arctan(score)) * 7 - 3, label) for score, label in items])


@given(st.integers(1, 20), st.integers(1, 20))
def test_a_perfect_ranking_is_one_and_its_reverse_finds_nothing_early(positives: int, negatives: int) -> None:
    right = measured([(1.0, True)] * positives + [(0.0, False)] * negatives)
    assert all(right[name] == 1.0 for name in MEASURES if name != "base_rate")
    wrong = measured([(0.0, True)] * positives + [(1.0, False)] * negatives)
    assert (wrong["roc_auc"], wrong["recall_at_fpr_1pct"]) == (0.0, 0.0)


@given(MIXED)
def test_scores_that_are_all_the_same_say_nothing(items: Items) -> None:
    found = measured([(0.5, label) for _, label in items])
    assert found["roc_auc"] == 0.5
    assert found["average_precision"] == pytest.approx(found["base_rate"])
    assert found["precision_at_n"] == pytest.approx(found["base_rate"])
    assert found["recall_at_fpr_1pct"] == 0.0


@given(MIXED)
def test_the_roc_curve_the_other_way_round(items: Items) -> None:
    finite = [(max(score, -1.0), label) for score, label in items]
    turned = measured([(-score, not label) for score, label in finite])
    assert turned["roc_auc"] == pytest.approx(measured(finite)["roc_auc"])


def test_precision_at_n_is_the_mean_over_the_orders_of_a_tie() -> None:
    items = [(0.9, True), (0.5, True), (0.5, False), (0.5, False), (0.1, True)]
    orders = [[0, *order, 4] for order in permutations((1, 2, 3))]
    mean = np.mean([sum(items[place][1] for place in order[:3]) / 3 for order in orders])
    assert measured(items)["precision_at_n"] == pytest.approx(mean)


def test_one_false_alarm_in_a_hundred_is_one_per_cent() -> None:
    negatives = [(0.5, False)] + [(0.0, False)] * 99
    found = measured([(0.9, True), (0.4, True), *negatives])
    assert (found["recall_at_fpr_1pct"], found["recall_at_fpr_0.1pct"]) == (1.0, 0.5)
    assert measured([(0.9, True), (0.4, True), *negatives[:-1]])["recall_at_fpr_1pct"] == 0.5


def test_by_hand() -> None:
    found = measured([(0.9, True), (0.8, False), (0.7, True), (0.7, False), (0.1, False)])
    assert found["average_precision"] == pytest.approx((1 + 2 / 4) / 2)
    assert found["roc_auc"] == pytest.approx((3 + 0.5 + 1) / 6)
    assert found["best_f1"] == pytest.approx(2 / 3)


def test_where_labels_cannot_tell_there_is_no_figure() -> None:
    assert set(measured([]).values()) == {None}
    innocent = measured([(0.3, False)])
    assert innocent.pop("base_rate") == 0.0
    assert set(innocent.values()) == {None}
    assert measured([(0.3, True)])["roc_auc"] is None


def test_what_is_no_score_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        measured([(float("nan"), True)])
    with pytest.raises(ValueError, match="shape"):
        curve(np.zeros(2), np.zeros(3, np.bool_))


def test_as_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chance = np.random.default_rng(1)
    score, positive = chance.integers(0, 9, 500) / 9, chance.random(500) < 0.2
    found = measure(score, positive)
    assert found["average_precision"] == pytest.approx(metrics.average_precision_score(positive, score))
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(positive, score))
