"""What waits in a file comes back as it was, from memory and from disk."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from duanka.synth import shelf as shelf_module
from duanka.synth.movements import Movements, from_bytes, movements, nothing, to_bytes
from duanka.synth.rings.ring import Ledger
from duanka.synth.shelf import Agenda, Ledgers, Shelf


@pytest.fixture(params=[1 << 20, 0], ids=["in memory", "on disk"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(shelf_module, "_IN_MEMORY", request.param or 1)
    return Shelf(tmp_path)


def meant(times: list[int], ring: int = 0) -> Movements:
    size = len(times)
    return movements(times, np.arange(size) + 1, 0, np.arange(size) + 1, 2, ring=ring, part=3)


def assert_same(one: Movements, other: Movements) -> None:
    for field in fields(Movements):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))
        assert getattr(one, field.name).dtype == getattr(other, field.name).dtype


def test_bytes_come_back(shelf: Shelf) -> None:
    places = [shelf.put(content) for content in (b"one", b"", b"three")]
    assert [shelf.get(place) for place in reversed(places)] == [b"three", b"", b"one"]
    assert shelf.get(shelf.put(b"four")) == b"four"


def test_movements_come_back() -> None:
    assert_same(from_bytes(to_bytes(meant([5, 6, 9]))), meant([5, 6, 9]))
    assert_same(from_bytes(to_bytes(nothing())), nothing())


def test_payments_fall_due_in_their_slice_ring_by_ring(shelf: Shelf) -> None:
    agenda = Agenda(shelf, [10, 20, 30, 40])
    one, two = meant([9, 10, 19, 20, 39, 40], ring=1), meant([12, 12], ring=2)
    agenda.add(one)
    agenda.add(two)
    first = agenda.due(0)
    assert first.time.tolist() == [10, 19, 12, 12]
    assert first.ring.tolist() == [1, 1, 2, 2]
    assert_same(agenda.due(1), one.take(np.array([3])))
    assert_same(agenda.due(2), one.take(np.array([4])))
    assert len(Agenda(shelf, [0, 1]).due(0)) == 0


def test_a_ledger_is_its_rings(shelf: Shelf) -> None:
    ledgers = Ledgers(shelf)
    users, points = pl.DataFrame({"user": [1, 2], "card": [None, 7]}), pl.DataFrame({"time": [3]})
    ledgers.add(4, Ledger(users=users, points=points))
    found = ledgers.of(4)
    assert found is not None
    assert found.users.equals(users)
    assert found.points.equals(points)
    assert found.orders.is_empty()
    assert ledgers.of(3) is None
