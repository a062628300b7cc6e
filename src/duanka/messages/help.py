"""The Chinese of the command line's help and of its parser's errors, from `help.zh.yaml`."""

from functools import cache
from importlib.resources import files

import msgspec


class VerbWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a verb does, and what its parameters mean."""

    help: str
    parameters: dict[str, str] = {}


class HelpWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file: headings, what stands for values, errors, parameters of many verbs, verbs."""

    labels: dict[str, str]
    placeholders: dict[str, str]
    errors: dict[str, str]
    everywhere: dict[str, str]
    verbs: dict[str, VerbWords]

    def verb(self, name: str) -> str | None:
        """What a verb does; None where it has no words yet."""
        words = self.verbs.get(name)
        return words.help if words else None

    def parameter(self, verb: str, name: str) -> str | None:
        """What a parameter of a verb means; None where it has no words yet."""
        words = self.verbs.get(verb)
        own = words.parameters.get(name) if words else None
        return own or self.everywhere.get(name)


@cache
def help_words() -> HelpWords:
    """The words; ValidationError of msgspec where the file is not as it should be."""
    text = files("duanka.messages").joinpath("help.zh.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=HelpWords)
