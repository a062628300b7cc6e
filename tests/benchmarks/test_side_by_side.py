"""The runner over a tiny world, with the methods that need nothing."""

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from benchmarks.payments import evidence
from detection import child, communities, methods, ours, synthfin
from detection.datasets import Truth, split
from detection.judge import Verdict, judge
from detection.learners import Folded, Given
from detection.methods import BY_KEY
from detection.runner import data_sets
from detection.tables import markdown
from duanka.store.case import Case

RUN = Path(__file__).parents[2] / "benchmarks" / "detection" / "run.py"


def test_a_tiny_world_from_end_to_end(tmp_path: Path) -> None:
    command = [sys.executable, str(RUN), "--sets", "tiny", "--seeds", "31", "--methods", "volume,rules,louvain"]
    done = subprocess.run([*command, "--json", str(tmp_path / "all.json")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "### tiny, seeds 31" in done.stdout
    assert "| ranking by volume | none | 0." in done.stdout
    facts = {one["method"]: one for one in json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))}
    assert facts["rules"]["everybody"]["roc_auc"] > 0.5
    assert len(facts["louvain"]["rings"]) == 12
    assert all(one["seconds"] > 0 and one["peak_mb"] > 0 for one in facts.values())


@pytest.mark.parametrize(("name", "message"), [("nil", "choose among tiny"), ("amlsim", "say with --amlsim where")])
def test_a_set_that_cannot_be_had_is_named(name: str, message: str) -> None:
    with pytest.raises(SystemExit, match=f"--sets {name}: {message}"):
        data_sets(Namespace(sets=name, amlsim=None, amlworld=None))


def test_what_detection_leaves_in_a_case_is_read_and_judged(tmp_path: Path) -> None:
    members = {"ring_id": ["r", "r", "r", "r"], "account_id": ["a", "b", "c", "v"], "tier": [1, 2, 3, 0]}
    with Case(tmp_path, create=True) as case:
        case.replace_table("account_risk", pa.table({"account_id": ["a", "b"], "score": [0.9, 0.8]}))
        case.replace_table(
            "ring_members", pa.table(members | {"role": ["collection", "transit", "cash_out", "victim"]})
        )
        rates = {"commission_low": [0.003], "commission": [0.004], "commission_high": [0.005]}
        case.replace_table("rings", pa.table({"ring_id": ["r"]} | rates))
    found = ours.read(tmp_path)
    child.write(found, tmp_path)
    labels = pl.DataFrame({"account_id": list("abcvwxyz"), "label": [1, 1, 1, 0, 0, 0, 0, 0]})
    true = found.members.filter(pl.col("role") != "victim").with_columns(ring_id=pl.lit("T"))
    agreed = pl.DataFrame({"ring_id": ["T"], "commission": [0.0045]})
    verdict = Verdict("made", "1", "ours")
    judge(verdict, BY_KEY["ours"], tmp_path, Truth(labels, true, agreed=agreed), split(labels))
    assert verdict.everybody["recall_at_fpr_1pct"] == pytest.approx(2 / 3)
    assert verdict.rings[""]["true_to_found"] == 1.0
    assert verdict.members["tier_accuracy"] == verdict.members["role_macro_f1"] == 1.0
    assert verdict.commission["within_tolerance"] == 1
    assert "| Duanka | 1.000 | 1.000 | 1 | 1.000 | 1.000 | 1 of 1 rings (1 estimated) |" in "\n".join(
        markdown([verdict], "made")
    )


@pytest.mark.parametrize("key", ["forest", "boosting", "neighbours"])
def test_learners_learn(key: str) -> None:
    method = BY_KEY[key]
    pytest.importorskip(method.needs)
    random = np.random.default_rng(1)
    mules = np.arange(200) < 20
    made = [(float(hour), int(random.integers(20, 200)), int(random.integers(20, 200)), 100) for hour in range(900)]
    made += [(hour, int(random.integers(20, 200)), hour % 20, 5_000) for hour in range(400)]
    made += [(hour + 0.1, hour % 20, int(random.integers(20, 200)), 5_000) for hour in range(400)]
    assert method.score is not None
    score = method.score(evidence(*made), Given(mules, np.arange(200) % 2 == 0))
    assert score[mules].mean() > score[~mules].mean()


def test_few_labels_are_one_in_a_hundred_of_those_that_learners_know() -> None:
    accounts = split(
        pl.DataFrame({"account_id": [f"a{n}" for n in range(20_000)] * 2, "label": [0] * 20_000 + [1] * 20_000})
    )
    assert accounts.height == 20_000
    assert accounts["label"].all()
    assert 9_700 < accounts["learns"].sum() < 10_300
    assert 150 < accounts["learns_few"].sum() < 250
    assert not accounts.filter(pl.col("learns_few") & ~pl.col("learns")).height


def test_communities_are_the_parts_of_a_graph_in_two_parts() -> None:
    pytest.importorskip("sknetwork")
    found = communities.rings(
        evidence((0, 0, 1, 1), (0, 1, 2, 1), (0, 2, 0, 1), (0, 3, 4, 1), (0, 4, 5, 1), (0, 5, 3, 1))
    )
    first = found.filter(pl.col("setting") == "plain 1").group_by("ring_id").agg(pl.col("account_id").sort())
    assert sorted(first["account_id"].to_list()) == [["a000", "a001", "a002"], ["a003", "a004", "a005"]]


def test_features_of_payments_are_folded_batch_by_batch() -> None:
    folded = Folded(3)
    folded.add(np.array([1, 0, 1], np.int32), np.array([[1.0], [5.0], [3.0]], np.float32))
    folded.add(np.array([1], np.int32), np.array([[-1.0]], np.float32))
    wanted = np.array([[5, 5], [1, 3], [np.nan, np.nan]])
    assert np.array_equal(folded.values(), wanted, equal_nan=True)


def test_accounts_that_touch_a_fraud_are_labelled() -> None:
    rows = pl.DataFrame({"source_id": [1, 2, 3], "target_id": [2, 3, 4], "is_fraud": [1, 0, 0]})
    assert dict(synthfin.labels(rows).iter_rows()) == {"1": 1, "2": 1, "3": 0, "4": 0}


def test_what_is_not_installed_is_said() -> None:
    assert methods.Method("x", "x", needs="nowhere_to_be_found").lacks() == "needs the module nowhere_to_be_found"
