from dataclasses import fields, replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from duanka.synth.chance import stream
from duanka.synth.life.calls import MESSAGE, CallRows, hotline, ordinary_calls
from duanka.synth.parameters import defaults
from duanka.synth.population import populate
from duanka.synth.scales import Scale
from duanka.synth.world import REGIONS, Sims, World

Numbers = dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]
EVERYWHERE = np.arange(REGIONS)


@cache
def _world() -> World:
    """2,000 people for the eight months of the measured data."""
    return populate(3, Scale("calls", 2_000, 150, date(2019, 8, 1), 244, 1, {}, 1, 1.0, 30), defaults())


def _made(days: int = 244, cities: tuple[int, ...] = tuple(range(REGIONS)), seed: int = 3) -> CallRows:
    world = _world()
    first = world.scale.first_day
    return ordinary_calls(world, np.arange(first, first + days), stream(seed, "calls"), np.array(cities))


@cache
def _numbers() -> Numbers:
    """Figures of each number over all its calls, as its operator would see both sides."""
    world, rows = _world(), _made()
    rows = rows.take(rows.seconds >= 0)
    sim, other = np.concatenate([rows.sim, rows.other]), np.concatenate([rows.other, rows.sim])
    out = np.concatenate([rows.outgoing, ~rows.outgoing])
    seconds, time = np.tile(rows.seconds, 2), np.tile(rows.time, 2) + 8 * 3_600
    size = len(world.sims)
    count = np.bincount(sim, minlength=size)
    seen = count > 0

    def distinct(values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.bincount(np.unique(sim.astype(np.int64) << 32 | values) >> 32, minlength=size)[seen]

    count = count[seen]
    callees = distinct(other)
    return {
        "calls": count.astype(float), "counterparties": callees.astype(float), "dispersion": callees / count,
        "out": np.bincount(sim, out, size)[seen] / count, "each": count / callees,
        "seconds": np.bincount(sim, seconds, size)[seen] / count,
        "hours": distinct(time // 3_600 % 24).astype(float),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "wanted"),
    [
        ("calls", (163, 467, 1_068)),
        ("counterparties", (27, 61, 137)),
        ("dispersion", (0.09, 0.15, 0.26)),
        ("out", (0.41, 0.52, 0.68)),
        ("each", (3.9, 6.8, 10.6)),
        ("seconds", (56, 77, 113)),
        ("hours", (18, 18, 18)),
    ],
)
def test_percentiles_are_near_the_measured_ones(figure: str, wanted: tuple[float, ...]) -> None:
    found = np.percentile(_numbers()[figure], [25, 50, 75])
    assert (found > 0.6 * np.array(wanted)).all(), found
    assert (found < 1.7 * np.array(wanted)).all(), found


def test_some_honest_numbers_ring_many_strangers() -> None:
    numbers = _numbers()
    busy = numbers["calls"] > 2_000
    assert (busy & (numbers["dispersion"] > 0.25) & (numbers["out"] > 0.7)).any()


def test_rows_are_in_order_of_the_days_asked_for_and_of_covered_cities() -> None:
    world, rows = _world(), _made(days=20, cities=(0, 1, 2, 3, 4))
    assert (np.diff(rows.time) >= 0).all()
    day = (rows.time + 8 * 3_600) // 86_400
    assert day.min() >= world.scale.first_day
    assert day.max() < world.scale.first_day + 20
    assert (world.people.region[world.sims.person[rows.sim]] < 5).all()
    assert (rows.sim != rows.other).all()
    assert ((rows.seconds > 0) | (rows.seconds == MESSAGE)).all()


def test_a_call_between_covered_numbers_stands_once_in_the_callers_record() -> None:
    world, rows = _world(), _made(days=30, cities=(0, 1, 2, 3, 4))
    theirs = (rows.other >= 0) & (world.people.region[world.sims.person[np.maximum(rows.other, 0)]] < 5)
    assert rows.outgoing[theirs].all()
    assert not rows.outgoing[~theirs].all()


def test_a_number_of_a_covered_city_is_rung_as_much_whatever_else_is_covered() -> None:
    world = _world()
    alone, among = _made(cities=(0,)), _made()
    here = np.flatnonzero(world.people.region[world.sims.person] == 0)
    of_alone = alone.take(alone.seconds >= 0)
    few = len(of_alone) + int(np.isin(of_alone.other, here).sum())
    of_all = among.take(among.seconds >= 0)
    many = int(np.isin(of_all.sim, here).sum()) + int(np.isin(of_all.other, here).sum())
    assert few == pytest.approx(many, rel=0.15)


def test_banks_write_and_are_never_called() -> None:
    rows = _made(days=20)
    banks = rows.other < 0
    assert (rows.seconds[banks] == MESSAGE).all()
    assert (rows.other[banks] <= hotline(np.array([0]))[0]).all()
    assert not rows.outgoing[banks].any()


def test_no_number_is_used_before_it_is_given_out() -> None:
    world, rows = _world(), _made()
    day = (rows.time + 8 * 3_600) // 86_400
    assert (world.sims.opened[rows.sim] <= day).all()


def test_the_same_seed_gives_the_same_rows() -> None:
    one, two, three = _made(days=10), _made(days=10), _made(days=10, seed=4)
    assert all(np.array_equal(getattr(one, f.name), getattr(two, f.name)) for f in fields(CallRows))
    assert len(one) != len(three)


def test_numbers_that_rings_buy_are_nobodys_second_number() -> None:
    world = _world()
    more = {"person": 7, "kind": 1, "operator": 3, "opened": 0, "outlet": 0, "device": 0}
    columns = {name: np.append(getattr(world.sims, name), np.int32(value)) for name, value in more.items()}
    bought = Sims(**columns)
    first = world.scale.first_day
    rows = ordinary_calls(replace(world, sims=bought), np.arange(first, first + 30), stream(3, "calls"), EVERYWHERE)
    new = len(world.sims)
    assert not (rows.sim == new).any()
    assert not (rows.other == new).any()
