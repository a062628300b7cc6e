"""The order of a case against its slow twin, and the laws that it keeps."""

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from duanka.flow.chain import chain
from duanka.flow.ledger import NO_BALANCE, NOBODY, Int64, Ledger
from duanka.flow.order import order
from duanka.flow.precedence import CUSTOM, sort_rows
from flow.twins_order import order_twin, read_chain
from strategies import DAY, MIDNIGHT, SECOND, Truth, build, consistent_ledger, ledgers, run

NOON = MIDNIGHT + DAY // 2
SLOW = settings(max_examples=150, deadline=None)


def by_day(payments: list[tuple[int, int, int]], opening: list[int], *, printed: bool = True) -> Ledger:
    """Ledger of (payer, payee, amount) on one day, in true order, whose ties say the opposite."""
    rows = run([(MIDNIGHT, DAY, *payment) for payment in payments], opening)
    if not printed:
        rows = [(*row[:6], NO_BALANCE, NO_BALANCE) for row in rows]
    return build(rows, nodes=len(opening), tie=list(range(len(rows)))[::-1])


def told(ledger: Ledger) -> tuple[list[int], list[int], list[bool]]:
    """Rows, moments and assumed places as the kernels find them."""
    result = order(ledger)
    return result.rows.tolist(), result.moment.tolist(), result.assumed.tolist()


@settings(max_examples=400, deadline=None)
@given(ledgers())
def test_agrees_with_its_twin(ledger: Ledger) -> None:
    assert told(ledger) == order_twin(ledger)


@SLOW
@given(ledgers(min_rows=4, max_nodes=2, days=False))
def test_agrees_with_its_twin_where_rows_crowd(ledger: Ledger) -> None:
    crowded = dataclasses.replace(ledger, time=np.full(len(ledger), NOON), width=np.full(len(ledger), SECOND))
    assert told(crowded) == order_twin(crowded)


@SLOW
@given(consistent_ledger(max_rows=8, distinct=False))
def test_agrees_with_its_twin_where_balances_are_true(truth: Truth) -> None:
    assert told(truth.ledger) == order_twin(truth.ledger)


@SLOW
@given(ledgers(max_rows=10), st.randoms(use_true_random=False))
def test_does_not_depend_on_the_order_of_input(ledger: Ledger, random: st.DataObject) -> None:
    shuffled = list(range(len(ledger)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types it as a Random
    place = np.array(shuffled, np.int64)
    one, two = order(ledger), order(ledger.take(place))
    assert ledger.tie[one.rows].tolist() == ledger.tie[place][two.rows].tolist()
    assert one.assumed[place].tolist() == two.assumed.tolist()
    assert one.moment[place].tolist() == two.moment.tolist()


@SLOW
@given(ledgers(max_rows=10))
def test_is_a_permutation_by_moment_that_keeps_precise_times(ledger: Ledger) -> None:
    result = order(ledger)
    assert sorted(result.rows.tolist()) == list(range(len(ledger)))
    assert np.all(np.diff(result.moment[result.rows]) >= 0)
    precise = ledger.width <= SECOND
    assert np.array_equal(result.moment[precise], ledger.time[precise])
    assert np.all((ledger.time <= result.moment) & (result.moment < ledger.time + ledger.width))


@SLOW
@given(consistent_ledger())
def test_recovers_the_true_order_of_each_account_from_its_balances(truth: Truth) -> None:
    result = order(truth.ledger)
    for node in range(truth.ledger.nodes):
        mine = (truth.ledger.payer == node) | (truth.ledger.payee == node)
        assert [row for row in result.rows if mine[row]] == [row for row in truth.sequence if mine[row]]
    assert not result.assumed.any()


@SLOW
@given(consistent_ledger(), st.data())
def test_puts_dated_rows_between_timed_ones_by_their_balances(truth: Truth, data: st.DataObject) -> None:
    count = len(truth.ledger)
    clock = np.empty(count, np.int64)
    clock[truth.sequence] = truth.ledger.time[truth.sequence] + np.arange(count) * SECOND
    timed = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), np.bool_)
    ledger = dataclasses.replace(
        truth.ledger,
        time=np.where(timed, clock, truth.ledger.time),
        width=np.where(timed, SECOND, truth.ledger.width),
    )
    result = order(ledger)
    for node in range(ledger.nodes):
        mine = (ledger.payer == node) | (ledger.payee == node)
        assert [row for row in result.rows if mine[row]] == [row for row in truth.sequence if mine[row]]


@SLOW
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda ends: ends[0] < ends[1]), max_size=10))
@example([(0, 1), (1, 2), (2, 3)])
def test_without_balances_receipts_come_before_payments(edges: list[tuple[int, int]]) -> None:
    ledger = by_day([(payer, payee, 5) for payer, payee in edges], [0] * 6, printed=False)
    ranked = [edges[row] for row in order(ledger).rows]
    for node in range(6):
        roles = [payer == node for payer, payee in ranked if node in (payer, payee)]
        assert roles == sorted(roles)


def test_an_account_drained_again_and_again_keeps_its_turns() -> None:
    ledger = by_day([(NOBODY, 0, 100), (0, NOBODY, 100)] * 3, [0])
    result = order(dataclasses.replace(ledger, tie=np.array([0, 5, 1, 3, 2, 4])))
    assert (ledger.payee[result.rows] == 0).tolist() == [True, False] * 3
    assert result.assumed.all()


def test_a_balance_known_from_before_says_where_a_round_day_begins() -> None:
    rows = run([(NOON - DAY, SECOND, NOBODY, 0, 50), (NOON, SECOND, 0, NOBODY, 50), (NOON, SECOND, NOBODY, 0, 50)], [0])
    result = order(build(rows, nodes=1, tie=[0, 2, 1]))
    assert result.rows.tolist() == [0, 1, 2]
    assert not result.assumed.any()


def test_two_payments_between_the_same_accounts_are_settled_by_one_chain() -> None:
    rows = [(*row[:7], NO_BALANCE) for row in run([(NOON, SECOND, 0, 1, 5), (NOON, SECOND, 0, 1, 7)], [50, 0])]
    result = order(build(rows, nodes=2, tie=[1, 0]))
    assert result.rows.tolist() == [0, 1]
    assert not result.assumed.any()


def test_chains_that_contradict_each_other_are_marked() -> None:
    rows = [(NOON, SECOND, 0, 1, 5, 5, 45, 12), (NOON, SECOND, 0, 1, 7, 7, 38, 7)]
    result = order(build(rows, nodes=2))
    assert result.rows.tolist() == [0, 1]
    assert result.assumed.all()


def test_a_dated_payment_without_balance_follows_the_timed_receipts_of_its_day() -> None:
    rows = [
        (MIDNIGHT, DAY, 0, 1, 5, 5, NO_BALANCE, NO_BALANCE),
        (MIDNIGHT, DAY, 1, 2, 5, 5, NO_BALANCE, NO_BALANCE),
        (NOON, SECOND, NOBODY, 0, 5, 5, NO_BALANCE, NO_BALANCE),
    ]
    result = order(build(rows, nodes=3, tie=[2, 1, 0]))
    assert result.rows.tolist() == [2, 0, 1]
    assert result.moment.tolist() == [MIDNIGHT + DAY - 1, MIDNIGHT + DAY - 1, NOON]
    assert result.assumed.all()


def test_no_rows_and_no_nodes() -> None:
    result = order(build([], nodes=0))
    assert len(result.rows) == len(result.moment) == len(result.assumed) == 0


def test_sparse_ties_rank_like_dense_ones() -> None:
    ledger = by_day([(0, 1, 5), (0, 2, 5), (1, 2, 5)], [9, 9, 9], printed=False)
    sparse = dataclasses.replace(ledger, tie=ledger.tie * 1000 - 500)
    assert order(sparse).rows.tolist() == order(ledger).rows.tolist()


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=7), st.integers(0, 4))
@example([(0, 1), (1, 0), (0, 1), (1, 0)], 0)
@example([(0, 1), (1, 2), (2, 0), (0, 1), (1, 2)], 4)
def test_chains_agree_with_trying_every_sequence(rows: list[tuple[int, int]], known: int) -> None:
    reading = read_chain({(rank, 0): row for rank, row in enumerate(rows)}, known)
    before, after = np.array(rows, np.int64).T.copy()
    path, following, loose, loose_step, paths, closing = chain(before, after, known)
    found: list[list[int]] = []
    for head in sorted(set(range(len(rows))) - set(following.tolist())):
        found.append([head])
        while (onward := int(following[found[-1][-1]])) >= 0:
            found[-1].append(onward)
        assert len({int(path[row]) for row in found[-1]}) == 1
    assert sorted(found) == sorted([row for row, _ in walk] for walk in reading.paths)
    assert np.flatnonzero(loose).tolist() == sorted(row for row, _ in reading.loose)
    steps = {(int(row), int(following[row])) for row in np.flatnonzero(loose_step) if following[row] >= 0}
    assert steps == {(one[0], two[0]) for one, two in reading.loose_steps}
    assert (paths, closing) == (len(reading.paths), reading.closing)


def test_customs_that_run_in_a_circle_give_way_at_the_least_rank() -> None:
    source, target = np.array([0, 3, 1, 4, 2, 5], np.int64), np.array([3, 1, 4, 2, 5, 0], np.int64)
    sequence, kept = sort_rows(3, 6, source, target, np.full(6, CUSTOM, np.int64))
    assert sequence.tolist() == [0, 1, 2]
    assert not kept


def _crowd(count: int, *, days: int, printed: bool) -> Ledger:
    """Rows of which half touch node 0, known to the day."""
    random = np.random.default_rng(7)
    nodes = count // 6
    payer, payee = random.integers(1, nodes, (2, count))
    half = random.random(count)
    payer[half < 0.25] = 0
    payee[(half >= 0.25) & (half < 0.5)] = 0
    amount = random.integers(1, 10_000, count)
    balance: Int64 = np.full((count, 2), NO_BALANCE)
    if printed:
        running = [0] * nodes
        for row, (one, two, moved) in enumerate(zip(payer.tolist(), payee.tolist(), amount.tolist(), strict=True)):
            running[one] -= moved
            running[two] += moved
            balance[row] = running[one], running[two]
    day = MIDNIGHT + np.sort(random.integers(0, days, count)) * DAY
    return Ledger(
        time=day,
        width=np.full(count, DAY),
        payer=payer.astype(np.int32),
        payee=payee.astype(np.int32),
        amount=amount,
        received=amount,
        balance_payer=balance[:, 0].copy(),
        balance_payee=balance[:, 1].copy(),
        tie=random.permutation(count),
        nodes=nodes,
        covered_from=np.zeros(nodes, np.int64),
        covered_to=np.full(nodes, 2**62),
    )


@pytest.mark.parametrize("printed", [True, False])
@pytest.mark.parametrize("days", [200, 1])
def test_a_hub_with_half_of_all_rows_keeps_days_and_rows(*, days: int, printed: bool) -> None:
    """What it costs is a row of `benchmarks/`; here, that a crowd too large for the twin loses nothing."""
    ledger = _crowd(20_000, days=days, printed=printed)
    result = order(ledger)
    assert sorted(result.rows.tolist()) == list(range(len(ledger)))
    days_in_order = (result.moment[result.rows] - MIDNIGHT) // DAY
    assert (np.diff(days_in_order) >= 0).all()
    assert (days_in_order == (ledger.time[result.rows] - MIDNIGHT) // DAY).all()
