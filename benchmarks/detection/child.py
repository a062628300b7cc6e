"""One method over one case, in a process of its own: what it found, its seconds, and its peak memory."""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

from detection import communities, rules
from detection.evidence import Evidence, read
from detection.learners import Given
from detection.methods import BY_KEY, LEARNT
from detection.ours import Found, MissingVerbError, ours, ours_learnt

SCORES, RINGS, RATES, FACTS = "scores.parquet", "rings.parquet", "rates.parquet", "facts.json"


def main(key: str, case: Path, truth: Path, out: Path) -> None:
    """Write what the method finds to `out`. The clock runs from opening the case on; kernels are compiled before."""
    method = BY_KEY[key]
    if key == "rules":
        rules.score(_few_rows())
    started = time.perf_counter()
    missing = ""
    if key == "ours":
        try:
            found = ours(case)
        except MissingVerbError as error:
            missing = str(error)
        else:
            write(found, out)
    elif key in LEARNT:
        write_scores(ours_learnt(case, known(truth, method.labels), out / "model.json"), out)
    elif key == "louvain":
        communities.rings(read(case)).write_parquet(out / RINGS)
    elif method.score is not None:
        evidence = read(case)
        score = method.score(evidence, _given(evidence, truth, method.labels))
        pl.DataFrame({"account_id": evidence.accounts, "score": score}).write_parquet(out / SCORES)
    facts = {"seconds": time.perf_counter() - started, "peak_mb": _peak_mb(), "missing": missing}
    (out / FACTS).write_text(json.dumps(facts), encoding="utf-8")


def known(truth: Path, labels: str) -> pl.DataFrame:
    """`account_id, label` of the accounts that a method may learn from."""
    return pl.read_parquet(truth).filter(pl.col("learns" if labels == "half" else "learns_few"))


def write_scores(found: Found, out: Path) -> None:
    """Scores alone: the rings of a model are those that are found without it."""
    found.scores.write_parquet(out / SCORES)


def write(found: Found, out: Path) -> None:
    """What our own detection found, as files."""
    found.scores.write_parquet(out / SCORES)
    found.members.with_columns(setting=pl.lit("")).write_parquet(out / RINGS)
    found.rates.write_parquet(out / RATES)


def _given(evidence: Evidence, truth: Path, labels: str) -> Given:
    """The labels that a method may see."""
    nothing = np.zeros(0, np.bool_)
    if labels == "none":
        return Given(nothing, nothing)
    split = pl.read_parquet(truth, columns=["account_id", "label", "learns", "learns_few"])
    split = pl.DataFrame({"account_id": evidence.accounts}).join(
        split, on="account_id", how="left", maintain_order="left"
    )
    learns = split["learns" if labels == "half" else "learns_few"].fill_null(value=False).to_numpy()
    return Given(split["label"].fill_null(value=False).to_numpy() & learns, learns)


def _few_rows() -> Evidence:
    """Enough to compile the kernels."""
    rows = pl.DataFrame(
        {"time": [0, 1, 2], "payer": [0, 1, 2], "payee": [1, 2, 0], "amount": [1, 1, 1]},
        schema={"time": pl.Int64, "payer": pl.Int32, "payee": pl.Int32, "amount": pl.Int64},
    )
    return Evidence(pl.Series(["a", "b", "c"]), rows)


def _peak_mb() -> float:
    """Peak resident memory of this process alone: where the system says it, not what its parent had when forking."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
