"""A case: a folder with `case.duckdb` and `originals/`; whole files in, whole files out."""

import copy
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from duanka.records.vocabulary import RecordKind
from duanka.sources.batch import Batch
from duanka.store import schema
from duanka.store.database import CaseError, Database, quoted
from duanka.store.reading import ENTRIES, Reading, SourceFile
from duanka.store.settle import Pairing, is_settled, settle


class Case:
    """An open case. Use as a context manager."""

    def __init__(self, folder: Path, *, create: bool = False, memory_limit: str = "", threads: int = 0) -> None:
        path = folder / "case.duckdb"
        if not path.exists() and not create:
            raise CaseError("case.none", folder=folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "originals").mkdir(exist_ok=True)
        self.folder = folder
        self.db = Database(path, memory_limit=memory_limit, threads=threads)
        for partial in (folder / "originals").glob("*.part"):  # of an import that was killed: the file is ours alone
            partial.unlink()
        schema.create(self.db)
        version = self.db.rows("SELECT value FROM meta WHERE key = 'schema'")[0][0]
        if version != str(schema.VERSION):
            self.db.close()
            raise CaseError("case.version", folder=folder, version=version)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the case."""
        self.close()

    @contextmanager
    def beside(self) -> Iterator["Case"]:
        """The same case for another thread, see `Database.beside`."""
        other = copy.copy(self)
        with self.db.beside() as other.db:
            yield other

    def close(self) -> None:
        """Close the file and remove what spilling left behind."""
        self.db.close()
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)

    # --- originals ---------------------------------------------------------------------------------------------

    def original(self, sha256: str) -> Path:
        """Where the original with this hash lies."""
        return self.folder / "originals" / sha256[:2] / sha256

    def keep_original(self, path: Path, *, may_be_there: bool = False) -> str:
        """Copy a file into `originals/`, read-only, under its SHA-256, which is returned.

        The hash is that of the copy. Killed in between, no file has a final name. A file
        that may be there already (its size says so) is hashed first and not copied again.
        """
        if may_be_there:
            sha256 = hash_file(path)
            if self.original(sha256).exists():
                return sha256
        partial = self.folder / "originals" / f"{os.getpid()}.part"
        shutil.copyfile(path, partial)
        target = self.original(hash_file(partial))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            partial.unlink()
        else:
            partial.chmod(stat.S_IRUSR | stat.S_IRGRP)
            partial.replace(target)
        return target.name

    # --- sources -----------------------------------------------------------------------------------------------

    def readings(self) -> dict[str, tuple[int, str]]:
        """Size of each file in the case, and the options that it was read with, by SHA-256."""
        found = self.db.rows("SELECT sha256, size, options FROM sources")
        return {str(sha256): (int(str(size)), str(options)) for sha256, size, options in found}

    def add(
        self, files: Iterable[tuple[SourceFile, Iterable[Batch]]], advance: Callable[[int], None] = lambda _: None
    ) -> None:
        """Read files into the case in one transaction: each wholly, or not at all; earlier readings are replaced.

        Files and batches are drawn one by one while DuckDB stores what came before, in one statement for all of them:
        it then writes full row groups, and readers never wait for it. What draws them must not use the case.
        """
        with self.db.transaction():
            first = int(str(self.db.rows("SELECT coalesce(max(entry), 0) + 1 FROM entries")[0][0]))
            reading = Reading(first, advance)
            self.db.append_all("entries", ENTRIES, reading.entries(files))
            for source in reading.files:
                self._remove(source.source_id, before=first)
                self.db.run(
                    "no longer unknown", "DELETE FROM unknown_files WHERE sha256 = ? OR path = ?",
                    [source.sha256, source.path],
                )  # fmt: skip
            for table, rows in reading.tables().items():
                self.db.append(table, rows)

    def add_unknown(self, path: str, sha256: str, size: int, reason: str, tried: tuple[str, ...]) -> None:
        """Note a file that nothing recognised."""
        self.db.run(
            "unknown file",
            "INSERT OR REPLACE INTO unknown_files VALUES (?, ?, ?, ?, ?)",
            [path, sha256, size, reason, json.dumps(tried)],
        )

    def undo(self, source: str) -> str:
        """Take a source out: by its id, its hash (at least its first eight digits), or its path. Returns its id."""
        path = source.replace("\\", "/")
        found = self.db.rows(
            "SELECT source_id, path FROM sources WHERE path = ? OR ends_with(path, '/' || ?) "
            "OR (length(?) >= 8 AND starts_with(sha256, ?))",
            [path, path, source, source.lower()],
        )
        if not found:
            raise CaseError("case.no_source", source=repr(source), folder=self.folder)
        if len(found) > 1:
            raise CaseError("case.sources", count=len(found), source=repr(source), folder=self.folder)
        source_id = str(found[0][0])
        with self.db.transaction():
            self._remove(source_id)
        return source_id

    def _remove(self, source_id: str, *, before: int | None = None) -> None:
        """Remove a source, of its entries only those with a lower number. What the user keeps apart stays noted."""
        tables = ["rejects", "labels", "periods", "sources"]
        tables += [schema.raw_table(kind) for kind in RecordKind if kind is not RecordKind.TRANSACTION]
        if not self.db.rows("SELECT 1 FROM sources WHERE source_id = ?", [source_id]):
            return
        for table in tables:
            self.db.run(f"remove {table}", f"DELETE FROM {table} WHERE source_id = ?", [source_id])
        self.db.run(
            "remove entries", "DELETE FROM entries WHERE source_id = ? AND entry < coalesce(?, entry + 1)",
            [source_id, before],
        )  # fmt: skip

    def keep_apart(self, source_id: str, source_row: int, *, apart: bool) -> None:
        """Undo the merge of one input row, or allow it again."""
        found = self.db.rows("SELECT 1 FROM entries WHERE source_id = ? AND source_row = ?", [source_id, source_row])
        if not found:
            raise CaseError("case.no_row", row=source_row, source=repr(source_id))
        self.db.run("allow", "DELETE FROM kept_apart WHERE source_id = ? AND source_row = ?", [source_id, source_row])
        if apart:
            self.db.run(
                "keep apart", "INSERT INTO kept_apart VALUES (?, ?, ?)", [source_id, source_row, datetime.now(UTC)]
            )

    # --- derived -----------------------------------------------------------------------------------------------

    def settled(self) -> bool:
        """Whether the ledger matches what is imported."""
        return is_settled(self.db)

    def settle(self, pairing: Pairing) -> None:
        """Make the ledger anew from what is imported."""
        settle(self.db, pairing)

    def files(self) -> list[dict[str, object]]:
        """What was imported, file by file: `rows = kept + merged + rejected`."""
        names = ("path", "sha256", "source_id", "format", "institution", "encoding", "rows", "kept", "merged", "rejected",
                 "warnings", "unknown_sheets")  # fmt: skip
        kept = "kept" if self.table_exists("kept") else "(SELECT '' AS source_id, 0 AS kept, 0 AS merged)"
        found = self.db.rows(f"""
            SELECT s.path, s.sha256, s.source_id, s.format, s.institution, s.encoding, s.rows,
                   coalesce(k.kept, 0)::BIGINT, coalesce(k.merged, 0)::BIGINT, s.rejected, s.warnings, s.unknown_sheets
            FROM sources s LEFT JOIN {kept} k USING (source_id) ORDER BY s.path, s.sha256
        """)
        files = [dict(zip(names, row, strict=True)) for row in found]
        for file in files:
            file["warnings"] = json.loads(str(file["warnings"]))
            file["unknown_sheets"] = json.loads(str(file["unknown_sheets"]))
        return files

    def unknown(self) -> list[dict[str, object]]:
        """Files that nothing recognised."""
        found = self.db.rows("SELECT path, sha256, reason, tried FROM unknown_files ORDER BY path")
        return [{"path": p, "sha256": h, "reason": r, "tried": json.loads(str(t))} for p, h, r, t in found]

    def table_exists(self, name: str) -> bool:
        """Whether the case has a table of this name."""
        return bool(self.db.rows("SELECT 1 FROM information_schema.tables WHERE table_name = ?", [name]))

    def count(self, name: str) -> int:
        """Rows of a table."""
        return int(str(self.db.rows(f"SELECT count(*) FROM {quoted(name)}")[0][0]))

    def replace_table(self, name: str, data: pa.Table) -> None:
        """Store a derived table, in place of an earlier one."""
        with self.db.lend("derived", data):
            self.db.run(name, f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT * FROM derived")


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb", buffering=0) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
