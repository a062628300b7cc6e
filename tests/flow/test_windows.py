"""Windows against their slow twins, and their edges."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.dwell import BINS, bin_of, middle_of
from duanka.flow.index import index
from duanka.flow.ledger import NO_BALANCE, NOBODY, Ledger
from duanka.flow.lineage import Doctrine, lineage
from duanka.flow.windows import DAY, HOUR, Flows, rolling, summarise
from flow.ordered import WINDOWS, covered_ledgers, in_order
from flow.twins import summary_twin, window_twin
from strategies import build

FIELDS = ("in_sum", "in_count", "payers", "out_sum", "out_count", "payees")


def values(flows: Flows) -> list[list[object]]:
    """All fields, last."""
    found: list[list[object]] = np.stack([getattr(flows, field) for field in FIELDS], axis=-1).tolist()
    return found


def moves(*payments: tuple[int, int, int, int]) -> Ledger:
    """Ledger of (time, payer, payee, amount) between four covered nodes."""
    return build([(time, 1, a, b, sum_, sum_, NO_BALANCE, NO_BALANCE) for time, a, b, sum_ in payments], nodes=4)


@settings(max_examples=120, deadline=None)
@given(covered_ledgers(), st.sampled_from(WINDOWS))
def test_rolling_agrees_with_its_twin(drawn: Ledger, width: int) -> None:
    ledger, moment = in_order(drawn)
    sides = zip(ledger.payer.tolist(), ledger.payee.tolist(), strict=True)
    expected = [
        [[0] * 6 if node == NOBODY else window_twin(ledger, moment, node, row, width) for node in pair]
        for row, pair in enumerate(sides)
    ]
    assert values(rolling(ledger, width, moment=moment)) == expected


@settings(max_examples=120, deadline=None)
@given(covered_ledgers(), st.sampled_from(Doctrine))
def test_summary_agrees_with_its_twin(drawn: Ledger, doctrine: Doctrine) -> None:
    ledger, moment = in_order(drawn)
    links = lineage(ledger, doctrine=doctrine)
    found = summarise(ledger, links, WINDOWS, moment=moment, index=index(ledger))
    for node in range(ledger.nodes):
        twin = summary_twin(ledger, moment, links, node, WINDOWS)
        assert values(found.peak)[node] == twin.peak
        assert found.peak_row[node].tolist() == twin.peak_row
        assert values(found.whole)[node] == twin.whole
        assert (found.first[node], found.last[node]) == twin.span
        assert (found.queued[node], found.kept[node]) == (twin.queued, twin.kept)
        assert found.passed[node].tolist() == twin.passed
        for ours, exact in zip(found.dwell[node].tolist(), twin.dwell, strict=True):
            assert abs(ours - exact) <= max(exact, 0) / 32


def test_left_edge_is_open_and_right_edge_closed() -> None:
    ledger = moves((0, 0, 1, 1), (9, 2, 1, 10), (10, 3, 1, 100), (10, 3, 1, 1000))
    found = rolling(ledger, 10)
    assert found.in_sum[:, 1].tolist() == [1, 11, 1110, 1110]
    assert found.payers[:, 1].tolist() == [1, 2, 2, 2]


def test_a_counterparty_that_comes_back_counts_once_until_its_last_row_drops_out() -> None:
    ledger = moves((0, 0, 1, 1), (5, 0, 1, 1), (12, 2, 1, 1), (16, 2, 1, 1))
    assert rolling(ledger, 10).payers[:, 1].tolist() == [1, 1, 2, 1]


def test_shares_are_of_what_was_received_while_covered() -> None:
    ledger = moves((0, 0, 1, 100), (HOUR - 1, 1, 2, 30), (HOUR, 1, 2, 20))
    found = summarise(ledger, lineage(ledger), (HOUR, DAY))
    assert found.retention[1:3].tolist() == [0.5, 1.0]
    assert found.pass_through[1].tolist() == [0.3, 0.5]
    assert np.isnan(found.retention[[0, 3]]).all()
    assert np.isnan(found.pass_through[[0, 3]]).all()


def test_time_that_goes_back_is_refused_unless_moments_are_given() -> None:
    ledger = moves((5, 0, 1, 1), (4, 0, 1, 1))
    with pytest.raises(ValueError, match="Row 1 is earlier than row 0"):
        rolling(ledger, HOUR)
    assert rolling(ledger, HOUR, moment=np.array([5, 5], np.int64)).in_sum[:, 1].tolist() == [2, 2]
    with pytest.raises(ValueError, match="1 moments for 2 rows"):
        rolling(ledger, HOUR, moment=np.array([5], np.int64))


def test_wrong_windows_and_foreign_lineages_are_refused() -> None:
    ledger = moves((0, 0, 1, 1))
    with pytest.raises(ValueError, match="at least 1"):
        rolling(ledger, 0)
    with pytest.raises(ValueError, match="at least 1"):
        summarise(ledger, lineage(ledger), (HOUR, -1))
    with pytest.raises(ValueError, match="lineage is of 0 rows"):
        summarise(ledger, lineage(moves()))


def test_nothing_is_measured_of_no_rows() -> None:
    found = summarise(moves(), lineage(moves()))
    assert dataclasses.asdict(found.whole)["in_sum"].tolist() == [0] * 4
    assert found.dwell.tolist() == [[-1] * 3] * 4
    assert found.peak_row.tolist() == [[-1] * 3] * 4


@given(st.integers(0, 2**63 - 1))
def test_the_middle_of_a_bin_is_near_all_its_values(value: int) -> None:
    place = bin_of(value)
    assert 0 <= place < BINS
    assert abs(middle_of(place) - value) * 32 <= value


@given(st.integers(0, 2**63 - 2))
def test_bins_ascend(value: int) -> None:
    assert bin_of(value) <= bin_of(value + 1)
