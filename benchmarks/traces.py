"""Tracing: 100 seeds over all hops, under each doctrine, summed and every seed apart; and a narrow trace.

`book` makes the ledger ready once, and links of a doctrine are made when first asked for; both are timed by themselves,
since a case does so once and then traces as often as asked. Results are checked: every trace adds up to the cent, and
seeds kept apart add up to the sum of them where the doctrine says so.
"""

from functools import partial

import numpy as np

from duanka.trace.book import Book, book
from duanka.trace.doctrine import ALLOCATING, BY_LINKS, Doctrine
from duanka.trace.follow import Limits, down
from duanka.trace.poison import touched
from duanka.trace.result import Trace
from duanka.trace.seeds import Seeds, seeds
from ledgers import DAY, SEED, heavy, hub
from measure import arguments, best, cpu, row

SEEDS = 100
FEW = 100_000
"""Steps up to which a trace counts as narrow."""


def checked(found: Trace) -> Trace:
    """The trace, if it adds up."""
    total = np.zeros(len(found.seeded), np.int64)
    np.add.at(total, found.ends.group, found.ends.amount)
    if not np.array_equal(found.seeded + found.changed, total):
        raise AssertionError(f"{found.doctrine} does not add up")
    return found


def report(
    name: str, ready: Book, start: Seeds, doctrine: Doctrine, limits: Limits, runs: int, *, claim: float | None = None
) -> Trace:
    """Time a trace. Unless a claim is given, it is that of a narrow or of a wide one."""
    found = checked(down(ready, start, doctrine, limits))
    claim = claim or (0.1 if len(found.steps) <= FEW else 1.5)
    seconds = best(partial(down, ready, start, doctrine, limits), runs)
    row(
        f"{doctrine}: {name}, {len(found.steps):,} steps",
        f"≤ {claim} s",
        seconds / claim,
        f"{seconds:.3f} s",
        f"{claim} s",
    )
    return found


def main() -> None:
    chosen = arguments(__doc__)
    small = heavy(1_000, 100)
    for doctrine in ALLOCATING:
        down(book(small), seeds(small, np.arange(3)), doctrine)  # compiles
    touched(book(small), seeds(small, np.arange(3)))
    for shape in (heavy, hub):
        ledger = shape(chosen.rows, chosen.nodes)
        size = f"{chosen.rows:,} payments ({shape.__name__})"
        seconds, ready = cpu(partial(book, ledger))
        row(f"book of {size}", "–", 1.0, f"{seconds:.2f} s", "–")
        for linked in sorted(BY_LINKS):
            seconds, _ = cpu(partial(ready.links, linked, down=True))
            row(f"{linked} links of {size}", "–", 1.0, f"{seconds:.2f} s", "–")
        rows = np.sort(np.random.default_rng(SEED).choice(chosen.rows, SEEDS, replace=False))
        summed, apart = seeds(ledger, rows), seeds(ledger, rows, group=np.arange(SEEDS))
        day = Limits(at=int(ledger.time[rows].max()) + DAY, floor=1_000, hops=4)
        for doctrine in ALLOCATING:
            found = report(f"{SEEDS} seeds summed, {size}", ready, summed, doctrine, Limits(), chosen.runs)
            each = report(f"{SEEDS} seeds apart, {size}", ready, apart, doctrine, Limits(), 1, claim=10.0)
            if doctrine in BY_LINKS and not np.array_equal(found.left(ledger.nodes), each.left(ledger.nodes)):
                raise AssertionError(f"{doctrine}: seeds apart differ from their sum")
            report(f"{SEEDS} seeds, 4 hops, from 10.00 on, {size}", ready, summed, doctrine, day, chosen.runs)


if __name__ == "__main__":
    main()
