"""Who pays whom: the flow of a ring's money by role and tier, laid out by the report's own Sankey."""

from collections import defaultdict
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from drawn.paper import INK, MARGIN, Paper, yuan
from drawn.words import word
from drawn.worlds import NOTES, OUTSIDE, Found, Node, node_of
from duanka.report.facts import Box, Flow, Ribbon
from duanka.report.sankey import BOX_WIDTH, draw

PAY: Node = ("pay", -1)
BACK: Node = ("back", -1)
AGAIN: Node = ("again", -1)
_COLOURS = ("#6b7f94", "#2f6fb0", "#3a92a8", "#4f9d69", "#b58a2e", "#c0643c", "#8a5ba5")
_END = "#8794a1"
_LEAST = 0.002
"""Of what comes in, streams below this share are left out of the picture."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What one role pays another, 分."""

    source: Node
    target: Node
    amount: int
    rows: int


def streams(found: Found) -> list[Stream]:
    """Payments by role and tier. Who is paid back stands apart from who pays in, as does what comes round again."""
    pay = (found.rows["part"] == "commission") & ~found.rows["source"].str.ends_with(" -1")
    rows = pl.concat([found.carried, found.rows.filter(pay & ~found.rows["source"].str.ends_with(" 0"))])
    sums = rows.group_by("source", "target", "part", maintain_order=True).agg(pl.col("amount").sum(), pl.len())
    made: dict[tuple[Node, Node], tuple[int, int]] = defaultdict(lambda: (0, 0))

    def add(source: Node, target: Node, amount: int, count: int) -> None:
        before = made[source, target]
        made[source, target] = (before[0] + amount, before[1] + count)

    for source_key, target_key, part, amount, count in sums.sort("source", "target", "part").rows():
        source, target = node_of(source_key), node_of(target_key)
        if part == "commission":
            add(source, PAY, amount, count)
        elif target[1] == 0:
            add(source, (f"paid {target[0]}", -1), amount, count)
        elif 0 < target[1] < source[1]:
            add(source, BACK, amount, count)
            add(AGAIN, target, amount, count)
        else:
            add(source, target, amount, count)
    paid_in = sum(amount for (source, _), (amount, _) in made.items() if source[1] == 0)
    return [Stream(*ends, *sums) for ends, sums in made.items() if sums[0] >= _LEAST * paid_in and ends[0] != ends[1]]


def columns(flows: list[Stream]) -> dict[Node, int]:
    """Column of each node: one after the last of those that pay it. Tiers only rise, so this ends."""
    nodes = sorted({node for flow in flows for node in (flow.source, flow.target)})
    column = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for flow in flows:
            column[flow.target] = max(column[flow.target], column[flow.source] + 1)
    if AGAIN in column:
        after = next(flow.target for flow in flows if flow.source == AGAIN)
        column[AGAIN] = column[after] - 1
    return column


def flow_of(flows: list[Stream]) -> tuple[Flow, list[Node]]:
    """The streams as the report's flow; boxes are as high as the larger of what they get and give."""
    column = columns(flows)
    nodes = sorted(column, key=lambda node: (column[node], node[1] < 0, node))
    got, given = (
        {node: sum(f.amount for f in flows if getattr(f, side) == node) for node in nodes}
        for side in ("target", "source")
    )
    last = max(column.values())
    boxes = [
        Box(column[node], "account" if given[node] or column[node] == last else "other", node[0], "", 1,
            max(got[node], given[node]))
        for node in nodes
    ]  # fmt: skip
    at = {node: number for number, node in enumerate(nodes)}
    ribbons = [Ribbon(at[f.source], at[f.target], f.amount, f.rows) for f in flows]
    return Flow("CNY", 0, 0, tuple(boxes), tuple(ribbons), pa.table({})), nodes


def colour_of(node: Node, column: int) -> str:
    """Tiers have colours of their own, ends are grey."""
    return _COLOURS[column % len(_COLOURS)] if node[1] >= 0 else _END


def accounts(found: Found, node: Node) -> int:
    """How many accounts of a role had a part in the money."""
    key = f"{node[0]} {node[1]}"
    rows = found.carried
    both = (rows.filter(source=key)["payer"], rows.filter(target=key)["payee"])
    return pl.concat(both).drop_nulls().n_unique()


def draw_money(paper: Paper, found: Found) -> None:
    """The panel."""
    flow, nodes = flow_of(streams(found))
    drawing = draw(flow)
    paper.heading("Who pays whom 资金流向", _besides(found))
    left, top = MARGIN, paper.y - 26
    place = {box.index: box for box in drawing.boxes}
    for ribbon in drawing.ribbons:
        source = flow.ribbons[ribbon.index].source
        shade = colour_of(nodes[source], flow.boxes[source].column)
        paper.marks.append(
            f'<path d="{ribbon.path}" fill="{shade}" fill-opacity=".3" transform="translate({left:g} {top:g})"/>'
        )
    for index, node in enumerate(nodes):
        box = place[index]
        paper.box(left + box.x, top + box.y, BOX_WIDTH, box.height, colour_of(node, flow.boxes[index].column))
        x, y = left + box.x + BOX_WIDTH + 5, top + box.y + box.height / 2
        paper.text(x, y - 3, word(found.kind, node), size=14, bold=True, halo=True)
        paper.text(x, y + 13, _facts(found, node, flow.boxes[index].amount), size=13, colour=INK, halo=True)
    paper.y = top + drawing.height


def _facts(found: Found, node: Node, amount: int) -> str:
    role = (node[0].removeprefix("paid "), 0) if node[0].startswith("paid ") else node
    if node in (NOTES, PAY, BACK, AGAIN, OUTSIDE):
        return yuan(amount)
    count = accounts(found, role)
    if role != node:
        key = f"{role[0]} {role[1]}"
        count = found.carried.filter(target=key)["payee"].n_unique()
    return f"{count:,} acc. · {yuan(amount)}"


def _besides(found: Found) -> str:
    """What is not drawn: margins, prices and probes, refused payments."""
    names = {"margin": "margins 保证金", "purchase": "prices of cards and SIMs", "test": "probes", "cover": "cover"}
    sums = found.rows.group_by("part").agg(pl.col("amount").sum(), pl.len())
    told = {part: (amount, count) for part, amount, count in sums.rows()}
    parts = [f"{names[part]} {yuan(told[part][0])} ({told[part][1]:,})" for part in names if part in told]
    parts += [f"{found.refused:,} payments refused"] if found.refused else []
    return "acc. = accounts. Not drawn: " + ", ".join(parts) if parts else "acc. = accounts"
