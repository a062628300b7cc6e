"""The worked example of the field: P brings 10, M 10, then 10 go out, K brings 10, 10 go out, 10 are left."""

import numpy as np
import pytest

from duanka.trace.book import book
from duanka.trace.doctrine import Doctrine
from duanka.trace.follow import down, up
from duanka.trace.seeds import seeds
from tracing.books import ledger_of, rows

P, M, K, GONE, MIXED = range(5)
TEN = 1_000
LEDGER = ledger_of(
    (P, MIXED, TEN), (M, MIXED, TEN), (MIXED, GONE, TEN), (K, MIXED, TEN), (MIXED, GONE, TEN), outside=4, inside=1
)
CLAIMS = {
    Doctrine.FIFO: [0, 0, TEN],
    Doctrine.LIFO: [TEN, 0, 0],
    Doctrine.PRO_RATA: [334, 333, 333],
    Doctrine.ROLLING: [250, 250, 500],
    Doctrine.LOWEST_BALANCE: [250, 250, 500],  # of three claims nothing is the holder's own, so all are charged alike
    Doctrine.DIRECT: [0, 0, TEN],
}


@pytest.mark.parametrize(("doctrine", "left"), CLAIMS.items())
def test_what_is_left_for_whom(doctrine: Doctrine, left: list[int]) -> None:
    found = down(book(LEDGER), seeds(LEDGER, rows(0, 1, 3), group=np.arange(3)), doctrine)
    assert found.left_apart(5)[:, MIXED].tolist() == left


@pytest.mark.parametrize("victim", [0, 1, 3])
def test_alone_against_the_holders_own_money_nobody_loses(victim: int) -> None:
    """Each for himself, the rest being the holder's: the balance never falls below 10 once his 10 are in."""
    found = down(book(LEDGER), seeds(LEDGER, rows(victim)), Doctrine.LOWEST_BALANCE)
    assert found.left(5)[MIXED] == TEN


@pytest.mark.parametrize(
    ("doctrine", "sources"),
    [
        (Doctrine.FIFO, [0, TEN, 0]),
        (Doctrine.LIFO, [0, 0, TEN]),
        (Doctrine.DIRECT, [0, TEN, 0]),
        (Doctrine.ROLLING, [250, 250, 500]),
    ],
)
def test_where_the_second_payment_came_from(doctrine: Doctrine, sources: list[int]) -> None:
    found = up(book(LEDGER), seeds(LEDGER, rows(4), up=True), doctrine)
    by_payer = np.zeros(5, np.int64)
    np.add.at(by_payer, found.ends.node, found.ends.amount)
    assert by_payer[[P, M, K]].tolist() == sources
