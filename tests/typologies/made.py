"""Conditions, rows of signals and typology files for tests."""

from pathlib import Path
from textwrap import dedent

import polars as pl
from hypothesis import strategies as st

from duanka.signals.measuring import LONG
from duanka.typologies.condition import Row

CODES = ("TX01", "TX06", "DV03")
NAMES = tuple(name for code in CODES for name in (code, f"{code}.value"))

FILE = """\
    code: U-900
    zh: 测试
    en: test
    when: TX01 >= 3 and TX06.value > 10
    reason: {zh: "强度 {TX01}", en: "strength {TX01}, value {TX06.value}"}
    tests:
      - given: {TX01: 3, TX06.value: 11}
        expect: true
      - given: {TX01: 3}
        expect: false
"""

_FIGURES = st.sampled_from(["0", "1", "3", "0.1", "2.5", "1e15", "3.3333333333333335"])
_NUMBERS = st.recursive(
    st.sampled_from(NAMES) | _FIGURES,
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from("+-*/"), part).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        part.map(lambda one: f"abs({one})"),
        part.map(lambda one: f"(- {one})"),
        st.tuples(st.sampled_from(["coalesce", "least", "greatest"]), st.lists(part, min_size=1, max_size=3)).map(
            lambda t: f"{t[0]}({', '.join(t[1])})"
        ),
    ),
    max_leaves=6,
)
_SIMPLE = st.one_of(
    st.tuples(_NUMBERS, st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="]), _NUMBERS).map(" ".join),
    st.tuples(_NUMBERS, st.sampled_from(["", "not "]), _NUMBERS, _NUMBERS).map(
        lambda t: f"{t[0]} {t[1]}between {t[2]} and {t[3]}"
    ),
    st.tuples(_NUMBERS, st.sampled_from(["", "not "]), st.lists(_NUMBERS, min_size=1, max_size=3)).map(
        lambda t: f"{t[0]} {t[1]}in ({', '.join(t[2])})"
    ),
    st.tuples(_NUMBERS, st.sampled_from(["is null", "is not null"])).map(" ".join),
)
conditions = st.recursive(
    _SIMPLE.map(lambda one: f"({one})"),
    lambda part: st.one_of(
        st.lists(part, min_size=2, max_size=3).flatmap(
            lambda parts: st.sampled_from([" and ", " or "]).map(lambda word: f"({word.join(parts)})")
        ),
        part.map(lambda one: f"(not {one})"),
    ),
    max_leaves=5,
)
_VALUES = st.none() | st.sampled_from([0.0, -0.0, 1.0, 3.0, 0.1, 1e308, -1e308, 5e-324]) | st.floats(-1e6, 1e6)
accounts = st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, _VALUES)), min_size=1, max_size=8)


def published(rows: list[Row]) -> pl.DataFrame:
    """The table `signals` of accounts a0, a1 …: a row a signal of which anything is known."""
    lines = [
        {"account_id": f"a{number}", "code": code, "value": row.get(f"{code}.value"), "strength": row.get(code),
         "rows": [f"r{number}-{code}", "shared"], "text_zh": "", "text_en": ""}
        for number, row in enumerate(rows) for code in CODES
    ]  # fmt: skip
    return pl.DataFrame(lines, schema=LONG)


def written(folder: Path, name: str = "U-900.yaml", /, **changes: str) -> Path:
    """FILE with the lines that begin with these keys replaced (a dot is written `_`), or taken out where ""."""
    lines = dedent(FILE).splitlines()
    for key, text in changes.items():
        at = next((n for n, line in enumerate(lines) if line.startswith(f"{key}:")), len(lines))
        lines[at : at + 1] = [f"{key}: {text}"] if text else []
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
