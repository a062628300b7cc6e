"""居民身份证 (resident ID card) numbers and the two documents that share their form: residence permits, 永居证.

What a number says by itself. Nothing here scores anybody by origin: region, sex and age are shown, never scored.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

from stdnum.iso7064 import mod_11_2

from duanka.identifiers.folding import fold, is_digits
from duanka.identifiers.region import Region, RegionState, province_name, region

ADULT_AT = 18
"""民法典 art. 17: a natural person of 18 or over is an adult."""

CENTENARIAN_SEQUENCES = frozenset({"996", "997", "998", "999"})
"""Sequence numbers that GB 11643-1989 kept for people over a hundred: their 15 digits mean 18xx."""

OLDEST = 130
"""Nobody on record has lived longer than 122 years; an older number is more likely misread."""

_CHINA = timezone(timedelta(hours=8))
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_OLD_FOREIGNER = re.compile(r"[A-Z]{3}[0-9]{12}")
_MASKED = re.compile(r"[0-9]{1,16}[*X•●＊]{2,}[0-9]{0,6}X?")
_PERMITS = {"810000": "hong_kong_permit", "820000": "macau_permit", "830000": "taiwan_permit"}
_PERMIT_WORDS = {"810000": "香港", "820000": "澳门", "830000": "台湾"}


class IdCardKind(StrEnum):
    """Which document a number belongs to."""

    RESIDENT = "resident"  # 居民身份证
    HONG_KONG_PERMIT = "hong_kong_permit"  # 港澳台居民居住证, 810000
    MACAU_PERMIT = "macau_permit"  # 港澳台居民居住证, 820000
    TAIWAN_PERMIT = "taiwan_permit"  # 港澳台居民居住证, 830000
    FOREIGNER = "foreigner"  # 外国人永久居留身份证, 18 digits from 2023-12-01
    FOREIGNER_OLD = "foreigner_old"  # 外国人永久居留身份证, three letters and 12 digits
    UNKNOWN = "unknown"


class Sex(StrEnum):
    """Sex as the sequence number says it: odd male, even female (GB 11643-1999)."""

    MALE = "male"
    FEMALE = "female"


class IdCardProblem(StrEnum):
    """What is wrong, or odd, about a number."""

    EMPTY = "empty"
    MASKED = "masked"
    LENGTH = "length"
    CHARACTERS = "characters"
    CHECKSUM = "checksum"
    BIRTH_IMPOSSIBLE = "birth_impossible"
    BIRTH_IN_FUTURE = "birth_in_future"
    BIRTH_TOO_EARLY = "birth_too_early"
    REGION_UNKNOWN = "region_unknown"
    REGION_ABOLISHED = "region_abolished"
    REGION_NOT_YET = "region_not_yet"


ODD_ONLY = frozenset(
    {
        IdCardProblem.BIRTH_TOO_EARLY,
        IdCardProblem.REGION_UNKNOWN,
        IdCardProblem.REGION_ABOLISHED,
        IdCardProblem.REGION_NOT_YET,
    }
)
"""Problems that leave a number valid: they rest on tables or likelihood, not on the standard's form."""


@dataclass(frozen=True, slots=True)
class IdCard:
    """What an ID number says. `number` is the normalised form (18 characters where that could be made)."""

    text: str
    number: str
    kind: IdCardKind
    valid: bool
    problems: tuple[IdCardProblem, ...]
    birth: date | None
    sex: Sex | None
    region: Region | None
    country: str | None  # ISO 3166-1 code of a foreigner's nationality, as digits or, on old cards, letters
    upgraded: bool  # was 15 digits

    def age_at(self, day: date) -> int | None:
        """Full years (周岁) on `day`, by the calendar; None if the birth date is unknown or after `day`.

        Criminal law counts from the day after the birthday (法释〔2006〕1号 art. 2); this does not.
        """
        if self.birth is None or self.birth > day:
            return None
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))

    def minor_at(self, day: date) -> bool | None:
        """Whether the holder was under 18 on `day` (民法典 art. 17); None if that can't be known."""
        age = self.age_at(day)
        return None if age is None else age < ADULT_AT


def check(text: str, *, today: date | None = None) -> IdCard:
    """Read an ID number of 15 or 18 characters, in whatever width and spacing it was typed. Never raises.

    Rules: GB 11643-1999 (form; birth date; parity = sex; check character by ISO 7064 MOD 11-2), GB 11643-1989 (15
    digits, no check character), 港澳台居民居住证申领发放办法 (国办发〔2018〕81号: 810000, 820000, 830000), rules of
    the 2023 永居证 of the National Immigration Administration (first digit 9, same check character).

    Args:
        text: the number as printed.
        today: day against which a birth date counts as future; by default today in China. Give the day of the case to
            make a run repeatable.
    """
    number = fold(text).upper()
    day = today or datetime.now(UTC).astimezone(_CHINA).date()
    if _OLD_FOREIGNER.fullmatch(number):
        # Its digits are not read: no primary source for their layout or check digit was at hand.
        return IdCard(text, number, IdCardKind.FOREIGNER_OLD, True, (), None, None, None, number[:3], False)  # noqa: FBT003
    upgraded = len(number) == 15 and is_digits(number)
    if upgraded:
        number = upgrade(number)
    problem = _form_problem(number)
    if problem:
        return IdCard(text, number, IdCardKind.UNKNOWN, False, (problem,), None, None, None, None, False)  # noqa: FBT003
    return _read(text, number, day, upgraded=upgraded)


def upgrade(number: str) -> str:
    """Make a 15-digit number (GB 11643-1989) one of 18: put in the century, append the check character.

    The century is 19, or 18 where the sequence number is one of those kept for centenarians.

    Raises:
        ValueError: `number` isn't 15 digits.
    """
    if len(number) != 15 or not is_digits(number):
        raise ValueError("a number to upgrade has 15 digits; check() takes any text")
    century = "18" if number[12:] in CENTENARIAN_SEQUENCES else "19"
    return with_check_character(number[:6] + century + number[6:])


def with_check_character(body: str) -> str:
    """`body` (17 digits) with its check character: ISO 7064 MOD 11-2, as GB 11643-1999 prescribes."""
    return body + str(mod_11_2.calc_check_digit(body))


def _form_problem(number: str) -> IdCardProblem | None:
    if not number:
        return IdCardProblem.EMPTY
    if _EIGHTEEN.fullmatch(number):
        return None
    if _MASKED.fullmatch(number):
        return IdCardProblem.MASKED
    return IdCardProblem.LENGTH if len(number) != 18 else IdCardProblem.CHARACTERS


def _read(text: str, number: str, today: date, *, upgraded: bool) -> IdCard:
    kind = _kind(number)
    birth = _birth(number)
    place, country = _place(number, kind, birth)
    problems = [
        *([] if mod_11_2.is_valid(number) else [IdCardProblem.CHECKSUM]),
        *_birth_problems(birth, today),
        *_place_problems(place),
    ]
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    valid = ODD_ONLY.issuperset(problems)
    return IdCard(text, number, kind, valid, tuple(problems), birth, sex, place, country, upgraded)


def _kind(number: str) -> IdCardKind:
    if number[:6] in _PERMITS:
        return IdCardKind(_PERMITS[number[:6]])
    if number[0] == "9":
        # 9, province of application, country: without such a province it is nobody's, and stays unknown
        return IdCardKind.FOREIGNER if province_name(number[1:3]) else IdCardKind.UNKNOWN
    return IdCardKind.RESIDENT if province_name(number) else IdCardKind.UNKNOWN


def _birth(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _place(number: str, kind: IdCardKind, birth: date | None) -> tuple[Region, str | None]:
    code = number[:6]
    if kind is IdCardKind.FOREIGNER:
        return Region(code, (province_name(number[1:3]) or "",), RegionState.UNDATED), number[3:6]
    if code in _PERMIT_WORDS:
        return Region(code, (_PERMIT_WORDS[code],), RegionState.UNDATED), None
    return region(code, year=birth.year if birth else None), None


def _birth_problems(birth: date | None, today: date) -> list[IdCardProblem]:
    if birth is None:
        return [IdCardProblem.BIRTH_IMPOSSIBLE]
    if birth > today:
        return [IdCardProblem.BIRTH_IN_FUTURE]
    return [IdCardProblem.BIRTH_TOO_EARLY] if today.year - birth.year > OLDEST else []


def _place_problems(place: Region) -> list[IdCardProblem]:
    found = {
        RegionState.UNKNOWN: IdCardProblem.REGION_UNKNOWN,
        RegionState.ABOLISHED: IdCardProblem.REGION_ABOLISHED,
        RegionState.NOT_YET: IdCardProblem.REGION_NOT_YET,
    }.get(place.state)
    return [found] if found else []
