"""Parquet files for user mappings: every column as text, row groups as parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from duanka.sources.opened import Head, Part, SourceError

_BATCH_ROWS = 100_000


class ParquetTable:
    """One Parquet file; its column names are the header."""

    label = ""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _file(self) -> pq.ParquetFile:
        with _named():
            return pq.ParquetFile(self.path)

    @cached_property
    def head(self) -> Head:
        """The column names as the only row."""
        return Head((0,), (tuple(self._file.schema_arrow.names),))

    def parts(self, header: int | None, names: tuple[str, ...]) -> Iterator[Part]:
        """All rows, numbered from 1."""
        del header
        line = 1
        batches = self._file.iter_batches(batch_size=_BATCH_ROWS)
        while True:
            with _named():
                batch = next(batches, None)
            if batch is None:
                return
            frame = pl.DataFrame(pa.table(batch))
            frame = frame.select(
                _text(frame[column]).alias(name) for column, name in zip(frame.columns, names, strict=True)
            )
            yield Part(frame.insert_column(0, pl.Series("line", range(line, line + frame.height), dtype=pl.Int64)))
            line += frame.height


@contextmanager
def _named() -> Iterator[None]:
    """The many ways in which pyarrow says that a file is damaged, as one."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        words = (str(error).splitlines() or [type(error).__name__])[0]
        raise SourceError("source.parquet", problem=words) from error


def _text(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime):
        zone = column.dtype.time_zone
        return column.dt.to_string("%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if zone else ""))
    if column.dtype == pl.Binary or column.dtype.is_nested():
        raise SourceError("source.column_kind", column=repr(column.name), kind=column.dtype)
    return column.cast(pl.String)
