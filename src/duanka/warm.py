"""Compiles the kernels once, on two cores, so that the first case does not wait twice as long as it must."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from duanka.flow import order as order_module
from duanka.flow.balances import breaks, opening
from duanka.flow.ledger import NO_BALANCE, Ledger
from duanka.flow.lineage import lineage
from duanka.flow.moment import place
from duanka.flow.order import order
from duanka.flow.pairing import pair
from duanka.flow.windows import summarise

_DAY = 86_400_000_000
_PARTS = ("order", "money")


def compile_kernels() -> float:
    """Seconds that compiling took; 0 where an earlier run left the compiled code in numba's cache.

    Half of the kernels compile in a second process, since numba compiles on one core only. Should that process fail,
    this one compiles them when they are needed.
    """
    if not _is_cold():
        return 0.0
    started = time.perf_counter()
    command = [sys.executable, "-m", "duanka.warm", _PARTS[0]]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as other:  # noqa: S603 - our own module
        run(_PARTS[1])
        other.wait()
    run(_PARTS[0])
    return time.perf_counter() - started


def _is_cold() -> bool:
    """Whether numba's cache has nothing of the kernel that is compiled last."""
    kernel = order_module._settle_all  # noqa: SLF001 - its public entry is plain Python
    folder = Path(kernel.stats.cache_path or ".")
    return not any(folder.glob("order._settle_all-*.nbi"))


def run(part: str) -> None:
    """Call the kernels of one part on a handful of rows, so that they are compiled and cached."""
    ledger = _sample(days=False)
    if part == _PARTS[0]:
        order(ledger)
        return
    opened = opening(ledger)
    breaks(ledger)
    summarise(ledger, lineage(ledger, opening=opened))
    place(_sample(days=True))
    numbers = np.arange(4, dtype=np.int64)
    pair(numbers // 2, numbers, numbers + 1, numbers % 2 == 0, numbers, 10, serial=numbers % 3)


def _sample(*, days: bool) -> Ledger:
    """Printed balances beside none, a tie, a payment to oneself, days beside seconds if asked for: every path."""
    size = 12
    rows = np.arange(size, dtype=np.int64)
    day = (rows % 3 == 0) & days
    return Ledger(
        time=np.where(day, 0, (rows // 2) * 1_000_000).astype(np.int64),
        width=np.where(day, _DAY, 1_000_000).astype(np.int64),
        payer=(rows % 4).astype(np.int32),
        payee=((rows * 3 + 1) % 4).astype(np.int32),
        amount=np.full(size, 100, dtype=np.int64),
        received=np.full(size, 100, dtype=np.int64),
        balance_payer=np.where(rows % 5 == 0, NO_BALANCE, 1000 - rows * 100),
        balance_payee=np.where(rows % 5 == 1, NO_BALANCE, rows * 100),
        tie=rows,
        nodes=4,
        covered_from=np.zeros(4, dtype=np.int64),
        covered_to=np.full(4, _DAY, dtype=np.int64),
    )


if __name__ == "__main__":
    run(sys.argv[1])
