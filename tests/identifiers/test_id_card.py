"""The numbers here stand under the provinces 99 and 00, which don't exist, so that they are nobody's."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.identifiers.id_card import IdCard, IdCardKind, IdCardProblem, Sex, check, upgrade, with_check_character
from duanka.identifiers.region import RegionState

TODAY = date(2026, 11, 1)
P = IdCardProblem

nobody = st.builds(
    lambda region, born, sequence: with_check_character(f"{region}{born:%Y%m%d}{sequence:03d}"),
    st.sampled_from(["990101", "000000"]),
    st.dates(date(1920, 1, 1), TODAY),
    st.integers(0, 999),
)


def _check(text: str) -> IdCard:
    return check(text, today=TODAY)


def test_reads_birth_sex_and_an_unknown_region() -> None:
    card = _check(with_check_character("99010119900229" + "001")[:17] + "0")  # no 29 February in 1990
    assert card.birth is None
    assert P.BIRTH_IMPOSSIBLE in card.problems
    card = _check(with_check_character("99010120000229" + "002"))
    assert (card.birth, card.sex, card.valid) == (date(2000, 2, 29), Sex.FEMALE, True)
    assert card.problems == (P.REGION_UNKNOWN,)
    assert card.region is not None
    assert card.region.state is RegionState.UNKNOWN
    assert card.kind is IdCardKind.UNKNOWN


def test_the_example_of_stdnum() -> None:
    card = _check("360426199101010071")  # python-stdnum's own doctest
    assert (card.valid, card.problems, card.kind) == (True, (), IdCardKind.RESIDENT)
    assert card.region is not None
    assert card.region.words == ("江西省", "九江市", "德安县")


def test_width_spacing_and_small_x() -> None:
    number = next(
        made for made in (with_check_character(f"99010119900101{n:03d}") for n in range(100)) if made.endswith("X")
    )
    wide = "".join(chr(ord(each) + 0xFEE0) for each in number)
    for text in (number.lower(), f" {number}\t", f"{number[:6]} {number[6:14]}\u3000{number[14:]}", wide):
        assert _check(text).number == number
        assert _check(text).valid


@given(nobody)
def test_made_numbers_are_valid_and_idempotent(number: str) -> None:
    card = _check(number)
    assert card.valid
    assert card.problems == (P.REGION_UNKNOWN,)
    assert _check(card.number).number == number


@given(nobody, st.integers(0, 17), st.integers(1, 9))
def test_one_changed_digit_breaks_the_checksum(number: str, place: int, step: int) -> None:
    old = 10 if number[place] == "X" else int(number[place])
    changed = f"{number[:place]}{(old + step) % 10}{number[place + 1 :]}"
    assert P.CHECKSUM in _check(changed).problems
    assert not _check(changed).valid


@given(nobody, st.integers(0, 16))
def test_two_swapped_neighbours_break_the_checksum(number: str, place: int) -> None:
    a, b = number[place], number[place + 1]
    if a != b and "X" not in {a, b}:
        assert P.CHECKSUM in _check(number[:place] + b + a + number[place + 2 :]).problems


def test_fifteen_digits_become_eighteen() -> None:
    card = _check("990101900101001")
    assert card.upgraded
    assert card.number == with_check_character("99010119900101001")
    assert card.birth == date(1990, 1, 1)
    assert _check(card.number).number == card.number


def test_centenarians_of_the_old_standard_were_born_in_the_19th_century() -> None:
    card = _check("990101850101998")
    assert card.birth == date(1885, 1, 1)
    assert P.BIRTH_TOO_EARLY in card.problems


@pytest.mark.parametrize("text", ["", "1" * 14, "12345678901234X", "a" * 15])
def test_upgrade_wants_fifteen_digits(text: str) -> None:
    with pytest.raises(ValueError, match="15 digits"):
        upgrade(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", P.EMPTY),
        (" \t", P.EMPTY),
        ("9901011990", P.LENGTH),
        ("99010119900101ABCD", P.CHARACTERS),
        ("990101********0011", P.MASKED),
        ("9************1", P.MASKED),
        ("身份证", P.LENGTH),
        (with_check_character("99010120991231001"), P.BIRTH_IN_FUTURE),
        (with_check_character("99010119901301001"), P.BIRTH_IMPOSSIBLE),
        (with_check_character("99010100000000001"), P.BIRTH_IMPOSSIBLE),
        (with_check_character("99010118000101001"), P.BIRTH_TOO_EARLY),
    ],
)
def test_problems(text: str, problem: IdCardProblem) -> None:
    assert problem in _check(text).problems


def test_born_today_is_no_future() -> None:
    number = with_check_character(f"990101{TODAY:%Y%m%d}001")
    assert P.BIRTH_IN_FUTURE not in _check(number).problems
    assert P.BIRTH_IN_FUTURE in check(number, today=date(2026, 10, 31)).problems


def test_without_a_day_given_today_counts() -> None:
    assert P.BIRTH_IN_FUTURE in check(with_check_character("99010199991231001")).problems


# The bodies below carry a birth date that doesn't exist, so that they are nobody's, too.
@pytest.mark.parametrize(
    ("head", "kind", "words", "country"),
    [
        ("810000", IdCardKind.HONG_KONG_PERMIT, ("香港",), None),
        ("820000", IdCardKind.MACAU_PERMIT, ("澳门",), None),
        ("830000", IdCardKind.TAIWAN_PERMIT, ("台湾",), None),
        ("911840", IdCardKind.FOREIGNER, ("北京市",), "840"),
        ("110101", IdCardKind.RESIDENT, ("北京市", "东城区"), None),
    ],
)
def test_kinds(head: str, kind: IdCardKind, words: tuple[str, ...], country: str | None) -> None:
    card = _check(with_check_character(head + "19901332001"))
    assert card.region is not None
    assert (card.kind, card.region.words, card.country) == (kind, words, country)
    assert card.problems == (P.BIRTH_IMPOSSIBLE,)


def test_old_card_of_a_foreigner() -> None:
    card = _check("zzz 000000000000")
    assert (card.kind, card.country, card.valid) == (IdCardKind.FOREIGNER_OLD, "ZZZ", True)
    assert card.age_at(TODAY) is None
    assert card.minor_at(TODAY) is None


def test_regions_of_another_time() -> None:
    problems = {year: _check(with_check_character(f"110103{year}1332001")).problems for year in ("1990", "2015")}
    assert problems["1990"] == (P.BIRTH_IMPOSSIBLE,)
    assert problems["2015"] == (P.BIRTH_IMPOSSIBLE,)  # without a birth there is no year to judge by


def test_age() -> None:
    card = _check(with_check_character("99010120080229001"))
    assert card.age_at(date(2026, 2, 28)) == 17
    assert card.minor_at(date(2026, 2, 28))
    assert card.age_at(date(2026, 3, 1)) == 18
    assert not card.minor_at(date(2026, 3, 1))
    assert card.age_at(date(2008, 2, 29)) == 0
    assert card.age_at(date(2008, 2, 28)) is None


@given(st.text(max_size=30))
def test_never_raises(text: str) -> None:
    card = _check(text)
    assert card.valid or card.problems
