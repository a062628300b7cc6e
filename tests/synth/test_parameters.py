"""Settings: each has a range and an anchor; what is impossible is refused by name."""

import pytest

from duanka.synth.parameters import SettingError, defaults, settings
from duanka.synth.scales import SCALES, rings_wanted, scale_named


def test_every_parameter_says_what_supports_it() -> None:
    for name, parameter in defaults().all.items():
        assert parameter.anchor.strip(), name
        assert parameter.unit.strip(), name
        assert parameter.low < parameter.high, name


def test_a_setting_changes_one_number() -> None:
    changed = settings(["rings.adaptive=0.25"])
    assert changed["rings.adaptive"] == 0.25
    assert changed["life.spread"] == defaults()["life.spread"]


@pytest.mark.parametrize(
    ("pair", "words"),
    [("rings.adaptive=2", "from 0 to 1"), ("rings.adaptive=x", "from 0 to 1"), ("no.such=1", "no parameter 'no.such'"),
     ("rings.adaptive", "NAME=VALUE"), ("rings.adaptive=nan", "rings.adaptive")],
)  # fmt: skip
def test_what_is_impossible_is_refused_by_name(pair: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        settings([pair])


@pytest.mark.parametrize("pair", ["circus:1", "fraud:-1", "fraud:many", "fraud:1001"])
def test_rings_that_cannot_be_are_refused(pair: str) -> None:
    with pytest.raises(SettingError, match="--ring"):
        rings_wanted(SCALES["tiny"], [pair])


def test_rings_are_counted() -> None:
    assert rings_wanted(SCALES["tiny"], []) == SCALES["tiny"].rings
    assert rings_wanted(SCALES["tiny"], ["fraud:3", "mirror"]) == {"fraud": 3, "mirror": 1}
    with pytest.raises(SettingError, match="tiny, demo, case, province"):
        scale_named("planet")
