"""How people and rings cut sums: as people choose them, in uneven pieces, or just below limits."""

from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Array, Ints, lognormal

YUAN = 100
"""分."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly and in what pieces a tier hands on."""

    median: float  # seconds from the last receipt of a batch to the first payment
    spread: float  # sigma of the logarithm
    fewest: int  # pieces of a batch
    most: int
    least: int  # 分: pieces are not smaller, unless the batch is
    largest: int  # 分: pieces are not larger
    step: float = 38  # median seconds between pieces


def chosen_sums(chance: np.random.Generator, amounts: Array) -> Ints:
    """Sums as people choose them, not above these: mostly whole hundreds or thousands, some to the yuan or cent. 分."""
    draw = chance.random(len(amounts))
    unit = np.where(amounts >= 10_000 * YUAN, 1_000, np.where(amounts >= 500 * YUAN, 100, 10)) * YUAN
    unit = np.select([draw < 0.58, draw < 0.8], [unit, np.full(len(unit), YUAN)], 1)
    whole = np.asarray(amounts).astype(np.int64)
    down = whole // unit * unit
    return np.where(down > 0, down, whole)


def uneven(chance: np.random.Generator, amount: Ints, pace: Pace, empties: float) -> tuple[Ints, Ints]:
    """Each sum in uneven pieces: the row of `amount` and the piece (分); a share `empties` of the sums leave nothing.

    Pieces never sum to more than theirs. O(pieces).
    """
    count = chance.integers(pace.fewest, pace.most + 1, len(amount))
    needed = -(-amount * 10 // (pace.largest * 7))
    count = np.maximum(np.minimum(count, np.maximum(amount // pace.least, 1)), needed)
    of = np.repeat(np.arange(len(amount)), count)
    first = np.cumsum(count) - count
    weight = chance.gamma(4.0, 1.0, len(of))
    raw = amount[of] * (weight / np.add.reduceat(weight, first)[of])
    piece = chosen_sums(chance, np.minimum(raw, pace.largest))
    rest = amount - np.add.reduceat(piece, first)
    final = first + count - 1
    all_of_it = (chance.random(len(amount)) < empties) & (piece[final] + rest <= pace.largest)
    piece[final] += np.where(all_of_it | (rest < 0), rest, 0)
    return of, piece


def near_limit(chance: np.random.Generator, limit: Ints) -> Ints:
    """Sums just below a limit (分): most round, none above."""
    yuan = limit * chance.uniform(0.9, 0.999, len(limit)) / 100
    unit = np.where(chance.random(len(limit)) < 0.7, np.where(limit >= 2_000_000, 500, 50), 1)
    rounded = np.floor(yuan / unit) * unit
    cents = chance.random(len(limit)) < 0.12
    return np.round(np.where(cents, np.round(yuan, 2), rounded) * 100).astype(np.int64)


def below_limits(chance: np.random.Generator, amount: Ints, limit: Ints) -> tuple[Ints, Ints]:
    """Each sum in pieces just below its limit, and one of what remains: the row of `amount`, and the piece (分)."""
    count = -(-amount * 100 // (np.maximum(limit, 100) * 85))
    of = np.repeat(np.arange(len(amount)), count)
    piece = near_limit(chance, np.maximum(limit, 100)[of])
    heap = np.cumsum(piece)
    first = np.cumsum(count) - count
    before = heap - piece - np.repeat(np.append(0, heap)[first], count)
    piece = np.minimum(piece, amount[of] - before)
    return of[piece > 0], piece[piece > 0]


def paced(chance: np.random.Generator, start: Ints, of: Ints, pace: Pace) -> Ints:
    """Moments of pieces that follow each other after a wait; `of`, in order, is each one's row of `start`. Seconds."""
    first = np.flatnonzero(np.diff(of, prepend=-1))
    step = np.maximum(lognormal(chance, pace.step, 0.8, len(of)), 6)
    step[first] = np.maximum(lognormal(chance, pace.median, pace.spread, len(start))[of[first]], 4)
    since = np.cumsum(step)
    before = np.repeat(since[first] - step[first], np.diff(np.append(first, len(of))))
    moments: Ints = start[of] + (since - before).astype(np.int64)
    return moments
