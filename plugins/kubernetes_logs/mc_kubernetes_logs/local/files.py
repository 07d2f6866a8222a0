"""Files that are written to and rotated: which there are, their last lines, and what is added."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, cast

import msgspec

from mc_sdk import Forbidden, InvalidParams, NotFound

BLOCK_BYTES = 256 * 1024
HEAD_BYTES = 64
MAX_FILES = 500
_ROTATED = re.compile(r"^(?P<base>.+?)(?:[.-](?P<number>\d{1,3}|\d{8}(?:-\d+)?))?(?P<gz>\.gz)?$")
DEFAULT_PATTERN = "*.log"


class LogFile(msgspec.Struct):
    """One log: the file that is written to, and its rotated forerunners, oldest first."""

    path: Path
    older: list[Path] = []

    @property
    def name(self) -> str:
        """How it is shown."""
        return self.path.name


def find_file(path: str) -> LogFile:
    """Return the log at an item's path. Raises: InvalidParams, NotFound."""
    place = Path(path)
    if not path or not place.is_absolute():
        raise InvalidParams(f"the item's path {path!r} is not absolute", field="path")
    if not place.is_file():
        raise NotFound(f"no file {path}")
    return LogFile(place, _older_of(place, place.parent))


def list_files(folder: str, pattern: str) -> list[LogFile]:
    """Return the logs in a folder, by name; links that lead out of it are left out. Raises: InvalidParams, NotFound."""
    place = Path(folder)
    if not folder or not place.is_absolute():
        raise InvalidParams(f"the item's path {folder!r} is not absolute", field="path")
    if not place.is_dir():
        raise NotFound(f"no folder {folder}")
    root = place.resolve()
    logs = []
    for path in sorted(place.iterdir()):
        if fnmatch(path.name, pattern) and is_inside(path, root) and path.is_file() and not _is_rotated(path):
            logs.append(LogFile(path, _older_of(path, root)))
        if len(logs) >= MAX_FILES:
            break
    return logs


def is_inside(path: Path, root: Path) -> bool:
    """Is what a path leads to below `root`?"""
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except OSError:
        return False


def _is_rotated(path: Path) -> bool:
    found = _ROTATED.match(path.name)
    if found is None or not (found["number"] or found["gz"]):
        return False
    return (path.parent / found["base"]).exists()


def _older_of(path: Path, root: Path) -> list[Path]:
    """Return a log's rotated files, oldest first: `x.log.2.gz`, `x.log.1`, `x.log-20261122`."""
    found = []
    for other in path.parent.glob(f"{_escaped(path.name)}[.-]*"):
        match = _ROTATED.match(other.name)
        is_ours = match is not None and match["base"] == path.name and (match["number"] or match["gz"])
        if is_ours and other.is_file() and is_inside(other, root.resolve()):
            found.append(other)
    return sorted(found, key=lambda one: one.stat().st_mtime_ns)


def _escaped(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def open_any(path: Path) -> IO[bytes]:
    """Open a file, unpacked if it is packed. Raises: Forbidden, NotFound."""
    try:
        return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
    except PermissionError as exc:
        raise Forbidden(f"not allowed to read {path}", hint="run the host as a user who may read it") from exc
    except FileNotFoundError as exc:
        raise NotFound(f"no file {path}") from exc


def read_blocks(path: Path, start: int = 0) -> Iterator[bytes]:
    """Yield a file's bytes from an offset on."""
    with open_any(path) as opened:
        opened.seek(start)
        while block := opened.read(BLOCK_BYTES):
            yield block


def find_tail(opened: IO[bytes], lines: int) -> int:
    """Return the offset at which the last `lines` lines of a file begin."""
    end = opened.seek(0, os.SEEK_END)
    if lines <= 0:
        return _line_start(opened, end)
    position, wanted = end, lines + 1
    while position > 0:
        start = max(0, position - BLOCK_BYTES)
        opened.seek(start)
        block = opened.read(position - start)
        if position == end and not block.endswith(b"\n"):
            wanted -= 1
        count = block.count(b"\n")
        if count >= wanted:
            at = len(block)
            for _ in range(wanted):
                at = block.rfind(b"\n", 0, at)
            return start + at + 1
        wanted -= count
        position = start
    return 0


def _line_start(opened: IO[bytes], end: int) -> int:
    """An unfinished last line is read from its beginning when it is finished."""
    start = max(0, end - BLOCK_BYTES)
    opened.seek(start)
    return start + opened.read(end - start).rfind(b"\n") + 1


class Identity(msgspec.Struct, frozen=True):
    """Which file this is, whatever its name is by now."""

    inode: int
    head_hash: int


def identify(opened: IO[bytes]) -> Identity:
    """Return an open file's identity; its position is kept."""
    at = opened.tell()
    opened.seek(0)
    head = opened.read(HEAD_BYTES)
    opened.seek(at)
    return Identity(os.fstat(opened.fileno()).st_ino & 0xFFFFFFFF, zlib.crc32(head.partition(b"\n")[0]))
