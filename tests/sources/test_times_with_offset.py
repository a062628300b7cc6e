"""Times that carry their own UTC offset, as warehouses write them."""

from datetime import UTC, datetime

import polars as pl
import pytest

from duanka.sources import times


@pytest.mark.parametrize(
    ("printed", "second", "precision"),
    [
        ("2024-03-01T10:20:30+08:00", 30, "second"),
        ("2024-03-01 10:20:30+08:00", 30, "second"),
        ("2024-03-01T10:20:30+0800", 30, "second"),
        ("2024-03-01T02:20:30Z", 30, "second"),
        ("2024-03-01T10:20+08:00", 0, "minute"),
        ("2024-03-01T02:20Z", 0, "minute"),
    ],
)
def test_an_offset_wins_over_the_zone(printed: str, second: int, precision: str) -> None:
    parsed = times.parse(pl.Series([printed]), zone="America/New_York").row(0)
    assert parsed == (datetime(2024, 3, 1, 2, 20, second, tzinfo=UTC), precision, None)
