"""Worlds of Duanka's own generator, in three mixtures of rings: as usual, all plain, all adapting."""

from functools import partial
from pathlib import Path

import polars as pl

from detection.datasets import DataSet, Files, Truth
from duanka.synth.parameters import settings
from duanka.synth.scales import scale_named
from duanka.synth.write import write_world

MIXTURES = {"": (), "-plain": ("rings.adaptive=0",), "-adaptive": ("rings.adaptive=1",)}
"""By the end of the set's name: what is set. As usual, half of the rings adapt, each in one of five ways."""

SCALES = ("tiny", "demo", "case")
NAMES = tuple(scale + end for scale in SCALES for end in MIXTURES)

FORWARDED = 50
"""A ring's commission can be asked for if it handed on so many payments."""


def data_set(name: str, seed: int) -> DataSet:
    """`demo`, `demo-plain`, `demo-adaptive`, and so on."""
    scale, dash, end = name.partition("-")
    return DataSet(name, str(seed), partial(_write, scale, MIXTURES[dash + end], seed))


def _write(scale_name: str, chosen: tuple[str, ...], seed: int, folder: Path) -> Files:
    scale = scale_named(scale_name)
    write_world(scale, seed, settings(chosen), scale.rings, folder)
    return Files([folder / "records"], read_truth(folder / "truth"))


def read_truth(folder: Path) -> Truth:
    """Rings are made of the accounts that are labelled as mules; victims, bettors and sellers in good faith are not."""
    labels = pl.read_csv(folder / "labels.csv", infer_schema_length=0).with_columns(pl.col("label").cast(pl.Int8))
    members = labels.filter((pl.col("label") == 1) & (pl.col("ring_id").fill_null("") != ""))
    members = members.select("ring_id", "account_id", pl.col("tier").cast(pl.Int64), "role")
    handed_on = (
        pl.scan_parquet(folder / "transactions" / "*.parquet").filter(pl.col("part") == "forward")
        .group_by("ring_id").len().filter(pl.col("len") >= FORWARDED).collect()
    )  # fmt: skip
    kept = pl.read_parquet(folder / "kept.parquet").filter(pl.col("share") > 0)
    agreed = (
        kept.join(handed_on, on="ring_id", how="semi").select("ring_id", commission="share").unique().sort(pl.all())
    )
    return Truth(labels.select("account_id", "label"), members, pl.read_parquet(folder / "innocents.parquet"), agreed)
