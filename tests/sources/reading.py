"""Reads a file as the product does and gives back everything that it yields."""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from duanka.records.vocabulary import RecordKind
from duanka.sources.batch import ENTRY_SCHEMA, LABEL_SCHEMA, REJECT_SCHEMA, Batch
from duanka.sources.opened import Opened
from duanka.sources.registry import Recognised, Unknown, open_source
from duanka.sources.spec import TableFormat

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
"""Real samples, where a checkout has them beside it; tests that need them skip otherwise."""


class ReadAll(NamedTuple):
    """All that a file gave."""

    format: str
    entries: pl.DataFrame
    rejects: pl.DataFrame
    records: dict[RecordKind, pl.DataFrame]
    labels: pl.DataFrame
    furniture: tuple[tuple[int, str], ...]

    @property
    def rows(self) -> int:
        """Rows accounted for."""
        return self.entries.height + self.rejects.height + sum(frame.height for frame in self.records.values())


class RefusedError(Exception):
    """Nothing recognised the file."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


def batches_of(
    path: Path, own: str = "unknown:x", mappings: tuple[TableFormat, ...] = ()
) -> tuple[Recognised, list[Batch]]:
    """What was recognised, and its batches; `RefusedError` if nothing was."""
    found = open_source(Opened(path, path.name), own_account=own, mappings=mappings)
    if isinstance(found, Unknown):
        raise RefusedError(found)
    return found, list(found.batches)


def read_all(path: Path, own: str = "unknown:x", mappings: tuple[TableFormat, ...] = ()) -> ReadAll:
    """Everything in one table of each kind, ordered by source row."""
    found, batches = batches_of(path, own, mappings)
    kinds = sorted({kind for batch in batches for kind in batch.records})
    return ReadAll(
        found.format,
        pl.concat([pl.DataFrame(schema=ENTRY_SCHEMA), *(b.entries for b in batches)]).sort("source_row"),
        pl.concat([pl.DataFrame(schema=REJECT_SCHEMA), *(b.rejects for b in batches)]).sort("source_row"),
        {kind: pl.concat(b.records[kind] for b in batches if kind in b.records).sort("source_row") for kind in kinds},
        pl.concat([pl.DataFrame(schema=LABEL_SCHEMA), *(b.labels for b in batches)]),
        tuple(line for batch in batches for line in batch.furniture),
    )
