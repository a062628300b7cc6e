"""A data set: files that `duanka import` reads, and the truth beside them, which no method sees but for its labels."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from detection.evidence import account_ids
from duanka.store.database import Database

SPLIT_SEED = 17
FEW = 0.01
"""Share of all accounts whose label the learner with few labels knows."""

_MEMBERS = {"ring_id": pl.String, "account_id": pl.String, "tier": pl.Int64, "role": pl.String}
_INNOCENTS = {"account_id": pl.String, "kind": pl.String}
_AGREED = {"ring_id": pl.String, "commission": pl.Float64}


@dataclass(frozen=True, slots=True)
class Truth:
    """What nobody hands over. Accounts may go by any alias."""

    labels: pl.DataFrame  # account_id, label (0 or 1); accounts not listed are left out
    members: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_MEMBERS))
    innocents: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_INNOCENTS))
    agreed: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_AGREED))


@dataclass(frozen=True, slots=True)
class Files:
    """Written, and ready to be imported."""

    paths: list[Path]
    truth: Truth
    mapping: Path | None = None


@dataclass(frozen=True, slots=True)
class DataSet:
    """One run of the benchmark; runs of one name are averaged."""

    name: str
    run: str  # the seed, or nothing
    write: Callable[[Path], Files]  # into an empty folder
    accounts_are_labelled: bool = True  # else only rings can be held against the truth


def import_files(files: Files, case: Path) -> None:
    """Import into a new case, in a process of its own. RuntimeError if a row is lost."""
    command = [sys.executable, "-m", "duanka", "import", *map(str, files.paths), "--case", str(case), "--json"]
    command += ["--mapping", str(files.mapping)] if files.mapping else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"import failed with code {done.returncode}: {done.stdout[-500:]}")


def place(truth: Truth, case: Path) -> Truth:
    """The truth by the case's own account ids; accounts that moved no money are left out, as nobody can find them."""
    moved = pl.DataFrame({"account_id": account_ids(case)})
    with Database(case / "case.duckdb", read_only=True) as db:
        aliases = pl.DataFrame(db.arrow("SELECT alias, account_id AS named FROM aliases"))
    aliases = aliases.unique("alias", keep="first", maintain_order=True)

    def named(frame: pl.DataFrame) -> pl.DataFrame:
        known = frame.join(aliases, left_on="account_id", right_on="alias", how="left", maintain_order="left")
        known = known.with_columns(account_id=pl.coalesce("named", "account_id")).drop("named")
        return known.join(moved, on="account_id", how="semi", maintain_order="left")

    return Truth(named(truth.labels), named(truth.members), named(truth.innocents), truth.agreed)


def split(labels: pl.DataFrame) -> pl.DataFrame:
    """One row an account, sorted: account_id, label, and whether learners know it (half of them, or FEW of all)."""
    accounts = labels.group_by("account_id").agg((pl.col("label").max() == 1).alias("label")).sort("account_id")
    drawn = pl.Series(np.random.default_rng(SPLIT_SEED).random(accounts.height))
    return accounts.with_columns(learns=drawn < 0.5, learns_few=drawn < FEW)
