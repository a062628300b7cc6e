"""What lies in the paths that the user names: files, folders, and archives in archives, with passwords."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import pyzipper

from duanka.sources.opened import Opened, SourceError

MAX_DEPTH = 5
MAX_MEMBERS = 100_000
MAX_UNPACKED = 64 << 30
MAX_RATIO = 1_000
_SMALL = 64 << 20
_HIDDEN = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_UTF8_FLAG = 0x800


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was found: on disk for as long as the walk stands at it."""

    path: Path
    name: str  # as the user would name it: `folder/archive.zip/member.csv`
    problem: str = ""  # why it can't be read, e.g. no password fits; empty if it can


def walk(paths: list[Path], *, passwords: list[str], skip: Path | None = None) -> Iterator[Found]:
    """Every file below the paths, sorted by name, archives opened. A file is valid until the next step of the walk.

    Args:
        paths: files and folders. A path that does not exist raises SourceError.
        passwords: tried on every archive that wants one, in this order.
        skip: a folder to leave out (the case itself, if it lies inside a path).
    """
    for path in paths:
        if not path.exists():
            raise SourceError("source.missing", path=path)
        if not path.is_dir():
            yield from _file(path, shown(path), passwords, 0)
            continue
        closed: list[OSError] = []
        for folder, folders, names in os.walk(path, onerror=closed.append):
            folders.sort()
            here = Path(folder)
            folders[:] = [
                f for f in folders if not f.startswith(".") and (skip is None or (here / f).resolve() != skip.resolve())
            ]
            for name in sorted(names):
                if name.startswith((".", "~$")) or name in _HIDDEN:
                    continue
                yield from _file(here / name, shown(here / name), passwords, 0)
        for error in closed:
            yield Found(Path(error.filename), shown(Path(error.filename)), f"can't be opened: {error.strerror}")


def shown(path: Path) -> str:
    """A path as text that can be stored and printed: names in bytes that are no UTF-8 (from a GBK archive) are read."""
    name = path.as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:
        raw = name.encode(errors="surrogateescape")
        name = raw.decode("gb18030", errors="replace")
    return name


def _file(path: Path, name: str, passwords: list[str], depth: int) -> Iterator[Found]:
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            yield Found(path, name, "no file that could be read, but a device, pipe or socket")
            return
        kind = Opened(path, name).kind
    except OSError as error:
        yield Found(path, name, f"can't be opened: {error.strerror}")
        return
    if kind != "zip":
        yield Found(path, name)
        return
    if depth >= MAX_DEPTH:
        yield Found(path, name, f"archives are nested more than {MAX_DEPTH} deep")
        return
    yield from _archive(path, name, passwords, depth)


def _archive(path: Path, name: str, passwords: list[str], depth: int) -> Iterator[Found]:
    try:
        with pyzipper.AESZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if problem := _bomb(members, path):
                yield Found(path, name, problem)
                return
            readable = sorted(((_member_name(m), m) for m in members), key=lambda pair: pair[0])
            readable = [(n, m) for n, m in readable if not any(h in n for h in _HIDDEN)]
            if not readable:
                yield Found(path, name, "the archive is empty")
            for member_name, member in readable:
                full = f"{name}/{member_name}"
                with _unpacked(archive, member, passwords) as (target, problem):
                    if problem:
                        yield Found(path, full, problem)
                    else:
                        yield from _file(target, full, passwords, depth + 1)
    except (zipfile.BadZipFile, pyzipper.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        yield Found(path, name, f"the archive is damaged: {error}")


def _bomb(members: list[zipfile.ZipInfo], path: Path) -> str:
    if len(members) > MAX_MEMBERS:
        return f"the archive has {len(members):,} members; more than {MAX_MEMBERS:,} are not unpacked"
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked > MAX_RATIO * path.stat().st_size):
        return f"the archive would unpack to {unpacked:,} bytes; unpack by hand what is needed"
    return ""


def _member_name(member: zipfile.ZipInfo) -> str:
    """Chinese tools write names in GBK without saying so; ZIP then reads them as code page 437."""
    name = member.filename
    if not member.flag_bits & _UTF8_FLAG:
        try:
            name = name.encode("cp437").decode("gb18030")
        except (UnicodeEncodeError, UnicodeDecodeError):
            name = member.filename
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in {"/", "..", "."}]
    return "/".join(parts) or "member"


@contextmanager
def _unpacked(
    archive: pyzipper.AESZipFile, member: zipfile.ZipInfo, passwords: list[str]
) -> Iterator[tuple[Path, str]]:
    """The member on disk, or why it can't be had. The name on disk is ours: a member can't choose where it lands."""
    with tempfile.TemporaryDirectory(prefix="duanka-") as folder:
        target = Path(folder) / "member"
        encrypted = bool(member.flag_bits & 1)
        for password in _spellings(passwords) if encrypted else [b""]:
            try:
                with (
                    archive.open(member, pwd=password if encrypted else None) as source,
                    target.open("wb") as out,
                ):
                    _copy(source, out, member.file_size)
            except (
                RuntimeError,
                zipfile.BadZipFile,
                pyzipper.BadZipFile,
                EOFError,
                OSError,
                NotImplementedError,
                ValueError,
            ) as error:
                if encrypted and not isinstance(error, NotImplementedError):
                    continue
                yield target, f"the member can't be unpacked: {error}"
                return
            except Exception as error:  # noqa: BLE001 - zlib.error and codec errors of damaged members have no common root
                if encrypted:
                    continue
                yield target, f"the member is damaged: {error}"
                return
            yield target, ""
            return
        yield target, "encrypted; no password fits: give them in a file, one a line, with --password-file"


def _spellings(passwords: list[str]) -> list[bytes]:
    """Each password in UTF-8 and as Chinese Windows writes it."""
    return list(dict.fromkeys(word.encode(name) for word in passwords for name in ("utf-8", "gb18030")))


def _copy(source: IO[bytes], out: IO[bytes], announced: int) -> None:
    shutil.copyfileobj(_Limited(source, announced), out)


class _Limited:
    """A stream that refuses to give more than the archive announced."""

    def __init__(self, source: IO[bytes], limit: int) -> None:
        self._read = source.read
        self._left = limit

    def read(self, size: int = -1) -> bytes:
        data = self._read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("the member is larger than the archive says")
        return data
