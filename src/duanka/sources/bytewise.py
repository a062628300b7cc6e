"""What has to be looked at byte by byte: GB18030 in UTF-8, and where the lines and cells of delimited text end.

A million rows of a police file are some 200 MB. Python's codec and numpy's passes over them cost more than Polars'
parser does, and hold the interpreter's lock meanwhile, so that a second file can't be read beside the first.
"""

import codecs
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from duanka.kernels.compile import kernel

Bytes = NDArray[np.uint8]

_NEWLINE, _RETURN, _QUOTE, _SPACE = 10, 13, 34, 32
_EDGES: Bytes = np.zeros((3, 256), np.uint8)
"""Bits for the first, the last and the last but one byte of a cell that may begin or end with what Unicode calls white
space, or with a control character: 1 for ASCII, 2 for what is longer in UTF-8."""
_EDGES[:2, : _SPACE + 1] = 1
_EDGES[0, [0xC2, 0xE1, 0xE2, 0xE3]] = 2
_EDGES[1, [*range(0x80, 0x8B), 0x9F, 0xA0, 0xA8, 0xA9, 0xAF]] = 2
_EDGES[2] = 1
_EDGES[2, [0xC2, 0x80, 0x81, 0x9A]] = 3


class Lines(NamedTuple):
    """What the lines of a block are like; n lines."""

    ends: NDArray[np.int64]  # place of its newline
    delimiters: NDArray[np.int64]  # those outside quotes; -1 where `odd`
    quoted: NDArray[np.bool_]  # has a quote
    odd: NDArray[np.bool_]  # has a quote that neither opens nor closes a whole cell of this line
    padded: NDArray[np.bool_]  # by column: whether a cell of a line that is not odd begins or ends with a blank


def lines_of(body: bytes, delimiter: int, width: int) -> Lines:
    """Lines of UTF-8 text that ends with a newline, and delimiters in each. `width`: number of columns. O(bytes)."""
    data = np.frombuffer(body, dtype=np.uint8)
    count = _count(data, _NEWLINE)
    numbers, flags = np.empty((2, count), np.int64), np.zeros((2, count), np.bool_)
    found = Lines(numbers[0], numbers[1], flags[0], flags[1], np.zeros(width, np.bool_))
    marks = np.zeros(256, np.uint8)
    marks[[delimiter, _NEWLINE, _QUOTE]] = 1
    _lines(data, delimiter, marks, _EDGES, *found)
    return found


@kernel
def _lines(
    data: Bytes,
    delimiter: int,
    marks: Bytes,
    edges: Bytes,
    ends: NDArray[np.int64],
    delimiters: NDArray[np.int64],
    quoted: NDArray[np.bool_],
    odd: NDArray[np.bool_],
    padded: NDArray[np.bool_],
) -> None:
    line, column, first, start, quote = 0, 0, 0, 0, False
    for i in range(len(data)):
        mark = data[i]
        if marks[mark] == 0:  # nearly every byte
            continue
        if mark == _QUOTE:
            quote = True
            continue
        end = i - 1 if mark == _NEWLINE and start < i and data[i - 1] == _RETURN else i
        if start < end and not quote and column < len(padded):
            doubtful = edges[0, data[start]] | (edges[1, data[end - 1]] & edges[2, data[max(end - 2, start)]])
            if doubtful != 0:
                padded[column] |= _begins_blank(data, start, end) or _ends_blank(data, start, end)
        start, column = i + 1, column + 1
        if mark == _NEWLINE:
            ends[line], quoted[line] = i, quote
            delimiters[line] = _quoted_line(data, delimiter, first, end, padded) if quote else column - 1
            odd[line] = delimiters[line] < 0
            line, column, first, quote = line + 1, 0, start, False


@kernel
def _quoted_line(data: Bytes, delimiter: int, first: int, end: int, padded: NDArray[np.bool_]) -> int:
    """Delimiters outside the quotes of the line [first, end); -1 if a quote does not enclose a whole cell of it."""
    column, i = 0, first
    while True:
        start, closed = i, -1
        if i < end and data[i] == _QUOTE:
            i += 1
            while i < end and data[i] != _QUOTE:
                i += 1
            closed, i = i, i + 1
            if closed >= end or (i < end and data[i] != delimiter):
                return -1
        while i < end and data[i] != delimiter:
            if data[i] == _QUOTE:
                return -1
            i += 1
        inside, stop = (start + 1, closed) if closed >= 0 else (start, i)
        if column < len(padded):  # an empty text in quotes is to be made null
            padded[column] |= closed == start + 1
            if inside < stop:
                padded[column] |= _begins_blank(data, inside, stop) or _ends_blank(data, inside, stop)
        if i >= end:
            return column
        column, i = column + 1, i + 1


@kernel
def _begins_blank(data: Bytes, start: int, end: int) -> bool:
    """Whether the cell [start, end) begins with white space or a control character."""
    first = data[start]
    if first <= _SPACE or end - start < 2:
        return bool(first <= _SPACE)
    if first == 0xC2:
        return bool(data[start + 1] in (0x85, 0xA0))
    return end - start > 2 and _is_wide_blank(first, data[start + 1], data[start + 2])


@kernel
def _ends_blank(data: Bytes, start: int, end: int) -> bool:
    last = data[end - 1]
    if last <= _SPACE or end - start < 2:
        return bool(last <= _SPACE)
    if data[end - 2] == 0xC2:
        return bool(last in (0x85, 0xA0))
    return end - start > 2 and _is_wide_blank(data[end - 3], data[end - 2], last)


@kernel
def _is_wide_blank(first: int, second: int, third: int) -> bool:
    """U+1680, U+2000-200A, U+2028, U+2029, U+202F, U+205F, U+3000 in UTF-8."""
    if first == 0xE3:
        return second == 0x80 and third == 0x80
    if first == 0xE1:
        return second == 0x9A and third == 0x80
    if first != 0xE2:
        return False
    if second == 0x80:
        return 0x80 <= third <= 0x8A or third in (0xA8, 0xA9, 0xAF)
    return second == 0x81 and third == 0x9F


def has_lone_return(data: bytes) -> bool:
    """Whether a CR stands without an LF after it. O(bytes)."""
    array = np.frombuffer(data, dtype=np.uint8)
    return data.endswith(b"\r") or bool(_lone_returns(array))


@kernel
def _count(data: Bytes, byte: int) -> int:
    """How often the byte stands in the data; a loop without branches is done on many bytes at once."""
    found = 0
    for i in range(len(data)):
        found += data[i] == byte
    return found


@kernel
def _lone_returns(data: Bytes) -> int:
    found = 0
    for i in range(len(data) - 1):
        found += (data[i] == _RETURN) & (data[i + 1] != _NEWLINE)
    return found


def gb18030_to_utf8(raw: bytes) -> tuple[bytes, int] | None:
    """`raw` in UTF-8, and how many of its bytes that is: a character that is cut at the end is left for the next block.

    None if anything but ASCII and known two-byte characters is in it; Python's codec then is the one to ask. O(bytes).
    """
    data = np.frombuffer(raw, dtype=np.uint8)
    out = np.empty(len(data) + len(data) // 2 + 3, dtype=np.uint8)  # two bytes become three at most
    used, written = _gb18030_to_utf8(data, _pairs(), out)
    return None if used < 0 else (out[:written].tobytes(), int(used))


@kernel
def _gb18030_to_utf8(data: Bytes, pairs: NDArray[np.uint32], out: Bytes) -> tuple[int, int]:
    """Bytes read and bytes written; -1 and 0 if a character is not in `pairs`."""
    written, lead = 0, np.uint8(0)
    for i in range(len(data)):
        byte = data[i]
        if lead == 0:
            if byte < 0x80:
                out[written] = byte
                written += 1
            else:
                lead = byte
            continue
        packed = pairs[(np.int64(lead) << 8) | byte]
        if packed == 0:
            return -1, 0
        out[written], out[written + 1], out[written + 2] = packed & 0xFF, (packed >> 8) & 0xFF, packed >> 16
        written += 3 if packed > 0xFFFF else 2
        lead = np.uint8(0)
    return len(data) - (lead != 0), written


@cache
def _pairs() -> NDArray[np.uint32]:
    """UTF-8 of every two-byte character by Python's own codec, first byte lowest; 0 for what is none."""
    table = np.zeros(1 << 16, dtype=np.uint32)
    for lead in range(0x81, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            try:
                character, used = codecs.lookup("gb18030").decode(bytes((lead, trail)))
            except UnicodeDecodeError:
                continue
            if used == 2 and len(character) == 1:
                table[lead << 8 | trail] = int.from_bytes(character.encode(), "little")
    return table
