"""An SVG to write on: text that stays text, on a white ground of its own."""

from dataclasses import dataclass, field
from html import escape

FONT = "'Noto Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei','DejaVu Sans',Arial,sans-serif"
INK, FAINT, LINE = "#1c2733", "#5b6b7a", "#d5dde5"
WIDTH = 1320.0
MARGIN = 24.0


@dataclass(slots=True)
class Paper:
    """Marks so far; `y` is where the next panel begins."""

    marks: list[str] = field(default_factory=list)
    y: float = MARGIN

    def text(
        self, x: float, y: float, words: str, *, size: float = 14, bold: bool = False, anchor: str = "start",
        colour: str = INK, halo: bool = False,
    ) -> None:  # fmt: skip
        """One line of text; `halo` keeps it readable on a ribbon."""
        style = ' font-weight="600"' if bold else ""
        style += f' text-anchor="{anchor}"' if anchor != "start" else ""
        style += ' stroke="#fff" stroke-width="3.5" stroke-opacity=".75" paint-order="stroke"' if halo else ""
        self.marks.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}"{style}>{escape(words)}</text>'
        )

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, opacity: float = 1) -> None:
        """A filled rectangle."""
        clear = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.marks.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"{clear}/>'
        )

    def path(
        self, shape: str, *, fill: str = "none", stroke: str = "none", width: float = 1, opacity: float = 1
    ) -> None:
        """Any shape."""
        look = f' fill="{fill}"' + (f' fill-opacity="{opacity:g}"' if fill != "none" and opacity < 1 else "")
        look += f' stroke="{stroke}" stroke-width="{width:g}"' if stroke != "none" else ""
        self.marks.append(f'<path d="{shape}"{look}/>')

    def heading(self, words: str, note: str = "") -> None:
        """The title of a panel, with a fainter note under it."""
        self.y += 20
        self.text(MARGIN, self.y, words, size=16, bold=True)
        if note:
            self.y += 20
            self.text(MARGIN, self.y, note, size=13, colour=FAINT)
        self.y += 14

    def svg(self, title: str) -> str:
        """All of it; `title` is what a screen reader says."""
        height = self.y + MARGIN
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:.0f}" width="{WIDTH:g}" '
            f'height="{height:.0f}" font-family="{FONT}" role="img"><title>{escape(title)}</title>'
            f'<rect width="100%" height="100%" fill="#fff"/>'
        )
        return "\n".join([head, *self.marks, "</svg>"]) + "\n"


def yuan(minor: float) -> str:
    """An amount in short: 25.3M, 480k, 950 yuan."""
    amount = minor / 100
    if amount >= 999_500:
        return f"¥{amount / 1e6:.3g}M" if amount < 999.5e6 else f"¥{amount / 1e9:.3g}bn"
    return f"¥{amount / 1e3:.3g}k" if amount >= 1_000 else f"¥{amount:.0f}"


def span(seconds: float) -> str:
    """A time in short."""
    for limit, unit, word in ((90, 1, "s"), (5_400, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.2g} {word}"
    return f"{seconds / 86_400:.2g} days"


def share(part: float) -> str:
    """A share in per cent."""
    return f"{part * 100:.2g} %"
