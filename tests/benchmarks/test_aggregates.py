"""Plain aggregates against a slow twin that goes over the payments of one account at a time."""

import math
from collections import Counter
from itertools import pairwise
from statistics import mean, median, stdev

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.payments import evidence
from detection.aggregates import plain, values, with_neighbours
from detection.evidence import Evidence

NODES = 5
PAYMENT = st.tuples(
    st.integers(0, 400).map(lambda quarter: quarter / 4), st.integers(-1, NODES - 1), st.integers(-1, NODES - 1),
    st.sampled_from([1, 150, 10_000, 12_345, 20_000]),
)  # fmt: skip


@given(st.lists(PAYMENT, min_size=1, max_size=20))
def test_aggregates_against_a_slow_twin(payments: list[tuple[float, int, int, int]]) -> None:
    columns = plain(evidence(*payments, nodes=NODES))
    assert columns.height == NODES
    for node, row in enumerate(columns.iter_rows(named=True)):
        for name, wanted in twin(payments, node).items():
            found = math.nan if row[name] is None else row[name]
            assert np.isclose(found, wanted, equal_nan=True), (node, name, found, wanted)


def twin(payments: list[tuple[float, int, int, int]], node: int) -> dict[str, float]:
    facts: dict[str, float] = {}
    bound = sorted(payment[3] for payment in payments)[math.floor(0.75 * (len(payments) - 1))]
    for name, own, other in (("out", 1, 2), ("in", 2, 1)):
        mine = sorted(payment for payment in payments if payment[own] == node)
        hours, amounts = [payment[0] for payment in mine], [payment[3] for payment in mine]
        partners = [payment[other] for payment in mine if payment[other] >= 0]
        gaps = [(late - early) * 3_600 for early, late in pairwise(hours)]
        nights = [hour % 24 >= 23 or hour % 24 < 6 for hour in hours]
        facts |= {
            f"{name}_rows": len(mine), f"{name}_sum": sum(amounts), f"{name}_max": max(amounts, default=0),
            f"{name}_mean": _or_nan(mean, amounts), f"{name}_spread": stdev(amounts) if len(mine) > 1 else math.nan,
            f"{name}_night": _or_nan(mean, nights), f"{name}_days": len({hour // 24 for hour in hours}),
            f"{name}_round": _or_nan(mean, [amount in {10_000, 20_000} for amount in amounts]),
            f"{name}_cents": _or_nan(mean, [amount in {1, 150, 12_345} for amount in amounts]),
            f"{name}_partners": len(set(partners)), f"{name}_second": _or_nan(min, sorted(amounts)[-2:]),
            f"{name}_work": _or_nan(mean, [9 <= hour % 24 < 18 for hour in hours]),
            f"{name}_day_rows": _or_nan(max, list(Counter(hour // 24 for hour in hours).values())),
            f"{name}_over_75": sum(amount > bound for amount in amounts) if mine else math.nan,
            f"{name}_once": _or_nan(mean, [partners.count(one) == 1 for one in set(partners)]),
            f"{name}_gap_mean": _or_nan(mean, gaps), f"{name}_gap_median": _or_nan(median, gaps),
        }  # fmt: skip
    came, went = facts["in_sum"], facts["out_sum"]
    received = [hour for hour, _, payee, _ in payments if payee == node]
    waits = [
        min(
            ((paid - hour) * 3_600 for paid, payer, _, _ in payments if payer == node and paid >= hour),
            default=math.nan,
        )
        for hour in received
    ]
    known = [wait for wait in waits if not math.isnan(wait)]
    return facts | {
        "through": min(came, went), "turnover": came + went, "net": came - went,
        "wait_median": _or_nan(median, known), "wait_hour": _or_nan(mean, [wait <= 3_600 for wait in waits]),
    }  # fmt: skip


def _or_nan(figure: object, values: list[float] | list[int] | list[bool]) -> float:
    assert callable(figure)
    return float(figure([float(value) for value in values])) if values else math.nan


def test_neighbours_count_once_however_often_they_pay() -> None:
    seen = evidence((0, 0, 2, 1), (1, 0, 2, 1), (2, 1, 2, 1), (3, 2, 2, 1))
    own = np.array([[1.0], [4.0], [7.0]], np.float32)
    assert np.array_equal(
        with_neighbours(seen, own), [[1, np.nan, 7], [4, np.nan, 7], [7, 2.5, np.nan]], equal_nan=True
    )


def test_features_hold_neither_ids_nor_dates() -> None:
    seen = evidence((0, 0, 1, 100), (50, 1, 2, 300), (51, 2, 0, 300))
    weeks_later = Evidence(seen.accounts, evidence((336, 0, 1, 100), (386, 1, 2, 300), (387, 2, 0, 300)).rows)
    assert np.array_equal(values(plain(seen)), values(plain(weeks_later)), equal_nan=True)
