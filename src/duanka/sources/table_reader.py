"""Recognises tables by their header and reads them by their `TableFormat`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from duanka.records.vocabulary import RecordKind
from duanka.sources import times
from duanka.sources.batch import PERIOD_SCHEMA, Batch
from duanka.sources.fields import Context
from duanka.sources.interpret import transactions
from duanka.sources.opened import Head, Part, Table
from duanka.sources.record_rows import accounts_of, records
from duanka.sources.sides import own_accounts
from duanka.sources.spec import TableFormat
from duanka.sources.text_table import MAX_COLUMNS

Adapt = Callable[[pl.DataFrame, TableFormat], pl.DataFrame]
"""A format's own step: the part under its header's names -> the same with columns corrected or added. It may
never drop or add rows. Columns that it adds begin with `@`; so do those that it gets from keys of `preamble` or
`filename` that begin with `@`. They are no part of a rejected row's text."""

FOOTER = r"^(?:.{0,6}(?:合计|总计|小计)|共\d+[笔条]|-{4,}|—{2,}|本页|以下空白|End of|Total\b)"
_WIDTHS = str.maketrans("（）：　", "():\u0020")


@dataclass(frozen=True, slots=True)
class Match:
    """A table that a format recognised."""

    spec: TableFormat
    adapt: Adapt | None
    header: int | None  # index in the head; None where the format has no header row
    names: tuple[str, ...]  # the header's names, unique
    score: int  # header names known to the format


@lru_cache(maxsize=1 << 14)
def tidy(name: str) -> str:
    """A header name for comparison: no blanks, quotes or marks, half-width brackets."""
    if name.isalnum():  # has none of them; most cells of a head are looked at only here
        return name
    return re.sub(r"[\s\ufeff'\"`]", "", name.translate(_WIDTHS))


def recognise(head: Head, name: str, formats: list[tuple[TableFormat, Adapt | None]]) -> list[Match]:
    """Every format that fits, best first: highest priority, then most header names known. O(rows · formats)."""
    found = []
    tidied = [tuple(tidy(cell) for cell in row) for row in head.cells]
    sets = [frozenset(row) for row in tidied]
    everything = frozenset[str]().union(*sets)
    for spec, adapt in formats:
        if spec.filename_has and not re.search(spec.filename_has, name, re.IGNORECASE):
            continue
        if not spec.headerless and not all(
            words & everything for words in _required(spec)
        ):  # most formats, at a glance
            continue
        match = _match(head, tidied, sets, spec, adapt)
        if match is not None:
            found.append(match)
    return sorted(found, key=rank)


def rank(match: Match) -> tuple[int, int, str]:
    """Order of formats that all fit: highest priority, then most header names known, then by name."""
    return -match.spec.priority, -match.score, match.spec.name


def _match(
    head: Head, rows: list[tuple[str, ...]], sets: list[frozenset[str]], spec: TableFormat, adapt: Adapt | None
) -> Match | None:
    if spec.headerless:
        return Match(spec, adapt, None, spec.headerless, 0) if rows and len(rows[0]) == len(spec.headerless) else None
    required_sets = _required(spec)
    absent = frozenset(tidy(word) for word in spec.absent)
    for index, cells in enumerate(sets):
        if not all(words & cells for words in required_sets) or absent & cells:
            continue
        above = "\n".join(" ".join(row) for row in head.cells[:index])
        if spec.preamble_has and not re.search(spec.preamble_has, above):
            return None
        names = _unique(rows[index])
        known = {tidy(word) for words in _spellings(spec) for word in words}
        return Match(spec, adapt, index, names, len(known & set(names)))
    return None


def _required(spec: TableFormat) -> list[frozenset[str]]:
    """The spellings of each header name that the format wants."""
    return [frozenset(map(tidy, [one] if isinstance(one, str) else one)) for one in spec.required]


def _unique(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Header names made unique: a second `Account` becomes `Account_2`; a blank name is its place."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    seen: dict[str, int] = {}
    names = []
    for place, cell in enumerate(cells[:MAX_COLUMNS]):
        name = cell or f"column_{place + 1}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(names)


def _spellings(spec: TableFormat) -> list[tuple[str, ...]]:
    return [(words,) if isinstance(words, str) else words for words in spec.columns.values()]


def read(table: Table, match: Match, *, file_name: str, own_account: str) -> Iterator[Batch]:
    """Batches of a recognised table. `own_account` is whose ledger it is where nothing in the file says it."""
    spec = match.spec
    context = _context(table.head, match, file_name, own_account)
    footer = re.compile(spec.footer or FOOTER)
    first = True
    for part in table.parts(match.header, match.names):
        trimmed = _without_furniture(part, match, footer)
        if match.adapt is not None:
            trimmed = _adapted(trimmed, match.adapt, spec, context)
        here = replace(
            context, columns={f: name for f, name in context.columns.items() if name in trimmed.frame.columns}
        )
        batch = (transactions if spec.record is RecordKind.TRANSACTION else records)(trimmed, spec, here)
        if first:
            first = False
            batch = replace(batch, periods=_period(context, spec))
        yield batch


def _adapted(part: Part, adapt: Adapt, spec: TableFormat, context: Context) -> Part:
    """The part after the format's own step. What was known to be trimmed still is where nothing was changed."""
    given = _with_finds(part.frame, context)
    frame = adapt(given, spec)
    return replace(part, frame=frame, trimmed=part.trimmed if frame is given else frozenset())


def _with_finds(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The part with a column for each find above the header (or in the file's name) that is for `adapt`: `@name`."""
    finds = {name: value for name, value in context.fixed.items() if name.startswith("@")}
    return frame.with_columns(pl.lit(value).alias(name) for name, value in finds.items())


def _context(head: Head, match: Match, file_name: str, own_account: str) -> Context:
    spec = match.spec
    present = {tidy(name): name for name in reversed(match.names)}
    columns = {}
    for field, words in spec.columns.items():
        spellings = (words,) if isinstance(words, str) else words
        found = next((present[tidy(word)] for word in spellings if tidy(word) in present), None)
        if found is not None or match.adapt is not None:
            columns[field] = found or spellings[0]
    above = "\n".join(",".join(row) for row in head.cells[: match.header or 0])
    fixed = dict(spec.constants)
    for field, pattern in spec.preamble.items():
        if hit := re.search(pattern, above):
            fixed[field] = hit.group(1).strip()
    for field, pattern in spec.filename.items():
        if hit := re.search(pattern, file_name):
            fixed[field] = hit.group(1).strip()
    known = {tidy(word) for words in _spellings(spec) for word in words} | {tidy(c) for c in spec.labels.values()}
    known |= {tidy(name) for name in spec.ignored}
    unknown = tuple(name for name in match.names if name not in known)
    columns = {field: name for field, name in columns.items() if name in match.names or match.adapt is not None}
    labels = {label: present[tidy(name)] for label, name in spec.labels.items() if tidy(name) in present}
    return Context(fixed=fixed, columns=columns, unknown=unknown, own_account=own_account, labels=labels, ids=spec.ids)


def _without_furniture(part: Part, match: Match, footer: re.Pattern[str]) -> Part:
    """Repeated headers and totals are not rows; they are kept as furniture."""
    frame = part.frame
    if not frame.height:
        return part
    names = [name for name in frame.columns if name != "line"]
    if not _may_hold_furniture(frame, names, footer):
        return part
    first = pl.coalesce(
        pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name).str.strip_chars()) for name in names
    )
    filled = pl.sum_horizontal((pl.col(name).fill_null("").str.strip_chars() != "").cast(pl.Int32) for name in names)
    total = first.str.contains(footer.pattern).fill_null(value=False)
    if match.header is not None and len(names) > 1:
        a, b = names[0], names[1]
        total |= (pl.col(a).fill_null("").str.strip_chars() == a) & (pl.col(b).fill_null("").str.strip_chars() == b)
    note = (filled <= 1) & (len(names) > 3)
    lone = frame.select((total | note).alias("x"))["x"]
    if not lone.any():
        return part
    rows = frame.filter(lone)
    texts = rows.select(
        pl.concat_str([pl.col(name).fill_null("").str.strip_chars() for name in names], separator=" ").alias("t")
    )["t"]
    furniture = tuple(zip(rows["line"].to_list(), texts.str.strip_chars().to_list(), strict=True))
    return replace(part, frame=frame.filter(~lone), furniture=part.furniture + furniture)


def _may_hold_furniture(frame: pl.DataFrame, names: list[str], footer: re.Pattern[str]) -> bool:
    """A cheap look, true wherever there is a total, a note or a repeated header, and seldom elsewhere."""
    if len(names) > 3:
        empty = (pl.col(name).is_null() | (pl.col(name) == "") for name in names[1:3])
        if frame.select(pl.all_horizontal(empty).any()).item():
            return True
    first = frame[names[0]]
    if footer.pattern == FOOTER:  # which no number fits; most first cells are one
        first = first.filter(~first.str.contains(r"^[0-9]{7}").fill_null(value=False))
    first = first.str.strip_chars()
    doubtful = first.is_null() | (first == "") | (first == names[0]) | first.str.contains(footer.pattern)
    return bool(doubtful.any())


def _period(context: Context, spec: TableFormat) -> pl.DataFrame:
    """The statement's own period, where its preamble prints one: it covers days without any row, too."""
    start, end = context.fixed.get("period_from"), context.fixed.get("period_to")
    if not start or not end:
        return pl.DataFrame(schema=PERIOD_SCHEMA)
    moments = times.parse(pl.Series([start, end]), zone=spec.zone, midnight_is_day=False)
    if moments["time"].null_count():
        return pl.DataFrame(schema=PERIOD_SCHEMA)
    first, last = moments["time"].to_list()
    whole_day = moments["time_precision"][1] == "day"
    own = context.fixed.get("own")
    account = own_accounts(accounts_of(pl.Series("own", [own], dtype=pl.String)), spec)[0] or context.own_account
    frame = pl.DataFrame(
        {
            "account": [account],
            "from": [first],
            "to": [last],
            "opening": [None],
            "closing": [None],
            "currency": [spec.currency],
        },
        schema=PERIOD_SCHEMA,
    )
    return frame.with_columns(pl.col("to") + pl.duration(days=1, microseconds=-1)) if whole_day else frame
