"""Frozen money back to its victims: direct where it is visibly theirs, the rest in proportion, exact to the cent."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import Bool, Int64
from duanka.trace.exact import share


@dataclass(frozen=True, slots=True)
class Returns:
    """c claims, a accounts; minor units. Per account: direct + in proportion + review + rest = frozen, exactly."""

    direct: Int64  # (c, a): visibly this claim's (返还规定, modes 1 and 2)
    proportional: Int64  # (c, a): its share of what is not visibly anybody's (mode 3; 法释〔2011〕7号 art. 9)
    review: Int64  # a: at a holder who may have acquired it in good faith: not proposed, to be decided first (art. 10)
    rest: Int64  # a: not proposed: not traced money under any doctrine, or more than all losses

    @property
    def by_claim(self) -> Int64:
        """What each claim gets."""
        found: Int64 = (self.direct + self.proportional).sum(axis=1)
        return found


def shared_out(frozen: Int64, most: Int64, visible: Int64, loss: Int64, review: Bool) -> Returns:
    """Share what is frozen at a accounts among c claims.

    `frozen` per account; `most`, the most traced money that may lie there; `visible` (c, a), what of it is visibly each
    claim's; `loss` per claim, less what it got back before. Directly each claim gets what is visibly its own, as far as
    it is frozen and the claim has lost it; where the visible money of several is more than that, in proportion to it.
    What is left of the traced money is one total over all accounts, as the rule has it, and is shared by what each
    claim has still lost; none gets more than its loss. Units left over go to the largest remainders, the first of
    equals.

    Raises ValueError if shapes differ or anything is negative. O(c · a).
    """
    claims, accounts = visible.shape
    if not (len(frozen) == len(most) == len(review) == accounts and len(loss) == claims):
        raise ValueError(f"There are {claims} claims and {accounts} accounts; give one value for each.")
    if min((int(one.min()) for one in (frozen, most, visible, loss) if one.size), default=0) < 0:
        raise ValueError("Amounts to be shared out can't be negative.")
    open_ = np.where(review, 0, np.minimum(frozen, most))
    owed = loss.astype(np.int64).copy()
    direct = np.zeros_like(visible, dtype=np.int64)
    for account in range(accounts):
        own = np.minimum(visible[:, account], owed)
        direct[:, account] = _parts(min(int(open_[account]), int(own.sum())), own)
        owed -= direct[:, account]
    pool = open_ - direct.sum(axis=0)
    entitled = _parts(min(int(pool.sum()), int(owed.sum())), owed)
    proportional = np.zeros_like(direct)
    each = _parts(int(entitled.sum()), pool)
    for account in range(accounts):
        proportional[:, account] = _parts(int(each[account]), entitled)
        entitled = entitled - proportional[:, account]
    kept = np.where(review, frozen, 0)
    rest = frozen - kept - direct.sum(axis=0) - proportional.sum(axis=0)
    return Returns(direct, proportional, kept, rest)


def _parts(total: int, weights: Int64) -> Int64:
    """`total` in proportion to the weights, which sum to at least that."""
    count = len(weights)
    parts, spare = np.zeros(count, np.int64), np.zeros(2 * count + 2, np.int64)
    share(total, np.ascontiguousarray(weights, np.int64), int(weights.sum()), count, parts, spare)
    return parts
