"""Learning from the labels of a made-up world, and judging the same world with what was learnt."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cases import A, B, relay, take_in, write_all
from duanka import cli, learning, pipeline
from duanka.learning import LearningError
from duanka.messages.catalogue import Language, languages, say
from duanka.scoring.learning import AccountClassifier
from duanka.scoring.model_file import ModelError
from duanka.store.case import Case, hash_file
from duanka.store.detection import UsedModel, read_detection
from duanka.summary import found_as_text
from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.synth.write import write_world

pytest.importorskip("lightgbm")


@dataclass
class World:
    """A tiny world, imported, and a model of it."""

    case: Path
    labels: Path
    model: Path
    printed: dict[str, Any]


def table(case: Path, name: str) -> pl.DataFrame:
    with Case(case) as opened:
        found = pl.from_arrow(opened.db.arrow(f'SELECT * FROM "{name}"'))
    assert isinstance(found, pl.DataFrame)
    return found


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.run([str(one) for one in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("学习")
    write_world(SCALES["tiny"], 5, defaults(), SCALES["tiny"].rings, home / "made")
    take_in(home / "case", home / "made" / "records")
    labels, model = home / "made" / "truth" / "labels.csv", home / "模型.json"
    facts = pipeline.learn(home / "case", str(labels), model).facts()
    return World(home / "case", labels, model, json.loads(json.dumps(facts)))


@pytest.fixture(scope="module", autouse=True)
def few_rounds() -> Iterator[None]:
    """Small models: what is tested is the way there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "AccountClassifier", partial(AccountClassifier, rounds=25, folds=2))
        yield


def test_learn_writes_a_model_and_a_card_in_each_language(world: World) -> None:
    assert world.printed["model"] == str(world.model)
    assert world.printed["cards"] == [str(world.model.with_suffix(f".{one}.md")) for one in languages]
    held = world.printed["held_out"]
    assert 0 < world.printed["positives"] < world.printed["accounts"]
    assert held["accounts"] + held["learnt_from"] == world.printed["accounts"]
    assert 0 <= held["brier"] <= 1
    assert sum(one["accounts"] for one in held["calibration"]) == held["accounts"]
    assert len(world.printed["strongest"]) == 10
    model = json.loads(world.model.read_text(encoding="utf-8"))
    assert model["figures"] == {name: world.printed[name] for name in model["figures"]}


@pytest.mark.parametrize(("language", "title"), [("en", "## Limits"), ("zh", "## 局限")])
def test_the_card_says_what_it_learnt_from(world: World, language: Language, title: str) -> None:
    text = world.model.with_suffix(f".{language}.md").read_text(encoding="utf-8")
    assert title in text
    assert "{" not in text
    assert f"{world.printed['accounts']:,}" in text
    assert all(f"`{one['feature']}`" in text for one in world.printed["strongest"])


def test_detect_with_a_model_scores_accounts_and_tells_why(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "detect", world.case, "--json")[0] == 0
    before = {name: table(world.case, name) for name in ("account_risk", "transaction_risk", "ring_members")}
    code, out, _ = call(capsys, "detect", world.case, "--model", world.model, "--json")
    assert code == 0
    assert json.loads(out)["accounts"] > 0
    noted = json.loads(out)["model"]
    assert (noted["name"], noted["sha256"]) == (world.model.name, hash_file(world.model))
    assert {name: noted[name] for name in ("accounts", "positives", "payments", "first", "last")} == {
        name: world.printed[name] for name in ("accounts", "positives", "payments", "first", "last")
    }
    assert noted["average_precision"] == world.printed["held_out"]["average_precision"]
    with Case(world.case) as opened:
        assert read_detection(opened).model == UsedModel(**noted)
    risk = table(world.case, "account_risk")
    assert_frame_equal(table(world.case, "transaction_risk"), before["transaction_risk"])
    assert_frame_equal(table(world.case, "ring_members"), before["ring_members"])
    assert set(risk["account_id"]) == set(before["account_risk"]["account_id"])
    assert risk["score"].is_sorted(descending=True)
    assert risk["score"].is_between(0, 1).all()
    mules = pl.read_csv(world.labels, infer_schema=False).filter(pl.col("label") == "1")["account_id"].unique()
    assert risk.head(len(mules)).filter(pl.col("account_id").is_in(mules.implode())).height > len(mules) / 2
    reasons = risk.explode("reasons").drop_nulls("reasons").unnest("reasons")
    assert {"model", "TX01"} <= set(reasons["code"])
    learnt = reasons.filter(pl.col("code") == "model")
    assert learnt["account_id"].is_unique().all()
    assert learnt["text_en"].str.contains("what counts most").all()
    assert learnt["text_zh"].str.count_matches("；").min() == 3  # after the lead, and between three parts
    assert not learnt["text_en"].str.contains("[{}]").any()


def test_the_same_labels_give_the_same_files(world: World, tmp_path: Path) -> None:
    lines = world.labels.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "l.csv").write_text("".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    again = pipeline.learn(world.case, str(tmp_path / "l.csv"), tmp_path / "m.json")
    assert again.model.read_bytes() == world.model.read_bytes()
    for one, language in zip(again.cards, languages, strict=True):
        assert one.read_bytes() == world.model.with_suffix(f".{language}.md").read_bytes()


def test_learning_by_time_and_from_positives_alone(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = world.labels.read_text(encoding="utf-8").splitlines()
    known = [lines[0], *(line for line in lines[1:] if line.split(",")[1] == "1")]
    (tmp_path / "known.csv").write_text("\n".join(known), encoding="utf-8")
    command = ["learn", world.case, "--labels", tmp_path / "known.csv", "--model", tmp_path / "m.json"]
    code, out, err = call(capsys, *command, "--unlabelled", "--split", "time", "--lang", "en")
    assert code == 0, err
    assert "Learnt from" in out
    model = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert 0 < model["labelled_share"] <= 1
    assert model["figures"]["split"] == "time"
    assert model["figures"]["accounts"] >= world.printed["accounts"]
    assert "Elkan" in (tmp_path / "m.en.md").read_text(encoding="utf-8")


def test_other_features_are_refused_and_findings_stay(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.detect(world.case)
    before = table(world.case, "account_risk")
    model = json.loads(world.model.read_text(encoding="utf-8"))
    model["features"][3] = "shoe_size"
    (tmp_path / "m.json").write_text(json.dumps(model), encoding="utf-8")
    code, _, err = call(capsys, "detect", world.case, "--model", tmp_path / "m.json", "--json")
    assert code == 1
    assert "it has shoe_size, which this Duanka does not" in err
    assert err.count("\n") == 1
    assert_frame_equal(table(world.case, "account_risk"), before)
    with pytest.raises(ModelError):
        pipeline.detect(world.case, model=world.labels)
    model["features"][3] = json.loads(world.model.read_text(encoding="utf-8"))["features"][3]
    del model["figures"]["positives"]
    (tmp_path / "m.json").write_text(json.dumps(model), encoding="utf-8")
    with pytest.raises(ModelError, match="does not say what it learnt from"):
        pipeline.detect(world.case, model=tmp_path / "m.json")


def test_too_few_labels_are_refused(tmp_path: Path) -> None:
    take_in(tmp_path / "c", write_all(tmp_path / "in", relay()))
    (tmp_path / "l.csv").write_text(f"account_id,label\n{A},1\n{B},0\n", encoding="utf-8")
    with pytest.raises(LearningError, match="1 accounts with payments are labelled 1, 1 are others"):
        pipeline.learn(tmp_path / "c", str(tmp_path / "l.csv"), tmp_path / "m.json")
    assert not (tmp_path / "m.json").exists()


def test_four_accounts_are_enough_but_nothing_is_held_out(tmp_path: Path) -> None:
    take_in(tmp_path / "c", write_all(tmp_path / "in", relay()))
    first, last = "9900000000000000991", "9900000000000000992"
    lines = f"account_id,label\n{A},1\n{B},1\n{first},0\n{last},0\n"
    (tmp_path / "l.csv").write_text(lines, encoding="utf-8")
    learnt = pipeline.learn(tmp_path / "c", str(tmp_path / "l.csv"), tmp_path / "m.json")
    assert learnt.figures["held_out"] is None
    outcome = pipeline.detect(tmp_path / "c", model=learnt.model)
    assert outcome.found is not None
    assert outcome.found.model is not None
    assert (outcome.found.model.calibration, outcome.found.model.average_precision) == ("sigmoid", None)
    told = found_as_text(outcome, "en")
    assert say("cli.too_few_model", "en") in told
    assert "m.json" in told
    assert table(tmp_path / "c", "account_risk")["score"].is_between(0, 1).all()
