"""Freeze plans: how long one takes with 5,000 accounts touched, and how near the fast solver comes to the best plan."""

import time
from functools import partial

import numpy as np

from duanka.trace.book import book
from duanka.trace.freezing.choosing import choose
from duanka.trace.freezing.exact import best
from duanka.trace.freezing.habits import MINUTE
from duanka.trace.freezing.lying import Lying, lying
from duanka.trace.freezing.plan import Known, Measure, Wish, options, outlook, plan
from duanka.trace.seeds import seeds
from ledgers import DAY, SEED, heavy
from measure import arguments, cpu, row

SEEDS = 200
TIMES = 20
FEW = (3, 6, 10)


def known(lies: Lying, random: np.random.Generator) -> Known:
    """Holders of any innocence, all to be stopped."""
    count = len(lies)
    return Known(random.random(count), np.zeros(count, np.int64), np.full(count, int(Measure.STOP)))


def main() -> None:
    chosen = arguments(__doc__)
    rows, nodes = min(chosen.rows, 200_000), 5_000
    ledger = heavy(rows, nodes)
    random = np.random.default_rng(SEED)
    ready = book(ledger)
    start = seeds(ledger, np.sort(random.choice(rows // 2, SEEDS, replace=False)))
    at = int(ledger.time[start.row].max()) + 3 * DAY
    lying(ready, start, at)  # compiles
    seconds, lies = cpu(partial(lying, ready, start, at))
    row(f"traces, five doctrines, {rows:,} payments, {len(lies):,} accounts touched", "–", 1.0, f"{seconds:.2f} s", "–")
    facts = known(lies, random)
    spent = []
    for orders in np.linspace(1, 100, TIMES).round().astype(int):
        began = time.process_time()
        seen = outlook(ready, lies, facts, Wish(int(orders), 10 * MINUTE))
        plan(seen)
        spent.append(time.process_time() - began)
    p95 = float(np.quantile(spent, 0.95))
    name = f"plan of 1 to 100 orders, {len(lies):,} accounts, {len(lies.amount):,} parcels, 95th percentile"
    row(name, "≤ 1 s", p95, f"{p95:.2f} s", "1 s")
    cover, _, _ = options(seen, lies.most, 0.25)
    for orders in FEW:
        optimum, found = cover.value(best(cover, orders)), cover.value(choose(cover, orders))
        row(f"plan of {orders} orders against the best, proved by HiGHS", "≥ 0.63", found / optimum, "fast", "exact")


if __name__ == "__main__":
    main()
