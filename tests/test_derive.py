"""What is read back is what was derived."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from cases import clock, police, row, take_in
from duanka import derive, pipeline
from duanka.store.case import Case
from handed_over import hand_over


def same(case: Case) -> int:
    """Whether both ways to the ledger agree; the number of its rows."""
    one, two = derive.recalled(case), derive.ordered(case)
    for field in fields(one.ledger):
        if field.name != "tie":  # a rank; of no use once the order is known
            left, right = getattr(one.ledger, field.name), getattr(two.ledger, field.name)
            assert np.array_equal(left, right), field.name
            assert np.asarray(left).dtype == np.asarray(right).dtype, field.name
    assert np.array_equal(one.ledger.tie, np.arange(len(one.ledger)))
    assert one.row_ids.equals(two.row_ids)
    assert one.nodes.equals(two.nodes)
    assert np.array_equal(one.moment, two.moment)
    assert np.array_equal(one.assumed, two.assumed)
    return len(one.row_ids)


def test_messy_statements_are_read_back_as_they_were_ordered(tmp_path: Path) -> None:
    """Two sides of one transfer, days beside seconds, cash, balances that are not printed."""
    pipeline.import_paths(tmp_path / "case", [hand_over(tmp_path / "files")])
    with Case(tmp_path / "case") as case:
        assert same(case) > 10


def test_a_case_in_several_parts_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(f"99000000000000{at % 7}", "出", f"99100000000000{at % 5}", "5.00", clock(at)) for at in range(60)]
    rows.append(row("990000000000001", "出", "991000000000001", "6.00", clock(1), 交易是否成功="失败"))
    take_in(tmp_path / "case", police(tmp_path / "a.csv", rows))
    monkeypatch.setattr(derive, "_PART", 7)
    with Case(tmp_path / "case") as case:
        assert same(case) == 60
        assert case.count("transactions") == 61


def test_a_case_without_payments_is_read_back(tmp_path: Path) -> None:
    take_in(tmp_path / "case")
    with Case(tmp_path / "case") as case:
        assert same(case) == 0
