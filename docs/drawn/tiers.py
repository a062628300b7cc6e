"""What each tier gets, gives and keeps, what it agreed on, and how soon it hands on."""

from math import log10

import polars as pl

from drawn.money import accounts, colour_of, columns, streams
from drawn.paper import FAINT, LINE, MARGIN, Paper, share, span, yuan
from drawn.words import word
from drawn.worlds import Found, Node, waits
from duanka.synth.chance import Floats

_ROW = 24.0
_AT = (MARGIN, 300.0, 410.0, 520.0, 630.0, 740.0)  # columns of the table; numbers end there
_AXIS = (790.0, 1290.0)
_TICKS = (
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3_600, "1 h"),
    (36_000, "10 h"),
    (604_800, "1 week"),
)
_LONGEST = 604_800.0


def draw_tiers(paper: Paper, found: Found) -> None:
    """The panel: a row a tier from 1 on that hands on."""
    quick = waits(found)
    column = columns(streams(found))
    nodes = sorted((node for node in quick if node in column), key=lambda node: (column[node], node))
    agreed = ", ".join(f"{word('all', (level, 0)) if level in _LEVELS else _OTHERS[level]} {share(rate)}"
                       for level, rate in sorted(found.ring.commission.items()))  # fmt: skip
    paper.heading("What each tier does 各层级", f"Agreed shares of what passes: {agreed}")
    paper.y += 14
    for x, name in zip(_AT[1:], ("accounts 账户", "in 入", "out 出", "stays 留存", "agreed 约定"), strict=True):
        paper.text(x, paper.y, name, size=13, anchor="end", colour=FAINT)
    for second, name in _TICKS:
        paper.text(_place(second), paper.y, name, size=12, anchor="middle", colour=FAINT)
        paper.path(f"M{_place(second):.1f} {paper.y + 6:.1f}v{len(nodes) * _ROW + 4:.1f}", stroke=LINE)
    for node in nodes:
        paper.y += _ROW
        _row(paper, found, node, quick[node], colour_of(node, column[node]))
    paper.y += 26
    note = "Receipt to next payment by the same account 收款至转出: 10 % to 90 % of the payments, and the median"
    paper.text(_AXIS[1], paper.y, note, size=12, anchor="end", colour=FAINT)


_LEVELS = {"studio", "dealer", "agent", "merchant"}
_OTHERS = {
    "holder": "holders 卡农", "operator": "operators 平台运营", "client": "all, paid by clients 手续费",
    "customer": "all, paid by customers 手续费", "supplier": "suppliers 码商上线", "upper": "their superiors 上级",
    "shell": "shell firms 空壳公司",
}  # fmt: skip


def _row(paper: Paper, found: Found, node: Node, times: tuple[float, float, float], colour: str) -> None:
    key = f"{node[0]} {node[1]}"
    got = int(found.carried.filter(target=key)["amount"].sum())
    given = int(found.carried.filter(source=key)["amount"].sum())
    rates = found.members.filter(pl.col("role") == node[0], pl.col("tier") == node[1], pl.col("rate") > 0)["rate"]
    kept = (got - given) / got if got else 0.0
    cells = (
        f"{accounts(found, node):,}",
        yuan(got),
        yuan(given),
        share(kept) if kept >= 0 else "–",
        _terms(rates.to_numpy()),
    )
    paper.box(_AT[0], paper.y - 11, 8, 12, colour)
    paper.text(_AT[0] + 14, paper.y, word(found.kind, node), size=14)
    for x, cell in zip(_AT[1:], cells, strict=True):
        paper.text(x, paper.y, cell, size=14, anchor="end")
    left, middle, right = (_place(second) for second in times)
    paper.box(left, paper.y - 9, max(right - left, 2), 8, colour, opacity=0.45)
    paper.box(middle - 1.5, paper.y - 12, 3, 14, colour)
    paper.text(min(right, _AXIS[1] - 62) + 6, paper.y, span(times[1]), size=13, halo=True)


def _terms(rates: Floats) -> str:
    if not rates.size:
        return ""
    low, high = float(rates.min()), float(rates.max())
    return share(low) if low == high else f"{low * 100:.2g}–{share(high)}"


def _place(seconds: float) -> float:
    part = log10(min(max(seconds, 1.0), _LONGEST)) / log10(_LONGEST)
    return _AXIS[0] + part * (_AXIS[1] - _AXIS[0])
