import re
from collections import Counter
from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from duanka.report.facts import Box, Flow, Ribbon
from duanka.report.sankey import draw


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Columns of boxes, each but the first fed from the column before it."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=6))
    edges: Counter[tuple[int, int]] = Counter()
    base = 0
    for left, right in pairwise(sizes):
        for target in range(base + left, base + left + right):
            edges[draw(st.integers(base, base + left - 1)), target] += draw(st.integers(1, 10**12))
        base += left
    boxes: list[Box] = []
    for column, size in enumerate(sizes):
        for _ in range(size):
            index = len(boxes)
            into = sum(amount for (_, target), amount in edges.items() if target == index)
            out = sum(amount for (source, _), amount in edges.items() if source == index)
            boxes.append(Box(column, "account", str(index), "", 1, max(into, out)))
    ribbons = tuple(Ribbon(source, target, amount, 1) for (source, target), amount in edges.items())
    return Flow("CNY", 1, 1, tuple(boxes), ribbons, pa.table({}))


@given(flows())
def test_boxes_stand_inside_the_picture_and_never_on_each_other(flow: Flow) -> None:
    drawing = draw(flow)
    assert sorted(box.index for box in drawing.boxes) == list(range(len(flow.boxes)))
    for box in drawing.boxes:
        assert 0 <= box.x < drawing.width
        assert box.y >= 0
        assert box.y + box.height <= drawing.height
    for column in {box.x for box in drawing.boxes}:
        stack = sorted((box.y, box.height) for box in drawing.boxes if box.x == column)
        assert all(y + height < following for (y, height), (following, _) in pairwise(stack))


@given(flows())
def test_ribbons_begin_and_end_at_their_boxes(flow: Flow) -> None:
    drawing = draw(flow)
    boxes = {box.index: box for box in drawing.boxes}
    for drawn in drawing.ribbons:
        numbers = [float(number) for number in re.findall(r"-?[0-9.]+", drawn.path)]
        ribbon = flow.ribbons[drawn.index]
        source, target = boxes[ribbon.source], boxes[ribbon.target]
        assert abs(numbers[0] - source.x - 11) < 0.2
        assert abs(numbers[6] - target.x) < 0.2
        assert source.y - 0.2 <= numbers[1] <= source.y + source.height + 0.2
        assert target.y - 0.2 <= numbers[7] <= target.y + target.height + 0.2


@given(flows())
def test_the_same_flow_gives_the_same_picture(flow: Flow) -> None:
    assert draw(flow) == draw(flow)
