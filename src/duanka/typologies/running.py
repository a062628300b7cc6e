"""Typologies over all accounts at once, in the database: who is a hit, by which numbers, shown by which rows."""

import polars as pl

from duanka.store.database import Database, quoted
from duanka.store.detection import UsedTypology
from duanka.typologies.reading import Typology

_ROWS = 3
"""As many rows are shown behind a hit, the strongest signal's first."""

HITS: dict[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.String, "code": pl.String, "version": pl.String, "mode": pl.String, "strength": pl.Float64,
    "values": pl.List(pl.Struct({"name": pl.String, "value": pl.Float64})), "rows": pl.List(pl.String),
    "text_zh": pl.String, "text_en": pl.String,
}  # fmt: skip
"""The table `typology_hits`. `strength` is that of the strongest signal that the condition names."""


def hits(db: Database, typologies: tuple[Typology, ...], signals: pl.DataFrame) -> pl.DataFrame:
    """Every hit of every typology, as HITS, sorted by account and code.

    `signals` as the table of this name. An account without a row there is never a hit: a condition that is true of
    nothing but NULLs is not loaded. O(rows) a typology in the database; Python sees only the hits.
    """
    found = [pl.DataFrame(schema=HITS)]
    with db.lend("published", signals.to_arrow(compat_level=pl.CompatLevel.newest())):
        for typology in typologies:
            rows = pl.from_arrow(db.arrow(bulk(typology, "published")))
            assert isinstance(rows, pl.DataFrame)  # noqa: S101 - a query gives a table
            found.append(_told(typology, rows, signals))
    return pl.concat(found).sort("account_id", "code")


def counted(typologies: tuple[Typology, ...], hit: pl.DataFrame) -> tuple[UsedTypology, ...]:
    """What is noted of each typology with the findings; `hit` as `hits` gives it."""
    return tuple(
        UsedTypology(one.code, one.version, one.file.mode, hit.filter(pl.col("code") == one.code).height)
        for one in typologies
    )


def bulk(typology: Typology, table: str) -> str:
    """The query that gives `account_id` of the hits, and the strength and value of every signal that is named."""
    columns = ", ".join(
        f"max({part}) FILTER (code = '{code}') AS {quoted(name)}"
        for (code, part), name in zip(
            ((code, part) for code in typology.codes for part in ("strength", "value")), typology.names, strict=True
        )
    )
    codes = ", ".join(f"'{code}'" for code in typology.codes)
    return f"""
        WITH wide AS (SELECT account_id, {columns} FROM {quoted(table)} WHERE code IN ({codes}) GROUP BY account_id)
        SELECT * FROM wide WHERE {typology.when.sql}
    """


def _told(typology: Typology, found: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """Hits with their rows and their words."""
    behind = (
        signals.filter(pl.col("code").is_in(typology.codes))
        .sort("account_id", "strength", "code", descending=[False, True, False])
        .select("account_id", row="rows")
        .explode("row")
        .drop_nulls()
        .unique(maintain_order=True)
        .group_by("account_id")
        .agg(rows=pl.col("row").head(_ROWS))
    )
    joined = found.join(behind, on="account_id", how="left", maintain_order="left")
    numbers = joined.select(typology.names).to_dicts()
    return joined.select(
        "account_id", code=pl.lit(typology.code), version=pl.lit(typology.version), mode=pl.lit(typology.file.mode),
        strength=pl.max_horizontal(typology.codes).cast(pl.Float64),
        values=pl.Series([[{"name": n, "value": v} for n, v in row.items()] for row in numbers], dtype=HITS["values"]),
        rows=pl.col("rows").fill_null([]),
        text_zh=pl.Series([typology.says(row, "zh") for row in numbers], dtype=pl.String),
        text_en=pl.Series([typology.says(row, "en") for row in numbers], dtype=pl.String),
    )  # fmt: skip
