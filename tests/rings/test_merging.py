"""Rings that are one: by who pays the holders of their cards, and by the workers that they share."""

import numpy as np
import pytest

from duanka.flow.ledger import NOBODY, Int64
from duanka.rings.merging import FEWEST, LENT, OVERLAP, PAYS, Payments, one_of

DEALER, OTHER = 900, 901
NONE = np.zeros(0, np.int64)
NO_PAYMENTS = Payments(NONE, NONE, NONE)


def rings_of(*members: range, holder: int = 1_000) -> tuple[Int64, Int64, Int64]:
    """Rings of these workers; the holder of account n is `holder` + n."""
    ring = np.repeat(np.arange(len(members)), [len(one) for one in members])
    node = np.concatenate([np.array(one, np.int64) for one in members])
    return ring, node, holder + node


def paying(*told: tuple[int, int, range]) -> Payments:
    """Payer, ring, and the accounts to whose holders he pays."""
    rows = [(payer, ring, 1_000 + node) for payer, ring, nodes in told for node in nodes]
    payer, ring, holder = np.array(rows, np.int64).reshape(-1, 3).T
    return Payments(payer, ring, holder)


def test_rings_whose_holders_the_same_person_pays_are_one() -> None:
    crews = rings_of(range(10), range(10, 20), range(20, 30))
    paid = paying((DEALER, 0, range(4)), (DEALER, 2, range(20, 24)), (OTHER, 1, range(10, 14)))
    assert one_of(*crews, paid, 3).tolist() == [0, 1, 0]


@pytest.mark.parametrize("count", range(6))
def test_he_pays_so_many_of_each(count: int) -> None:
    crews = rings_of(range(10), range(10, 20))
    paid = paying((DEALER, 0, range(10)), (DEALER, 1, range(10, 10 + count)))
    assert (one_of(*crews, paid, 2).tolist() == [0, 0]) is (count >= max(FEWEST, PAYS * 10))


def test_a_dealer_who_pays_few_of_many_is_not_that_ring_s() -> None:
    crews = rings_of(range(10), range(10, 110))
    few, enough = (paying((DEALER, 0, range(10)), (DEALER, 1, range(10, 10 + count))) for count in (19, 20))
    assert one_of(*crews, few, 2).tolist() == [0, 1]
    assert one_of(*crews, enough, 2).tolist() == [0, 0]


def test_who_holds_cards_of_both_says_nothing_of_who_pays_him() -> None:
    """Three cards work in both rings; the dealer of the first pays their holders."""
    crews = rings_of(range(12), range(9, 21))
    paid = paying((DEALER, 0, range(12)), (DEALER, 1, range(9, 12)))
    assert one_of(*crews, paid, 2).tolist() == [0, 1]


@pytest.mark.parametrize("shared", range(11))
def test_rings_that_share_most_of_the_smaller_one_s_workers_are_one(shared: int) -> None:
    crews = rings_of(range(20), range(20 - shared, 30 - shared))
    one = shared >= max(LENT, OVERLAP * 10)
    assert one_of(*crews, NO_PAYMENTS, 2).tolist() == [0, 0 if one else 1]


def test_a_few_lent_cards_do_not_join_a_tiny_ring() -> None:
    assert one_of(*rings_of(range(20), range(17, 22)), NO_PAYMENTS, 2).tolist() == [0, 1]
    assert one_of(*rings_of(range(20), range(18, 20)), NO_PAYMENTS, 2).tolist() == [0, 1]
    assert one_of(*rings_of(range(20), range(17, 20)), NO_PAYMENTS, 2).tolist() == [0, 0]


def test_what_is_one_with_one_is_one_with_all() -> None:
    crews = rings_of(range(10), range(3, 13), range(30, 40), range(40, 50))
    paid = paying((DEALER, 1, range(10, 13)), (DEALER, 2, range(30, 33)))
    assert one_of(*crews, paid, 4).tolist() == [0, 0, 0, 3]


def test_unknown_holders_and_no_rings() -> None:
    ring, node, _ = rings_of(range(5), range(5, 10))
    nobody = np.full(10, NOBODY)
    assert one_of(ring, node, nobody, NO_PAYMENTS, 2).tolist() == [0, 1]
    assert one_of(NONE, NONE, NONE, NO_PAYMENTS, 0).tolist() == []


def test_the_order_of_workers_and_payments_plays_no_part() -> None:
    chance = np.random.default_rng(4)
    ring, node, holder = rings_of(range(10), range(5, 15), range(30, 40), range(40, 50))
    paid = paying((DEALER, 1, range(10, 13)), (DEALER, 3, range(40, 43)), (OTHER, 0, range(5)), (OTHER, 2, range(33)))
    expected = one_of(ring, node, holder, paid, 4).tolist()
    for _ in range(5):
        a, b = chance.permutation(len(ring)), chance.permutation(len(paid.payer))
        some = Payments(paid.payer[b], paid.ring[b], paid.holder[b])
        assert one_of(ring[a], node[a], holder[a], some, 4).tolist() == expected
