"""The order of work for one case, readable as a table of contents. Traces and plans have theirs in their rooms."""

import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from duanka import derive, detecting
from duanka.importing import Options, take_in
from duanka.messages.catalogue import Language
from duanka.reconciling import Reconciliation, reconcile_platform
from duanka.report.write import write_report
from duanka.rings.matching import Tolerance
from duanka.store.case import Case
from duanka.store.detection import Detection
from duanka.store.seeds import Seed, reported, resolve_seeds
from duanka.warm import compile_kernels
from duanka.watch import Silent, Watch

if TYPE_CHECKING:
    from duanka.learning import Learnt, Split
    from duanka.typologies.reading import Typology


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
    found: Detection | None = None
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
    """Import, settle, order, follow the money, detect, report: everything in one go."""
    options, watch = options or Options(), watch or Silent()
    outcome = Outcome(folder)
    with Case(folder, create=True, memory_limit=options.memory_limit) as case:
        data = _import(case, paths, options, watch, outcome)
        _detect(case, data, None, outcome, watch)
        watch.stage("report")
        outcome.report = _report(case, folder / "report", seeds, language)
    watch.done()
    return outcome


def detect(
    folder: Path,
    *,
    as_of: datetime | None = None,
    model: Path | None = None,
    typologies: "tuple[Typology, ...]" = (),
    memory_limit: str = "",
    watch: Watch | None = None,
) -> Outcome:
    """Find the accounts that carry other people's money, and their rings, in what is imported already."""
    watch, outcome = watch or Silent(), Outcome(folder)
    with Case(folder, memory_limit=memory_limit) as case:
        watch.stage("compile")
        outcome.seconds["compile"] = round(compile_kernels(), 1)
        derive.bring_up_to_date(case)
        watch.stage("order")
        _detect(case, derive.recalled(case), as_of, outcome, watch, model=model, typologies=typologies)
        _count(case, outcome)
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
        derive.bring_up_to_date(case)
        return _report(case, out or folder / "report", seeds, language)


def import_paths(
    folder: Path, paths: list[Path], *, options: Options | None = None, watch: Watch | None = None
) -> Outcome:
    """Read every file below the paths into the case, then derive the ledger and its lineage.

    Files that the case has already are left alone; an interrupted import goes on where it was.
    """
    options, watch = options or Options(), watch or Silent()
    outcome = Outcome(folder)
    with Case(folder, create=True, memory_limit=options.memory_limit) as case:
        _import(case, paths, options, watch, outcome)
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
        derive.bring_up_to_date(case)
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


def learn(
    folder: Path,
    labels: str,
    model: Path,
    *,
    split: "Split" = "account",
    unlabelled: bool = False,
    watch: Watch | None = None,
) -> "Learnt":
    """Learn a model of accounts from the labels of a case, and write it with its card."""
    from duanka.learning import learn_accounts  # noqa: PLC0415 - scikit-learn is slow to import

    watch = watch or Silent()
    with Case(folder) as case:
        watch.stage("compile")
        compile_kernels()
        derive.bring_up_to_date(case)
        watch.stage("learn")
        learnt = learn_accounts(case, derive.recalled(case), labels, model, split=split, unlabelled=unlabelled)
    watch.done()
    return learnt


def reconcile(
    folder: Path,
    paths: list[Path],
    *,
    mapping: Path | None = None,
    tolerance: Tolerance | None = None,
    watch: Watch | None = None,
) -> Reconciliation:
    """Hold a seized platform database against the bank rows of a case."""
    watch = watch or Silent()
    with Case(folder) as case:
        derive.bring_up_to_date(case)
        watch.stage("reconcile")
        found = reconcile_platform(case, paths, mapping=mapping, tolerance=tolerance)
    watch.done()
    return found


def _import(case: Case, paths: list[Path], options: Options, watch: Watch, outcome: Outcome) -> derive.Ordered:
    """Read the files into the case, and derive the ledger and its lineage."""
    watch.stage("compile")
    outcome.seconds["compile"] = round(compile_kernels(), 1)
    watch.stage("read")
    started = time.perf_counter()
    taken = take_in(case, paths, options, watch)
    outcome.unknown += taken.unknown
    data = _derive(case, outcome, watch, started)
    _report_files(case, taken.files, outcome)
    return data


def _detect(
    case: Case,
    data: derive.Ordered,
    as_of: datetime | None,
    outcome: Outcome,
    watch: Watch,
    *,
    model: Path | None = None,
    typologies: "tuple[Typology, ...]" = (),
) -> None:
    """Find relays, accounts and rings."""
    watch.stage("detect")
    begun = time.perf_counter()
    outcome.found = detecting.detect(case, data, as_of=as_of, model=model, typologies=typologies)
    outcome.seconds["detect"] = round(time.perf_counter() - begun, 3)


def _report(case: Case, out: Path, seeds: list[Seed] | None, language: Language) -> Path:
    return write_report(case, out, language=language, seeds=resolve_seeds(case, seeds or reported(case)))


def _derive(case: Case, outcome: Outcome, watch: Watch, started: float) -> derive.Ordered:
    """Settle, order, check balances, follow the money; and count."""
    data = derive.anew(case, watch, outcome.seconds, started)
    _count(case, outcome)
    return data


def _count(case: Case, outcome: Outcome) -> None:
    def number(sql: str) -> int:
        return int(str(case.db.rows(sql)[0][0]))

    outcome.transactions = number("SELECT count(*) FROM transactions")
    outcome.accounts = number("SELECT count(*) FROM accounts")
    outcome.assumed_order = number("SELECT count(*) FROM row_order WHERE assumed")
    outcome.balance_breaks = number("SELECT coalesce(sum(len(breaks)), 0)::BIGINT FROM coverage")
    first = "SELECT account_id, why, amount, currency FROM wanted WHERE rank <= 10 ORDER BY rank, currency"
    names = ("account_id", "why", "amount", "currency")
    outcome.wanted = [dict(zip(names, row, strict=True)) for row in case.db.rows(first)]


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


def peak_memory_mb() -> float | None:
    """Largest resident size of this process so far; null where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - not on Windows

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
