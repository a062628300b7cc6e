"""All signals of a case as of a moment: values, strengths among peers, and for what stands out the rows and the words."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from duanka.messages.catalogue import Language, say
from duanka.records.money import format_minor
from duanka.signals import cycles, inputs, peers, tables
from duanka.signals.definition import Signal
from duanka.signals.registry import SIGNALS
from duanka.signals.tables import Payments
from duanka.store.case import Case

_ROWS = 3
"""As many rows are shown behind a signal."""

LONG: dict[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.String, "code": pl.String, "value": pl.Float64, "strength": pl.Float64, "rows": pl.List(pl.String),
    "text_zh": pl.String, "text_en": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured. Every account with payments is in `wide` and `values`, sorted by account_id.

    `wide` holds strengths, one column a code: 0 where nothing stands out, null where the signal could not be computed.
    `values` holds what was measured, null where a signal does not apply. `long` is the table `signals`, `gaps` is
    `signal_gaps`.
    """

    wide: pl.DataFrame
    values: pl.DataFrame
    long: pl.DataFrame
    gaps: pl.DataFrame


def measured(case: Case, data: Payments, as_of: datetime | None = None) -> Measured:
    """Measure every signal on what was over by `as_of` (closed). Nothing later is looked at.

    O(rows log rows) in the database, for all signals together; Python sees only what stands out.
    """
    ledger, links, row_ids = tables.prepare(case, data, as_of)
    cycles.prepare(case, ledger, links, row_ids)
    peers.group(case)
    lacking = inputs.missing(case)
    accounts = _frame(case, "SELECT a, account_id, currency FROM acc ORDER BY account_id")
    wide = values = accounts.select("a", "account_id")
    told: list[pl.DataFrame] = []
    gaps: list[tuple[str, str]] = []
    for signal in SIGNALS:
        lacks = [name for name in signal.inputs if name in lacking]
        gaps += [(signal.code, name) for name in lacks]
        if lacks:
            none = pl.lit(None, pl.Float64).alias(signal.code)
            wide, values = wide.with_columns(none), values.with_columns(none)
            continue
        found = _of(pl.from_arrow(peers.strengths(case, signal.sql(signal.value))))
        wide = _beside(wide, found.select("a", pl.col("strength").alias(signal.code))).with_columns(
            pl.col(signal.code).fill_null(0.0)
        )
        values = _beside(values, found.select("a", pl.col("value").alias(signal.code)))
        told.append(_told(case, signal, found.filter(pl.col("strength") >= peers.FIRED), accounts))
    tables.drop(case)
    for name in ("peers", "fired", "turns"):
        case.db.run(f"drop {name}", f"DROP TABLE IF EXISTS temp.{name}")
    empty = pl.DataFrame(schema=LONG)
    return Measured(
        wide=wide.drop("a"),
        values=values.drop("a"),
        long=pl.concat([empty, *told]).sort("account_id", "strength", "code", descending=[False, True, False]),
        gaps=pl.DataFrame(gaps, {"code": pl.String, "missing": pl.String}, orient="row"),
    )


def _beside(frame: pl.DataFrame, column: pl.DataFrame) -> pl.DataFrame:
    return frame.join(column, on="a", how="left", maintain_order="left")


def _told(case: Case, signal: Signal, found: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """What stands out, with its rows and its words."""
    if found.is_empty():
        return pl.DataFrame(schema=LONG)
    named = _beside(found, accounts)
    rows = named.select("a", rows=pl.lit([], pl.List(pl.String)))
    if signal.rows:
        with case.db.lend("standing_out", named.select("a").to_arrow()):
            case.db.run("signal fired", "CREATE OR REPLACE TEMP TABLE fired AS SELECT a FROM standing_out")
        shown = _frame(case, f"""
            WITH own AS MATERIALIZED (SELECT s.* FROM sides s SEMI JOIN fired USING (a)),
            best AS (SELECT a, row_id, max(weight) AS weight FROM ({signal.sql(signal.rows)}) GROUP BY a, row_id),
            placed AS (
                SELECT *, row_number() OVER (PARTITION BY a ORDER BY weight DESC, row_id) AS place
                FROM best QUALIFY place <= {_ROWS})
            SELECT a, list(row_id ORDER BY place) AS rows FROM placed GROUP BY a
        """)  # fmt: skip
        rows = _beside(named.select("a"), shown)
    words = {
        f"text_{language}": pl.Series([_say(signal, one, language) for one in named.to_dicts()], dtype=pl.String)
        for language in ("zh", "en")
    }  # fmt: skip
    return named.select(
        "account_id", code=pl.lit(signal.code), value=pl.col("value").cast(pl.Float64), strength="strength",
        rows=rows["rows"].fill_null([]).cast(pl.List(pl.String)), **words,
    )  # fmt: skip


def _say(signal: Signal, numbers: dict[str, object], language: str) -> str:
    given = {one.name: one.sql.strip("()") for one in signal.parameters}
    given |= {name: _printed(name, value, str(numbers["currency"])) for name, value in numbers.items()}
    return say(f"signal.{signal.code}", _LANGUAGES[language], **given)


_LANGUAGES: dict[str, Language] = {"zh": "zh", "en": "en"}


def _printed(name: str, value: object, currency: str) -> str:
    if name.startswith("amount"):
        return f"{format_minor(int(float(str(value))), currency)} {currency}"
    if isinstance(value, float):
        return f"{100 * value:,.1f} %" if name.endswith("share") else f"{value:,.1f}".removesuffix(".0")
    return f"{value:,}" if isinstance(value, int) else str(value)


def _frame(case: Case, sql: str) -> pl.DataFrame:
    return _of(pl.from_arrow(case.db.arrow(sql)))


def _of(found: pl.DataFrame | pl.Series) -> pl.DataFrame:
    if not isinstance(found, pl.DataFrame):
        raise TypeError("a query gives a table")
    return found
