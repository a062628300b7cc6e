"""When a row happened, from the field or fields that say it."""

import polars as pl

from duanka.records.vocabulary import RejectCode
from duanka.sources import times
from duanka.sources.batch import US_UTC
from duanka.sources.fields import Fields
from duanka.sources.spec import TableFormat

_STEP_US = {"hour": 3_600_000_000, "day": 86_400_000_000}
_LAST_STEP = 10**6


def moments(fields: Fields, spec: TableFormat) -> pl.DataFrame:
    """`time`, `time_precision` and `code` (reject code or null) of every row."""
    if spec.step:
        return _steps(fields.text("time"), spec)
    text = fields.text("time")
    if not fields.has("time"):
        text = times.join_clock(fields.text("date"), fields.text("clock"))
    return times.parse(text, given=spec.time_format, zone=spec.zone, midnight_is_day=spec.midnight_is_day)


def _steps(text: pl.Series, spec: TableFormat) -> pl.DataFrame:
    """A whole number of hours or days since the format's epoch."""
    start = times.parse(pl.Series([spec.epoch]), zone=spec.zone, midnight_is_day=False)["time"].dt.epoch("us")[0]
    number = text.cast(pl.Int64, strict=False)
    number = number.set(((number < 0) | (number > _LAST_STEP)).fill_null(value=False), None)
    time = (number * _STEP_US[spec.step] + start).cast(US_UTC)
    frame = pl.DataFrame(
        {"text": text, "time": time, "time_precision": pl.Series([spec.step]).new_from_index(0, len(text))}
    )
    code = (
        pl.when(pl.col("text").is_null())
        .then(pl.lit(RejectCode.TIME_MISSING.value))
        .when(pl.col("time").is_null())
        .then(pl.lit(RejectCode.TIME_UNREADABLE.value))
    )
    return frame.select("time", "time_precision", code=code.cast(pl.String))
