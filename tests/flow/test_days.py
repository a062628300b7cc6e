"""Days of accounts equal a slow twin that looks at each day by itself."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duanka.flow.days import days, hours_of_week
from duanka.flow.partners import Rows

Row = tuple[int, bool, int, int, int, bool, bool]  # account, paid, amount, day, hour, two marks

ROW = st.tuples(
    st.integers(0, 3), st.booleans(), st.integers(0, 12), st.integers(-9, 9), st.integers(-1, 23), st.booleans(),
    st.booleans(),
)  # fmt: skip


def _twin(rows: list[Row]) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for account, day in sorted({(one[0], one[3]) for one in rows}):
        of = [one for one in rows if (one[0], one[3]) == (account, day)]
        earlier = [one[3] for one in rows if one[0] == account and one[3] < day]
        paid = [one for one in of if one[1]]
        found.append((
            account, day, sum(one[2] for one in of if not one[1]), sum(one[2] for one in paid),
            [sum(one[2] for one in paid if one[mark]) for mark in (5, 6)],
            sum(2**hour for hour in {one[4] for one in of if one[4] >= 0}), day - max(earlier) if earlier else 0,
            sum(one[2] for one in rows if one[0] == account and one[3] == day - 1 and not one[1]),
        ))  # fmt: skip
    return found


@given(st.lists(ROW, max_size=40))
def test_days_equal_their_twin(rows: list[Row]) -> None:
    rows = sorted(rows, key=lambda one: one[0])
    account, paid, amount, day, hour, one, two = np.array(rows, np.int64).reshape(-1, 7).T
    none = np.zeros(len(rows), np.int32)
    table = Rows(
        starts=np.searchsorted(account, np.arange(5)).astype(np.int64), other=none, paid=paid.astype(np.bool_),
        amount=amount.copy(), moment=amount.copy(), day=day.astype(np.int32),
    )  # fmt: skip
    found = days(table, hour.astype(np.int32), np.stack((one, two), axis=1).astype(np.bool_))
    assert list(zip(*(column.tolist() for column in found), strict=True)) == _twin(rows)
    assert hours_of_week(found, 4).tolist() == [_most_hours(rows, account) for account in range(4)]


def _most_hours(rows: list[Row], account: int) -> int:
    """The most different hours of a calendar week."""
    weeks: dict[tuple[int, int, int], set[int]] = {}
    for one in rows:
        if one[0] == account and one[4] >= 0:
            year, week, _ = (date(1970, 1, 1) + timedelta(days=one[3])).isocalendar()
            weeks.setdefault((account, year, week), set()).add(one[4])
    return max(map(len, weeks.values()), default=0)
