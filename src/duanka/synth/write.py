"""Writes a world to a folder: records to import, the truth beside them, and a manifest of what made them."""

import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path

from duanka.synth.call_records import CallRecords
from duanka.synth.canonical import Tables
from duanka.synth.generate import Booked, History, generate, slices_of
from duanka.synth.movements import Movements
from duanka.synth.paper import RECORDS, TRUTH, Paper
from duanka.synth.parameters import Parameters, SettingError
from duanka.synth.scales import Scale
from duanka.synth.standing import Standing
from duanka.synth.statistics import Figures, page
from duanka.synth.truth import Truth

STYLES = ("canonical", "police", "banks", "iso20022")
"""As what the records are written: canonical Parquet, or as institutions would hand the same world over."""

_CANONICAL = "canonical.unfinished"  # where the tables lie until they are rendered
WARNING = (
    "Made-up data. It shows whether software works as meant; it says nothing of how well anything works in the field. "
    "No number, name or person in it is real."
)
_UNFINISHED = "unfinished"
_BLOCK = 600_000
"""Payments whose strings are in memory at once."""
_OF_RINGS = 9_999
"""Number of the part with logins that rings made besides those of their payments."""

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
    history = generate(scale, seed, parameters, rings, room=out)
    tables = Tables(history)
    truth = Truth(tables)
    figures = Figures(truth, len(history.world.accounts), history.rings)
    paper = Paper(out, records)
    count = 0
    with ThreadPoolExecutor(max_workers=3) as pool:
        beside = [
            pool.submit(_write_standing, paper, tables, truth, history),
            pool.submit(_write_calls, paper, tables, scale),
        ]
        pending: Future[None] | None = None
        for booked in history.slices():
            count += len(booked)
            tell("payments", count)
            if pending is not None:
                pending.result()
            figures.add(booked)
            pending = pool.submit(_write_slice, paper, tables, truth, booked)
        if pending is not None:
            pending.result()
        tell("calls", count)
        for job in beside:
            job.result()
    tell("statistics", count)
    lines = figures.lines()
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
        raise SettingError("synth.no_style", style=style, known=", ".join(STYLES))
    ours = (out / "manifest.json").exists() or (out / _UNFINISHED).exists()
    if out.exists() and any(out.iterdir()) and not ours:
        raise SettingError("synth.not_empty", out=out)
    out.mkdir(parents=True, exist_ok=True)
    (out / _UNFINISHED).touch()
    (out / "manifest.json").unlink(missing_ok=True)
    for name in (RECORDS, TRUTH, _CANONICAL):
        shutil.rmtree(out / name, ignore_errors=True)


def _write_slice(paper: Paper, tables: Tables, truth: Truth, booked: Booked) -> None:
    for rows in booked.blocks(_BLOCK):
        paper.part(RECORDS, "transactions", tables.transactions(rows))
        paper.part(RECORDS, "sessions", tables.sessions(rows))
        paper.part(TRUTH, "transactions", truth.transactions(rows))
    for column in (*(getattr(booked.movements, field.name) for field in fields(Movements)), booked.state, booked.left,
                   booked.reached, booked.device):  # fmt: skip
        paper.count(f"{RECORDS}/transactions", column.data)


def _write_calls(paper: Paper, tables: Tables, scale: Scale) -> None:
    calls = CallRecords(tables)
    for first, last in slices_of(scale):
        frame = calls.between(first, last)
        paper.part(RECORDS, "calls", frame)
        paper.count(f"{RECORDS}/calls", str(frame.height).encode())


def _write_standing(paper: Paper, tables: Tables, truth: Truth, history: History) -> None:
    standing = Standing(tables)
    for name in ("accounts", "parties", "sims", "devices", "reports", "measures"):
        paper.table(RECORDS, name, getattr(standing, name)())
    paper.table(RECORDS, "outlets", [tables.names.outlets()])
    logins = tables.ring_sessions()
    if logins.height:
        paper.part(RECORDS, "sessions", logins, _OF_RINGS)
    for name in ("rings", "kept", "members", "controls", "innocents"):
        paper.table(TRUTH, name, [getattr(truth, name)()])
    paper.text(TRUTH, "labels.csv", truth.labels())
    for ring in history.rings:
        for name, frame in truth.platform(ring).items():
            paper.table(TRUTH, f"platform_{truth.ring_id(ring)}_{name}", [frame])
