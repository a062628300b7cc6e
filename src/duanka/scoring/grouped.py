"""Numbers by node: sums that are exact in whatever order the numbers come, and quantiles."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import Bool, Int64

Float64 = NDArray[np.float64]

_UNIT = 2.0**20


def fixed(values: NDArray[Any]) -> Float64:
    """The nearest multiples of 2**-20. Sums of such numbers are exact below 2**33, so no order of adding shows."""
    result: Float64 = np.rint(values.astype(np.float64) * _UNIT) / _UNIT
    return result


class Grouped:
    """Numbers of `nodes` nodes, sorted within each. NaN stands for whatever a node without numbers does not have."""

    def __init__(self, node: NDArray[Any], values: NDArray[Any], nodes: int) -> None:
        """O(n log n)."""
        rounded = fixed(values)
        order = np.lexsort((rounded, node))
        self.values: Float64 = rounded[order]
        self.node: NDArray[Any] = node[order]
        self.count: Int64 = np.bincount(node, minlength=nodes)
        self._from = np.cumsum(self.count) - self.count
        self._nodes = nodes

    def total(self, values: Float64 | None = None) -> Float64:
        """Sum per node, 0 for none; `values` in this object's order stand instead of its own."""
        return np.bincount(self.node, self.values if values is None else values, self._nodes).astype(np.float64)

    def mean(self) -> Float64:
        """Mean per node."""
        return share(self.total(), self.count)

    def spread(self) -> Float64:
        """Standard deviation per node, over all of its numbers."""
        far = self.values - self.mean()[self.node]
        return np.sqrt(share(self.total(fixed(far * far)), self.count))

    def quantile(self, part: float) -> Float64:
        """Quantile per node, linear between neighbours: 0 is the least, 1 the largest."""
        place = part * np.maximum(self.count - 1, 0)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(self.count - 1, 0))
        left, right = self._at(low), self._at(high)
        return left + (right - left) * (place - low)

    def largest(self, place: int) -> Float64:
        """The largest but `place` per node (0 = the largest); NaN where there are not so many."""
        return np.where(self.count > place, self._at(np.maximum(self.count - 1 - place, 0)), np.nan)

    def commonest(self) -> Float64:
        """Of each node's numbers, the share that are the number it has most often."""
        if not len(self.values):
            return np.full(self._nodes, np.nan)
        new = np.ones(len(self.values), np.bool_)
        new[1:] = (self.values[1:] != self.values[:-1]) | (self.node[1:] != self.node[:-1])
        starts = np.flatnonzero(new)
        most = np.zeros(self._nodes, np.int64)
        np.maximum.at(most, self.node[starts], np.diff(np.append(starts, len(new))))
        return share(most, self.count)

    def different(self) -> Int64:
        """How many different numbers each node has."""
        new = np.ones(len(self.values), np.bool_)
        new[1:] = (self.values[1:] != self.values[:-1]) | (self.node[1:] != self.node[:-1])
        return np.bincount(self.node[new], minlength=self._nodes)

    def _at(self, place: Int64) -> Float64:
        if not len(self.values):
            return np.full(self._nodes, np.nan)
        return np.where(self.count > 0, self.values[np.minimum(self._from + place, len(self.values) - 1)], np.nan)


def share(part: NDArray[Any], whole: NDArray[Any]) -> Float64:
    """`part / whole`, NaN where the whole is 0."""
    result = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=result, where=np.broadcast_to(np.asarray(whole) != 0, np.shape(part)))
    return result


def counted(node: NDArray[Any], which: Bool, nodes: int) -> Int64:
    """How many of a node's rows are `which`."""
    return np.bincount(node[which], minlength=nodes)
