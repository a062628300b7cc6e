"""One method's finds over one data set, held against the truth."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from detection import agreement, child
from detection.datasets import Truth
from detection.methods import Method

Measures = dict[str, float]


@dataclass(slots=True)
class Verdict:
    """What is printed of a method; what was not measured is empty."""

    data: str
    run: str
    method: str
    note: str = ""  # why there are no figures
    seconds: float = 0.0
    peak_mb: float = 0.0
    everybody: Measures = field(default_factory=dict)  # over all accounts: not for those that learned from half
    held_out: Measures = field(default_factory=dict)  # over the half that nobody learned from
    innocents: Measures = field(default_factory=dict)  # by kind, share above the threshold
    rings: dict[str, Measures] = field(default_factory=dict)  # by setting
    members: Measures = field(default_factory=dict)
    commission: Measures = field(default_factory=dict)

    def facts(self) -> dict[str, object]:
        """For the JSON file."""
        return asdict(self)


def judge(verdict: Verdict, method: Method, found: Path, truth: Truth, split: pl.DataFrame | None) -> None:
    """Fill in what the files of `child` allow. Accounts without a score stand below all others."""
    scores, rings, rates = (found / name for name in (child.SCORES, child.RINGS, child.RATES))
    if scores.exists() and split is not None:
        _accounts(verdict, method, pl.read_parquet(scores), truth, split)
    if rings.exists() and truth.members.height:
        frame = pl.read_parquet(rings)
        by_setting = frame.partition_by("setting", as_dict=True, maintain_order=True)
        verdict.rings = {
            str(name): agreement.ring_measures(truth.members, _carriers(part)) for (name,), part in by_setting.items()
        }
        if "role" in frame.columns and truth.members["tier"].count():
            verdict.members = agreement.member_measures(truth.members, frame)
        if rates.exists() and truth.agreed.height:
            known = pl.read_parquet(rates)
            verdict.commission = agreement.commission_measures(truth.agreed, truth.members, _carriers(frame), known)


def _carriers(members: pl.DataFrame) -> pl.DataFrame:
    """Members that carry the money: the truth's rings are made of these alone."""
    if "role" not in members.columns:
        return members
    apart = members["role"].fill_null("").is_in(["victim", "bettor", "customer", "good_faith"])
    return members.filter(~apart)


def _accounts(verdict: Verdict, method: Method, scores: pl.DataFrame, truth: Truth, split: pl.DataFrame) -> None:
    joined = split.join(scores.unique("account_id", keep="first"), on="account_id", how="left", maintain_order="left")
    score = joined["score"].cast(pl.Float64).to_numpy().copy()
    unknown = np.isnan(score)
    score[unknown] = (score[~unknown].min() if (~unknown).any() else 0.0) - 1
    label, held_out = joined["label"].to_numpy(), ~joined["learns"].to_numpy()
    verdict.held_out = agreement.account_measures(score[held_out], label[held_out])
    counted = np.ones(len(label), np.bool_) if method.labels == "none" else held_out
    if method.labels == "none":
        verdict.everybody = agreement.account_measures(score, label)
    places = joined.filter(pl.Series(counted)).select("account_id").with_row_index("row")
    kinds = truth.innocents.unique().join(places, on="account_id").select("row", "kind")
    if kinds.height:
        verdict.innocents = agreement.innocents_above(score[counted], label[counted], kinds)
