"""The fields of a part by name, wherever its format says they stand: columns, constants, finds above the header."""

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from duanka.identifiers.bank_card import normalise_account_expr
from duanka.sources import amounts
from duanka.sources.opened import Part
from duanka.sources.spec import TableFormat

_PLAIN_NUMBER = "^(?:" + "|".join(f"{d}{{1,5}}[{'0123456789'.replace(d, '')}]" for d in "123456789") + ")[0-9]*$"
"""Digits of which the first is no zero and the first six are not all the same."""

_SHORTEST, _LONGEST = 9, 32


@dataclass(frozen=True, slots=True)
class Context:
    """What the whole file says for every row: constants, preamble and file-name finds, columns of its header."""

    fixed: dict[str, str]
    columns: dict[str, str]  # field -> name of the column in the part
    unknown: tuple[str, ...]  # header names that the format does not know
    own_account: str  # where no column says whose ledger it is
    labels: dict[str, str] = field(default_factory=dict)  # label -> name of the column in the part
    ids: Literal["number", "printed"] = "number"


class Fields:
    """Access to the fields of a part; each column is trimmed once."""

    def __init__(self, part: Part, context: Context) -> None:
        self.frame, self.context = part.frame, context
        self.height = part.frame.height
        self._is_trimmed = part.trimmed
        self._trimmed = self._trim(self._filled(dict.fromkeys(context.columns.values())))

    def _trim(self, names: list[str]) -> pl.DataFrame:
        """Columns without blanks around their texts; blank texts are null."""
        return self.frame.select(
            pl.col(name) if name in self._is_trimmed else pl.col(name).str.strip_chars().replace("", None)
            for name in names
        )

    def _filled(self, names: dict[str, None]) -> list[str]:
        """Those of the columns that hold anything."""
        return [name for name in names if self.frame[name].null_count() < self.height]

    def has(self, field: str) -> bool:
        """Whether the format, or this file, gives the field at all."""
        return field in self.context.columns or field in self.context.fixed

    def constant(self, field: str, value: str | None) -> pl.Series:
        """The same text in every row."""
        return pl.Series(field, [value], dtype=pl.String).new_from_index(0, self.height)

    def text(self, field: str) -> pl.Series:
        """The field, trimmed; blank is null."""
        column = self.context.columns.get(field)
        if column is None:
            return self.constant(field, self.context.fixed.get(field))
        return self._trimmed[column].alias(field) if column in self._trimmed.columns else self.constant(field, None)

    def words(self, field: str) -> pl.Series:
        """The field, trimmed; blank is empty."""
        text = self.text(field)
        return text.fill_null("") if text.null_count() < self.height else self.constant(field, "")

    def account(self, field: str) -> pl.Series:
        """The field as an account number."""
        text = self.text(field)
        if self.context.ids == "printed":
            return text
        # nearly all numbers are plain; only the others are worth the patterns
        odd = ~(text.str.contains(_PLAIN_NUMBER) & text.str.len_bytes().is_between(_SHORTEST, _LONGEST))
        if not odd.any():
            return text
        return text.scatter(
            odd.arg_true(), text.filter(odd).to_frame().select(normalise_account_expr(pl.col(field)))[field]
        )

    def minor(self, field: str, exponents: pl.Series) -> pl.Series:
        """The field in minor units; unreadable is null: a balance is evidence, not a condition."""
        if not self.has(field):
            return pl.Series(field, [None], dtype=pl.Int64).new_from_index(0, self.height)
        return amounts.minor_units(self.text(field), exponents)[0].alias(field)

    def memo(self) -> pl.Series:
        """All remarks of a row in one text."""
        parts = [self.text(name) for name in ("memo", "memo_2", "memo_3", "memo_4") if self.has(name)]
        parts = [part for part in parts if part.null_count() < self.height]
        if len(parts) <= 1:
            return parts[0].fill_null("").alias("memo") if parts else self.constant("memo", "")
        frame = pl.DataFrame({str(i): part for i, part in enumerate(parts)})
        return frame.select(memo=pl.concat_str(pl.all(), separator=" | ", ignore_nulls=True).fill_null(""))["memo"]

    def extra(self) -> pl.Series:
        """Columns that the format does not know, as JSON; empty where all of them are blank."""
        trimmed = self._trim(self._filled(dict.fromkeys(self.context.unknown)))
        filled = [column for column in trimmed if column.null_count() < self.height]
        if not filled:
            return self.constant("extra", "")
        return pl.DataFrame(filled).select(extra=pl.struct(pl.all()).struct.json_encode())["extra"]


def exponents_of(currency: pl.Series, spec: TableFormat) -> pl.Series:
    """Decimals of each row. A format in 分 prints minor units already, whatever the currency's decimals."""
    if spec.unit == "minor":
        return pl.Series([0], dtype=pl.Int64).new_from_index(0, currency.len())
    return amounts.exponents_of(currency)
