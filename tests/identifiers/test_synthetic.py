import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.identifiers import mobile_ranges
from duanka.identifiers.id_card import with_check_character
from duanka.identifiers.synthetic import (
    SYNTHETIC_CARD_PREFIXES,
    SYNTHETIC_MOBILE_PREFIXES,
    SYNTHETIC_REGIONS,
    is_synthetic_card,
    is_synthetic_id_card,
    is_synthetic_mobile,
)


@given(st.sampled_from(SYNTHETIC_REGIONS), st.dates(), st.integers(0, 999))
def test_every_id_card_under_the_documented_regions(region: str, born: object, sequence: int) -> None:
    body = f"{region}{str(born).replace('-', '')}{sequence:03d}"
    assert is_synthetic_id_card(with_check_character(body))
    assert is_synthetic_id_card(body[:6] + body[8:])  # 15 digits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "990101",
        "360426199101010071",  # python-stdnum's example: a real region
        with_check_character("81000019901332001"),
        with_check_character("83000019901332001"),
        with_check_character("91184019901332001"),
        "ZZZ000000000000",
    ],
)
def test_what_may_be_somebodys(text: str) -> None:
    assert not is_synthetic_id_card(text)


@given(st.sampled_from(SYNTHETIC_CARD_PREFIXES), st.integers(12, 19), st.data())
def test_every_card_under_the_documented_prefixes(prefix: str, length: int, data: st.DataObject) -> None:
    rest = data.draw(st.text("0123456789", min_size=length - len(prefix), max_size=length - len(prefix)))
    assert is_synthetic_card(prefix + rest)
    assert is_synthetic_card(f" {prefix} {rest}\t")


@pytest.mark.parametrize("text", ["", "9990", "9990" + "0" * 16, "999999" + "0" * 10, "9990abcd0000"])
def test_no_synthetic_card(text: str) -> None:
    assert not is_synthetic_card(text)


@given(st.sampled_from(SYNTHETIC_MOBILE_PREFIXES), st.text("0123456789", min_size=8, max_size=8))
def test_every_mobile_in_the_documented_ranges(prefix: str, rest: str) -> None:
    for text in (prefix + rest, f"+86 {prefix}-{rest}", f"0086{prefix}{rest}", f"86{prefix}{rest}"):
        assert is_synthetic_mobile(text)
    assert mobile_ranges.find_range(prefix + rest) is None


@pytest.mark.parametrize("text", ["", "10086", "120", "15400000000", "10690000000", "1064000000000"])
def test_no_synthetic_mobile(text: str) -> None:
    assert not is_synthetic_mobile(text)
