"""Detection side by side with its rivals, in one run: `python benchmarks/detection/run.py --help`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from detection.runner import main

    raise SystemExit(main())
