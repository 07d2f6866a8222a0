"""Keeps packed snapshots: in a folder where there is one, else in memory; per item and database, bounded both ways."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)

MAX_SNAPSHOTS = 48
MEMORY_BYTES = 4 * 1024 * 1024
"""Kept per item without a folder."""
MAX_TEXTS = 20_000

StoreKey = tuple[str, str]
"""Item and database."""


class Kept(msgspec.Struct):
    """One snapshot in the index; `data` is None while it is on disk."""

    id: str
    captured_at: datetime
    entries: int
    size_bytes: int
    data: bytes | None


class Text(msgspec.Struct, array_like=True):
    """What a query id stands for."""

    query: str
    is_own: bool
    is_cut: bool


class Shelf(msgspec.Struct):
    """The snapshots of one item and database, oldest first, and the texts that they share."""

    kept: list[Kept] = []
    texts: dict[int, Text] = {}
    lock: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)
    is_loaded: bool = False


class SnapshotStore:
    """All snapshots of a plugin. What cannot be written stays in memory."""

    def __init__(self, folder: str, cap_bytes: int) -> None:
        self._folder = Path(folder) if folder else None
        self._cap_bytes = cap_bytes if folder else min(cap_bytes, MEMORY_BYTES)
        self._shelves: dict[StoreKey, Shelf] = {}

    async def shelf(self, key: StoreKey) -> Shelf:
        """Return the snapshots of an item, read from the folder the first time."""
        shelf = self._shelves.setdefault(key, Shelf())
        async with shelf.lock:
            if not shelf.is_loaded:
                folder = self._folder_of(key)
                if folder is not None:
                    shelf.kept, shelf.texts = await asyncio.to_thread(read_folder, folder)
                shelf.is_loaded = True
        return shelf

    def texts(self, key: StoreKey) -> dict[int, Text]:
        """Return the texts that are known of an item's statements."""
        return self._shelves[key].texts

    async def add(self, key: StoreKey, captured_at: datetime, entries: int, data: bytes) -> Kept:
        """Keep a snapshot, thinning out the older ones; the caller holds the shelf's lock."""
        shelf = self._shelves[key]
        one = Kept(snapshot_id(captured_at), captured_at, entries, len(data), data)
        folder = self._folder_of(key)
        if folder is not None and await asyncio.to_thread(write_snapshot, folder, one):
            one.data = None
        shelf.kept.append(one)
        while len(shelf.kept) > MAX_SNAPSHOTS or sum(kept.size_bytes for kept in shelf.kept) > self._cap_bytes:
            if len(shelf.kept) <= 2:
                break
            dropped = shelf.kept.pop(least_missed([kept.captured_at for kept in shelf.kept]))
            if folder is not None:
                await asyncio.to_thread(remove_file, folder / f"{dropped.id}.snapshot")
        return one

    async def read(self, key: StoreKey, kept: Kept) -> bytes:
        """Return a snapshot's bytes. Raises: OSError when its file is gone."""
        folder = self._folder_of(key)
        if kept.data is not None or folder is None:
            return kept.data or b""
        return await asyncio.to_thread((folder / f"{kept.id}.snapshot").read_bytes)

    async def remember_texts(self, key: StoreKey, texts: dict[int, Text]) -> None:
        """Keep texts; the caller holds the shelf's lock."""
        shelf = self._shelves[key]
        shelf.texts |= texts
        while len(shelf.texts) > MAX_TEXTS:
            del shelf.texts[next(iter(shelf.texts))]
        folder = self._folder_of(key)
        if folder is not None and texts:
            await asyncio.to_thread(write_file, folder / "texts", msgspec.msgpack.encode(shelf.texts))

    def _folder_of(self, key: StoreKey) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / hashlib.sha256("\0".join(key).encode()).hexdigest()[:24]


def snapshot_id(captured_at: datetime) -> str:
    """Return a snapshot's id: its time, in a form that sorts and fits a file name."""
    return captured_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")


def least_missed(times: list[datetime]) -> int:
    """Return which snapshot to drop: the one that leaves the smallest gap, measured by its age; never first or last.

    What remains is dense near the present and thins out into the past.
    """
    now = times[-1]

    def loss(at: int) -> float:
        gap = (times[at + 1] - times[at - 1]).total_seconds()
        return gap / max(1.0, (now - times[at]).total_seconds())

    return min(range(1, len(times) - 1), key=loss)


def read_folder(folder: Path) -> tuple[list[Kept], dict[int, Text]]:
    """Return what a folder holds; anything unreadable is left out."""
    kept = []
    with suppress(OSError):
        for path in sorted(folder.glob("*.snapshot")):
            with suppress(ValueError):
                stamp, _, entries = path.stem.partition("-")
                at = datetime.strptime(stamp, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
                kept.append(Kept(path.stem, at, int(entries or 0), path.stat().st_size, None))
    texts: dict[int, Text] = {}
    with suppress(OSError, msgspec.DecodeError):
        texts = msgspec.msgpack.decode((folder / "texts").read_bytes(), type=dict[int, Text])
    return kept, texts


def write_snapshot(folder: Path, kept: Kept) -> bool:
    """Write a snapshot's bytes; False when the folder cannot be written."""
    kept.id = f"{kept.id}-{kept.entries}"
    return write_file(folder / f"{kept.id}.snapshot", kept.data or b"")


def write_file(path: Path, data: bytes) -> bool:
    """Write a file whole or not at all, readable by its owner only; False when that fails."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
        partial.replace(path)
    except OSError as exc:
        log.warning("snapshots are kept in memory", extra={"reason": exc.strerror or str(exc)})
        remove_file(partial)
        return False
    return True


def remove_file(path: Path) -> None:
    """Remove a file if it is there and can be removed."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
