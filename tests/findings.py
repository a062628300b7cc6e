"""Made-up findings: tables as detection writes them, put into a case by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from duanka.scoring.accounts import PRIOR
from duanka.store.case import Case
from duanka.store.detection import Detection, UsedModel

MEMBERS = {
    "ring_id": pl.String, "account_id": pl.String, "tier": pl.Int32, "tier_confidence": pl.Float64,
    "role": pl.String, "role_confidence": pl.Float64,
}  # fmt: skip

DETECTION = Detection(
    version="0.1.0", detected_at=datetime(2025, 4, 1, 2, 3, 4, tzinfo=UTC), as_of=None, prior=PRIOR, learnt=True,
    model=None, payments=1_234, accounts=5, rings=2, members=6,
)  # fmt: skip
MODEL = UsedModel(
    name="mules.json", sha256="0123456789abcdef" * 4, accounts=4_321, positives=98, payments=56_789, first="2024-01-02",
    last="2024-06-07", unlabelled=False, calibration="isotonic", average_precision=0.4567,
)  # fmt: skip


def put_detection(case: Case, detection: Detection = DETECTION) -> None:
    """`detection`."""
    case.replace_table("detection", detection.frame().to_arrow(compat_level=pl.CompatLevel.newest()))


def put_scores(
    case: Path, accounts: Mapping[str, float | None], rows: Mapping[str, float | None] | None = None
) -> None:
    """`account_risk` and `detection`, and `transaction_risk` where scores of rows are given."""
    with Case(case) as opened:
        frame = pl.DataFrame({"account_id": list(accounts), "score": list(accounts.values())}, strict=False)
        frame = frame.with_columns(pl.col("score").cast(pl.Float64))
        opened.replace_table("account_risk", frame.with_columns(rank=pl.col("score").rank("ordinal")).to_arrow())
        put_detection(opened)
        if rows is not None:
            scored = pl.DataFrame({"row_id": list(rows), "score": list(rows.values())})
            opened.replace_table("transaction_risk", scored.to_arrow())


def put_members(case: Path, members: list[tuple[str, str, int | None, str | None]]) -> None:
    """`ring_members`, from (ring, account, tier, role)."""
    rows = [(ring, account, tier, None, role, None) for ring, account, tier, role in members]
    with Case(case) as opened:
        opened.replace_table("ring_members", pl.DataFrame(rows, schema=MEMBERS, orient="row").to_arrow())
