"""How large a world is: from a few thousand payments for a test to a province."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from duanka.synth.parameters import SettingError

EPOCH = date(1970, 1, 1)

RING_KINDS = ("platform", "fraud", "corporate", "merchant_code", "ecny", "mirror", "nested", "farm")
"""What `--ring KIND:COUNT` accepts; each is explained in docs/explanation/rings.md."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The size of a world. Days are counted in Beijing time, from `start`."""

    name: str
    people: int
    firms: int
    start: date
    days: int
    payments: int  # about so many payments of ordinary life
    rings: dict[str, int]  # kind -> how many
    ring_size: float  # 1 is the size of domain.md §3.3; the reference case is larger
    calls: float  # share of the cities whose call records are produced
    slice_days: int  # days made at once: what must lie in memory
    reference: bool = False  # the first platform ring has the published case's size

    @property
    def first_day(self) -> int:
        """Days since 1970 of `start`."""
        return (self.start - EPOCH).days

    @property
    def last_day(self) -> int:
        """The day after the last one."""
        return self.first_day + self.days


_ALL = dict.fromkeys(RING_KINDS, 1)

SCALES: dict[str, Scale] = {
    "tiny": Scale("tiny", 900, 60, date(2020, 8, 1), 30, 9_000, {"platform": 1, "fraud": 1}, 0.06, 1.0, 30),
    "demo": Scale("demo", 9_000, 400, date(2020, 6, 1), 92, 150_000, _ALL, 0.15, 0.04, 31),
    "case": Scale(
        "case", 240_000, 9_000, date(2020, 4, 1), 234, 4_300_000, _ALL | {"fraud": 6, "merchant_code": 3, "farm": 3},
        1.0, 0.02, 26, reference=True,
    ),
    "province": Scale(
        "province", 3_000_000, 110_000, date(2020, 1, 1), 366, 97_000_000,
        {"platform": 90, "fraud": 60, "corporate": 25, "merchant_code": 25, "ecny": 10, "mirror": 10, "nested": 10,
         "farm": 10}, 0.5, 0.001, 3,
    ),
}  # fmt: skip


def scale_named(name: str) -> Scale:
    """One of the scales; SettingError names those that there are."""
    if name not in SCALES:
        raise SettingError("synth.no_scale", name=repr(name), known=", ".join(SCALES))
    return SCALES[name]


def rings_wanted(scale: Scale, wanted: Sequence[str]) -> dict[str, int]:
    """`KIND:COUNT` pairs over the scale's own counts; kinds not named keep theirs only if none is named."""
    if not wanted:
        return dict(scale.rings)
    counts: dict[str, int] = {}
    for pair in wanted:
        kind, _, number = pair.partition(":")
        if kind not in RING_KINDS:
            raise SettingError("synth.no_ring", pair=pair, kind=repr(kind), known=", ".join(RING_KINDS))
        if not (number or "1").isdecimal() or int(number or 1) > 1_000:
            raise SettingError("synth.ring_count", pair=pair)
        counts[kind] = int(number or 1)
    return counts
