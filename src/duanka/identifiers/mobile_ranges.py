"""Chinese mobile and machine number ranges: who got them, for what, and where that is written.

An operator of None means: not certain. Nothing here is guessed; the note says what is said and by whom.
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

PORTABILITY_SINCE = date(2019, 11, 10)
"""携号转网: nationwide trial from this day, 携号转网服务管理规定 (工信部信管〔2019〕242号) from 2019-12-01. From
then on a range tells the operator that first had the number, not the one that serves it."""

TABLE_AS_OF = date(2023, 3, 31)
"""State of the MIIT table below. Later allocations are missing; a missing range is a finding, never a proof."""

MIIT_2023 = "工信部《我国公众移动通信网网号及H0分配情况（截至2023年3月底）》, 2023-06-05"
PLAN_2017 = "工信部信管〔2017〕68号《电信网编号计划（2017年版）》"
COMMUNITY = "github.com/VincentSit/ChinaMobilePhoneNumberRegex; zh.wikipedia 中国内地移动终端通信号码 (not official)"


class Operator(StrEnum):
    """Who was given a range."""

    MOBILE = "mobile"  # 中国移动
    UNICOM = "unicom"  # 中国联通
    TELECOM = "telecom"  # 中国电信
    BROADNET = "broadnet"  # 中国广电
    SATNET = "satnet"  # 中国星网


class RangeUse(StrEnum):
    """What a range is for. For an MVNO range the operator is the one whose network is resold."""

    PHONE = "phone"
    MVNO = "mvno"  # 移动转售业务专用
    DATA = "data"  # 上网卡: data first, voice on some
    IOT = "iot"  # 物联网业务专用
    SATELLITE = "satellite"  # 卫星移动通信业务专用


class NumberRange(NamedTuple):
    """A range: numbers of `length` digits that begin with `prefix`."""

    prefix: str
    length: int
    operator: Operator | None
    use: RangeUse
    source: str
    note: str = ""


def _rows(
    prefixes: str,
    operator: Operator | None,
    use: RangeUse,
    *,
    length: int = 11,
    source: str = MIIT_2023,
    note: str = "",
) -> list[NumberRange]:
    return [NumberRange(prefix, length, operator, use, source, note) for prefix in prefixes.split()]


_DATA_CARD = "上网卡: data first; MIIT lets operators offer voice on it"
_IOT_11 = "operator: MIIT; 物联网业务专用: press on the allocation of 2017"
_IOT_14X = "物联网网号 by the plan; the operator is from community tables"
_IOT_1064 = (
    "机器通信号码 by the plan, which names no operator; trade usage: 10646 Unicom, 10647/10648 Mobile, 10649 Telecom"
)

RANGES: tuple[NumberRange, ...] = (
    *_rows("1340 1341 1342 1343 1344 1345 1346 1347 1348", Operator.MOBILE, RangeUse.PHONE),
    *_rows("135 136 137 138 139 150 151 152 157 158 159 172 178", Operator.MOBILE, RangeUse.PHONE,
           note="172 is also used for IoT, say community tables"),
    *_rows("182 183 184 187 188 195 197 198", Operator.MOBILE, RangeUse.PHONE),
    *_rows("130 131 132 155 156 166 175 176 185 186 196", Operator.UNICOM, RangeUse.PHONE),
    *_rows("133 153 173 177 180 181 189 190 191 193 199", Operator.TELECOM, RangeUse.PHONE),
    *_rows("192", Operator.BROADNET, RangeUse.PHONE, note="not an MVNO, although it runs on China Mobile's network"),
    *_rows("165 1703 1705 1706", Operator.MOBILE, RangeUse.MVNO),
    *_rows("167 1704 1707 1708 1709 171", Operator.UNICOM, RangeUse.MVNO),
    *_rows("162 1700 1701 1702", Operator.TELECOM, RangeUse.MVNO),
    *_rows("147", Operator.MOBILE, RangeUse.DATA, note=_DATA_CARD),
    *_rows("145", Operator.UNICOM, RangeUse.DATA, note=_DATA_CARD),
    *_rows("149", Operator.TELECOM, RangeUse.DATA, note=_DATA_CARD),
    *_rows("148", Operator.MOBILE, RangeUse.IOT, note=_IOT_11),
    *_rows("146", Operator.UNICOM, RangeUse.IOT, note=_IOT_11),
    *_rows("13492 13493 13499 17400 17401 17402 17403 17404 17405", Operator.TELECOM, RangeUse.SATELLITE),
    *_rows("17406 17407 17408 17409 17410 17411 17412 1749", None, RangeUse.SATELLITE,
           note="其他单位: MIIT names none; community: 17406-17412 emergency communications, 1749 Inmarsat"),
    *_rows("1619", Operator.SATNET, RangeUse.SATELLITE),
    *_rows("1440 1441", Operator.MOBILE, RangeUse.IOT, length=13, source=COMMUNITY, note=_IOT_14X),
    *_rows("1410", Operator.TELECOM, RangeUse.IOT, length=13, source=COMMUNITY, note=_IOT_14X),
    *_rows("140 141 142 143 144", None, RangeUse.IOT, length=13, source=PLAN_2017, note="物联网网号"),
    *_rows("140 141 144", None, RangeUse.IOT, source=COMMUNITY,
           note="11 digits: seen in lists, against the 13 of the plan; check the export for cut digits"),
    *_rows("146 148", None, RangeUse.IOT, length=13, source=COMMUNITY, note="MIIT lists 11 digits; 13 are community's"),
    *_rows("1064", None, RangeUse.IOT, length=13, source=PLAN_2017, note=_IOT_1064),
)  # fmt: skip
"""All known ranges. The longest prefix of the number's length wins."""

_BY_LENGTH_PREFIX = {(row.length, row.prefix): row for row in RANGES}
_PREFIX_LENGTHS = sorted({len(row.prefix) for row in RANGES}, reverse=True)


def find_range(national: str) -> NumberRange | None:
    """The range of a national number (11 or 13 digits, no +86), or None if it is in no known one."""
    candidates = (_BY_LENGTH_PREFIX.get((len(national), national[:digits])) for digits in _PREFIX_LENGTHS)
    return next((row for row in candidates if row), None)
