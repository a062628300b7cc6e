"""The page's figures against a slow twin that reads them off the written files, payment by payment."""

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
import polars as pl
import pytest

from duanka.synth import statistics
from duanka.synth.canonical import Tables
from duanka.synth.generate import generate
from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.synth.statistics import Figures
from duanka.synth.truth import Truth
from duanka.synth.write import write_world

BEIJING = timezone(timedelta(hours=8))
Row = dict[str, Any]
Side = tuple[bool, str, int, int]
"""Whether it came in, the other account, 分, hour of the day."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    out = tmp_path_factory.mktemp("world")
    manifest = write_world(SCALES["tiny"], 4, defaults(), SCALES["tiny"].rings, out)
    lines: Any = manifest["statistics"]
    return out, lines


def rows_of(folder: Path) -> list[Row]:
    rows = pl.read_parquet(folder / "records" / "transactions" / "*.parquet")
    truth = pl.read_parquet(folder / "truth" / "transactions" / "*.parquet")
    return rows.filter(status="success").join(truth, on="external_id", how="left").sort("time").to_dicts()


def test_classes_are_told_apart_as_a_slow_reader_would(world: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    folder, lines = world
    with (folder / "truth" / "labels.csv").open(encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    members = {row["account_id"] for row in labels if row["label"] == "1"}
    everybody = {row["account_id"] for row in labels}
    assert lines["base_rate"]["members"] == pytest.approx(100 * len(members) / len(everybody))
    sides: dict[str, list[Side]] = defaultdict(list)
    for row in rows_of(folder):
        for own, other in (("payer", "payee"), ("payee", "payer")):
            sides[row[own]].append((own == "payee", row[other], row["amount"], row["time"].astimezone(BEIJING).hour))
    both = {a: found for a, found in sides.items() if a and len({received for received, *_ in found}) == 2}
    measures: dict[str, Callable[[list[Side]], float]] = {
        "volume": lambda found: sum(amount for _, _, amount, _ in found) / 100,
        "partners": lambda found: len({other for _, other, _, _ in found}),
        "payers": lambda found: len({other for received, other, _, _ in found if received}),
        "payees": lambda found: len({other for received, other, _, _ in found if not received}),
        "near_limit": lambda found: 100 * mean(4_500_000 <= amount < 5_000_000 for _, _, amount, _ in found),
        "round": lambda found: 100 * mean(amount % 100_000 == 0 for _, _, amount, _ in found),
        "night": lambda found: 100 * mean(hour >= 23 or hour < 6 for *_, hour in found),
    }
    for key, measure in measures.items():
        middle = median if key in {"volume", "partners", "payers", "payees"} else mean
        for side, chosen in (("members", members), ("others", everybody - members)):
            expected = middle([measure(found) for account, found in both.items() if account in chosen])
            assert lines[key][side] == pytest.approx(expected), (key, side)


def test_rings_are_measured_as_a_slow_reader_would(world: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    folder, lines = world
    own = [row for row in rows_of(folder) if row["ring_id"] is not None]
    deposits = [row for row in own if row["part"] == "deposit"]
    assert lines["deposit_mean"]["members"] == pytest.approx(mean(row["amount"] for row in deposits) / 100)
    busy: dict[object, int] = defaultdict(int)
    for row in deposits:
        busy[row["payee"], row["time"].astimezone(BEIJING).date()] += 1
    assert lines["receipts_a_day"]["members"] == pytest.approx(median(busy.values()))
    cards = set(
        pl.read_parquet(folder / "truth" / "members.parquet")
        .filter(pl.col("role").is_in(["collection", "transit", "payout"]))["account_id"]
    )  # fmt: skip
    turnover: dict[str, int] = defaultdict(int)
    for row in own:
        if row["payee"] in cards and row["part"] not in {"margin", "cover", "commission"}:
            turnover[row["payee"]] += row["amount"]
    assert lines["turnover_median"]["members"] == pytest.approx(median(turnover.values()) / 100)
    assert lines["turnover_most"]["members"] == pytest.approx(max(turnover.values()) / 100)
    left = defaultdict(list)
    for row in own:
        if row["part"] in {"forward", "cash_out", "settlement"}:
            left[row["ring_id"], row["payer"]].append(row["time"])
    waits = [
        (times[place] - row["time"]).total_seconds() / 60
        for row in own
        if (times := left.get((row["ring_id"], row["payee"])))
        and (place := int(np.searchsorted(times, row["time"]))) < len(times)
    ]
    assert lines["forward_minutes"]["members"] == pytest.approx(median(waits))
    reports = folder / "records" / "reports.parquet"
    told = pl.read_parquet(reports)["amount"].sum() if reports.exists() else 0
    expected = 100 * told / sum(row["amount"] for row in deposits)
    assert lines["reported"]["members"] == pytest.approx(expected)


def test_of_many_accounts_only_some_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "_ENOUGH", 20)
    history = generate(SCALES["tiny"], 4, defaults(), SCALES["tiny"].rings)
    figures = Figures(Truth(Tables(history)), len(history.world.accounts), history.rings)
    seen = set()
    for booked in history.slices():
        figures.add(booked)
    for frame in figures._sides:
        seen |= set(frame["account"])
    assert 0 < len(seen) < 2 * 40
    assert all(line.members is not None for line in figures.lines())
