"""Writes a world to a folder: records to import, the truth beside them, and a manifest of what made them."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path

import polars as pl

from duanka.synth.call_records import CallRecords
from duanka.synth.canonical import Tables
from duanka.synth.generate import Booked, History, generate
from duanka.synth.movements import Movements
from duanka.synth.parameters import Parameters, SettingError
from duanka.synth.scales import Scale
from duanka.synth.statistics import page, statistics
from duanka.synth.truth import Truth

RECORDS, TRUTH = "records", "truth"
STYLES = ("canonical", "police", "banks", "iso20022")
"""As what the records are written: canonical Parquet, or as institutions would hand the same world over."""

_CANONICAL = "canonical.unfinished"  # where the tables lie until they are rendered
WARNING = (
    "Made-up data. It shows whether software works as meant; it says nothing of how well anything works in the field. "
    "No number, name or person in it is real."
)
_UNFINISHED = "unfinished"

Progress = Callable[[str, int], None]
"""Told what is being made, and how many payments there are so far."""


def write_world(
    scale: Scale,
    seed: int,
    parameters: Parameters,
    rings: dict[str, int],
    out: Path,
    *,
    style: str = "canonical",
    progress: Progress | None = None,
) -> dict[str, object]:
    """Make a world and write it; returns the manifest, which is written last. Memory is bounded by one slice of days.

    `out/records` is what an institution would hand over, `out/truth` what nobody hands over. A world that lies there
    already is replaced; SettingError if something else does, so that no folder is emptied by mistake.
    """
    started = time.perf_counter()
    tell = progress or (lambda _what, _count: None)
    _clear_the_ground(out, style)
    records = RECORDS if style == "canonical" else _CANONICAL
    tell("world", 0)
    history = generate(scale, seed, parameters, rings)
    tables = Tables(history)
    truth = Truth(tables)
    paper = _Paper(out, records)
    count = 0
    with ThreadPoolExecutor(max_workers=3) as pool:
        beside = [
            pool.submit(_write_static, paper, tables, truth, history),
            pool.submit(_write_calls, paper, CallRecords(tables), scale),
        ]
        pending: Future[None] | None = None
        for number, booked in enumerate(history.slices()):
            count += len(booked)
            tell("payments", count)
            if pending is not None:
                pending.result()
            pending = pool.submit(_write_slice, paper, tables, truth, booked, number)
        if pending is not None:
            pending.result()
        tell("calls", count)
        for job in beside:
            job.result()
    tell("statistics", count)
    lines = statistics(out / records, out / TRUTH)
    title = f"duanka synth {scale.name} --seed {seed}"
    (out / "statistics.html").write_text(page(lines, title, WARNING), encoding="utf-8")
    if style != "canonical":
        from duanka.synth.render import render  # noqa: PLC0415 - XML and the formats' own libraries, seldom needed

        tell("render", count)
        render(out / _CANONICAL, out / RECORDS, style, seed)
        shutil.rmtree(out / _CANONICAL)
    manifest = {
        "warning": WARNING, "scale": scale.name, "seed": seed, "style": style, "rings": rings,
        "transactions": count,
        "accounts": len(history.world.accounts), "people": len(history.world.people),
        "from": scale.start.isoformat(), "days": scale.days, "zone": "Asia/Shanghai",
        "content": paper.contents(), "duanka": version("duanka"),
        "statistics": {line.key: asdict(line) for line in lines},
        "parameters": {name: parameter.value for name, parameter in parameters.all.items()},
        "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip
    (out / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (out / _UNFINISHED).unlink()
    return manifest


def _clear_the_ground(out: Path, style: str) -> None:
    if style not in STYLES:
        raise SettingError(f"--as {style}: choose among {', '.join(STYLES)}")
    ours = (out / "manifest.json").exists() or (out / _UNFINISHED).exists()
    if out.exists() and any(out.iterdir()) and not ours:
        raise SettingError(f"{out} holds something else: name a new or empty folder")
    out.mkdir(parents=True, exist_ok=True)
    (out / _UNFINISHED).touch()
    (out / "manifest.json").unlink(missing_ok=True)
    for name in (RECORDS, TRUTH, _CANONICAL):
        shutil.rmtree(out / name, ignore_errors=True)


class _Paper:
    """Parquet files under a folder, and a hash of what is in each table. Threads may write different tables at once."""

    def __init__(self, out: Path, records: str) -> None:
        self._out, self._records = out, records
        self._hashes: dict[str, hashlib._Hash] = {}

    def put(self, place: str, table: str, frame: pl.DataFrame, *, part: int | None = None) -> None:
        """Write a table, or one part of it, and add it to the table's hash."""
        name = f"{table}.parquet" if part is None else f"{table}/part-{part:04d}.parquet"
        path = self._out / (self._records if place == RECORDS else place) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path, compression="zstd", compression_level=1, statistics=False)
        if part is None:
            self.count(f"{place}/{table}", frame.write_csv().encode())

    def write(self, place: str, name: str, text: str) -> None:
        """Write a text file."""
        (self._out / place / name).write_text(text, encoding="utf-8")
        self.count(f"{place}/{name}", text.encode())

    def count(self, name: str, content: bytes) -> None:
        """Add to a table's hash."""
        self._hashes.setdefault(name, hashlib.sha256()).update(content)

    def contents(self) -> dict[str, str]:
        """SHA-256 of each table's values, whatever the file format does to them."""
        return {name: found.hexdigest() for name, found in sorted(self._hashes.items())}


def _write_slice(paper: _Paper, tables: Tables, truth: Truth, booked: Booked, number: int) -> None:
    paper.put(RECORDS, "transactions", tables.transactions(booked), part=number)
    paper.put(RECORDS, "sessions", tables.sessions(booked), part=number)
    paper.put(TRUTH, "transactions", truth.transactions(booked), part=number)
    for column in (*(getattr(booked.movements, field.name) for field in fields(Movements)), booked.state, booked.left,
                   booked.reached, booked.device):  # fmt: skip
        paper.count(f"{RECORDS}/transactions", column.tobytes())


def _write_calls(paper: _Paper, calls: CallRecords, scale: Scale) -> None:
    for number, first in enumerate(range(scale.first_day, scale.last_day, scale.slice_days)):
        frame = calls.between(first, min(first + scale.slice_days, scale.last_day))
        paper.put(RECORDS, "calls", frame, part=number)
        paper.count(f"{RECORDS}/calls", str(frame.height).encode())


def _write_static(paper: _Paper, tables: Tables, truth: Truth, history: History) -> None:
    paper.put(RECORDS, "accounts", tables.accounts())
    paper.put(RECORDS, "parties", tables.parties())
    paper.put(RECORDS, "sims", tables.sims())
    paper.put(RECORDS, "devices", tables.devices())
    paper.put(RECORDS, "outlets", tables.names.outlets())
    for name, frame in (("reports", tables.reports()), ("measures", tables.measures())):
        if frame.height:
            paper.put(RECORDS, name, frame)
    logins = tables.ring_sessions()
    if logins.height:
        paper.put(RECORDS, "sessions", logins, part=9_999)
    for name in ("rings", "members", "controls", "innocents"):
        paper.put(TRUTH, name, getattr(truth, name)())
    paper.write(TRUTH, "labels.csv", truth.labels().write_csv())
    for ring in history.rings:
        for name, frame in truth.platform(ring).items():
            paper.put(TRUTH, f"platform_{truth.ring_id(ring)}_{name}", frame)
