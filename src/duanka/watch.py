"""What a caller may want to see of long work."""

from typing import Protocol


class Watch(Protocol):
    """What a caller may want to see of long work; every method may be a no-op."""

    def stage(self, name: str) -> None:
        """A stage of the work begins."""

    def file(self, name: str, size: int) -> None:
        """A file is being read."""

    def rows(self, count: int) -> None:
        """Rows were read."""

    def done(self) -> None:
        """The work is over."""


class Silent:
    """Watches nothing."""

    def stage(self, name: str) -> None:
        """Nothing."""

    def file(self, name: str, size: int) -> None:
        """Nothing."""

    def rows(self, count: int) -> None:
        """Nothing."""

    def done(self) -> None:
        """Nothing."""
