"""What long work shows on a terminal: one line that moves; nothing when the output is not a terminal."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from duanka.messages.catalogue import Language, say


class Progress:
    """A `watch.Watch` that draws on standard error."""

    def __init__(self, *, quiet: bool, language: Language) -> None:
        self._language = language
        self._shown = not quiet and sys.stderr.isatty()
        self._plain = not quiet and not self._shown
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(pulse_style="cyan"),
            TextColumn("{task.completed:,}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not self._shown,
        )
        self._making = ""
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        """Start drawing."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing."""
        self._bar.stop()

    def stage(self, name: str) -> None:
        """A stage of the work begins."""
        words = say(f"progress.{name}", self._language)
        self._bar.update(self._task, description=words)
        if self._plain:
            print(words, file=sys.stderr, flush=True)  # noqa: T201 - a log line where there is no terminal

    def file(self, name: str, size: int) -> None:
        """A file is being read."""
        short = name if len(name) <= 48 else "…" + name[-47:]
        self._bar.update(self._task, description=f"{short} ({size / 1e6:.1f} MB)")

    def rows(self, count: int) -> None:
        """Rows were read."""
        self._bar.advance(self._task, count)

    def world(self, what: str, count: int) -> None:
        """A world is being made: what of it, and how many payments there are so far."""
        if what != self._making:
            self._making = what
            self.stage(what)
        self._bar.update(self._task, completed=count)

    def done(self) -> None:
        """The work is over."""
        self._bar.update(self._task, description="")
