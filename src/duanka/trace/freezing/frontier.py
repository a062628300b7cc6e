"""The choice that a plan makes for its user, laid open: what more caution costs, and what less of it would bring."""

from dataclasses import dataclass

from duanka.trace.freezing.plan import Measure, Outlook, plan

PRICES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Of an innocent's money held up, against victims' money recovered."""


@dataclass(frozen=True, slots=True)
class Point:
    """One plan of the frontier. Amounts are minor units, all expected."""

    price: float
    recovered: float
    innocents: float  # accounts
    harm: float
    orders: int  # that keep money
    verified: int  # that ask first


def frontier(seen: Outlook, prices: tuple[float, ...] = PRICES) -> tuple[Point, ...]:
    """The plan at each price of harm, ascending; all from the same draws. The cost of a plan each."""
    points = []
    for price in sorted(prices):
        made = plan(seen, price=price)
        verified = int((made.lines.measure == Measure.VERIFY).sum())
        points.append(Point(price, made.recovered, made.innocents, made.harm, len(made.lines) - verified, verified))
    return tuple(points)
