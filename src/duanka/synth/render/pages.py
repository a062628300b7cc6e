"""Files that grow part by part and are split when they are full, so that memory holds few of their lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

_AT_ONCE = 50_000


@dataclass(slots=True)
class Pages:
    """One table of an institution: `name.csv`, or `name_1.csv`, `name_2.csv` … once it has more rows than a file takes.

    Each file begins with the header; a later one repeats the last `overlap` lines of the one before, as institutions do
    that answer by the day.
    """

    folder: Path
    name: str  # with `{}` where the number of the file stands
    header: str
    encoding: str = "gb18030"
    rows: int = 200_000
    overlap: int = 0
    end: str = "\r\n"
    written: list[Path] = field(default_factory=list)
    _filled: int = 0
    _last: list[str] = field(default_factory=list)

    def append(self, lines: pl.Series) -> None:
        """Write lines, opening new files as they fill up."""
        place = 0
        while place < len(lines):
            if not self.written or self._filled >= self.rows:
                self._open()
            size = min(len(lines) - place, self.rows - self._filled, _AT_ONCE)
            self._write(lines.slice(place, size))
            place += size
            self._filled += size

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / self.name.format(len(self.written) + 1)
        start = [self.header, *self._last] if self.header else list(self._last)
        path.write_bytes("".join(line + self.end for line in start).encode(self.encoding))
        self.written.append(path)
        self._filled = len(self._last)

    def _write(self, lines: pl.Series) -> None:
        text = str(lines.str.join(self.end).item()) + self.end
        with self.written[-1].open("ab") as stream:
            stream.write(text.encode(self.encoding))
        if self.overlap:
            self._last = [*self._last, *lines.tail(self.overlap).to_list()][-self.overlap :]


def names(text: str) -> list[str]:
    """Names of columns from one text, as headers are published."""
    return text.split(",")


def line(columns: Sequence[str], cells: Mapping[str, pl.Expr], *, separator: str = ",", pad: str = "") -> pl.Expr:
    """A line of text from expressions by column; a column without one, or null, is blank. `pad` follows every cell.

    Columns may repeat, as they do in the files of some institutions: the first of a name gets the cell.
    """
    pieces: list[pl.Expr] = []
    fixed = ""
    met: set[str] = set()
    for place, name in enumerate(columns):
        fixed += separator if place else ""
        if name in cells and name not in met:
            if fixed:
                pieces.append(pl.lit(fixed))
            pieces.append(cells[name].fill_null(""))
            fixed = ""
        met.add(name)
        fixed += pad
    return pl.concat_str(*pieces, pl.lit(fixed)).alias("line")


def header(columns: Sequence[str], *, separator: str = ",", pad: str = "") -> str:
    """The header line."""
    return separator.join(name + pad for name in columns)


def write_table(
    path: Path, frame: pl.DataFrame, columns: Sequence[str], cells: Mapping[str, pl.Expr], *, encoding: str = "utf-8",
    pad: str = "", end: str = "\n",
) -> list[Path]:  # fmt: skip
    """Write a small table at once; nothing where it has no rows. Returns the files written."""
    pages = Pages(path.parent, path.name, header(columns, pad=pad), encoding, max(frame.height, 1), end=end)
    if frame.height:
        pages.append(frame.select(line(columns, cells, pad=pad))["line"])
    return pages.written
