"""IMEI, IMEISV and MEID: the serial numbers of phones (3GPP TS 23.003 clause 6; 3GPP2 X.S0008 for MEID)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from stdnum import imei as stdnum_imei
from stdnum import luhn

from duanka.identifiers.folding import fold, is_digits

TEST_TAC_PREFIX = "00"
"""Reporting body 00 marks test equipment (GSMA TS.06): such a number is on no phone that was sold."""

_MEID = re.compile(r"[A-F][0-9A-F]{13}")


class ImeiKind(StrEnum):
    """Which number it is."""

    IMEI = "imei"  # 14 digits, or 15 with the check digit
    IMEISV = "imeisv"  # 16 digits: 14, and two of software version
    MEID = "meid"  # 14 hexadecimal digits, the first A-F (CDMA)
    UNKNOWN = "unknown"


class ImeiProblem(StrEnum):
    """What is wrong, or odd, about a number."""

    EMPTY = "empty"
    LENGTH = "length"
    CHARACTERS = "characters"
    CHECKSUM = "checksum"
    PLACEHOLDER = "placeholder"  # one digit repeated
    TEST = "test"  # test equipment; leaves the number valid


@dataclass(frozen=True, slots=True)
class Imei:
    """What a serial number says.

    `device` (the first 14) is what identifies the device: records of one phone differ in the check digit (often sent as
    0) and in the software version.
    """

    text: str
    number: str
    kind: ImeiKind
    valid: bool
    problems: tuple[ImeiProblem, ...]
    tac: str | None  # type allocation code: the model
    device: str | None


def check(text: str) -> Imei:
    """Read an IMEI of 14, 15 or 16 digits or an MEID. Never raises.

    Only 15 digits carry a check digit (Luhn, 3GPP TS 23.003 annex B). It isn't transmitted: networks send 0 in its
    place, so a last digit 0 passes, whatever Luhn says.
    """
    number = re.sub(r"[-/.:]", "", fold(text)).upper()
    if _MEID.fullmatch(number):
        return Imei(text, number, ImeiKind.MEID, True, (), None, number)  # noqa: FBT003
    problem = _form_problem(number)
    if problem:
        return Imei(text, number, ImeiKind.UNKNOWN, False, (problem,), None, None)  # noqa: FBT003
    tac, serial, _ = stdnum_imei.split(number)
    kind = ImeiKind.IMEISV if len(number) == 16 else ImeiKind.IMEI
    problems = [
        *([ImeiProblem.CHECKSUM] if len(number) == 15 and number[-1] != "0" and not luhn.is_valid(number) else []),
        *([ImeiProblem.TEST] if number.startswith(TEST_TAC_PREFIX) else []),
    ]
    valid = ImeiProblem.CHECKSUM not in problems
    return Imei(text, number, kind, valid, tuple(problems), str(tac), f"{tac}{serial}" if valid else None)


def _form_problem(number: str) -> ImeiProblem | None:
    if not number:
        return ImeiProblem.EMPTY
    if not is_digits(number):
        return ImeiProblem.CHARACTERS
    if len(set(number[:14])) == 1:
        return ImeiProblem.PLACEHOLDER
    return None if len(number) in {14, 15, 16} else ImeiProblem.LENGTH
