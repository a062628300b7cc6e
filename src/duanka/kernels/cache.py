"""Where compiled kernels are kept: beside all other caches of the user, in a folder named after the kernels' sources.

Numba notices when a kernel's own file changes, but not when another file does whose code was compiled into it; after
an upgrade it would run, or stumble over, old code. A folder for each state of the sources rules that out. Folders of
other states go when they have not been used for a month.
"""

import hashlib
import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

SETTING = "NUMBA_CACHE_DIR"
"""Numba's own setting; where the user has given it, it is left alone."""

KEPT_S = 30 * 86_400
"""Seconds for which a folder is kept after its last use."""

SOURCES = ("kernels/*.py", "flow/*.py", "trace/*.py", "scoring/trees.py", "sources/bytewise.py")
"""Every file of the package whose code, or whose constants, are compiled."""

_NAME = "kernels-"


def choose() -> None:
    """Tell numba where to keep compiled code. Must run before numba is imported."""
    if SETTING in os.environ:
        return
    folder = _base() / "duanka" / f"{_NAME}{_digest()}"
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # numba then looks for a place itself
    os.environ[SETTING] = str(folder)
    with suppress(OSError):
        os.utime(folder)  # used now: files inside don't date it
        if is_new:
            _remove_unused(folder)


def _remove_unused(chosen: Path) -> None:
    """Remove the folders beside the chosen one that have long not been used.

    Several processes may do so at once. Each folder is first renamed, so that none finds it half removed; what an
    interrupted removal leaves keeps its date, and goes the next time.
    """
    unused = time.time() - KEPT_S
    for folder in chosen.parent.glob(f"{_NAME}*"):
        with suppress(OSError):
            if folder != chosen and folder.stat().st_mtime < unused:
                going = folder.with_name(f"{folder.name}.{os.getpid()}")
                shutil.rmtree(folder.rename(going), ignore_errors=True)


def _base() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _digest() -> str:
    package = Path(__file__).parents[1]
    sources = sorted(source for pattern in SOURCES for source in package.glob(pattern))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
