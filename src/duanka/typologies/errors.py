"""What is wrong with a user's typology, in either language."""

from duanka.messages.catalogue import Language, default_language, say


class TypologyError(ValueError):
    """A typology that can't be used: where, why, and what to do.

    `key` names the message `typology.KEY`, `values` fill it in; `language` is that of the text, the locale's if None.
    """

    def __init__(self, key: str, *, place: str = "", **values: object) -> None:
        super().__init__(key)
        self.key, self.place, self.values = key, place, values
        self.language: Language | None = None

    def __str__(self) -> str:
        """The place and the words, in one line."""
        words = say(f"typology.{self.key}", self.language or default_language(), **self.values)
        return " ".join(f"{self.place}{': ' if self.place else ''}{words}".split())
