"""Serial numbers under the reporting body 00, which marks test equipment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from duanka.identifiers.imei import ImeiKind, ImeiProblem, check

P = ImeiProblem
bodies = st.integers(1, 10**12 - 1).map(lambda rest: f"00{rest:012d}")


@given(bodies)
def test_one_device_in_three_notations(body: str) -> None:
    plain, checked, versioned = check(body), check(body + luhn.calc_check_digit(body)), check(body + "07")
    assert plain.device == checked.device == versioned.device == body
    assert (plain.kind, checked.kind, versioned.kind) == (ImeiKind.IMEI, ImeiKind.IMEI, ImeiKind.IMEISV)
    assert plain.tac == body[:8]
    assert checked.problems == (P.TEST,)
    assert check(checked.number) == checked


@given(bodies, st.integers(0, 14), st.integers(1, 9))
def test_one_changed_digit_breaks_the_checksum(body: str, place: int, step: int) -> None:
    number = body + luhn.calc_check_digit(body)
    changed = f"{number[:place]}{(int(number[place]) + step) % 10}{number[place + 1 :]}"
    if changed[-1] != "0" and len(set(changed[:14])) > 1:
        assert P.CHECKSUM in check(changed).problems
        assert check(changed).device is None


def test_networks_send_zero_for_the_check_digit() -> None:
    assert check("001234567890120").valid
    assert not check("001234567890121").valid


def test_notation() -> None:
    assert check(" 00-123456-789012/\t").number == "00123456789012"
    assert check("００１２３４５６７８９０１２").number == "00123456789012"


def test_meid() -> None:
    found = check("a0000000000001")
    assert (found.kind, found.device, found.tac) == (ImeiKind.MEID, "A0000000000001", None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", P.EMPTY),
        ("0" * 15, P.PLACEHOLDER),
        ("111111111111119", P.PLACEHOLDER),
        ("0012345", P.LENGTH),
        ("001234567890123456", P.LENGTH),
        ("unknown", P.CHARACTERS),
        ("0012345678901B", P.CHARACTERS),
    ],
)
def test_problems(text: str, problem: ImeiProblem) -> None:
    found = check(text)
    assert (found.valid, found.problems, found.device) == (False, (problem,), None)


@given(st.text(max_size=20))
def test_never_raises(text: str) -> None:
    assert check(text).valid or check(text).problems
