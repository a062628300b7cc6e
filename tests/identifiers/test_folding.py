from hypothesis import given
from hypothesis import strategies as st

from duanka.identifiers.folding import fold, is_digits


def test_full_width_and_blanks() -> None:
    assert fold("\t６２２　2\u00a00\u200b2＿１ \r\n") == "62220" + "2_1"


def test_other_scripts_digits_are_not_digits() -> None:
    assert is_digits("0123")
    assert not is_digits("")
    assert not is_digits("٠١٢")
    assert not is_digits("１２")


@given(st.text())
def test_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_nothing_that_python_calls_blank_is_left(text: str) -> None:
    assert not any(each.isspace() for each in fold(text))
