"""Label files: what somebody knows of the truth, as CSV. `account_id,label[,ring_id][,tier][,role]` or `external_id,label`.

A bad line is an error that names file and line: a label that is left out unseen would change the figures.
"""

import csv
import io
from pathlib import Path

import polars as pl

from duanka.messages.told import Message, ToldError
from duanka.sources.encoding import read_text

_BLANKS = " \t\r\n\u3000\u00a0\ufeff"
_FIRST = 2
"""Line of the first row: the header stands in line 1."""

_OF_A_RING = ("ring_id", "tier", "role")


class LabelError(ToldError, ValueError):
    """Labels that can't be read or say nothing; the message says where, and what to do."""


def read_account_labels(path: Path) -> pl.DataFrame:
    """`account_id, label, ring_id, tier, role`, a row a membership; tier null = none (empty or negative), texts '' = none.

    Raises:
        LabelError: a column is missing, a line can't be read, or there is none.
    """
    frame = _read(path, "account_id")
    given = [name for name in _OF_A_RING if name in frame.columns]
    frame = frame.with_columns(pl.lit("").alias(name) for name in _OF_A_RING if name not in given)
    tier = pl.col("tier").cast(pl.Int64, strict=False)
    _refuse(path, frame, (pl.col("tier") != "") & tier.is_null(), "tier", Message("label.whole"))
    known = pl.when(tier >= 0).then(tier)
    return frame.select("account_id", "label", "ring_id", known.alias("tier"), "role")


def read_transaction_labels(path: Path) -> pl.DataFrame:
    """`external_id, label`; `external_id` is the serial that the source printed.

    Raises:
        LabelError: a column is missing, a line can't be read, or there is none.
    """
    return _read(path, "external_id").select("external_id", "label")


def _read(path: Path, subject: str) -> pl.DataFrame:
    """All columns as stripped text, `label` as Int8, with `line`; blank lines are left out."""
    frame = _table(path, read_text(path))
    columns = [name.strip(_BLANKS) for name in frame.columns]
    if not {subject, "label"} <= set(columns):
        raise LabelError("label.columns", path=path, subject=subject)
    frame = frame.rename(dict(zip(frame.columns, columns, strict=True)))
    frame = frame.select("line", *(name for name in (subject, "label", *_OF_A_RING) if name in columns))
    frame = frame.with_columns(pl.col(pl.String).str.strip_chars(_BLANKS).fill_null(""))
    frame = frame.filter(pl.any_horizontal(pl.col(pl.String) != ""))
    if frame.is_empty():
        raise LabelError("label.none", path=path)
    _refuse(path, frame, pl.col(subject) == "", subject, Message("label.filled"))
    _refuse(path, frame, ~pl.col("label").is_in(["0", "1"]), "label", Message("label.binary"))
    return frame.with_columns(pl.col("label").cast(pl.Int8))


def _table(path: Path, text: str) -> pl.DataFrame:
    try:
        return pl.read_csv(
            io.BytesIO(text.encode()), infer_schema=False, row_index_name="line", row_index_offset=_FIRST
        )
    except pl.exceptions.PolarsError as error:
        raise _unreadable(path, text) from error


def _unreadable(path: Path, text: str) -> LabelError:
    """What keeps a text from being a table."""
    reader = csv.reader(io.StringIO(text))
    header = next(reader, [])
    if not "".join(header).strip():
        return LabelError("label.no_header", path=path)
    for row in reader:
        if len(row) > len(header):
            return LabelError("label.fields", path=path, line=reader.line_num, fields=len(row), named=len(header))
    return LabelError("label.no_csv", path=path)


def _refuse(path: Path, frame: pl.DataFrame, bad: pl.Expr, column: str, what: Message) -> None:
    """Raise with the first row that is bad."""
    wrong = frame.filter(bad)
    if wrong.height:
        line, text = wrong.select("line", column).row(0)
        raise LabelError("label.value", path=path, line=line, column=column, what=what, text=repr(text))
