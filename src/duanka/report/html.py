"""The report as one HTML file that needs nothing else: no script, no network, both languages, screen and paper."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from duanka.messages.catalogue import Language, say
from duanka.records.money import format_minor
from duanka.report import judged, wording
from duanka.report.facts import Facts, Flow
from duanka.report.findings import MemberMoney, RingMoney
from duanka.report.sankey import BOX_WIDTH, draw
from duanka.report.sketches import (
    BALANCE_HEIGHT,
    HOURS_HEIGHT,
    HOURS_WIDTH,
    balance_run,
    hour_bars,
)
from duanka.rings.commission import FEWEST

_MANY = 500
"""Rows of a table of files or ribbons that the page shows."""

_RIBBONS_EACH = 40
"""Ribbons of a ring that the table below its picture shows, the largest first."""


def render(facts: Facts, language: Language) -> str:
    """The whole page; `language` is the one shown at first, the reader can switch to the other."""
    template = environment().get_template("report.html")
    sections = _sections(facts)
    return template.render(
        facts=facts,
        language=language,
        many=_MANY,
        sections=sections,
        number={anchor: number for number, (anchor, _) in enumerate(sections, start=1)},
    )


def _sections(facts: Facts) -> list[tuple[str, str]]:
    """Anchor and heading of each section, in order; those of detection only where it was run."""
    every = [
        ("amounts", "totals.heading"), ("findings", "findings.heading"), ("flow", "flow.heading"),
        ("transit", "transit.heading"), ("rings", "ring.heading"), ("keys", "key.heading"),
        ("behind", "behind.heading"), ("wanted", "wanted.heading"), ("coverage", "coverage.heading"),
        ("sources", "sources.heading"), ("method", "method.heading"),
    ]  # fmt: skip
    return [one for one in every if facts.findings or one[0] not in {"findings", "rings", "keys", "behind"}]


@cache
def environment() -> Environment:
    """Escapes everything that is not marked as ours; a name that does not exist is an error."""
    environment = Environment(
        loader=PackageLoader("duanka.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=wording.words,
        say=say,
        money=format_minor,
        clock=wording.clock,
        row_time=wording.row_time,
        duration=wording.duration,
        percent=wording.percent,
        place=wording.place,
        reason=wording.reason,
        warning=wording.warning,
        coded=wording.coded,
        seed_names=wording.seed_names,
        box_name=wording.box_name,
        draw=draw,
        svg_words=_svg_words,
        shortened=_shortened,
        flow_kinds=_flow_kinds,
        flow_heads=_flow_heads,
        ring_heads=_ring_heads,
        box_width=BOX_WIDTH,
        score=wording.score,
        reason_words=lambda reason: wording.Words(reason.zh, reason.en),
        money_of=_money_of,
        judged=judged,
        fewest=FEWEST,
        ribbons_each=_RIBBONS_EACH,
        hour_bars=hour_bars,
        hours_size=(HOURS_WIDTH, HOURS_HEIGHT),
        balance_run=balance_run,
        run_height=BALANCE_HEIGHT,
    )
    environment.filters["number"] = "{:,}".format
    return environment


def _svg_words(words: wording.Words) -> Markup:
    """Words in both languages inside an SVG text."""
    return words.marked("tspan")


def _shortened(text: str, width: float, size: float) -> str:
    """Text cut so that it takes about `width` pixels at a font size: a Chinese character is as wide as it is high."""
    room = width
    for position, character in enumerate(text):
        room -= size if ord(character) > 0x2E7F else size * 0.6
        if room < 0:
            return text[: max(position - 1, 1)] + "…"
    return text


def _flow_kinds(flow: Flow) -> list[str]:
    """Kinds of ends that occur, in a fixed order, for the legend."""
    return [
        kind
        for kind in ("stays", "not_produced", "currency", "fee", "beyond", "source", "level", "back", "outside")
        if any(b.kind == kind for b in flow.boxes)
    ]


def _flow_heads(flow: Flow) -> list[wording.Words]:
    """Headings of the columns of followed money."""
    last = max(box.column for box in flow.boxes)
    return [wording.words("flow.tier", number=n) if n else wording.words("flow.tier_start") for n in range(last + 1)]


def _ring_heads(columns: tuple[tuple[int, int], ...]) -> list[wording.Words]:
    """Headings of the columns of a ring; one may stand for several tiers."""
    return [
        wording.words("flow.tier", number=first)
        if first == last
        else wording.words("ring.tiers", first=first, last=last)
        for first, last in columns
    ]


def _money_of(one: RingMoney | MemberMoney, field: str) -> str:
    return format_minor(getattr(one, field), one.currency)
