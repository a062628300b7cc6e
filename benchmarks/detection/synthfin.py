"""The public generator `synthfin-aml` 9.2.0 (MIT): 100,000 accounts over 30 days.

It is no dependency of Duanka. Install it where it disturbs nothing, and say which Python has it:

    python -m venv synthfin && synthfin/bin/pip install --no-deps synthfin-aml==9.2.0
    synthfin/bin/pip install numpy pandas pyarrow numba
    python benchmarks/detection/run.py --sets synthfin --synthfin-python synthfin/bin/python

Its own profiles of accounts, its starting balances and its serials are left out: they are settings, not evidence.
"""

import os
import subprocess
from functools import partial
from pathlib import Path

import polars as pl

from detection.datasets import DataSet, Files, Truth

SEED = 42
MAPPING = """\
name: synthfin
book: full
columns: {time: paid_at, payer: from_account, payee: to_account, amount: cents}
unit: minor
ids: printed
zone: UTC
midnight_is_day: false
currency: USD
status: {"*": success}
"""


def data_set(seed: int, python: str) -> DataSet:
    """One seed of the generator, run by the interpreter that has it."""
    return DataSet("synthfin", str(seed), partial(_write, seed, python))


def _write(seed: int, python: str, folder: Path) -> Files:
    raw, paid = folder / "raw.parquet", folder / "payments.parquet"
    script = Path(__file__).with_name("synthfin_payments.py")
    done = subprocess.run(
        [python, str(script), str(seed), str(raw)], capture_output=True, text=True, check=False, env=_environment()
    )
    if done.returncode:
        raise RuntimeError(f"synthfin-aml could not be run: {(done.stderr.strip() or 'no message').splitlines()[-1]}")
    rows = pl.read_parquet(raw)
    raw.unlink()
    paid_rows = rows.select(
        paid_at=pl.col("timestamp").dt.cast_time_unit("us"), from_account=pl.col("source_id").cast(pl.String),
        to_account=pl.col("target_id").cast(pl.String), cents=(pl.col("amount") * 100).round().cast(pl.Int64),
    )  # fmt: skip
    paid_rows.sort(pl.all()).write_parquet(paid)
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return Files([paid], Truth(labels(rows)), folder / "mapping.yaml")


def labels(rows: pl.DataFrame) -> pl.DataFrame:
    """An account is labelled if it paid or received a fraudulent transfer: account_id, label."""
    touched = pl.concat(
        [
            rows.select(account_id=pl.col(side).cast(pl.String), label=pl.col("is_fraud").cast(pl.Int8))
            for side in ("source_id", "target_id")
        ]
    )
    return touched.group_by("account_id").agg(pl.col("label").max()).sort("account_id")


def _environment() -> dict[str, str]:
    """The generator takes its first day from the local clock; the path to our modules is not its own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return kept | {"TZ": "UTC"}
