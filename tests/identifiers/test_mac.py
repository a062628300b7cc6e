import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.identifiers.mac import MacProblem, check, normalise

LOCAL = "02:00:5e:00:00:01"  # locally administered: no manufacturer's


@pytest.mark.parametrize(
    "text",
    ["02:00:5E:00:00:01", "02-00-5e-00-00-01", "0200.5e00.0001", "02005E000001", "2:0:5e:0:0:1", " 02 00 5e 00 00 01\t",
     "０２：００：５Ｅ：００：００：０１", "0200-5e00-0001"],
)  # fmt: skip
def test_notations(text: str) -> None:
    found = check(text)
    assert (found.address, found.problems, found.locally_administered) == (LOCAL, (), True)
    assert found.manufacturer() is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", MacProblem.EMPTY),
        ("00-00-00-00-00-00", MacProblem.PLACEHOLDER),
        ("FFFFFFFFFFFF", MacProblem.PLACEHOLDER),
        ("02:00:00:00:00:00", MacProblem.PLACEHOLDER),
        ("01:00:5e:00:00:01", MacProblem.MULTICAST),
        ("unknown", MacProblem.UNREADABLE),
        ("00:00:00:00:00", MacProblem.UNREADABLE),
        ("gg:00:00:00:00:00", MacProblem.UNREADABLE),
        ("02:00:5e:00:00:01;02:00:5e:00:00:02", MacProblem.UNREADABLE),
    ],
)
def test_problems(text: str, problem: MacProblem) -> None:
    found = check(text)
    assert (found.address, found.problems) == (None, (problem,))
    assert found.manufacturer() is None


def test_manufacturer() -> None:
    found = check("00-00-5E-00-53-01")  # RFC 7042: kept for documentation
    assert not found.locally_administered
    assert found.manufacturer() == "ICANN, IANA Department"


def test_unknown_manufacturer() -> None:
    found = check("fc-ff-ff-00-00-01")
    assert found.address is not None
    assert found.manufacturer() is None


@given(st.binary(min_size=6, max_size=6), st.sampled_from([":", "-", ""]))
def test_idempotent_and_the_same_in_every_notation(raw: bytes, mark: str) -> None:
    text = mark.join(f"{each:02X}" for each in raw)
    once = normalise(text)
    if once is None:
        assert check(text).problems
    else:
        assert once == ":".join(f"{each:02x}" for each in raw)
        assert normalise(once) == once


@given(st.text(max_size=20))
def test_never_raises(text: str) -> None:
    assert (check(text).address is None) == bool(check(text).problems)
