from pathlib import Path

import pytest

from duanka import derive, pipeline
from duanka.flow.balances import opening
from duanka.report.balances import CLOSE_UP, MAX_BREAKS, balances
from duanka.report.sketches import balance_run
from duanka.store.case import Case
from found_made import Line, at, put_ledger
from handed_over import hand_over


def _micros(number: int) -> int:
    return round(at(number).timestamp() * 1_000_000)


def test_printed_balances_stand_and_rows_fill_the_rest(case: Case) -> None:
    put_ledger(case)
    (one,) = balances(case.db, ["A"])["A"]
    assert one.whole.opening == 2_000
    after = (10_000, 110_000, 160_000, 162_000, 72_000, 17_001, 16_701, 16_581, 16_536, 86_536)
    rows = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13)
    assert one.whole.points == tuple((_micros(row), value) for row, value in zip(rows, after, strict=True))
    assert (one.rows, one.printed, one.break_count, one.breaks) == (10, 5, 1, ((_micros(5), 17_001),))
    assert (one.whole.lowest, one.whole.highest, one.last) == (2_000, 162_000, 86_536)
    assert one.busiest is None


def test_without_a_printed_balance_the_least_opening_is_taken(case: Case) -> None:
    rows: list[Line] = [
        ("b1", "B", "A", 300, "CNY", "", None, None),
        ("b2", "A", "B", 1_000, "CNY", "", None, None),
        ("b3", "B", "A", 900, "CNY", "", None, None),
    ]
    put_ledger(case, rows)
    (one,) = balances(case.db, ["B"])["B"]
    assert (one.whole.opening, one.printed) == (300, 0)
    assert [value for _, value in one.whole.points] == [0, 1_000, 100]


def test_an_account_that_was_not_produced_has_none(case: Case) -> None:
    put_ledger(case)
    assert balances(case.db, ["C"]) == {}


def test_a_payment_to_oneself_counts_once(case: Case) -> None:
    rows: list[Line] = [("s1", "A", "A", 500, "CNY", "", 7_000, 7_000), ("s2", "B", "A", 1, "CNY", "", None, None)]
    put_ledger(case, rows)
    (one,) = balances(case.db, ["A"])["A"]
    assert (one.rows, one.whole.opening, one.last, one.break_count) == (2, 7_000, 7_001, 0)


def test_of_many_rows_the_extremes_are_kept(case: Case) -> None:
    rows: list[Line] = [
        (f"m{n:05}", *(("A", "B") if n % 2 else ("B", "A")), 100 + n % 7, "CNY", "", None, None) for n in range(3_000)
    ]
    put_ledger(case, rows)
    case.db.run("cover", 'UPDATE coverage SET "to" = "to" + INTERVAL 3650 DAY')
    (one,) = balances(case.db, ["A"])["A"]
    assert one.rows == 3_000
    assert len(one.whole.points) <= 1_604
    values = [value for _, value in one.whole.points]
    assert (min(*values, one.whole.opening), max(*values, one.whole.opening)) == (one.whole.lowest, one.whole.highest)
    assert list(one.whole.points) == sorted(one.whole.points, key=lambda point: point[0])
    assert one.busiest is not None
    assert one.busiest.points[-1][0] - one.busiest.points[0][0] <= CLOSE_UP


def test_breaks_are_bounded(case: Case) -> None:
    rows: list[Line] = [(f"m{n:03}", "B", "A", 100, "CNY", "", None, 7 * n) for n in range(90)]
    put_ledger(case, rows)
    (one,) = balances(case.db, ["A"])["A"]
    assert (one.break_count, len(one.breaks)) == (89, MAX_BREAKS)


def test_the_path_goes_in_steps(case: Case) -> None:
    put_ledger(case)
    (one,) = balances(case.db, ["A"])["A"]
    run = balance_run(one.whole, one.breaks, 0)
    assert run.line.startswith("M106.0 ")
    assert set("".join(run.line.split())) <= set("MHV.0123456789")
    assert run.area.endswith("H106.0Z")
    assert [mark.amount for mark in run.amounts] == [0, 162_000]
    assert len(run.breaks) == 1


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handed")
    pipeline.import_paths(folder / "case", [hand_over(folder / "files")])
    return folder / "case"


def test_openings_and_breaks_are_those_of_the_kernels(handed: Path) -> None:
    with Case(handed) as case:
        data = derive.ordered(case)
        expected = opening(data.ledger)
        names = list(zip(data.nodes["account_id"].to_pylist(), data.nodes["currency"].to_pylist(), strict=True))
        produced = [str(row[0]) for row in case.db.rows("SELECT account_id FROM coverage")]
        found = balances(case.db, produced)
        broken = {
            str(account): int(str(count))
            for account, count in case.db.rows("SELECT account_id, len(breaks) FROM coverage")
        }
    assert sum(len(own) for own in found.values()) == 3
    for account, own in found.items():
        for one in own:
            assert one.whole.opening == expected[names.index((account, one.currency))], account
        assert sum(one.break_count for one in own) == broken[account]
    assert any(one.whole.opening for own in found.values() for one in own)
