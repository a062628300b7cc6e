"""Bank card and account numbers as exports write them: normalised one by one and in bulk, by the same rules.

Luhn is a warning, never a rejection: many Chinese accounts and old cards never had a Luhn digit.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import polars as pl
from stdnum import luhn

from duanka.identifiers.folding import BLANK, FULL_WIDTH, fold, is_digits

SHORTEST, LONGEST = 12, 19
"""Digits of a card (ISO/IEC 7812-1 allows up to 19) or of a bank's account (12 at least, as far as is known)."""

JUNK_WORDS = frozenset({
    "null", "none", "nan", "nil", "na", "n/a", "#n/a", "unknown", "undefined", "无", "空", "无卡号", "无账号", "未知",
    "暂无", "不详", "没有",
})  # fmt: skip
"""Words that exports write where there is no number. In any case of letters."""

# All patterns below are read by Python's re and by Polars: see `folding`.
_QUOTES_BEFORE = r"^[='\"`´‘’“”]+"  # Excel's text marks: '6222… and ="6222…"
_QUOTES_AFTER = r"['\"`´‘’“”]+$"
# The `_n` of police returns (card_1, card_2), not that of a login or of bank_account: the base is a long number.
_SUFFIX = r"^([0-9][0-9*]{7,})(?:_[0-9]{1,4})+$"
_FLOAT_TAIL = r"^([0-9]{4,})\.0+$"  # a number that passed through a float column
_DAMAGED = r"^[0-9](?:\.[0-9]+[eE]\+?|[eE]\+)[0-9]{1,2}$"
_TOO_FEW = r"^[!-/:-@\[-`{-~·—–…。、，]*(?:[0-9][!-/:-@\[-`{-~·—–…。、，]*){0,3}$"
_SAME_DIGIT = "^(?:" + "|".join(f"{digit}+" for digit in "0123456789") + ")$"
_NO_WORD = "^(?i:" + "|".join(re.escape(word) for word in sorted(JUNK_WORDS)) + ")$"
_JUNK = f"{_TOO_FEW}|{_SAME_DIGIT}|{_NO_WORD}"
_MASKED = r"^[0-9]{0,10}(?:[*•●#]{2,}|[xX]{2,})[0-9]{0,10}$"

_PY_QUOTES_BEFORE, _PY_QUOTES_AFTER = re.compile(_QUOTES_BEFORE), re.compile(_QUOTES_AFTER)
_PY_SUFFIX, _PY_FLOAT_TAIL, _PY_DAMAGED = re.compile(_SUFFIX), re.compile(_FLOAT_TAIL), re.compile(_DAMAGED)
_PY_JUNK, _PY_MASKED = re.compile(_JUNK), re.compile(_MASKED)
_MASK_PARTS = re.compile(r"([0-9]*)[^0-9]+([0-9]*)")


class CardProblem(StrEnum):
    """What is wrong, or odd, about a number."""

    JUNK = "junk"  # a placeholder, no number
    DAMAGED = "damaged"  # a spreadsheet kept three digits of it
    MASKED = "masked"
    CHARACTERS = "characters"
    LENGTH = "length"
    LUHN = "luhn"  # a warning only
    ROUNDED = "rounded"  # digits after the 15th are all 0, as a spreadsheet leaves them: a warning only


WARNINGS = frozenset({CardProblem.LUHN, CardProblem.ROUNDED})
"""Problems that leave a number usable."""


@dataclass(frozen=True, slots=True)
class BankCard:
    """What a card or account number says; `number` is None where the text holds none."""

    text: str
    number: str | None
    valid: bool
    problems: tuple[CardProblem, ...]


def clean_account(text: str) -> str:
    """`text` without what exports add: blanks, quotes, full width, `.0`, a number's trailing `_n`. Idempotent.

    Nothing is judged: short numbers, names, logins and masks stay. For sources whose ids are small (AMLSim: 0, 1, 2).
    """
    number = _PY_QUOTES_AFTER.sub("", _PY_QUOTES_BEFORE.sub("", fold(text)))
    return _PY_FLOAT_TAIL.sub(r"\1", _PY_SUFFIX.sub(r"\1", number))


def normalise_account(text: str | None) -> str | None:
    """`clean_account`, with None for junk and for damaged numbers. Idempotent; equal to `normalise_account_expr`.

    Junk: punctuation only, a word for "none" (`JUNK_WORDS`), fewer than four digits and no letter, one digit repeated.
    A damaged number (6.22E+18) is None as well: kept, it would make one account of many people's.
    """
    if text is None:
        return None
    number = clean_account(text)
    return None if is_junk(number) or is_damaged(number) else number


def clean_account_expr(expr: pl.Expr) -> pl.Expr:
    """Bulk `clean_account` on a string column; null stays null."""
    return (
        expr.str.replace_many(list(FULL_WIDTH), list(FULL_WIDTH.values()))
        .str.replace_all(BLANK + "+", "")
        .str.replace(_QUOTES_BEFORE, "")
        .str.replace(_QUOTES_AFTER, "")
        .str.replace(_SUFFIX, "${1}")
        .str.replace(_FLOAT_TAIL, "${1}")
    )


def normalise_account_expr(expr: pl.Expr) -> pl.Expr:
    """Bulk `normalise_account` on a string column: junk and damaged numbers become null."""
    # One chain and no branches: an expression that uses the cleaned column twice is computed twice outside lazy frames.
    return clean_account_expr(expr).str.replace(f"{_JUNK}|{_DAMAGED}", "").replace("", None)


def is_damaged_expr(expr: pl.Expr) -> pl.Expr:
    """Bulk `is_damaged` on a string column, for counting what a spreadsheet destroyed."""
    return clean_account_expr(expr).str.contains(_DAMAGED)


def is_junk(number: str) -> bool:
    """Whether a cleaned text is a placeholder and no number: "-", "0", "无", "/", "--", "NULL", "00000", "123"."""
    return bool(_PY_JUNK.fullmatch(number))


def is_damaged(text: str) -> bool:
    """Whether a spreadsheet wrote the number in scientific notation (6.22E+18), so that its digits are lost."""
    return bool(_PY_DAMAGED.fullmatch(clean_account(text)))


def is_masked(text: str) -> bool:
    """Whether digits are hidden: 6226******5669, 1234****9876, 6226 **** **** 5669, 6226xxxx5669."""
    number = clean_account(text)
    return bool(_PY_MASKED.fullmatch(number)) and not is_junk(number)


def masked_fits(masked: str, number: str) -> bool:
    """Whether `number` could be what `masked` hides: same first and last digits. The count of `*` isn't trusted.

    A fit is a possibility, never an identity: 10 visible digits are shared by many cards.
    """
    parts = _MASK_PARTS.fullmatch(clean_account(masked)) if is_masked(masked) else None
    full = clean_account(number)
    if parts is None or not is_digits(full):
        return False
    head, tail = parts.groups()
    return full.startswith(head) and full.endswith(tail) and len(full) > len(head) + len(tail)


def luhn_ok(number: str) -> bool:
    """Whether the last digit is the Luhn digit of the others (ISO/IEC 7812-1 annex B)."""
    return is_digits(number) and bool(luhn.is_valid(number))


def check(text: str) -> BankCard:
    """Read a card or account number. Never raises; failing Luhn alone leaves it valid (ISO/IEC 7812-1)."""
    number = clean_account(text)
    problems = _problems(number)
    usable = None if {CardProblem.JUNK, CardProblem.DAMAGED}.intersection(problems) else number
    return BankCard(text, usable, WARNINGS.issuperset(problems), problems)


def _problems(number: str) -> tuple[CardProblem, ...]:
    if is_damaged(number):
        return (CardProblem.DAMAGED,)
    if is_junk(number):
        return (CardProblem.JUNK,)
    if is_masked(number):
        return (CardProblem.MASKED,)
    if not is_digits(number):
        return (CardProblem.CHARACTERS,)
    if not SHORTEST <= len(number) <= LONGEST:
        return (CardProblem.LENGTH,)
    rounded = len(number) >= 18 and not number[15:].strip("0")
    return (
        *(() if luhn_ok(number) else (CardProblem.LUHN,)),
        *((CardProblem.ROUNDED,) if rounded else ()),
    )
