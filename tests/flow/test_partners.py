"""Pairs of accounts and partners equal a slow twin that looks at each pair by itself."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duanka.flow.ledger import NOBODY
from duanka.flow.partners import Rows, partners

Row = tuple[int, int, bool, int, int, int]  # account, other, paid, amount, moment, day

ROW = st.tuples(
    st.integers(0, 3), st.integers(NOBODY, 5), st.booleans(), st.integers(0, 12), st.integers(0, 9), st.integers(0, 3)
)


def _rows(rows: list[Row]) -> Rows:
    account, other, paid, amount, moment, day = np.array(rows, np.int64).reshape(-1, 6).T
    return Rows(
        starts=np.searchsorted(account, np.arange(5)).astype(np.int64), other=other.astype(np.int32),
        paid=paid.astype(np.bool_), amount=amount.astype(np.int64), moment=moment.astype(np.int64),
        day=day.astype(np.int32),
    )  # fmt: skip


def _refilled(rows: list[Row], account: int, other: int, paid: bool) -> int:  # noqa: FBT001 - a twin
    """Rows of a pair before whose next at least half of their amount came in, and no more than it."""
    own = [one for one in rows if one[0] == account]
    places = [at for at, one in enumerate(own) if one[1] == other and one[2] == paid]
    times = 0
    for here, then in pairwise(places):
        came = sum(one[3] for one in own[here + 1 : then + 1] if not one[2])
        times += own[here][3] / 2 <= came <= own[here][3]
    return times


def _twin(rows: list[Row]) -> set[tuple[object, ...]]:
    keys = {one[:3] for one in rows if one[1] not in (NOBODY, one[0])}
    found: set[tuple[object, ...]] = set()
    for account, other, paid in keys:
        of = [one for one in rows if one[:3] == (account, other, paid)]
        day = min(one[5] for one in of)
        found.add((
            account, other, paid, (account, other, not paid) in keys, len(of), sum(one[3] for one in of),
            min(one[3] for one in of), day,
            min(one[3] for one in of if one[5] == day), _refilled(rows, account, other, paid),
        ))  # fmt: skip
    return found


@given(st.lists(ROW, min_size=1, max_size=40))
def test_pairs_equal_their_twin(rows: list[Row]) -> None:
    rows = sorted(rows, key=lambda one: one[0])
    found, of_row = partners(_rows(rows))
    for (account, other, paid, *_), pair in zip(rows, of_row.tolist(), strict=True):
        none = other in (NOBODY, account)
        assert none == (pair == NOBODY)
        assert none or (found.account[pair], found.other[pair], found.paid[pair]) == (account, other, paid)
    got = list(zip(*(column.tolist() for column in found), strict=True))
    assert set(got) == _twin(rows)
    assert len(set(got)) == len(got)
    assert found.account.tolist() == sorted(found.account.tolist())


def test_no_rows() -> None:
    found, of_row = partners(_rows([]))
    assert all(len(column) == 0 for column in (*found, of_row))
