"""A hundred thousand small random ledgers: every law, and each doctrine against its slow twin."""

import numpy as np
import pytest

from duanka.trace.book import book
from duanka.trace.doctrine import ALLOCATING, UPWARD
from duanka.trace.follow import down, up
from tracing import laws
from tracing.drawn import WITHINS, booked, ends, lines, twin_of
from tracing.random_books import random_ledger, random_limits, random_seeds, with_balances

pytestmark = pytest.mark.long

LEDGERS = 100_000
PRINTED = 5
"""Every so many ledgers is also traced with printed balances, some wrong, and up."""


@pytest.mark.parametrize("part", range(10))
def test_random_ledgers(part: int) -> None:
    each = LEDGERS // 10
    for number in range(part * each, (part + 1) * each):
        random = np.random.default_rng(number)
        ledger = random_ledger(random)
        start = random_seeds(random, ledger)
        limits, within = random_limits(random, ledger, start), WITHINS[number % 2]
        ready = booked(ledger, within)
        for doctrine in ALLOCATING:
            found = down(ready, start, doctrine, limits)
            twin = twin_of(ledger, start, limits, doctrine, within)
            assert lines(found) == twin.lines(), (number, doctrine)
            assert ends(found) == twin.ends, (number, doctrine)
            laws.all_of(ready, ledger, start, found)
        if number % PRINTED == 0:
            printed = with_balances(random, ledger)
            both = book(printed)
            for doctrine in ALLOCATING:
                laws.all_of(both, printed, start, down(both, start, doctrine))
            above = random_seeds(random, printed, up=True)
            for upward in sorted(UPWARD):
                laws.all_of(both, printed, above, up(both, above, upward))
