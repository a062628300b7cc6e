"""What is made long before it is wanted, and would fill the memory until then: it waits in a file."""

import threading
import weakref
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

import numpy as np
import polars as pl

from duanka.synth.movements import Movements, from_bytes, to_bytes, together
from duanka.synth.rings.ring import Ledger

_IN_MEMORY = 1 << 26
"""Bytes up to which no file is made."""


class Place(NamedTuple):
    """Where something lies on a shelf."""

    first: int
    size: int


class Shelf:
    """Bytes in a file without a name, which goes when the shelf does. Threads may put and get at once."""

    def __init__(self, folder: Path | None) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY, dir=None if folder is None else str(folder))  # noqa: SIM115 - closed by the line below
        weakref.finalize(self, self._file.close)
        self._turn = threading.Lock()
        self._end = 0

    def put(self, content: bytes) -> Place:
        """Keep these bytes."""
        with self._turn:
            place = Place(self._end, len(content))
            self._file.seek(place.first)
            self._file.write(content)
            self._end += len(content)
            return place

    def get(self, place: Place) -> bytes:
        """The bytes that were put there."""
        with self._turn:
            self._file.seek(place.first)
            return self._file.read(place.size)


class Agenda:
    """What rings mean to do, by the slice of days in which it falls due."""

    def __init__(self, shelf: Shelf, starts: Sequence[int]) -> None:
        """`starts` are the first seconds of the slices, and the second after the last one."""
        self._shelf, self._starts = shelf, starts
        self._places: list[list[Place]] = [[] for _ in starts[1:]]

    def add(self, meant: Movements) -> None:
        """Payments in time order; those outside all slices are left out."""
        bounds = np.searchsorted(meant.time, self._starts).tolist()
        for places, first, last in zip(self._places, bounds[:-1], bounds[1:], strict=True):
            if first < last:
                places.append(self._shelf.put(to_bytes(meant.take(slice(first, last)))))

    def due(self, number: int) -> Movements:
        """Those of one slice, as they were added."""
        return together([from_bytes(self._shelf.get(place)) for place in self._places[number]])


class Ledgers:
    """Seized databases by the number of their ring."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._places: dict[int, list[Place]] = {}

    def add(self, number: int, ledger: Ledger) -> None:
        """Keep one."""
        frames = (ledger.users, ledger.orders, ledger.points)
        self._places[number] = [self._shelf.put(_packed(frame)) for frame in frames]

    def of(self, number: int) -> Ledger | None:
        """The ring's, if it has one."""
        if number not in self._places:
            return None
        return Ledger(*(pl.read_ipc(BytesIO(self._shelf.get(place))) for place in self._places[number]))


def _packed(frame: pl.DataFrame) -> bytes:
    room = BytesIO()
    frame.write_ipc(room, compression="zstd")
    return room.getvalue()
