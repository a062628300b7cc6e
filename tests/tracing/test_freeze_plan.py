"""Freeze plans: small ones by hand, and what must hold of every one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import NO_BALANCE, Ledger
from duanka.trace.book import Book, book
from duanka.trace.freezing.frontier import frontier
from duanka.trace.freezing.habits import HOUR, MINUTE, learn
from duanka.trace.freezing.lying import Lying, balance, lying
from duanka.trace.freezing.plan import Known, Measure, Outlook, Plan, Wish, outlook, plan
from duanka.trace.seeds import Seeds, seeds
from strategies import build
from tracing.books import rows
from tracing.random_books import random_ledger, random_seeds

YUAN = 100
Payment = tuple[float, int, int, int]  # minute, payer, payee, yuan


def ledger(*payments: Payment, outside: int, inside: int) -> Ledger:
    """Nodes 0 … outside-1 are not covered, the `inside` after them are, from the start and for ever."""
    made = [
        (round(minute * MINUTE), 10**6, payer, payee, yuan * YUAN, yuan * YUAN, NO_BALANCE, NO_BALANCE)
        for minute, payer, payee, yuan in payments
    ]
    return build(made, nodes=outside + inside, covered=[False] * outside + [True] * inside)


def known(lies: Lying, *, innocence: float = 0.0, essential: int = 0, measure: Measure = Measure.STOP) -> Known:
    count = len(lies)
    return Known(np.full(count, innocence), np.full(count, essential), np.full(count, int(measure)))


def looked(of: Ledger, start: Seeds, at: float, wish: Wish, **more: object) -> Outlook:
    ready = book(of)
    lies = lying(ready, start, round(at * MINUTE))
    return outlook(ready, lies, known(lies, **more), wish)  # type: ignore[arg-type]


def wish(orders: int, minutes: float, **more: float) -> Wish:
    return Wish(orders, round(minutes * MINUTE), **more)  # type: ignore[arg-type]


VICTIM, SHOP, MULE, SECOND, THIRD = range(5)


def test_the_order_goes_where_the_money_lies() -> None:
    of = ledger((0, VICTIM, MULE, 100), (4, MULE, SECOND, 90), outside=2, inside=3)
    made = plan(looked(of, seeds(of, rows(0)), 5, wish(1, 0)))
    lines = made.lines
    assert (lines.node.tolist(), lines.amount.tolist()) == ([SECOND], [9_000])
    assert (lines.least.tolist(), lines.most.tolist(), lines.hop.tolist()) == ([9_000], [9_000], [2])
    assert lines.balance.tolist() == [9_000]
    assert lines.over.tolist() == [0.0]
    assert made.traced == 10_000
    assert 9_000 <= made.recovered <= 10_000  # some of the 10 that the mule kept may still come


def relay(minutes: float) -> Ledger:
    """A card that handed on ten receipts after so many minutes each, then got a victim's 100; another got 90."""
    past = [
        one for nth in range(10) for one in ((nth * 60.0, SHOP, MULE, 100), (nth * 60.0 + minutes, MULE, SHOP, 100))
    ]
    return ledger(
        *past, (1_000, VICTIM, MULE, 100), (1_000, VICTIM, SECOND, 90), outside=2, inside=3
    )  # fmt: skip


@pytest.mark.parametrize(("pause", "first"), [(5.0, SECOND), (50.0, MULE)])
def test_money_that_will_be_gone_is_not_worth_an_order(pause: float, first: int) -> None:
    """The larger sum lies at a card that hands on within minutes, or within the hour: orders take 15 minutes."""
    of = relay(pause)
    made = plan(looked(of, seeds(of, rows(20, 21)), 1_000, wish(1, 15)))
    assert made.lines.node.tolist() == [first]


def test_what_is_gone_is_told() -> None:
    of = relay(5)
    lines = plan(looked(of, seeds(of, rows(20, 21)), 1_000, wish(2, 60))).lines
    gone = dict(zip(lines.node.tolist(), lines.gone.tolist(), strict=True))
    assert gone[MULE] > gone[SECOND]
    assert gone[MULE] > 0.8


def test_one_order_downstream_keeps_what_several_cards_send_there() -> None:
    """Three cards that have always sent to one: an order there meets the money of all before it goes further."""
    cards, pool, out = (2, 3, 4), 5, -1
    past: list[Payment] = []
    for nth in range(8):
        past += [(nth * 100.0, VICTIM, card, 100) for card in cards]
        past += [(nth * 100.0 + 3, card, pool, 100) for card in cards]
        past.append((nth * 100.0 + 90, pool, out, 300))
    of = ledger(*past, *((1_000, VICTIM, card, 100) for card in cards), outside=2, inside=4)
    start = seeds(of, np.arange(len(past), len(past) + 3))
    made = plan(looked(of, start, 1_000, wish(1, 1)))
    assert made.lines.hop.tolist() == [1]  # the pool was not reached by this money: no order can name it
    earlier = seeds(of, np.flatnonzero(of.payer == VICTIM))
    made = plan(looked(of, earlier, 1_000, wish(1, 20)))
    assert made.lines.node.tolist() == [pool]
    assert made.lines.arriving[0] > 0


def test_innocence_turns_a_stop_into_a_question_and_then_into_nothing() -> None:
    of = ledger((0, VICTIM, MULE, 100), outside=2, inside=3)
    start = seeds(of, rows(0))
    for innocence, measure in ((0.05, [Measure.STOP]), (0.9, [Measure.VERIFY]), (1.0, [])):
        made = plan(looked(of, start, 1, wish(3, 0), innocence=innocence))
        assert made.lines.measure.tolist() == measure
        assert made.harm == pytest.approx(innocence * 10_000 if measure == [Measure.STOP] else 0)


def test_essential_payments_weigh() -> None:
    of = ledger((0, VICTIM, MULE, 100), outside=2, inside=3)
    start = seeds(of, rows(0))
    light, heavy = (looked(of, start, 1, wish(1, 0), innocence=0.5, essential=money) for money in (0, 90_000))
    assert plan(light).lines.measure.tolist() == [Measure.STOP]
    assert plan(heavy).lines.measure.tolist() == [Measure.VERIFY]
    held = looked(of, start, 1, wish(1, 0), innocence=0.5, essential=90_000, measure=Measure.HOLD)
    assert plan(held).lines.measure.tolist() == [Measure.HOLD]  # which lets essential payments pass


def test_what_is_under_a_measure_needs_no_order() -> None:
    of = ledger((0, VICTIM, MULE, 100), outside=2, inside=3)
    assert len(plan(looked(of, seeds(of, rows(0)), 1, wish(3, 0), measure=Measure.NONE)).lines) == 0


def test_a_ledger_that_was_not_produced_may_have_been_emptied() -> None:
    """The same money an hour ago: at a card whose ledger shows it is still there, and at one with no ledger."""
    past = [(nth * 60.0 + m, *way, 100) for nth in range(10) for m, way in ((0.0, (SHOP, THIRD)), (9.0, (THIRD, SHOP)))]
    of = ledger(*past, (1_000, VICTIM, SHOP, 100), (1_000, VICTIM, MULE, 100), outside=2, inside=3)
    lies = lying(book(of), seeds(of, rows(20, 21)), 1_060 * MINUTE)
    assert dict(zip(lies.node[lies.place].tolist(), lies.seen.tolist(), strict=True)) == {SHOP: False, MULE: True}


def test_no_money_no_orders() -> None:
    of = ledger((0, VICTIM, MULE, 100), (1, MULE, SHOP, 100), (2, SHOP, VICTIM, 1), outside=2, inside=3)
    gone = replace(of, payee=np.array([MULE, -1, VICTIM], np.int32))
    seen = looked(gone, seeds(gone, rows(0)), 5, wish(3, 0))
    assert len(plan(seen).lines) == 0
    assert all(point.recovered == 0 for point in frontier(seen))


def test_wrong_wishes_are_refused() -> None:
    of = ledger((0, VICTIM, MULE, 100), outside=2, inside=3)
    lies = lying(book(of), seeds(of, rows(0)), MINUTE)
    with pytest.raises(ValueError, match="negative"):
        outlook(book(of), lies, known(lies), Wish(-1, 0))
    with pytest.raises(ValueError, match="`innocence` has 2 values for 1 places"):
        outlook(book(of), lies, replace(known(lies), innocence=np.zeros(2)), Wish(1, 0))


# --- what holds of every plan ----------------------------------------------------------------------------------------


def drawn(number: int) -> tuple[Ledger, Book, Seeds, int]:
    random = np.random.default_rng(number)
    of = random_ledger(random)
    start = random_seeds(random, of)
    return of, book(of), start, int(of.time[start.row].max()) + int(random.integers(0, 3)) * 10**6


def made_of(ready: Book, start: Seeds, at: int, number: int, **more: object) -> tuple[Outlook, Plan]:
    random = np.random.default_rng(number)
    lies = lying(ready, start, at)
    count = len(lies)
    facts = Known(random.random(count), random.integers(0, 5, count), random.integers(1, 6, count))
    asked = Wish(int(random.integers(0, 4)), int(random.integers(0, 5)) * 10**6, units=500, lasts=HOUR, **more)  # type: ignore[arg-type]
    seen = outlook(ready, lies, facts, asked)
    return seen, plan(seen)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_no_more_orders_and_no_more_money_than_there_is(number: int) -> None:
    _, ready, start, at = drawn(number)
    seen, made = made_of(ready, start, at, number)
    lines = made.lines
    assert len(lines) == len(set(lines.node.tolist())) <= seen.wish.orders
    assert (lines.amount <= lines.came).all()
    assert (lines.least <= lines.most).all()
    assert ((lines.over >= 0) & (lines.over <= 1)).all()
    assert made.recovered <= made.traced + 1e-6
    assert made.recovered == pytest.approx(lines.expected.sum())
    place = np.searchsorted(seen.lying.node, lines.node)
    assert (seen.known.measure[place] != Measure.NONE).all()
    assert ((lines.harm == 0) | (lines.measure != Measure.VERIFY)).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_rows_after_the_moment_change_nothing(number: int) -> None:
    """The rows up to the moment by themselves give the same plan as among later ones."""
    of, ready, start, at = drawn(number)
    earlier = book(of.take(np.flatnonzero(of.time <= at)))
    if not np.array_equal(earlier.opening, ready.opening):
        return  # what an account must have had at first is told by later rows: callers give a ledger that ends
    one, other = made_of(ready, start, at, number), made_of(earlier, start, at, number)
    assert_same(one[1], other[1])
    assert_points(one[0], other[0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_the_order_of_seeds_changes_nothing(number: int) -> None:
    of, ready, start, at = drawn(number)
    back = seeds(of, start.row[::-1], start.amount[::-1], group=start.group[::-1])
    assert_same(made_of(ready, start, at, number)[1], made_of(ready, back, at, number)[1])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_a_higher_price_never_means_more_harm_for_less_money(number: int) -> None:
    """Along the frontier no plan is better on both counts than the one at its neighbour's price, by its own price."""
    _, ready, start, at = drawn(number)
    seen, _ = made_of(ready, start, at, number)
    points = frontier(seen, (0.0, 1.0))
    assert points[0].recovered >= (1 - 1 / np.e) * points[1].recovered - 1e-6
    assert [point.price for point in points] == [0.0, 1.0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_rates_are_never_zero_and_own_shares_are_probabilities(number: int) -> None:
    of, ready, start, at = drawn(number)
    found = learn(ready, lying(ready, start, at))
    assert (found.rate > 0).all()
    assert ((found.own >= 0) & (found.own < 1)).all()
    held = balance(ready, at)
    assert (held[held != NO_BALANCE] >= 0).all()
    assert len(held) == of.nodes


def assert_same(one: Plan, other: Plan) -> None:
    for name in one.lines.__slots__:
        np.testing.assert_array_equal(getattr(one.lines, name), getattr(other.lines, name), err_msg=name)
    assert (one.traced, one.recovered, one.innocents, one.harm) == (
        other.traced, other.recovered, other.innocents, other.harm,
    )  # fmt: skip


def assert_points(one: Outlook, other: Outlook) -> None:
    assert frontier(one, (0.5, 2.0)) == frontier(other, (0.5, 2.0))
