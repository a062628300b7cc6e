"""Where the boxes and ribbons of a money flow stand in a picture. No words, no colours: the template adds them."""

from dataclasses import dataclass

from duanka.report.facts import Flow

WIDTH = 1240.0
BOX_WIDTH = 11.0
_LABEL_ROOM = 178.0  # to the right of the last column
_TOP = 34.0  # for the names of the columns
_TALLEST = 430.0  # of the boxes of the fullest column, without the gaps
_LABEL_HEIGHT = 29.0
_GAP = 11.0
_THINNEST = 2.5
_SWEEPS = 4


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box of `Flow.boxes` by its index."""

    index: int
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class DrawnRibbon:
    """A ribbon of `Flow.ribbons` by its index, as an SVG path."""

    index: int
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of a flow; `columns` are the x of the columns that hold accounts."""

    width: float
    height: float
    label_width: float
    last_label_width: float  # of the last column
    last_column: int
    columns: tuple[float, ...]
    boxes: tuple[DrawnBox, ...]
    ribbons: tuple[DrawnRibbon, ...]


def draw(flow: Flow) -> Drawing:
    """Lay a flow out: columns from left to right, heights by amount, boxes ordered so that few ribbons cross."""
    last = max(box.column for box in flow.boxes)
    step = (WIDTH - _LABEL_ROOM - BOX_WIDTH) / max(last, 1)
    fullest = max(sum(box.amount for box in flow.boxes if box.column == column) for column in range(last + 1))
    scale = _TALLEST / max(fullest, 1)
    columns = _sorted_columns(flow, last)
    tall = max(_column_height(flow, column, scale) for column in columns)
    drawn: dict[int, DrawnBox] = {}
    for number, column in enumerate(columns):
        y = _TOP + (tall - _column_height(flow, column, scale)) / 2
        for index in column:
            height = max(flow.boxes[index].amount * scale, _THINNEST)
            slot = max(height, _LABEL_HEIGHT)
            drawn[index] = DrawnBox(index, round(number * step, 1), round(y + (slot - height) / 2, 1), round(height, 1))
            y += slot + _GAP
    accounts = max((box.column for box in flow.boxes if box.kind in {"account", "other", "unnamed"}), default=0)
    return Drawing(
        width=WIDTH,
        height=round(_TOP + tall + 6, 1),
        label_width=step - BOX_WIDTH - 14,
        last_label_width=_LABEL_ROOM - 8,
        last_column=last,
        columns=tuple(round(number * step, 1) for number in range(accounts + 1)),
        boxes=tuple(drawn[index] for index in sorted(drawn)),
        ribbons=_ribbons(flow, drawn, scale),
    )


def _column_height(flow: Flow, column: list[int], scale: float) -> float:
    return sum(max(flow.boxes[index].amount * scale, _LABEL_HEIGHT) + _GAP for index in column) - _GAP


def _is_end(flow: Flow, index: int) -> bool:
    return flow.boxes[index].kind not in {"account", "other", "unnamed"}


def _sorted_columns(flow: Flow, last: int) -> list[list[int]]:
    """Indices of boxes by column, each near the middle of its neighbours, ends below accounts."""
    columns = [[i for i, box in enumerate(flow.boxes) if box.column == number] for number in range(last + 1)]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        place = {index: spot / max(len(column), 1) for column in columns for spot, index in enumerate(column)}
        for column in columns if forward else reversed(columns):
            pull = {index: _pull(flow, index, place, forward=forward) for index in column}
            column.sort(key=lambda index: (_is_end(flow, index), pull[index], index))
            place.update({index: spot / max(len(column), 1) for spot, index in enumerate(column)})
    return columns


def _pull(flow: Flow, index: int, place: dict[int, float], *, forward: bool) -> float:
    """Mean place of the boxes that a box is tied to on one side, weighted by amount; its own where it has none."""
    total = weight = 0.0
    for ribbon in flow.ribbons:
        here, there = (ribbon.target, ribbon.source) if forward else (ribbon.source, ribbon.target)
        if here == index:
            total += place[there] * ribbon.amount
            weight += ribbon.amount
    return total / weight if weight else place[index]


def _ribbons(flow: Flow, drawn: dict[int, DrawnBox], scale: float) -> tuple[DrawnRibbon, ...]:
    """Paths whose ends are stacked along each box in the order of the boxes at their other ends."""
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    by_target = sorted(range(len(flow.ribbons)), key=lambda i: (drawn[flow.ribbons[i].target].y, i))
    by_source = sorted(range(len(flow.ribbons)), key=lambda i: (drawn[flow.ribbons[i].source].y, i))
    offset: dict[int, float] = {}
    for i in by_target:
        source = flow.ribbons[i].source
        left[i] = drawn[source].y + offset.get(source, 0.0)
        offset[source] = offset.get(source, 0.0) + flow.ribbons[i].amount * scale
    offset = {}
    for i in by_source:
        target = flow.ribbons[i].target
        right[i] = drawn[target].y + offset.get(target, 0.0)
        offset[target] = offset.get(target, 0.0) + flow.ribbons[i].amount * scale
    shapes = []
    for i, ribbon in enumerate(flow.ribbons):
        thick = max(ribbon.amount * scale, 0.6)
        x0, x1 = drawn[ribbon.source].x + BOX_WIDTH, drawn[ribbon.target].x
        shapes.append(DrawnRibbon(i, _path(x0, left[i], x1, right[i], thick)))
    return tuple(shapes)


def _path(x0: float, y0: float, x1: float, y1: float, thick: float) -> str:
    middle = (x0 + x1) / 2
    return (
        f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        f"V{y1 + thick:.1f}C{middle:.1f} {y1 + thick:.1f} {middle:.1f} {y0 + thick:.1f} {x0:.1f} {y0 + thick:.1f}Z"
    )
