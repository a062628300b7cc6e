"""What warming up compiles is all that a case needs, and is known to be there."""

import json
import subprocess
import sys
from pathlib import Path

from duanka import warm
from duanka.flow.order import _claim_all
from duanka.kernels.compile import is_cached
from duanka.synth.parameters import defaults
from duanka.synth.write import write_world
from handed_over import hand_over
from synth.render.worlds import SMALL

_CASE = """
import json, sys
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from duanka import pipeline, warm
from duanka.importing import Options

def compiled():
    modules = [module for name, module in sys.modules.items() if name.startswith("duanka.")]
    kernels = {value for module in modules for value in vars(module).values() if isinstance(value, Dispatcher)}
    return sorted(f"{kernel.py_func.__name__} {types}" for kernel in kernels for types in kernel.signatures)

for part in warm.PARTS:
    warm.run(part)
warmed = compiled()
case, *paths = map(Path, sys.argv[1:])
pipeline.investigate(case, paths, options=Options(mapping=paths[0] / "mapping.yaml"))
print(json.dumps([warmed, compiled()]))
"""


def test_a_case_needs_no_kernel_in_other_types_than_are_warmed_up(tmp_path: Path) -> None:
    """In a process of its own, where no other test has compiled anything, nor the making of a world."""
    write_world(SMALL, 3, defaults(), SMALL.rings, tmp_path / "world", style="police")
    arguments = [tmp_path / "case", tmp_path / "world" / "records", hand_over(tmp_path / "folder")]
    done = subprocess.run([sys.executable, "-c", _CASE, *arguments], stdout=subprocess.PIPE, check=True)
    warmed, needed = json.loads(done.stdout.splitlines()[-1])
    assert warmed
    assert needed == warmed


def test_a_second_run_finds_everything_compiled() -> None:
    for part in warm.PARTS:
        warm.run(part)
    assert is_cached(_claim_all)
    assert warm.compile_kernels() == 0.0
