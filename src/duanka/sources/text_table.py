"""Delimited text in bounded parts: any encoding, any of four delimiters, ragged rows, stray quotes, huge lines.

Lines whose quotes, if any, enclose whole cells go through Polars in bulk; the others through `csv` one by one.
Every line is in a row, in a reject or in the furniture; each keeps its number.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from duanka.records.vocabulary import RejectCode
from duanka.sources.batch import RAW_LIMIT, REJECT_SCHEMA
from duanka.sources.bytewise import has_lone_return, lines_of
from duanka.sources.encoding import MARK, Encoding, Utf8Decoder, detect
from duanka.sources.opened import HEAD_BYTES, HEAD_ROWS, Head, Part

BLOCK_BYTES = 24 << 20
"""Bytes decoded at once: enough for Polars to be quick, small enough for a laptop."""

LINE_LIMIT = 1 << 20
"""Bytes of a line; a longer one is rejected, so that memory stays bounded whatever the file is."""

MAX_COLUMNS = 2_000
RECORD_LINES = 50
"""Lines over which a quoted field may run; beyond it the quote is taken for a stray one."""

DELIMITERS = (",", "\t", ";", "|")
_PADDED, _PADDING = re.compile(r'\t"?,'), re.compile(r'\t+(?="?,|"?\s*$)')
_BLANK = np.isin(np.arange(256), (0, 9, 11, 12, 13, 32))
_GOES_ON = -1


class TextTable:
    """One delimited text file."""

    label = ""

    def __init__(self, path: Path, *, encoding: str = "", delimiter: str = "") -> None:
        self.path = path
        self._encoding = encoding
        self._delimiter = delimiter
        self._marked = False  # whether anything read so far could not be decoded

    @cached_property
    def encoding(self) -> Encoding:
        """The encoding that won the vote, or the one that was given."""
        if self._encoding:
            return Encoding(self._encoding, strict=False, votes=("given",))
        with self.path.open("rb") as stream:
            sample = stream.read(HEAD_BYTES)
            while sample.isascii() and (following := stream.read(HEAD_BYTES)):  # what is not ASCII comes late
                sample = following
            complete = not stream.read(1)
        return detect(sample, complete=complete)

    @cached_property
    def _ends_with_returns(self) -> bool:
        """A file with CR line ends only; in any other, a lone CR is blank space."""
        with self.path.open("rb") as stream:
            text = codecs.getincrementaldecoder(self.encoding.name)("replace").decode(stream.read(HEAD_BYTES))
        return "\r" in text[:-1] and "\n" not in text

    @cached_property
    def _first(self) -> list[str]:
        blocks = self._blocks(HEAD_BYTES)
        text = next(blocks, b"").decode("utf-8", errors="replace")
        return [line[:LINE_LIMIT] for line in text.split("\n")[:HEAD_ROWS]]

    @cached_property
    def delimiter(self) -> str:
        """The delimiter that splits most lines into the same number of fields, more than one."""
        if self._delimiter:
            return self._delimiter
        scores = {}
        lines = [_unpadded(line) for line in self._first if line.strip()]
        for delimiter in DELIMITERS:
            counts = [min(line.count(delimiter), MAX_COLUMNS) for line in lines]
            widest = max(counts, default=0)
            scores[delimiter] = (sum(1 for c in counts if c and c >= widest * 0.7) * (widest > 0), widest)
        return max(DELIMITERS, key=lambda d: scores[d])

    @cached_property
    def head(self) -> Head:
        """The first lines, split."""
        rows = [tuple(_cells(line, self.delimiter)[:MAX_COLUMNS]) for line in self._first]
        return Head(tuple(range(1, len(rows) + 1)), tuple(rows))

    def parts(self, header: int | None, names: tuple[str, ...]) -> Iterator[Part]:
        """Rows below line `header`+1, under `names`, one part per block of the file."""
        skip = 0 if header is None else header + 1
        line_number = 0
        held = b""  # a record whose end is in the next block
        for fresh, last in _with_last(self._blocks(BLOCK_BYTES)):
            body, preamble = _split_after(held + fresh, skip - line_number)
            above = preamble.decode("utf-8", errors="replace").removesuffix("\n").split("\n") if preamble else []
            furniture = tuple((line_number + i + 1, text[:RAW_LIMIT]) for i, text in enumerate(above) if text.strip())
            line_number += len(above)
            part, held, lines = _read_block(body, line_number, names, self.delimiter, last=last)
            line_number += lines - held.count(b"\n")
            damaged = body.count(MARK.encode(), 0, len(body) - len(held)) if self._marked else 0
            warnings = (f"undecodable:{damaged}:{self.encoding.name}",) if damaged else ()
            if part.frame.height or part.rejects.height or furniture:
                yield replace(part, furniture=furniture, warnings=warnings)

    def _blocks(self, size: int) -> Iterator[bytes]:
        """UTF-8 blocks that end at line ends; lines over LINE_LIMIT are cut to a mark that later becomes a reject."""
        rest, dropping, split = b"", False, b""
        for piece, last in self._decoded(size):
            data, split = split + piece, b""
            if data.endswith(b"\r") and not last:  # its LF may begin the next block
                data, split = data[:-1], b"\r"
            if has_lone_return(data):
                data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n" if self._ends_with_returns else b" ")
            if dropping:  # the rest of a line that was already too long
                end = data.find(b"\n")
                if end < 0:
                    continue
                data, dropping = data[end:], False
            data = rest + data if rest else data
            end = len(data) if last else data.rfind(b"\n") + 1  # a last line without its end is no part of its own
            block, rest = (data, b"") if end == len(data) else (data[:end], data[end:])
            if len(rest) > LINE_LIMIT:
                rest, dropping = rest[: LINE_LIMIT + 1], True
            if block:
                yield block
        if rest or split:
            yield rest + (b"\n" if split else b"")

    def _decoded(self, size: int) -> Iterator[tuple[bytes, bool]]:
        """The file in UTF-8, in pieces that may end anywhere, and whether a piece is the last of the file."""
        decoder = Utf8Decoder(self.encoding.name, given=bool(self._encoding))
        with self.path.open("rb") as stream:
            while raw := stream.read(size):
                last = len(raw) < size
                piece = decoder.decode(raw, final=last)
                self._marked = self._marked or decoder.marked
                yield piece, last
        if tail := decoder.decode(b"", final=True):
            self._marked = self._marked or decoder.marked
            yield tail, True


def _unpadded(line: str) -> str:
    """A line without the tabs that pad its comma-separated cells (police exports): they are no delimiters."""
    return _PADDING.sub("", line) if _PADDED.search(line) else line


def _with_last(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block, and whether it is the last."""
    before = next(blocks, None)
    while before is not None:
        following = next(blocks, None)
        yield before, following is None
        before = following


def _split_after(block: bytes, lines: int) -> tuple[bytes, bytes]:
    """What follows the first `lines` lines, and these."""
    position = 0
    for _ in range(lines):
        found = block.find(b"\n", position)
        if found < 0:
            return b"", block
        position = found + 1
    return block[position:], block[:position]


def _cells(line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _read_block(
    body: bytes, first: int, names: tuple[str, ...], delimiter: str, *, last: bool
) -> tuple[Part, bytes, int]:
    """Rows of `body`, the record at its end that goes on in the next block, and the number of lines.

    The first line has number first+1. `last` is True if there is no further block.
    """
    if not body:
        return Part(_frame([], [], names)), b"", 0
    data = np.frombuffer(body, dtype=np.uint8)
    whole = body.endswith(b"\n")  # False if the last line lacks its end
    ends, delimiters, quoted, odd, padded = lines_of(body if whole else body + b"\n", ord(delimiter), len(names))
    starts = np.concatenate(([0], ends[:-1] + 1)).astype(np.int64)
    sizes = ends - starts
    blank = _blank_lines(data, starts, ends, sizes)
    too_long = sizes > LINE_LIMIT
    simple = ~odd & ~blank & ~too_long & (delimiters == len(names) - 1)
    careful = _Careful(body, starts, ends, first, names, delimiter, last=last)
    position = 0
    held = b""
    for index in np.flatnonzero(~simple & ~blank):
        if index < position:
            continue
        if too_long[index]:
            careful.reject(int(index), RejectCode.LINE_TOO_LONG, f"> {LINE_LIMIT} bytes")
            position = int(index) + 1
            continue
        position = careful.take(int(index), cut=not whole and int(index) == len(starts) - 1)
        if position == _GOES_ON:
            held = body[starts[index] :]
            simple[index:] = False
            break
        simple[index:position] = False  # lines within a quoted cell are no rows of their own
    quotes = bool(quoted[simple].any())
    bulk = _bulk(body, starts, ends, simple, first, names, delimiter, quotes=quotes)
    rejects = pl.DataFrame(careful.rejects, schema=REJECT_SCHEMA, orient="row")
    frames = [bulk, _frame(careful.lines, careful.cells, names)] if careful.lines else [bulk]
    frame = pl.concat(frames, rechunk=True)
    untrimmed = {name for name, pad in zip(names, padded, strict=True) if pad} | careful.padded(names)
    return Part(frame, rejects, trimmed=frozenset(names) - untrimmed), held, len(starts)


def _blank_lines(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Lines of blanks only. Just short ones that begin with a blank are looked at: a blank line is never wide."""
    blank: NDArray[np.bool_] = sizes == 0
    begins_blank = _BLANK[data[np.minimum(starts, len(data) - 1)]]
    for index in np.flatnonzero((sizes > 0) & (sizes < 200) & begins_blank):
        blank[index] = not data[starts[index] : ends[index]].tobytes().strip(b" \t\r\x00\x0b\x0c")
    return blank


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of each run of True."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [(int(i), int(j) - 1) for i, j in zip(edges[::2], edges[1::2], strict=True)]


def _bulk(
    body: bytes,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    simple: NDArray[np.bool_],
    first: int,
    names: tuple[str, ...],
    delimiter: str,
    *,
    quotes: bool,
) -> pl.DataFrame:
    """The regular lines, all at once. `quotes`: some of their cells are in quotes."""
    if not simple.any():
        return _frame([], [], names)
    if not simple.all():
        lines = np.flatnonzero(simple) + first + 1
        body = b"\n".join([body[starts[i] : ends[j]] for i, j in _runs(simple)])
    else:
        lines = np.arange(first + 1, first + 1 + len(starts))
    if len(names) == 1:  # Polars would take a blank-free single column for a header-only file
        values = body.decode("utf-8", errors="replace").rstrip("\n").split("\n")
        return _frame(lines.tolist(), [_cells(value.rstrip("\r"), delimiter) or [""] for value in values], names)
    frame = pl.read_csv(
        body,
        has_header=False,
        schema={f"c{i}": pl.String for i in range(len(names))},
        separator=delimiter,
        quote_char='"' if quotes else None,
        raise_if_empty=False,
    )
    frame.columns = list(names)
    return frame.insert_column(0, pl.Series("line", lines, dtype=pl.Int64))


def _frame(lines: list[int], cells: list[list[str]], names: tuple[str, ...]) -> pl.DataFrame:
    columns = list(zip(*cells, strict=True)) if cells else [()] * len(names)
    data = {"line": pl.Series(lines, dtype=pl.Int64)}
    data |= {
        name: pl.Series([value or None for value in values], dtype=pl.String)
        for name, values in zip(names, columns, strict=True)
    }
    return pl.DataFrame(data)


class _Careful:
    """The lines that need a look: quoted, ragged, running over several lines, or cut."""

    def __init__(
        self,
        body: bytes,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        first: int,
        names: tuple[str, ...],
        delimiter: str,
        *,
        last: bool,
    ) -> None:
        self.body, self.starts, self.ends, self.first = body, starts, ends, first
        self.width, self.delimiter, self.last = len(names), delimiter, last
        self.lines: list[int] = []
        self.cells: list[list[str]] = []
        self.rejects: list[tuple[int, str, str, str]] = []

    def text(self, index: int) -> str:
        return self.body[self.starts[index] : self.ends[index]].decode("utf-8", errors="replace").rstrip("\r")

    def padded(self, names: tuple[str, ...]) -> set[str]:
        """Columns with blanks around a text."""
        return {name for cells in self.cells for name, cell in zip(names, cells, strict=True) if cell != cell.strip()}

    def reject(self, index: int, code: RejectCode, detail: str) -> None:
        raw = self.body[self.starts[index] : min(self.ends[index], self.starts[index] + 4 * RAW_LIMIT)]
        text = raw.decode("utf-8", errors="replace")[:RAW_LIMIT]
        self.rejects.append((self.first + index + 1, code.value, detail, text))

    def take(self, index: int, *, cut: bool) -> int:
        """Read the record that begins at line `index`; returns the index of the next line, or _GOES_ON."""
        line = self.text(index)
        if line.count('"') % 2 == 0:
            self._accept(index, _cells(line, self.delimiter), cut=cut)
            return index + 1
        for stop in range(index + 1, index + RECORD_LINES):
            if stop >= len(self.starts) and not self.last:
                return _GOES_ON
            if stop >= len(self.starts) or self.ends[stop] - self.starts[stop] > LINE_LIMIT:
                break
            following = self.text(stop)
            line += "\n" + following
            if following.count('"') % 2 == 1:
                cells = _cells_of_record(line, self.delimiter)
                if cells is not None and len(cells) == self.width:
                    self._accept(index, cells, cut=False)
                    return stop + 1
                break
        self._accept(index, self.text(index).split(self.delimiter), cut=cut)  # a stray quote is just a character
        return index + 1

    def _accept(self, index: int, cells: list[str], *, cut: bool) -> None:
        if len(cells) > self.width and not any(cell.strip() for cell in cells[self.width :]):
            cells = cells[: self.width]
        if len(cells) > self.width:
            self.reject(index, RejectCode.TOO_MANY_FIELDS, f"{len(cells)} > {self.width}")
            return
        if cut and len(cells) < self.width:
            self.reject(index, RejectCode.TOO_FEW_FIELDS, f"{len(cells)} < {self.width}, cut")
            return
        self.lines.append(self.first + index + 1)
        self.cells.append(cells + [""] * (self.width - len(cells)))


def _cells_of_record(text: str, delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
