"""Made-up findings: tables as detection writes them, put into a case by hand."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from duanka.store.case import Case

MEMBERS = {
    "ring_id": pl.String, "account_id": pl.String, "tier": pl.Int32, "tier_confidence": pl.Float64,
    "role": pl.String, "role_confidence": pl.Float64,
}  # fmt: skip


def put_scores(
    case: Path, accounts: Mapping[str, float | None], rows: Mapping[str, float | None] | None = None
) -> None:
    """`account_risk`, and `transaction_risk` where scores of rows are given."""
    with Case(case) as opened:
        frame = pl.DataFrame({"account_id": list(accounts), "score": list(accounts.values())}, strict=False)
        frame = frame.with_columns(pl.col("score").cast(pl.Float64))
        opened.replace_table("account_risk", frame.with_columns(rank=pl.col("score").rank("ordinal")).to_arrow())
        if rows is not None:
            scored = pl.DataFrame({"row_id": list(rows), "score": list(rows.values())})
            opened.replace_table("transaction_risk", scored.to_arrow())


def put_members(case: Path, members: list[tuple[str, str, int | None, str | None]]) -> None:
    """`ring_members`, from (ring, account, tier, role)."""
    rows = [(ring, account, tier, None, role, None) for ring, account, tier, role in members]
    with Case(case) as opened:
        opened.replace_table("ring_members", pl.DataFrame(rows, schema=MEMBERS, orient="row").to_arrow())
