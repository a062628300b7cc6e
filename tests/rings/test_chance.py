"""What chance would make: nothing where times mean something, as much as there is where they don't."""

import numpy as np
import polars as pl
import pytest

from duanka.rings.chance import MOST, near_by_chance, shifts, strength
from duanka.rings.matching import MINUTE, Tolerance
from rings.made_orders import LINK, ORDER, ROW, Record, frames, order, row

TOLERANCE = Tolerance()
DAY = 24 * 60 * MINUTE
SPANS = {"account": pl.String, "from": pl.Int64, "to": pl.Int64}


def score(orders: list[Record], rows: list[Record], days: int = 60) -> tuple[int, int, float, float]:
    mine, theirs, _ = frames(orders, rows, [])
    spans = pl.DataFrame([("A", -days * DAY, days * DAY)], schema=SPANS, orient="row")
    found, together = strength(np.zeros(mine.height, np.int64), 1, mine, theirs, spans, TOLERANCE)
    for name in ("orders", "met", "expected", "score"):  # of one set
        np.testing.assert_array_equal(getattr(found, name), getattr(together, name))
    return int(found.orders[0]), int(found.met[0]), float(found.expected[0]), float(found.score[0])


def minutes(count: int, seed: int) -> list[float]:
    return [float(one) for one in np.random.default_rng(seed).uniform(0, 30 * 24 * 60, count)]


def test_shifts_never_bring_an_order_back_to_its_own_row() -> None:
    for within in (0, MINUTE, 15 * MINUTE, 600 * MINUTE):
        found = shifts(within)
        assert len(set(found)) == len(found) == (22 if within < 60 * MINUTE else 12)
        assert all(-shift in found for shift in found)
        assert min(map(abs, found)) > 2 * within


def test_orders_that_meet_their_rows_can_hardly_be_chance() -> None:
    times = minutes(40, 1)
    tested, met, expected, sure = score(
        [order(n, at) for n, at in enumerate(times)], [row(n, at + 2) for n, at in enumerate(times)]
    )
    assert (tested, met) == (40, 40)
    assert expected < 4
    assert sure == MOST


def test_orders_of_another_time_are_what_chance_makes() -> None:
    """Of twenty made-up databases that have nothing to do with the rows, few may look as if they had."""
    rows = [row(n, at) for n, at in enumerate(minutes(200, 2))]
    found = [score([order(n, at) for n, at in enumerate(minutes(200, seed))], rows) for seed in range(10, 30)]
    assert sum(sure > 0.95 for *_, sure in found) <= 4
    assert np.mean([met for _, met, _, _ in found]) == pytest.approx(np.mean([e for *_, e, _ in found]), rel=0.25)


def test_no_row_is_no_evidence_and_no_ledger_no_test() -> None:
    assert score([order(0)], [row(0, 5_000)])[3] == 0.0
    tested, met, expected, sure = score([order(0, account="B")], [row(0)])
    assert (tested, met) == (0, 0)
    assert np.isnan(expected)
    assert np.isnan(sure)


def test_a_ledger_that_is_too_short_for_any_shift_tests_nothing() -> None:
    mine, theirs, _ = frames([order(0)], [row(0, 1)], [])
    spans = pl.DataFrame([("A", 0, 2 * MINUTE)], schema=SPANS, orient="row")
    found, _ = strength(np.zeros(1, np.int64), 1, mine, theirs, spans, TOLERANCE)
    assert (int(found.orders[0]), int(found.met[0])) == (1, 1)
    assert np.isnan(found.score[0])


def test_orders_that_were_not_paid_are_not_tested() -> None:
    assert score([order(0, unpaid=True), order(1)], [row(0, 1)])[0] == 1


def test_near_matches_by_chance_are_counted_at_other_times() -> None:
    orders = [order(n, n * 24 * 60) for n in range(10)]
    regular = [row(n, n * 24 * 60 + 30) for n in range(10)]
    links = pl.DataFrame(schema=LINK)
    made = near_by_chance(pl.DataFrame(orders, schema=ORDER), pl.DataFrame(regular, schema=ROW), links, TOLERANCE)
    assert made == np.mean([8, 9, 9, 8])
