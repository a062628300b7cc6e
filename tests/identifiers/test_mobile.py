"""Numbers in ranges that are nobody's, or examples of phonenumbers; a range is looked up by its prefix alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.identifiers.mobile import Phone, PhoneKind, PhoneProblem, check, normalise
from duanka.identifiers.mobile_ranges import RANGES, Operator, RangeUse, find_range
from duanka.records.vocabulary import SimKind


@pytest.mark.parametrize(
    ("prefix", "length", "operator", "use", "sim"),
    [
        ("1340", 11, Operator.MOBILE, RangeUse.PHONE, SimKind.OPERATOR),
        ("13492", 11, Operator.TELECOM, RangeUse.SATELLITE, SimKind.OPERATOR),
        ("1700", 11, Operator.TELECOM, RangeUse.MVNO, SimKind.MVNO),
        ("1703", 11, Operator.MOBILE, RangeUse.MVNO, SimKind.MVNO),
        ("1704", 11, Operator.UNICOM, RangeUse.MVNO, SimKind.MVNO),
        ("171", 11, Operator.UNICOM, RangeUse.MVNO, SimKind.MVNO),
        ("162", 11, Operator.TELECOM, RangeUse.MVNO, SimKind.MVNO),
        ("165", 11, Operator.MOBILE, RangeUse.MVNO, SimKind.MVNO),
        ("167", 11, Operator.UNICOM, RangeUse.MVNO, SimKind.MVNO),
        ("192", 11, Operator.BROADNET, RangeUse.PHONE, SimKind.OPERATOR),
        ("145", 11, Operator.UNICOM, RangeUse.DATA, SimKind.OPERATOR),
        ("149", 11, Operator.TELECOM, RangeUse.DATA, SimKind.OPERATOR),
        ("146", 11, Operator.UNICOM, RangeUse.IOT, SimKind.IOT),
        ("148", 11, Operator.MOBILE, RangeUse.IOT, SimKind.IOT),
        ("148", 13, None, RangeUse.IOT, SimKind.IOT),
        ("1440", 13, Operator.MOBILE, RangeUse.IOT, SimKind.IOT),
        ("1449", 13, None, RangeUse.IOT, SimKind.IOT),
        ("1410", 13, Operator.TELECOM, RangeUse.IOT, SimKind.IOT),
        ("140", 13, None, RangeUse.IOT, SimKind.IOT),
        ("140", 11, None, RangeUse.IOT, SimKind.IOT),
        ("10646", 13, None, RangeUse.IOT, SimKind.IOT),
        ("10647", 13, None, RangeUse.IOT, SimKind.IOT),
        ("10648", 13, None, RangeUse.IOT, SimKind.IOT),
        ("1749", 11, None, RangeUse.SATELLITE, SimKind.OPERATOR),
    ],
)
def test_ranges(prefix: str, length: int, operator: Operator | None, use: RangeUse, sim: SimKind) -> None:
    found = find_range(prefix.ljust(length, "-"))
    assert found is not None
    phone = Phone("", None, PhoneKind.MOBILE, found, ())
    assert (phone.original_operator, found.use, phone.sim_kind) == (operator, use, sim)


@pytest.mark.parametrize("prefix", ["100", "106", "120", "13490", "154", "160", "1610", "1742", "194"])
def test_no_range(prefix: str) -> None:
    assert find_range(prefix.ljust(11, "-")) is None


def test_the_example_of_phonenumbers() -> None:
    phone = check("131 2345 6789")  # Google's example_number for China
    assert (phone.number, phone.original_operator, phone.problems) == ("+8613123456789", Operator.UNICOM, ())


def test_thirteen_digits_of_a_machine() -> None:
    phone = check("1064000000000")
    assert (phone.number, phone.sim_kind) == ("+861064000000000", SimKind.IOT)
    assert check("+861064000000000").number == phone.number


def test_every_row_has_a_source_and_is_found() -> None:
    assert len({(row.length, row.prefix) for row in RANGES}) == len(RANGES)
    for row in RANGES:
        assert row.source
        assert row.operator or row.note, f"{row.prefix}: no operator, and no note that says why"
        assert find_range(row.prefix.ljust(row.length, "0")) is not None


def test_what_is_missing_in_the_table_is_a_finding() -> None:
    phone = check("15400000000")
    assert (phone.number, phone.problems) == ("+8615400000000", (PhoneProblem.RANGE_UNKNOWN,))
    assert phone.sim_kind is SimKind.UNKNOWN
    assert phone.original_operator is None


@pytest.mark.parametrize(
    "text",
    [
        "10000000001", "+8610000000001", "86 100-0000-0001", "0086 10000000001", "010000000001", "'10000000001",
        "\t１００００００ ０００１\u3000", "100.0000.0001",
    ],
)  # fmt: skip
def test_notations(text: str) -> None:
    phone = check(text)
    assert (phone.number, phone.problems) == ("+8610000000001", (PhoneProblem.SYNTHETIC,))


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        ("10086", "10086", PhoneKind.SERVICE),
        ("95588", "95588", PhoneKind.SERVICE),
        ("110", "110", PhoneKind.SERVICE),
        ("12345", "12345", PhoneKind.SERVICE),
        ("106900000000", "106900000000", PhoneKind.SERVICE),
        ("10690000000", "10690000000", PhoneKind.SERVICE),
        ("400-123-4567", "+864001234567", PhoneKind.FIXED),
        ("010-12345678", "+861012345678", PhoneKind.FIXED),
        ("+86 (10) 1234 5678", "+861012345678", PhoneKind.FIXED),
        ("+1 202 555 0100", "+12025550100", PhoneKind.FOREIGN),  # kept for fiction
        ("+44 7700 900000", None, PhoneKind.UNKNOWN),  # kept for fiction, and so not valid
        ("999", None, PhoneKind.UNKNOWN),
    ],
)
def test_other_numbers(text: str, number: str | None, kind: PhoneKind) -> None:
    phone = check(text)
    assert (phone.number, phone.kind) == (number, kind)
    assert phone.original_operator is None


def test_home_region() -> None:
    assert normalise("202 555 0100", region="US") == "+12025550100"
    assert normalise("+86 10000000001", region="US") == "+8610000000001"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", PhoneProblem.EMPTY),
        ("-", PhoneProblem.EMPTY),
        ("138****0000", PhoneProblem.MASKED),
        ("无", PhoneProblem.UNREADABLE),
        ("1234567", PhoneProblem.UNREADABLE),
    ],
)
def test_problems(text: str, problem: PhoneProblem) -> None:
    phone = check(text)
    assert (phone.number, phone.problems) == (None, (problem,))


@given(st.one_of(st.text(max_size=20), st.text("0123456789+- ", min_size=3, max_size=18)))
def test_idempotent(text: str) -> None:
    once = normalise(text)
    if once is not None:
        assert normalise(once) == once
