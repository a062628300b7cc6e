"""Compiles the kernels once, on two cores, so that the first case does not wait twice as long as it must."""

import subprocess
import sys
import time

import numpy as np

from duanka.flow import order as order_module
from duanka.flow.balances import breaks, opening
from duanka.flow.days import days
from duanka.flow.index import index
from duanka.flow.ledger import NO_BALANCE, Ledger
from duanka.flow.lineage import Lineage, lineage
from duanka.flow.moment import place
from duanka.flow.order import order
from duanka.flow.pairing import pair
from duanka.flow.partners import Rows, partners
from duanka.flow.precedence import sort_groups
from duanka.flow.reach import forward
from duanka.flow.succession import handed_on, rewired, succession
from duanka.flow.tally import Kinds, tally
from duanka.flow.windows import summarise
from duanka.kernels.compile import is_cached
from duanka.scoring.trees import LEAVES, Trees
from duanka.sources.bytewise import gb18030_to_utf8, has_lone_return, lines_of
from duanka.trace import mixing, pieces
from duanka.trace.book import book
from duanka.trace.doctrine import BY_LINKS, BY_SHARES, Doctrine
from duanka.trace.follow import down
from duanka.trace.poison import touched
from duanka.trace.returning import shared_out
from duanka.trace.seeds import seeds

_DAY = 86_400_000_000
PARTS = ("order", "time")
LAST = (order_module._claim_all, mixing._leave, pieces._walk)  # noqa: SLF001 - their public entries are plain Python
"""Kernels that are compiled last, of each kind of work: orders, money that is mixed, money that keeps its identity."""


def compile_kernels() -> float:
    """Seconds that compiling took; 0 where an earlier run left the compiled code in numba's cache.

    Half of the kernels compile in a second process, since numba compiles on one core only. Should that process fail,
    this one compiles them when they are needed.
    """
    if all(is_cached(kernel) for kernel in LAST):
        return 0.0
    started = time.perf_counter()
    command = [sys.executable, "-m", "duanka.warm", PARTS[0]]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as other:  # noqa: S603 - our own module
        run(PARTS[1])
        other.wait()
    run(PARTS[0])
    return time.perf_counter() - started


def run(part: str) -> None:
    """Call the kernels of one part on a handful of rows, so that they are compiled and cached.

    The parts take about as long as each other. What the second part compiles first, the first part needs last, and by
    then finds in the cache.
    """
    ledger = _sample(days=False)
    none, numbers = np.zeros(0, np.int64), np.arange(len(ledger))
    if part == PARTS[0]:
        order(ledger)
        breaks(ledger)
        lineage(ledger, opening=opening(ledger))
        pair(numbers // 2, numbers, numbers + 1, numbers % 2 == 0, numbers, 10, serial=numbers % 3)
        _trace(ledger, BY_SHARES)
        shared_out(none, none, np.zeros((0, 0), np.int64), none, np.zeros(0, np.bool_))
        return
    sort_groups(np.zeros((0, 5), np.int64), none, none, none, none, np.zeros(0, np.bool_))
    place(_sample(days=True))
    lines_of(b'1,"2"\n', ord(","), 2)
    has_lone_return(b"1")
    gb18030_to_utf8(b"1")
    pairs = succession(ledger, _DAY)
    handed_on(pairs, np.zeros(len(pairs), np.float32), len(ledger), 0.5)
    rewired(ledger, index(ledger), np.zeros(1, np.int64), np.zeros(1, np.int64), _DAY)
    no_leaf = Trees(np.zeros(2, np.int64), np.zeros(0), np.zeros((1, 1), np.uint32), np.zeros((1, LEAVES)), 0.0)
    no_leaf.sums(np.zeros((0, 1), np.float32))
    one = none.astype(np.int32)
    rows = Rows(np.zeros(1, np.int64), one, np.zeros(0, np.bool_), none, none, one)
    partners(rows)
    days(rows, one, np.zeros((0, 2), np.bool_))
    tally(rows, one, none, Kinds(np.zeros((0, 2)), np.zeros((0, 2)), 0.0))
    summarise(ledger, Lineage(none, none, none, remaining=ledger.received, opening_left=none))
    _trace(ledger, BY_LINKS)
    forward(ledger, np.arange(1), 1)
    touched(book(ledger, moment=ledger.time), seeds(ledger, np.arange(1)))


def _trace(ledger: Ledger, doctrines: frozenset[Doctrine]) -> None:
    """Follow money down. Going up needs no kernel more, nor do plans, which read traces down."""
    ready = book(ledger, moment=ledger.time, opening=np.full(ledger.nodes, NO_BALANCE, np.int64))
    for doctrine in sorted(doctrines):
        down(ready, seeds(ledger, np.arange(1)), doctrine)


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
