"""What the parser of the command line complains about, in the language asked for."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import get_args

from cyclopts import Argument, CycloptsError, MissingArgumentError, UnknownCommandError, UnusedCliTokensError
from cyclopts.exceptions import CoercionError, RepeatArgumentError, UnknownOptionError

from duanka.messages.catalogue import Language
from duanka.messages.help import help_words
from duanka.verbs.chinese import verbs_of


def told(error: CycloptsError, language: Language) -> str:
    """One line about what was wrong; the English is the parser's own."""
    if language == "en":
        return str(error)
    match error:
        case UnknownCommandError():
            text = _unknown_command(error)
        case UnknownOptionError():
            text = _unknown_option(error)
        case MissingArgumentError():
            text = _missing(error)
        case CoercionError():
            text = _bad_value(error)
        case UnusedCliTokensError():
            text = _say("unused", tokens=" ".join(error.unused_tokens or ()))
        case RepeatArgumentError():
            text = _say("repeated", name=error.token.keyword)
        case _:
            text = _say("other", problem=error)
    return " ".join(text.split("\n"))


def _say(key: str, **values: object) -> str:
    return help_words().errors[key].format(**values)


def _unknown_command(error: UnknownCommandError) -> str:
    token = (error.unused_tokens or [""])[0]
    names = verbs_of(error.app) if error.app else []
    known = _say("commands", names="、".join(names)) if names else ""
    return _say("unknown_command", token=token) + _close(token, names) + known


def _unknown_option(error: UnknownOptionError) -> str:
    token = error.token.keyword or error.token.value
    names = [name for argument in error.argument_collection if argument.parse for name in argument.names]
    return _say("unknown_option", token=token) + _close(token, names)


def _missing(error: MissingArgumentError) -> str:
    if error.argument is None:
        return _say("other", problem=error)
    name = error.keyword or _name(error.argument)
    return _say("missing", command=" ".join(error.command_chain or ()), name=name)


def _bad_value(error: CoercionError) -> str:
    token, argument = error.token, error.argument
    if token is None or argument is None or error.msg is not None:
        return _say("other", problem=error)
    name = token.keyword or _name(argument)
    choices = [str(one) for one in get_args(error.target_type)]
    if choices:
        return _say("choice", value=token.value, name=name, choices="、".join(choices)) + _close(token.value, choices)
    kind = getattr(error.target_type, "__name__", str(error.target_type)).upper()
    return _say("value", value=token.value, name=name, kind=help_words().placeholders.get(kind, kind))


def _name(argument: Argument) -> str:
    """As the help has it: what is known by its place is in capitals."""
    return argument.name if argument.index is None else argument.name.lstrip("-").upper()


def _close(token: str, names: Iterable[str]) -> str:
    near = get_close_matches(token, list(names), n=1)
    return _say("close", name=near[0]) if near else ""
