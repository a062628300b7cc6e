"""Replays of orders on ledgers that can be followed by hand."""

import numpy as np

from duanka.flow.ledger import NO_BALANCE, Ledger
from replaying import Force, Kept, replay
from strategies import SECOND, build

MULE, SECOND_CARD, SHOP, UNKNOWN = range(4)
FOREVER = 10**15


def paid(*payments: tuple[int, int, int, int]) -> Ledger:
    """(second, payer, payee, amount)."""
    rows = [
        (at * SECOND, SECOND, payer, payee, money, money, NO_BALANCE, NO_BALANCE)
        for at, payer, payee, money in payments
    ]
    return build(rows, nodes=4, covered=[True] * 4)


def kept(of: Ledger, balance: list[int], traced: list[int], orders: dict[int, Force], after: int = 0) -> list[Kept]:
    held = np.array([NO_BALANCE if one < 0 else one for one in balance], np.int64)
    return replay(of, of.time, after * SECOND, 100 * SECOND, held, np.array(traced, np.float64), orders)


def test_an_order_in_time_keeps_the_money_and_refuses_the_payment() -> None:
    of = paid((10, MULE, SECOND_CARD, 100))
    assert kept(of, [100, 0, 0, 0], [100, 0, 0, 0], {MULE: Force(0, FOREVER, 100)}) == [Kept(MULE, 100, 100.0, 100)]


def test_an_order_too_late_keeps_nothing_there_and_one_downstream_meets_the_money() -> None:
    of = paid((10, MULE, SECOND_CARD, 100))
    late = {MULE: Force(20 * SECOND, FOREVER, 100), SECOND_CARD: Force(20 * SECOND, FOREVER, 60)}
    assert kept(of, [100, 0, 0, 0], [100, 0, 0, 0], late) == [Kept(MULE, 0, 0.0, 0), Kept(SECOND_CARD, 60, 60.0, 0)]


def test_money_kept_upstream_does_not_come_downstream() -> None:
    of = paid((10, MULE, SECOND_CARD, 100), (20, SECOND_CARD, SHOP, 100))
    both = {MULE: Force(0, FOREVER, 70), SECOND_CARD: Force(0, FOREVER, 100)}
    found = kept(of, [100, 0, 0, 0], [100, 0, 0, 0], both)
    assert [one.victims for one in found] == [70.0, 30.0]


def test_an_order_by_amount_leaves_the_rest_free_and_refills() -> None:
    of = paid((10, MULE, SHOP, 100), (20, SHOP, MULE, 50), (30, MULE, SHOP, 50))
    assert kept(of, [100, 500, 50, 0], [40, 0, 0, 0], {MULE: Force(0, FOREVER, 80)}) == [Kept(MULE, 80, 40.0, 80)]


def test_victims_money_beyond_the_order_leaves_in_proportion() -> None:
    """80 of 100 are victims', 50 are kept: of the 50 that are free 30 are victims', so half of them take 15 along."""
    of = paid((10, MULE, SECOND_CARD, 25))
    found = kept(of, [100, 0, 0, 0], [80, 0, 0, 0], {MULE: Force(0, FOREVER, 50), SECOND_CARD: Force(0, FOREVER, 99)})
    assert [one.victims for one in found] == [50.0, 15.0]


def test_rows_up_to_the_moment_and_unknown_balances_change_nothing() -> None:
    of = paid((5, MULE, SHOP, 100), (10, UNKNOWN, SHOP, 7))
    found = kept(of, [100, 0, 0, -1], [100, 0, 0, 0], {MULE: Force(0, FOREVER, 100), UNKNOWN: Force(0, 9, 9)}, after=5)
    assert found == [Kept(MULE, 100, 100.0, 0), Kept(UNKNOWN, 0, 0.0, 0)]
