"""Where compiled kernels are kept, and when they go."""

import os
import time
from pathlib import Path

import pytest

from duanka.kernels import cache

MONTH = 30 * 86_400


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all kernels, of a user who has set nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv(cache.SETTING, "to be restored")
    monkeypatch.delenv(cache.SETTING)
    return tmp_path / "duanka"


def used(folder: Path, seconds_ago: float) -> Path:
    """A folder with a compiled kernel in it, used so long ago."""
    folder.mkdir(parents=True)
    (folder / "order.nbc").write_bytes(b"code")
    os.utime(folder, (time.time() - seconds_ago,) * 2)
    return folder


def test_a_new_folder_removes_those_unused_for_a_month(kept: Path) -> None:
    old, recent = used(kept / "kernels-0", MONTH + 60), used(kept / "kernels-1", MONTH - 60)
    other = used(kept / "reports", 2 * MONTH)
    cache.choose()
    assert sorted(kept.iterdir()) == sorted([recent, other, Path(os.environ[cache.SETTING])])
    assert not old.exists()


def test_a_folder_that_is_used_stays_young_and_leaves_the_others_alone(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.choose()
    mine = Path(os.environ[cache.SETTING])
    monkeypatch.delenv(cache.SETTING)
    os.utime(mine, (0, 0))
    old = used(kept / "kernels-0", 2 * MONTH)
    cache.choose()
    assert mine.stat().st_mtime > time.time() - MONTH
    assert old.exists()


def test_what_cannot_be_removed_does_no_harm(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = used(kept / "kernels-0", 2 * MONTH)

    def taken_by_another_process(folder: Path, target: Path) -> Path:
        raise FileNotFoundError(folder, target)

    monkeypatch.setattr(Path, "rename", taken_by_another_process)
    cache.choose()
    assert old.exists()
    assert Path(os.environ[cache.SETTING]).is_dir()


def test_the_users_own_folder_is_left_alone(kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(cache.SETTING, str(tmp_path))
    cache.choose()
    assert os.environ[cache.SETTING] == str(tmp_path)
    assert not kept.exists()
