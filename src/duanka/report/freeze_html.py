"""A freeze plan as one HTML page that needs nothing else: both languages, screen and paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from duanka.messages.catalogue import Language
from duanka.report.facts import Place
from duanka.report.html import environment
from duanka.report.wording import Words

WIDTH, HEIGHT = 560.0, 230.0
"""Of the picture of the frontier."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 110.0, 520.0, 24.0, 190.0


@dataclass(frozen=True, slots=True)
class Order:
    """One order: what is asked of which account, and in words its basis, what lies there, and why."""

    rank: int
    account_id: str
    holder: str
    institution: str
    measure: Words
    amount: int
    expected: int
    risk: float
    innocence: float
    harm: int
    basis: Words
    lies: Words
    reason: Words
    row_id: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The plan at one price. Amounts are minor units."""

    price: float
    recovered: int
    innocents: float
    harm: int
    orders: int
    verified: int


@dataclass(frozen=True, slots=True)
class FreezePage:
    """What the page of a freeze plan shows."""

    case: str
    made: datetime
    version: str
    currency: str
    price: float  # that was chosen
    head: Words
    scored: Words  # what risk rests on
    claims: tuple[Words, ...]
    left_out: tuple[Words, ...]
    orders: tuple[Order, ...]
    under_measure: tuple[Words, ...]
    frontier: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """Where a plan stands in the picture, and the prices that lead to it."""

    x: float
    y: float
    prices: str
    choice: Choice


def dots(choices: Sequence[Choice]) -> tuple[Dot, ...]:
    """Harm from left to right, what is kept upwards, both from 0; plans that stand on one place are one dot."""
    most = max((one.recovered for one in choices), default=0)
    harmful = max((one.harm for one in choices), default=0)
    found: dict[tuple[float, float], list[Choice]] = {}
    for one in choices:
        x = _LEFT + (_RIGHT - _LEFT) * (one.harm / harmful if harmful else 0.0)
        y = _BOTTOM - (_BOTTOM - _TOP) * (one.recovered / most if most else 0.0)
        found.setdefault((round(x, 1), round(y, 1)), []).append(one)
    return tuple(
        Dot(x, y, ", ".join(f"{one.price:g}" for one in some), some[0]) for (x, y), some in sorted(found.items())
    )


def render_freeze_plan(page: FreezePage, language: Language) -> str:
    """The whole page; `language` is the one shown at first, the reader can switch to the other."""
    return environment().get_template("freeze-plan.html").render(
        page=page, language=language, dots=dots(page.frontier), size=(WIDTH, HEIGHT),
        axes=(_LEFT, _RIGHT, _TOP, _BOTTOM),
    )  # fmt: skip
