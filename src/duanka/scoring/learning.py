"""A learner of accounts: boosted trees with probabilities and exact reasons, that bear few or partial labels."""

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from duanka.flow.ledger import Int64
from duanka.messages.told import ToldError
from duanka.scoring.calibration import Calibration, calibrate

Float64 = NDArray[np.float64]

FEW = 500
"""Positives below which trees are kept small (tuned on one world of the generator synthfin-aml)."""

_SMALL = {"num_leaves": 7, "min_data_in_leaf": 3}
_SURE = 1e-6


class MissingLearnerError(ToldError, ImportError):
    """LightGBM is not installed."""


def _lightgbm() -> ModuleType:
    try:
        import lightgbm  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise MissingLearnerError("learn.no_learner") from error
    return lightgbm


class AccountClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Probabilities of two classes from rows of features, in which NaN is "has none".

    Trees are LightGBM's. Their raw scores become probabilities by what models that had not seen a row said of it, fold
    by fold. The same rows give the same model, in whatever order they come.

    With `unlabelled`, class 0 is not "no" but "nobody looked": probabilities are divided by the share of positives that
    are labelled, which is what the out-of-fold models say of the labelled ones on average (Elkan and Noto 2008, e1).
    """

    def __init__(
        self,
        *,
        rounds: int = 400,
        learning_rate: float = 0.05,
        leaves: int = 31,
        least: int = 20,
        features: float = 0.3,
        folds: int = 5,
        unlabelled: bool = False,
        seed: int = 5,
        threads: int = 1,
    ) -> None:
        self.rounds = rounds
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.least = least
        self.features = features
        self.folds = folds
        self.unlabelled = unlabelled
        self.seed = seed
        self.threads = threads

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> "AccountClassifier":  # noqa: N803 - scikit-learn's names
        """Learn from rows and their labels. ValueError unless there are two classes, with two rows each."""
        X, y = validate_data(self, X, y, dtype=np.float32, ensure_all_finite="allow-nan")  # noqa: N806
        self.classes_, number, counts = np.unique(y, return_inverse=True, return_counts=True)
        if len(self.classes_) != 2 or counts.min() < 2:
            raise ValueError("there must be labels of both kinds, two of each at least")
        order = _by_content(X, number)
        X, number = X[order], number[order]  # noqa: N806
        raw = self._out_of_fold(X, number, int(min(self.folds, counts.min())))
        self.calibration_ = calibrate(raw, number == 1)
        self.labelled_share_ = float(self.calibration_(raw)[number == 1].mean()) if self.unlabelled else 1.0
        self._take(self._train(X, number).model_to_string())
        return self

    def restore(self, booster: str, calibration: Calibration, labelled_share: float) -> "AccountClassifier":
        """Take the state of a fitted one. ValueError if LightGBM can't read the trees."""
        self.classes_ = np.array([0, 1])
        self.calibration_, self.labelled_share_ = calibration, labelled_share
        try:
            self._take(booster)
        except _lightgbm().basic.LightGBMError as error:
            raise ValueError("the trees can't be read") from error
        self.n_features_in_ = self._booster.num_feature()
        return self

    def decision_function(self, X: NDArray[Any]) -> Float64:  # noqa: N803
        """Raw scores: log odds before calibration."""
        return np.asarray(self._booster.predict(self._rows(X), raw_score=True, **self._threads()), dtype=np.float64)

    def predict_proba(self, X: NDArray[Any]) -> Float64:  # noqa: N803
        """Calibrated probabilities of both classes: (n, 2)."""
        said = self.calibration_(self.decision_function(X))
        sure = 1 - (1 - said) * _SURE  # below 1, and rising: the highest stay in order
        positive = np.minimum(said / self.labelled_share_, sure) if self.unlabelled else said
        return np.column_stack([1 - positive, positive])

    def predict(self, X: NDArray[Any]) -> NDArray[Any]:  # noqa: N803
        """The likelier class."""
        return self.classes_[(self.predict_proba(X)[:, 1] >= 1 / 2).astype(np.int64)]

    def contributions(self, X: NDArray[Any]) -> Float64:  # noqa: N803
        """What each feature adds to the raw score (Shapley values: Lundberg and others 2020); last, what all share.

        A row's contributions sum to its raw score. Shape (n, features + 1).
        """
        return np.asarray(self._booster.predict(self._rows(X), pred_contrib=True, **self._threads()), np.float64)

    def _take(self, booster: str) -> None:
        self.trees_ = booster
        self._booster = _lightgbm().Booster(model_str=booster)

    def _rows(self, X: NDArray[Any]) -> NDArray[Any]:  # noqa: N803
        check_is_fitted(self)
        rows: NDArray[Any] = validate_data(
            self, X, dtype=np.float32, ensure_all_finite="allow-nan", reset=False
        )  # fmt: skip
        return rows

    def _threads(self) -> dict[str, int]:
        return {"num_threads": self.threads}

    def _train(self, X: NDArray[Any], number: Int64) -> Any:  # noqa: ANN401, N803 - a Booster has no type
        gbm = _lightgbm()
        settings = {
            "objective": "binary", "learning_rate": self.learning_rate, "num_leaves": self.leaves,
            "min_data_in_leaf": self.least, "feature_fraction": self.features, "bagging_fraction": 0.8,
            "bagging_freq": 1, "seed": self.seed, "deterministic": True, "force_col_wise": True, "verbose": -1,
            **self._threads(),
        }  # fmt: skip
        if number.sum() < FEW:
            settings |= _SMALL
        data = gbm.Dataset(X, number.astype(np.float64), params={"verbose": -1, "min_data_in_leaf": 1})
        return gbm.train(settings, data, num_boost_round=self.rounds)

    def _out_of_fold(self, X: NDArray[Any], number: Int64, folds: int) -> Float64:  # noqa: N803
        from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - slow to import

        raw = np.empty(len(X))
        for learnt, left in StratifiedKFold(folds, shuffle=True, random_state=self.seed).split(X, number):
            raw[left] = self._train(X[learnt], number[learnt]).predict(X[left], raw_score=True, **self._threads())
        return raw


def _by_content(rows: NDArray[Any], number: Int64) -> Int64:
    """An order of rows that follows from what they hold alone."""
    whole = np.ascontiguousarray(np.column_stack([rows, number]).astype(np.float32))
    whole[np.isnan(whole)] = np.nan  # one NaN, whatever its bits were
    whole += 0.0  # and one zero
    keys = whole.view(np.dtype((np.void, whole.dtype.itemsize * whole.shape[1]))).ravel()
    return np.argsort(keys, kind="stable")
