"""Returning frozen money: worked examples, and what must hold of every proposal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.trace.returning import Returns, shared_out


def of(frozen: list[int], most: list[int], visible: list[list[int]], loss: list[int], review: list[int]) -> Returns:
    whole = np.array(visible, np.int64).reshape(len(loss), len(frozen))
    there, traced, lost = (np.array(one, np.int64) for one in (frozen, most, loss))
    return shared_out(there, traced, whole, lost, np.array(review, np.bool_))


def test_a_single_inflow_goes_back_directly() -> None:
    found = of([10_000], [10_000], [[10_000]], [10_000], [0])
    assert (found.direct.tolist(), found.proportional.tolist(), found.rest.tolist()) == ([[10_000]], [[0]], [0])


def test_what_is_nobodys_visibly_goes_by_losses() -> None:
    """100.00 frozen, losses of 100.00, 100.00 and 100.00: 33.34, 33.33, 33.33."""
    found = of([10_000], [10_000], [[0], [0], [0]], [10_000] * 3, [0])
    assert found.by_claim.tolist() == [3_334, 3_333, 3_333]
    assert found.rest.tolist() == [0]


def test_direct_first_then_by_what_is_still_lost() -> None:
    """60 of 100 are visibly the first victim's, who lost 80; the second lost 60: 40 are shared 20 to 60."""
    found = of([10_000], [10_000], [[6_000], [0]], [8_000, 6_000], [0])
    assert found.direct[:, 0].tolist() == [6_000, 0]
    assert found.proportional[:, 0].tolist() == [1_000, 3_000]


def test_the_total_is_over_all_accounts() -> None:
    found = of([3_000, 1_000], [3_000, 1_000], [[0, 0], [0, 0]], [6_000, 2_000], [0, 0])
    assert found.by_claim.tolist() == [3_000, 1_000]
    assert found.proportional.sum(axis=0).tolist() == [3_000, 1_000]


def test_good_faith_is_left_for_review_and_untraced_money_is_not_touched() -> None:
    found = of([5_000, 9_000], [5_000, 2_000], [[5_000, 0]], [20_000], [1, 0])
    assert found.review.tolist() == [5_000, 0]
    assert found.by_claim.tolist() == [2_000]
    assert found.rest.tolist() == [0, 7_000]


def test_nobody_gets_more_than_he_lost() -> None:
    found = of([9_000], [9_000], [[8_000], [0]], [5_000, 1_000], [0])
    assert found.by_claim.tolist() == [5_000, 1_000]
    assert found.rest.tolist() == [3_000]


def test_wrong_shapes_and_debts_are_refused() -> None:
    with pytest.raises(ValueError, match="2 claims and 1 accounts"):
        of([1], [1], [[1], [1]], [1, 1], [])
    with pytest.raises(ValueError, match="negative"):
        of([-1], [1], [[1]], [1], [0])


_MONEY = st.integers(0, 3) | st.integers(0, 10**15)


@st.composite
def shares(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    claims, accounts = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    amounts = [np.array(draw(st.lists(_MONEY, min_size=n, max_size=n)), np.int64)
               for n in (accounts, accounts, claims * accounts, claims)]  # fmt: skip
    review = np.array(draw(st.lists(st.booleans(), min_size=accounts, max_size=accounts)))
    return amounts[0], amounts[1], amounts[2].reshape(claims, accounts), amounts[3], review


@given(shares())
def test_it_adds_up_and_stays_within_bounds(given_: tuple[np.ndarray, ...]) -> None:
    frozen, most, visible, loss, review = given_
    found = shared_out(frozen, most, visible, loss, review)
    out = found.direct.sum(axis=0) + found.proportional.sum(axis=0)
    np.testing.assert_array_equal(out + found.review + found.rest, frozen)
    assert all((one >= 0).all() for one in (found.direct, found.proportional, found.review, found.rest))
    assert (found.by_claim <= loss).all()
    assert (found.direct <= visible).all()
    assert (out <= most).all()
    assert (out[review] == 0).all()
    if (found.rest[~review] > np.maximum(frozen - most, 0)[~review]).any():
        np.testing.assert_array_equal(found.by_claim, loss)  # traced money is left only where all losses are paid
