"""The seam to Duanka's own detection: the verbs `detect` and `learn`, and the tables that they leave in the case."""

import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import polars as pl

from duanka.cli import run
from duanka.store.database import Database

WRONG_USE = 2
"""What the command line answers to a verb that it doesn't know."""


class MissingVerbError(RuntimeError):
    """This Duanka has no `detect`."""


@dataclass(frozen=True, slots=True)
class Found:
    """What detection says of a case."""

    scores: pl.DataFrame  # account_id, score
    members: pl.DataFrame  # ring_id, account_id, tier, role
    rates: pl.DataFrame  # ring_id, low, commission, high


def ours(case: Path) -> Found:
    """Detect in a case, and read what was found. MissingVerbError where the verb is not there."""
    spoken, sys.stdout = sys.stdout, StringIO()
    try:
        code = run(["detect", str(case), "--json"])
    finally:
        sys.stdout = spoken
    if code == WRONG_USE:
        raise MissingVerbError("`duanka detect` is not there yet")
    if code:
        raise RuntimeError(f"`duanka detect` failed with code {code}; its message is above")
    return read(case)


def ours_learnt(case: Path, labels: pl.DataFrame, model: Path) -> Found:
    """Learn from `labels` (account_id, label), detect with what was learnt, and read what was found."""
    given = model.with_suffix(".csv")
    labels.select("account_id", pl.col("label").cast(pl.Int8)).write_csv(given)
    spoken, sys.stdout = sys.stdout, StringIO()
    try:
        code = run(["learn", str(case), "--labels", str(given), "--model", str(model), "--json"])
        code = code or run(["detect", str(case), "--model", str(model), "--json"])
    finally:
        sys.stdout = spoken
    if code:
        raise RuntimeError(f"learning failed with code {code}; its message is above")
    return read(case)


def read(case: Path) -> Found:
    """The tables of the contract."""
    with Database(case / "case.duckdb", read_only=True) as db:
        scores = db.arrow("SELECT account_id, score::DOUBLE AS score FROM account_risk")
        members = db.arrow("SELECT ring_id, account_id, tier::BIGINT AS tier, role FROM ring_members")
        rates = db.arrow("""
            SELECT ring_id, commission_low::DOUBLE AS low, commission::DOUBLE AS commission,
                   commission_high::DOUBLE AS high
            FROM rings
        """)
    return Found(pl.DataFrame(scores), pl.DataFrame(members), pl.DataFrame(rates))
