"""Small evidence by hand: payments as (hour, payer, payee, amount in minor units)."""

import polars as pl

from detection.evidence import Evidence, local

START = 1_590_940_800 * 10**6
"""2020-06-01 00:00 in Beijing, µs."""
HOUR = 3_600 * 10**6


def evidence(*payments: tuple[float, int, int, int], nodes: int = 0) -> Evidence:
    size = nodes or 1 + max(max(payer, payee) for _, payer, payee, _ in payments)
    rows = pl.DataFrame(
        [(START + int(hour * HOUR), payer, payee, amount) for hour, payer, payee, amount in payments],
        schema={"time": pl.Int64, "payer": pl.Int32, "payee": pl.Int32, "amount": pl.Int64}, orient="row",
    )  # fmt: skip
    rows = local(rows.with_columns(zone=pl.lit("Asia/Shanghai"), dated=pl.lit(value=False)))
    return Evidence(pl.Series([f"a{node:03d}" for node in range(size)]), rows.sort("time", "payer", "payee", "amount"))
