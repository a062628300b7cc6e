"""How kernels are compiled, and what keeps that short, since the first user waits for it.

A kernel goes over arrays element by element. Numpy makes, sorts, searches and sums them around it: inside a kernel
`a[:] = b`, `a[:, i] = (x, y)`, `a[b]`, `np.unique`, `np.where` and the like cost up to three seconds each to compile,
and more in every kernel that calls that one, for LLVM optimises a kernel anew within each of its callers.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])

_njit: Any = njit  # its types know neither all of its options nor that what it compiles is called like the original


def kernel(function: Function) -> Function:
    """Compile the function on first use, and cache it; it runs beside other threads, without the interpreter's lock.

    A wrapper for callers in C, a sixth of the time, is left out.
    """
    compiled: Function = _njit(cache=True, no_cfunc_wrapper=True, nogil=True)(function)
    return compiled


def inlined(function: Function) -> Function:
    """Compile the function as part of its callers: for a large one with a single caller, to save one level."""
    compiled: Function = _njit(cache=True, inline="always")(function)
    return compiled


def is_cached(function: Any) -> bool:  # noqa: ANN401 - a dispatcher of numba's, which has no types
    """Whether numba's cache holds a kernel, for whatever types of arguments."""
    folder = Path(function.stats.cache_path or ".")
    name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
    return any(folder.glob(f"{name}-*.nbi"))
