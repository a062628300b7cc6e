"""Files of a world, and a hash of what is in each, whatever the file format does to it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

RECORDS, TRUTH = "records", "truth"


class Paper:
    """Parquet files under a folder, and a hash of what is in each table. Threads may write different tables at once."""

    def __init__(self, out: Path, records: str) -> None:
        self._out, self._records = out, records
        self._hashes: dict[str, hashlib._Hash] = {}
        self._parts: Counter[tuple[str, str]] = Counter()

    def part(self, place: str, table: str, frame: pl.DataFrame, number: int | None = None) -> None:
        """Write one part of a table that many files make up, the next one if no number is given.

        The hash of such a table is for the caller to `count`. The next parts of one table are one thread's to write.
        """
        if number is None:
            number = self._parts[place, table]
            self._parts[place, table] += 1
        path = self._path(place, f"{table}/part-{number:04d}.parquet")
        frame.write_parquet(path, compression="zstd", compression_level=1, statistics=False)

    def table(self, place: str, table: str, frames: Iterable[pl.DataFrame]) -> None:
        """Write one file from frames that follow each other, one of them in memory at a time. No frame, no file."""
        writer = None
        try:
            for text, frame in self._texts(frames):
                self.count(f"{place}/{table}", text)
                rows = frame.to_arrow()
                if writer is None:
                    path = self._path(place, f"{table}.parquet")
                    writer = pq.ParquetWriter(
                        path, rows.schema, compression="zstd", compression_level=1, write_statistics=False
                    )
                writer.write_table(rows)
        finally:
            if writer is not None:
                writer.close()

    def text(self, place: str, name: str, frames: Iterable[pl.DataFrame]) -> None:
        """Write one CSV file from frames that follow each other."""
        with self._path(place, name).open("wb") as file:
            for text, _ in self._texts(frames):
                self.count(f"{place}/{name}", text)
                file.write(text)

    def count(self, name: str, content: bytes | memoryview) -> None:
        """Add to a table's hash."""
        self._hashes.setdefault(name, hashlib.sha256()).update(content)

    def contents(self) -> dict[str, str]:
        """SHA-256 of each table's values."""
        return {name: found.hexdigest() for name, found in sorted(self._hashes.items())}

    def _path(self, place: str, name: str) -> Path:
        path = self._out / (self._records if place == RECORDS else place) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @staticmethod
    def _texts(frames: Iterable[pl.DataFrame]) -> Iterator[tuple[memoryview, pl.DataFrame]]:
        """Each frame beside its CSV, with the header before the first."""
        for number, frame in enumerate(frames):
            room = BytesIO()
            frame.write_csv(room, include_header=number == 0)
            yield room.getbuffer(), frame
