"""Every registered signal is complete: names, definition, sources of its numbers, inputs, words."""

import re
import string
from pathlib import Path

import pytest

from duanka.messages.catalogue import messages
from duanka.signals.definition import Signal
from duanka.signals.inputs import INPUTS
from duanka.signals.registry import CODES, SIGNALS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "signals.md").read_text("utf-8")


def test_codes_are_unique_and_in_order() -> None:
    assert len(set(CODES)) == len(CODES)
    assert sorted(CODES) == list(CODES)
    worded = {key.removeprefix("signal.") for key in messages() if key.startswith("signal.")}
    assert worded == set(CODES)


@pytest.mark.parametrize("signal", SIGNALS, ids=CODES)
def test_a_signal_is_documented(signal: Signal) -> None:
    assert re.fullmatch(r"[A-Z]{2}\d\d", signal.code)
    assert signal.en
    assert re.search("[\u4e00-\u9fff]", signal.zh)
    assert signal.formal
    assert signal.source
    assert set(signal.inputs) <= set(INPUTS)
    assert all(one.source for one in signal.parameters)
    assert f"\n## {signal.code} {signal.en} · {signal.zh}\n" in PAGE
    assert all(f"`{one.name}`" in PAGE for one in signal.parameters)


@pytest.mark.parametrize("signal", SIGNALS, ids=CODES)
def test_its_queries_know_its_parameters(signal: Signal) -> None:
    known = {one.name for one in signal.parameters}
    for query in (signal.value, signal.rows):
        assert {name for _, name, _, _ in string.Formatter().parse(query) if name} <= known
