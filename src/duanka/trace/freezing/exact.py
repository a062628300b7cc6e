"""The best choice, proved: a mixed-integer programme. Slow; a check of the fast solver on small plans."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from duanka.flow.ledger import Int64
from duanka.trace.freezing.choosing import Cover


def best(cover: Cover, most: int) -> Int64:
    """At most `most` options of the largest value, ascending. Raises RuntimeError where HiGHS can't tell.

    Maximise sum(weight of units covered) - sum(costs taken), with one 0/1 variable an option and one variable in 0 … 1
    for all units that the same options cover: such a unit counts where one of its options is taken. Exponential at
    worst.
    """
    if not len(cover.unit) or not most:
        return np.zeros(0, np.int64)
    option = np.repeat(np.arange(len(cover)), np.diff(cover.start))
    order = np.lexsort((option, cover.unit))
    groups: dict[tuple[int, ...], int] = {}
    ends = np.flatnonzero(np.diff(cover.unit[order], append=-1)) + 1
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        key = tuple(int(one) for one in option[order[begin:end]])
        groups[key] = groups.get(key, 0) + 1
    row = np.array([number for number, key in enumerate(groups) for _ in key], np.int64)
    column = np.array([one for key in groups for one in key], np.int64)
    taken = csr_array((np.ones(len(row)), (row, column)), shape=(len(groups), len(cover)))
    covered = csr_array((-np.ones(len(groups)), (np.arange(len(groups)), np.arange(len(groups)))))
    few = csr_array(np.concatenate([np.ones(len(cover)), np.zeros(len(groups))])[None, :])
    weight = np.array(list(groups.values()), np.float64) * cover.each
    found = milp(
        np.concatenate([cover.cost, -weight]),
        constraints=[
            LinearConstraint(hstack([taken, covered]), lb=0),
            LinearConstraint(few, ub=most),
        ],
        integrality=np.concatenate([np.ones(len(cover)), np.zeros(len(groups))]),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise RuntimeError(f"HiGHS found no plan: {found.message}")
    return np.flatnonzero(found.x[: len(cover)] > 0.5)
