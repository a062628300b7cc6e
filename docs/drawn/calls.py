"""What betrays a modem pool: how its numbers call against ordinary numbers, and one day at a pool."""

import numpy as np
import polars as pl

from drawn.paper import FAINT, LINE, MARGIN, Paper
from drawn.worlds import Found
from duanka.synth.call_records import CallRecords

_SIDE = 330.0
_ORDINARY = 400
_FEWEST = 20
"""Numbers with fewer calls say little."""
_OURS, _THEIRS = "#c0643c", "#6b7f94"
_DAY = (570.0, 1290.0)


def draw_calls(paper: Paper, found: Found, records: CallRecords) -> None:
    """Two panels side by side: numbers by dispersion and share of outgoing calls, and a pool's busiest day."""
    ring, ordinary = _ring_calls(found), _ordinary(found, records)
    paper.heading("The numbers 号码", _note(ring, ordinary))
    top = paper.y + 4
    _scatter(paper, top, _traits(ring), _traits(ordinary))
    _busiest_day(paper, top, ring)
    paper.y = top + _SIDE + 40


def _ring_calls(found: Found) -> pl.DataFrame:
    """The calls of the pools' SIMs; messages and the cards' own SIMs are left out."""
    calls = found.ring.calls
    columns = {name: pl.Series(np.concatenate(getattr(calls, name)).astype(np.int64))
               for name in ("time", "sim", "other", "seconds", "outgoing", "device")}  # fmt: skip
    return pl.DataFrame(columns).filter(pl.col("seconds") >= 0).sort("time", "sim")


def _ordinary(found: Found, records: CallRecords) -> pl.DataFrame:
    """Calls of numbers that are none of the ring's, over the whole time, in the cities that hand records over."""
    frame = records.between(found.start, found.start + found.days).filter(kind="voice")
    frame = frame.filter(~pl.col("phone").is_in(found.numbers))
    return frame.select(
        time=pl.col("time").dt.epoch("s"), sim="phone", other="other", seconds="seconds",
        outgoing=(pl.col("direction") == "out").cast(pl.Int64), device="imei",
    )  # fmt: skip


def _traits(calls: pl.DataFrame) -> pl.DataFrame:
    """Of each number: calls, distinct others a call, share of outgoing calls, phones, active days."""
    day = (pl.col("time") + 28_800) // 86_400
    found = calls.group_by("sim").agg(
        pl.len().alias("calls"), (pl.col("other").n_unique() / pl.len()).alias("dispersion"),
        pl.col("outgoing").mean().alias("out"), pl.col("device").n_unique().alias("phones"),
        day.n_unique().alias("days"),
    )  # fmt: skip
    return found.filter(pl.col("calls") >= _FEWEST).sort("sim")


def _note(ring: pl.DataFrame, ordinary: pl.DataFrame) -> str:
    told = []
    for name, calls in (("pool SIMs 猫池卡", ring), ("ordinary numbers 普通号码", ordinary)):
        traits = _traits(calls)
        median = traits.median()
        told.append(
            f"{traits.height:,} {name}: dispersion {median['dispersion'][0]:.2f}, outgoing {median['out'][0]:.2f}, "
            f"phones {median['phones'][0]:g}, active days {median['days'][0]:g}"
        )
    return "; ".join(told) + f" (medians, {_FEWEST}+ calls)"


def _scatter(paper: Paper, top: float, ring: pl.DataFrame, ordinary: pl.DataFrame) -> None:
    left = MARGIN + 60
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        paper.path(f"M{left:.1f} {top + (1 - tick) * _SIDE:.1f}h{_SIDE:.1f}", stroke=LINE)
        paper.path(f"M{left + tick * _SIDE:.1f} {top:.1f}v{_SIDE:.1f}", stroke=LINE)
        paper.text(left - 8, top + (1 - tick) * _SIDE + 4, f"{tick:g}", size=12, anchor="end", colour=FAINT)
        paper.text(left + tick * _SIDE, top + _SIDE + 16, f"{tick:g}", size=12, anchor="middle", colour=FAINT)
    for traits, colour, wide in ((ordinary.head(_ORDINARY), _THEIRS, 4), (ring, _OURS, 7)):
        shape = "".join(f"M{left + d * _SIDE:.1f} {top + (1 - o) * _SIDE:.1f}h0"
                        for d, o in traits.select("dispersion", "out").rows())  # fmt: skip
        paper.marks.append(
            f'<path d="{shape}" stroke="{colour}" stroke-width="{wide}" stroke-linecap="round" stroke-opacity=".6"/>'
        )
    for row, (name, colour) in enumerate((("pool SIMs 猫池卡", _OURS), ("ordinary 普通号码", _THEIRS))):
        paper.box(left + _SIDE + 14, top + 20 * row + 2, 9, 9, colour)
        paper.text(left + _SIDE + 28, top + 20 * row + 11, name, size=12)
    paper.text(left + _SIDE / 2, top + _SIDE + 34, "distinct others ÷ calls 离散度", size=13, anchor="middle")
    paper.marks.append(
        f'<text transform="translate({MARGIN + 12:g} {top + _SIDE / 2:.1f}) rotate(-90)" font-size="13" '
        f'text-anchor="middle">outgoing ÷ calls 主叫占比</text>'
    )


def _busiest_day(paper: Paper, top: float, ring: pl.DataFrame) -> None:
    day = (pl.col("time") + 28_800) // 86_400
    most = ring.with_columns(day=day).group_by("day").len().sort("len", "day", descending=[True, False])["day"][0]
    calls = ring.with_columns(day=day).filter(day=most).with_columns(second=(pl.col("time") + 28_800) % 86_400)
    sims = calls.group_by("sim").agg(pl.col("second").min()).sort("second", "sim")["sim"].to_list()
    high = min(34.0, (_SIDE - 30) / len(sims))
    hour = (_DAY[1] - _DAY[0]) / 12
    paper.text(
        _DAY[0],
        top + 10,
        f"One day at the pool: {calls.height} calls of {len(sims)} SIMs, a row each 一日通话",
        size=13,
    )
    begin = top + 24
    for number in range(13):
        x = _DAY[0] + number * hour
        paper.path(f"M{x:.1f} {begin:.1f}v{high * len(sims):.1f}", stroke=LINE)
        paper.text(x, begin + high * len(sims) + 16, f"{8 + number}:00", size=12, anchor="middle", colour=FAINT)
    shape = ""
    for sim, second, seconds in calls.select("sim", "second", "seconds").rows():
        x, y = _DAY[0] + (second / 3_600 - 8) * hour, begin + sims.index(sim) * high + 2
        wide = max(seconds / 3_600 * hour, 0.7)
        shape += f"M{x:.1f} {y:.1f}h{wide:.1f}v{high - 4:.1f}h-{wide:.1f}z"
    paper.path(shape, fill=_OURS)
    below = begin + high * len(sims) + 34
    paper.text(
        _DAY[0], below, f"Calls that overlap another SIM's: {_overlaps(calls)} of {calls.height} 同时通话", size=13
    )


def _overlaps(calls: pl.DataFrame) -> int:
    ends = calls.sort("second").with_columns(busy=(pl.col("second") + pl.col("seconds")).cum_max().shift(1))
    return ends.filter(pl.col("second") < pl.col("busy")).height
