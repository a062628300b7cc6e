"""A second connection for another thread: the same file, its own temporary tables, and turns."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from duanka.store.case import Case
from duanka.store.database import Database


def test_the_file_is_shared_and_what_is_temporary_is_not(tmp_path: Path) -> None:
    with Case(tmp_path, create=True) as case, case.beside() as other:
        case.db.run("stored", "CREATE TABLE stored AS SELECT 1 AS x")
        case.db.run("mine", "CREATE TEMP TABLE mine AS SELECT 2 AS x")
        assert other.db.rows("SELECT x FROM stored") == [(1,)]
        with case.db.lend("lent", pa.table({"x": [3]})), pytest.raises(duckdb.CatalogException):
            other.db.rows("SELECT x FROM lent")
        other.db.run("theirs", "CREATE TEMP TABLE mine AS SELECT 4 AS x")
        assert (case.db.rows("SELECT x FROM mine"), other.db.rows("SELECT x FROM mine")) == ([(2,)], [(4,)])
        assert other.db.rows("SELECT current_setting('TimeZone')") == [("UTC",)]


def test_steps_take_turns(tmp_path: Path) -> None:
    with Database(tmp_path / "x.duckdb") as db, db.beside() as other, ThreadPoolExecutor(1) as thread:
        parts = other.batches("SELECT range AS x FROM range(10000)", 1000)
        assert len(next(parts)) > 0
        started = threading.Event()

        def ask() -> list[tuple[object, ...]]:
            started.set()
            return db.rows("SELECT 1")

        asked = thread.submit(ask)
        started.wait()
        with pytest.raises(TimeoutError):
            asked.result(timeout=0.2)  # waits for the parts to be read
        assert sum(len(part) for part in parts) > 0
        assert asked.result(timeout=60) == [(1,)]


def test_closing_it_leaves_the_first_open(tmp_path: Path) -> None:
    with Database(tmp_path / "x.duckdb") as db:
        with db.beside() as other:
            assert other.rows("SELECT 1") == [(1,)]
        with pytest.raises(duckdb.ConnectionException):
            other.rows("SELECT 1")
        assert db.rows("SELECT 2") == [(2,)]


def test_it_is_closed_in_the_midst_of_the_other_thread_s_work(tmp_path: Path) -> None:
    """Whatever that does, closing waits for its step and raises nothing; the next step of it does."""
    with Database(tmp_path / "x.duckdb") as db:
        for _ in range(20):
            with ThreadPoolExecutor(1) as thread:
                with db.beside() as other:
                    begun = threading.Event()

                    def work(one: Database = other, begun: threading.Event = begun) -> None:
                        for number in range(10**6):
                            with one.lend("lent", pa.table({"x": [number]})):
                                begun.set()
                                assert one.rows("SELECT x FROM lent") == [(number,)]

                    working = thread.submit(work)
                    assert begun.wait(60)
                assert isinstance(working.exception(timeout=60), duckdb.ConnectionException)
        assert db.rows("SELECT 1") == [(1,)]
