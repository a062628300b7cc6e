"""Strings by row number, out of short lists, or made from the row numbers when they are needed."""

from collections.abc import Callable

import numpy as np
import polars as pl

from duanka.synth.chance import Array, Ints

_KEPT = 1 << 21
"""Rows of the longest table whose strings are all made and kept."""


class Lookup:
    """Strings of a table's rows. Those of a short table are made once, those of a long one whenever they are wanted.

    So a lookup holds at most some 80 MB, however large the world.
    """

    def __init__(self, make: Callable[[Ints], pl.Series], size: int) -> None:
        self._make, self._size = make, size
        self._all = make(np.arange(size, dtype=np.int64)) if size <= _KEPT else None

    def __call__(self, rows: Array) -> pl.Series:
        """The string of each row; null where the row is negative. O(rows), and O(table) bytes where it is long."""
        if self._all is not None:
            return pick(self._all, rows)
        named = np.zeros(self._size, dtype=np.bool_)
        named[rows[rows >= 0]] = True
        wanted = np.flatnonzero(named)
        place = np.empty(self._size, dtype=np.int32)
        place[wanted] = np.arange(len(wanted), dtype=np.int32)
        return pick(self._make(wanted), np.where(rows >= 0, place[np.maximum(rows, 0)], -1))


def pick(words: pl.Series, rows: Array) -> pl.Series:
    """Words by row; null where the row is negative."""
    places = pl.Series(rows.astype(np.int64))
    if len(rows) and int(rows.min()) < 0:
        places = places.set(places < 0, None)
    return words.gather(places)
