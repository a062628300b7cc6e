"""The three rules find what is planted, and nothing a moment outside their windows."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.payments import evidence
from detection import rules

Payment = tuple[float, int, int, int]


def ring(length: int, *, hours: float) -> list[Payment]:
    """A cycle of so many payments, the last one so many hours after the first."""
    step = hours / (length - 1)
    return [(number * step, number, (number + 1) % length, 100) for number in range(length)]


@pytest.mark.parametrize("length", [3, 4, 5])
def test_a_cycle_of_three_to_five_within_72_hours(length: int) -> None:
    cycle, _, _ = rules.hits(evidence(*ring(length, hours=72), (1, 0, length, 5)))
    assert cycle.tolist() == [True] * length + [False]


@pytest.mark.parametrize(
    "payments",
    [
        pytest.param(ring(3, hours=72.001), id="too slow"),
        pytest.param(ring(2, hours=1), id="there and back"),
        pytest.param(ring(6, hours=6), id="too long"),
        pytest.param([(3.0, 0, 1, 1), (2.0, 1, 2, 1), (2.5, 2, 0, 1), (1.0, 3, 0, 1)], id="against time"),
    ],
)
def test_what_is_no_cycle(payments: list[Payment]) -> None:
    cycle, _, _ = rules.hits(evidence(*payments))
    found = set(np.flatnonzero(cycle).tolist())
    assert found == ({0, 1, 2} if (3.0, 0, 1, 1) in payments else set())


def test_payments_of_one_moment_may_follow_in_either_order() -> None:
    cycle, _, _ = rules.hits(evidence((5, 2, 0, 1), (5, 0, 1, 1), (5, 1, 2, 1)))
    assert cycle.all()


@pytest.mark.parametrize("inwards", [True, False])
def test_a_fan_of_ten_within_72_hours(inwards: bool) -> None:  # noqa: FBT001 - a parameter of a test
    def fan(count: int, hours: float) -> list[Payment]:
        steps = [(number * hours / (count - 1), number + 1) for number in range(count)]
        return [(hour, other, 0, 1) if inwards else (hour, 0, other, 1) for hour, other in steps]

    assert rules.hits(evidence(*fan(10, 72)))[1].tolist() == [True] + [False] * 10
    assert not rules.hits(evidence(*fan(10, 72.1)))[1].any()
    assert not rules.hits(evidence(*fan(9, 10), *fan(9, 11)))[1].any()


def test_money_that_passes_through_within_a_day() -> None:
    through = rules.hits(evidence(
        (0, 9, 0, 1_000), (24, 0, 8, 900),  # the least, as late as can be
        (0, 9, 1, 1_000), (24.01, 1, 8, 1_000),  # too late
        (0, 9, 2, 1_000), (1, 2, 8, 899),  # too little
        (0, 9, 3, 1_000), (1, 3, 8, 600), (2, 3, 8, 500),  # the most
        (0, 9, 4, 1_000), (1, 4, 8, 1_101),  # too much
        (5, 9, 5, 1_000), (4, 5, 8, 1_000),  # paid before it came
    ))[2]  # fmt: skip
    assert np.flatnonzero(through).tolist() == [0, 3]


def test_the_score_counts_rules_and_then_volume() -> None:
    score = rules.score(evidence(*ring(3, hours=3), (0, 3, 4, 10_000), (0, 5, 6, 20_000)))
    assert score[:3].astype(int).tolist() == [1, 2, 2]  # who began the cycle kept what came back
    assert 1 > score[5] == score[6] > score[3] == score[4] > 0


PAYMENTS = st.lists(
    st.tuples(st.integers(0, 100).map(float), st.integers(0, 5), st.integers(0, 5), st.just(1)), min_size=1, max_size=14
)


@given(PAYMENTS)
def test_cycles_against_a_slow_twin(payments: list[Payment]) -> None:
    found = rules.hits(evidence(*payments, nodes=6))[0]
    assert set(np.flatnonzero(found).tolist()) == cycles_twin(payments)


def cycles_twin(payments: list[Payment]) -> set[int]:
    """Every sequence of 3 to 5 payments, tried."""
    on: set[int] = set()
    paths = [[payment] for payment in payments if payment[1] != payment[2]]
    for _ in range(4):
        longer = [
            [*path, following] for path, following in itertools.product(paths, payments)
            if following[1] == path[-1][2] and following[0] >= path[-1][0] and following[0] <= path[0][0] + 72
            and following[2] not in {payment[2] for payment in path}
        ]  # fmt: skip
        closed = [path for path in longer if path[-1][2] == path[0][1]]
        on |= {payment[1] for path in closed if len(path) >= 3 for payment in path}
        paths = [path for path in longer if path[-1][2] != path[0][1]]
    return on
