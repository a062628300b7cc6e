"""Firms' numbers under the region 990101, which doesn't exist; and the two examples of the standards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.identifiers.uscc import (
    ALPHABET,
    Entity,
    UsccKind,
    UsccProblem,
    check,
    check_character,
    organisation_check_character,
)

P = UsccProblem
organisations = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8)


def _made(head: str, organisation: str) -> str:
    body = head + organisation + organisation_check_character(organisation)
    return body + check_character(body)


nobody = st.builds(_made, st.sampled_from(["91990101", "92990101", "51990101", "N2990101"]), organisations)


def test_the_example_of_stdnum() -> None:
    found = check(" 9111 0000 6000 3734 1l ")
    assert (found.number, found.valid, found.problems) == ("91110000600037341L", True, ())
    assert (found.kind, found.entity, found.organisation) == (UsccKind.USCC, Entity.ENTERPRISE, "600037341")
    assert found.region is not None
    assert found.region.words == ("北京市",)


@given(nobody)
def test_made_numbers_are_valid_and_idempotent(number: str) -> None:
    found = check(number)
    assert (found.valid, found.problems, found.number) == (True, (P.REGION_UNKNOWN,), number)
    assert check(found.number) == found


@given(nobody, st.integers(2, 17), st.data())
def test_one_changed_character_breaks_the_checksum(number: str, place: int, data: st.DataObject) -> None:
    choice = "0123456789" if place < 8 else ALPHABET
    new = data.draw(st.sampled_from([each for each in choice if each != number[place]]))
    found = check(number[:place] + new + number[place + 1 :])
    assert P.CHECKSUM in found.problems
    assert not found.valid


def test_entities() -> None:
    assert check(_made("92990101", "00000000")).entity is Entity.SOLE_TRADER
    assert check(_made("N2990101", "00000000")).entity is Entity.RURAL_COLLECTIVE
    odd = check(_made("B1990101", "00000000"))
    assert odd.entity is Entity.OTHER
    assert odd.valid
    assert P.AUTHORITY_UNKNOWN in odd.problems


def test_organisation_code_has_its_own_check() -> None:
    body = "91990101" + "00000000" + "1"
    found = check(body + check_character(body))
    assert found.problems == (P.ORGANISATION_CHECKSUM, P.REGION_UNKNOWN)
    assert found.valid


@given(organisations)
def test_organisation_check_character_is_one(body: str) -> None:
    assert organisation_check_character(body) in "0123456789X"


def test_registration_number() -> None:
    found = check("110108000000016")  # the worked example of the registration number's check digit
    assert (found.kind, found.valid, found.problems) == (UsccKind.REGISTRATION, True, ())
    assert P.CHECKSUM in check("110108000000017").problems
    assert P.REGION_UNKNOWN not in check("100000000000001").problems


@given(st.integers(0, 10**14 - 1), st.integers(0, 14), st.integers(1, 9))
def test_one_changed_digit_breaks_a_registration_number(body: int, place: int, step: int) -> None:
    number = next(
        made for made in (f"{body:014d}{last}" for last in range(10)) if P.CHECKSUM not in check(made).problems
    )
    changed = f"{number[:place]}{(int(number[place]) + step) % 10}{number[place + 1 :]}"
    assert P.CHECKSUM in check(changed).problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", P.EMPTY),
        ("12345", P.LENGTH),
        ("9111****341L", P.MASKED),
        ("9199010100000000II", P.CHARACTERS),
        ("I1990101000000000A", P.CHARACTERS),
        ("91AB0000600037341L", P.CHARACTERS),
    ],
)
def test_problems(text: str, problem: UsccProblem) -> None:
    found = check(text)
    assert problem in found.problems
    assert not found.valid


@given(st.text(max_size=25))
def test_never_raises(text: str) -> None:
    assert check(text).valid or check(text).problems
