"""A world on disk: what is written, that the truth fits the rows, and that nothing else is overwritten."""

import json
from pathlib import Path

import polars as pl
import pytest

from duanka.synth.parameters import SettingError, defaults, settings
from duanka.synth.scales import SCALES
from duanka.synth.write import write_world


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world")
    write_world(SCALES["tiny"], 2, defaults(), SCALES["tiny"].rings, out)
    return out


def transactions(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "records" / "transactions" / "*.parquet")


def test_the_manifest_says_what_made_the_world(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["transactions"] == transactions(folder).height
    assert manifest["seed"] == 2
    assert manifest["rings"] == SCALES["tiny"].rings
    assert "says nothing" in manifest["warning"]
    assert manifest["parameters"]["rings.adaptive"] == defaults()["rings.adaptive"]
    assert not (folder / "unfinished").exists()


def test_serials_come_once_and_rows_in_order(folder: Path) -> None:
    rows = transactions(folder)
    assert rows["external_id"].n_unique() == rows.height
    assert rows["time"].is_sorted()
    assert (rows["amount"] > 0).all()
    assert rows.filter(pl.col("payer").is_null() & pl.col("payee").is_null()).is_empty()


def test_everybody_named_in_the_rows_has_an_account(folder: Path) -> None:
    rows, accounts = transactions(folder), pl.read_parquet(folder / "records" / "accounts.parquet")
    named = pl.concat([rows["payer"], rows["payee"]]).drop_nulls().unique()
    assert named.is_in(accounts["account_id"].implode()).all()
    parties = pl.read_parquet(folder / "records" / "parties.parquet")
    assert accounts["party_id"].is_in(parties["party_id"].implode()).all()
    sessions = pl.read_parquet(folder / "records" / "sessions" / "*.parquet")
    assert sessions["account_id"].is_in(accounts["account_id"].implode()).all()
    devices = pl.read_parquet(folder / "records" / "devices.parquet")
    used = pl.concat([sessions["device"], sessions["mac"], rows["device"], rows["mac"]])
    assert used.filter(used != "").is_in(devices["device_id"].implode()).all()


def test_the_truth_fits_the_rows(folder: Path) -> None:
    rows, truth = transactions(folder), pl.read_parquet(folder / "truth" / "transactions" / "*.parquet")
    members = pl.read_parquet(folder / "truth" / "members.parquet")
    found = truth.join(rows, on="external_id", how="inner")
    assert found.height == truth.height > 0
    rings = pl.read_parquet(folder / "truth" / "rings.parquet")
    assert set(truth["ring_id"]) == set(rings["ring_id"]) == set(members["ring_id"])
    moved = found.filter(pl.col("status") == "success", pl.col("part") != "cover")
    sides = pl.concat([moved.select("ring_id", account_id="payer"), moved.select("ring_id", account_id="payee")])
    known = members.select("ring_id", "account_id").unique()
    strangers = sides.drop_nulls().unique().join(known, on=["ring_id", "account_id"], how="anti")
    assert strangers.height <= 0.1 * known.height  # shops and the like, in good faith
    reports = folder / "records" / "reports.parquet"
    if reports.exists():
        told = pl.read_parquet(reports)
        kept = told.join(
            rows, left_on=["victim_account", "receiver_account", "time", "amount"],
            right_on=["payer", "payee", "time", "amount"], how="semi",
        )  # fmt: skip
        assert kept.height >= 0.9 * told.height


def test_labels_list_every_account(folder: Path) -> None:
    labels = pl.read_csv(folder / "truth" / "labels.csv")
    accounts = pl.read_parquet(folder / "records" / "accounts.parquet")
    assert set(labels["account_id"]) == set(accounts["account_id"])
    assert set(labels["label"]) == {0, 1}
    innocent = labels.filter(pl.col("role").is_in(["victim", "bettor", "customer", "good_faith"]))
    assert (innocent["label"] == 0).all()


def test_label_noise_turns_as_many_each_way(tmp_path: Path, folder: Path) -> None:
    write_world(SCALES["tiny"], 2, settings(["rings.label_noise=0.3"]), SCALES["tiny"].rings, tmp_path / "noisy")
    clean, noisy = (pl.read_csv(f / "truth" / "labels.csv") for f in (folder, tmp_path / "noisy"))
    turned = (clean["label"] - noisy["label"]).to_numpy()
    assert (turned == 1).sum() > 0
    assert abs((turned == 1).sum() - (turned == -1).sum()) < 0.5 * (turned != 0).sum() + 5


def test_the_same_seed_writes_the_same_content(tmp_path: Path, folder: Path) -> None:
    again = write_world(SCALES["tiny"], 2, defaults(), SCALES["tiny"].rings, tmp_path / "again")
    first = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert again["content"] == first["content"]
    other = write_world(SCALES["tiny"], 3, defaults(), SCALES["tiny"].rings, tmp_path / "again")
    assert other["content"] != first["content"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SettingError, match="something else"):
        write_world(SCALES["tiny"], 2, defaults(), {}, tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"
    with pytest.raises(SettingError, match="--as"):
        write_world(SCALES["tiny"], 2, defaults(), {}, tmp_path / "new", style="papyrus")
