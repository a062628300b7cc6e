"""Sums of many small decision trees, for millions of rows: each tree's leaf is found without walking through the tree.

A value above a split's threshold rules out all leaves on the split's left. So what a feature rules out follows from how
many thresholds are below its value; the first leaf that none rules out is the row's (QuickScorer: Lucchese and others,
SIGIR 2015). All trees are looked at together, the leaves of each as the bits of one number.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import Float32, Int64
from duanka.kernels.compile import kernel

LEAVES = 32
"""Leaves of a tree at most."""

Float64 = NDArray[np.float64]
_Bits = NDArray[np.uint32]

_ALL = np.uint32(0xFFFFFFFF)
_BRUIJN = 0x077CB531  # shifted by each of 0 … 31 its upper five bits differ
_EXPONENT = np.argsort([(_BRUIJN << bit & 0xFFFFFFFF) >> 27 for bit in range(32)])


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees whose leaves are numbered from the left."""

    begin: Int64  # per feature, and one more: where its thresholds begin
    threshold: Float64  # of each feature ascending
    stays: _Bits  # (thresholds + features, trees): leaves that stay, by how many thresholds of a feature are below
    value: Float64  # (trees, LEAVES)
    base: float

    def sums(self, features: Float32) -> Float32:
        """The base and the values of the leaves of each row, (m, features), added in the order of the trees.

        No feature may be NaN. O(m · features · (trees + log thresholds)).
        """
        found = np.empty(len(features), np.float32)
        _sum(features, self.begin, self.threshold, self.stays, self.value, self.base, _EXPONENT, found)
        return found


def trees_of(classifier: Any, features: int) -> Trees:  # noqa: ANN401 - of scikit-learn, which has no types
    """The trees of a fitted HistGradientBoostingClassifier of two classes; their sums are its decision function."""
    trees = [one.nodes for (one,) in classifier._predictors]  # noqa: SLF001 - it offers no other way to them
    value = np.zeros((len(trees), LEAVES))
    splits: list[tuple[int, float, int, int]] = []  # feature, threshold, tree, leaves on the left
    for tree, nodes in enumerate(trees):
        leaves: list[float] = []
        _below(nodes.tolist(), nodes.dtype.names, 0, tree, leaves, splits)
        value[tree, : len(leaves)] = leaves
    thresholds = [np.unique([split[1] for split in splits if split[0] == feature]) for feature in range(features)]
    begin = np.cumsum([0, *map(len, thresholds)])
    stays = np.full((int(begin[-1]) + features, len(trees)), _ALL)
    for feature, threshold, tree, left in splits:
        above = int(begin[feature]) + feature + int(np.searchsorted(thresholds[feature], threshold)) + 1
        stays[above : begin[feature + 1] + feature + 1, tree] &= ~np.uint32(left)
    return Trees(begin, np.concatenate(thresholds), stays, value, float(classifier._baseline_prediction[0, 0]))  # noqa: SLF001


def _below(
    nodes: list[tuple[Any, ...]],
    names: tuple[str, ...],
    at: int,
    tree: int,
    leaves: list[float],
    splits: list[tuple[int, float, int, int]],
) -> int:
    """Number the leaves below a node, note the splits; the leaves as bits."""
    node = dict(zip(names, nodes[at], strict=True))
    if node["is_leaf"]:
        leaves.append(node["value"])
        return 1 << (len(leaves) - 1)
    left, right = (_below(nodes, names, node[side], tree, leaves, splits) for side in ("left", "right"))
    splits.append((node["feature_idx"], node["num_threshold"], tree, left))
    return left | right


@kernel
def _sum(
    features: Float32,
    begin: Int64,
    threshold: Float64,
    stays: _Bits,
    value: Float64,
    base: float,
    exponent: Int64,
    found: Float32,
) -> None:
    alive = np.empty(len(value), np.uint32)
    for row in range(len(features)):
        for tree in range(len(value)):
            alive[tree] = _ALL
        for feature in range(features.shape[1]):
            here = np.float64(features[row, feature])
            low = begin[feature]
            high = begin[feature + 1]
            while low < high:
                middle = (low + high) >> 1
                if threshold[middle] < here:
                    low = middle + 1
                else:
                    high = middle
            still = stays[low + feature]
            for tree in range(len(value)):
                alive[tree] &= still[tree]
        total = base
        for tree in range(len(value)):
            bits = np.int64(alive[tree])
            first = (((bits & -bits) * _BRUIJN) & 0xFFFFFFFF) >> 27
            total += value[tree, exponent[first]]
        found[row] = total
