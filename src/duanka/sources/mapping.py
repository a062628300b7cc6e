"""A user's mapping file (YAML) -> `TableFormat`s: the declaration that the built-in formats use, checked by word."""

import difflib
from pathlib import Path
from typing import Any

import msgspec
import yaml

from duanka.messages.told import Message, ToldError, of_the_system
from duanka.sources.mapping_checks import Problem, problems
from duanka.sources.spec import Direction, TableFormat

MAX_BYTES = 256 << 10
MAX_DEPTH = 8

PRIORITY = 1_000
"""A mapping wins over every built-in format that fits as well; one without a header row wins over none."""

_LISTS = ("required", "absent", "headerless", "ignored", "time_format")
_STRINGS = ("constants", "preamble", "filename", "labels", "status")
_KEYS = tuple(TableFormat.__struct_fields__)
_DIRECTION_KEYS = tuple(Direction.__struct_fields__)

Path_ = tuple[str | int, ...]


class MappingError(ToldError, ValueError):
    """A mapping file that can't be used: which file, which line and key, what was expected there."""


def load_mappings(path: Path) -> tuple[TableFormat, ...]:
    """The formats of a mapping file, in its order. MappingError says what to change."""
    return parse_mappings(mapping_text(path), name=str(path))


def mapping_text(path: Path) -> str:
    """The text of a mapping file; MappingError if it can't be one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MappingError("mapping.unreadable", path=path, problem=of_the_system(error)) from error
    if len(data) > MAX_BYTES:
        raise MappingError("mapping.big", path=path, bytes=f"{len(data):,}", most=f"{MAX_BYTES:,}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError("mapping.not_utf8", path=path, byte=f"{error.start:,}") from error


def parse_mappings(text: str, *, name: str) -> tuple[TableFormat, ...]:
    """The formats of a mapping's text; `name` is the file's, for errors."""
    document = Document(text, name)
    raw = document.value
    if not isinstance(raw, dict):
        raise document.error((), "mapping.no_lines")
    if "formats" not in raw:
        return (_format(raw, (), document),)
    if extra := [key for key in raw if key != "formats"]:
        raise document.error((extra[0],), "mapping.beside_formats")
    if not isinstance(raw["formats"], list) or not raw["formats"]:
        raise document.error(("formats",), "mapping.no_formats")
    formats = tuple(_format(one, ("formats", place), document) for place, one in enumerate(raw["formats"]))
    names = [spec.name for spec in formats]
    for place, one in enumerate(names):
        if one in names[:place]:
            raise document.error(("formats", place, "name"), "mapping.name_twice", name=one)
    return formats


class Document:
    """YAML that was read with care: no aliases, no duplicate keys, bounded depth, the line of every key."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.lines: dict[Path_, int] = {}
        try:
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
                raise self.error((), "mapping.alias")
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            if root is not None:
                self._visit(root, ())
            self.value: Any = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = f":{mark.line + 1}" if mark else ""
            raise MappingError(
                "mapping.tabs" if "\\t" in str(error) else "mapping.no_yaml",
                place=f"{name}{place}",
                problem=error.problem or error.context,
            ) from error
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            if isinstance(error, MappingError):
                raise
            raise MappingError("mapping.no_yaml", place=name, problem=error) from error

    def error(self, path: Path_, message: str | Message, /, **values: object) -> MappingError:
        """A MappingError at the nearest line that is known; `message` is of the catalogue, `values` fill it in."""
        line = next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), None)
        place = f":{line}" if line else ""
        key = _shown(path)
        problem = Message(message, **values) if isinstance(message, str) else message
        at = f"{self.name}{place}: {key}{': ' if key else ''}"
        return MappingError("mapping.at", place=at, problem=problem)

    def _visit(self, node: yaml.Node, path: Path_) -> None:
        self.lines[path] = node.start_mark.line + 1
        if len(path) > MAX_DEPTH:
            raise self.error(path, "mapping.deep")
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                here = (*path, str(key.value))
                if here in self.lines:
                    raise self.error(here, "mapping.key_twice", line=key.start_mark.line + 1)
                self._visit(value, here)
                self.lines[here] = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            for place, value in enumerate(node.value):
                self._visit(value, (*path, place))


def _shown(path: Path_) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _format(raw: object, at: Path_, document: Document) -> TableFormat:
    if not isinstance(raw, dict):
        raise document.error(at, "mapping.no_keys")
    check_keys(raw, _KEYS, at, document)
    direction = raw.get("direction")
    if isinstance(direction, dict):
        check_keys(direction, _DIRECTION_KEYS, (*at, "direction"), document)
        raw = raw | {"direction": {key: listed(value) if key != "sign" else value for key, value in direction.items()}}
    raw = raw | {key: listed(raw[key]) for key in _LISTS if key in raw}
    for key in _STRINGS:
        check_strings(raw.get(key, {}), (*at, key), document)
    columns = raw.get("columns", {})
    if isinstance(columns, dict):
        for field, words in columns.items():
            for word in words if isinstance(words, list) and words else [words]:
                check_strings({field: word}, (*at, "columns"), document)
    name = raw.get("name")
    if not isinstance(name, str) or not name:
        raise document.error((*at, "name"), "mapping.no_name")
    spec = _convert(_with_defaults(raw, name), at, document)
    for problem in problems(spec):
        raise document.error((*at, *problem.path), _worded(problem))
    return spec


def _with_defaults(raw: dict[str, Any], name: str) -> dict[str, Any]:
    """Titles are the name, and every column that the mapping names must be there, unless it says otherwise."""
    columns = raw.get("columns")
    named = list(columns.values()) if isinstance(columns, dict) else []
    required = [] if raw.get("headerless") else [list(one) if isinstance(one, list) else one for one in named]
    priority = 0 if raw.get("headerless") else PRIORITY
    return {"title_en": name, "title_zh": name, "required": required, "priority": priority} | raw


def listed(value: object) -> object:
    """A single word as a list of one; anything else as it is."""
    return [value] if isinstance(value, str) else value


def check_keys(raw: dict[Any, Any], valid: tuple[str, ...], at: Path_, document: Document) -> None:
    """MappingError at the first key that is none of the valid ones."""
    for key in raw:
        if key not in valid:
            raise document.error((*at, str(key)), "mapping.no_key", hint=nearest(str(key), valid))


def check_strings(value: object, at: Path_, document: Document) -> None:
    """YAML reads 0123, 1.50, yes and 2024-01-01 as numbers, truths and dates; in quotes they stay what they are."""
    if not isinstance(value, dict):
        return  # the conversion says what was expected
    for key, one in value.items():
        if not isinstance(key, str):
            raise document.error((*at, str(key)), "mapping.key_kind", kind=type(key).__name__)
        if not isinstance(one, str):
            raise document.error((*at, key), "mapping.value_kind", kind=type(one).__name__)


def _convert(raw: dict[str, Any], at: Path_, document: Document) -> TableFormat:
    try:
        return msgspec.convert(raw, TableFormat)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        path = path_of(place.removesuffix("`"))
        if message.startswith("Invalid enum value"):
            word = str(raw.get(str(path[-1]), "")) if path else ""
            hint = nearest(word, _choices(path))
            raise document.error((*at, *path), "mapping.invalid_word", problem=message, hint=hint) from error
        raise document.error(
            (*at, *path),
            "mapping.quotes" if "`str`" in message and "got `str`" not in message else "mapping.shape",
            problem=message[:1].lower() + message[1:].replace("`", ""),
        ) from error


def path_of(place: str) -> Path_:
    """The path in a message of msgspec, such as `$.columns[...].own[0]`."""
    parts = place.removeprefix("$").replace("[...]", "").replace("[", ".").replace("]", "").split(".")
    return tuple(int(part) if part.isdigit() else part for part in parts if part)


def _choices(path: Path_) -> tuple[str, ...]:
    owner, key = (Direction, "sign") if path[:1] == ("direction",) else (TableFormat, str(path[-1]) if path else "")
    kind = next((field.type for field in msgspec.structs.fields(owner) if field.name == key), None)
    members = getattr(kind, "__members__", None)
    words = [str(member.value) for member in members.values()] if members else getattr(kind, "__args__", ())
    return tuple(word for word in words if word)


def nearest(word: str, valid: tuple[str, ...]) -> Message:
    """The words that would do: the nearest one if there is one, else all of them."""
    close = difflib.get_close_matches(word.lower(), valid, n=1, cutoff=0.6)
    return Message("mapping.nearest", word=close[0]) if close else Message("mapping.choose", words=", ".join(valid))


def _worded(problem: Problem) -> Message:
    if not problem.choices:
        return problem.message
    return Message("mapping.with_hint", problem=problem.message, hint=nearest(problem.word, problem.choices))
