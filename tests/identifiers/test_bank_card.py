"""Cards under the prefix 9990, which nobody issues."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from duanka.identifiers.bank_card import (
    CardProblem,
    check,
    clean_account,
    clean_account_expr,
    is_damaged,
    is_damaged_expr,
    is_junk,
    is_masked,
    luhn_ok,
    masked_fits,
    normalise_account,
    normalise_account_expr,
)

P = CardProblem
CARD = "9990001234567890"

# Text as exports write it, and text as nobody does: both must come out alike in bulk and one by one.
MARKS = [*"0123456789０９aZＡｚ_＿*＊.．'’‘\"=`-–/ \t\u3000\u00a0\u200b\ufeff\r\n无空xX#●E+e\x1c\x85"]
pieces = st.sampled_from([*MARKS, "_1", ".0", "null", "E+18", "622", CARD])
texts = st.one_of(st.text(max_size=25), st.lists(pieces, max_size=12).map("".join))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (CARD, CARD),
        (f"\t{CARD} ", CARD),
        ("9990 0012\u30003456\u00a07890", CARD),
        (f"'{CARD}", CARD),
        (f"’{CARD}", CARD),
        (f'="{CARD}"', CARD),
        (f"{CARD}_1", CARD),
        (f"{CARD}_1_12\t", CARD),
        (f"{CARD}.0", CARD),
        ("９９９０００１２３４５６７８９０", CARD),
        ("９９９０＿１", "9990_1"),  # too short to be a card with a suffix
        ("1234", "1234"),
        ("user_1", "user_1"),
        ("someone_123@example.com", "someone_123@example.com"),
        ("999000******7890_2", "999000******7890"),
        ("12_3456789", "12_3456789"),  # bank_account
        ("ＡＢ12", "AB12"),
        ("80012E45", "80012E45"),  # an account in hexadecimal
        ("张三", "张三"),
    ],
)
def test_normalise(text: str, number: str) -> None:
    assert normalise_account(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", "--", "—", "/", "//", "\\", "0", "000", "0000000000", "无", "NULL", "null", "None", "nan", "N/A",
        "未知", "1111111111111111", "123", "1-2-3", "***", "**12", "'", "6.22E+18", "6.22e18", "6E+18", "_1", "’-",
    ],
)  # fmt: skip
def test_junk_and_damage_are_none(text: str) -> None:
    assert normalise_account(text) is None


def test_none_stays_none() -> None:
    assert normalise_account(None) is None
    frame = pl.DataFrame({"a": [None, CARD]}, schema={"a": pl.String})
    assert frame.select(normalise_account_expr(pl.col("a")))["a"].to_list() == [None, CARD]


def test_cleaning_judges_nothing() -> None:
    assert [clean_account(each) for each in ("0", " 12 ", "-", "6.22E+18")] == ["0", "12", "-", "6.22E+18"]


@given(st.lists(texts, min_size=1, max_size=20))
def test_bulk_equals_scalar(values: list[str]) -> None:
    frame = pl.DataFrame({"a": values}, schema={"a": pl.String})
    bulk = frame.select(
        number=normalise_account_expr(pl.col("a")),
        clean=clean_account_expr(pl.col("a")),
        damaged=is_damaged_expr(pl.col("a")),
    )
    assert bulk["number"].to_list() == [normalise_account(each) for each in values]
    assert bulk["clean"].to_list() == [clean_account(each) for each in values]
    assert bulk["damaged"].to_list() == [is_damaged(each) for each in values]


@given(texts)
def test_idempotent(text: str) -> None:
    assert clean_account(clean_account(text)) == clean_account(text)
    once = normalise_account(text)
    assert normalise_account(once) == once


@given(st.text("0123456789", min_size=8, max_size=19), st.integers(0, 9999), st.sampled_from(["", " ", "\t", "\u3000"]))
def test_what_exports_add_goes(number: str, suffix: int, blank: str) -> None:
    assert clean_account(f"'{blank}{number}{blank}_{suffix}{blank}") == number


@pytest.mark.parametrize(
    "text",
    [
        "6226******5669",
        "1234****9876",
        "6226 **** **** 5669",
        "6226＊＊＊＊5669",
        "6226xxxx5669",
        "138****0000",
        "****5669",
    ],
)
def test_masked(text: str) -> None:
    assert is_masked(text)
    assert check(text).problems == (P.MASKED,)


@pytest.mark.parametrize("text", [CARD, "", "****", "**12", "user**", "1*2345678", "无"])
def test_not_masked(text: str) -> None:
    assert not is_masked(text)


def test_masked_fits() -> None:
    assert masked_fits("9990****7890", CARD)
    assert masked_fits("9990 **** **** 7890", f"{CARD}_1")
    assert not masked_fits("9990****7891", CARD)
    assert not masked_fits("9991****7890", CARD)
    assert not masked_fits(CARD, CARD)
    assert not masked_fits("9990****7890", "9990****7890")
    assert not masked_fits("9990****7890", "99907890")  # nothing would be hidden


@given(st.text("0123456789", min_size=11, max_size=14))
def test_luhn_is_a_warning(rest: str) -> None:
    body = "9990" + rest
    number = body + luhn.calc_check_digit(body)
    assert luhn_ok(number)
    wrong = f"{body}{(int(number[-1]) + 1) % 10}"
    assert not luhn_ok(wrong)
    assert check(wrong).valid
    assert P.LUHN in check(wrong).problems
    assert check(wrong).number == wrong


@given(st.text("0123456789", min_size=12, max_size=19), st.data())
def test_one_changed_digit_breaks_luhn(body: str, data: st.DataObject) -> None:
    number = body + luhn.calc_check_digit(body)
    place = data.draw(st.integers(0, len(number) - 1))
    step = data.draw(st.integers(1, 9))
    assert not luhn_ok(f"{number[:place]}{(int(number[place]) + step) % 10}{number[place + 1 :]}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("6.22E+18", P.DAMAGED),
        ("NULL", P.JUNK),
        ("12345678", P.LENGTH),
        ("9990" * 5, P.LENGTH),
        ("user_1", P.CHARACTERS),
        ("9990001234567890000", P.ROUNDED),
    ],
)
def test_problems(text: str, problem: CardProblem) -> None:
    found = check(text)
    assert problem in found.problems
    assert found.valid == (problem is P.ROUNDED)
    assert (found.number is None) == (problem in {P.DAMAGED, P.JUNK})


def test_rounding_needs_more_than_one_zero() -> None:
    assert P.ROUNDED not in check("9990001234567890").problems
    assert is_junk("0000")
