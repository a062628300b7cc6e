"""The one way to words: `say(key, language, **values)` looks a message up in `catalogue.yaml` and fills it in.

The YAML holds `id: {en: …, zh: …}` with `str.format` fields, so that the workbench can read the same file.
"""

import locale
import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Literal, cast, get_args

import yaml

Language = Literal["en", "zh"]
languages: tuple[Language, ...] = get_args(Language)

_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


class MessageError(KeyError):
    """A message that the catalogue does not have, or a field of it that was given no value."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key)
        self.key = key
        self.problem = problem

    def __str__(self) -> str:
        """The key and what is wrong with it."""
        return f"message {self.key!r}: {self.problem}"


def say(key: str, language: Language, **values: object) -> str:
    """The words of `key`, its fields filled with `values`; values without a field are ignored.

    Raises:
        MessageError: the key is not in the catalogue, or one of its fields has no value.
    """
    words = _words(key)[language]
    try:
        return words.format(**values)
    except KeyError as error:
        raise MessageError(key, f"no value for the field {error}") from error


def say_each(key: str, language: Language, count: int, values: Mapping[str, Sequence[object]]) -> list[str]:
    """As `say`, for each of `count` rows; `values` are columns."""
    if not values:
        return [say(key, language)] * count
    words, names = _words(key)[language], tuple(values)
    try:
        return [words.format(**dict(zip(names, row, strict=True))) for row in zip(*values.values(), strict=True)]
    except KeyError as error:
        raise MessageError(key, f"no value for the field {error}") from error


def fields(key: str) -> frozenset[str]:
    """The fields of a message, of all languages."""
    texts = _words(key).values()
    return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


def _words(key: str) -> dict[Language, str]:
    words = messages().get(key)
    if words is None:
        raise MessageError(key, "not in the catalogue")
    return words


def known(key: str) -> bool:
    """Whether the catalogue has the key; for codes that come from outside and may have no words."""
    return key in messages()


@cache
def messages() -> dict[str, dict[Language, str]]:
    """The whole catalogue: key -> language -> words."""
    text = files("duanka.messages").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C reader is ten times as fast, and not everywhere
    return cast("dict[str, dict[Language, str]]", yaml.load(text, Loader=loader))  # noqa: S506 - both are safe loaders


def default_language() -> Language:
    """Chinese where the locale says so, else English; the system's locale where the environment has none (Windows)."""
    chosen = next((value for name in _LOCALE_VARIABLES if (value := os.environ.get(name, ""))), "") or _locale()
    return "zh" if chosen.lower().startswith(("zh", "chinese")) else "en"


def _locale() -> str:
    try:
        return locale.getlocale()[0] or ""
    except ValueError:  # a name that Python doesn't know
        return ""
