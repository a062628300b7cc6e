"""Two small pictures: bars of payments by hour, and the run of a balance. Geometry only: no words, no colours."""

from dataclasses import dataclass
from datetime import datetime

from duanka.report.evidence import moment
from duanka.report.findings import Hours, Stretch

HOURS_WIDTH = 372.0
HOURS_HEIGHT = 74.0
_STEP = HOURS_WIDTH / 24
_BAR = 11.0
_FLOOR = 58.0  # below it stand the hours

BALANCE_HEIGHT = 150.0
BALANCE_WIDTHS = (740.0, 500.0)
"""Of the whole time, and of its busiest days beside it."""
_LEFT = 106.0  # for the amounts
_TOP, _BOTTOM = 10.0, 124.0
_DATES = (5, 3)
_NEAR = 12.0  # px: amounts nearer to one another than this can't both be read


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour."""

    hour: int
    count: int
    x: float
    y: float
    width: float
    height: float


def hour_bars(hours: Hours) -> tuple[Bar, ...]:
    """A bar an hour, as high as its share of the busiest."""
    most = max(*hours.counts, 1)
    bars = []
    for hour, count in enumerate(hours.counts):
        height = max(count / most * (_FLOOR - 4), 0.8) if count else 0.0
        x = hour * _STEP + (_STEP - _BAR) / 2
        bars.append(Bar(hour, count, round(x, 1), round(_FLOOR - height, 1), _BAR, round(height, 1)))
    return tuple(bars)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis of the picture, and what it stands for."""

    at: float
    amount: int = 0
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """The balance as a path of steps, and the filled shape below it down to zero."""

    width: float
    line: str
    area: str
    zero: float
    left: float
    amounts: tuple[Mark, ...]
    dates: tuple[Mark, ...]
    breaks: tuple[tuple[float, float], ...]


def balance_run(balance: Stretch, breaks: tuple[tuple[int, int], ...], panel: int) -> Run:
    """Steps from the opening balance on: a balance holds until the next row. `panel`: 0 for all, 1 for the busiest."""
    width, count = BALANCE_WIDTHS[panel], _DATES[panel]
    first, last = balance.points[0][0], balance.points[-1][0]
    low, high = min(balance.lowest, 0), max(balance.highest, 0)
    span, room = max(last - first, 1), max(high - low, 1)

    def x(at: int) -> float:
        return round(_LEFT + (at - first) / span * (width - _LEFT - 4), 1)

    def y(amount: int) -> float:
        return round(_BOTTOM - (amount - low) / room * (_BOTTOM - _TOP), 1)

    steps, here = [f"M{x(first)} {y(balance.opening)}"], (x(first), y(balance.opening))
    for at, amount in balance.points:
        there = (x(at), y(amount))
        steps.append(("" if there[0] == here[0] else f"H{there[0]}") + ("" if there[1] == here[1] else f"V{there[1]}"))
        here = there
    line = "".join(steps)
    zero = y(0)
    dates = tuple(first + span * number // (count - 1) for number in range(count if last > first else 1))
    shown = {low, high} | ({0} if min(abs(zero - y(low)), abs(zero - y(high))) > _NEAR else set())
    return Run(
        width=width,
        line=line,
        area=f"{line}V{zero}H{x(first)}Z",
        zero=zero,
        left=_LEFT,
        amounts=tuple(Mark(y(amount), amount=amount) for amount in sorted(shown)),
        dates=tuple(Mark(x(at), time=moment(at)) for at in dates),
        breaks=tuple((x(at), y(amount)) for at, amount in breaks if first <= at <= last),
    )
