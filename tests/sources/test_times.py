"""Times as printed against `datetime`, and the cases of bad input by name."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from duanka.sources.times import join_clock, parse, patterns

SHANGHAI = ZoneInfo("Asia/Shanghai")
Read = tuple[datetime | None, str | None, str | None]


def read(text: str | None, *, zone: str = "Asia/Shanghai", given: tuple[str, ...] = ()) -> Read:
    moment, precision, code = parse(pl.Series([text], dtype=pl.String), zone=zone, given=given).row(0)
    return (None, None, code) if code else (moment, precision, None)


def at(*parts: int, precision: str = "second", zone: ZoneInfo = SHANGHAI) -> Read:
    local = datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]  # year, month, day and so on
    return local.astimezone(UTC), precision, None


def twin(text: str) -> Read:
    """Separators as written; a date's parts may lack a leading zero unless nothing separates them."""
    date = r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d{2})(\d{2}))"
    clock = r"(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?"
    found = re.fullmatch(date + clock, text)
    if not found:
        return None, None, "time_unreadable"
    year, _, m1, d1, m2, d2, hour, minute, second, fraction = found.groups()
    micro = int((fraction or "").ljust(6, "0")[:6])
    try:
        local = datetime(
            int(year), int(m1 or m2), int(d1 or d2), int(hour or 0), int(minute or 0), int(second or 0), micro, SHANGHAI
        )
    except ValueError:
        return None, None, "time_impossible"
    if not 1970 <= local.astimezone(UTC).year <= 2200:
        return None, None, "time_impossible"
    midnight = local == local.replace(hour=0, minute=0, second=0, microsecond=0)
    precision = "day" if hour is None or midnight else "minute" if second is None else "second"
    return local.astimezone(UTC), precision, None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-01-02 03:04:05", at(2023, 1, 2, 3, 4, 5)),
        ("20230102030405", at(2023, 1, 2, 3, 4, 5)),
        ("20230102 030405", at(2023, 1, 2, 3, 4, 5)),
        ("20230102 03:04:05", at(2023, 1, 2, 3, 4, 5)),
        ("2023/1/2 3:04", at(2023, 1, 2, 3, 4, precision="minute")),
        ("2023年1月2日 03时04分05秒", at(2023, 1, 2, 3, 4, 5)),
        ("2023.01.02", at(2023, 1, 2, precision="day")),
        ("20230102", at(2023, 1, 2, precision="day")),
        ("2023-01-02 00:00:00", at(2023, 1, 2, precision="day")),
        ("2023-01-02-03.04.05.000600", at(2023, 1, 2, 3, 4, 5, 600)),
        ("2023-01-02T03:04:05Z", at(2023, 1, 2, 3, 4, 5, zone=ZoneInfo("UTC"))),
        ("2023-01-02T03:04:05.250+09:00", at(2023, 1, 2, 3, 4, 5, 250_000, zone=ZoneInfo("Asia/Tokyo"))),
        ("2023-01-02T03:04:05+0900", at(2023, 1, 2, 3, 4, 5, zone=ZoneInfo("Asia/Tokyo"))),
        ("\u30002023-01-02 03:04:05\t", at(2023, 1, 2, 3, 4, 5)),
        ("2024-02-29", at(2024, 2, 29, precision="day")),
    ],
)
def test_readable(text: str, expected: Read) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2023-02-30", "time_impossible"),
        ("2023-02-29 10:00:00", "time_impossible"),
        ("2023-13-01", "time_impossible"),
        ("2023-00-10", "time_impossible"),
        ("20230230", "time_impossible"),
        ("2023-01-01 24:00:00", "time_impossible"),
        ("2023-01-01 23:59:60", "time_impossible"),
        ("20230101235960", "time_impossible"),
        ("1969-12-31", "time_impossible"),
        ("2023-01-01T23:59:60Z", "time_impossible"),
        ("2023年1月1日 23时59分60秒", "time_impossible"),
        ("2300-01-01", "time_impossible"),
        ("0001-01-01", "time_impossible"),
        ("9999-12-31 23:59:59", "time_impossible"),
        ("2023111", "time_impossible"),
        ("2023110112345", "time_impossible"),
        ("20230101 10203", "time_impossible"),
        ("1/2/2023", "time_impossible"),
        ("2023-01-01 10:00:00 PM", "time_impossible"),
        ("2023-01-01x", "time_impossible"),
        ("yesterday", "time_unreadable"),
        ("NaN", "time_unreadable"),
        ("-", "time_unreadable"),
        ("\ufffd", "time_unreadable"),
        ("#######", "time_unreadable"),
        ("12:30", "time_unreadable"),
        ("9" * 400, "time_impossible"),
        ("٢٠٢٣", "time_unreadable"),
        ("", "time_missing"),
        (" \t", "time_missing"),
        (None, "time_missing"),
    ],
)
def test_unreadable(text: str | None, code: str) -> None:
    assert read(text) == (None, None, code)


_PRINTED = st.builds(
    "{:04d}{s}{:02d}{s}{:02d}{}".format,
    st.integers(1960, 2210),
    st.integers(0, 13),
    st.integers(0, 32),
    st.one_of(
        st.just(""),
        st.builds(
            "{}{:02d}:{:02d}{}".format,
            st.sampled_from(" T"),
            st.sampled_from([0, 7, 23, 24]),
            st.sampled_from([0, 59, 60]),
            st.sampled_from(["", ":00", ":59", ":60", ":01.5", ":00.000001", ":60.5"]),
        ),
    ),
    s=st.sampled_from(["-", "/", ".", ""]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_PRINTED, min_size=20, max_size=60))
@example(["2023-01-01 10:00:00.60", "2023-01-01 10:59:60.5"])
def test_times_agree_with_datetime(texts: list[str]) -> None:
    rows = parse(pl.Series(texts)).rows()
    assert {text: (None, None, row[2]) if row[2] else row for text, row in zip(texts, rows, strict=True)} == {
        text: twin(text) for text in texts
    }


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(alphabet="0123456789-/:. T年月日Z+é\ufffd", max_size=25), max_size=40))
def test_any_text_gives_a_time_or_a_reason(texts: list[str]) -> None:
    found = parse(pl.Series(texts, dtype=pl.String))
    assert found.height == len(texts)
    assert (found["time"].is_null() == found["code"].is_not_null()).all()
    years = found["time"].drop_nulls().dt.year()
    assert years.is_between(1970, 2200).all()


@settings(max_examples=40, deadline=None)
@given(st.datetimes(datetime(1992, 1, 1), datetime(2199, 12, 30)), st.permutations(range(3)))  # noqa: DTZ001 - local times
def test_a_column_may_mix_prints(moment: datetime, places: list[int]) -> None:
    local = moment.replace(microsecond=0) + timedelta(seconds=1 if moment.strftime("%H%M%S") == "000000" else 0)
    prints = [f"{local:%Y-%m-%d %H:%M:%S}", f"{local:%Y%m%d%H%M%S}", f"{local:%Y/%m/%d %H:%M:%S}"]
    found = parse(pl.Series([prints[place] for place in places]))
    assert found["time"].to_list() == [local.replace(tzinfo=SHANGHAI).astimezone(UTC)] * 3


def test_a_local_time_that_was_skipped_is_impossible_and_one_had_twice_is_the_earlier() -> None:
    assert read("2024-03-31 01:30:00", zone="Europe/London") == (None, None, "time_impossible")
    london = datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert read("2024-10-27 01:30:00", zone="Europe/London") == (london, "second", None)


def test_given_patterns_are_the_only_ones() -> None:
    assert read("02/01/2023 03:04", given=("%d/%m/%Y %H:%M",)) == at(2023, 1, 2, 3, 4, precision="minute")
    assert read("2023-01-02", given=("%d/%m/%Y",)) == (None, None, "time_impossible")
    assert {precision.value for _, precision in patterns(())} == {"day", "minute", "second"}


def test_dates_and_clocks_join() -> None:
    dates = pl.Series(["20230102", "20230102", "20230102", "20230102", None])
    clocks = pl.Series(["030405", "93015", "", "-", "010203"])
    assert join_clock(dates, clocks).to_list() == ["20230102 030405", "20230102 093015", "20230102", "20230102", None]
