"""Choosing orders: the fast solver against every choice there is, and against the exact solver."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.trace.freezing.choosing import Cover, choose, cover_of
from duanka.trace.freezing.exact import best

EPSILON = 1e-6


@st.composite
def covers(draw: st.DrawFn, *, priced: bool) -> Cover:
    """Up to eight options over up to twelve units."""
    options, units = draw(st.integers(0, 8)), draw(st.integers(1, 12))
    pairs = [(i, u) for i in range(options) for u in draw(st.sets(st.integers(0, units - 1)))]
    option, unit = np.array(pairs, np.int64).reshape(-1, 2).T
    cost = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0, 9.0]), min_size=options, max_size=options))
    return cover_of(option, unit, units, 2.0, np.array(cost if priced else [0.0] * options))


def every_choice(cover: Cover, most: int) -> np.ndarray:
    """The best of all choices, found by trying each."""
    choices = (c for n in range(most + 1) for c in itertools.combinations(range(len(cover)), n))
    return max((np.array(c, np.int64) for c in choices), key=cover.value)


@given(covers(priced=False), st.integers(0, 5))
def test_without_costs_within_the_bound_of_the_best(cover: Cover, most: int) -> None:
    found, optimum = cover.value(choose(cover, most)), cover.value(every_choice(cover, most))
    assert (1 - 1 / math.e) * optimum - EPSILON <= found <= optimum + EPSILON


@given(covers(priced=True), st.integers(0, 5))
def test_with_costs_within_the_bound_of_the_best(cover: Cover, most: int) -> None:
    chosen, optimum = choose(cover, most), every_choice(cover, most)
    covered = cover.value(optimum) + cover.cost[optimum].sum()
    assert cover.value(chosen) >= (1 - 1 / math.e) * covered - cover.cost[optimum].sum() - EPSILON
    assert cover.value(chosen) >= 0
    assert len(chosen) == len(set(chosen.tolist())) <= most


@given(covers(priced=True), st.integers(0, 5))
def test_the_exact_solver_is_exact(cover: Cover, most: int) -> None:
    found = best(cover, most)
    assert len(found) <= most
    assert cover.value(found) == pytest.approx(cover.value(every_choice(cover, most)))
    assert cover.value(choose(cover, most)) <= cover.value(found) + EPSILON


@given(covers(priced=True), st.integers(1, 5))
def test_each_chosen_option_is_worth_its_cost_after_those_before_it(cover: Cover, most: int) -> None:
    chosen = choose(cover, most)
    values = [cover.value(chosen[:count]) for count in range(len(chosen) + 1)]
    gains = np.diff(values)
    assert (gains > 0).all()
    assert (np.diff(gains) <= EPSILON).all()


def test_a_swap_mends_what_greed_spoils() -> None:
    """Greed takes 1-4 first, and then gets 6 of 6 only with three; the other two options cover all with two."""
    pairs = [(0, u) for u in (0, 1, 3, 4)] + [(1, u) for u in (0, 1, 2)] + [(2, u) for u in (3, 4, 5)]
    option, unit = np.array(pairs, np.int64).T
    cover = cover_of(option, unit, 6, 1.0, np.zeros(3))
    assert sorted(choose(cover, 2).tolist()) == [1, 2]


def test_pairs_may_be_repeated_and_in_any_order() -> None:
    cover = cover_of(np.array([1, 0, 1, 1]), np.array([2, 0, 2, 1]), 3, 1.5, np.zeros(2))
    assert cover.start.tolist() == [0, 1, 3]
    assert cover.unit.tolist() == [0, 1, 2]
    assert cover.value(np.array([1])) == 3.0
