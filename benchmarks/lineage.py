"""Lineage of everything: rows a second of one core, and what a hub costs."""

from functools import partial

from duanka.flow.lineage import Doctrine, lineage
from ledgers import heavy, hub, uniform
from measure import arguments, best, row

TARGET = 4.0
"""Million payments per CPU second."""


def main() -> None:
    chosen = arguments(__doc__)
    for doctrine in Doctrine:
        lineage(heavy(1_000, 100), doctrine=doctrine)  # compiles
    size = f"{chosen.rows:,} payments, {chosen.nodes:,} accounts"
    ledger = heavy(chosen.rows, chosen.nodes)
    for doctrine in Doctrine:
        seconds = best(partial(lineage, ledger, doctrine=doctrine), chosen.runs)
        speed = chosen.rows / seconds / 1e6
        name = f"{doctrine.upper()} lineage, {size}, heavy-tailed"
        row(name, f"≥ {TARGET:.0f} M payments/s", speed / TARGET, f"{speed:.1f} M/s ({seconds:.2f} s)", f"{TARGET} M/s")
    ledger = uniform(chosen.rows, chosen.nodes)
    even = best(partial(lineage, ledger), chosen.runs)
    ledger = hub(chosen.rows, chosen.nodes)
    busy = best(partial(lineage, ledger), chosen.runs)
    name = f"FIFO lineage, {size}, one in half of all rows"
    row(name, "≤ 1.5 × an even graph", busy / even, f"{busy:.2f} s", f"{even:.2f} s")


if __name__ == "__main__":
    main()
