"""Numbers that can't be anybody's, so that made-up data is recognised as made up and never mistaken for a person.

Generators take their numbers from the ranges written here; this module only recognises them.
"""

import re

from duanka.identifiers import id_card
from duanka.identifiers.folding import fold, is_digits
from duanka.identifiers.region import province_name

SYNTHETIC_REGIONS = ("990101", "000000")
"""Region codes to make ID numbers with. GB/T 2260 has no province 99 or 00, and the 2023 永居证, which begins with 9,
goes on with a province: there is none that is 90."""

SYNTHETIC_CARD_PREFIXES = ("9990",)
"""Issuer prefix to make bank cards with. ISO/IEC 7812-1 gives 9 to national use, followed by the country's ISO 3166-1
number: 999 is no country's. Chinese banks did issue under 9 against that rule (95588, 955100, 998800 and even 999999,
Hua Xia Bank), but the open BIN list github.com/hexindai/bcbc has nothing that begins with 9990 or is a prefix of it."""

SYNTHETIC_MOBILE_PREFIXES = ("100", "120")
"""First three of 11 digits. 电信网编号计划 (2017年版): 10 and 12 are service codes, never a mobile network."""

_ACCOUNT = re.compile(r"[0-9]{12,19}")
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[0-9]{10})")


def is_synthetic_id_card(text: str) -> bool:
    """Whether an ID number stands under a province that does not exist (GB/T 2260), and so is nobody's.

    15 or 18 characters; the checksum may be right or wrong. Residence permits (81, 82, 83) and the 2023 永居证 (9 and a
    real province) are somebody's.
    """
    number = fold(text).upper()
    if len(number) == 15 and is_digits(number):
        return province_name(number) is None
    if len(number) != 18 or not is_digits(number[:17]):
        return False
    return id_card.check(number).kind is id_card.IdCardKind.UNKNOWN


def is_synthetic_card(text: str) -> bool:
    """Whether a card number of 12 to 19 digits stands under a prefix that nobody issues (ISO/IEC 7812-1)."""
    number = fold(text).replace("-", "")
    return bool(_ACCOUNT.fullmatch(number)) and number.startswith(SYNTHETIC_CARD_PREFIXES)


def is_synthetic_mobile(text: str) -> bool:
    """Whether an 11-digit number, with or without +86, stands in a range that is no mobile network's.

    Only the ranges documented here count: a range that is merely unassigned today may be somebody's tomorrow.
    """
    found = _MOBILE.fullmatch(fold(text).replace("-", ""))
    return found is not None and found[1].startswith(SYNTHETIC_MOBILE_PREFIXES)
