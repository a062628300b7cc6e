"""Names and sums of rings: names stay when data arrive, sums are in one currency, accounts count once."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from duanka import detecting
from duanka.derive import Ordered
from duanka.rings.network import WORKER, Network
from duanka.scoring.accounts import Evidence, score
from duanka.store.case import Case
from duanka.store.findings import TABLES, Findings, earlier_workers
from rings.made_rings import rows_of
from strategies import build


def test_names_of_an_earlier_moment_are_kept_where_there_are_no_others(tmp_path: Path) -> None:
    kept = written(tmp_path / "c", [("a", "R-1"), ("b", "R-1")], present=True)
    assert kept == [("a", "R-1"), ("b", "R-1")]
    assert written(tmp_path / "c", [("a", "R-2"), ("c", "R-2")], present=False) == [*kept, ("c", "R-2")]
    assert written(tmp_path / "c", [("c", "R-3")], present=True) == [("c", "R-3")]


def written(folder: Path, workers: list[tuple[str, str]], *, present: bool) -> list[tuple[str, str]]:
    """Names that are kept after findings with these workers, as (account, ring)."""
    members = pl.DataFrame(workers, {"account_id": pl.String, "ring_id": pl.String}, orient="row")
    empty = dict.fromkeys(TABLES, pl.DataFrame({"nothing": [0]}))
    with Case(folder, create=True) as case:
        found = Findings(**empty | {"ring_members": members.with_columns(works=True)})
        found.write(case.db, present=present)
        return sorted(earlier_workers(case.db).rows())


def named(folder: Path, earlier: dict[str, str], rings: list[tuple[list[int], list[int]]]) -> list[str]:
    """Names of rings of these workers and rows, accounts being called a0, a1 …, after an earlier run."""
    ring = [number for number, (workers, _) in enumerate(rings) for _ in workers]
    node = [one for workers, _ in rings for one in workers]
    own = [(number, one) for number, (_, rows) in enumerate(rings) for one in rows]
    row_ring, rows = np.array(own, np.int64).reshape(-1, 2).T
    network = Network(np.array(ring), np.array(node), np.full(len(node), WORKER), row_ring, rows)
    with Case(folder, create=True) as case:
        if earlier:
            known = pl.DataFrame({"account_id": list(earlier), "ring_id": list(earlier.values())})
            case.replace_table("ring_names", known.to_arrow())
        ledger, none = build([], nodes=0), np.zeros(0, np.int64)
        data = Ordered(ledger, pa.array([f"row{at}" for at in range(20)]), pa.table({}), none, none)
        names = np.array([f"a{at}" for at in range(20)], dtype=object)
        return list(detecting._ring_ids(case, data, network, names))


def test_a_ring_is_named_by_its_first_row(tmp_path: Path) -> None:
    assert named(tmp_path / "c", {}, [([0, 1, 2], [4, 9]), ([3, 4, 5], [2, 3])]) == ["R-row4", "R-row2"]


def test_a_row_of_two_rings_names_neither(tmp_path: Path) -> None:
    assert named(tmp_path / "c", {}, [([0, 1, 2], [2, 9]), ([3, 4, 5], [2, 3])]) == ["R-row9", "R-row3"]
    assert named(tmp_path / "d", {}, [([0, 1, 2], [2]), ([3, 4, 5], [2])]) == ["R-row2", "R-row2-2"]


def test_an_earlier_name_goes_to_the_ring_that_shares_most(tmp_path: Path) -> None:
    earlier = {"a0": "R-old", "a1": "R-old", "a3": "R-old", "a9": "R-other"}
    rings = [([3, 4, 5], [1]), ([0, 1, 2], [5])]
    assert named(tmp_path / "c", earlier, rings) == ["R-row1", "R-old"]


def test_no_name_is_given_twice_when_a_ring_falls_apart(tmp_path: Path) -> None:
    """The smaller part has the row by which the ring was named."""
    earlier = dict.fromkeys((f"a{at}" for at in range(7)), "R-row1")
    assert named(tmp_path / "c", earlier, [([0, 1, 2], [1]), ([3, 4, 5, 6], [5])]) == ["R-row1-2", "R-row1"]


def test_sums_of_a_ring_are_in_its_usual_currency() -> None:
    """1 and 2 work: yuan come in twice and go out once, dollars come in once."""
    ledger, _ = rows_of([[(0, 500), (1, 400), (3, 0)], [(0, 300), (2, 0)], [(4, 7), (5, 0)]], 6)
    nodes = pa.table({
        "account_id": ["a", "b", "c", "d", "a", "b"], "currency": ["CNY"] * 4 + ["USD"] * 2,
    })  # fmt: skip
    rows = np.arange(len(ledger))
    data = Ordered(ledger, pa.array([str(row) for row in rows]), nodes, ledger.time, np.zeros(len(ledger), np.bool_))
    found = Network(np.zeros(6, np.int64), np.arange(6), np.array([1, 0, 0, 2, 1, 0]), np.zeros(4, np.int64), rows)
    evidence = Evidence(np.zeros(4, np.float32), np.zeros(6, np.float32), np.zeros(6, np.int64))
    table = detecting._ring_table(data, evidence, found)
    assert table.select("inflow", "outflow", "currency").rows() == [(800, 400, "CNY")]


def test_a_worker_in_two_currencies_counts_once_at_its_higher_score() -> None:
    ledger, _ = rows_of([[(0, 500), (1, 400), (2, 0)]], 3)
    nodes = pa.table({"account_id": ["a", "a", "b"], "currency": ["CNY", "USD", "CNY"]})
    data = Ordered(ledger, pa.array(["0", "1"]), nodes, ledger.time, np.zeros(len(ledger), np.bool_))
    found = Network(np.zeros(3, np.int64), np.arange(3), np.full(3, WORKER), np.zeros(2, np.int64), np.arange(2))
    strengths = np.array([1, 6, 3], np.float32)
    table = detecting._ring_table(data, Evidence(np.zeros(2, np.float32), strengths, np.zeros(3, np.int64)), found)
    assert table["accounts"].to_list() == [2]
    assert table["score"].to_list() == pytest.approx([score(strengths[1:]).mean()])
