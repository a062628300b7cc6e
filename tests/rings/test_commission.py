"""The share that a ring keeps: found again where it is known, with an interval around it, or not stated."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import Int64, Ledger
from duanka.rings.commission import FEWEST, LEAST, MOST, Commission, commissions, commissions_by_tier
from duanka.rings.network import WORKER, Network
from rings.made_rings import Chain, along, ring_of, rows_of, told


def relay(kept: float) -> Chain:
    return along(1_000_000, 0, 1, 2, kept=kept)


def stated(ledger: Ledger, pairs: Int64, found: Network, *, weight: float = 6.0) -> Commission:
    return commissions(ledger, found, told(ledger, pairs, weight=weight)[1], least=2.0)


def of_one_ring(shares: list[float], *, weight: float = 6.0) -> tuple[float, float, float]:
    ledger, pairs = rows_of([relay(kept) for kept in shares], 3)
    said = stated(ledger, pairs, ring_of(ledger, sources={0}, workers={1}, sinks={2}), weight=weight)
    return float(said.low[0]), float(said.middle[0]), float(said.high[0])


def test_the_share_that_comes_again_and_again_is_found_among_chance() -> None:
    random = np.random.default_rng(4)
    for rate in (0.004, 0.012, 0.03, 0.15):
        chance = random.uniform(0, MOST, 60)
        again = rate + random.normal(0, 0.0003, 30)
        low, middle, high = of_one_ring([*chance, *again, *[0.0] * 40])
        assert middle == pytest.approx(rate, abs=0.0005)
        assert low <= middle <= high
        assert low == pytest.approx(rate, abs=0.002)
        assert high == pytest.approx(rate, abs=0.002)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 2_500), min_size=1, max_size=30))
def test_what_is_stated_lies_in_its_interval_and_among_the_shares(shares: list[int]) -> None:
    low, middle, high = of_one_ring([share / 10_000 for share in shares])
    if np.isnan(middle):
        assert np.isnan(low)
        assert np.isnan(high)
    else:
        assert min(shares) / 10_000 - 1e-6 <= low <= middle <= high <= max(shares) / 10_000 + 1e-6


def test_shares_that_do_not_agree_state_nothing() -> None:
    assert np.isnan(of_one_ring(np.linspace(0.01, MOST, 60).tolist())).all()
    assert np.isnan(of_one_ring([0.0] * 10 + np.linspace(0.01, MOST, 60).tolist())).all()


def test_who_passes_on_everything_keeps_nothing() -> None:
    assert of_one_ring([0.0] * 20 + np.linspace(0.05, MOST, 10).tolist()) == (0, 0, 0)
    assert of_one_ring([0.0] * 20 + [0.03] * 10)[1] == pytest.approx(0.03)


def test_more_relays_say_it_more_exactly() -> None:
    random = np.random.default_rng(5)
    few, many = (of_one_ring(random.normal(0.03, 0.001, size).tolist()) for size in (8, 400))
    assert many[2] - many[0] < few[2] - few[0]
    assert many[1] == pytest.approx(0.03, abs=0.0005)


def test_too_few_relays_state_nothing() -> None:
    assert np.isnan(of_one_ring([0.03] * (FEWEST - 1))).all()
    assert of_one_ring([0.03] * FEWEST) == pytest.approx((0.03, 0.03, 0.03))


def test_what_is_split_gathered_or_weak_is_left_out() -> None:
    split, gathered = along(1_000_000, 0, 1, 2, kept=0.5), along(1_000_000, 0, 1, 2, kept=-0.1)
    shares = [0.03] * FEWEST
    ledger, pairs = rows_of([*(relay(kept) for kept in shares), *[split, gathered] * 10], 3)
    said = stated(ledger, pairs, ring_of(ledger, sources={0}, workers={1}, sinks={2}))
    assert said.high[0] == pytest.approx(0.03)
    assert np.isnan(of_one_ring(shares, weight=1.9)).all()


def test_both_ends_of_what_may_be_kept_count() -> None:
    assert of_one_ring([LEAST] * FEWEST)[1] == LEAST
    assert of_one_ring([MOST] * FEWEST)[1] == MOST
    assert np.isnan(of_one_ring([MOST + 0.01] * FEWEST)[1])


def test_the_share_is_of_what_arrived() -> None:
    """A bank's fee is no commission."""
    ledger, pairs = rows_of([relay(0.03)] * FEWEST, 3)
    ledger = dataclasses.replace(ledger, amount=np.where(ledger.payer == 0, 2_000_000, ledger.amount))
    said = stated(ledger, pairs, ring_of(ledger, sources={0}, workers={1}, sinks={2}))
    assert said.middle[0] == pytest.approx(0.03)


def two(shares: list[float], others: list[float], *, swap: bool) -> Commission:
    """Ring 0 of node 1 and ring 1 of node 4, or the other way round."""
    ledger, pairs = rows_of(
        [*(relay(kept) for kept in shares), *(along(1_000_000, 3, 4, 5, kept=kept) for kept in others)], 6
    )
    mine = ledger.payer < 3
    rows = np.concatenate([np.flatnonzero(mine != swap), np.flatnonzero(mine == swap)])
    row_ring = np.repeat([0, 1], [(mine != swap).sum(), (mine == swap).sum()])
    node = np.array([4, 1]) if swap else np.array([1, 4])
    return stated(ledger, pairs, Network(np.arange(2), node, np.full(2, WORKER), row_ring, rows))


def test_other_rings_play_no_part() -> None:
    random = np.random.default_rng(6)
    shares, others = random.normal(0.02, 0.002, 40).tolist(), random.normal(0.1, 0.002, 14).tolist()
    alone = of_one_ring(shares)
    assert not np.isnan(alone).any()
    one, other = two(shares, others, swap=False), two(shares, others, swap=True)
    assert (one.low[0], one.middle[0], one.high[0]) == alone
    assert (other.low[1], other.middle[1], other.high[1]) == alone


def test_who_works_for_two_rings_keeps_the_share_of_each() -> None:
    """1 hands on the money of both, of every ring by itself."""
    chains = [[(0, 1_000_000), (1, 970_000), (2, 0)]] * FEWEST + [[(3, 1_000_000), (1, 980_000), (4, 0)]] * FEWEST
    ledger, pairs = rows_of(chains, 5)
    rows = np.arange(len(ledger))
    second = np.isin(ledger.payer, (3,)) | np.isin(ledger.payee, (4,))
    rows = np.concatenate([rows[~second], rows[second]])
    row_ring = np.repeat([0, 1], [int((~second).sum()), int(second.sum())])
    found = Network(np.arange(2), np.array([1, 1]), np.full(2, WORKER), row_ring, rows)
    assert stated(ledger, pairs, found).middle.tolist() == pytest.approx([0.03, 0.02])


def test_each_tier_keeps_its_own_share() -> None:
    chain = [(0, 1_000_000), (1, 970_000), (2, 955_450), (3, 955_450), (4, 0)]
    ledger, pairs = rows_of([chain] * 20, 5)
    found = ring_of(ledger, sources={0}, workers={1, 2, 3}, sinks={4})
    relays = told(ledger, pairs, weight=6.0)[1]
    (said,) = commissions_by_tier(ledger, found, relays, np.array([0, 1, 2, 3, 4]), least=2.0)
    assert [one.tier for one in said] == [1, 2, 3]
    assert [one.middle for one in said] == pytest.approx([0.03, 0.015, 0.0])
    assert all(one.low <= one.middle <= one.high for one in said)


def test_of_a_tier_with_too_few_relays_nothing_is_said() -> None:
    ledger, pairs = rows_of([relay(0.03)] * (FEWEST - 1), 3)
    found, relays = ring_of(ledger, sources={0}, workers={1}, sinks={2}), told(ledger, pairs, weight=6.0)[1]
    assert commissions_by_tier(ledger, found, relays, np.array([0, 1, 2]), least=2.0) == [[]]


def test_what_a_source_keeps_is_no_commission() -> None:
    ledger, pairs = rows_of([relay(0.03)] * FEWEST, 3)
    said = stated(ledger, pairs, ring_of(ledger, sources={0, 1}, workers={2}, sinks=set()))
    assert np.isnan(said.middle[0])


def test_no_ring_states_nothing() -> None:
    ledger, pairs = rows_of([relay(0.03)], 3)
    none = np.zeros(0, np.int64)
    assert len(stated(ledger, pairs, Network(none, none, none, none, none)).middle) == 0
