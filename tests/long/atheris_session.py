"""A fuzzing session over the byte-level readers; run by test_atheris.py where atheris can be had."""

import os
import sys
import tempfile
from pathlib import Path

import atheris

# what is compiled can't be instrumented; a twin watches over it in tests/sources/test_bytewise.py
with atheris.instrument_imports(include=["duanka.sources"], exclude=["duanka.sources.bytewise"]):
    from duanka.sources import encoding, intake, opened, registry, table_reader, text_table

from long.reading_any import read_any

assert encoding
assert intake
assert opened
assert registry
assert table_reader

_FILE = Path(tempfile.mkdtemp()) / "file"


def one_input(data: bytes) -> None:
    """The first byte chooses the size of blocks, the rest is the file."""
    text_table.BLOCK_BYTES = 1 << (data[0] % 12) if data else 64
    _FILE.write_bytes(data[1:])
    read_any(_FILE)


if __name__ == "__main__":
    os.environ["DUANKA_DEBUG"] = "1"
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
