"""What outsiders pay a ring's cards meanwhile is the ring's; the holder's own life is not."""

import numpy as np

from duanka.flow.ledger import NOBODY, Int64
from duanka.rings.completing import PAUSE, completed
from duanka.rings.telling import Telling
from scoring.planted import ordered_ledger
from strategies import MIDNIGHT, MINUTE

CARD, POOL, SHOP, GAMBLER, OTHER = range(5)
OUTSIDERS = 8
"""Nodes from 5 on pay the card by telling payments, so that it is one that outsiders pay."""


def found(
    rows: list[tuple[int, int, int]], telling: list[int], *, firm: int = -1, works: tuple[int, ...] = (CARD, POOL)
) -> list[int]:
    """Which of these payments (minute, payer, payee), in order of time, are the ring's; `telling` are so already."""
    time, payer, payee = np.array(rows, np.int64).T
    ledger, place = ordered_ledger(MIDNIGHT + time * MINUTE, payer, payee, np.full(len(rows), 100), 5 + OUTSIDERS)
    assert (place == np.arange(len(rows))).all(), "give rows in order of time"
    strand = np.full(len(rows), NOBODY, np.int64)
    strand[telling] = 0
    firms = np.arange(ledger.nodes) == firm
    ring: Int64 = completed(Telling(ledger, np.array(telling), strand), np.array(works), firms).strand
    return np.flatnonzero(ring == 0).tolist()


def day(*between: tuple[int, int, int]) -> tuple[list[tuple[int, int, int]], list[int]]:
    """Two outsiders pay the card, it hands on; in between what is asked about; at the end the same again."""
    begin = [(0, 5, CARD), (1, 6, CARD), (2, CARD, POOL)]
    end = [(600, 7, CARD), (601, 8, CARD), (602, CARD, POOL)]
    rows = [*begin, *between, *end]
    return rows, [0, 1, 2, *range(len(rows) - 3, len(rows))]


def test_deposits_meanwhile_are_the_ring_s() -> None:
    rows, telling = day((10, GAMBLER, CARD), (20, 9, CARD))
    assert found(rows, telling) == list(range(len(rows)))


def test_what_a_firm_pays_is_the_holder_s_own() -> None:
    rows, telling = day((10, SHOP, CARD))
    assert found(rows, telling, firm=SHOP) == telling
    assert found(rows, telling) == list(range(len(rows)))


def test_only_those_who_pay_are_paid_back() -> None:
    rows, telling = day((10, GAMBLER, CARD), (20, CARD, GAMBLER), (30, CARD, OTHER))
    assert found(rows, telling) == [row for row in range(len(rows)) if row != 5]


def test_other_workers_and_strangers_among_themselves_play_no_part() -> None:
    rows, telling = day((10, POOL, CARD), (20, GAMBLER, OTHER))
    assert found(rows, telling) == telling


def test_a_card_that_the_ring_pays_keeps_its_own_life() -> None:
    """The pool is paid by cards: what else comes to it is not gathered."""
    rows, telling = day((10, GAMBLER, POOL))
    assert found(rows, telling) == telling


def test_before_the_first_row_and_after_the_last_nothing_counts() -> None:
    rows, _ = day()
    around = [(-1, GAMBLER, CARD), *rows, (603, GAMBLER, CARD)]
    assert found(around, [1, 2, 3, 4, 5, 6]) == [1, 2, 3, 4, 5, 6]


def test_a_long_pause_is_the_holder_s_own_time() -> None:
    pause = PAUSE // MINUTE
    begin = [(0, 5, CARD), (1, 6, CARD), (2, CARD, POOL)]
    asked = [(2 + pause, GAMBLER, CARD), (3 + pause, OTHER, CARD)]
    end = [(9 + 2 * pause, 7, CARD), (10 + 2 * pause, CARD, POOL)]
    assert found([*begin, *asked, *end], [0, 1, 2, 5, 6]) == [0, 1, 2, 3, 5, 6]


def test_of_two_rings_the_one_of_the_row_before() -> None:
    rows = [
        (0, 5, CARD),
        (1, CARD, POOL),
        (10, GAMBLER, CARD),
        (20, 6, CARD),
        (21, CARD, POOL),
        (30, OTHER, CARD),
        (40, 7, CARD),
    ]
    time, payer, payee = np.array(rows, np.int64).T
    ledger, _ = ordered_ledger(MIDNIGHT + time * MINUTE, payer, payee, np.full(len(rows), 100), 5 + OUTSIDERS)
    strand = np.array([0, 0, NOBODY, 1, 1, NOBODY, 1])
    both = np.array([CARD, POOL, ledger.nodes + CARD, ledger.nodes + POOL])
    own = Telling(ledger, np.flatnonzero(strand != NOBODY), strand)
    assert completed(own, both, np.zeros(ledger.nodes, np.bool_)).strand.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert completed(own, np.zeros(0, np.int64), np.zeros(ledger.nodes, np.bool_)).strand.tolist() == strand.tolist()
