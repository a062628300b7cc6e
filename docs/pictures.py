"""Draws docs/images/rings/ from generated worlds: `python docs/pictures.py`, or with names of ring kinds.

A test fails when a picture in the repository is not what this makes.
"""

# ruff: noqa: INP001 - a script, not a package

import sys
from collections.abc import Callable
from pathlib import Path

from drawn.calls import draw_calls
from drawn.money import draw_money
from drawn.paper import FAINT, MARGIN, Paper
from drawn.points import draw_points
from drawn.relay import draw_days, draw_relay
from drawn.tiers import draw_tiers
from drawn.words import title
from drawn.worlds import Found, find

from duanka.synth.scales import RING_KINDS

IMAGES = Path(__file__).parent / "images" / "rings"

Panel = Callable[[Paper, Found], None]
PANELS: dict[str, tuple[Panel, ...]] = {
    "platform": (draw_money, draw_tiers, draw_relay, draw_points),
    "mirror": (draw_money, draw_tiers, draw_days),
}
USUAL: tuple[Panel, ...] = (draw_money, draw_tiers, draw_relay)


def picture(kind: str) -> str:
    """The SVG of one kind of ring. Two to four seconds."""
    found, calls = find(kind)
    paper = Paper()
    _title(paper, found)
    for panel in PANELS.get(kind, USUAL):
        panel(paper, found)
    if kind == "farm":
        draw_calls(paper, found, calls)
    return paper.svg(f"{title(kind)}: made-up data of {found.command}")


def _title(paper: Paper, found: Found) -> None:
    paper.y += 8
    paper.text(MARGIN, paper.y, title(found.kind), size=22, bold=True)
    paper.y += 22
    paper.text(MARGIN, paper.y, f"Made-up data 虚构数据 · {found.command}", size=13, colour=FAINT)
    paper.y += 8


def main(kinds: list[str]) -> None:
    """Draw these kinds, or all."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for kind in kinds or RING_KINDS:
        (IMAGES / f"{kind}.svg").write_text(picture(kind), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
