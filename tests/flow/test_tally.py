"""What is counted of accounts equals a slow twin, and what the same conditions count in SQL."""

import duckdb
import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from duanka.flow.ledger import NOBODY
from duanka.flow.partners import Rows
from duanka.flow.tally import Kinds, tally
from duanka.signals.amounts import KINDS, SIGNALS
from duanka.signals.times import SIGNALS as TIMES

Row = tuple[int, bool, int, int, int, int]  # account, paid, amount, moment, day, hour

EDGES = [0, 99, 100, 999, 1000, 4500, 4999, 5000, 49500, 50000, 100000]
AMOUNT = st.one_of(
    st.integers(0, 6_000_000),
    st.builds(lambda edge, cents: max(0, 100 * edge + cents), st.sampled_from(EDGES), st.integers(-1, 1)),
)
ROW = st.tuples(
    st.integers(0, 3), st.booleans(), AMOUNT, st.integers(-9, 9), st.integers(-3, 3), st.integers(-1, 23)
)  # fmt: skip


def _rows(rows: list[Row]) -> tuple[Rows, np.ndarray]:
    account, paid, amount, moment, day, hour = np.array(rows, np.int64).reshape(-1, 6).T
    table = Rows(
        starts=np.searchsorted(account, np.arange(5)).astype(np.int64), other=np.full(len(rows), NOBODY, np.int32),
        paid=paid.astype(np.bool_), amount=amount.copy(), moment=moment.copy(), day=day.astype(np.int32),
    )  # fmt: skip
    return table, hour.astype(np.int32)


def _twin(rows: list[Row], account: int, kinds: Kinds) -> tuple[int, ...]:
    own = [one for one in rows if one[0] == account]
    got = [one for one in own if not one[1]]
    units = [one[2] / 100 for one in own]
    timed = [one[5] for one in own if one[5] >= 0]
    return (
        sum(one[2] for one in got), sum(one[2] for one in own if one[1]), len(got),
        min((one[3] for one in own), default=0), max((one[3] for one in own), default=0),
        max((one[4] for one in own), default=0), len(timed), sum(one in (22, 23, *range(6)) for one in timed),
        sum(one > 0 and one % 1000 == 0 for one in units),
        sum(any(low <= one[2] / 100 < high for low, high in kinds.tails) and one[2] % 100 != 0 for one in got),
        sum(any(low <= one < high for low, high in kinds.limits) for one in units),
        sum(one[2] / 100 <= kinds.small for one in got),
    )  # fmt: skip


@given(st.lists(ROW, max_size=40))
def test_what_is_counted_equals_its_twin(rows: list[Row]) -> None:
    rows = sorted(rows, key=lambda one: one[0])
    found = tally(*_rows(rows), np.full(4, 100), KINDS)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == [_twin(rows, a, KINDS) for a in range(4)]


@given(st.lists(ROW, min_size=1, max_size=40))
def test_what_is_counted_is_what_the_evidence_of_the_signal_is(rows: list[Row]) -> None:
    rows = sorted(rows, key=lambda one: one[0])
    found = tally(*_rows(rows), np.full(4, 100), KINDS)
    own = pl.DataFrame(rows, ("a", "paid", "amount", "moment", "day", "hour"), orient="row").with_columns(
        seq=pl.int_range(pl.len()), way=pl.when("paid").then(-1).otherwise(1), units=pl.col("amount") / 100,
        fine=pl.col("hour") >= 0,
    )  # fmt: skip
    queries = {one.code: one.sql(one.rows) for one in (*SIGNALS, *TIMES)}
    with duckdb.connect() as con:
        con.register("own", own.to_arrow())
        for code, counted in (
            ("TX09", found.night),
            ("TX11", found.round),
            ("TX13", found.tailed),
            ("TX14", found.near),
        ):
            told = dict(con.execute(f"SELECT a, count(*) FROM ({queries[code]}) GROUP BY a").fetchall())
            assert counted.tolist() == [told.get(account, 0) for account in range(4)], code
