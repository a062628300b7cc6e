"""The reference case is hard: plain rivals stay below the bounds that were set before any measurement."""

import json
from pathlib import Path

import pytest

from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.synth.write import write_world
from long.rivals import report

ARTEFACTS = ("number", "first", "in_first", "out_first", "in_cents", "out_cents", "in_once", "out_once")
"""Columns that must say nothing: numbers, first-seen times, cents, pairs seen once."""


@pytest.mark.long
def test_plain_rivals_do_not_solve_the_reference_case(tmp_path: Path) -> None:
    scale = SCALES["case"]
    write_world(scale, 1, defaults(), scale.rings, tmp_path)
    found = report(tmp_path)
    print(json.dumps(found, indent=1))  # noqa: T201 - the figures, with pytest -s
    columns = found["columns"]
    assert isinstance(columns, dict)
    assert float(str(found["pass_through"])) < 0.4
    assert float(str(found["lightgbm"])) < 0.9
    assert float(str(found["louvain"])) < 0.3
    assert max(columns.values()) < 0.4  # no single column separates
    base = float(str(found["base_rate"]))
    for name in ARTEFACTS:
        assert columns[name] < 6 * base, name
