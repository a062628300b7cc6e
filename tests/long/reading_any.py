"""Reads whatever bytes there are as an import would, and checks what must hold of any of them."""

from pathlib import Path

from duanka.sources.intake import walk
from duanka.sources.opened import Opened, SourceError
from duanka.sources.registry import Recognised, open_source

ROWS_PER_BYTE = 1
"""No reader may make more rows than its file has bytes, or hold on to more text than it was given, many times over."""


def read_any(path: Path, passwords: tuple[str, ...] = ("secret",)) -> int:
    """Rows read from a file or archive. Raises only what is a fault of ours."""
    rows = 0
    for found in walk([path], passwords=list(passwords)):
        if found.problem:
            continue
        problem = "said"
        try:
            rows += _read_one(Opened(found.path, found.name))
        except SourceError as error:
            problem = str(error)
        assert problem.strip()
        assert "\n" not in problem
    return rows


def _read_one(opened: Opened) -> int:
    source = open_source(opened, own_account="unknown:x")
    if not isinstance(source, Recognised):
        assert source.reason
        return 0
    rows = 0
    for batch in source.batches:
        frames = [batch.entries, batch.rejects, *batch.records.values()]
        assert sum(frame.height for frame in frames) == batch.rows
        assert batch.rejects["code"].null_count() == 0
        for name in ("amount", "time", "currency", "side", "status"):
            assert batch.entries[name].null_count() == 0
        assert not batch.rejects["raw"].str.len_chars().max() or batch.rejects["raw"].str.len_chars().max() <= 4000  # type: ignore[operator]  # a number or None
        rows += batch.rows
    assert rows <= opened.size * ROWS_PER_BYTE
    return rows
