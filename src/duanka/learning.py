"""From labels to a model: learn, measure on what was held out, learn again from everything, write model and card."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from duanka.derive import Ordered
from duanka.flow.ledger import Bool, Int64
from duanka.judging import main_nodes, seen
from duanka.messages.catalogue import languages
from duanka.messages.told import ToldError
from duanka.report.model_card import card
from duanka.scoring.features import Features
from duanka.scoring.learning import AccountClassifier
from duanka.scoring.measures import measure
from duanka.scoring.model_file import model_of, write_model
from duanka.store.case import Case
from duanka.store.labelled import account_truth
from duanka.store.truth import Truth

Split = Literal["account", "time"]
Float64 = NDArray[np.float64]

HELD_OUT = 0.25
"""Share of the labelled accounts that figures are measured on, and that were not learnt from for them."""

_MEASURED = ("average_precision", "roc_auc", "recall_at_fpr_1pct", "recall_at_fpr_0.1pct", "base_rate")
_STRONGEST = 10
_SAMPLE = 2_000
_BOUNDS = (0.01, 0.1, 0.5, 0.9)
"""Of the probabilities that the calibration is shown by."""


class LearningError(ToldError, ValueError):
    """There is too little to learn from; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt, and where it was written."""

    model: Path
    cards: tuple[Path, ...]
    figures: dict[str, Any] = field(default_factory=dict)

    def facts(self) -> dict[str, object]:
        """For scripts."""
        return {"model": str(self.model), "cards": [str(one) for one in self.cards], **self.figures}


def learn_accounts(
    case: Case, data: Ordered, labels: str, model: Path, *, split: Split = "account", unlabelled: bool = False
) -> Learnt:
    """Learn from the labels of a case (a file, or "case"), and write `model` and its cards beside it.

    Figures are of a quarter of the labelled accounts, whatever their order, that were not learnt from; with the split
    "time" these are judged by the later half of the payments, and the earlier half was learnt from. The model that is
    written then learns from all of them and the whole records. With `unlabelled` only labels 1 count, and every other
    account of the case is one that nobody has looked at.

    Raises:
        LearningError: there are not two accounts of each label with payments.
        LabelError: the labels can't be read, or the case has none.
    """
    truth = account_truth(case, labels)
    whole = seen(data)
    examples = _examples(data, truth, unlabelled=unlabelled)
    node, positive = examples["node"].to_numpy(), examples["label"].to_numpy() == 1
    if min(positive.sum(), (~positive).sum()) < 2:
        raise LearningError("learn.too_few", labels=labels, positive=int(positive.sum()), others=int((~positive).sum()))
    held = np.array([_lot(one) < HELD_OUT for one in examples["account_id"]])
    figures = _about(data, truth, examples, split, unlabelled=unlabelled)
    tried = _tried(data, whole, node, positive, held, split, unlabelled=unlabelled)
    learnt = AccountClassifier(unlabelled=unlabelled).fit(whole.values[node], positive)
    figures |= {
        "held_out": tried,
        "strongest": _strongest(learnt, whole, node),
        "labelled_share": learnt.labelled_share_,
    }
    write_model(model_of(learnt, whole.names, figures), model)
    cards = []
    for language in languages:
        cards.append(model.with_suffix(f".{language}.md"))
        cards[-1].write_text(card(figures, language), encoding="utf-8")
    return Learnt(model, tuple(cards), figures)


def _examples(data: Ordered, truth: Truth, *, unlabelled: bool) -> pl.DataFrame:
    """`account_id, node, label` of the accounts that have payments, in the order of their ids."""
    labels = truth.labels.rename({"id": "account_id"})
    joined = main_nodes(data).join(labels, on="account_id", how="left" if unlabelled else "inner")
    return joined.with_columns(pl.col("label").fill_null(0)).sort("account_id")


def _lot(account: str) -> float:
    """0 … 1, from the account's id alone: it stays on its side when data or labels are added."""
    return int.from_bytes(blake2b(account.encode(), digest_size=6).digest()) / 2**48


def _tried(
    data: Ordered, whole: Features, node: Int64, positive: Bool, held: Bool, split: Split, *, unlabelled: bool
) -> dict[str, Any] | None:
    """Figures of a learner that has not seen the accounts held out; None where these, or the others, are too few."""
    before = after = whole.values
    lasting = np.ones(len(node), np.bool_)
    if split == "time":
        middle = len(data.moment) // 2
        early, late = np.arange(middle), np.arange(middle, len(data.moment))
        before, after = seen(data.take(early)).values, seen(data.take(late)).values
        lasting = _active(data, late, node)
    learns, judged = ~held, held & lasting
    if min(_least(positive[learns]), _least(positive[judged]) + 1) < 2:
        return None
    learner = AccountClassifier(unlabelled=unlabelled).fit(before[node[learns]], positive[learns])
    probability = learner.predict_proba(after[node[judged]])[:, 1]
    return _figures(probability, positive[judged], learns=int(learns.sum()))


def _least(positive: Bool) -> int:
    return int(min(positive.sum(), (~positive).sum()))


def _active(data: Ordered, rows: Int64, node: Int64) -> Bool:
    there = np.zeros(data.ledger.nodes + 1, np.bool_)  # the last place is nobody's
    there[data.ledger.payer[rows]] = there[data.ledger.payee[rows]] = True
    active: Bool = there[node]
    return active


def _figures(probability: Float64, positive: Bool, *, learns: int) -> dict[str, Any]:
    """How well it ranks, and how far probabilities are what they say (Brier 1950)."""
    found = measure(probability, positive)
    rate = positive.mean()
    place = np.digitize(probability, _BOUNDS)
    bins = [part for at in range(len(_BOUNDS) + 1) if len(part := np.flatnonzero(place == at))]
    return {name: found[name] for name in _MEASURED} | {
        "learnt_from": learns, "accounts": len(positive), "positives": int(positive.sum()),
        "brier": float(np.mean((probability - positive) ** 2)), "brier_of_base_rate": float(rate * (1 - rate)),
        "calibration": [
            {"accounts": len(part), "said": float(probability[part].mean()), "true": float(positive[part].mean())}
            for part in bins
        ],
    }  # fmt: skip


def _about(data: Ordered, truth: Truth, examples: pl.DataFrame, split: Split, *, unlabelled: bool) -> dict[str, Any]:
    """What was learnt from."""
    first, last = data.moment[[0, -1]] if len(data.moment) else (0, 0)
    return {
        "accounts": examples.height, "positives": int(examples["label"].sum()), "payments": len(data.moment),
        "first": _date(int(first)), "last": _date(int(last)), "split": split, "unlabelled": unlabelled,
        "unknown": truth.unknown, "without_payments": truth.labels.height - truth.labels.filter(
            pl.col("id").is_in(examples["account_id"].implode())
        ).height,
    }  # fmt: skip


def _date(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1e6, UTC).date().isoformat()


def _strongest(learnt: AccountClassifier, whole: Features, node: Int64) -> list[dict[str, Any]]:
    """The features whose contributions are largest, on average of a sample of the examples."""
    sample = node[:: max(len(node) // _SAMPLE, 1)]
    mean = np.abs(learnt.contributions(whole.values[sample])[:, :-1]).mean(axis=0)
    best = np.argsort(-mean, kind="stable")[:_STRONGEST]
    return [{"feature": whole.names[at], "contribution": float(mean[at])} for at in best]
