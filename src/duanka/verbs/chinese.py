"""The command line's help in Chinese: the same verbs and parameters, told in the words of `help.zh.yaml`."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_type_hints

from cyclopts import App, Group, Parameter
from cyclopts.help import ColumnSpec, DefaultFormatter, HelpEntry, InlineText, NameRenderer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from duanka.messages.help import help_words


def in_chinese(app: App, verb: str = "") -> App:
    """The same verbs with Chinese help; what has no Chinese keeps its English."""
    words = help_words()
    told = App(
        name=app.name,
        help=words.verb(verb) or app.help,
        help_formatter=_Formatter(column_specs=_columns),
        group_commands=Group.create_default_commands(words.labels["commands"]),
        group_arguments=Group.create_default_arguments(words.labels["arguments"]),
        group_parameters=Group.create_default_parameters(words.labels["parameters"]),
        version=app.version,
        version_flags=app.version_flags,
    )
    for name in verbs_of(app):
        path = f"{verb} {name}".strip()
        one = app[name]
        if one.default_command is None:
            told.command(in_chinese(one, path), name=name)
        else:
            told.command(_retold(one.default_command, path), name=name, help=words.verb(path))
    for flags, label in ((app.help_flags, "help"), (app.version_flags, "version")):
        for flag in flags:
            told[flag].help = words.labels[label]
    return told


def verbs_of(app: App) -> list[str]:
    """The names of an app's verbs, without its flags."""
    return [name for name in app if not name.startswith("-")]


def default_of(printed: str | None) -> str:
    """A default as one would type it; empty where it says nothing."""
    return "" if printed in (None, '""', "()", "False") else str(printed).strip("(,)").replace("'", "")


def with_chinese_values(text: str) -> str:
    """PATH, STR … as Chinese words."""
    words = help_words().placeholders
    return re.sub(rf"\b(?:{'|'.join(words)})\b", lambda found: words[found[0]], text)


def _retold(function: Callable[..., Any], verb: str) -> Callable[..., Any]:
    """The function with Chinese help for its parameters."""

    @wraps(function)
    def told(*args: object, **kwargs: object) -> object:
        return function(*args, **kwargs)

    hints = get_type_hints(function, include_extras=True)
    for name in hints:
        text = help_words().parameter(verb, name)
        if text:
            hints[name] = Annotated[hints[name], Parameter(help=text)]
    told.__annotations__ = hints
    return told


class _Formatter(DefaultFormatter):
    """The usual help page under Chinese headings."""

    def render_usage(self, console: Console, options: ConsoleOptions, usage: object) -> None:
        """The line of usage."""
        del options
        console.print(
            Text(f"{help_words().labels['usage']}：{with_chinese_values(str(usage).strip())}\n", style="bold")
        )


def _columns(console: Console, options: ConsoleOptions, entries: list[HelpEntry]) -> tuple[ColumnSpec, ...]:
    """A mark where a value must be given, the name, what it means."""
    del options
    width = console.width * 35 // 100
    mark = ColumnSpec(renderer=lambda entry: "*" if entry.required else "", width=1, style="cyclopts.required_marker")
    name = ColumnSpec(renderer=_Names(width), style="cyclopts.name", max_width=width)
    told = ColumnSpec(renderer=_described, overflow="fold")
    return (mark, name, told) if any(one.required for one in entries) else (name, told)


class _Names:
    def __init__(self, width: int) -> None:
        self.names = NameRenderer(max_width=width)

    def __call__(self, entry: HelpEntry) -> RenderableType:
        return self.names(entry.copy(metavar=entry.metavar and with_chinese_values(entry.metavar)))


def _described(entry: HelpEntry) -> RenderableType:
    """The meaning, then what may be chosen, the default, and whether it must be given."""
    labels = help_words().labels
    meaning = entry.description
    told = meaning if isinstance(meaning, InlineText) else InlineText(Text(str(meaning or "")))
    if entry.choices:
        told.append(Text(f"[{labels['choices']}：{', '.join(entry.choices)}]", style="cyclopts.choices"))
    if default_of(entry.default):
        told.append(Text(f"[{labels['default']}：{default_of(entry.default)}]", style="cyclopts.default"))
    if entry.required:
        told.append(Text(f"[{labels['required']}]", style="cyclopts.required"))
    return told
