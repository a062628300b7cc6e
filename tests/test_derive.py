"""What is read back is what was derived."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from cases import Row, clock, police, row, take_in
from duanka import derive, pipeline
from duanka.store import arrays
from duanka.store.case import Case
from handed_over import hand_over


def same(case: Case, at: datetime | None = None) -> int:
    """Whether both ways to the ledger agree; the number of its rows."""
    one, two = derive.seen(case, at), derive.ordered(case, at=at)
    for field in fields(one.ledger):
        if field.name != "tie":  # a rank; of no use once the order is known
            left, right = getattr(one.ledger, field.name), getattr(two.ledger, field.name)
            assert np.array_equal(left, right), field.name
            assert np.asarray(left).dtype == np.asarray(right).dtype, field.name
    if at is None:
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
        case.db.run("as an earlier version left it", "DROP TABLE ledger")
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


@pytest.mark.parametrize("made", ["messy", "village"])
def test_as_of_a_moment_the_same_is_read_back(tmp_path: Path, made: str) -> None:
    """Moments at which something happens or is over, right before and right after them."""
    if made == "messy":
        pipeline.import_paths(tmp_path / "case", [hand_over(tmp_path / "files")])
    else:
        take_in(tmp_path / "case", police(tmp_path / "a.csv", _village()))
    with Case(tmp_path / "case") as case:
        whole = derive.recalled(case)
        ends = np.unique(np.concatenate([whole.moment, whole.moment + whole.ledger.width]))
        read_back, last = set(), 0
        moments = np.unique(np.concatenate([ends, ends - 1, ends + 500_000]))
        for at in moments[np.unique(np.linspace(0, len(moments) - 1, 60).astype(int))].tolist():
            moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at)
            read_back.add(arrays.ordered_by(case.db, moment) is not None)
            size = same(case, moment)
            assert size >= last
            last = size
        assert last == len(whole.row_ids)
        assert read_back == {True, False}


def _village() -> list[Row]:
    """Two accounts whose statements give days, minutes and seconds, and balances that tell the order only later."""
    lottery = np.random.default_rng(7)
    rows, held = [], 100_000
    for number in range(40):
        change = int(lottery.integers(1, 900))
        way = "进" if lottery.random() < 0.5 else "出"
        held += change if way == "进" else -change
        at = f"2024-03-0{1 + number // 14} {8 + number % 14:02d}:{int(lottery.integers(60)):02d}:{number:02d}"
        form = (at[:10], at[:16], at)[int(lottery.integers(3))]
        balance = {"交易余额": f"{held}.00"} if lottery.random() < 0.6 else {}
        rows.append(
            row(
                "9900000000000000017",
                way,
                "9900000000000000025",
                f"{change}.00",
                form,
                交易流水号=str(number),
                **balance,
            )
        )
    return rows
