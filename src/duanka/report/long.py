"""Long tables kept narrow: lines become those that a reader sees a batch at a time, where they are read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

BATCH = 200_000
"""Lines that are made at once."""


@dataclass(frozen=True, slots=True)
class LongTable:
    """A table of `schema` in parts: each has narrow columns, and a function that makes its lines of them."""

    schema: pl.Schema
    parts: tuple[tuple[pl.DataFrame, Callable[[pl.DataFrame], pl.DataFrame]], ...]

    def __len__(self) -> int:
        """Number of lines."""
        return sum(len(narrow) for narrow, _ in self.parts)

    def frames(self, lines: int = BATCH) -> Iterator[pl.DataFrame]:
        """All lines in order, at most so many at once."""
        for narrow, made in self.parts:
            for some in narrow.iter_slices(lines):
                yield made(some)

    def frame(self) -> pl.DataFrame:
        """The whole table, as wide as it is."""
        return pl.concat([pl.DataFrame(schema=self.schema), *self.frames()])
