"""The small labelled case that ships with Duanka: a folder as an investigator gets it, and where to start from."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file
from importlib.resources import files as _resources
from pathlib import Path

from duanka.store.seeds import Seed, read_seeds

FOLDER, SEEDS, LABELS = "folder", "seeds.csv", "labels.csv"
"""What lies in `case/`: what is imported, where to start from, and the truth, which no import ever sees."""


@contextmanager
def files() -> Iterator[tuple[Path, list[Seed]]]:
    """The folder to import and the seeds; the folder is on disk for as long as the context lasts."""
    with as_file(_resources(__name__) / "case") as case:
        yield case / FOLDER, read_seeds(case / SEEDS)
