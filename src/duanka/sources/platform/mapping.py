"""A mapping file (YAML) for a platform's database: which columns of its tables hold what."""

from pathlib import Path
from typing import Any, get_args

import msgspec

from duanka.sources.mapping import PRIORITY, Document, check_keys, listed, mapping_text, nearest
from duanka.sources.mapping_checks import either, problems
from duanka.sources.platform.spec import FIELDS, MEANINGS, NEEDED, PlatformTable, Role
from duanka.sources.spec import TableFormat

_FORMAT_KEYS = (
    "columns", "constants", "required", "filename_has", "sheet", "encoding", "delimiter", "time_format", "zone", "unit",
    "currency",
)  # fmt: skip
_OWN_KEYS = ("kind", "status", "commission", "prefix")
_ROLES: tuple[Role, ...] = get_args(Role)
_LISTS = ("required", "time_format")


def load_platform_mapping(path: Path) -> tuple[PlatformTable, ...]:
    """The tables that a mapping file describes; MappingError says what to change."""
    return parse_platform_mapping(mapping_text(path), name=str(path))


def parse_platform_mapping(text: str, *, name: str) -> tuple[PlatformTable, ...]:
    """The tables of a mapping's text; `name` is the file's, for errors.

    Top keys are `orders`, `points` and `users` (a table each, or a list of them) and `platform`, a name.
    """
    document = Document(text, name)
    raw = document.value
    if not isinstance(raw, dict) or not set(raw).intersection(_ROLES):
        raise document.error((), "mapping.no_roles")
    check_keys(raw, (*_ROLES, "platform"), (), document)
    platform = raw.get("platform", "")
    if not isinstance(platform, str):
        raise document.error(("platform",), "mapping.quote_name")
    found = []
    for role in _ROLES:
        given = raw.get(role, [])
        for place, one in enumerate(given if isinstance(given, list) else [given]):
            at = (role, place) if isinstance(given, list) else (role,)
            found.append(_table(role, one, at, document, platform))
    return tuple(found)


def _table(role: Role, raw: object, at: tuple[str | int, ...], document: Document, platform: str) -> PlatformTable:
    if not isinstance(raw, dict):
        raise document.error(at, "mapping.no_table")
    check_keys(raw, (*_FORMAT_KEYS, *_OWN_KEYS), at, document)
    columns = _fields(role, raw, at, document)
    words = {key: _words(raw.get(key, {}), MEANINGS[role if key == "kind" else key], (*at, key), document)
             for key in ("kind", "status")}  # fmt: skip
    name = "_".join(["platform", *map(str, at)])
    required = [list(one) if isinstance(one, list) else one for one in columns.values()]
    given = {key: listed(raw[key]) if key in _LISTS else raw[key] for key in _FORMAT_KEYS if key in raw}
    whole = {"name": name, "title_en": name, "title_zh": name, "priority": PRIORITY, "required": required} | given
    own = {key: raw[key] for key in ("commission", "prefix") if key in raw}
    try:
        spec = msgspec.convert(whole, TableFormat)
        table = msgspec.convert({"role": role, "format": {"name": name, "title_en": "", "title_zh": ""}} | own,
                                PlatformTable)  # fmt: skip
    except msgspec.ValidationError as error:
        message = str(error).replace("`", "")
        raise document.error(at, "mapping.numbers", problem=f"{message[:1].lower()}{message[1:]}") from error
    for problem in problems(spec):
        if problem.path[0] != "columns":  # a payment's fields; ours were looked at above
            raise document.error((*at, *problem.path), problem.message)
    return msgspec.structs.replace(table, format=spec, platform=platform, **words)


def _fields(role: Role, raw: dict[str, Any], at: tuple[str | int, ...], document: Document) -> dict[str, Any]:
    columns, constants = raw.get("columns"), raw.get("constants", {})
    if not isinstance(columns, dict) or not columns:
        raise document.error((*at, "columns"), "mapping.platform_columns")
    if not isinstance(constants, dict):
        raise document.error((*at, "constants"), "mapping.no_fields")
    for key, given in (("columns", columns), ("constants", constants)):
        for field, word in given.items():
            if field not in FIELDS[role]:
                hint = nearest(str(field), tuple(FIELDS[role]))
                raise document.error((*at, key, str(field)), "mapping.role_field", role=role, hint=hint)
            if not all(isinstance(one, str) and one.strip() for one in (word if isinstance(word, list) else [word])):
                raise document.error((*at, key, field), "mapping.no_word")
    for choices in NEEDED[role]:
        if not set(choices).intersection({*columns, *constants}):
            raise document.error((*at, "columns"), "mapping.role_column", fields=either(choices))
    return columns


def _words(
    raw: object, meanings: tuple[str, ...], at: tuple[str | int, ...], document: Document
) -> dict[str, str]:  # fmt: skip
    if not isinstance(raw, dict):
        raise document.error(at, "mapping.no_words")
    for word, meaning in raw.items():
        if not isinstance(word, str):
            raise document.error((*at, str(word)), "mapping.quote_word")
        if meaning not in meanings:
            raise document.error((*at, word), "mapping.no_meaning", hint=nearest(str(meaning), meanings))
    return {word.strip().lower(): meaning for word, meaning in raw.items()}
