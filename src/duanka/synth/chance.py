"""Chance that can be repeated: a named stream for each part of the world, and a hash for picks that need no memory.

A stream depends on the seed and its name alone, so that the world is the same whatever the order or the number of
threads in which its parts are made.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]

_ADD, _MUL_1, _MUL_2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The generator of one named part of the world."""
    words = "/".join(str(name) for name in names)
    key = int.from_bytes(hashlib.blake2b(words.encode(), digest_size=16).digest(), "little")
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, key])))


def scatter(values: NDArray[np.generic], salt: int) -> Bits:
    """Well-mixed 64 bits of each value: splitmix64 (Steele, Lea, Flood 2014). The same value gives the same bits."""
    with np.errstate(over="ignore"):
        bits = values.astype(np.uint64) + _ADD * np.uint64(salt + 1)
        bits = (bits ^ (bits >> np.uint64(30))) * _MUL_1
        bits = (bits ^ (bits >> np.uint64(27))) * _MUL_2
        return bits ^ (bits >> np.uint64(31))


def share(values: NDArray[np.generic], salt: int) -> Floats:
    """A number in [0, 1) of each value, always the same one."""
    return (scatter(values, salt) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def below(values: NDArray[np.generic], salt: int, bound: int | Ints) -> Ints:
    """A whole number in [0, bound) of each value, always the same one. Bounds must be under 2**31."""
    high = scatter(values, salt) >> np.uint64(33)
    return ((high * np.asarray(bound, dtype=np.uint64)) >> np.uint64(31)).astype(np.int64)


def lognormal(chance: np.random.Generator, median: float, sigma: float, size: int) -> Floats:
    """Lognormal by its median; sigma is that of the logarithm."""
    drawn: Floats = median * np.exp(sigma * chance.standard_normal(size))
    return drawn


def normal(values: Array, salt: int) -> Floats:
    """A standard normal number of each value, always the same one (Box and Muller 1958)."""
    drawn: Floats = np.sqrt(-2 * np.log(1 - share(values, salt))) * np.cos(2 * np.pi * share(values, salt + 1_000))
    return drawn


def drawn(chance: np.random.Generator, quantiles: tuple[float, ...], values: tuple[float, ...], size: int) -> Floats:
    """Numbers whose quantiles are these; straight lines between them."""
    return np.interp(chance.random(size), quantiles, values)
