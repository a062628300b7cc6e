"""Times as printed -> UTC microseconds with the precision that the print really had, in bulk."""

import re
from datetime import UTC, date, datetime, timedelta

import polars as pl

from duanka.records.vocabulary import RejectCode, TimePrecision

_DATES = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d")
_CLOCKS: tuple[tuple[str, TimePrecision], ...] = (
    (" %H:%M:%S", TimePrecision.SECOND),
    ("T%H:%M:%S", TimePrecision.SECOND),
    (" %H:%M", TimePrecision.MINUTE),
    (" %H:%M:%S%.f", TimePrecision.SECOND),
    ("T%H:%M:%S%.f", TimePrecision.SECOND),
    ("T%H:%M", TimePrecision.MINUTE),
    ("%H%M%S", TimePrecision.SECOND),
    (" %H%M%S", TimePrecision.SECOND),
    (" %H时%M分%S秒", TimePrecision.SECOND),
    ("%H:%M:%S", TimePrecision.SECOND),
    (" %H.%M.%S", TimePrecision.SECOND),
    ("-%H.%M.%S%.f", TimePrecision.SECOND),
)
_LEAP_SECOND = r":60|\.\d{1,2}\.60|分60|^\d{12}60$| \d{4}60$"
_WIDTHS = {"%Y%m%d": r"\d{8}", "%d%H%M%S": r"\d{8}", "%H%M%S": r"\d{6}", "%Y": r"\d{4}"} | dict.fromkeys(
    ("%m", "%d", "%H", "%M", "%S"), r"\d{1,2}"
)
_USUAL = "%Y-%m-%d %H:%M:%S"
_OFFSET = r"(?:Z|[+-]\d{2}:?\d{2})$"
_TO_MINUTE = r"T(\d{2}:\d{2})([+-])"
_SHAPE = r"^\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}|^\d{1,2}/\d{1,2}/\d{4}"
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_FIRST, _LAST = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC)


def patterns(given: tuple[str, ...]) -> list[tuple[str, TimePrecision]]:
    """Patterns for strptime, in the order in which they are tried, with the precision that each gives."""
    if given:
        return [(pattern, _precision_of(pattern)) for pattern in given]
    timed = [(date + clock, precision) for clock, precision in _CLOCKS for date in _DATES]
    return timed + [(date, TimePrecision.DAY) for date in _DATES]


def _precision_of(pattern: str) -> TimePrecision:
    if "%S" in pattern or "%T" in pattern:
        return TimePrecision.SECOND
    if "%M" in pattern:
        return TimePrecision.MINUTE
    return TimePrecision.HOUR if "%H" in pattern else TimePrecision.DAY


def join_clock(date: pl.Series, clock: pl.Series) -> pl.Series:
    """Date and time of day in one text; `93015` is read as `093015`, a blank clock leaves the date alone. O(n)."""
    frame = pl.DataFrame({"d": date.str.strip_chars(" \t"), "c": clock.str.strip_chars(" \t")})
    c = pl.col("c").fill_null("")
    c = pl.when(c.str.contains(r"^\d{5}$")).then(c.str.zfill(6)).otherwise(c)
    return frame.select(pl.when(c.is_in(["", "-", "--"])).then(pl.col("d")).otherwise(pl.col("d") + " " + c))["d"]


def parse(
    text: pl.Series, *, given: tuple[str, ...] = (), zone: str = "Asia/Shanghai", midnight_is_day: bool = True
) -> pl.DataFrame:
    """Columns `time` (UTC µs, null where unreadable), `time_precision`, `code` (reject code or null), one row a text.

    A text that carries its own UTC offset keeps it; all others are local times of `zone`. A local time that the
    zone skipped is impossible; one that it had twice is taken as the earlier. With `midnight_is_day`, 00:00:00
    means that only the day is known. O(n · patterns tried), each pattern seeing only what the ones before left over.
    """
    if given:
        return _carefully(text, given, zone, midnight_is_day=midnight_is_day)
    usual = _usual(text, zone, midnight_is_day=midnight_is_day)
    odd = usual["time"].is_null()
    if not odd.any():
        return usual
    rest = _carefully(text.filter(odd), given, zone, midnight_is_day=midnight_is_day)
    return usual.with_columns(column.scatter(odd.arg_true(), rest[column.name]) for column in usual)


def _usual(text: pl.Series, zone: str, *, midnight_is_day: bool) -> pl.DataFrame:
    """As `parse`, but only texts such as 2024-01-31 23:59:59 of a possible year are read; all others are null."""
    local = text.str.strptime(pl.Datetime("us"), _USUAL, strict=False, cache=False)  # times hardly ever repeat
    local = _checked(text, local, _USUAL)
    time = _utc(local, zone)
    frame = pl.DataFrame({"time": time, "local": local})
    possible = pl.col("time").is_between(pl.lit(_FIRST), pl.lit(_LAST), closed="left")
    frame = frame.select(pl.when(possible).then(pl.col("time")), pl.when(possible).then(pl.col("local")).alias("local"))
    return pl.DataFrame({
        "time": frame["time"],
        "time_precision": _shown(frame["local"], TimePrecision.SECOND, midnight_is_day=midnight_is_day),
        "code": pl.Series([None], dtype=pl.String).new_from_index(0, text.len()),
    })  # fmt: skip


def _utc(local: pl.Series, zone: str) -> pl.Series:
    """Local times of the zone in UTC: of two the earlier, of none null."""
    first, last = local.dt.date().min(), local.dt.date().max()
    if isinstance(first, date) and isinstance(last, date) and first.year >= _FIRST_YEAR and last.year <= _LAST_YEAR:
        days = pl.datetime_range(first, last + timedelta(days=1), "1d", time_unit="us", eager=True)
        shifts = (days - _utc_one_by_one(days, zone).dt.replace_time_zone(None)).unique()
        if len(shifts) == 1 and not shifts.null_count():  # the clocks were not changed: five times as quick
            shift: timedelta = shifts[0]
            return (local - shift).dt.replace_time_zone("UTC")
    return _utc_one_by_one(local, zone)


def _utc_one_by_one(local: pl.Series, zone: str) -> pl.Series:
    there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return there.dt.convert_time_zone("UTC")


def _carefully(text: pl.Series, given: tuple[str, ...], zone: str, *, midnight_is_day: bool) -> pl.DataFrame:
    clean = text.str.strip_chars(" \t\r\n\u3000\u00a0\"'")
    size = clean.len()
    time = pl.Series("time", [None], dtype=pl.Datetime("us", "UTC")).new_from_index(0, size)
    precision = pl.Series("p", [None], dtype=pl.String).new_from_index(0, size)
    todo = clean.is_not_null() & (clean != "")
    if size and clean.str.contains(_OFFSET).any():
        time, precision, todo = _with_offset(clean, time, precision, todo, midnight_is_day=midnight_is_day)
    for pattern, finest in patterns(given):
        if not todo.any():
            break
        whole = todo.all()
        part = clean if whole else clean.filter(todo)
        local = _checked(part, part.str.strptime(pl.Datetime("us"), pattern, strict=False), pattern)
        if local.null_count() == part.len():
            continue
        utc = _utc(local, zone)
        shown = _shown(local, finest, midnight_is_day=midnight_is_day)
        time = utc if whole else _fill(time, todo, utc)
        precision = shown if whole else _fill(precision, todo, shown)
        todo = clean.is_not_null() & (clean != "") & time.is_null()
    return _judge(clean, time, precision)


def _checked(text: pl.Series, local: pl.Series, pattern: str) -> pl.Series:
    """Without what `strptime` reads too freely: a second 60, and run-together digits that can be split in two ways."""
    suspects = (local.dt.second() == 0).arg_true()
    leaps = suspects.filter(text.gather(suspects).str.contains(_LEAP_SECOND))
    if len(leaps):
        local = local.scatter(leaps, None)
    if ("%Y%m%d" not in pattern and "%H%M%S" not in pattern) or local.null_count() == local.len():
        return local
    shape = re.escape(pattern).replace(r"%\.f", r"(?:\.\d+)?")
    for part, digits in _WIDTHS.items():
        shape = shape.replace(part, digits)
    return local.set(~text.str.contains(f"^{shape}$").fill_null(value=True), None)


def _fill(target: pl.Series, where: pl.Series, values: pl.Series) -> pl.Series:
    return target.scatter(where.arg_true(), values)


def _shown(local: pl.Series, finest: TimePrecision, *, midnight_is_day: bool) -> pl.Series:
    frame = local.to_frame("t")
    word = pl.lit(finest.value)
    if midnight_is_day and finest is not TimePrecision.DAY:
        midnight = pl.col("t") == pl.col("t").dt.truncate("1d")
        word = pl.when(midnight).then(pl.lit(TimePrecision.DAY.value)).otherwise(word)
    return frame.select(pl.when(pl.col("t").is_not_null()).then(word).otherwise(None).alias("p"))["p"].cast(pl.String)


def _with_offset(
    clean: pl.Series, time: pl.Series, precision: pl.Series, todo: pl.Series, *, midnight_is_day: bool
) -> tuple[pl.Series, pl.Series, pl.Series]:
    where = todo & clean.str.contains(r"\d[T ]\d{2}:\d{2}.*" + _OFFSET).fill_null(value=False)
    part = clean.filter(where).str.replace(r"(\d) (\d)", "${1}T${2}").str.replace("Z$", "+00:00")
    to_minute = part.str.contains(_TO_MINUTE)
    part = part.str.replace(_TO_MINUTE, "T${1}:00${2}")
    utc = part.str.strptime(pl.Datetime("us", "UTC"), "%Y-%m-%dT%H:%M:%S%.f%z", strict=False)
    utc = utc.set(part.str.contains(_LEAP_SECOND).fill_null(value=False), None)
    time = _fill(time, where, utc)
    local = part.str.head(19).str.strptime(pl.Datetime("us"), "%Y-%m-%dT%H:%M:%S", strict=False)
    shown = _shown(local, TimePrecision.SECOND, midnight_is_day=midnight_is_day)
    shown = shown.set(to_minute & (shown == TimePrecision.SECOND.value), TimePrecision.MINUTE.value)
    return time, _fill(precision, where, shown), todo & time.is_null()


def _judge(clean: pl.Series, time: pl.Series, precision: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame({"text": clean, "time": time, "time_precision": precision})
    year = pl.col("time").dt.year()
    bad_year = year.is_not_null() & ((year < _FIRST_YEAR) | (year > _LAST_YEAR))
    code = (
        pl.when(pl.col("text").is_null() | (pl.col("text") == ""))
        .then(pl.lit(RejectCode.TIME_MISSING.value))
        .when(bad_year)
        .then(pl.lit(RejectCode.TIME_IMPOSSIBLE.value))
        .when(pl.col("time").is_null() & pl.col("text").str.contains(_SHAPE))
        .then(pl.lit(RejectCode.TIME_IMPOSSIBLE.value))
        .when(pl.col("time").is_null())
        .then(pl.lit(RejectCode.TIME_UNREADABLE.value))
        .otherwise(None)
    )
    frame = frame.with_columns(code=code.cast(pl.String))
    return frame.select(
        pl.when(pl.col("code").is_null()).then(pl.col("time")).otherwise(None).alias("time"), "time_precision", "code"
    )
