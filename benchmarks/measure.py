"""CPU time of one thread, and the row that a benchmark prints."""

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

Result = TypeVar("Result")


def cpu(work: Callable[[], Result]) -> tuple[float, Result]:
    """CPU seconds of the whole process while `work` ran, and what it returned."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def best(work: Callable[[], object], runs: int) -> float:
    """The least CPU seconds of several runs: the others were disturbed."""
    return min(cpu(work)[0] for _ in range(runs))


def turns(ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> tuple[float, float, float]:
    """Median ratio ours / theirs of runs in turns, and the median CPU seconds of both."""
    pairs = [(cpu(ours)[0], cpu(theirs)[0]) for _ in range(runs)]
    return median(one / other for one, other in pairs), median(p[0] for p in pairs), median(p[1] for p in pairs)


def row(name: str, claim: str, ratio: float, ours: str, theirs: str) -> None:
    """One row of the Markdown table: name, claim, measured ratio, both figures."""
    print(f"| {name} | {claim} | {ratio:.2f} × | {ours} | {theirs} |", flush=True)


def arguments(description: str | None) -> argparse.Namespace:
    """Size and number of runs, for every script alike."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--nodes", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()
