"""How much more often a typology's hits are what is looked for than accounts are in general."""

import math
from dataclasses import dataclass

_Z = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Lift:
    """Counts of accounts, and what follows from them; None where it would be a division by zero."""

    accounts: int
    positives: int  # of these, what is looked for
    hits: int
    hit_positives: int

    @property
    def precision(self) -> float | None:
        """Share of positives among the hits."""
        return _share(self.hit_positives, self.hits)

    @property
    def recall(self) -> float | None:
        """Share of hits among the positives."""
        return _share(self.hit_positives, self.positives)

    @property
    def rest(self) -> float | None:
        """Share of hits among the others."""
        return _share(self.hits - self.hit_positives, self.accounts - self.positives)

    @property
    def lift(self) -> float | None:
        """Precision divided by the share of positives among all accounts: 1 tells nothing."""
        return self._lifted(self.precision)

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the lift: Wilson's (1927) of the precision, with the share among all accounts as it is."""
        if not self.hits or not self.positives:
            return None
        low, high = (self._lifted(one) for one in wilson(self.hit_positives, self.hits))
        assert low is not None  # noqa: S101 - there are positives
        assert high is not None  # noqa: S101 - same
        return low, high

    def facts(self) -> dict[str, object]:
        """Counts and figures, for JSON."""
        counts = {"accounts": self.accounts, "positives": self.positives, "hits": self.hits}
        return counts | {
            "hit_positives": self.hit_positives, "precision": self.precision, "recall": self.recall,
            "hit_share_of_rest": self.rest, "lift": self.lift, "lift_95": self.interval,
        }  # fmt: skip

    def _lifted(self, precision: float | None) -> float | None:
        if precision is None or not self.positives:
            return None
        return precision * self.accounts / self.positives


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, `whole` not 0."""
    share, spread = part / whole, _Z * _Z / whole
    middle = share + spread / 2
    width = _Z * math.sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return max(0.0, (middle - width) / (1 + spread)), min(1.0, (middle + width) / (1 + spread))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
