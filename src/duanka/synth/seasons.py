"""When people pay: hours of the day, days of the week, holidays."""

import numpy as np

from duanka.synth.chance import Ints
from duanka.synth.world import BEIJING, I32

_HOURS: dict[str, tuple[float, ...]] = {
    # 24 weights, 0:00 to 23:00, Beijing time
    "day": (1, 0.5, 0.3, 0.2, 0.3, 1, 3, 6, 8, 9, 9, 10, 11, 8, 8, 8, 9, 10, 11, 11, 10, 8, 5, 2.5),
    "evening": (5, 3, 1.5, 1, 0.6, 0.6, 1, 2, 3, 4, 5, 6, 7, 6, 6, 6, 7, 8, 10, 13, 15, 15, 13, 9),
    "office": (0, 0, 0, 0, 0, 0, 0.2, 1, 6, 12, 13, 10, 4, 6, 11, 12, 10, 6, 2, 1, 0.6, 0.3, 0.1, 0),
    "night": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 8, 9, 3),
    "market": (1, 1, 2, 5, 9, 11, 11, 9, 7, 6, 5, 5, 4, 3, 3, 3, 3, 3, 2, 1, 1, 1, 1, 1),
    "round": (5, 4, 3.5, 3, 3, 3, 3.5, 4, 4, 4.5, 5, 5, 5, 5, 5, 5, 5, 5.5, 6, 7, 8, 8.5, 8, 6.5),
}

_WEEKS: dict[str, tuple[float, ...]] = {
    "even": (1, 1, 1, 1, 1, 1, 1),
    "leisure": (0.9, 0.9, 0.9, 0.95, 1.1, 1.3, 1.25),
    "work": (1.2, 1.15, 1.15, 1.15, 1.2, 0.3, 0.15),
}

_SHARES = {name: np.cumsum(hours) / sum(hours) for name, hours in _HOURS.items()}

_HOLIDAYS = ((1, 1, 3), (5, 1, 5), (10, 1, 7))  # 元旦, 劳动节, 国庆: month, day, days
_SPRING = {2019: (2, 4), 2020: (1, 24), 2021: (2, 11), 2022: (1, 31), 2023: (1, 21), 2024: (2, 9), 2025: (1, 28)}
"""Eve of the Spring Festival (除夕)."""


def clock(chance: np.random.Generator, profile: str, size: int) -> Ints:
    """Seconds of the day by the profile's hours."""
    hours = np.searchsorted(_SHARES[profile], chance.random(size), side="right")
    return hours * 3600 + chance.integers(0, 3600, size)


def is_holiday(days: Ints | I32) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each day is a public holiday; the lunar ones only as far as `_SPRING` knows the year."""
    dates = np.asarray(days).astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    of_month = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    found = np.zeros(len(dates), dtype=np.bool_)
    for month, first, length in _HOLIDAYS:
        found |= (months == month) & (of_month >= first) & (of_month < first + length)
    for year, (month, first) in _SPRING.items():
        eve = np.datetime64(f"{year}-{month:02d}-{first:02d}")
        found |= (dates >= eve) & (dates < eve + 7)
    return found


def days_of(chance: np.random.Generator, days: Ints, week: str, size: int) -> Ints:
    """Days drawn from these by the week's shape; holidays count as Sundays, and are dearer in `leisure`."""
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    weight = np.array(_WEEKS[week])[np.where(is_holiday(days), 6, weekday)]
    return days[np.searchsorted(np.cumsum(weight) / weight.sum(), chance.random(size), side="right")]


def weekend(days: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Saturdays, Sundays and holidays."""
    return ((days + 3) % 7 >= 5) | is_holiday(days)


def at(days: Ints, seconds: Ints) -> Ints:
    """Moments (seconds UTC) of seconds in Beijing days."""
    return days * 86_400 + seconds - BEIJING


def day_of(time: Ints) -> Ints:
    """The Beijing day of each moment."""
    return (time + BEIJING) // 86_400


def of_month(days: Ints) -> Ints:
    """Day of the month, from 1."""
    dates = days.astype("datetime64[D]")
    found: Ints = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    return found


def months(days: Ints) -> Ints:
    """Months since 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
