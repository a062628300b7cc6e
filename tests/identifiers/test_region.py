import pytest

from duanka.identifiers.region import Region, RegionState, province_name, region


@pytest.mark.parametrize(
    ("code", "year", "words", "state"),
    [
        ("130502", 1990, ("河北省", "邢台市", "桥东区"), RegionState.IN_FORCE),
        ("130502", 2021, ("河北省", "邢台市", "襄都区"), RegionState.IN_FORCE),
        # born long before the table and before numbers were given out: as of 1984
        ("120111", 1950, ("天津市", "西郊区"), RegionState.IN_FORCE),
        ("110103", 2015, ("北京市", "崇文区"), RegionState.ABOLISHED),
        ("110114", 1990, ("北京市", "昌平区"), RegionState.NOT_YET),
        ("429004", 2000, ("湖北省", "仙桃市"), RegionState.IN_FORCE),
        ("419999", 1990, ("河南省",), RegionState.UNKNOWN),
        ("990101", 1990, (), RegionState.UNKNOWN),
        ("110000", None, ("北京市",), RegionState.UNDATED),
    ],
)
def test_region(code: str, year: int | None, words: tuple[str, ...], state: RegionState) -> None:
    assert region(code, year=year) == Region(code, words, state)


@pytest.mark.parametrize("code", ["", "1", "11010", "1101011", "abcdef", "１１０１０１"])
def test_what_is_no_code_is_unknown(code: str) -> None:
    assert region(code).state is RegionState.UNKNOWN


def test_province_name() -> None:
    assert province_name("44") == "广东省"
    assert province_name("440300") == "广东省"
    assert province_name("99") is None
    assert province_name("") is None
