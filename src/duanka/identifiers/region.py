"""Administrative divisions by code (GB/T 2260), dated. The table is python-stdnum's `cn/loc`, not our own.

The table was made from Chinese Wikipedia's lists of codes and covers 1980 on. It is good, and it isn't official: a code
that it lacks is a finding to look at, never a proof that a number is forged.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from stdnum import numdb

from duanka.identifiers.folding import is_digits

FIRST_NUMBERED = 1984
"""Year from which numbers were given out (居民身份证试行条例, 1984-04-06): older people got theirs at a later age."""


class RegionState(StrEnum):
    """Whether a region code could have been given to somebody born in a certain year."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"  # the code is younger than the birth: registered late, or the table is short
    ABOLISHED = "abolished"  # the code was gone before the number can have been given out
    UNKNOWN = "unknown"  # not in the table
    UNDATED = "undated"  # no year was asked for


@dataclass(frozen=True, slots=True)
class Region:
    """A division: `words` from province down, as named at the time asked for; empty where the table has nothing."""

    code: str
    words: tuple[str, ...]
    state: RegionState


_GROUPINGS = frozenset(
    {"市辖区", "县", "市", "省直辖县级行政单位"}
)  # rows of the table that group districts and name no place


@dataclass(frozen=True, slots=True)
class _Name:
    name: str
    start: int  # first year, inclusive; 0 = open
    end: int  # last year, inclusive; 9999 = open


def region(code: str, *, year: int | None = None) -> Region:
    """Look up a six-digit division code as it stood for a person born in `year` (GB/T 2260; stdnum `cn/loc`).

    A number is given out at registration, which is in the year of birth or later, and never before 1984. So an old code
    is fine for an old person although the table dates it after the birth. Unknown codes come back with the province, if
    that is known, and the state UNKNOWN.
    """
    province, names = _entry(code)
    if not province:
        return Region(code, (), RegionState.UNKNOWN)
    if not names:
        return Region(code, (province,), RegionState.UNKNOWN)
    if year is None:
        return Region(code, _words(code, names[-1], province, None), RegionState.UNDATED)
    given_out = max(year, FIRST_NUMBERED)
    now = [each for each in names if each.start <= given_out <= each.end]
    later = [each for each in names if each.start > given_out]
    if now:
        return Region(code, _words(code, now[0], province, given_out), RegionState.IN_FORCE)
    if later:
        return Region(code, _words(code, later[0], province, later[0].start), RegionState.NOT_YET)
    return Region(code, _words(code, names[-1], province, names[-1].end), RegionState.ABOLISHED)


def province_name(code: str) -> str | None:
    """Name of the province that `code` begins with (first two digits), or None if there is no such province."""
    return _entry(code[:2] + "0000")[0] or None


@lru_cache(maxsize=8192)
def _entry(code: str) -> tuple[str, tuple[_Name, ...]]:
    if len(code) != 6 or not is_digits(code):
        return "", ()
    properties: dict[str, str] = {}
    for _, found in numdb.get("cn/loc").info(code):
        properties.update(found)
    names = tuple(_parse(part) for part in properties.get("county", "").split(",") if part)
    return properties.get("province", ""), names


def _parse(text: str) -> _Name:
    """Read `[1983-2019]name`, `[-2010]name`, `[2020-]name` or `name`."""
    if not text.startswith("["):
        return _Name(text, 0, 9999)
    span, name = text[1:].split("]", 1)
    start, _, end = span.partition("-")
    return _Name(name, int(start or 0), int(end or 9999))


def _words(code: str, own: _Name, province: str, year: int | None) -> tuple[str, ...]:
    words = [province]
    if code[2:4] not in {"00", "90"} and code[4:] != "00":  # 90: counties directly under the province
        above = _entry(code[:4] + "00")[1]
        fitting = [each for each in above if year is None or each.start <= year <= each.end] or list(above)
        words += [each.name for each in fitting[-1:] if each.name not in _GROUPINGS]
    if own.name != words[-1]:
        words.append(own.name)
    return tuple(words)
