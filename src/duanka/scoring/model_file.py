"""Model files: JSON text with the trees, the names of what they look at, and what they were learnt from. No pickles."""

from pathlib import Path
from typing import Any, Literal

import msgspec

from duanka.messages.told import Message, ToldError
from duanka.scoring.calibration import Calibration
from duanka.scoring.features import VERSION
from duanka.scoring.learning import AccountClassifier

_SHOWN = 5


class ModelError(ToldError, ValueError):
    """A model that can't be read, or that looks at other features than this version of Duanka has."""


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model file holds."""

    kind: Literal["duanka-account-model"]
    features_version: int
    features: list[str]
    settings: dict[str, Any]
    calibration: Calibration
    labelled_share: float
    figures: dict[str, Any]
    trees: str

    def classifier(self) -> AccountClassifier:
        """The learner as it was when it had learnt."""
        return AccountClassifier(**self.settings).restore(self.trees, self.calibration, self.labelled_share)


def model_of(learnt: AccountClassifier, names: tuple[str, ...], figures: dict[str, Any]) -> Model:
    """The contents of a fitted classifier's file."""
    return Model(
        "duanka-account-model", VERSION, list(names), learnt.get_params(), learnt.calibration_, learnt.labelled_share_,
        figures, learnt.trees_,
    )  # fmt: skip


def write_model(model: Model, path: Path) -> None:
    """Replace the file; the same model gives the same bytes."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")


def read_model(path: Path, names: tuple[str, ...]) -> tuple[Model, AccountClassifier]:
    """Read a model that looks at the features `names`, in this order.

    Raises:
        ModelError: the file is no model, its trees can't be read, or its features are others; the message says which.
    """
    try:
        model = msgspec.json.decode(path.read_bytes(), type=Model)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError("model.none", path=path, problem=error) from error
    _same(path, model, names)
    try:
        classifier = model.classifier()
    except (ValueError, TypeError) as error:
        raise ModelError("model.trees", path=path) from error
    if classifier.n_features_in_ != len(names):
        raise ModelError("model.size", path=path, seen=classifier.n_features_in_, named=len(names))
    return model, classifier


def _same(path: Path, model: Model, names: tuple[str, ...]) -> None:
    gone = sorted(set(model.features) - set(names))
    new = sorted(set(names) - set(model.features))
    if gone and new:
        raise ModelError("model.features_others", path=path, gone=_some(gone), new=_some(new))
    if gone:
        raise ModelError("model.features_more", path=path, gone=_some(gone))
    if new:
        raise ModelError("model.features_fewer", path=path, new=_some(new))
    if tuple(model.features) != names:
        raise ModelError("model.order", path=path)
    if model.features_version != VERSION:
        raise ModelError("model.version", path=path, theirs=model.features_version, ours=VERSION)


def _some(names: list[str]) -> Message:
    """The first of them, and how many more there are."""
    shown, more = ", ".join(names[:_SHOWN]), len(names) - _SHOWN
    return Message("model.names_and_more", names=shown, count=more) if more > 0 else Message("model.names", names=shown)
