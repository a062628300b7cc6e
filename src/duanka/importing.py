"""Every file below the paths into the case: found, kept as an original, read on all cores, stored as it is read."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from duanka.sources.batch import Batch
from duanka.sources.intake import Found, walk
from duanka.sources.mapping import load_mappings
from duanka.sources.opened import Opened, SourceError
from duanka.sources.registry import Recognised, Unknown, open_source
from duanka.sources.spec import TableFormat
from duanka.store.case import Case, hash_file
from duanka.store.reading import SOURCE_ID_LENGTH, SourceFile
from duanka.watch import Watch

READERS = 2
"""Files read at once, beside those that are being stored."""

SMALL_BYTES = 48 << 20
"""A larger file is not held in memory whole; its parts go to the store as they are read."""

AHEAD_BYTES = 96 << 20
"""Files that are read, or wait to be read, while others are stored; readers idle where there are too few."""

GROUP_ROWS = 2_000_000
"""Rows of small files that are stored together; a killed import loses at most as many and reads them again."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to import; nothing here changes what a row says, only how it is found and read."""

    mapping: Path | None = None
    passwords: list[str] = field(default_factory=list)
    own_account: str = ""  # whose ledger the files are that don't say it
    memory_limit: str = ""


@dataclass(slots=True)
class Taken:
    """What was found below the paths."""

    files: dict[str, str] = field(default_factory=dict)
    """Names of files that are in the case, and their SHA-256."""

    unknown: list[dict[str, object]] = field(default_factory=list)
    """Files that are not: `path`, `reason`, `tried`."""


class _NotReadableError(Exception):
    """No format recognises the file."""

    def __init__(self, reason: str, tried: tuple[str, ...]) -> None:
        super().__init__(reason)
        self.tried = tried


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A file that lies in `originals/` and is being read in the background."""

    name: str
    sha256: str
    size: int
    source: Future[tuple[Recognised, Iterable[Batch]]]


def take_in(case: Case, paths: list[Path], options: Options, watch: Watch) -> Taken:
    """Import every file below the paths that the case does not have yet; each is then wholly in it, or not at all."""
    with ThreadPoolExecutor(max_workers=READERS) as pool:
        return _Import(case, options, watch, pool).run(walk(paths, passwords=options.passwords, skip=case.folder))


class _Import:
    """One import. While rows go to the store, nothing else may be asked of the case: what is to be noted waits."""

    def __init__(self, case: Case, options: Options, watch: Watch, pool: ThreadPoolExecutor) -> None:
        self._case, self._options, self._watch, self._pool = case, options, watch, pool
        self._mappings = load_mappings(options.mapping) if options.mapping else ()
        self._fingerprint = _fingerprint(options)
        self._known = case.readings()
        self._taken = Taken()
        self._refused: list[tuple[str, str, int, str, tuple[str, ...]]] = []  # path, hash, size, reason, tried
        self._large: tuple[SourceFile, Iterable[Batch]] | None = None

    def run(self, found: Iterator[Found]) -> Taken:
        files = self._opened(self._prepared(found))
        while (first := next(files, None)) is not None:
            self._store(self._small(first, files))
            if self._large is not None:
                self._store(iter([self._large]))
        self._note_refused()
        return self._taken

    def _prepared(self, found: Iterator[Found]) -> Iterator[_Prepared]:
        """New files in order, some of them ahead of the one that is wanted."""
        waiting: deque[_Prepared] = deque()
        seen: set[str] = set()
        sizes = {size for size, _ in self._known.values()}
        for one in found:
            if one.problem:
                self._refused.append((one.name, "", 0, one.problem, ()))
                continue
            if self._options.mapping and one.path.samefile(self._options.mapping):  # says how to read the others
                continue
            size = one.path.stat().st_size
            sha256 = self._case.keep_original(one.path, may_be_there=size in sizes)
            self._taken.files[one.name] = sha256
            if sha256 in seen or self._known.get(sha256, (0, None))[1] == self._fingerprint:
                continue
            seen.add(sha256)
            own = self._options.own_account or f"unknown:{sha256[:SOURCE_ID_LENGTH]}"
            source = self._pool.submit(_open, Opened(self._case.original(sha256), one.name), own, self._mappings)
            waiting.append(_Prepared(one.name, sha256, size, source))
            while len(waiting) > READERS and sum(prepared.size for prepared in waiting) > AHEAD_BYTES:
                yield waiting.popleft()
        yield from waiting

    def _opened(self, files: Iterator[_Prepared]) -> Iterator[tuple[SourceFile, Iterable[Batch]]]:
        """Files with their rows; those that can't be read are noted."""
        for one in files:
            self._watch.file(one.name, one.size)
            try:
                source, batches = one.source.result()
            except (SourceError, _NotReadableError) as error:
                self._refuse(one.sha256, one.size, error)
                continue
            file = SourceFile(
                path=one.name, sha256=one.sha256, size=one.size, format=source.format,
                institution=source.institution, encoding=source.encoding, full_book=source.full_book,
                options=self._fingerprint, unknown_sheets=source.unknown_sheets,
            )  # fmt: skip
            yield file, batches

    def _small(
        self, first: tuple[SourceFile, Iterable[Batch]], following: Iterator[tuple[SourceFile, Iterable[Batch]]]
    ) -> Iterator[tuple[SourceFile, Iterable[Batch]]]:
        """A group of small files. A large one ends it and is left in `_large`: it goes alone, since it may yet fail."""
        self._large = None
        rows = 0
        one: tuple[SourceFile, Iterable[Batch]] | None = first
        while one is not None:
            file, batches = one
            if not isinstance(batches, list):
                self._large = one
                return
            yield file, batches
            rows += sum(batch.rows for batch in batches)
            one = next(following, None) if rows < GROUP_ROWS else None

    def _store(self, files: Iterator[tuple[SourceFile, Iterable[Batch]]]) -> None:
        try:
            self._case.add(files, self._watch.rows)
        except SourceError as error:
            if self._large is None:
                raise
            file, _ = self._large
            self._refuse(file.sha256, file.size, error)

    def _refuse(self, sha256: str, size: int, error: SourceError | _NotReadableError) -> None:
        tried = error.tried if isinstance(error, _NotReadableError) else ()
        self._refused.append(("", sha256, size, str(error), tried))

    def _note_refused(self) -> None:
        """Every name of a refused file: copies of it are refused with it."""
        for path, sha256, size, reason, tried in self._refused:
            names = [path] if path else [name for name, known in self._taken.files.items() if known == sha256]
            for name in names:
                self._taken.files.pop(name, None)
                self._case.add_unknown(name, sha256, size, reason, tried)
                self._taken.unknown.append({"path": name, "reason": reason, "tried": list(tried)})


def _open(opened: Opened, own: str, mappings: tuple[TableFormat, ...]) -> tuple[Recognised, Iterable[Batch]]:
    """Recognise a file; read it whole if it is small, else leave its batches to be drawn one by one."""
    with _any_problem_named():
        source = open_source(opened, own_account=own, mappings=mappings)
        if isinstance(source, Unknown):
            raise _NotReadableError(source.reason, source.tried)
        batches = _read(source.batches)
        return source, (list(batches) if opened.size <= SMALL_BYTES else batches)


def _read(batches: Iterator[Batch]) -> Iterator[Batch]:
    with _any_problem_named():
        yield from batches


@contextmanager
def _any_problem_named() -> Iterator[None]:
    """A reader that fails in a way that nobody foresaw costs one file, not the import; it is listed as unknown."""
    try:
        yield
    except (SourceError, _NotReadableError):
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        if os.environ.get("DUANKA_DEBUG"):
            raise
        words = (str(error).splitlines() or [""])[0]
        raise SourceError("source.fault", problem=f"{type(error).__name__}: {words}") from error


def _fingerprint(options: Options) -> str:
    mapping = hash_file(options.mapping) if options.mapping else ""
    return "|".join(part for part in (mapping, options.own_account) if part)
