"""What a source says of the truth, kept apart from what it says of payments."""

import polars as pl

from duanka.records.vocabulary import RecordKind
from duanka.sources.batch import LABEL_SCHEMA
from duanka.sources.fields import Context, Fields
from duanka.sources.opened import Part
from duanka.sources.sides import prefixed
from duanka.sources.spec import TableFormat

_BLANKS = " \t\r\n\u3000\u00a0\ufeff"


def labels_of(part: Part, spec: TableFormat, context: Context, rows: pl.Series, fields: Fields) -> pl.DataFrame:
    """What the source says of the truth, for the rows that became records: one label row per label and row."""
    frames = []
    for name, column in context.labels.items():
        frame = pl.DataFrame({
            "source_row": part.frame["line"],
            "subject": pl.Series([spec.label_subject]).new_from_index(0, fields.height),
            "subject_id": _label_subject(fields, spec),
            "name": pl.Series([name]).new_from_index(0, fields.height),
            "value": part.frame[column].str.strip_chars(_BLANKS).fill_null(""),
        })  # fmt: skip
        frames.append(frame if rows.len() == frame.height else frame.filter(pl.col("source_row").is_in(rows.implode())))
    return pl.concat(frames) if frames else pl.DataFrame(schema=LABEL_SCHEMA)


def _label_subject(fields: Fields, spec: TableFormat) -> pl.Series:
    if spec.label_subject == "transaction":
        return pl.Series("subject_id", [""]).new_from_index(0, fields.height)
    own = fields.account("own" if spec.record is RecordKind.TRANSACTION else "account_id")
    return prefixed(own, spec.own_prefix).alias("subject_id")
