"""Call records (话单) as operators produce them: every call of the numbers of some cities."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from duanka.records.vocabulary import Direction
from duanka.synth import seasons
from duanka.synth.canonical import ZONE, Tables
from duanka.synth.chance import Array, Ints, below, scatter, stream
from duanka.synth.life.calls import CallRows, ordinary_calls
from duanka.synth.lookups import pick
from duanka.synth.rings.ring import Ring
from duanka.synth.world import INSTITUTIONS, REGIONS, World, moment

_CELLS_OF_A_CITY = 200


class CallRecords:
    """Call records of a world, slice by slice."""

    def __init__(self, tables: Tables) -> None:
        self._tables, self._world = tables, tables.world
        self.cities = covered_cities(self._world)
        calls = _of_rings(tables.history.rings)
        here, there = _covered(self._world, calls, self.cities)
        self._ring_calls = calls.take(here | there)
        self._cells = pl.Series([f"99{c:02d}-{n:03d}" for c in range(REGIONS) for n in range(_CELLS_OF_A_CITY)])
        self._hotlines = pl.Series([f"99900{institution.code}" for institution in INSTITUTIONS])

    def between(self, first: int, last: int) -> pl.DataFrame:
        """Calls from day `first` up to `last`, by time, as in `records.schemas.CALL`."""
        days = np.arange(first, last, dtype=np.int64)
        usual = ordinary_calls(self._world, days, stream(self._world.seed, "calls", first), self.cities)
        begin, end = np.searchsorted(self._ring_calls.time, [moment(first), moment(last)])
        rows = _both_sides(self._world, _joined([usual, self._ring_calls.take(np.arange(begin, end))]), self.cities)
        return self._frame(rows.take(np.lexsort((rows.other, rows.sim, rows.time))))

    def _frame(self, rows: CallRows) -> pl.DataFrame:
        devices, networks = self._world.devices, self._world.networks
        network = devices.network[np.maximum(rows.device, 0)]
        city = networks.region[network].astype(np.int64)
        cell = city * _CELLS_OF_A_CITY + below(network, 601, _CELLS_OF_A_CITY)
        spoken = rows.seconds >= 0
        bank = pick(self._hotlines, np.where(rows.other < 0, -2 - rows.other, -1))
        seconds = pl.Series(rows.seconds.astype(np.int64))
        size = len(rows.time)
        return pl.DataFrame({
            "phone": self._tables.phones(rows.sim),
            "other": bank.zip_with(pl.Series(rows.other < 0), self._tables.phones(rows.other)),
            "direction": pick(pl.Series([Direction.IN.value, Direction.OUT.value]), rows.outgoing),
            "time": pl.Series(rows.time * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "zone": pl.Series([ZONE]).new_from_index(0, size),
            "seconds": seconds.set(seconds < 0, None),
            "kind": pick(pl.Series(["sms", "voice"]), spoken),
            "cell": pick(self._cells, cell),
            "imei": self._tables.imeis(rows.device),
        })  # fmt: skip


def covered_cities(world: World) -> Ints:
    """The cities whose operators hand over call records: as many as the scale says, chosen without a look at rings."""
    count = max(1, round(world.scale.calls * REGIONS))
    return np.sort(np.argsort(scatter(np.arange(REGIONS), 602 + world.seed % 1_000), kind="stable")[:count])


def _of_rings(rings: Sequence[Ring]) -> CallRows:
    """The calls of all rings, in the caller's or the called side's record as the ring wrote them, by time."""
    nothing = np.empty(0, dtype=np.int64)
    time, sim, other, seconds, outgoing, device = (
        np.concatenate([nothing, *(column for ring in rings for column in getattr(ring.calls, name))]).astype(np.int64)
        for name in _COLUMNS
    )
    rows = CallRows(time, sim.astype(np.int32), other, seconds.astype(np.int32), outgoing > 0, device.astype(np.int32))
    return rows.take(np.lexsort((rows.other, rows.sim, rows.time)))


_COLUMNS = ("time", "sim", "other", "seconds", "outgoing", "device")


def _both_sides(world: World, rows: CallRows, cities: Ints) -> CallRows:
    """Each call in the record of either number that belongs to a covered city."""
    other = np.maximum(rows.other, 0)
    person = world.sims.person[other]
    changed = seasons.day_of(rows.time) >= world.people.change_day[person]
    phone = np.where(changed, world.people.next_device[person], world.people.device[person])
    mirrored = CallRows(
        rows.time, other.astype(np.int32), rows.sim.astype(np.int64), rows.seconds, ~rows.outgoing,
        phone.astype(np.int32),
    )  # fmt: skip
    here, there = _covered(world, rows, cities)
    return _joined([rows.take(here), mirrored.take(there)])


def _covered(world: World, rows: CallRows, cities: Ints) -> tuple[Array, Array]:
    """Whether either number, that of the record and the other, belongs to a covered city."""
    of_person = np.isin(world.people.region, cities)
    here, there = (of_person[world.sims.person[sim]] for sim in (rows.sim, np.maximum(rows.other, 0)))
    return here, there & (rows.other >= 0)


def _joined(parts: Sequence[CallRows]) -> CallRows:
    return CallRows(*(np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS))
