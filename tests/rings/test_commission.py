"""The share that a ring keeps: found again where it is known, with an interval around it, or not stated."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import Ledger
from duanka.rings.commission import FEWEST, MOST, Commission, commissions, commissions_by_tier
from duanka.rings.network import WORKER, Network
from duanka.rings.paymasters import HOLDER, PAYMASTER
from rings.made_rings import Chain, along, ring_of, rows_of


def relay(kept: float) -> Chain:
    return along(1_000_000, 0, 1, 2, kept=kept)


def of_one_ring(shares: list[float]) -> tuple[float, float, float]:
    ledger, _ = rows_of([relay(kept) for kept in shares], 3)
    said = commissions(ledger, ring_of(ledger, sources={0}, workers={1}, sinks={2}))
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
        assert min(shares) / 10_000 - 2e-4 <= low <= middle <= high <= max(shares) / 10_000 + 2e-4


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
    assert of_one_ring([0.03] * FEWEST) == pytest.approx((0.03, 0.03, 0.03), abs=1e-4)


def test_what_is_gathered_and_split_is_one_hand_over() -> None:
    """Three receipts, then two payments, of which 3 % are missing."""
    batch = [[(0, 400_000), (1, 0)], [(0, 350_000), (1, 0)], [(0, 250_000), (1, 0)], [(1, 600_000), (2, 0)],
             [(1, 370_000), (2, 0)]]  # fmt: skip
    ledger, _ = rows_of(batch * FEWEST, 3)
    said = commissions(ledger, ring_of(ledger, sources={0}, workers={1}, sinks={2}))
    assert said.middle[0] == pytest.approx(0.03)


def test_more_than_came_and_what_mostly_stays_show_nothing() -> None:
    much, more = along(1_000_000, 0, 1, 2, kept=0.5), along(1_000_000, 0, 1, 2, kept=-0.1)
    ledger, _ = rows_of([*(relay(0.03) for _ in range(FEWEST)), *[much, more] * 10], 3)
    said = commissions(ledger, ring_of(ledger, sources={0}, workers={1}, sinks={2}))
    assert said.high[0] == pytest.approx(0.03, abs=1e-4)


def paying(rates: list[float], *, times: int) -> tuple[Ledger, Network]:
    """Workers 1, 2, … receive 1,000,000 at a time from 0, hand on some of it to the last, and pay their dealer."""
    random = np.random.default_rng(8)
    sink, dealer = len(rates) + 1, len(rates) + 2
    chains: list[Chain] = []
    for worker, rate in enumerate(rates, 1):
        for left in random.uniform(0.05, MOST, times):
            chains += [[(0, 1_000_000), (worker, round(1_000_000 * (1 - left))), (sink, 0)]]
            chains += [[(worker, round(1_000_000 * rate)), (dealer, 0)]]
    ledger, _ = rows_of(chains, dealer + 1)
    found = ring_of(ledger, sources={0}, workers=set(range(1, sink)), sinks={sink, dealer})
    part = np.where(found.node == dealer, PAYMASTER, found.part)
    own = np.flatnonzero(ledger.payee != dealer)
    return ledger, dataclasses.replace(found, part=part, row=own, row_ring=np.zeros(len(own), np.int64))


def test_what_cards_pay_to_those_behind_them_is_their_commission() -> None:
    said = commissions(*paying([0.031, 0.032, 0.033, 0.034, 0.2], times=6))
    assert said.middle[0] == pytest.approx(0.033)
    assert 0.03 <= said.low[0] <= 0.033 <= said.high[0] <= 0.2


def test_one_card_s_payments_say_it_too() -> None:
    said = commissions(*paying([0.033], times=FEWEST))
    assert (said.low[0], said.middle[0], said.high[0]) == pytest.approx((0.033, 0.033, 0.033), abs=1e-4)
    assert np.isnan(commissions(*paying([0.033], times=FEWEST - 1)).middle[0])


def test_payments_in_a_row_count_with_what_came_before_them() -> None:
    """One card pays its dealer five times for what it received once: a resample may lack the one that counts."""
    chains: list[Chain] = [[(0, 1_000_000), (1, 0)], [(1, 900_000), (2, 0)], *[[(1, 10_000), (3, 0)]] * FEWEST]
    ledger, _ = rows_of(chains, 4)
    found = ring_of(ledger, sources={0}, workers={1}, sinks={2, 3})
    own = np.flatnonzero(ledger.payee != 3)
    part = np.where(found.node == 3, PAYMASTER, found.part)
    said = commissions(ledger, dataclasses.replace(found, part=part, row=own, row_ring=np.zeros(len(own), np.int64)))
    assert said.middle[0] == pytest.approx(0.05)
    assert said.low[0] <= 0.05 <= said.high[0]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 30)), min_size=1, max_size=60), st.data()
)
def test_any_rows_and_parts_are_borne(payments: list[tuple[int, int, int]], data: st.DataObject) -> None:
    ledger, _ = rows_of([[(payer, amount), (payee, 0)] for payer, payee, amount in payments], 6)
    part = np.array(data.draw(st.lists(st.integers(WORKER, HOLDER), min_size=6, max_size=6)))
    own = np.arange(len(ledger))
    found = Network(np.zeros(6, np.int64), np.arange(6), part, np.zeros(len(own), np.int64), own)
    said = commissions(ledger, found)
    known = ~np.isnan(said.middle)
    assert ((said.low <= said.middle) & (said.middle <= said.high))[known].all()
    assert np.isnan(said.low[~known]).all()


def test_a_card_that_pays_its_dealer_more_than_any_commission_says_nothing() -> None:
    assert np.isnan(commissions(*paying([MOST + 0.01], times=FEWEST)).middle[0])


def test_both_ends_of_what_may_be_kept_count() -> None:
    assert of_one_ring([0.0] * FEWEST)[1] == 0
    assert of_one_ring([MOST] * FEWEST)[1] == MOST
    assert np.isnan(of_one_ring([MOST + 0.01] * FEWEST)[1])


def test_the_share_is_of_what_arrived() -> None:
    """A bank's fee is no commission."""
    ledger, _ = rows_of([relay(0.03)] * FEWEST, 3)
    ledger = dataclasses.replace(ledger, amount=np.where(ledger.payer == 0, 2_000_000, ledger.amount))
    said = commissions(ledger, ring_of(ledger, sources={0}, workers={1}, sinks={2}))
    assert said.middle[0] == pytest.approx(0.03)


def two(shares: list[float], others: list[float], *, swap: bool) -> Commission:
    """Ring 0 of node 1 and ring 1 of node 4, or the other way round."""
    ledger, _ = rows_of(
        [*(relay(kept) for kept in shares), *(along(1_000_000, 3, 4, 5, kept=kept) for kept in others)], 6
    )
    mine = ledger.payer < 3
    rows = np.concatenate([np.flatnonzero(mine != swap), np.flatnonzero(mine == swap)])
    row_ring = np.repeat([0, 1], [(mine != swap).sum(), (mine == swap).sum()])
    node = np.array([4, 1]) if swap else np.array([1, 4])
    return commissions(ledger, Network(np.arange(2), node, np.full(2, WORKER), row_ring, rows))


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
    ledger, _ = rows_of(chains, 5)
    rows = np.arange(len(ledger))
    second = np.isin(ledger.payer, (3,)) | np.isin(ledger.payee, (4,))
    rows = np.concatenate([rows[~second], rows[second]])
    row_ring = np.repeat([0, 1], [int((~second).sum()), int(second.sum())])
    found = Network(np.arange(2), np.array([1, 1]), np.full(2, WORKER), row_ring, rows)
    assert commissions(ledger, found).middle.tolist() == pytest.approx([0.03, 0.02])


def test_each_tier_keeps_its_own_share() -> None:
    chain = [(0, 1_000_000), (1, 970_000), (2, 955_450), (3, 955_450), (4, 0)]
    ledger, _ = rows_of([chain] * 20, 5)
    found = ring_of(ledger, sources={0}, workers={1, 2, 3}, sinks={4})
    (said,) = commissions_by_tier(ledger, found, np.array([0, 1, 2, 3, 4]))
    assert [one.tier for one in said] == [1, 2, 3]
    assert [one.middle for one in said] == pytest.approx([0.03, 0.015, 0.0])
    assert all(one.low <= one.middle <= one.high for one in said)


def test_of_a_tier_with_too_few_relays_nothing_is_said() -> None:
    ledger, _ = rows_of([relay(0.03)] * (FEWEST - 1), 3)
    found = ring_of(ledger, sources={0}, workers={1}, sinks={2})
    assert commissions_by_tier(ledger, found, np.array([0, 1, 2])) == [[]]


def test_what_a_source_keeps_is_no_commission() -> None:
    ledger, _ = rows_of([relay(0.03)] * FEWEST, 3)
    said = commissions(ledger, ring_of(ledger, sources={0, 1}, workers={2}, sinks=set()))
    assert np.isnan(said.middle[0])


def test_no_ring_states_nothing() -> None:
    ledger, _ = rows_of([relay(0.03)], 3)
    none = np.zeros(0, np.int64)
    assert len(commissions(ledger, Network(none, none, none, none, none)).middle) == 0
