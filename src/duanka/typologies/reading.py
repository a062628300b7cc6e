"""Typology files (YAML): read with care, compiled, and tried on their own tests before anything else sees them."""

import hashlib
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from duanka.messages.catalogue import Language
from duanka.signals.registry import CODES
from duanka.sources.mapping import Document, MappingError
from duanka.typologies.condition import Condition, Row, compiled
from duanka.typologies.errors import TypologyError
from duanka.typologies.tokens import PARTS, name_of

Mode = Literal["shadow", "counts"]

MAX_BYTES = 64 << 10
ENDINGS = (".yaml", ".yml")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text in both languages."""

    zh: str
    en: str


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One test of a typology: the signals of an account, and whether it is a hit. What `given` leaves out is NULL."""

    given: dict[str, float | None]
    expect: bool


class TypologyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a typology file holds."""

    code: str
    zh: str
    en: str
    when: str
    reason: Words
    tests: list[Example]
    source: str = ""
    note: str = ""
    mode: Mode = "shadow"


@dataclass(frozen=True, slots=True)
class Typology:
    """A typology whose tests passed."""

    file: TypologyFile
    when: Condition
    version: str  # of the file's bytes: the first 16 digits of their SHA-256
    path: Path

    @property
    def code(self) -> str:
        """Its code."""
        return self.file.code

    @property
    def codes(self) -> tuple[str, ...]:
        """The signals that its condition names, sorted."""
        return tuple(sorted({name.partition(".")[0] for name in self.when.names}))

    @property
    def names(self) -> tuple[str, ...]:
        """What its words may name: strength and value of each of these signals."""
        return tuple(name_of(code, part) for code in self.codes for part in PARTS)

    def holds(self, row: Row) -> bool:
        """Whether an account with these signals is a hit; NULL is none. O(length of the condition)."""
        return self.when.of(row) is True

    def says(self, row: Row, language: Language) -> str:
        """The reason in words, with the numbers of an account."""
        words = self.file.reason.zh if language == "zh" else self.file.reason.en
        parts = string.Formatter().parse(words)
        return "".join(before + ("" if name is None else shown(row.get(name))) for before, name, _, _ in parts)


def shown(number: float | None) -> str:
    """A number as reasons print it: two decimals at most; "–" for NULL."""
    return "–" if number is None else f"{number:z,.2f}".rstrip("0").rstrip(".")


def load(paths: Iterable[Path], language: Language | None = None) -> tuple[Typology, ...]:
    """Typologies of files, and of all YAML files right in a folder, in the order of paths and names.

    Raises:
        TypologyError: a file can't be used, one of its tests fails, or a code stands twice; in `language`.
    """
    try:
        return _distinct([_load(path) for given in paths for path in _files(given)])
    except TypologyError as error:
        error.language = language or error.language
        raise


def _distinct(typologies: list[Typology]) -> tuple[Typology, ...]:
    found: dict[str, Typology] = {}
    for one in typologies:
        if earlier := found.get(one.code):
            raise TypologyError("twice", place=str(one.path), code=one.code, other=earlier.path)
        found[one.code] = one
    return tuple(found.values())


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.iterdir() if one.suffix.lower() in ENDINGS and one.is_file())
    if not found:
        raise TypologyError("no_files", place=str(path))
    return found


def _load(path: Path) -> Typology:
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TypologyError("big", place=str(path), most=f"{MAX_BYTES:,}")
    try:
        document = Document(data.decode("utf-8-sig"), str(path))
        file = msgspec.convert(document.value, TypologyFile)
    except UnicodeDecodeError as error:
        raise TypologyError("not_utf8", place=str(path)) from error
    except MappingError as error:
        raise TypologyError("yaml", problem=error) from error
    except msgspec.ValidationError as error:
        raise TypologyError("shape", place=str(path), problem=error) from error
    line = document.lines.get(("when",))
    try:
        condition = compiled(file.when)
    except TypologyError as error:
        error.place = f"{path}:{line}: when{f' {error.place}' if error.place else ''}"
        raise
    typology = Typology(file, condition, hashlib.sha256(data).hexdigest()[:16], path)
    try:
        _check(typology)
    except TypologyError as error:
        error.place = f"{path}{error.place}"
        raise
    return typology


def _check(typology: Typology) -> None:
    """Whatever a file may get wrong beside its condition."""
    file, when = typology.file, typology.when
    if file.code in CODES:
        raise TypologyError("taken", code=file.code)
    if not _CODE.fullmatch(file.code):
        raise TypologyError("code", code=file.code)
    for key, text in (("zh", file.zh), ("en", file.en), ("reason.zh", file.reason.zh), ("reason.en", file.reason.en)):
        if not text.strip():
            raise TypologyError("blank", place=f": {key}")
    if when.of({}) is True:
        raise TypologyError("always", place=": when")
    for key, text in (("reason.zh", file.reason.zh), ("reason.en", file.reason.en)):
        _check_words(text, typology.names, place=f": {key}")
    if {one.expect for one in file.tests} != {True, False}:
        raise TypologyError("tests", place=": tests")
    for number, example in enumerate(file.tests, 1):
        _run(typology, example, place=f": tests {number}")


def _check_words(text: str, names: tuple[str, ...], *, place: str) -> None:
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        raise TypologyError("braces", place=place) from error
    for _, name, form, conversion in fields:
        if name is not None and (name not in names or form or conversion):
            raise TypologyError("field", place=place, field=name, known=", ".join(names))


def _run(typology: Typology, example: Example, *, place: str) -> None:
    for name in example.given:
        if name not in typology.when.names:
            raise TypologyError("given", place=place, name=name, known=", ".join(typology.when.names))
    answer = typology.when.of(example.given)
    if (answer is True) != example.expect:
        words = {True: "true", False: "false", None: "null"}
        raise TypologyError(
            "failed", place=place, expected=words[example.expect], got=words[answer], given=_listed(example.given)
        )


def _listed(row: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} = {'null' if number is None else f'{number:g}'}" for name, number in row.items()) or "–"
