"""Phone numbers: Chinese mobiles by our dated table, every other number by phonenumbers; all to E.164 (ITU-T E.164)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType, shortnumberinfo

from duanka.identifiers.folding import fold
from duanka.identifiers.mobile_ranges import NumberRange, Operator, RangeUse, find_range
from duanka.identifiers.synthetic import is_synthetic_mobile
from duanka.records.vocabulary import SimKind

_CHINESE_MOBILE = re.compile(r"(?:\+86|0086|86)?0?(1[0-9]{10}|14[0-9]{11}|1064[0-9]{9})")
_SERVICE = re.compile(r"(?:10[0-9]{3,6}|106[0-9]{5,17}|1[12][0-9]{1,4}|9[56][0-9]{3,7})")
_MASKED = re.compile(r"\+?[0-9]{0,8}[*xX•●]{2,}[0-9]{0,8}")
_LEADING_MARKS = re.compile(r"^[='\"`´‘’“”]+|['\"`´‘’“”]+$")
_FIXED = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST})
_SIM_KINDS = {
    RangeUse.PHONE: SimKind.OPERATOR, RangeUse.SATELLITE: SimKind.OPERATOR, RangeUse.DATA: SimKind.OPERATOR,
    RangeUse.MVNO: SimKind.MVNO, RangeUse.IOT: SimKind.IOT,
}  # fmt: skip


class PhoneKind(StrEnum):
    """What kind of number it is."""

    MOBILE = "mobile"
    FIXED = "fixed"  # landline, 400, 800
    SERVICE = "service"  # 10086, 95588, 12345, 1069…: no E.164 form
    FOREIGN = "foreign"  # any valid number outside mainland China
    UNKNOWN = "unknown"


class PhoneProblem(StrEnum):
    """What is wrong, or odd, about a number."""

    EMPTY = "empty"
    MASKED = "masked"
    UNREADABLE = "unreadable"
    RANGE_UNKNOWN = "range_unknown"  # form of a mobile, in no range of the table: new, mistyped or forged
    SYNTHETIC = "synthetic"  # in a range that is nobody's


@dataclass(frozen=True, slots=True)
class Phone:
    """What a phone number says.

    `number` is E.164, or the bare digits of a service number, or None. `range` tells who first had the number: since
    2019-11-10 (携号转网) another operator may serve it.
    """

    text: str
    number: str | None
    kind: PhoneKind
    range: NumberRange | None
    problems: tuple[PhoneProblem, ...]

    @property
    def original_operator(self) -> Operator | None:
        """Operator to which the range was given; None if not a Chinese mobile or not certain."""
        return self.range.operator if self.range else None

    @property
    def sim_kind(self) -> SimKind:
        """Kind of the SIM as far as the range tells it."""
        return _SIM_KINDS[self.range.use] if self.range else SimKind.UNKNOWN


def check(text: str, *, region: str = "CN") -> Phone:
    """Read a phone number; `region` (ISO 3166-1 alpha-2) is where a number without + is at home. Never raises.

    Chinese mobiles are judged by `mobile_ranges` (MIIT), since phonenumbers lacks machine ranges; all else by
    phonenumbers (ITU-T E.164 and the national plans).
    """
    folded = _LEADING_MARKS.sub("", fold(text))
    bare = re.sub(r"[-()./]", "", folded)
    if not bare:
        return Phone(text, None, PhoneKind.UNKNOWN, None, (PhoneProblem.EMPTY,))
    if _MASKED.fullmatch(bare):
        return Phone(text, None, PhoneKind.UNKNOWN, None, (PhoneProblem.MASKED,))
    national = _CHINESE_MOBILE.fullmatch(bare) if region == "CN" or bare.startswith("+86") else None
    if national and not _is_sms_port(national[1]):
        return _mobile(text, national[1])
    if region == "CN" and _SERVICE.fullmatch(bare) and not bare.startswith("0"):
        return Phone(text, bare, PhoneKind.SERVICE, None, ())
    number, kind = _by_library(folded, region)
    return Phone(text, number, kind, None, () if number else (PhoneProblem.UNREADABLE,))


def normalise(text: str, *, region: str = "CN") -> str | None:
    """E.164 (`+86…`), the bare digits of a service number, or None. Idempotent."""
    return check(text, region=region).number


def _is_sms_port(national: str) -> bool:
    """106 but not 1064: SMS sender ports have any length, 11 and 13 included (电信网编号计划 2017, table of 106)."""
    return national.startswith("106") and not national.startswith("1064")


def _mobile(text: str, national: str) -> Phone:
    found = find_range(national)
    unknown = PhoneProblem.SYNTHETIC if is_synthetic_mobile(national) else PhoneProblem.RANGE_UNKNOWN
    return Phone(text, f"+86{national}", PhoneKind.MOBILE, found, () if found else (unknown,))


@lru_cache(maxsize=65536)
def _by_library(folded: str, region: str) -> tuple[str | None, PhoneKind]:
    try:
        number = phonenumbers.parse(folded, region)
    except phonenumbers.NumberParseException:
        return None, PhoneKind.UNKNOWN
    if not phonenumbers.is_valid_number(number):
        local = folded.removeprefix("+")
        if local == folded and shortnumberinfo.is_valid_short_number_for_region(number, region):
            return local, PhoneKind.SERVICE
        return None, PhoneKind.UNKNOWN
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.country_code != 86:
        return written, PhoneKind.FOREIGN
    kind = phonenumbers.number_type(number)
    if kind in _FIXED:
        return written, PhoneKind.FIXED
    return written, PhoneKind.MOBILE if kind == PhoneNumberType.MOBILE else PhoneKind.UNKNOWN
