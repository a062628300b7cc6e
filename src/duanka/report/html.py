"""The report as one HTML file that needs nothing else: no script, no network, both languages, screen and paper."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from duanka.messages.catalogue import Language, say
from duanka.records.money import format_minor
from duanka.report import wording
from duanka.report.facts import Facts, Flow
from duanka.report.sankey import BOX_WIDTH, draw

_MANY = 500
"""Rows of a table of files or ribbons that the page shows."""


def render(facts: Facts, language: Language) -> str:
    """The whole page; `language` is the one shown at first, the reader can switch to the other."""
    template = _environment().get_template("report.html")
    return template.render(
        facts=facts, language=language, many=_MANY, title=f"{say('report.title', language)} · {facts.case}"
    )


@cache
def _environment() -> Environment:
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
        box_width=BOX_WIDTH,
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
        for kind in ("stays", "not_produced", "currency", "fee", "beyond")
        if any(b.kind == kind for b in flow.boxes)
    ]
