"""Payments in the making, as arrays: who pays whom how much when, what it is called, and the truth about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from duanka.synth.chance import Array

NOT_OF_A_RING = -1
OWN_DEVICE = -1
"""The payer's usual device; any other number is a row of `Devices`."""
NO_DEVICE = -2
"""Paid over no device: cash, a direct debit, a batch."""
CASH = -1
"""The account of who is no account: notes and coins."""


@dataclass(slots=True)
class Movements:
    """n payments that are meant to happen; the books decide which of them do. All arrays have length n."""

    time: NDArray[np.int64]  # seconds since 1970 UTC
    payer: NDArray[np.int32]  # row of `Accounts`, or CASH
    payee: NDArray[np.int32]  # row of `Accounts`, or CASH
    amount: NDArray[np.int64]  # 分, > 0
    word: NDArray[np.int16]  # row of `words.WORDS`
    device: NDArray[np.int32]  # row of `Devices`, OWN_DEVICE or NO_DEVICE
    ring: NDArray[np.int32]  # number of the ring whose payment it is, NOT_OF_A_RING for ordinary life
    part: NDArray[np.int8]  # row of `words.PARTS`: what the payment is in its ring; 0 for ordinary life

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: Array | slice) -> "Movements":
        """The rows that a mask or an index array chooses, in its order; those of a slice are not copied."""
        return Movements(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def in_order(self) -> "Movements":
        """By time; equal times in the order given."""
        return self.take(np.argsort(self.time, kind="stable"))

    def joined_by(self, more: "Movements") -> "Movements":
        """With more rows in their places, for rows in order; equal times in the order of the two. O(n + m log m)."""
        added = more.in_order()
        places = np.searchsorted(self.time, added.time, side="right")
        return Movements(
            *(np.insert(getattr(self, field.name), places, getattr(added, field.name)) for field in fields(self))
        )


_TYPES = (np.int64, np.int32, np.int32, np.int64, np.int16, np.int32, np.int32, np.int8)


def movements(
    time: ArrayLike,
    payer: ArrayLike,
    payee: ArrayLike,
    amount: ArrayLike,
    word: ArrayLike,
    *,
    device: ArrayLike = OWN_DEVICE,
    ring: ArrayLike = NOT_OF_A_RING,
    part: ArrayLike = 0,
) -> Movements:
    """Movements from arrays and single values; single values hold for every row. Amounts under 1 分 are left out."""
    columns: tuple[Array, ...] = np.broadcast_arrays(
        *np.atleast_1d(time, payer, payee, amount, word, device, ring, part)
    )
    typed: list[Array] = [np.ascontiguousarray(c).astype(t) for c, t in zip(columns, _TYPES, strict=True)]
    made = Movements(*typed)
    keep = (made.amount > 0) & (made.payer != made.payee)
    return made if keep.all() else made.take(keep)


def nothing() -> Movements:
    """No movement at all."""
    columns: list[Array] = [np.empty(0, dtype=t) for t in _TYPES]
    return Movements(*columns)


def to_bytes(made: Movements) -> bytes:
    """All rows, one column after the other."""
    return b"".join(getattr(made, field.name).tobytes() for field in fields(Movements))


def from_bytes(content: bytes) -> Movements:
    """What `to_bytes` made bytes of; the arrays can't be written to."""
    sizes = [np.dtype(t).itemsize for t in _TYPES]
    rows, first, columns = len(content) // sum(sizes), 0, []
    for kind, size in zip(_TYPES, sizes, strict=True):
        columns.append(np.frombuffer(content, dtype=kind, count=rows, offset=first))
        first += rows * size
    return Movements(*columns)


def together(parts: Iterable[Movements]) -> Movements:
    """All rows of all parts, one part after the other."""
    filled: Sequence[Movements] = [part for part in parts if len(part)]
    if not filled:
        return nothing()
    return Movements(*(np.concatenate([getattr(p, field.name) for p in filled]) for field in fields(Movements)))
