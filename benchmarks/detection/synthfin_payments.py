"""Run by an interpreter that has `synthfin-aml`: SEED OUT writes its payments as Parquet.

The package's own `__init__` imports torch, so its generator is loaded by the place of its file.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Any

AGENTS, DAYS, FRAUD = 100_000, 30, 0.02


def generator() -> Any:  # noqa: ANN401 - a module without types
    """The module `generator` of the package. ModuleNotFoundError says what to install."""
    package = importlib.util.find_spec("synthfin_aml_pkg")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("no synthfin-aml here: see benchmarks/detection/synthfin.py for how to install it")
    path = Path(package.submodule_search_locations[0]) / "generator.py"
    spec = importlib.util.spec_from_file_location("synthfin_generator", path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"{path} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main(seed: int, out: Path) -> None:
    made = generator().FraudGraphGenerator(seed=seed)
    made.generate_transactions(agents=AGENTS, days=DAYS, fraud_ratio=FRAUD)
    made.transactions.to_parquet(out)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
