"""A learner of accounts: repeatable, honest about probabilities, exact about reasons, and at ease with few labels."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone

from duanka.scoring import model_file
from duanka.scoring.calibration import ENOUGH, Calibration, calibrate
from duanka.scoring.features import VERSION
from duanka.scoring.learning import AccountClassifier, MissingLearnerError
from duanka.scoring.measures import average_precision, curve
from duanka.scoring.model_file import ModelError, model_of, read_model, write_model

pytest.importorskip("lightgbm")
NAMES = ("one", "two", "three", "four")
Rows = NDArray[np.float32]
Bits = NDArray[np.bool_]


def made(count: int, seed: int = 1) -> tuple[Rows, Bits, NDArray[np.float64]]:
    """Rows, labels, and the probability that each label was drawn with."""
    random = np.random.default_rng(seed)
    rows = random.normal(0, 1, (count, len(NAMES))).astype(np.float32)
    chance = 1 / (1 + np.exp(3 - 2.5 * rows[:, 0] - rows[:, 1]))
    rows[random.random(count) < 0.1, 2] = np.nan
    return rows, random.random(count) < chance, chance


def learner(**more: Any) -> AccountClassifier:  # noqa: ANN401 - any setting
    return AccountClassifier(**{"rounds": 40, "threads": 1} | more)


@pytest.fixture(scope="module")
def learnt() -> AccountClassifier:
    rows, label, _ = made(4_000)
    return learner().fit(rows, label)


def test_the_same_rows_give_the_same_model_in_any_order(learnt: AccountClassifier) -> None:
    rows, label, _ = made(4_000)
    order = np.random.default_rng(3).permutation(len(rows))
    again = learner().fit(rows[order], label[order])
    assert again.trees_ == learnt.trees_
    assert again.calibration_ == learnt.calibration_


def test_contributions_sum_to_the_raw_score(learnt: AccountClassifier) -> None:
    rows = made(50, seed=9)[0]
    parts = learnt.contributions(rows)
    assert parts.shape == (50, len(NAMES) + 1)
    np.testing.assert_allclose(parts.sum(axis=1), learnt.decision_function(rows), atol=1e-9)


def test_probabilities_are_what_they_say(learnt: AccountClassifier) -> None:
    rows, label, chance = made(20_000, seed=7)
    said = learnt.predict_proba(rows)
    np.testing.assert_allclose(said.sum(axis=1), 1)
    for low, high in ((0, 0.1), (0.1, 0.4), (0.4, 0.7), (0.7, 1.01)):
        there = (said[:, 1] >= low) & (said[:, 1] < high)
        assert said[there, 1].mean() == pytest.approx(label[there].mean(), abs=0.05)
    assert np.mean((said[:, 1] - label) ** 2) < np.mean((chance - label) ** 2) * 1.2


def test_calibration_keeps_the_order_of_raw_scores(learnt: AccountClassifier) -> None:
    rows = made(2_000, seed=4)[0]
    raw, said = learnt.decision_function(rows), learnt.predict_proba(rows)[:, 1]
    order = np.argsort(raw)
    steps = np.diff(raw[order]) > 1e-6
    assert (np.diff(said[order])[steps] > 0).all()


@pytest.mark.parametrize("positives", [ENOUGH - 1, ENOUGH])
def test_steps_are_fitted_where_there_are_enough_positives(positives: int) -> None:
    random = np.random.default_rng(0)
    label = np.arange(2_000) < positives
    found = calibrate(random.normal(label.astype(np.float64), 1), label)
    assert bool(found.raw) == (positives >= ENOUGH)
    assert found.slope > 0


def test_few_labels_are_enough_to_rank() -> None:
    rows, label, _ = made(300, seed=5)
    others, truth, chance = made(5_000, seed=6)
    score = learner().fit(rows, label).predict_proba(others)[:, 1]
    reached, best = (average_precision(curve(one, truth)) for one in (score, chance))
    assert reached is not None
    assert best is not None
    assert reached > 0.7 * best


def test_unlabelled_positives_are_reckoned_with() -> None:
    random = np.random.default_rng(8)
    rows = random.normal(0, 1, (6_000, len(NAMES))).astype(np.float32)
    true = random.random(len(rows)) < 0.15
    rows[true, 0] += 5  # what the label means can be told from the rows
    looked_at = random.random(len(rows)) < 0.4
    found = learner(unlabelled=True).fit(rows, true & looked_at)
    assert found.labelled_share_ == pytest.approx(0.4, abs=0.08)
    said = found.predict_proba(rows)[:, 1]
    assert said.mean() == pytest.approx(true.mean(), rel=0.15)
    assert learner().fit(rows, true & looked_at).predict_proba(rows)[:, 1].mean() < 0.6 * true.mean()
    assert said.max() < 1
    assert found.predict(rows).mean() == pytest.approx(true.mean(), rel=0.25)


@pytest.mark.parametrize("label", [[0, 0, 0, 0], [1, 0, 0, 0]])
def test_one_kind_of_label_is_refused(label: list[int]) -> None:
    with pytest.raises(ValueError, match="labels of both kinds"):
        learner().fit(made(4)[0], np.array(label))


def test_settings_are_those_of_scikit_learn() -> None:
    one = learner(leaves=9)
    assert clone(one).get_params() == one.get_params()
    assert one.set_params(seed=4).seed == 4


def test_without_lightgbm_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(MissingLearnerError, match=r"duanka\[ml\]"):
        learner().fit(*made(40)[:2])


# --- model files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def file(learnt: AccountClassifier, tmp_path: Path) -> Path:
    write_model(model_of(learnt, NAMES, {"accounts": 4_000}), tmp_path / "模型.json")
    return tmp_path / "模型.json"


def test_a_model_is_the_same_after_a_file(learnt: AccountClassifier, file: Path) -> None:
    model, again = read_model(file, NAMES)
    rows = made(100, seed=2)[0]
    np.testing.assert_array_equal(again.predict_proba(rows), learnt.predict_proba(rows))
    np.testing.assert_array_equal(again.contributions(rows), learnt.contributions(rows))
    assert model.figures == {"accounts": 4_000}
    assert isinstance(model.calibration, Calibration)
    before = file.read_bytes()
    write_model(model_of(again, NAMES, model.figures), file)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("one", "two", "three"), "it has four, which this Duanka does not"),
        ((*NAMES, "five"), "it lacks five"),
        (("one", "two", "four", "three"), "in another order"),
        (tuple("abcdefg"), "and 2 more"),
    ],
)
def test_other_features_are_refused_by_name(file: Path, names: tuple[str, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read_model(file, names)


def test_another_version_of_the_features_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "VERSION", VERSION + 1)
    with pytest.raises(ModelError, match=f"features of version {VERSION}, this Duanka has {VERSION + 1}"):
        read_model(file, NAMES)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"kind": "other"}', "\x80\x04pickle"])
def test_what_is_no_model_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="no model of Duanka's"):
        read_model(tmp_path / "m.json", NAMES)


def test_trees_that_can_not_be_read_are_refused(file: Path) -> None:
    model = read_model(file, NAMES)[0]
    write_model(msgspec.structs.replace(model, trees="shrub"), file)
    with pytest.raises(ModelError, match="the trees can't be read"):
        read_model(file, NAMES)
