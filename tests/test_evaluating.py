"""Made-up findings in a small case, held against labels: figures that can be worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cases import CARD_A, A, B, relay, take_in, write_all
from duanka.evaluating import Evaluation, Rings, as_dict, as_text, evaluate
from duanka.messages.catalogue import Language, languages, say
from duanka.scoring.measures import MEASURES
from duanka.store.case import Case
from duanka.store.database import CaseError
from findings import DETECTION, MODEL, put_detection, put_members, put_scores

DOCS = Path(__file__).parents[1] / "docs"
FIRST, LAST = "9900000000000000991", "9900000000000000992"
LABELS = f"""account_id,label,ring_id,tier,role
{CARD_A},1,R1,1,collection
{B},1,R1,2,transit
{FIRST},0,R1,0,victim
{LAST},0,,-1,
9900000000000000993,1,R1,3,transit
"""
SERIALS = "external_id,label\nS1,0\nS3,1\nS5,1\nS77,1\n"
RANKED = {*MEASURES, "labelled", "positives", "unscored", "unknown", "unknown_positives", "unknown_names", "ambiguous"}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scored: 乙, then a stranger, then 甲; the victim is not. One ring, with the stranger in it."""
    home = tmp_path_factory.mktemp("案件")
    files = relay()
    files["甲.csv"] = [one | {"交易卡号": CARD_A} for one in files["甲.csv"]]
    take_in(home / "case", write_all(home / "in", files))
    (home / "labels.csv").write_text(LABELS, encoding="utf-8")
    (home / "serials.csv").write_text(SERIALS, encoding="utf-8")
    with Case(home / "case") as opened:
        rows = {str(s): str(r) for s, r in opened.db.rows("SELECT external_id, row_id FROM transactions")}
    put_scores(home / "case", {A: 0.4, B: 0.9, LAST: 0.6, FIRST: None}, {rows["S3"]: 0.9, rows["S1"]: 0.3})
    put_members(home / "case", [
        ("G7", A, 1, "collection"), ("G7", B, 1, "transit"), ("G7", LAST, None, None), ("G7", FIRST, 0, "victim"),
        ("G7", "elsewhere", 2, "transit"),
    ])  # fmt: skip
    return home / "case"


@pytest.fixture
def found(case: Path) -> Evaluation:
    with Case(case) as opened:
        return evaluate(opened, str(case.parent / "labels.csv"), str(case.parent / "serials.csv"))


def test_accounts(found: Evaluation) -> None:
    assert found.accounts.measures == pytest.approx({
        "base_rate": 0.5, "average_precision": (1 + 2 / 3) / 2, "roc_auc": 0.75, "best_f1": 0.8,
        "recall_at_fpr_1pct": 0.5, "recall_at_fpr_0.1pct": 0.5, "precision_at_n": 0.5,
    })  # fmt: skip
    assert (found.accounts.labelled, found.accounts.positives, found.accounts.unscored) == (4, 2, 1)
    assert (found.accounts.truth.unknown, found.accounts.truth.unknown_positives) == (1, 1)
    assert found.accounts.truth.unknown_names == ["9900000000000000993"]


def test_transactions_without_a_score_stand_last(found: Evaluation) -> None:
    ranked = found.transactions
    assert ranked is not None
    assert (ranked.labelled, ranked.positives, ranked.unscored, ranked.truth.unknown) == (3, 2, 1, 1)
    assert ranked.measures["average_precision"] == pytest.approx((1 + 2 / 3) / 2)


def test_rings_without_and_with_those_who_are_no_mules(found: Evaluation) -> None:
    rings = found.rings
    assert isinstance(rings, Rings)
    assert rings.mules.jaccard_true_to_found == rings.mules.jaccard_found_to_true == pytest.approx(2 / 3)
    assert (rings.mules.bcubed_precision, rings.mules.bcubed_recall) == pytest.approx((4 / 9, 1.0))
    assert rings.everybody.jaccard_true_to_found == pytest.approx(3 / 4)
    assert (rings.mules.true_members, rings.everybody.true_members) == (2, 3)
    assert (rings.tier_accuracy, rings.tier_accuracy_found) == (0.5, 0.5)
    assert {role: one.f1 for role, one in rings.roles.items()} == {"collection": 1.0, "transit": 1.0, "victim": 1.0}
    assert rings.role_macro_f1 == 1.0
    assert rings.unlisted_members == 1


def test_the_contract(found: Evaluation) -> None:
    facts = as_dict(found)
    assert set(facts) == {"case", "detection", "labels", "transaction_labels", "transactions", "rings"} | RANKED
    assert facts["detection"] == DETECTION.facts()
    transactions, rings = facts["transactions"], facts["rings"]
    assert isinstance(transactions, dict)
    assert set(transactions) == RANKED
    assert isinstance(rings, dict)
    agreement = {
        "jaccard_true_to_found", "jaccard_found_to_true", "bcubed_precision", "bcubed_recall", "bcubed_f1",
        "true_rings", "found_rings", "true_members", "found_members",
    }  # fmt: skip
    assert set(rings["all_members"]) == agreement
    positions = {"tier_accuracy", "tier_accuracy_found", "role_macro_f1", "roles"}
    assert set(rings) == agreement | positions | {"all_members", "unlisted_members"}


@pytest.mark.parametrize("page", ["how-to/evaluate.md", "zh/how-to/evaluate.md"])
def test_every_figure_is_documented(found: Evaluation, page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    rings = as_dict(found)["rings"]
    assert isinstance(rings, dict)
    counts = {"true_rings", "found_rings", "true_members", "found_members"}  # their names say it
    assert [name for name in (RANKED | set(rings)) - counts if f"`{name}`" not in text] == []


def test_words(found: Evaluation) -> None:
    for language in languages:
        text = as_text(found, language)
        assert "9900000000000000993" in text
        assert "0.8333" in text
        assert ("团伙" in text) == (language == "zh")


def test_how_the_findings_were_judged_is_said(case: Path, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(f"account_id,label\n{A},0\n", encoding="utf-8")
    with Case(case) as opened:
        present = as_text(evaluate(opened, str(tmp_path / "l.csv")), "en")
        assert "1.1% of all accounts" in present
        assert "as of" not in present
        assert say("evaluate.learnt", "en") not in present
        put_detection(opened, replace(DETECTION, model=MODEL, as_of=datetime(2025, 1, 1, 4, tzinfo=UTC)))
        found = evaluate(opened, str(tmp_path / "l.csv"))
        assert as_dict(found)["detection"] == found.detection.facts()
        moments: dict[Language, str] = {"en": "as of 2025-01-01 12:00:00", "zh": "截至 2025-01-01 12:00:00"}
        for language, then in moments.items():
            assert "mules.json" in as_text(found, language)
            assert say("evaluate.learnt", language) in as_text(found, language)
            assert then in as_text(found, language)
        put_detection(opened)


def test_findings_of_an_earlier_version_are_to_be_made_again(case: Path, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(f"account_id,label\n{A},0\n", encoding="utf-8")
    with Case(case) as opened:
        opened.db.run("earlier", "DROP TABLE detection")
        with pytest.raises(CaseError, match=r"did not note how; run `duanka detect .*` again"):
            evaluate(opened, str(tmp_path / "l.csv"))
        put_detection(opened)


def test_labels_without_rings_and_without_positives(case: Path, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(f"account_id,label\n{A},0\n", encoding="utf-8")
    with Case(case) as opened:
        found = evaluate(opened, str(tmp_path / "l.csv"))
    assert (found.transactions, found.rings) == (None, None)
    assert found.accounts.measures["average_precision"] is None
    assert "–" in as_text(found, "en")


def test_a_line_with_label_0_makes_no_mule(case: Path, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(f"account_id,label,ring_id\n{A},1,R\n{B},0,R\n", encoding="utf-8")
    with Case(case) as opened:
        found = evaluate(opened, str(tmp_path / "l.csv"))
    assert found.rings is not None
    assert (found.rings.mules.true_members, found.rings.everybody.true_members) == (1, 2)
    assert (found.rings.tier_accuracy, found.rings.role_macro_f1) == (None, None)


def test_what_was_not_detected_yet_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    take_in(folder, write_all(tmp_path / "in", relay()))
    (tmp_path / "l.csv").write_text(f"account_id,label,ring_id\n{A},1,R\n", encoding="utf-8")
    (tmp_path / "t.csv").write_text("external_id,label\nS1,1\n", encoding="utf-8")
    labels, serials = str(tmp_path / "l.csv"), str(tmp_path / "t.csv")
    with Case(folder) as opened, pytest.raises(CaseError, match=r"account_risk.*run `duanka detect"):
        evaluate(opened, labels)
    put_scores(folder, {A: 0.4})
    with Case(folder) as opened:
        with pytest.raises(CaseError, match=r"ring_members.*run `duanka detect"):
            evaluate(opened, labels)
        with pytest.raises(CaseError, match=r"transaction_risk.*run `duanka detect"):
            evaluate(opened, labels, serials)
    put_members(folder, [])
    with Case(folder) as opened:
        nothing = evaluate(opened, labels)
    assert nothing.rings is not None
    assert nothing.rings.mules.jaccard_true_to_found == nothing.rings.mules.bcubed_f1 == 0.0
    assert nothing.rings.mules.jaccard_found_to_true is None


def test_labels_of_the_case_itself(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "step,type,amount,nameOrig,oldbalanceOrig,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isSAR,alertID\n"
        "1,TRANSFER,5,1,9,4,2,0,5,1,7\n2,TRANSFER,1,3,9,8,4,0,1,0,-1\n",
        encoding="utf-8",
    )
    take_in(tmp_path / "case", tmp_path / "log.csv")
    with Case(tmp_path / "case") as opened:
        rows = {
            str(r): 0.1 * int(str(amount)) / 100
            for r, amount in opened.db.rows("SELECT row_id, amount FROM transactions")
        }
    put_scores(tmp_path / "case", {"1": 0.8, "2": 0.7, "3": 0.1, "4": 0.75}, rows)
    (tmp_path / "l.csv").write_text("account_id,label\n1,1\n3,0\n", encoding="utf-8")
    with Case(tmp_path / "case") as opened:
        found = evaluate(opened, "case")
        beside = evaluate(opened, str(tmp_path / "l.csv"), "case")
    assert (found.accounts.labelled, found.accounts.measures["roc_auc"]) == (4, 0.75)
    assert found.transactions is not None
    assert found.transactions.measures["average_precision"] == 1.0
    assert found.rings is None
    assert beside.transactions is not None
    assert (beside.accounts.labelled, beside.transactions.measures) == (2, found.transactions.measures)
