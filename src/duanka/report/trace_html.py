"""A trace as one HTML page that needs nothing else: both languages, screen and paper."""

from dataclasses import dataclass
from datetime import datetime

from duanka.messages.catalogue import Language
from duanka.report.facts import Place
from duanka.report.findings import RingFlow
from duanka.report.html import environment
from duanka.report.wording import Words


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: who, words beside it, amounts by doctrine, and more words at its end."""

    name: str
    holder: str
    why: Words
    amounts: tuple[int, ...]
    more: Words | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """Lines of one currency, the first of `count`."""

    currency: str
    lines: tuple[Line, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """A payment that traced money went through."""

    time: datetime
    row_id: str
    payer: str
    payee: str
    amount: int
    whole: int
    hop: int
    assumed: bool
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """What one doctrine finds in one currency: a picture by tiers, and the largest steps of `count` in their order."""

    doctrine: Words
    currency: str
    picture: RingFlow
    steps: tuple[Step, ...]
    count: int


@dataclass(frozen=True, slots=True)
class TracePage:
    """What the page of a trace shows."""

    case: str
    made: datetime
    version: str
    up: bool
    head: Words
    claims: tuple[Words, ...]
    left_out: tuple[Words, ...]
    doctrines: tuple[Words, ...]
    places: tuple[Sums, ...]
    reasons: tuple[Sums, ...]
    firm: tuple[Words, ...]
    ways: tuple[Way, ...]
    in_flight: tuple[Words, ...]
    contradictions: tuple[Words, ...]
    notes: tuple[Words, ...]


def render_trace(page: TracePage, language: Language) -> str:
    """The whole page; `language` is the one shown at first, the reader can switch to the other."""
    return environment().get_template("trace.html").render(page=page, language=language)
