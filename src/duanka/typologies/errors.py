"""What is wrong with a user's typology, in either language."""

from duanka.messages.catalogue import Language, default_language
from duanka.messages.told import ToldError


class TypologyError(ToldError, ValueError):
    """A typology that can't be used: where, why, and what to do.

    `key` names the message `typology.KEY`, `values` fill it in; `language` is that of the text, at first the locale's.
    """

    def __init__(self, key: str, *, place: str = "", **values: object) -> None:
        super().__init__(f"typology.{key}", language=default_language(), **values)
        self.key, self.place = key, place

    def told(self, language: Language) -> str:
        """The place and the words, in one line."""
        return " ".join(f"{self.place}{': ' if self.place else ''}{super().told(language)}".split())
