"""What the network of a lead prints: ranked accounts with their ties in words, or one JSON object."""

from datetime import datetime

import polars as pl

from duanka.messages.catalogue import Language, say
from duanka.tracing.around import Around

SHOWN = 20
"""Accounts that the text lists; all of them are in the tables."""

TABLES = ("leads", "ranked", "ties")
"""The frames of `Around`."""


def as_dict(found: Around) -> dict[str, object]:
    """The contract that scripts rely on: the tables as lists of objects; times ISO 8601, amounts minor units."""
    facts: dict[str, object] = {"direction": "around", "at": found.at.isoformat() if found.at else None}
    return facts | {name: _lines(getattr(found, name)) for name in TABLES}


def _lines(frame: pl.DataFrame) -> list[dict[str, object]]:
    return [
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in one.items()}
        for one in frame.iter_rows(named=True)
    ]


def as_text(found: Around, language: Language) -> str:
    """The accounts of the highest scores, and why."""
    lines = [say("around.head", language, leads=f"{len(found.leads):,}", count=f"{len(found.ranked):,}")]
    if found.ranked.is_empty():
        return "\n".join([*lines, say("around.nobody", language)])
    for one in found.ranked.head(SHOWN).iter_rows(named=True):
        lines.append(f"{one['rank']:>4}  {one['score']:6.2f}  {one['account_id']} {one['holder'] or ''}".rstrip())
        lines.append(f"              {one[f'text_{language}']}")
    rest = len(found.ranked) - SHOWN
    return "\n".join([*lines, *([say("trace.more", language, count=f"{rest:,}")] if rest > 0 else [])])
