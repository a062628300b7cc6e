"""What a reader hands on: rows that became records, and rows that did not, each with its place."""

from dataclasses import dataclass, field

import polars as pl

from duanka.records.vocabulary import RecordKind

US_UTC = pl.Datetime("us", "UTC")

PAYER, PAYEE, BOTH, NOBODY = 1, 2, 3, 0
"""Values of `side`."""

ENTRY_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "source_row": pl.Int64,  # line of a text file, row of a sheet, ordinal of an XML entry; 1-based
    "side": pl.Int8,  # whose ledger the row stands in: 1 payer's, 2 payee's, 3 both (a whole book), 0 nobody's
    "payer": pl.String,
    "payee": pl.String,
    "own_alias": pl.String,
    "payer_name": pl.String,
    "payee_name": pl.String,
    "payer_idno": pl.String,
    "payee_idno": pl.String,
    "payer_bank": pl.String,
    "payee_bank": pl.String,
    "time": US_UTC,
    "zone": pl.String,
    "time_precision": pl.String,
    "amount": pl.Int64,
    "currency": pl.String,
    "amount_received": pl.Int64,
    "currency_received": pl.String,
    "balance_payer": pl.Int64,
    "balance_payee": pl.Int64,
    "external_id": pl.String,
    "kind": pl.String,
    "channel": pl.String,
    "status": pl.String,
    "memo": pl.String,
    "ip": pl.String,
    "mac": pl.String,
    "device": pl.String,
    "extra": pl.String,  # JSON of columns that the format does not know; empty where there are none
}
"""A statement row before accounts are resolved and rows are merged. Null accounts and balances mean 'not said'."""

REJECT_SCHEMA: dict[str, type[pl.DataType]] = {
    "source_row": pl.Int64,
    "code": pl.String,
    "detail": pl.String,
    "raw": pl.String,
}

LABEL_SCHEMA: dict[str, type[pl.DataType]] = {
    "source_row": pl.Int64,
    "subject": pl.String,  # transaction or account
    "subject_id": pl.String,  # account_id, or empty: the transaction of this row
    "name": pl.String,
    "value": pl.String,
}

PERIOD_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "account": pl.String,
    "from": US_UTC,
    "to": US_UTC,  # both ends closed
    "opening": pl.Int64,
    "closing": pl.Int64,
    "currency": pl.String,
}

RAW_LIMIT = 4_000
"""Characters of a rejected row's text that are kept; the whole row stays in the original."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a file, read. Every input row is in exactly one of `entries`, `records` and `rejects`.

    `records` holds the other kinds (account, party, sim, session …) as frames in the canonical columns of
    `records.schemas` plus `source_row`. `furniture` are lines that are no rows: preamble, header, totals.
    """

    entries: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ENTRY_SCHEMA))
    records: dict[RecordKind, pl.DataFrame] = field(default_factory=dict)
    rejects: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECT_SCHEMA))
    labels: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LABEL_SCHEMA))
    periods: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PERIOD_SCHEMA))
    furniture: tuple[tuple[int, str], ...] = ()
    warnings: tuple[str, ...] = ()

    def shifted(self, by: int) -> "Batch":
        """The same rows, numbered `by` higher: a later sheet of a workbook."""

        def up(frame: pl.DataFrame) -> pl.DataFrame:
            return frame.with_columns(pl.col("source_row") + by)

        return Batch(
            entries=up(self.entries),
            records={kind: up(frame) for kind, frame in self.records.items()},
            rejects=up(self.rejects),
            labels=up(self.labels),
            periods=self.periods,
            furniture=tuple((line + by, text) for line, text in self.furniture),
            warnings=self.warnings,
        )

    @property
    def rows(self) -> int:
        """Input rows accounted for by this batch."""
        return self.entries.height + self.rejects.height + sum(frame.height for frame in self.records.values())
