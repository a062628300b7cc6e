"""A slow and obvious reader of delimited text, which the quick one must agree with whatever its blocks are."""

import csv
import io
from dataclasses import dataclass, field

from duanka.sources import text_table


@dataclass
class Rows:
    """Rows as (line, cells), rejects as (line, code)."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    rejects: list[tuple[int, str]] = field(default_factory=list)


def read_slowly(text: str, width: int, delimiter: str = ",") -> Rows:
    """Line by line over the whole text."""
    found = Rows()
    unterminated = not text.endswith("\n")
    raw = text.split("\n")
    if not unterminated:
        raw.pop()
    too_long = [len(line.encode()) > text_table.LINE_LIMIT for line in raw]
    lines = [line.rstrip("\r") for line in raw]
    at = 0
    while at < len(lines):
        if not raw[at].strip(" \t\r\x00\x0b\x0c"):
            at += 1
            continue
        if too_long[at]:
            found.rejects.append((at + 1, "line_too_long"))
            at += 1
            continue
        record = _record(lines, too_long, at, width, delimiter)
        if record is not None:
            found.rows.append((at + 1, record[0]))
            at = record[1]
            continue
        cells = _one_line(lines[at], delimiter)
        _accept(found, at, cells, width, cut=unterminated and at == len(lines) - 1)
        at += 1
    return found


def _record(
    lines: list[str], too_long: list[bool], at: int, width: int, delimiter: str
) -> tuple[list[str], int] | None:
    """The cells of a record that runs over several lines and the line after it, if one begins here."""
    if lines[at].count('"') % 2 == 0:
        return None
    for stop in range(at + 1, min(at + text_table.RECORD_LINES, len(lines))):
        if too_long[stop]:
            return None
        if lines[stop].count('"') % 2 == 1:
            records = list(csv.reader(io.StringIO("\n".join(lines[at : stop + 1])), delimiter=delimiter))
            whole = len(records) == 1 and len(records[0]) == width
            return (records[0], stop + 1) if whole else None
    return None


def _one_line(line: str, delimiter: str) -> list[str]:
    if '"' not in line or line.count('"') % 2 == 1:
        return line.split(delimiter)
    return next(csv.reader(io.StringIO(line), delimiter=delimiter), [])


def _accept(found: Rows, at: int, cells: list[str], width: int, *, cut: bool) -> None:
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width]
    if len(cells) > width:
        found.rejects.append((at + 1, "too_many_fields"))
    elif cut and len(cells) < width:
        found.rejects.append((at + 1, "too_few_fields"))
    else:
        found.rows.append((at + 1, cells + [""] * (width - len(cells))))
