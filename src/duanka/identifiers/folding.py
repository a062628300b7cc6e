r"""How a typed or exported identifier becomes comparable text: full-width to half-width, no blanks.

The patterns are written so that Python's `re` and Polars' (Rust's) regex read them alike: no `\s`, no `\d`, no
look-around, explicit code points. That keeps a scalar function and its bulk twin equal.
"""

import re

FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
"""Full-width ASCII variants (Unicode block FF01-FF5E) -> ASCII. Blanks are not here: they are removed."""

BLANK = (
    r"[\x00-\x20\x7f-\xa0\u00ad\u034f\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u3000\ufe00-\ufe0f\ufeff]"
)
"""Blanks, tabs, controls and invisible characters, incl. U+3000 (ideographic space), U+00A0 (nbsp) and zero widths."""

_TABLE = str.maketrans(FULL_WIDTH)
_BLANKS = re.compile(BLANK + "+")


def fold(text: str) -> str:
    """`text` with full-width ASCII made half-width and every blank or invisible character removed. Idempotent."""
    return _BLANKS.sub("", text.translate(_TABLE))


def is_digits(text: str) -> bool:
    """Whether `text` is one or more of 0-9 and nothing else (`str.isdigit` also takes other scripts' digits)."""
    return text.isascii() and text.isdigit()
