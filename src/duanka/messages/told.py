"""Messages that are said later, when the language is known; and errors whose words are such a message."""

import errno

from duanka.messages.catalogue import Language, say


class Message:
    """A message of the catalogue with its values. A value may be such a message itself, or such an error."""

    def __init__(self, key: str, /, **values: object) -> None:
        self.key, self.values = key, values

    def told(self, language: Language) -> str:
        """The words in a language, in one line. MessageError for a key or a field that is not there."""
        values = {name: _in_words(value, language) for name, value in self.values.items()}
        return " ".join(say(self.key, language, **values).splitlines())

    def __str__(self) -> str:
        """The words in English."""
        return self.told("en")


class ToldError(Exception):
    """An error that can be told in either language: what a user reads when a run fails.

    `key` names a message of the catalogue, `values` fill it in. `str` gives the English, or what `language` says.
    """

    def __init__(self, key: str, /, *, language: Language = "en", **values: object) -> None:
        super().__init__(key)
        self.message, self.language = Message(key, **values), language

    def told(self, language: Language) -> str:
        """What is wrong, in one line."""
        return self.message.told(language)

    def __str__(self) -> str:
        """The same in the language of the error."""
        return self.told(self.language)


_OF_THE_SYSTEM = {
    errno.ENOENT: "system.not_there", errno.EACCES: "system.not_allowed", errno.EPERM: "system.not_allowed",
    errno.EROFS: "system.not_allowed", errno.EISDIR: "system.folder", errno.ENOTDIR: "system.no_folder",
    errno.EEXIST: "system.there", errno.ENOSPC: "system.full",
}  # fmt: skip


def of_the_system(error: OSError) -> Message:
    """What the system says is wrong, without the path; what users seldom meet stays in the system's words."""
    return Message(_OF_THE_SYSTEM.get(error.errno or 0, "system.other"), problem=error.strerror or error)


def _in_words(value: object, language: Language) -> object:
    return value.told(language) if isinstance(value, (Message, ToldError)) else value
