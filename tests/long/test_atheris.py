"""Coverage-guided fuzzing of the byte-level readers, where atheris can be installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from long.seeds import text_seeds

pytestmark = pytest.mark.long

RUNS = 2_500
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def atheris(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that has atheris, apart from the project's environment."""
    folder = tmp_path_factory.mktemp("atheris")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--only-binary",
        ":all:",
        "--target",
        str(folder),
        "atheris",
    ]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["?"])[-1]
        pytest.skip(f"atheris can't be installed here: {last}")
    return folder


def test_a_session(atheris: Path, tmp_path: Path) -> None:
    corpus, finds = tmp_path / "corpus", tmp_path / "finds"
    corpus.mkdir()
    finds.mkdir()
    for name, data in text_seeds(tmp_path).items():
        (corpus / name).write_bytes(b"\x08" + data)
    path = os.pathsep.join([str(atheris), str(TESTS), str(TESTS.parent / "src")])
    command = [
        sys.executable, str(TESTS / "long" / "atheris_session.py"), str(corpus), f"-runs={RUNS}",
        "-max_len=4096", "-seed=7", "-rss_limit_mb=3000", "-timeout=60", f"-artifact_prefix={finds}/",
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, check=False, timeout=1800, env=os.environ | {"PYTHONPATH": path}
    )
    found = [file.read_bytes() for file in finds.iterdir()]
    assert done.returncode == 0, (done.stderr.decode(errors="replace")[-3000:], found)
    assert not found
