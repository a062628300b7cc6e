"""What warming up compiles is all that a case needs, and is known to be there."""

import json
import os
import subprocess
import sys
from pathlib import Path

from duanka import warm
from duanka.kernels.compile import is_cached
from duanka.synth.parameters import defaults
from duanka.synth.write import write_world
from handed_over import hand_over
from synth.render.worlds import SMALL

_CASE = """
import json, sys
from decimal import Decimal
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from duanka import pipeline, warm
from duanka.freezing import pipeline as freezing
from duanka.freezing.plan import Wish as Asked
from duanka.freezing.returns import Frozen
from duanka.importing import Options
from duanka.store.seeds import Seed
from duanka.trace.doctrine import Doctrine
from duanka.tracing import pipeline as tracing
from duanka.tracing.run import Wish
from handed_over import TRANSIT

def compiled():
    modules = [module for name, module in sys.modules.items() if name.startswith("duanka.")]
    kernels = {value for module in modules for value in vars(module).values() if isinstance(value, Dispatcher)}
    return sorted(f"{kernel.py_func.__name__} {types}" for kernel in kernels for types in kernel.signatures)

for part in warm.PARTS:
    warm.run(part)
warmed = compiled()
case, *paths = map(Path, sys.argv[1:])
pipeline.investigate(case, paths, options=Options(mapping=paths[0] / "mapping.yaml"))
start = [Seed("report", "示例001")]
tracing.trace(case, start, Wish(doctrines=tuple(Doctrine)))
tracing.trace(case, start, Wish("up"))
freezing.freeze_plan(case, start, Asked(3, 10.0))
freezing.returns(case, start, frozen=[Frozen(TRANSIT, Decimal(100))])
print(json.dumps([warmed, compiled()]))
"""


def test_a_case_needs_no_kernel_in_other_types_than_are_warmed_up(tmp_path: Path) -> None:
    """In a process of its own, where no other test has compiled anything, nor the making of a world."""
    write_world(SMALL, 3, defaults(), SMALL.rings, tmp_path / "world", style="police")
    arguments = [tmp_path / "case", tmp_path / "world" / "records", hand_over(tmp_path / "folder")]
    paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", _CASE, *arguments], stdout=subprocess.PIPE, check=True,
        env=os.environ | {"PYTHONPATH": paths},
    )  # fmt: skip
    warmed, needed = json.loads(done.stdout.splitlines()[-1])
    assert warmed
    assert needed == warmed
    assert any(one.startswith("_leave ") for one in needed)  # traces ran


def test_a_second_run_finds_everything_compiled() -> None:
    for part in warm.PARTS:
        warm.run(part)
    assert all(is_cached(kernel) for kernel in warm.LAST)
    assert warm.compile_kernels() == 0.0
