"""How functions over arrays are compiled, and where compiled code is kept. The only room that knows numba."""

from duanka.kernels import cache

cache.choose()
