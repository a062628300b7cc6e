"""Detection side by side with its rivals: makes each data set, imports it, lets every method look at the same case.

Sets: demo, case or tiny of our generator (also `-plain`, `-adaptive`: none or all of the rings adapt), synthfin, amlsim
(also with its small amounts hidden), amlworld (rings only). Nothing is kept between runs unless --keep says so.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from os import environ
from pathlib import Path

from detection import child, made_up, research, synthfin
from detection.datasets import DataSet, import_files, place, split
from detection.judge import Verdict, judge
from detection.methods import BY_KEY, METHODS, Method
from detection.tables import markdown

SEEDS = (101, 102, 103)
"""Held out: nothing was tuned on these worlds."""


def main() -> int:
    arguments = _parse()
    if arguments.one:
        child.main(arguments.one, arguments.case, arguments.truth, arguments.out)
        return 0
    methods = [BY_KEY[key] for key in arguments.methods.split(",")] if arguments.methods else list(METHODS)
    verdicts: list[Verdict] = []
    chosen = data_sets(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        for number, data in enumerate(chosen):
            folder = Path(arguments.keep or temporary) / f"{data.name}-{data.run or 'all'}"
            folder.mkdir(parents=True)
            for verdict in measure(data, methods, folder, arguments.limit):
                verdicts.append(verdict)
                if arguments.json:  # after each, so that a run that is stopped was not for nothing
                    facts = json.dumps([one.facts() for one in verdicts], ensure_ascii=False, indent=1)
                    arguments.json.write_text(facts + "\n", encoding="utf-8")
            if number + 1 == len(chosen) or chosen[number + 1].name != data.name:
                print("\n".join(markdown(verdicts, data.name)), flush=True)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default="synthfin,demo,demo-adaptive,case", help="names, with commas between them")
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)), help="of our own worlds")
    parser.add_argument("--methods", default="", help=f"some of {','.join(BY_KEY)}; default: all")
    parser.add_argument("--synthfin-seed", type=int, default=synthfin.SEED)
    parser.add_argument("--synthfin-python", default=environ.get("SYNTHFIN_PYTHON", sys.executable))
    parser.add_argument("--amlsim", type=Path, default=environ.get("AMLSIM"), help="folder of AMLSim's sample")
    parser.add_argument("--amlworld", type=Path, default=environ.get("AMLWORLD"), help="AMLworld's pattern file")
    parser.add_argument("--limit", type=float, default=1_800, help="seconds after which a method is stopped")
    parser.add_argument("--keep", type=Path, help="folder for worlds, cases and scores; must not hold these yet")
    parser.add_argument("--json", type=Path, help="file for all figures, run by run")
    for name in ("--one", "--case", "--truth", "--out"):
        parser.add_argument(name, type=str if name == "--one" else Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def data_sets(arguments: argparse.Namespace) -> list[DataSet]:
    """What `--sets` names; SystemExit says what is wrong with it."""
    chosen: list[DataSet] = []
    for name in arguments.sets.split(","):
        if name in made_up.NAMES:
            chosen += [made_up.data_set(name, int(seed)) for seed in arguments.seeds.split(",")]
        elif name == "synthfin":
            chosen.append(synthfin.data_set(arguments.synthfin_seed, arguments.synthfin_python))
        elif name == "amlsim" and arguments.amlsim:
            chosen += [research.amlsim(Path(arguments.amlsim), hide_small=hidden) for hidden in (False, True)]
        elif name == "amlworld" and arguments.amlworld:
            chosen.append(research.amlworld(Path(arguments.amlworld)))
        elif name in {"amlsim", "amlworld"}:
            raise SystemExit(f"--sets {name}: say with --{name} where it lies")
        else:
            known = ", ".join((*made_up.NAMES, "synthfin", "amlsim", "amlworld"))
            raise SystemExit(f"--sets {name}: choose among {known}")
    return chosen


def measure(data: DataSet, methods: Sequence[Method], folder: Path, limit: float) -> Iterator[Verdict]:
    """Make, import, and let every method look at the case."""
    _tell(f"{data.name} {data.run}: writing and importing")
    (folder / "world").mkdir()
    files, case = data.write(folder / "world"), folder / "case"
    import_files(files, case)
    truth = place(files.truth, case)
    accounts = split(truth.labels)
    accounts.write_parquet(folder / "truth.parquet")
    for method in methods:
        if not data.accounts_are_labelled and (method.labels != "none" or method.score is not None):
            continue
        _tell(f"{data.name} {data.run}: {method.title}")
        verdict = Verdict(data.name, data.run, method.key, note=method.lacks())
        if not verdict.note:
            found = folder / method.key
            found.mkdir()
            verdict.note = _run(method, case, folder / "truth.parquet", found, limit)
            if not verdict.note:
                facts = json.loads((found / child.FACTS).read_text(encoding="utf-8"))
                verdict.seconds, verdict.peak_mb, verdict.note = (
                    facts[key] for key in ("seconds", "peak_mb", "missing")
                )
                judge(verdict, method, found, truth, accounts if data.accounts_are_labelled else None)
        yield verdict


def _run(method: Method, case: Path, truth: Path, out: Path, limit: float) -> str:
    """Run a method in a process of its own; says why it failed, if it did."""
    script = str(Path(__file__).with_name("run.py"))
    command = [sys.executable, script, "--one", method.key]
    command += ["--case", str(case), "--truth", str(truth), "--out", str(out)]
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False, timeout=limit)
    except subprocess.TimeoutExpired:
        return f"stopped after {limit:,.0f} s"
    return f"failed with code {done.returncode}" if done.returncode else ""


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
