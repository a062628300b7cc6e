"""The order of work for one case, readable as a table of contents."""

import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

from duanka import derive
from duanka.messages.catalogue import Language
from duanka.report.write import write_report
from duanka.sources.batch import Batch
from duanka.sources.intake import Found, walk
from duanka.sources.mapping import load_mappings
from duanka.sources.opened import Opened, SourceError
from duanka.sources.registry import Recognised, Unknown, open_source
from duanka.sources.spec import TableFormat
from duanka.store.case import SOURCE_ID_LENGTH, Case, SourceFile, hash_file
from duanka.store.seeds import Seed, reported, resolve_seeds
from duanka.warm import compile_kernels

READERS = 2
"""Files read at once, beside the one that is being stored."""

SMALL_BYTES = 48 << 20
"""A larger file is not held in memory whole; its parts go to the store as they are read."""


GROUP_ROWS = 200_000
"""Rows of small files that are stored together; a killed import loses at most as many and reads them again."""


class Watch(Protocol):
    """What a caller may want to see of long work; every method may be a no-op."""

    def stage(self, name: str) -> None:
        """A stage of the work begins."""

    def file(self, name: str, size: int) -> None:
        """A file is being read."""

    def rows(self, count: int) -> None:
        """Rows were read."""

    def done(self) -> None:
        """The work is over."""


class Silent:
    """Watches nothing."""

    def stage(self, name: str) -> None:
        """Nothing."""

    def file(self, name: str, size: int) -> None:
        """Nothing."""

    def rows(self, count: int) -> None:
        """Nothing."""

    def done(self) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to import; nothing here changes what a row says, only how it is found and read."""

    mapping: Path | None = None
    passwords: list[str] = field(default_factory=list)
    own_account: str = ""  # whose ledger the files are that don't say it
    memory_limit: str = ""


@dataclass(slots=True)
class Outcome:
    """What a run did."""

    case: Path
    files: list[dict[str, object]] = field(default_factory=list)
    unknown: list[dict[str, object]] = field(default_factory=list)
    transactions: int = 0
    accounts: int = 0
    seconds: dict[str, float | None] = field(
        default_factory=lambda: {"compile": 0.0, "import": 0.0, "order": 0.0, "lineage": 0.0, "detect": None}
    )
    assumed_order: int = 0
    balance_breaks: int = 0
    wanted: list[dict[str, object]] = field(default_factory=list)
    report: Path | None = None


def investigate(
    folder: Path,
    paths: list[Path],
    *,
    options: Options | None = None,
    seeds: list[Seed] | None = None,
    language: Language = "en",
    watch: Watch | None = None,
) -> Outcome:
    """Import, settle, order, follow the money, report: everything in one go."""
    watch = watch or Silent()
    outcome = import_paths(folder, paths, options=options, watch=watch)
    watch.stage("report")
    outcome.report = report(
        folder, seeds=seeds, language=language, memory_limit=options.memory_limit if options else ""
    )
    watch.done()
    return outcome


def report(
    folder: Path,
    *,
    out: Path | None = None,
    seeds: list[Seed] | None = None,
    language: Language = "en",
    memory_limit: str = "",
) -> Path:
    """Write the report of a case; without seeds it starts from the victims' reports, or from what it finds busiest."""
    with Case(folder, memory_limit=memory_limit) as case:
        bring_up_to_date(case)
        starts = resolve_seeds(case, seeds or reported(case))
        return write_report(case, out or folder / "report", language=language, seeds=starts)


def import_paths(
    folder: Path, paths: list[Path], *, options: Options | None = None, watch: Watch | None = None
) -> Outcome:
    """Read every file below the paths into the case, then derive the ledger and its lineage.

    Files that the case has already are left alone; an interrupted import goes on where it was.
    """
    options, watch = options or Options(), watch or Silent()
    outcome = Outcome(folder)
    with Case(folder, create=True, memory_limit=options.memory_limit) as case:
        watch.stage("compile")
        outcome.seconds["compile"] = round(compile_kernels(), 1)
        watch.stage("read")
        started = time.perf_counter()
        taken: dict[str, str] = {}
        _read_all(case, walk(paths, passwords=options.passwords, skip=folder), options, outcome, taken, watch)
        _derive(case, outcome, watch, started)
        _report_files(case, taken, outcome)
    watch.done()
    return outcome


def undo(folder: Path, source: str, *, watch: Watch | None = None) -> Outcome:
    """Take one source out of the case, and derive the ledger anew."""
    outcome, started = Outcome(folder), time.perf_counter()
    with Case(folder) as case:
        case.undo(source)
        _derive(case, outcome, watch or Silent(), started)
        outcome.files = case.files()
    return outcome


def listing(folder: Path) -> Outcome:
    """What the case holds."""
    outcome = Outcome(folder)
    with Case(folder) as case:
        bring_up_to_date(case)
        outcome.files, outcome.unknown = case.files(), case.unknown()
        _count(case, outcome)
    return outcome


def keep_apart(folder: Path, source_id: str, row: int, *, apart: bool, watch: Watch | None = None) -> Outcome:
    """Undo the merge of one input row (or allow it again), and derive the ledger anew."""
    outcome, started = Outcome(folder), time.perf_counter()
    with Case(folder) as case:
        case.keep_apart(source_id, row, apart=apart)
        _derive(case, outcome, watch or Silent(), started)
        outcome.files = case.files()
    return outcome


def bring_up_to_date(case: Case) -> None:
    """Derive what an interrupted run left undone, so that every reader sees a whole ledger."""
    if not case.settled() or not case.table_exists("wanted"):
        _derive(case, Outcome(case.folder), Silent(), time.perf_counter())


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


def _read_all(
    case: Case, found: Iterator[Found], options: Options, outcome: Outcome, taken: dict[str, str], watch: Watch
) -> None:
    """Import every file: the next ones are read on other cores while a group of those before goes to the store."""
    mappings = load_mappings(options.mapping) if options.mapping else ()
    fingerprint = _fingerprint(options)
    waiting: deque[_Prepared] = deque()
    group = _Group(case, fingerprint, watch)
    seen: set[str] = set()
    refused: dict[str, tuple[int, SourceError | _NotReadableError]] = {}

    def finish(prepared: _Prepared) -> None:
        if (problem := group.add(prepared)) is not None:
            refused[prepared.sha256] = prepared.size, problem

    with ThreadPoolExecutor(max_workers=READERS) as pool:
        for one in found:
            if one.problem:
                _note_unknown(case, outcome, one.name, "", 0, one.problem, ())
                continue
            sha256 = case.keep_original(one.path)
            taken[one.name] = sha256
            if sha256 in seen or case.has(sha256, fingerprint):
                continue
            seen.add(sha256)
            size = one.path.stat().st_size
            own = options.own_account or f"unknown:{sha256[:SOURCE_ID_LENGTH]}"
            source = pool.submit(_open, Opened(case.original(sha256), one.name), own, mappings)
            waiting.append(_Prepared(one.name, sha256, size, source))
            if len(waiting) > READERS:
                finish(waiting.popleft())
        while waiting:
            finish(waiting.popleft())
        group.flush()
    for name, sha256 in [(name, sha256) for name, sha256 in taken.items() if sha256 in refused]:
        size, problem = refused[sha256]
        tried = problem.tried if isinstance(problem, _NotReadableError) else ()
        _note_unknown(case, outcome, name, sha256, size, str(problem), tried)
        del taken[name]


class _Group:
    """Small files on their way to the store; they go together, see `Case.add`."""

    def __init__(self, case: Case, fingerprint: str, watch: Watch) -> None:
        self._case, self._fingerprint, self._watch = case, fingerprint, watch
        self._files: list[tuple[SourceFile, Iterable[Batch]]] = []
        self._rows = 0

    def add(self, prepared: _Prepared) -> SourceError | _NotReadableError | None:
        """Take a file, or say why it can't be read."""
        self._watch.file(prepared.name, prepared.size)
        try:
            source, batches = prepared.source.result()
            file = SourceFile(
                path=prepared.name, sha256=prepared.sha256, size=prepared.size, format=source.format,
                institution=source.institution, encoding=source.encoding, full_book=source.full_book,
                options=self._fingerprint, unknown_sheets=source.unknown_sheets,
            )  # fmt: skip
            if not isinstance(batches, list):  # too large to hold: it goes alone, part by part
                self.flush()
                self._case.add([(file, batches)], self._watch.rows)
                return None
        except (SourceError, _NotReadableError) as error:
            return error
        self._files.append((file, batches))
        self._rows += sum(batch.rows for batch in batches)
        if self._rows >= GROUP_ROWS:
            self.flush()
        return None

    def flush(self) -> None:
        """Store what is waiting."""
        if self._files:
            self._case.add(self._files, self._watch.rows)
        self._files, self._rows = [], 0


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
        raise SourceError(f"not read, a fault of Duanka to report: {type(error).__name__}: {words}") from error


def _note_unknown(
    case: Case, outcome: Outcome, name: str, sha256: str, size: int, reason: str, tried: tuple[str, ...]
) -> None:
    case.add_unknown(name, sha256, size, reason, tried)
    outcome.unknown.append({"path": name, "reason": reason, "tried": list(tried)})


def _derive(case: Case, outcome: Outcome, watch: Watch, started: float) -> None:
    """Settle, order, check balances, follow the money."""
    watch.stage("settle")
    case.settle(derive.pairing)
    outcome.seconds["import"] = round(time.perf_counter() - started, 3)
    watch.stage("order")
    begun = time.perf_counter()
    data = derive.ordered(case)
    derive.write_order(case, data)
    derive.write_coverage(case, data)
    outcome.seconds["order"] = round(time.perf_counter() - begun, 3)
    watch.stage("lineage")
    begun = time.perf_counter()
    links = derive.trace_lineage(data)
    derive.write_lineage(case, data, links)
    derive.write_windows(case, data, links)
    derive.write_wanted(case)
    outcome.seconds["lineage"] = round(time.perf_counter() - begun, 3)
    _count(case, outcome)


def _count(case: Case, outcome: Outcome) -> None:
    def number(sql: str) -> int:
        return int(str(case.db.rows(sql)[0][0]))

    outcome.transactions = number("SELECT count(*) FROM transactions")
    outcome.accounts = number("SELECT count(*) FROM accounts")
    outcome.assumed_order = number("SELECT count(*) FROM row_order WHERE assumed")
    outcome.balance_breaks = number("SELECT coalesce(sum(len(breaks)), 0)::BIGINT FROM coverage")
    first = case.db.rows("SELECT account_id, why, amount, currency FROM wanted ORDER BY rank LIMIT 10")
    outcome.wanted = [dict(zip(("account_id", "why", "amount", "currency"), row, strict=True)) for row in first]


def _report_files(case: Case, taken: dict[str, str], outcome: Outcome) -> None:
    """The counts of the files that were named, whether they were new or not; a second copy is all merged."""
    by_hash = {str(file["sha256"]): file for file in case.files()}
    first: dict[str, str] = {}  # of several copies, the one by whose name the case knows the file
    for name, sha256 in taken.items():
        if sha256 not in first or by_hash[sha256]["path"] == name:
            first[sha256] = name
    for name, sha256 in taken.items():
        file = dict(by_hash[sha256])
        if first[sha256] != name:
            file |= {"same_as": file["path"], "kept": 0, "merged": int(str(file["rows"])) - int(str(file["rejected"]))}
        file["path"] = name
        outcome.files.append(file)


def _fingerprint(options: Options) -> str:
    mapping = hash_file(options.mapping) if options.mapping else ""
    return "|".join(part for part in (mapping, options.own_account) if part)


def peak_memory_mb() -> float | None:
    """Largest resident size of this process so far; null where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - not on Windows

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
