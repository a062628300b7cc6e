"""Run every benchmark, each in a process of its own, and print their rows as one Markdown table."""

import subprocess
import sys
from pathlib import Path

SCRIPTS = ["import_police.py", "lineage.py", "windows.py", "reach.py", "traces.py", "made_worlds.py"]


def main() -> int:
    print("| what | claim | measured | Duanka | other |\n|---|---|---|---|---|", flush=True)
    failed = 0
    for name in SCRIPTS:
        script = Path(__file__).with_name(name)
        if not script.exists():
            continue
        done = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, text=True, check=False)
        print("".join(f"{line}\n" for line in done.stdout.splitlines() if line.startswith("|")), end="", flush=True)
        if done.returncode:
            failed += 1
            print(f"{name} failed; its message is above.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
