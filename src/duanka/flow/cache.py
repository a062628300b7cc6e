"""Where compiled kernels are kept: beside all other caches of the user, in a folder named after the kernels' sources.

Numba notices when a kernel's own file changes, but not when another file does whose code was compiled into it; after
an upgrade it would run, or stumble over, old code. A folder for each state of the sources rules that out.
"""

import hashlib
import os
import sys
from pathlib import Path

SETTING = "NUMBA_CACHE_DIR"
"""Numba's own setting; where the user has given it, it is left alone."""


def choose() -> None:
    """Tell numba where to keep compiled code. Must run before numba is imported."""
    if SETTING in os.environ:
        return
    folder = _base() / "duanka" / f"kernels-{_digest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # numba then looks for a place itself
    os.environ[SETTING] = str(folder)


def _base() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _digest() -> str:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
