"""Mutated files of every kind: a named error, an unknown file or rows that add up, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from long.reading_any import read_any
from long.seeds import container_seeds, text_seeds

pytestmark = pytest.mark.long

TEXTS = ("gb18030", "utf16", "utf16_plain", "quoted", "tabs", "amlworld", "patterns", "camt", "dtd", "template")
CONTAINERS = ("a.parquet", "a.xlsx", "a.zip", "secret.zip")
_TOKENS = [
    b'"', b",", b"\n", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x81\x30", b"\xed\xa0\x80", b"NaN", b"1e400",
    b"9" * 40, b"-0.00", b"2023-02-30", b"<", b"]]>", b"&x;", b"PK\x03\x04", b"\xff" * 8, b"\x00" * 64,
    "（".encode("gb18030"), b"'", b"\t",
]  # fmt: skip
_KINDS = st.sampled_from(["set", "insert", "cut", "repeat", "flip"])
_EDIT = st.tuples(st.floats(0, 1), _KINDS, st.sampled_from(_TOKENS), st.integers(0, 255))
_EDITS = st.lists(_EDIT, min_size=1, max_size=8)
Edit = tuple[float, str, bytes, int]


def mutated(data: bytes, edits: list[Edit]) -> bytes:
    changed = bytearray(data)
    for share, kind, token, byte in edits:
        place = int(share * len(changed))
        if kind == "set":
            changed[place : place + len(token)] = token
        elif kind == "insert":
            changed[place:place] = token
        elif kind == "cut":
            del changed[place : place + byte * 4]
        elif kind == "repeat":
            changed[place:place] = changed[place : place + byte]
        elif place < len(changed):
            changed[place] ^= byte or 1
    return bytes(changed)


class Seeds(dict[str, bytes]):
    """Files by name; with a short name itself, for reports."""

    def __repr__(self) -> str:
        return "Seeds"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    folder = tmp_path_factory.mktemp("seeds")
    found = text_seeds(folder) | container_seeds(folder)
    assert set(found) == {*TEXTS, *CONTAINERS, "a.xls"}
    for name, data in found.items():
        path = folder / f"whole-{name}"
        path.write_bytes(data)
        assert (read_any(path) > 0) == (name != "dtd"), name
    return Seeds(found)


def check(folder: Path, data: bytes) -> None:
    path = folder / "file"
    path.write_bytes(data)
    read_any(path)


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=_EDITS)
def test_texts(tmp_path: Path, seeds: Seeds, name: str, edits: list[Edit]) -> None:
    check(tmp_path, mutated(seeds[name], edits))


@pytest.mark.parametrize("name", CONTAINERS)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=_EDITS)
def test_containers(tmp_path: Path, seeds: Seeds, name: str, edits: list[Edit]) -> None:
    check(tmp_path, mutated(seeds[name], edits))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=_EDITS)
def test_old_workbooks(tmp_path: Path, seeds: Seeds, edits: list[Edit]) -> None:
    check(tmp_path, mutated(seeds["a.xls"], edits))


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.one_of(
        st.binary(max_size=2000), st.text(max_size=800).map(lambda text: text.encode("utf-16", errors="replace"))
    )
)
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    check(tmp_path, data)
