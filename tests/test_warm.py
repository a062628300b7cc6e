"""What warming up compiles is all that a case needs, and is known to be there."""

import json
import subprocess
import sys
from pathlib import Path

from duanka import warm
from duanka.flow.order import _claim_all
from duanka.kernels.compile import is_cached

_DEMO = """
import json, sys
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from duanka import demo, pipeline, warm

def compiled():
    modules = [module for name, module in sys.modules.items() if name.startswith("duanka.")]
    kernels = {value for module in modules for value in vars(module).values() if isinstance(value, Dispatcher)}
    return sorted(f"{kernel.py_func.__name__} {types}" for kernel in kernels for types in kernel.signatures)

for part in warm.PARTS:
    warm.run(part)
warmed = compiled()
with demo.files() as (folder, seeds):
    pipeline.investigate(Path(sys.argv[1]), [folder], seeds=seeds)
print(json.dumps([warmed, compiled()]))
"""


def test_a_case_needs_no_kernel_in_other_types_than_are_warmed_up(tmp_path: Path) -> None:
    """In a process of its own, where no other test has compiled anything."""
    done = subprocess.run([sys.executable, "-c", _DEMO, tmp_path / "case"], stdout=subprocess.PIPE, check=True)
    warmed, needed = json.loads(done.stdout.splitlines()[-1])
    assert warmed
    assert needed == warmed


def test_a_second_run_finds_everything_compiled() -> None:
    for part in warm.PARTS:
        warm.run(part)
    assert is_cached(_claim_all)
    assert warm.compile_kernels() == 0.0
