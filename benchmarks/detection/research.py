"""Data sets of others that the user has: the sample of IBM's AMLSim, and the laundering attempts of IBM's AMLworld."""

from functools import partial
from pathlib import Path

import polars as pl

from detection.datasets import DataSet, Files, Truth

SMALL = 100.0
"""Two thirds of the sample's fraud nodes give themselves away by one amount below this: it is also run without them."""

_PAYMENT, _BEGIN = 11, "BEGIN LAUNDERING ATTEMPT"


def amlsim(folder: Path, *, hide_small: bool) -> DataSet:
    """The folder of the sample holds transactions.csv and nodes.csv; starting balances are no evidence and not read."""
    name = "amlsim-hidden" if hide_small else "amlsim"
    return DataSet(name, "", partial(_write_amlsim, folder, hide_small))


def _write_amlsim(source: Path, hide_small: bool, folder: Path) -> Files:  # noqa: FBT001 - bound by partial
    rows = pl.read_csv(source / "transactions.csv", infer_schema_length=0)
    if hide_small:
        rows = rows.filter(pl.col("value").cast(pl.Float64) >= SMALL)
    rows.write_csv(folder / "transactions.csv")
    nodes = pl.read_csv(source / "nodes.csv", infer_schema_length=0)
    labels = nodes.select(account_id="nodeid", label=pl.col("isFraud").cast(pl.Int8))
    return Files([folder / "transactions.csv"], Truth(labels))


def amlworld(path: Path) -> DataSet:
    """The pattern file: each attempt is a ring. It holds no innocent payment, so that accounts can't be ranked."""
    return DataSet("amlworld-attempts", "", partial(_write_amlworld, path), accounts_are_labelled=False)


def _write_amlworld(path: Path, _folder: Path) -> Files:
    members, attempt = [], 0
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = line.split(",")
        attempt += line.startswith(_BEGIN)
        if len(cells) == _PAYMENT:
            members += [(f"A{attempt}", f"{bank}:{account}") for bank, account in (cells[1:3], cells[3:5])]
    rings = pl.DataFrame(members, schema=["ring_id", "account_id"], orient="row").unique(maintain_order=True)
    labels = rings.select("account_id", label=pl.lit(1, dtype=pl.Int8)).unique(maintain_order=True)
    rings = rings.with_columns(tier=pl.lit(None, dtype=pl.Int64), role=pl.lit(""))
    return Files([path], Truth(labels, rings))
