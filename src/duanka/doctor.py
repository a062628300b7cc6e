"""Is this machine fit: versions, memory, disk, and a kernel that compiles and agrees with plain arithmetic."""

import os
import shutil
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from duanka.flow.ledger import NO_BALANCE, Ledger
from duanka.flow.lineage import lineage

LEAST_DISK_GB = 5
_LIBRARIES = ("duckdb", "polars", "pyarrow", "numpy", "numba", "scipy", "lxml", "fastexcel")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `key` names its words in the catalogue."""

    key: str
    good: bool
    values: dict[str, object] = field(default_factory=dict)

    def facts(self) -> dict[str, object]:
        """For --json."""
        return {"check": self.key.removeprefix("doctor."), "good": self.good, **self.values}


def check() -> list[Finding]:
    """Every check, in the order in which a user would want them."""
    return [_python(), _libraries(), _disk(), _cache(), _kernel()]


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("doctor.python", sys.version_info >= (3, 11), {"version": found, "cores": os.cpu_count() or 1})


def _libraries() -> Finding:
    found, missing = [], []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    return Finding("doctor.libraries", not missing, {"found": ", ".join(found), "missing": ", ".join(missing) or "-"})


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    return Finding("doctor.disk", free >= LEAST_DISK_GB, {"free": round(free, 1), "least": LEAST_DISK_GB})


def _cache() -> Finding:
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parent / "flow")
    return Finding("doctor.cache", os.access(folder, os.W_OK), {"folder": str(folder)})


def _kernel() -> Finding:
    """Two receipts, one payment: FIFO must take 300 from the first and 200 from the second."""
    started = time.perf_counter()
    none = np.full(3, NO_BALANCE, dtype=np.int64)
    ledger = Ledger(
        time=np.arange(3, dtype=np.int64),
        width=np.full(3, 1_000_000, dtype=np.int64),
        payer=np.array([0, 0, 1], dtype=np.int32),
        payee=np.array([1, 1, 2], dtype=np.int32),
        amount=np.array([300, 400, 500], dtype=np.int64),
        received=np.array([300, 400, 500], dtype=np.int64),
        balance_payer=none,
        balance_payee=none,
        tie=np.arange(3, dtype=np.int64),
        nodes=3,
        covered_from=np.zeros(3, dtype=np.int64),
        covered_to=np.full(3, 10, dtype=np.int64),
    )
    links = lineage(ledger)
    taken = {int(i): int(a) for i, o, a in zip(links.in_row, links.out_row, links.amount, strict=True) if o == 2}
    return Finding("doctor.kernel", taken == {0: 300, 1: 200}, {"seconds": round(time.perf_counter() - started, 2)})
