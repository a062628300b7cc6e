"""When a ring works: which first-tier card is paid on which day, or what comes in and goes out day by day."""

import numpy as np
import polars as pl

from drawn.paper import FAINT, LINE, MARGIN, Paper, yuan
from drawn.words import word
from drawn.worlds import Found

_LEFT, _RIGHT = 110.0, 1290.0
_MOST_ROWS = 64
_TALL = 62.0


def draw_relay(paper: Paper, found: Found) -> None:
    """A row a card of tier 1 in the order of their first receipts; the stronger a day's mark, the more it took in."""
    paid = found.carried.filter(pl.col("part") == "deposit", pl.col("target").str.ends_with(" 1"))
    by_day = paid.group_by(account="payee", day=_day(found)).agg(pl.col("amount").sum())
    cards = by_day.group_by("account").agg(pl.col("day").min(), pl.col("amount").sum()).sort("day", "account")
    first, last = _period(found)
    paper.heading("The first tier takes turns 收款账户轮换", _relay_note(found, cards, by_day))
    high = min(9.0, 230 / min(cards.height, _MOST_ROWS))
    row = {account: number for number, account in enumerate(cards["account"].head(_MOST_ROWS))}
    wide = (_RIGHT - _LEFT) / max(last - first, 1)
    _axis(paper, first, last, wide, high * len(row))
    most = float(by_day["amount"].max() or 1)  # type: ignore[arg-type]  # a sum of whole numbers
    strong = dict.fromkeys((0.3, 0.6, 1.0), "")
    for account, day, amount in by_day.sort("account", "day").rows():
        if account in row:
            level = 1.0 if amount > most / 5 else 0.6 if amount > most / 40 else 0.3
            x, y = _LEFT + (day - first) * wide, paper.y + row[account] * high
            strong[level] += f"M{x:.1f} {y:.1f}h{max(wide - 1, 1):.1f}v{high - 1.5:.1f}h{-max(wide - 1, 1):.1f}z"
    for level, shape in strong.items():
        if shape:
            paper.path(shape, fill="#2f6fb0", opacity=level)
    paper.y += high * len(row) + 24


def _relay_note(found: Found, cards: pl.DataFrame, by_day: pl.DataFrame) -> str:
    name = "shells 空壳公司" if found.kind == "corporate" else word(found.kind, ("collection", 1))
    shown = f" (the first {_MOST_ROWS} are shown)" if cards.height > _MOST_ROWS else ""
    taken, days, active = (
        float(np.median(column.to_numpy()))
        for column in (cards["amount"], by_day.group_by("account").len()["len"], by_day.group_by("day").len()["len"])
    )
    return (
        f"{cards.height} {name}{shown}. Medians: {yuan(taken)} taken in by one, days with receipts {days:g}, "
        f"at work on one day {active:g}. Darker: more money that day"
    )


def draw_days(paper: Paper, found: Found) -> None:
    """Bars up for what customers pay in on a day, bars down for what others are paid."""
    paper.heading("Two lists that only the pool ties together 对敲", _mirror_note(found))
    first, last = _period(found)
    wide = (_RIGHT - _LEFT) / max(last - first, 1)
    sums = {
        part: found.rows.filter(pl.col("part") == part)
        .group_by(day=_day(found))
        .agg(pl.col("amount").sum())
        .sort("day")
        for part in ("deposit", "payout")
    }
    most = max(float(frame["amount"].max() or 1) for frame in sums.values())  # type: ignore[arg-type]
    _axis(paper, first, last, wide, 2 * _TALL)
    for part, colour, up in (("deposit", "#2f6fb0", True), ("payout", "#c0643c", False)):
        for day, amount in sums[part].rows():
            high = amount / most * _TALL
            paper.box(
                _LEFT + (day - first) * wide, paper.y + (_TALL - high if up else _TALL), max(wide - 1, 1), high, colour
            )
    paper.text(_LEFT - 8, paper.y + 20, "paid in 收", size=13, anchor="end")
    paper.text(_LEFT - 8, paper.y + 2 * _TALL - 8, "paid out 付", size=13, anchor="end")
    paper.y += 2 * _TALL + 24


def _mirror_note(found: Found) -> str:
    rows = found.rows
    gave = set(rows.filter(pl.col("part") == "deposit")["payer"])
    got = set(rows.filter(pl.col("part") == "payout")["payee"])
    total = {part: int(rows.filter(pl.col("part") == part)["amount"].sum()) for part in ("deposit", "payout")}
    return (
        f"{len(gave)} accounts pay in {yuan(total['deposit'])}, {len(got)} others get {yuan(total['payout'])}; "
        f"on both lists: {len(gave & got)}. Highest bar of a day = the strip's height"
    )


def _period(found: Found) -> tuple[int, int]:
    days = found.carried.select(day=_day(found))["day"]
    return int(days.min()), int(days.max()) + 1  # type: ignore[arg-type]  # whole numbers


def _day(found: Found) -> pl.Expr:
    """Day of the world in Beijing time, the first is 1."""
    return (pl.col("time").dt.epoch("s") + 28_800) // 86_400 - found.start + 1


def _axis(paper: Paper, first: int, last: int, wide: float, tall: float) -> None:
    step = 1 if last - first <= 14 else 7
    for day in range(first, last, step):
        x = _LEFT + (day - first) * wide
        paper.path(f"M{x:.1f} {paper.y:.1f}v{tall:.1f}", stroke=LINE)
        paper.text(x, paper.y + tall + 14, f"day {day}", size=12, colour=FAINT)
    paper.text(MARGIN, paper.y + tall + 14, "day 第几日", size=12, colour=FAINT)
