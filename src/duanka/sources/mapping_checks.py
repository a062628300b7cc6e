"""What a format must have to be of use. Checked for mappings when they are loaded, for the built-in ones in tests."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

import polars as pl

from duanka.messages.told import Message
from duanka.records.vocabulary import AccountKind, RecordKind, Status
from duanka.sources import times
from duanka.sources.record_rows import KEYS, columns_of
from duanka.sources.spec import TRANSACTION_FIELDS, TableFormat
from duanka.sources.table_reader import tidy

MAX_PATTERN = 500
"""Characters of a regular expression; what tells files apart is far shorter."""

_RUNAWAY = re.compile(r"\((?:[^()\\]|\\.)*(?:[+*]|\{\d+,\})(?:[^()\\]|\\.)*\)(?:[+*]|\{\d+,\})")
_UNMAPPED = frozenset({"zone", "row_id", "time_precision"})
_TIMED = frozenset({RecordKind.SESSION, RecordKind.CALL})
_NAME = re.compile(r"[\w.-]{1,60}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a key, and the words that would do there, if they can be listed."""

    path: tuple[str | int, ...]
    message: Message
    word: str = ""
    choices: tuple[str, ...] = ()


def either(words: Sequence[str]) -> object:
    """`one` or `another` or `a third`, in words of either language."""
    first, *rest = words
    return Message("mapping.or", one=f"`{first}`", other=either(rest)) if rest else f"`{first}`"


def fields_of(kind: RecordKind) -> tuple[str, ...]:
    """The fields that a format of this kind may fill."""
    if kind is RecordKind.TRANSACTION:
        return tuple(TRANSACTION_FIELDS)
    names = [name for name in columns_of(kind) if name not in _UNMAPPED]
    return (*names, "date", "clock") if "time" in names else tuple(names)


def problems(spec: TableFormat) -> Iterator[Problem]:
    """Everything that is wrong with a format, most basic first."""
    yield from _words(spec)
    yield from _lists(spec)
    yield from _patterns(spec)
    yield from _fields(spec)
    yield from _headerless(spec)
    yield from (_transaction(spec) if spec.record is RecordKind.TRANSACTION else _record(spec))


def _words(spec: TableFormat) -> Iterator[Problem]:
    if not _NAME.fullmatch(spec.name):
        yield Problem(("name",), Message("mapping.name_shape"))
    if spec.zone not in available_timezones():
        zones = tuple(sorted(available_timezones()))
        close = [zone for zone in zones if spec.zone.lower() in zone.lower()][:5]
        yield Problem(("zone",), Message("mapping.no_zone"), spec.zone, tuple(close) or ("Asia/Shanghai", "UTC"))
    if not re.fullmatch(r"[A-Z]{3,4}", spec.currency):
        yield Problem(("currency",), Message("mapping.currency"))
    if spec.encoding and not _is_codec(spec.encoding):
        yield Problem(("encoding",), Message("mapping.no_encoding"), spec.encoding, ("gb18030", "utf-8", "utf-16"))
    if spec.delimiter and (len(spec.delimiter) != 1 or not spec.delimiter.isascii()):
        yield Problem(("delimiter",), Message("mapping.delimiter"))
    if spec.account_kind and spec.account_kind not in list(AccountKind):
        yield Problem(("account_kind",), Message("mapping.account_kind"), spec.account_kind, tuple(AccountKind))


def _lists(spec: TableFormat) -> Iterator[Problem]:
    for word, value in spec.status.items():
        if value not in list(Status):
            yield Problem(("status", word), Message("mapping.no_status", value=value), value, tuple(Status))
    for place, pattern in enumerate(spec.time_format):
        if not _is_time_format(pattern):
            yield Problem(("time_format", place), Message("mapping.time_format"))


def _is_codec(name: str) -> bool:
    try:
        return bool("x".encode(name))
    except LookupError:
        return False


def _is_time_format(pattern: str) -> bool:
    full = re.search(r"%[Ysc]", pattern.replace("%F", "%Y-%m-%d").replace("%D", "%m/%d/%y").replace("%y", "%Y"))
    try:
        pl.Series(["x"]).str.strptime(pl.Datetime("us"), pattern, strict=False)
    except pl.exceptions.PolarsError:
        return False
    return full is not None


def _patterns(spec: TableFormat) -> Iterator[Problem]:
    whole: list[tuple[tuple[str | int, ...], str]] = [
        ((key,), getattr(spec, key))
        for key in ("preamble_has", "filename_has", "sheet", "footer")
        if getattr(spec, key)
    ]
    finding = [((key, field), text) for key in ("preamble", "filename") for field, text in getattr(spec, key).items()]
    for path, text in whole:
        yield from _pattern(path, text, groups=None)
    for path, text in finding:
        yield from _pattern(path, text, groups=1)
    if spec.footer:
        try:
            pl.Series(["x"]).str.contains(spec.footer)
        except pl.exceptions.PolarsError:
            yield Problem(("footer",), Message("mapping.look_around"))


def _pattern(path: tuple[str | int, ...], text: str, *, groups: int | None) -> Iterator[Problem]:
    if len(text) > MAX_PATTERN:
        yield Problem(path, Message("mapping.long_pattern", most=MAX_PATTERN))
        return
    try:
        compiled = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        yield Problem(path, Message("mapping.no_pattern", problem=error))
        return
    if _RUNAWAY.search(text):
        yield Problem(path, Message("mapping.runaway"))
    if groups is not None and compiled.groups != groups:
        yield Problem(path, Message("mapping.groups", count=compiled.groups))


def _fields(spec: TableFormat) -> Iterator[Problem]:
    valid = fields_of(spec.record)
    for key in ("columns", "constants", "preamble", "filename"):
        for field in getattr(spec, key):
            if field == "zone":
                yield Problem((key, field), Message("mapping.zone_field"))
            elif field not in valid:
                yield Problem((key, field), Message("mapping.no_field", record=spec.record), field, valid)
    for field, words in spec.columns.items():
        if not words or not all(tidy(word) for word in ((words,) if isinstance(words, str) else words)):
            yield Problem(("columns", field), Message("mapping.column_name"))
    if not spec.columns:
        yield Problem(("columns",), Message("mapping.no_columns"))
    elif not spec.required and not spec.headerless:
        yield Problem(("required",), Message("mapping.no_required"))


def _headerless(spec: TableFormat) -> Iterator[Problem]:
    if not spec.headerless:
        return
    names = [tidy(name) for name in spec.headerless]
    for place, name in enumerate(names):
        if not name or name in names[:place]:
            yield Problem(("headerless", place), Message("mapping.own_names"))
    for field, words in spec.columns.items():
        spellings = (words,) if isinstance(words, str) else words
        if not any(tidy(word) in names for word in spellings):
            yield Problem(
                ("columns", field), Message("mapping.not_headerless", word=spellings[0]), spellings[0], tuple(names)
            )


def _given(spec: TableFormat) -> set[str]:
    return {*spec.columns, *spec.constants, *spec.preamble, *spec.filename}


def _transaction(spec: TableFormat) -> Iterator[Problem]:
    given = _given(spec)
    two_sided = {"payer", "payee"} & given
    if two_sided and (mixed := sorted(f for f in given if re.match("own|other", f) and not spec.labels)):
        yield Problem(("columns", mixed[0]), Message("mapping.both_sides"))
    if not {"time", "date"} & given:
        yield Problem(("columns",), Message("mapping.no_time"))
    by_column = {"amount_in", "amount_out"} & given
    if not by_column and "amount" not in given:
        yield Problem(("columns",), Message("mapping.no_amount"))
    if by_column and "amount" in given:
        yield Problem(("columns", "amount"), Message("mapping.amount_twice"))
    yield from _way(spec, given, two_sided=bool(two_sided), by_column=bool(by_column))
    yield from _steps(spec)
    if spec.status and "status" not in given and set(spec.status) != {"*"}:
        yield Problem(("status",), Message("mapping.no_status_column"))


def _way(spec: TableFormat, given: set[str], *, two_sided: bool, by_column: bool) -> Iterator[Problem]:
    ways = sum((bool(spec.direction.sign), "direction" in given, by_column))
    if not two_sided and not ways and "balance" not in given:
        yield Problem(
            ("columns",),
            Message("mapping.no_direction"),
        )
    if ways > 1:
        yield Problem(("direction",), Message("mapping.directions"))
    if spec.book == "full" and not two_sided:
        yield Problem(("book",), Message("mapping.full_book"))


def _steps(spec: TableFormat) -> Iterator[Problem]:
    if bool(spec.step) != bool(spec.epoch):
        yield Problem(("step" if spec.step else "epoch",), Message("mapping.step_epoch"))
    if spec.epoch and spec.zone in available_timezones():
        moment = times.parse(pl.Series([spec.epoch]), zone=spec.zone, midnight_is_day=False)
        if moment["code"][0] is not None:
            yield Problem(("epoch",), Message("mapping.epoch"))


def _record(spec: TableFormat) -> Iterator[Problem]:
    given = _given(spec)
    keys = KEYS[spec.record]
    if not given.intersection(keys):
        yield Problem(("columns",), Message("mapping.record_keys", record=spec.record, keys=either(keys)))
    if spec.record in _TIMED and not {"time", "date"} & given:
        yield Problem(("columns",), Message("mapping.record_time", record=spec.record))
    if spec.book != "statement":
        yield Problem(("book",), Message("mapping.no_book"))
