"""Making the reference case, canonical and with its truth, in a process of its own: payments a second, and memory."""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median


def make(scale_name: str, seed: int) -> dict[str, float]:
    """Write a world to a folder that is thrown away. The kernel of the books is compiled before the clock starts."""
    from duanka.synth.parameters import defaults  # noqa: PLC0415 - only in the process that is measured
    from duanka.synth.scales import SCALES  # noqa: PLC0415
    from duanka.synth.write import write_world  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        write_world(SCALES["tiny"], seed, defaults(), {}, Path(folder) / "tiny")
        started = time.perf_counter()
        scale = SCALES[scale_name]
        manifest = write_world(scale, seed, defaults(), scale.rings, Path(folder) / "world")
        return {"seconds": time.perf_counter() - started, "payments": float(str(manifest["transactions"]))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="case")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", action="store_true")
    arguments = parser.parse_args()
    if arguments.one:
        facts = make(arguments.scale, arguments.seed)
        print(json.dumps(facts | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return
    command = [sys.executable, __file__, "--one", "--scale", arguments.scale, "--seed", str(arguments.seed)]
    runs = [
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
        for _ in range(arguments.runs)
    ]
    speed = median(run["payments"] / run["seconds"] for run in runs)
    seconds, peak = median(run["seconds"] for run in runs), max(run["peak_mb"] for run in runs)
    what = f"made-up world `{arguments.scale}`, {runs[0]['payments']:,.0f} payments"
    claim = "≥ 300,000 payments/s, ≤ 60 s, ≤ 4 GB"
    print(f"| {what} | {claim} | {speed:,.0f} payments/s | {seconds:.1f} s, {peak:,.0f} MB | – |")


if __name__ == "__main__":
    main()
