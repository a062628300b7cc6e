"""Amounts as printed -> integer minor units, in bulk and exactly: no float is ever in between."""

from decimal import Decimal, InvalidOperation

import polars as pl

from duanka.records.money import DEFAULT_EXPONENT, EXPONENTS, MAX_MINOR, NAMES
from duanka.records.vocabulary import RejectCode

_FULL_WIDTH = dict(zip("０１２３４５６７８９．，－＋（）", "0123456789.,-+()", strict=True))
_ORNAMENT = r"^(?:CNY|RMB|USD|HKD|人民币)|[¥￥$€£\s\u00a0\u3000'\"]|元$"
_PLAIN = r"^-?[0-9]{1,15}\.[0-9]{2}$"  # 17 digits stay below MAX_MINOR
_GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
_ABSENT = ["", "-", "--", "/", "null", "NULL", "None", "\\N"]
_MAX_EXPONENT = 10


def minor_units(text: pl.Series, exponents: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Minor units (Int64, null where there are none) and the reject code (String, null where the amount is good).

    Args:
        text: amounts as printed; ornaments (¥, 元, blanks, thousands separators) are allowed, `(1.00)` and `1.00-`
            mean minus, full-width digits are read, `1.2E7` is read exactly.
        exponents: decimals of each row's currency, Int8/Int64, same length.

    A blank amount gives null and null: whether it is missing is for the caller to say. O(n).
    """
    good = pl.Series("code", [None], dtype=pl.String).new_from_index(0, text.len())
    if text.null_count() == text.len():
        return pl.Series("minor", [None], dtype=pl.Int64).new_from_index(0, text.len()), good
    # nearly all amounts are plain and in hundredths, and are done in one step; only the others are worth the care
    plain = (text.str.contains(_PLAIN) & (exponents == DEFAULT_EXPONENT)).fill_null(value=False)
    minor = text.str.replace(".", "", literal=True).cast(pl.Int64, strict=False).alias("minor")
    odd = (~plain & text.is_not_null()).arg_true()
    if not len(odd):
        return minor, good
    values, codes = _carefully(text.gather(odd), exponents.gather(odd))
    return minor.scatter(odd, values), good.scatter(odd, codes)


def _carefully(text: pl.Series, exponents: pl.Series) -> tuple[pl.Series, pl.Series]:
    clean = text.str.strip_chars(" \t\r\n\u00a0\u3000'\"")
    odd = clean.is_not_null() & ~clean.str.contains(r"^-?[0-9]+(?:\.[0-9]{0,2})?$").fill_null(value=False)
    if odd.any():
        clean = clean.scatter(odd.arg_true(), _straighten(clean.filter(odd)))
    clean = clean.set(clean.is_in(_ABSENT).fill_null(value=False), None)
    return _to_minor(clean, exponents)


def _straighten(values: pl.Series) -> pl.Series:
    """Ornaments away, separators checked and away, minus in front; what stays odd is left to fail."""
    frame = values.str.replace_many(_FULL_WIDTH).str.replace_all(_ORNAMENT, "").to_frame("v")
    v = pl.col("v")
    frame = frame.with_columns(
        v=pl.when(v.str.contains(r"^\(.*\)$"))
        .then(pl.lit("-") + v.str.strip_chars("()"))
        .when(v.str.contains(r"^[0-9.,]+-$"))
        .then(pl.lit("-") + v.str.strip_suffix("-"))
        .otherwise(v.str.replace(r"^\+([0-9.])", "${1}"))
    )
    frame = frame.with_columns(v=pl.when(v.str.contains(_GROUPED)).then(v.str.replace_all(",", "")).otherwise(v))
    scientific = frame["v"].str.contains(r"^[+-]?\d+(\.\d+)?[eE][+-]?\d{1,3}$").fill_null(value=False)
    if scientific.any():
        plain = frame["v"].filter(scientific).map_elements(_plain_decimal, return_dtype=pl.String)
        frame = frame.with_columns(v=frame["v"].scatter(scientific.arg_true(), plain))
    return frame["v"]


def _plain_decimal(text: str) -> str:
    """`1.2E7` -> `12000000`; a number too long to be money stays as it is and fails later."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return format(number, "f") if abs(number.adjusted()) < 25 else text  # 25 digits are past any amount


def _to_minor(clean: pl.Series, exponents: pl.Series) -> tuple[pl.Series, pl.Series]:
    frame = pl.DataFrame({"v": clean, "e": exponents.cast(pl.Int64)})
    v, point = pl.col("v"), pl.col("point")
    frame = frame.with_columns(point=v.str.find(".", literal=True).cast(pl.Int64))
    excess = point.is_not_null() & (v.str.len_bytes().cast(pl.Int64) - point - 1 > pl.col("e"))
    if frame.select(excess.any()).item():  # zeros past the last minor unit say nothing
        frame = frame.with_columns(v=pl.when(excess).then(v.str.strip_chars_end("0")).otherwise(v))
    frame = frame.with_columns(
        decimals=pl.when(point.is_null()).then(0).otherwise(v.str.len_bytes().cast(pl.Int64) - point - 1),
        digits=v.str.replace(".", "", literal=True).cast(pl.Int64, strict=False),
        shaped=v.str.contains(r"^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$"),
    )
    digits, decimals, exponent = pl.col("digits"), pl.col("decimals"), pl.col("e")
    scale = pl.lit(10, dtype=pl.Int64).pow((exponent - decimals).clip(0, _MAX_EXPONENT)).cast(pl.Int64)
    largest = pl.lit(MAX_MINOR, dtype=pl.Int64) // scale
    code = (
        pl.when(v.is_null())
        .then(None)
        .when(~pl.col("shaped"))
        .then(pl.lit(RejectCode.AMOUNT_UNREADABLE.value))
        .when(decimals > exponent)
        .then(pl.lit(RejectCode.AMOUNT_TOO_FINE.value))
        .when(digits.is_null() | (digits > largest) | (digits < -largest))
        .then(pl.lit(RejectCode.AMOUNT_TOO_LARGE.value))
        .otherwise(None)
    )
    out = frame.select(code=code, minor=pl.when(code.is_null() & v.is_not_null()).then(digits * scale).otherwise(None))
    return out["minor"].cast(pl.Int64), out["code"].cast(pl.String)


def currency_codes(text: pl.Series, default: str) -> pl.Series:
    """ISO 4217 codes of currencies as printed; blank means `default`, an unknown word gives null. O(n)."""
    words = text.unique()
    known: dict[str | None, str | None] = {word: _currency_code(word, default) for word in words}
    return text.replace_strict(list(known), list(known.values()), default=default, return_dtype=pl.String)


def _currency_code(word: str | None, default: str) -> str | None:
    if word is None or not (key := word.strip(" \t\u3000-/").upper()):
        return default
    if key in NAMES:
        return NAMES[key]
    if (word := word.strip()) in NAMES:
        return NAMES[word]
    return key if key.isascii() and key.isalpha() and len(key) in {3, 4} else None


def exponents_of(currencies: pl.Series) -> pl.Series:
    """Decimals of a minor unit for each currency code; null counts as the default. O(n)."""
    if EXPONENTS.keys().isdisjoint(currencies.unique()):
        return pl.Series([DEFAULT_EXPONENT], dtype=pl.Int64).new_from_index(0, currencies.len())
    return currencies.replace_strict(EXPONENTS, default=DEFAULT_EXPONENT, return_dtype=pl.Int64).fill_null(
        DEFAULT_EXPONENT
    )
