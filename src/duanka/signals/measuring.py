"""All signals of a case as of a moment: values, strengths among peers, and for what stands out the rows and the words."""

import re
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from duanka.messages.catalogue import fields, languages, say_each
from duanka.records.money import format_minor
from duanka.signals import inputs, peers, tables
from duanka.signals.definition import Signal
from duanka.signals.registry import SIGNALS
from duanka.signals.tables import Payments, Prepared
from duanka.store.case import Case

_ROWS = 3
"""As many rows are shown behind a signal."""

LONG: dict[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.String, "code": pl.String, "value": pl.Float64, "strength": pl.Float64, "rows": pl.List(pl.String),
    "text_zh": pl.String, "text_en": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured. Every account with payments is in `wide` and `values`, if asked for, sorted by account_id.

    `wide` holds strengths, one column a code: 0 where nothing stands out, null where the signal could not be computed.
    `values` holds what was measured, null where a signal does not apply. `long` is the table `signals`, `gaps` is
    `signal_gaps`.
    """

    wide: pl.DataFrame
    values: pl.DataFrame
    long: pl.DataFrame
    gaps: pl.DataFrame


def measured(case: Case, data: Payments, as_of: datetime | None = None, *, whole: bool = False) -> Measured:
    """Measure every signal on what was over by `as_of` (closed). Nothing later is looked at.

    Without `whole`, what does not stand out is forgotten: `wide` and `values` are empty.
    O(rows log rows) in the database, for all signals together; Python sees only what stands out.
    """
    with tables.prepared(case, data, as_of) as payments:
        return _measured(case, payments, whole=whole)


def _measured(case: Case, payments: Prepared, *, whole: bool) -> Measured:
    """Every signal in turn, once the tables are made."""
    lacking, grouped = inputs.missing(case), peers.group(case)
    accounts = _frame(case, "SELECT a, account_id, currency FROM acc ORDER BY a")  # in the order of account_id, too
    names = {"account_id": accounts["account_id"]} if whole else {}
    wide, values = dict(names), dict(names)
    told = [pl.DataFrame(schema=LONG | {"a": pl.Int32})]
    gaps: list[tuple[str, str]] = []
    for signal in SIGNALS:
        lacks = [name for name in signal.inputs if name in lacking]
        gaps += [(signal.code, name) for name in lacks]
        if lacks:
            if whole:
                none = pl.repeat(None, accounts.height, dtype=pl.Float64, eager=True)
                wide[signal.code], values[signal.code] = none, none
            continue
        found = peers.strengths(case, signal.sql(signal.value), grouped)
        if whole:
            wide[signal.code] = _spread(found, "strength", accounts.height).fill_null(0.0)
            values[signal.code] = _spread(found, "value", accounts.height)
        out = found.filter(pl.col("strength") >= peers.FIRED).sort("a")
        if not out.is_empty():
            named = pl.concat([out, accounts[out["a"]].drop("a")], how="horizontal")
            told.append(_told(case, signal, named, payments))
    return Measured(
        wide=pl.DataFrame(wide),
        values=pl.DataFrame(values),
        long=pl.concat(told).sort("a", "strength", "code", descending=[False, True, False]).drop("a"),
        gaps=pl.DataFrame(gaps, {"code": pl.String, "missing": pl.String}, orient="row"),
    )


def _spread(found: pl.DataFrame, name: str, accounts: int) -> pl.Series:
    """A column by the numbers of accounts, null where there is none."""
    column = np.full(accounts, np.nan)
    column[found["a"].to_numpy()] = found[name].to_numpy()
    return pl.Series(column, nan_to_null=True)


def _told(case: Case, signal: Signal, found: pl.DataFrame, payments: Prepared) -> pl.DataFrame:
    """What stands out, with its rows and its words."""
    shown = found.select("a").join(
        _shown(case, signal, found["a"], payments), on="a", how="left", maintain_order="left"
    )
    return found.select(
        "account_id", code=pl.lit(signal.code), value=pl.col("value").cast(pl.Float64), strength="strength",
        rows=shown["rows"].fill_null([]), **_words(signal, found), a="a",
    ).select(*LONG, "a")  # fmt: skip


def _shown(case: Case, signal: Signal, accounts: pl.Series, payments: Prepared) -> pl.DataFrame:
    """`a, rows`: the heaviest rows behind a signal of some accounts, of equal ones the first by id."""
    if not signal.rows:
        return pl.DataFrame(schema={"a": pl.Int32, "rows": pl.List(pl.String)})
    query = signal.sql(signal.rows)
    with case.db.lend("own", payments.sides.of(accounts.to_numpy(), frozenset(re.findall(r"\w+", query)))):
        best = _frame(case, f"""
            SELECT a, seq, weight FROM (SELECT a, seq, max(weight) AS weight FROM ({query}) GROUP BY a, seq)
            QUALIFY rank() OVER (PARTITION BY a ORDER BY weight DESC) <= {_ROWS}
        """)  # fmt: skip
    best = best.with_columns(row_id=pl.Series(payments.row_ids.take(best["seq"].to_arrow()), dtype=pl.String))
    best = best.sort("a", "weight", "row_id", descending=[False, True, False])
    return best.group_by("a", maintain_order=True).agg(rows=pl.col("row_id").head(_ROWS))


def _words(signal: Signal, found: pl.DataFrame) -> dict[str, pl.Series]:
    """Of each row its words in each language."""
    key, count = f"signal.{signal.code}", found.height
    given = {one.name: [one.sql.strip("()")] * count for one in signal.parameters}
    currency = found["currency"].to_list()
    for name in found.columns:
        if name in fields(key):
            given[name] = [_printed(name, *one) for one in zip(found[name].to_list(), currency, strict=True)]
    return {f"text_{one}": pl.Series(say_each(key, one, count, given), dtype=pl.String) for one in languages}


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
