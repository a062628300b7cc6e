"""Runs the tests of store and pipeline under the other DuckDB that is supported, in an environment of its own.

    python tests/long/second_duckdb.py [FOLDER]

Makes (or reuses) FOLDER, by default `.venv-duckdb`, from `constraints.txt` with the version of DuckDB alone
replaced; anew where those have changed.
"""

import hashlib
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

VERSION = "1.5.6"
ROOT = Path(__file__).parents[2]
TESTS = ["tests/store", "tests/test_pipeline.py", "tests/test_cli.py", "tests/report"]


def main() -> int:
    """0 if all pass."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".venv-duckdb"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    ready = folder / f".ready-{VERSION}-{hashlib.sha256(constraints.encode()).hexdigest()[:8]}"
    if not ready.exists():
        venv.create(folder, with_pip=True, clear=True)
        rest = folder / "constraints.txt"
        rest.write_text(without("duckdb", constraints), encoding="utf-8")
        pip = [str(python), "-m", "pip", "install", "-q"]
        subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", str(rest)], check=True)
        subprocess.run([*pip, "--no-deps", f"duckdb=={VERSION}"], check=True)
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], check=True)
        ready.touch()
    shown = "import duckdb; print('DuckDB', duckdb.__version__)"
    subprocess.run([str(python), "-c", shown], check=True)
    return subprocess.run(
        [str(python), "-m", "pytest", "-q", *TESTS, "-m", "not long"], cwd=ROOT, check=False
    ).returncode


def without(name: str, constraints: str) -> str:
    """The constraints without the entry of one package and its hashes."""
    return re.sub(rf"(?m)^{name}==.*\n(?:[ \t]+--hash.*\n)*", "", constraints)


if __name__ == "__main__":
    sys.exit(main())
