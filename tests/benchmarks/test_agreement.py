"""Measures of agreement, by hand."""

import numpy as np
import polars as pl
import pytest

from detection import agreement

LABEL = np.array([True, False, True, False])


def rings(**members: str) -> pl.DataFrame:
    rows = [(ring, account) for ring, accounts in members.items() for account in accounts]
    return pl.DataFrame(rows, schema=["ring_id", "account_id"], orient="row")


def test_a_perfect_and_a_constant_score() -> None:
    best = agreement.account_measures(LABEL.astype(np.float64), LABEL)
    assert set(best.values()) == {0.5, 1.0}
    nothing = agreement.account_measures(np.zeros(4), LABEL)
    assert nothing == {
        "base_rate": 0.5, "average_precision": 0.5, "recall_at_fpr_1pct": 0.0, "recall_at_fpr_0.1pct": 0.0,
        "roc_auc": 0.5,
    }  # fmt: skip


def test_scores_in_between() -> None:
    score = np.array([4.0, 3.0, 2.0, 1.0])
    assert agreement.average_precision(score, LABEL) == pytest.approx((1 + 2 / 3) / 2)
    assert agreement.roc_auc(score, LABEL) == 0.75
    assert agreement.recall_at(score, LABEL, 0.01) == 0.5
    assert agreement.recall_at(score, LABEL, 0.5) == 1.0


def test_a_tie_across_the_bound_is_left_out() -> None:
    assert agreement.threshold(np.array([2.0, 1.0, 1.0, 0.0]), LABEL, 0.01) == 2.0


def test_innocents_above_the_threshold() -> None:
    label = np.zeros(2_000, np.bool_)
    label[:1_000] = True
    score = np.linspace(2, 0, 2_000)
    score[1_500] = 3.0
    kinds = pl.DataFrame({"row": [*range(1_500, 1_510), 1_600, 0], "kind": ["shop"] * 10 + ["few", "shop"]})
    assert agreement.innocents_above(score, label, kinds) == {"shop": pytest.approx(0.1)}


def test_rings_both_ways() -> None:
    found = agreement.ring_measures(rings(r="abcd", s="efg", small="xy"), rings(one="abc", two="hij", three="ab"))
    assert found == {"true_rings": 2, "found_rings": 2, "true_to_found": 0.375, "found_to_true": 0.375}


def test_tiers_roles_and_commission_are_judged_in_the_ring_that_fits_best() -> None:
    true = rings(r="abc").with_columns(tier=pl.Series([1, 2, -1]), role=pl.Series(["collection", "transit", "dealer"]))
    found = rings(p="ab", q="a").with_columns(
        tier=pl.Series([1, 3, 9]), role=pl.Series(["collection", "transit", "payout"])
    )
    members = agreement.member_measures(true, found)
    assert members == {"tier_accuracy": 0.5, "tier_accuracy_of_found": 0.5, "role_macro_f1": pytest.approx(2 / 3)}
    agreed = pl.DataFrame({"ring_id": ["r", "r"], "commission": [0.004, 0.012]})
    rates = pl.DataFrame({"ring_id": ["p", "q"], "low": [0.001, 0], "commission": [0.0055, 1], "high": [0.006, 1]})
    measures = agreement.commission_measures(agreed, true, found, rates)
    assert measures == {
        "rings": 1, "estimated": 1, "within_tolerance": 1, "interval_holds": 1, "median_error": pytest.approx(0.0015)
    }  # fmt: skip
