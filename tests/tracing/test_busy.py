"""Ledgers large enough that walks pass over blocks of payments, and that their tables grow."""

import numpy as np
import pytest

from duanka.trace import walking
from duanka.trace.book import book
from duanka.trace.doctrine import ALLOCATING, BY_SHARES, UPWARD, Doctrine
from duanka.trace.follow import NO_LIMITS, Limits, down, up
from duanka.trace.seeds import seeds
from tracing import laws
from tracing.drawn import ends, lines, twin_of
from tracing.random_books import busy_ledger, random_ledger, random_limits, random_seeds

AGELESS = Limits(age=10**15)
"""An age limit that nothing reaches: with one, every payment of a node is looked at."""


@pytest.mark.parametrize("groups", [1, 7])
@pytest.mark.parametrize("doctrine", sorted(BY_SHARES))
def test_passing_over_payments_changes_nothing(doctrine: Doctrine, groups: int) -> None:
    for number in range(6):
        random = np.random.default_rng(number)
        ledger = busy_ledger(random, 30_000, 40 if number % 2 else 2_000)
        start = seeds(ledger, random.integers(0, 15_000, 60), group=np.arange(60) % groups)
        ready = book(ledger)
        one, two = (down(ready, start, doctrine, limits) for limits in (NO_LIMITS, AGELESS))
        assert lines(one) == lines(two)
        assert ends(one) == ends(two)


@pytest.mark.parametrize("doctrine", ALLOCATING)
def test_the_laws_hold(doctrine: Doctrine) -> None:
    random = np.random.default_rng(1)
    ledger = busy_ledger(random, 60_000, 300)
    start = seeds(ledger, random.integers(0, 60_000, 3_000), group=np.arange(3_000) % 11)
    ready = book(ledger)
    laws.all_of(ready, ledger, start, down(ready, start, doctrine))


@pytest.mark.parametrize("doctrine", sorted(BY_SHARES))
def test_agrees_with_its_twin(doctrine: Doctrine) -> None:
    random = np.random.default_rng(2)
    ledger = busy_ledger(random, 1_500, 20)
    start = seeds(ledger, random.integers(0, 700, 12), group=np.arange(12) % 5)
    found, twin = down(book(ledger), start, doctrine), twin_of(ledger, start, NO_LIMITS, doctrine)
    assert lines(found) == twin.lines()
    assert ends(found) == twin.ends


@pytest.mark.parametrize("above", ["", "above"])
@pytest.mark.parametrize("doctrine", ALLOCATING)
def test_lines_that_are_put_aside_early_are_the_same(
    doctrine: Doctrine, above: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if above and doctrine not in UPWARD:
        return
    changing = 0
    for number in range(60):
        random = np.random.default_rng(number)
        ledger = random_ledger(random)
        start = random_seeds(random, ledger, up=bool(above))
        limits = random_limits(random, ledger, start) if not above else NO_LIMITS
        ready = book(ledger)
        found = []
        for size in (walking.LINES, 1):
            with monkeypatch.context() as patched:
                patched.setattr(walking, "LINES", size)
                found.append((up if above else down)(ready, start, doctrine, limits))
        one, two = found
        assert lines(one) == lines(two)
        assert ends(one) == ends(two)
        assert one.changed.tolist() == two.changed.tolist()
        changing += int(one.changed.any())
    assert changing or (above and doctrine is Doctrine.DIRECT)  # its steps upward change nothing here
