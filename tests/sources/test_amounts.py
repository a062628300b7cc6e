"""Amounts as printed against `Decimal`, and the cases of bad input by name."""

import re
from decimal import Decimal, InvalidOperation

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from duanka.records.money import EXPONENTS, MAX_MINOR, exponent
from duanka.sources.amounts import currency_codes, exponents_of, minor_units

UNREADABLE, TOO_FINE, TOO_LARGE = "amount_unreadable", "amount_too_fine", "amount_too_large"


def read(text: str | None, places: int = 2) -> tuple[int | None, str | None]:
    minor, code = minor_units(pl.Series([text], dtype=pl.String), pl.Series([places]))
    return minor[0], code[0]


def twin(text: str, places: int) -> tuple[int | None, str | None]:
    """For plain numbers: digits, one point, one sign, `E`; thousands groups must be whole."""
    plain = re.sub(r"^([+-]?\d{1,3})((?:,\d{3})+)(\.\d*)?$", lambda m: m[0].replace(",", ""), text)
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None, UNREADABLE
    minor = number.scaleb(places)
    if minor != minor.to_integral_value():
        return None, TOO_FINE
    return (int(minor), None) if abs(minor) <= MAX_MINOR else (None, TOO_LARGE)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1", 100),
        ("1.5", 150),
        ("0.01", 1),
        ("-0.00", 0),
        ("+3.20", 320),
        ("1,234.56", 123456),
        ("12,345,678", 1234567800),
        ("１２３", 12300),
        ("－１，２３４．５０", -123450),
        ("（5.00）", -500),
        ("(5.00)", -500),
        ("5.00-", -500),
        ("¥5", 500),
        ("￥-5.10", -510),
        ("-¥5.10", -510),
        ("CNY 7.00", 700),
        ("人民币7", 700),
        ("8.5元", 850),
        ("1.2E7", 1_200_000_000),
        ("1E-2", 1),
        ("1.000000", 100),
        (".5", 50),
        ("5.", 500),
        ("1 234.50", 123450),
        ("\u00a0 7 \u3000", 700),
        ("'12", 1200),
        ("00000000000000000000012", 1200),
        ("1000000000000000.00", 10**17),
        ("\t5.00\t", 500),
    ],
)
def test_readable(text: str, minor: int) -> None:
    assert read(text) == (minor, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,234.5.6", UNREADABLE),
        ("NaN", UNREADABLE),
        ("inf", UNREADABLE),
        ("1,23", UNREADABLE),
        ("5,00", UNREADABLE),
        ("12,34.00", UNREADABLE),
        ("--5", UNREADABLE),
        ("+-5", UNREADABLE),
        ("-+5", UNREADABLE),
        ("++5", UNREADABLE),
        ("0x10", UNREADABLE),
        ("1_000", UNREADABLE),
        ("(5", UNREADABLE),
        ("5)", UNREADABLE),
        ("-(5)", UNREADABLE),
        ("1e400", UNREADABLE),
        ("1e99999", UNREADABLE),
        ("abc", UNREADABLE),
        ("=1+1", UNREADABLE),
        ("#VALUE!", UNREADABLE),
        (".", UNREADABLE),
        ("\ufffd5", UNREADABLE),
        ("5\x006", UNREADABLE),
        ("٣", UNREADABLE),
        ("५", UNREADABLE),
        ("1.005", TOO_FINE),
        ("0.001", TOO_FINE),
        ("1e-30", UNREADABLE),
        ("100000000000000000000", TOO_LARGE),
        ("1" + "0" * 20, TOO_LARGE),
        ("1000000000000000.01", TOO_LARGE),
        ("-1e16", TOO_LARGE),
        ("9" * 500, TOO_LARGE),
    ],
)
def test_unreadable(text: str, code: str) -> None:
    assert read(text) == (None, code)


@pytest.mark.parametrize("text", [None, "", " ", "-", "--", "/", "null", "NULL", "None", "\\N", "元", "\u3000"])
def test_absent(text: str | None) -> None:
    assert read(text) == (None, None)


_NUMBERS = st.from_regex(
    r"\A[+-]?([0-9]{1,20}|[0-9]{1,3}(,[0-9]{3}){1,4}|[0-9]{1,4}(,[0-9]{1,4}){1,2})(\.[0-9]{0,8})?\Z"
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_NUMBERS, min_size=10, max_size=30), st.sampled_from([0, 2, 3, 6, 8]))
@example(["-0", "99999999999999999999.00"], 2)
def test_numbers_agree_with_decimal(texts: list[str], places: int) -> None:
    minor, code = minor_units(pl.Series(texts), pl.Series([places] * len(texts)))
    assert dict(zip(texts, zip(minor, code, strict=True), strict=True)) == {text: twin(text, places) for text in texts}


@settings(max_examples=100, deadline=None)
@given(st.integers(-MAX_MINOR, MAX_MINOR), st.sampled_from([0, 2, 3, 8]))
def test_every_amount_survives_its_print(minor: int, places: int) -> None:
    number = Decimal(minor).scaleb(-places)
    assert read(f"{number:f}", places) == (minor, None)
    assert read(f"{number:,f}", places) == (minor, None)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=8), st.sampled_from([0, 2, 8]))
def test_any_text_gives_an_amount_or_a_reason_and_never_both(texts: list[str], places: int) -> None:
    minor, code = minor_units(pl.Series(texts, dtype=pl.String), pl.Series([places] * len(texts), dtype=pl.Int64))
    assert len(minor) == len(code) == len(texts)
    assert not (minor.is_not_null() & code.is_not_null()).any()
    for text, one, why in zip(texts, minor, code, strict=True):
        if one is not None:
            assert abs(one) <= MAX_MINOR
        if any(character.isalpha() and character not in "eE元CNYRMBUSDHKD人民币" for character in text) and why is None:
            assert text.strip(" \t\r\n\u00a0\u3000'\"") in {"null", "NULL", "None", "\\N"}


def test_each_row_has_its_own_decimals() -> None:
    minor, code = minor_units(pl.Series(["1.5", "1.234", "1.2345", "1"]), pl.Series([2, 3, 3, 8]))
    assert minor.to_list() == [150, 1234, None, 10**8]
    assert code.to_list() == [None, None, TOO_FINE, None]


def test_currencies() -> None:
    printed = ["人民币", "rmb", " USD ", None, "", "-", "156", "ZZZ", "banana", "US Dollar", "B1C", "ＵＳＤ"]
    found = ["CNY", "CNY", "USD", "CNY", "CNY", "CNY", "CNY", "ZZZ", None, "USD", None, None]
    assert currency_codes(pl.Series(printed), "CNY").to_list() == found


def test_decimals_of_currencies() -> None:
    codes = [*EXPONENTS, "CNY", "JPY"]
    assert exponents_of(pl.Series([*codes, None])).to_list() == [*map(exponent, codes), 2]
