"""The connection: named steps, bound values, quoted names, a debug switch, a memory limit, and room to spill."""

import copy
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from duanka.messages.told import ToldError

MEMORY_LIMIT = "1GB"
"""DuckDB's share. It spills to the case's `tmp` folder beyond it; readers and kernels need about as much again."""


class CaseError(ToldError, RuntimeError):
    """The case can't be used as it is; the message says what to do."""


def quoted(name: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


class Database:
    """One DuckDB file. Uses only what DuckDB 1.5 and 2.0 have in common."""

    def __init__(self, path: Path, *, memory_limit: str = "", threads: int = 0, read_only: bool = False) -> None:
        self.path = path
        self._turn = threading.RLock()  # one step at a time, also of several threads: each may use all of the memory
        self.debug = bool(os.environ.get("DUANKA_DEBUG_SQL"))
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit or os.environ.get("DUANKA_MEMORY", "") or MEMORY_LIMIT,
            "temp_directory": str(path.parent / "tmp"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if threads:
            settings["threads"] = threads
        try:
            self._con = duckdb.connect(str(path), read_only=read_only, config=settings)
            self._con.execute("SET TimeZone = 'UTC'")
        except (duckdb.Error, RuntimeError) as error:  # a file of another format gives the latter
            raise _why_not_open(path, str(error)) from error

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._con.close()

    @contextmanager
    def beside(self) -> Iterator["Database"]:
        """The same file for another thread: its temporary tables and what is lent to it are its own.

        Steps of the two take turns, so that together they need no more memory than one; what Python does in between
        runs at the same time.
        """
        other = copy.copy(self)
        other._con = self._con.cursor()  # noqa: SLF001 - of its own class
        try:
            other.run("zone", "SET TimeZone = 'UTC'")
            yield other
        finally:
            with self._turn:  # its step is over, and there will be none
                other.close()

    def run(self, step: str, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> None:
        """Run a named step; with DUANKA_DEBUG_SQL set, print it with its duration."""
        started = time.perf_counter()
        with self._turn, _named(step):
            self._con.execute(sql, values or None)
        if self.debug:
            print(f"-- {step}: {time.perf_counter() - started:.3f} s\n{sql}", file=sys.stderr)  # noqa: T201 - a debug switch

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Few rows, as tuples."""
        with self._turn, _named("query"):
            return self._con.execute(sql, values or None).fetchall()

    def arrow(self, sql: str, values: Sequence[object] = ()) -> pa.Table:
        """Many rows, as Arrow."""
        with self._turn, _named("query"):
            return self._con.sql(sql, params=list(values) or None).to_arrow_table()

    def batches(self, sql: str, size: int = 100_000) -> Iterator[pa.RecordBatch]:
        """More rows than fit memory, in parts."""
        with self._turn:
            yield from self._con.sql(sql).to_arrow_reader(size)

    def append(self, table: str, data: pa.Table) -> None:
        """Append Arrow rows by column name."""
        names = ", ".join(quoted(name) for name in data.column_names)
        with self.lend("incoming", data):
            self.run(f"append {table}", f"INSERT INTO {quoted(table)} ({names}) SELECT * FROM incoming")

    def append_all(self, table: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        """Append Arrow rows as they come, in one statement. An error of theirs is raised as it is."""
        errors: list[BaseException] = []

        def until_error() -> Iterator[pa.RecordBatch]:
            try:
                yield from batches
            except BaseException as error:  # noqa: BLE001 - DuckDB would make words of it
                errors.append(error)

        names = ", ".join(quoted(name) for name in schema.names)
        with self.lend("incoming", pa.RecordBatchReader.from_batches(schema, until_error())):
            self.run(f"append {table}", f"INSERT INTO {quoted(table)} ({names}) SELECT * FROM incoming")
        if errors:
            raise errors[0]

    @contextmanager
    def lend(self, name: str, data: pa.Table | pa.RecordBatchReader) -> Iterator[None]:
        """Make an Arrow table visible to SQL as `name` for a while."""
        with self._turn:
            self._con.register(name, data)
        try:
            yield
        finally:
            with self._turn:
                self._con.unregister(name)

    @contextmanager
    def without_search(self) -> Iterator[None]:
        """Store what is written meanwhile without a search for the best compression.

        Row ids don't compress, and finding that out takes DuckDB longer than writing them.
        """
        self.run("no search for compression", "PRAGMA force_compression = 'dictionary'")
        try:
            yield
        finally:
            self.run("usual compression", "PRAGMA force_compression = 'auto'")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, also when the process is killed in the midst of it."""
        with self._turn:
            self._con.execute("BEGIN TRANSACTION")
            try:
                yield
            except BaseException:
                with suppress(duckdb.Error):  # after a fatal error there is nothing left to roll back
                    self._con.execute("ROLLBACK")
                raise
            with _named("commit"):
                self._con.execute("COMMIT")


@contextmanager
def _named(step: str) -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise CaseError("case.memory", step=repr(step)) from error
    except duckdb.IOException as error:
        raise CaseError("case.disk", step=repr(step), problem=_first(error)) from error


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _why_not_open(path: Path, problem: str) -> CaseError:
    if "lock" in problem.lower():
        return CaseError("case.in_use", path=path)
    return CaseError("case.unreadable", path=path, problem=problem.splitlines()[0])
