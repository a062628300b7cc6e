"""Columns of accounts: against plain loops, and the same whatever accounts are called and however ties are broken."""

import dataclasses
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import NOBODY, Ledger
from duanka.messages.catalogue import Language, languages
from duanka.scoring.accounts import STRONG, Evidence, evidence
from duanka.scoring.feature_words import words
from duanka.scoring.features import OF_THE_LARGEST, Features, features
from duanka.scoring.grouped import Grouped
from duanka.scoring.relays import Relays, relays
from duanka.scoring.usual import medians
from scoring.planted import Planted, planted, renamed
from strategies import ledgers

CLOSE = 2e-5
"""Columns are single precision, and their parts are rounded to 2**-20."""


def looked_at(ledger: Ledger) -> tuple[Features, Relays, Evidence]:
    currency = np.zeros(ledger.nodes, np.int64)
    weighed = relays(ledger, currency)
    found = evidence(ledger, weighed)
    return features(ledger, currency, weighed, found), weighed, found


@pytest.fixture(scope="module")
def village() -> Planted:
    return planted(ordinary=100, transit=8)


@pytest.fixture(scope="module")
def seen(village: Planted) -> Features:
    return looked_at(village.ledger)[0]


def in_order(ledger: Ledger) -> Ledger:
    return ledger.take(np.argsort(ledger.time, kind="stable"))


def plainly(ledger: Ledger) -> dict[str, list[float]]:
    """The slow twin of some columns of each kind."""
    usual = float(medians(ledger, np.zeros(ledger.nodes, np.int64))[0])
    columns: dict[str, list[float]] = {}
    for node in range(ledger.nodes):
        told: dict[str, float] = {}
        sides = {
            "out": (ledger.payer, ledger.payee, ledger.amount), "in": (ledger.payee, ledger.payer, ledger.received),
        }  # fmt: skip
        times: dict[str, list[int]] = {}
        for name, (own, other, amount) in sides.items():
            rows = [row for row in range(len(ledger)) if own[row] == node and amount[row] > 0]
            logs = sorted(float(np.log(amount[row]) - usual) for row in rows)
            met = [int(other[row]) for row in rows if other[row] != NOBODY]
            times[name] = [int(ledger.time[row]) for row in rows]
            told |= {
                f"{name}_rows": float(np.log1p(len(rows))),
                f"{name}_sum": float(np.log1p(sum(np.exp(logs)))),
                f"{name}_partners": float(np.log1p(len(set(met)))),
                f"{name}_log_mean": statistics.mean(logs) if logs else np.nan,
                f"{name}_log_spread": statistics.pstdev(logs) if logs else np.nan,
                f"{name}_q50": statistics.median(logs) if logs else np.nan,
                f"{name}_largest_2": logs[-2] if len(logs) > 1 else np.nan,
                f"{name}_commonest": max(map(logs.count, logs)) / len(logs) if logs else np.nan,
                f"{name}_once": sum(met.count(one) == 1 for one in set(met)) / len(set(met)) if met else np.nan,
                f"{name}_most_with_one": max(map(met.count, met)) / len(met) if met else np.nan,
                f"{name}_busiest_day": float(
                    np.log1p(max((sum(t // 86_400_000_000 == u // 86_400_000_000 for t in times[name])
                                  for u in times[name]), default=0))
                ),
            }  # fmt: skip
        waits = [min(after) - came for came in times["in"] if (after := [t for t in times["out"] if t >= came])]
        told["wait_median"] = statistics.median(float(np.log1p(one / 1e6)) for one in waits) if waits else np.nan
        told["wait_hour"] = sum(one <= 3.6e9 for one in waits) / len(times["in"]) if times["in"] else np.nan
        for name, value in told.items():
            columns.setdefault(name, []).append(value)
    return columns


def around(ledger: Ledger, own: list[float], *, over_payees: bool) -> tuple[list[float], list[float]]:
    """Means by payments, and largest values, of a column over those whom a node paid (or who paid it)."""
    mean, largest = [], []
    for node in range(ledger.nodes):
        ends = (ledger.payer, ledger.payee) if over_payees else (ledger.payee, ledger.payer)
        others = [int(b) for a, b in zip(*ends, strict=True) if a == node and b not in {NOBODY, node}]
        values = [own[one] for one in others if not np.isnan(own[one])]
        mean.append(statistics.mean(values) if values else np.nan)
        largest.append(max(values) if values else np.nan)
    return mean, largest


@settings(max_examples=20)
@given(ledgers(max_rows=14, max_nodes=5))
def test_columns_are_those_of_plain_loops(drawn: Ledger) -> None:
    ledger = in_order(drawn)
    found = looked_at(ledger)[0]
    columns = dict(zip(found.names, found.values.T, strict=True))
    for name, expected in plainly(ledger).items():
        np.testing.assert_allclose(columns[name], expected, rtol=CLOSE, atol=CLOSE, err_msg=name)
        for side, over_payees in (("payees", True), ("payers", False)):
            mean, largest = around(ledger, list(map(float, columns[name])), over_payees=over_payees)
            np.testing.assert_allclose(columns[f"{side}_mean_{name}"], mean, rtol=CLOSE, atol=CLOSE)
            if name in OF_THE_LARGEST:
                np.testing.assert_allclose(columns[f"{side}_largest_{name}"], largest, rtol=CLOSE, atol=CLOSE)


def test_the_evidence_of_relays_is_that_of_the_node(village: Planted) -> None:
    found, weighed, node_evidence = looked_at(village.ledger)
    columns = dict(zip(found.names, found.values.T, strict=True))
    np.testing.assert_array_equal(columns["evidence"], node_evidence.node)
    for node in range(village.ledger.nodes):
        own = weighed.weight[weighed.node == node]
        assert columns["relays_strong"][node] == pytest.approx(np.log1p((own > STRONG).sum()), abs=CLOSE)
        got = weighed.first[village.ledger.payee == node]
        if len(got):
            assert columns["got_handed_on_largest"][node] == pytest.approx(got.max(), abs=CLOSE)
            assert columns["got_handed_on_mean"][node] == pytest.approx(got.mean(), abs=CLOSE)


def test_numbers_of_nodes_change_nothing(village: Planted, seen: Features) -> None:
    other, number = renamed(village.ledger)
    again = looked_at(other)[0]
    assert again.names == seen.names
    np.testing.assert_array_equal(again.values[number], seen.values)


@settings(max_examples=20)
@given(ledgers(max_rows=12, max_nodes=4), st.randoms())
def test_rows_of_one_moment_may_come_in_any_order(drawn: Ledger, random: object) -> None:
    ledger = in_order(drawn)
    shuffle = np.random.default_rng(random.randint(0, 2**31)).permutation(len(ledger))  # type: ignore[attr-defined]
    other = in_order(ledger.take(shuffle))
    one, two = looked_at(ledger)[0], looked_at(other)[0]
    followed = ("kept", "passed", "dwell", "relay")
    free = [at for at, name in enumerate(one.names) if not any(part in name for part in followed)]
    for at in free:
        np.testing.assert_array_equal(one.values[:, at], two.values[:, at], err_msg=one.names[at])


@settings(max_examples=20)
@given(ledgers(max_rows=10))
def test_balances_serials_and_coverage_are_not_looked_at_beyond_what_is_followed(drawn: Ledger) -> None:
    ledger = in_order(drawn)
    other = dataclasses.replace(
        ledger, balance_payer=ledger.balance_payer * 0, balance_payee=ledger.balance_payee * 0, tie=ledger.tie[::-1]
    )
    np.testing.assert_array_equal(looked_at(ledger)[0].values, looked_at(other)[0].values)


def test_names_are_different_and_have_words(seen: Features) -> None:
    assert len(set(seen.names)) == len(seen.names) == seen.values.shape[1]
    assert seen.values.dtype == np.float32
    for language in languages:
        said = [words(name, language) for name in seen.names]
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("language", languages)
def test_nothing_tells_who_an_account_is(seen: Features, language: Language) -> None:
    parts = {part for name in seen.names for part in name.split("_")}
    assert not parts & {"id", "node", "name", "account", "opening", "freeze", "measure", "serial", "tie", "order"}
    assert all("{" not in words(name, language) for name in seen.names)


def test_sums_do_not_show_the_order_of_adding() -> None:
    values = np.random.default_rng(2).normal(0, 1e4, 5_000)
    node = np.zeros(5_000, np.int64)
    one, two = Grouped(node, values, 1), Grouped(node, values[::-1], 1)
    assert one.mean()[0] == two.mean()[0] == pytest.approx(values.mean(), abs=1e-6)
    assert one.spread()[0] == two.spread()[0] == pytest.approx(values.std(), rel=1e-6)
    assert one.quantile(0.3)[0] == pytest.approx(np.quantile(values, 0.3), abs=1e-5)


def test_an_empty_ledger_has_columns_without_values() -> None:
    empty = planted(ordinary=3, transit=1, each=0, payments=0).ledger
    found = looked_at(empty)[0]
    assert found.values.shape == (4, len(found.names))
