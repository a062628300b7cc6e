"""Which rows become entries, which become rejects and why."""

import polars as pl

from duanka.records.vocabulary import RejectCode, Status
from duanka.sources.batch import BOTH, ENTRY_SCHEMA, NOBODY, PAYEE, PAYER, RAW_LIMIT, REJECT_SCHEMA
from duanka.sources.fields import Context
from duanka.sources.opened import Part
from duanka.sources.spec import TableFormat


def verdict(*, exact: bool) -> pl.Expr:
    """The reject code of a row, null if it is good. `exact`: the source prints what reached the payee."""
    nobody = pl.col("payer").is_null() & pl.col("payee").is_null()
    return (
        pl.when(pl.col("time_code").is_not_null())
        .then(pl.col("time_code"))
        .when(pl.col("amount_code").is_not_null())
        .then(pl.col("amount_code"))
        .when(pl.col("currency").is_null())
        .then(pl.lit(RejectCode.CURRENCY_UNKNOWN.value))
        .when(pl.col("received").is_null() if exact else pl.lit(value=False))
        .then(pl.lit(RejectCode.AMOUNT_UNREADABLE.value))
        .when(pl.col("direction").is_null())
        .then(pl.lit(RejectCode.DIRECTION_UNKNOWN.value))
        .when(nobody)
        .then(pl.lit(RejectCode.ACCOUNT_MISSING.value))
        .otherwise(None)
    )


def entries_of(good: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """The rows that nothing is wrong with, as `ENTRY_SCHEMA`."""
    side = {"full": pl.lit(BOTH), "message": pl.lit(NOBODY)}.get(
        spec.book,
        pl.when(pl.col("ledger") == "out").then(PAYER).when(pl.col("ledger") == "in").then(PAYEE).otherwise(NOBODY),
    )
    booked = pl.when(pl.col("reversed") & pl.col("status").is_in([Status.SUCCESS, Status.UNKNOWN]))
    made = {
        "side": side.cast(pl.Int8),
        "status": booked.then(pl.lit(Status.REVERSAL.value)).otherwise(pl.col("status")),
        "amount_received": pl.col("received"),
    }
    entries = good.select(made.get(name, pl.col(name)).alias(name) for name in ENTRY_SCHEMA)
    return entries.cast(ENTRY_SCHEMA)  # type: ignore[arg-type]  # polars takes a mapping


def rejects_of(bad: pl.DataFrame, part: Part, context: Context) -> pl.DataFrame:
    """The other rows, as `REJECT_SCHEMA`: why, the cells that it is about, and the row as printed."""
    if not bad.height:
        return pl.DataFrame(schema=REJECT_SCHEMA)
    columns = [name for name in part.frame.columns if name != "line" and not name.startswith("@")]
    raw = part.frame.join(bad.select(line="source_row"), on="line", how="semi")
    text = pl.concat_str([pl.col(name).fill_null("") for name in columns], separator=",").str.slice(0, RAW_LIMIT)
    raw = raw.select(source_row="line", raw=text)
    shown = {"time": ("time", "date", "clock"), "amount": ("amount", "amount_in", "amount_out", "amount_received"),
             "currency": ("currency",), "direction": ("direction",),
             "account": ("own", "other", "payer", "payee")}  # fmt: skip
    detail = pl.lit("")
    cells = part.frame.select(
        "line", *{context.columns[f] for fs in shown.values() for f in fs if f in context.columns}
    )
    for start, names in shown.items():
        present = [context.columns[name] for name in names if name in context.columns]
        words = (
            pl.concat_str([pl.lit(f"{name}=") + pl.col(name).fill_null("") for name in present], separator=" ")
            if present
            else pl.lit("")
        )
        detail = pl.when(pl.col("code").str.starts_with(start)).then(words).otherwise(detail)
    frame = bad.select("source_row", "code").join(cells, left_on="source_row", right_on="line", how="left")
    frame = frame.with_columns(detail=detail.str.slice(0, 300)).join(raw, on="source_row", how="left")
    return frame.select(*REJECT_SCHEMA).cast(REJECT_SCHEMA)  # type: ignore[arg-type]  # polars takes a mapping
