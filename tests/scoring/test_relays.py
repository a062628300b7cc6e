"""Relays among ordinary payments: found without labels, and the same whatever accounts are called."""

import dataclasses

import numpy as np
import pytest
import sklearn.ensemble
from threadpoolctl import threadpool_info, threadpool_limits

from duanka.flow.ledger import NO_BALANCE, NOBODY, Int64, Ledger
from duanka.flow.succession import succession
from duanka.scoring import relays as module
from duanka.scoring.relays import FEATURES, FEWEST, WITHIN, Relays, relays
from scoring.planted import Planted, planted, renamed
from strategies import SECOND, build


def one_currency(ledger: Ledger) -> Int64:
    return np.zeros(ledger.nodes, np.int64)


@pytest.fixture(scope="module")
def country() -> Planted:
    return planted(ordinary=1_000, transit=60)


@pytest.fixture(scope="module")
def found(country: Planted) -> Relays:
    return relays(country.ledger, one_currency(country.ledger))


@pytest.fixture(scope="module")
def village() -> Planted:
    return planted(ordinary=100, transit=8)


@pytest.fixture(scope="module")
def village_found(village: Planted) -> Relays:
    return relays(village.ledger, one_currency(village.ledger))


def same(one: Relays, two: Relays) -> None:
    assert one.learnt
    assert two.learnt
    for name in ("weight", "second", "first"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)


def test_hidden_relays_weigh_more_than_ordinary_pairs(country: Planted, found: Relays) -> None:
    pairs = found.pairs
    hidden = np.isin(
        pairs.receipt.astype(np.int64) << 32 | pairs.payment, country.receipt << 32 | country.payment
    )  # fmt: skip
    assert found.learnt
    assert hidden.sum() > 0.95 * len(country.receipt)
    assert np.median(found.weight[hidden]) > np.quantile(found.weight[~hidden], 0.95)
    ordinary = found.node < country.transit.start
    assert np.median(found.weight[hidden]) > 2
    assert abs(np.median(found.weight[ordinary])) < 0.5  # as often as chance would have it
    assert (found.weight[hidden] > np.quantile(found.weight[ordinary], 0.99)).mean() > 0.6


def test_rows_of_relays_are_marked_on_both_sides(country: Planted, found: Relays) -> None:
    others = np.ones(len(country.ledger), np.bool_)
    others[country.receipt] = others[country.payment] = False
    assert np.median(found.first[country.receipt]) > np.quantile(found.first[others], 0.95)
    assert np.median(found.second[country.payment]) > np.quantile(found.second[others], 0.95)


def test_names_of_accounts_play_no_part(country: Planted, found: Relays) -> None:
    ledger, number = renamed(country.ledger)
    again = relays(ledger, one_currency(ledger))
    same(found, again)
    np.testing.assert_array_equal(number[found.node], again.node)


def test_names_play_no_part_where_a_sample_is_learnt_from(village: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEARNT", 1_000)
    ledger, _ = renamed(village.ledger)
    same(relays(village.ledger, one_currency(ledger)), relays(ledger, one_currency(ledger)))


def test_it_learns_with_one_thread_whatever_is_allowed(village: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    class Watched(sklearn.ensemble.HistGradientBoostingClassifier):  # type: ignore[misc]  # no types
        def fit(self, *given: object) -> object:
            allowed.update(one["num_threads"] for one in threadpool_info() if one["user_api"] == "openmp")
            return super().fit(*given)

    allowed: set[int] = set()
    monkeypatch.setattr(sklearn.ensemble, "HistGradientBoostingClassifier", Watched)
    with threadpool_limits(limits=2, user_api="openmp"):
        relays(village.ledger, one_currency(village.ledger))
    assert allowed == {1}


def test_another_seed_draws_other_lots(village: Planted, village_found: Relays) -> None:
    again = relays(village.ledger, one_currency(village.ledger), seed=1)
    assert not np.array_equal(village_found.weight, again.weight)
    assert np.corrcoef(village_found.weight, again.weight)[0, 1] > 0.7


def test_how_small_the_unit_of_a_currency_is_plays_no_part(village: Planted) -> None:
    ledger = village.ledger
    currency = np.arange(ledger.nodes) % 2
    times = np.array([1, 10_000])
    fine = dataclasses.replace(
        ledger,
        amount=ledger.amount * times[currency[ledger.payer]],
        received=ledger.received * times[currency[ledger.payee]],
    )
    one, two = relays(ledger, currency), relays(fine, currency)
    np.testing.assert_allclose(one.weight, two.weight, atol=1e-3)


def test_a_later_payment_changes_no_earlier_lot(village: Planted) -> None:
    ledger = village.ledger
    half = ledger.take(np.arange(len(ledger) // 2))
    lots = []
    for part in (half, ledger):
        seen = module._Seen(part, one_currency(part), None)
        both = np.flatnonzero((seen.receipts > 0) & (seen.payments > 0))
        lots.append(dict(zip(both.tolist(), module._lots(seen, both, 0).tolist(), strict=True)))
    assert len(lots[0]) > 100
    assert lots[0].items() <= lots[1].items()
    assert len({tuple(lot) for lot in lots[1].values()}) == len(lots[1])
    assert 0.4 < np.mean(list(lots[1].values())) < 0.6


def test_features_can_be_read() -> None:
    rows = [
        (0, 0, 1, 400), (100, 1, 2, 400), (100, 1, 2, 100), (3_600, 0, 1, 100), (3_699, 1, 2, 100),
    ]  # fmt: skip
    ledger = build(
        [(at * SECOND, SECOND, payer, payee, sum_, sum_, NO_BALANCE, NO_BALANCE) for at, payer, payee, sum_ in rows],
        nodes=3,
    )
    seen = module._Seen(ledger, one_currency(ledger), None)
    pairs = succession(ledger, WITHIN)
    features = seen.features(pairs)
    assert features.shape == (len(pairs), len(FEATURES))
    first = dict(zip(FEATURES, features[0].tolist(), strict=True))
    assert first["log of the dwell in seconds"] == pytest.approx(np.log(101))
    expected = 2 * 100 * SECOND / (3_699 * SECOND + 1)
    assert first["log of the receipts to be expected in the dwell, at the account's own rate"] == pytest.approx(
        np.log(expected + 1e-6)
    )
    assert first["log of the payment over the receipt"] == 0
    assert first["log of the receipt over the currency's median"] == pytest.approx(np.log(4))
    assert first["payments between the two ends of the receipt, at most 5"] == 2
    assert first["payments between the two ends of the payment, at most 5"] == 3
    assert first["log of the account's receipts"] == pytest.approx(np.log(2))
    assert first["receipts between the two"] == 0


# --- too little to learn from ----------------------------------------------------------------------------------------


def nothing_learnt(found: Relays, rows: int) -> None:
    assert not found.learnt
    assert not found.weight.any()
    assert found.second.tolist() == found.first.tolist() == [0] * rows
    assert len(found.node) == len(found.weight) == len(found.pairs)


@pytest.mark.parametrize("nodes", [0, 1, 4])
def test_no_payments(nodes: int) -> None:
    ledger = build([], nodes=nodes)
    nothing_learnt(relays(ledger, one_currency(ledger)), 0)


def test_payments_without_pairs() -> None:
    ledger = build([(0, SECOND, 0, 1, 5, 5, NO_BALANCE, NO_BALANCE)] * 1_000, nodes=2)
    nothing_learnt(relays(ledger, one_currency(ledger)), 1_000)


def test_one_account_of_which_nobody_knows_whom_it_pays() -> None:
    rows = [
        (at * SECOND, SECOND, *((NOBODY, 0), (0, NOBODY))[at % 2], 5, 5, NO_BALANCE, NO_BALANCE) for at in range(600)
    ]
    ledger = build(rows, nodes=1)
    found = relays(ledger, one_currency(ledger))
    assert len(found.pairs) > FEWEST
    assert np.isfinite(found.weight).all()


def test_too_few_pairs() -> None:
    ledger = planted(ordinary=20, transit=2, each=5).ledger
    found = relays(ledger, one_currency(ledger))
    assert 0 < len(found.pairs) < FEWEST
    nothing_learnt(found, len(ledger))


def test_all_at_one_moment() -> None:
    rows = [(0, SECOND, at % 2, 1 - at % 2, 5, 5, NO_BALANCE, NO_BALANCE) for at in range(600)]
    ledger = build(rows, nodes=2)
    found = relays(ledger, one_currency(ledger))
    assert np.isfinite(found.weight).all()
