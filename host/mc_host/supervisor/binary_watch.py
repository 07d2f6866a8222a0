"""Notices that a plugin's binary was replaced, once the new file has come to rest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from watchfiles import awatch


@dataclass(frozen=True)
class FileStamp:
    """What changes when a file is written or replaced; a chmod changes none of it."""

    inode: int
    size_bytes: int
    modified_ns: int


def read_stamp(path: Path) -> FileStamp | None:
    """Return the stamp of the file behind `path`, links followed; None while there is none."""
    try:
        info = path.stat()
    except OSError:
        return None
    return FileStamp(info.st_ino, info.st_size, info.st_mtime_ns)


async def wait_until_replaced(path: Path, seen: FileStamp | None, quiet_s: float) -> None:
    """Return once another file than `seen` lies at `path` and rests for `quiet_s`; removal alone is no replacement."""
    if await _is_replaced(path, seen, quiet_s):
        return  # between launch and watch
    # A short step, since a stop waits for it; the quiet time is ours.
    async for _ in awatch(
        *await asyncio.to_thread(_folders, path), recursive=False, watch_filter=None, debounce=200, step=50
    ):
        if await _is_replaced(path, seen, quiet_s):
            return


def _folders(path: Path) -> list[Path]:
    """Return the folders in which a replacement shows: of the path, and of what it leads to."""
    folders = {path.parent, path.resolve().parent}
    if path.parent.is_symlink():
        folders.add(path.parent.parent)  # `latest` may come to point elsewhere
    return [folder for folder in folders if folder.is_dir()]


async def _is_replaced(path: Path, seen: FileStamp | None, quiet_s: float) -> bool:
    found = await asyncio.to_thread(read_stamp, path)
    while found is not None and found != seen:
        await asyncio.sleep(quiet_s)
        before, found = found, await asyncio.to_thread(read_stamp, path)
        if found == before:
            return True
    return False
