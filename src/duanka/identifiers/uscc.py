"""统一社会信用代码 (18 characters) and the business registration number that came before it (15 digits)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from stdnum.cn import uscc as stdnum_uscc
from stdnum.iso7064 import mod_11_10

from duanka.identifiers.folding import fold
from duanka.identifiers.region import Region, RegionState, region

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: digits and capitals without I, O, S, V, Z."""

_USCC = re.compile(rf"[0-9A-Z][0-9A-Z][0-9]{{6}}[{ALPHABET}]{{10}}")
_REGISTRATION = re.compile(r"[0-9]{15}")
_MASKED = re.compile(r"[0-9A-Z]*[*•●]{2,}[0-9A-Z]*")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class UsccKind(StrEnum):
    """Which of the two numbers it is."""

    USCC = "uscc"  # 统一社会信用代码
    REGISTRATION = "registration"  # 工商注册号
    UNKNOWN = "unknown"


class Entity(StrEnum):
    """What is registered: the first two characters of a USCC (GB 32100-2015 and its later additions)."""

    GOVERNMENT = "government"  # 11 机关
    PUBLIC_INSTITUTION = "public_institution"  # 12 事业单位
    MASS_ORGANISATION = "mass_organisation"  # 13 群众团体
    LAW_FIRM = "law_firm"  # 31 律师执业机构
    NOTARY = "notary"  # 32 公证处
    ASSOCIATION = "association"  # 51 社会团体
    PRIVATE_NON_ENTERPRISE = "private_non_enterprise"  # 52 民办非企业单位
    FOUNDATION = "foundation"  # 53 基金会
    RELIGIOUS_SITE = "religious_site"  # 71 宗教活动场所
    UNION = "union"  # 81 基层工会
    ENTERPRISE = "enterprise"  # 91 企业
    SOLE_TRADER = "sole_trader"  # 92 个体工商户
    FARMERS_COOPERATIVE = "farmers_cooperative"  # 93 农民专业合作社
    RURAL_COLLECTIVE = "rural_collective"  # N1-N3 农村集体经济组织
    OTHER = "other"


class UsccProblem(StrEnum):
    """What is wrong, or odd, about a number."""

    EMPTY = "empty"
    MASKED = "masked"
    LENGTH = "length"
    CHARACTERS = "characters"
    CHECKSUM = "checksum"
    AUTHORITY_UNKNOWN = "authority_unknown"
    ORGANISATION_CHECKSUM = "organisation_checksum"
    REGION_UNKNOWN = "region_unknown"


ODD_ONLY = frozenset({UsccProblem.AUTHORITY_UNKNOWN, UsccProblem.ORGANISATION_CHECKSUM, UsccProblem.REGION_UNKNOWN})
"""Problems that leave a number valid: lists of authorities grow, development zones have codes of their own, and the
number's own check character already covers the organisation code."""

AUTHORITIES = frozenset("123456789ANY")
"""First characters in use: 机构编制 1, 外交 2, 司法 3, 文化 4, 民政 5, 旅游 6, 宗教 7, 工会 8, 工商 9, 军委 A, 农业 N,
其他 Y."""

_ENTITIES = {
    "11": Entity.GOVERNMENT, "12": Entity.PUBLIC_INSTITUTION, "13": Entity.MASS_ORGANISATION, "31": Entity.LAW_FIRM,
    "32": Entity.NOTARY, "51": Entity.ASSOCIATION, "52": Entity.PRIVATE_NON_ENTERPRISE, "53": Entity.FOUNDATION,
    "71": Entity.RELIGIOUS_SITE, "81": Entity.UNION, "91": Entity.ENTERPRISE, "92": Entity.SOLE_TRADER,
    "93": Entity.FARMERS_COOPERATIVE, "N1": Entity.RURAL_COLLECTIVE, "N2": Entity.RURAL_COLLECTIVE,
    "N3": Entity.RURAL_COLLECTIVE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Uscc:
    """What a firm's number says. `organisation` is the nine-character 组织机构代码 inside a USCC."""

    text: str
    number: str
    kind: UsccKind
    valid: bool
    problems: tuple[UsccProblem, ...]
    entity: Entity | None
    region: Region | None
    organisation: str | None


def check(text: str) -> Uscc:
    """Read a USCC (GB 32100-2015, check character modulo 31) or a registration number (GS 15-2006). Never raises.

    A registration number is 15 digits whose last is the check digit of ISO 7064 MOD 11,10 (GB/T 17710). An ID card of
    15 digits has the same form, so ask `id_card.check` as well where a column mixes people and firms.
    """
    number = fold(text).upper().replace("-", "")
    if _USCC.fullmatch(number):
        return _read_uscc(text, number)
    if _REGISTRATION.fullmatch(number):
        return _read_registration(text, number)
    return Uscc(text, number, UsccKind.UNKNOWN, False, (_form_problem(number),), None, None, None)  # noqa: FBT003


def check_character(body: str) -> str:
    """Check character of the first 17 characters of a USCC (GB 32100-2015 annex; weights 3^i modulo 31)."""
    return str(stdnum_uscc.calc_check_digit(body))


def organisation_check_character(body: str) -> str:
    """Check character of the first eight of an organisation code (GB 11714-1997; modulo 11, 10 is written X)."""
    total = sum(
        weight * _ORGANISATION_CHARACTERS.index(each)
        for weight, each in zip(_ORGANISATION_WEIGHTS, body, strict=True)
    )  # fmt: skip
    return "0123456789X0"[11 - total % 11]


def _form_problem(number: str) -> UsccProblem:
    if not number:
        return UsccProblem.EMPTY
    if _MASKED.fullmatch(number):
        return UsccProblem.MASKED
    return UsccProblem.CHARACTERS if len(number) in {15, 18} else UsccProblem.LENGTH


def _read_uscc(text: str, number: str) -> Uscc:
    place = region(number[2:8])
    organisation = number[8:17]
    entity = _ENTITIES.get(number[:2], Entity.OTHER)
    if not set(number) <= set(ALPHABET):
        problem = (UsccProblem.CHARACTERS,)
        return Uscc(text, number, UsccKind.USCC, False, problem, entity, place, organisation)  # noqa: FBT003
    problems = [
        *([] if check_character(number[:17]) == number[17] else [UsccProblem.CHECKSUM]),
        *([] if number[0] in AUTHORITIES else [UsccProblem.AUTHORITY_UNKNOWN]),
        *([] if organisation_check_character(organisation[:8]) == organisation[8] else
          [UsccProblem.ORGANISATION_CHECKSUM]),
        *_region_problems(place),
    ]  # fmt: skip
    valid = ODD_ONLY.issuperset(problems)
    return Uscc(text, number, UsccKind.USCC, valid, tuple(problems), entity, place, organisation)


def _read_registration(text: str, number: str) -> Uscc:
    place = region(number[:6])
    problems = [
        *([] if mod_11_10.is_valid(number) else [UsccProblem.CHECKSUM]),
        *_region_problems(place),
    ]
    valid = ODD_ONLY.issuperset(problems)
    return Uscc(text, number, UsccKind.REGISTRATION, valid, tuple(problems), None, place, None)


def _region_problems(place: Region) -> list[UsccProblem]:
    # 100000 is the State Administration itself
    known = place.state is not RegionState.UNKNOWN or place.code == "100000"
    return [] if known else [UsccProblem.REGION_UNKNOWN]
