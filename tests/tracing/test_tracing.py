"""Cases of tracing that can be read: seven layers, limits, fees and currencies, breaks, huge amounts, comparison."""

import dataclasses

import numpy as np
import pytest

from duanka.flow.ledger import NO_BALANCE, NOBODY
from duanka.trace.book import book
from duanka.trace.compare import compare
from duanka.trace.direct import LOOKED
from duanka.trace.doctrine import ALLOCATING, UPWARD, Doctrine, DoctrineError
from duanka.trace.follow import Limits, down, up
from duanka.trace.poison import touched
from duanka.trace.reason import Reason
from duanka.trace.seeds import seeds
from strategies import SECOND, build
from tracing.books import ledger_of, rows

VICTIM, CASH = 0, NOBODY
LAYERS = 7


@pytest.mark.parametrize("doctrine", ALLOCATING)
def test_seven_layers_in_23_seconds_are_followed_exactly(doctrine: Doctrine) -> None:
    times = [0, 3, 7, 11, 14, 18, 23]
    payments = [
        (time * SECOND, SECOND, layer, layer + 1, 4_999_800, 4_999_800, NO_BALANCE, NO_BALANCE)
        for layer, time in enumerate(times)
    ]
    ledger = build(payments, nodes=LAYERS + 1, covered=[False] + [True] * LAYERS)
    ready = book(ledger)
    found = down(ready, seeds(ledger, rows(0)), doctrine)
    assert found.steps.row.tolist() == [1, 2, 3, 4, 5, 6]
    assert found.steps.hop.tolist() == [1, 2, 3, 4, 5, 6]
    assert set(found.steps.amount.tolist()) == {4_999_800}
    assert found.left(LAYERS + 1).tolist() == [0] * LAYERS + [4_999_800]
    if doctrine in UPWARD:
        above = up(ready, seeds(ledger, rows(6), up=True), doctrine)
        assert above.steps.row.tolist() == [0, 1, 2, 3, 4, 5]
        assert above.by_reason() == {Reason.UNPRODUCED: 4_999_800}
        assert above.ends.node.tolist() == [VICTIM]


def test_each_branch_says_why_it_ends() -> None:
    a, b, c = 1, 2, 3
    ledger = ledger_of(
        (VICTIM, a, 100), (a, CASH, 30), (a, b, 40), (b, c, 5), (a, c, 20), (c, b, 20), outside=1, inside=3
    )
    found = down(book(ledger), seeds(ledger, rows(0)), Doctrine.FIFO, Limits(hops=2, floor=10))
    assert found.by_reason() == {Reason.HELD: 50, Reason.OUTSIDE: 30, Reason.FLOOR: 5, Reason.HOPS: 15}
    assert found.ended() == 50
    assert found.remainder() == 0


def test_money_older_than_the_age_limit_stays() -> None:
    ledger = ledger_of((VICTIM, 1, 100), (1, 2, 30), (1, 2, 50), outside=1, inside=2)
    found = down(book(ledger), seeds(ledger, rows(0)), Doctrine.FIFO, Limits(age=SECOND))
    assert found.by_reason() == {Reason.HELD: 50, Reason.STALE: 50}


@pytest.mark.parametrize("doctrine", ALLOCATING)
def test_at_a_moment_later_rows_are_not_read(doctrine: Doctrine) -> None:
    ledger = ledger_of((VICTIM, 1, 100), (1, 2, 100), (2, 1, 100), outside=1, inside=2)
    ready = book(ledger)
    left = [down(ready, seeds(ledger, rows(0)), doctrine, Limits(at=at * SECOND)).left(3).tolist() for at in range(3)]
    assert left == [[0, 100, 0], [0, 0, 100], [0, 100, 0]]


@pytest.mark.parametrize("doctrine", ALLOCATING)
def test_rows_at_one_moment_follow_each_other_as_they_stand(doctrine: Doctrine) -> None:
    ledger = ledger_of((VICTIM, 1, 100), (1, 2, 60), (VICTIM, 1, 50), (1, 2, 90), outside=1, inside=2)
    at_once = dataclasses.replace(ledger, time=np.zeros(4, np.int64))
    one, two = (down(book(given), seeds(given, rows(0)), doctrine) for given in (ledger, at_once))
    assert one.steps.amount.tolist() == two.steps.amount.tolist()
    assert one.left(3).tolist() == two.left(3).tolist()


@pytest.mark.parametrize("doctrine", ALLOCATING)
def test_a_fee_or_another_currency_changes_the_amount_in_proportion(doctrine: Doctrine) -> None:
    ledger = ledger_of((VICTIM, 1, 1000), (1, 2, 1000), (2, CASH, 140), outside=1, inside=2)
    received = np.array([1000, 139, 140], np.int64)  # to the dollar; one cent was there before
    ledger = dataclasses.replace(ledger, received=received)
    found = down(book(ledger), seeds(ledger, rows(0), rows(500)), doctrine)
    assert found.changed.tolist() == [found.steps.received.sum() - found.steps.amount.sum()]
    assert found.steps.amount[0] in (500, 1000) or doctrine is Doctrine.LOWEST_BALANCE
    assert found.steps.received[0] == 70  # 69.5 of 139, the half to what is traced


def test_half_units_go_to_the_first_group_and_the_sum_is_kept() -> None:
    ledger = ledger_of((VICTIM, 1, 3), (1, 2, 3), outside=1, inside=2)
    ledger = dataclasses.replace(ledger, received=np.array([3, 2], np.int64))
    start = seeds(ledger, rows(0, 0, 0), rows(1, 1, 1), group=np.arange(3))
    found = down(book(ledger), start, Doctrine.ROLLING)
    assert found.steps.received.tolist() == [1, 1, 0]


def test_a_balance_that_contradicts_the_rows_is_a_finding_and_the_money_is_gone() -> None:
    payments = [
        (0, SECOND, VICTIM, 1, 100, 100, NO_BALANCE, 100),
        (SECOND, SECOND, 1, 2, 10, 10, 30, NO_BALANCE),  # 90 expected, 30 printed
    ]
    ledger = build(payments, nodes=3, covered=[False, True, True])
    ready = book(ledger)
    assert (ready.breaks.row.tolist(), ready.breaks.expected.tolist(), ready.breaks.printed.tolist()) == (
        [1],
        [90],
        [30],
    )
    found = down(ready, seeds(ledger, rows(0)), Doctrine.FIFO)
    assert found.by_reason() == {Reason.HELD: 40, Reason.UNRECORDED: 60}
    at = found.ends.reason.tolist().index(Reason.UNRECORDED)
    assert (found.ends.row[at], found.ends.node[at]) == (1, 1)


def test_a_known_opening_balance_is_used_and_held_against_the_first_printed_one() -> None:
    ledger = build([(0, SECOND, 1, 2, 10, 10, 30, NO_BALANCE)], nodes=3, covered=[False, True, True])
    assert book(ledger).opening.tolist() == [0, 40, 0]
    ready = book(ledger, opening=np.array([NO_BALANCE, 100, NO_BALANCE], np.int64))
    assert ready.opening.tolist() == [0, 100, 0]
    assert (ready.breaks.expected.tolist(), ready.breaks.printed.tolist()) == ([90], [30])


def test_going_up_ends_at_the_opening_balance() -> None:
    ledger = ledger_of((VICTIM, 1, 60), (1, 2, 100), outside=1, inside=2)
    found = up(book(ledger), seeds(ledger, rows(1), up=True), Doctrine.FIFO)
    assert found.by_reason() == {Reason.UNPRODUCED: 60, Reason.OPENING: 40}


@pytest.mark.parametrize("doctrine", [Doctrine.ROLLING, Doctrine.PRO_RATA])
def test_products_beyond_64_bits_are_exact(doctrine: Doctrine) -> None:
    big = 3 * 10**18
    ledger = ledger_of((VICTIM, 1, big), (VICTIM, 1, big + 1), (1, 2, big), outside=1, inside=2)
    found = down(book(ledger), seeds(ledger, rows(0, 1), group=np.arange(2)), doctrine)
    nearest = big * big // (2 * big + 1) + 1  # three quarters of a unit are left over
    assert found.steps.amount.tolist() == [nearest, big - nearest]


def test_one_unit_counts_once_however_many_seeds_claim_it() -> None:
    ledger = ledger_of((VICTIM, 1, 100), (1, 2, 100), outside=1, inside=2)
    for doctrine in ALLOCATING:
        found = down(book(ledger), seeds(ledger, rows(0, 1)), doctrine)
        assert found.by_reason() == {Reason.HELD: 100, Reason.OVERLAP: 100}
        assert found.remainder() == 100


def test_direct_tracing_sees_equal_split_and_emptied_and_leaves_the_rest_open() -> None:
    a, b, c, d = 1, 2, 3, 4
    ledger = ledger_of(
        (VICTIM, a, 100), (a, b, 100),  # equal
        (b, c, 70), (b, d, 30),  # split
        (c, CASH, 40),  # part, out of an account that was empty
        (VICTIM, d, 500), (d, CASH, 333),  # out of a mixed account
        outside=1, inside=4,
    )  # fmt: skip
    found = down(book(ledger), seeds(ledger, rows(0)), Doctrine.DIRECT)
    assert found.steps.row.tolist() == [1, 2, 3, 4]
    assert found.by_reason() == {Reason.HELD: 30, Reason.OUTSIDE: 40, Reason.UNMATCHED: 30}


def test_direct_tracing_sees_what_is_gathered_or_handed_on_less_a_commission() -> None:
    a, b, c, shop = 1, 2, 3, 0
    ledger = ledger_of(
        (shop, a, 70_000),  # what the account had before
        (VICTIM, a, 20_000), (VICTIM, a, 30_000), (a, b, 49_000),  # two receipts in one payment: 2 % stay
        (b, c, 30_000), (b, shop, 17_500),  # one receipt in two payments: 3.06 % stay
        outside=1, inside=3,
    )  # fmt: skip
    found = down(book(ledger), seeds(ledger, rows(1, 2), group=np.arange(2)), Doctrine.DIRECT)
    at_b = found.steps.amount[found.steps.row == 3].tolist()
    assert at_b == [19_600, 29_400]  # each in proportion
    assert found.steps.amount[found.steps.row == 4].sum() == 30_000
    assert found.by_reason() == {Reason.HELD: 1_000 + 1_500 + 30_000, Reason.UNPRODUCED: 17_500}
    strict = down(book(ledger, commission=1), seeds(ledger, rows(1, 2)), Doctrine.DIRECT)
    assert strict.by_reason() == {Reason.UNMATCHED: 50_000}


def test_more_than_a_commission_staying_is_no_match() -> None:
    for paid, reason in ((95, Reason.UNPRODUCED), (94, Reason.UNMATCHED)):
        ledger = ledger_of((0, 1, 500), (VICTIM, 1, 100), (1, 0, paid), outside=1, inside=1)
        assert down(book(ledger), seeds(ledger, rows(1)), Doctrine.DIRECT).by_reason()[reason] >= 94


@pytest.mark.parametrize("receipts", [LOOKED, LOOKED + 6])
def test_of_a_long_run_only_the_latest_receipts_are_looked_at(receipts: int) -> None:
    ledger = ledger_of((0, 1, 500), *[(VICTIM, 1, 10)] * receipts, (1, 0, 10 * receipts), outside=1, inside=1)
    found = down(book(ledger), seeds(ledger, rows(receipts)), Doctrine.DIRECT)
    assert found.by_reason() == {Reason.UNPRODUCED if receipts == LOOKED else Reason.UNMATCHED: 10}


def test_a_commission_is_a_percentage() -> None:
    ledger = ledger_of((0, 1, 500), outside=1, inside=1)
    with pytest.raises(ValueError, match="101 per cent"):
        book(ledger, commission=101)


def test_doctrines_side_by_side() -> None:
    ledger = ledger_of((VICTIM, 1, 100), (0, 1, 100), (1, 2, 100), (1, CASH, 50), outside=1, inside=2)
    found = compare(book(ledger), seeds(ledger, rows(0)))
    assert found.doctrines == ALLOCATING
    assert sorted(found.node.tolist()) == [1, 2]
    assert found.sensitivity(2) == (Doctrine.LIFO, 0, Doctrine.DIRECT, 100)
    assert found.spread.max() == 100
    assert found.firm == found.least.sum() == 0
    assert all(sum(ends.values()) == 100 for ends in found.by_reason().values())
    with pytest.raises(ValueError, match="No doctrine"):
        found.sensitivity(0)


def test_poison_taints_whole_rows_and_allocates_nothing() -> None:
    ledger = ledger_of((VICTIM, 1, 1), (1, 2, 1000), (2, CASH, 5), outside=1, inside=2)
    start = seeds(ledger, rows(0))
    found = touched(book(ledger), start)
    assert (found.row.tolist(), found.hop.tolist(), found.amount.tolist()) == ([0, 1, 2], [0, 1, 2], [1, 1000, 5])
    with pytest.raises(DoctrineError, match="touched"):
        down(book(ledger), start, Doctrine.POISON)


@pytest.mark.parametrize("doctrine", sorted(set(Doctrine) - UPWARD))
def test_only_doctrines_that_know_sources_go_up(doctrine: Doctrine) -> None:
    ledger = ledger_of((VICTIM, 1, 1), outside=1, inside=1)
    with pytest.raises(DoctrineError, match="rolling"):
        up(book(ledger), seeds(ledger, rows(0), up=True), doctrine)


def test_wrong_use_is_told() -> None:
    ledger = ledger_of((VICTIM, 1, 10), (1, CASH, 10), outside=1, inside=1)
    start = seeds(ledger, rows(1))
    for wrong in (
        lambda: seeds(ledger, rows(2)),
        lambda: seeds(ledger, rows(0), rows(11)),
        lambda: seeds(ledger, rows(0), rows(1, 2)),
        lambda: seeds(ledger, rows(0), group=rows(-1)),
        lambda: book(ledger, within=-1),
        lambda: book(ledger, opening=rows(1)),
        lambda: down(book(ledger), start, Doctrine.FIFO, Limits(hops=-1)),
        lambda: down(book(ledger), start, Doctrine.FIFO, Limits(at=0)),
        lambda: down(book(ledger.take(rows(0))), start, Doctrine.FIFO),
    ):
        with pytest.raises(ValueError):
            wrong()
