"""How far found rings agree with true ones, where an account may be in several of either.

Frames have the columns `account_id, ring_id`; a pair that is given twice counts once. What a ring is called, and in
which order rows come, changes nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]

_BLOCK = 2048
"""Rows of B-cubed's pair matrix in memory at a time."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures from 0 to 1; None where there is nothing to average over."""

    true_rings: int
    found_rings: int
    true_members: int  # memberships
    found_members: int
    jaccard_true_to_found: float | None
    jaccard_found_to_true: float | None
    bcubed_precision: float | None
    bcubed_recall: float | None
    bcubed_f1: float | None


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Accounts that are in the same true and in the same found rings, told apart by nothing else: c kinds."""

    true: csr_array  # (c, true rings), 1 = in it
    found: csr_array  # (c, found rings)
    accounts: Floats  # c: how many of each kind
    names: tuple[pl.Series, pl.Series]  # ids of the true rings, of the found rings, by column


def agreement(true: pl.DataFrame, found: pl.DataFrame) -> Agreement:
    """Best Jaccard in both directions and extended B-cubed.

    Sorting the memberships is O(m log m). Jaccard costs one sparse product, B-cubed one entry for each two *kinds* of
    accounts that share a ring: a kind is a set of rings, so rings of a million plain members cost next to nothing; the
    worst case, every account of a ring with a set of rings of its own, is quadratic in its size (in blocks of rows).
    """
    kinds = _kinds(true, found)
    jaccard = _jaccard(kinds)
    precision = _bcubed(kinds.found, kinds.true, kinds.accounts)
    recall = _bcubed(kinds.true, kinds.found, kinds.accounts)
    return Agreement(
        true_rings=jaccard.shape[0],
        found_rings=jaccard.shape[1],
        true_members=round(float(kinds.accounts @ kinds.true.sum(axis=1))),
        found_members=round(float(kinds.accounts @ kinds.found.sum(axis=1))),
        jaccard_true_to_found=_mean_best(jaccard, axis=1),
        jaccard_found_to_true=_mean_best(jaccard, axis=0),
        bcubed_precision=precision,
        bcubed_recall=recall,
        bcubed_f1=_f1(precision, recall),
    )


def best_matches(true: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """`ring_id, found_ring, weight`: the found ring of the largest Jaccard for each true ring that shares a member.

    Rings that tie share a weight of 1 between them, so that no id decides.
    """
    kinds = _kinds(true, found)
    jaccard = _jaccard(kinds).tocoo()
    rows, columns = jaccard.coords
    pairs = pl.DataFrame({
        "ring_id": kinds.names[0].gather(pl.Series(rows.astype(np.int64))),
        "found_ring": kinds.names[1].gather(pl.Series(columns.astype(np.int64))),
        "jaccard": jaccard.data,
    })  # fmt: skip
    best = pairs.filter(pl.col("jaccard") == pl.col("jaccard").max().over("ring_id"))
    return best.select("ring_id", "found_ring", weight=1.0 / pl.len().over("ring_id"))


def _kinds(true: pl.DataFrame, found: pl.DataFrame) -> _Kinds:
    """Number rings, and put accounts together by the rings that they are in."""
    sides = [frame.select("account_id", "ring_id").unique() for frame in (true, found)]
    names = tuple(side["ring_id"].unique().sort() for side in sides)
    coded = pl.concat(
        side.join(pl.DataFrame({"ring_id": own}).with_row_index("ring"), on="ring_id").select(
            "account_id", ring=pl.col("ring").cast(pl.Int64) + first
        )
        for side, own, first in zip(sides, names, (0, len(names[0])), strict=True)
    )
    sets = coded.group_by("account_id").agg(pl.col("ring").sort().cast(pl.String).str.join(","))
    kinds = sets.group_by("ring").agg(pl.len()).sort("ring")
    cells = kinds.select(kind=pl.int_range(pl.len()), ring=pl.col("ring").str.split(",")).explode("ring")
    rows, columns = cells["kind"].to_numpy(), cells["ring"].cast(pl.Int64).to_numpy()
    shape = (kinds.height, sum(len(own) for own in names))
    both = csr_array((np.ones(len(rows), np.int64), (rows, columns)), shape=shape)
    accounts = kinds["len"].cast(pl.Float64).to_numpy()
    return _Kinds(both[:, : len(names[0])], both[:, len(names[0]) :], accounts, (names[0], names[1]))


def _jaccard(kinds: _Kinds) -> csr_array:
    """(true rings, found rings): members in common over members of either; nothing is stored where none are in common.

    Counts are whole numbers below 2^53, so equal fractions are equal floats.
    """
    true_size, found_size = (side.T @ kinds.accounts for side in (kinds.true, kinds.found))
    weighted = kinds.found.multiply(kinds.accounts[:, None]).tocsr()
    common = (kinds.true.T @ weighted).tocoo()
    rows, columns = common.coords
    data = common.data / (true_size[rows] + found_size[columns] - common.data)
    return csr_array((data, (rows, columns)), shape=common.shape)


def _mean_best(jaccard: csr_array, *, axis: int) -> float | None:
    """Mean of the largest value of each row (axis 1) or column (axis 0); None without any."""
    if not jaccard.shape[1 - axis]:
        return None
    rows, columns = jaccard.tocoo().coords
    best = np.zeros(jaccard.shape[1 - axis])
    np.maximum.at(best, rows if axis else columns, jaccard.tocoo().data)
    return float(best.mean())


def _bcubed(own: csr_array, other: csr_array, accounts: Floats) -> float | None:
    """Extended B-cubed precision of the clusters `own` against `other`; with the two exchanged it is the recall.

    For two items e, e' that share a cluster, precision is min(shared clusters, shared categories) / shared clusters;
    for an item its mean over all e' that share a cluster with it, itself among them; for the whole the mean over all
    items that are in a cluster. An item without a category has precision 0.

    Amigó, Gonzalo, Artiles, Verdejo: A comparison of extrinsic clustering evaluation metrics based on formal
    constraints, Information Retrieval 12 (2009), section 5.
    """
    clustered = np.flatnonzero(np.diff(own.indptr))
    if not len(clustered):
        return None
    total = 0.0
    for first in range(0, len(clustered), _BLOCK):
        block = clustered[first : first + _BLOCK]
        shared = (own[block] @ own.T).tocsr()
        agreed = shared.minimum(other[block] @ other.T).tocsr()
        each = csr_array((1.0 / shared.data, shared.indices, shared.indptr), shape=shared.shape)
        met = csr_array((np.ones(shared.nnz), shared.indices, shared.indptr), shape=shared.shape)
        total += float(accounts[block] @ ((agreed.multiply(each).tocsr() @ accounts) / (met @ accounts)))
    return total / float(accounts[clustered].sum())


def _f1(precision: float | None, recall: float | None) -> float | None:
    if precision is None and recall is None:
        return None
    if not precision or not recall:
        return 0.0
    return 2 * precision * recall / (precision + recall)
