"""Accounts of a case as a learner sees them, and what a learnt model says of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from duanka.derive import Ordered
from duanka.messages.catalogue import Language, say
from duanka.scoring.accounts import Evidence, evidence
from duanka.scoring.features import Features, features
from duanka.scoring.relays import Relays, relays
from duanka.store.case import hash_file
from duanka.store.detection import UsedModel

if TYPE_CHECKING:
    from duanka.scoring.model_file import Model

Float64 = NDArray[np.float64]

STRONGEST = 3
"""Contributions that a reason names."""


def currencies(data: Ordered) -> NDArray[np.int64]:
    """A number per node: equal where currencies are."""
    column: pl.Series = pl.from_arrow(data.nodes)["currency"]  # type: ignore[index]  # a frame
    return column.cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)


def seen(data: Ordered, weighed: Relays | None = None, found: Evidence | None = None) -> Features:
    """The features of every node of a case, or of a part of it. Relays and evidence are weighed if not given."""
    currency = currencies(data)
    if weighed is None or found is None:
        weighed = relays(data.ledger, currency, moment=data.moment)
        found = evidence(data.ledger, weighed)
    return features(data.ledger, currency, weighed, found, moment=data.moment)


def active_nodes(data: Ordered) -> pl.DataFrame:
    """`account_id, currency, node, rows`: the nodes that have rows."""
    ledger = data.ledger
    rows = np.bincount(ledger.payer[ledger.payer >= 0], minlength=ledger.nodes)
    rows = rows + np.bincount(ledger.payee[ledger.payee >= 0], minlength=ledger.nodes)
    nodes: pl.DataFrame = pl.from_arrow(data.nodes).select("account_id", "currency")  # type: ignore[union-attr]
    return nodes.with_columns(node=pl.int_range(pl.len()), rows=pl.Series(rows)).filter(pl.col("rows") > 0)


def main_nodes(data: Ordered) -> pl.DataFrame:
    """`account_id, node`: of an account with several currencies, the node with most rows; none without rows."""
    nodes = active_nodes(data)
    nodes = nodes.sort("account_id", "rows", "currency", descending=[False, True, False])
    return nodes.unique("account_id", keep="first", maintain_order=True).select("account_id", "node")


class Judged:
    """What a model says of each account, and why: of one with several currencies, what it says of the most telling."""

    def __init__(self, data: Ordered, model: Path, weighed: Relays, found: Evidence) -> None:
        """ModelError if the model can't be read, has other features, or says nothing of what it learnt from."""
        from duanka.scoring.model_file import read_model  # noqa: PLC0415 - scikit-learn is slow to import

        seen_now = seen(data, weighed, found)
        read, self._learnt = read_model(model, seen_now.names)
        self.model = _used(model, read)
        self._names, self._values = seen_now.names, seen_now.values
        nodes = active_nodes(data).select("account_id", "node")
        probability = np.zeros(0)
        if nodes.height:
            probability = self._learnt.predict_proba(self._values[nodes["node"].to_numpy()])[:, 1]
        nodes = nodes.with_columns(probability=pl.Series(probability))
        nodes = nodes.sort("account_id", "probability", "node", descending=[False, True, False])
        self.accounts = nodes.unique("account_id", keep="first", maintain_order=True)  # account_id, node, probability

    def reasons(self, node: NDArray[np.int64]) -> list[dict[str, object]]:
        """A reason each: the contributions that say most, for or against, in words."""
        if not len(node):
            return []
        parts = self._learnt.contributions(self._values[node])[:, :-1]
        top = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :STRONGEST]
        return [
            self._reason([Told(self._names[at], float(part[at])) for at in best])
            for part, best in zip(parts, top, strict=True)
        ]

    def _reason(self, told: list["Told"]) -> dict[str, object]:
        texts: dict[Language, str] = {
            language: say("reason.model", language, what=say("reason.model_and", language).join(
                one.text(language) for one in told
            )) for language in ("zh", "en")
        }  # fmt: skip
        strength = sum(one.part for one in told)
        return {"code": "model", "strength": strength, "rows": []} | {
            f"text_{language}": text for language, text in texts.items()
        }


def _used(path: Path, model: "Model") -> UsedModel:
    """Which model that is, with the essentials of its card."""
    from duanka.scoring.model_file import ModelError  # noqa: PLC0415 - scikit-learn is slow to import

    names = ("accounts", "positives", "payments", "first", "last", "unlabelled")
    try:
        card, held = {name: model.figures[name] for name in names}, model.figures["held_out"]
    except KeyError as error:
        raise ModelError("model.no_card", path=path, missing=error) from None
    return UsedModel(
        name=path.name, sha256=hash_file(path), calibration="isotonic" if model.calibration.raw else "sigmoid",
        average_precision=held["average_precision"] if held else None, **card,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One contribution: what it is of, and how much it adds to the log odds."""

    name: str
    part: float

    def text(self, language: Language) -> str:
        """In words, with its sign."""
        from duanka.scoring.feature_words import words  # noqa: PLC0415 - needed where there is a model

        return say("reason.model_part", language, what=words(self.name, language), part=f"{self.part:+.1f}")
