"""What waits for a client: bounded, in blocks. When it is full, rows are dropped and counted, or their source waits."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Literal

import msgspec

from mc_kubernetes_logs.engine.stamps import STAMP_LEN
from mc_sdk import JSON

Overflow = Literal["drop", "block"]
LIMIT_BYTES = 1024 * 1024
"""Rendered rows that wait for one client; fifty slow clients hold fifty times that."""
BLOCK_BYTES = 64 * 1024


class Dropped(msgspec.Struct):
    """Lines of one source that a slow client did not get."""

    count: int = 0
    first: bytes = b""
    last: bytes = b""

    def add(self, lines: list[bytes]) -> None:
        """Count more lines."""
        self.count += len(lines)
        self.first = self.first or lines[0][:STAMP_LEN].strip()
        self.last = lines[-1][:STAMP_LEN].strip() or self.last


class Outbox:
    """Between many sources and one client."""

    def __init__(self, overflow: Overflow = "drop", limit_bytes: int = LIMIT_BYTES) -> None:
        self.overflow = overflow
        self.dropped: dict[int, Dropped] = {}
        """By source; taken out when the gap is told."""
        self.dropped_total = 0
        self.is_lagging = False
        self._limit = limit_bytes
        self._blocks: deque[bytes] = deque()
        self._size = 0
        self._is_closed = False
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def has_room(self) -> bool:
        """May rows be added? Once full it stays so until half is gone."""
        return self._room.is_set()

    async def wait_for_room(self) -> None:
        """Wait until rows may be added, or nobody takes them any more."""
        await self._room.wait()

    def drop(self, source: int, lines: list[bytes]) -> None:
        """Count lines that are not added."""
        self.dropped.setdefault(source, Dropped()).add(lines)
        self.dropped_total += len(lines)

    def put(self, block: bytes) -> None:
        """Add rows or events. Never refuses: who adds rows asks `has_room` first."""
        if self._is_closed or not block:
            return
        self._blocks.append(block)
        self._size += len(block)
        if self._size >= self._limit:
            self._room.clear()
            self.is_lagging = True
        self._news.set()

    def close(self) -> None:
        """Nothing more will be added; sources that wait for room go on."""
        self._is_closed = True
        self._news.set()
        self._room.set()

    async def take(self, timeout_s: float) -> bytes | None:
        """Return what waits, up to a block; empty after `timeout_s` of silence; None at the end."""
        if not self._blocks:
            if self._is_closed:
                return None
            self._news.clear()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._news.wait()
            except TimeoutError:
                return b""
            if not self._blocks:
                return None if self._is_closed else b""
        taken = [self._blocks.popleft()]
        size = len(taken[0])
        while self._blocks and size < BLOCK_BYTES:
            taken.append(self._blocks.popleft())
            size += len(taken[-1])
        self._size -= size
        if not self._room.is_set() and self._size <= self._limit // 2:
            self._room.set()
            self.is_lagging = False
        return taken[0] if len(taken) == 1 else b"".join(taken)


def gap_of(dropped: Dropped) -> dict[str, JSON]:
    """Return the gap that tells what was dropped."""
    gap: dict[str, JSON] = {"type": "gap", "cause": "dropped", "count": dropped.count}
    if dropped.first:
        gap |= {"from": dropped.first.decode(), "to": dropped.last.decode()}
    return gap | {"text": f"{dropped.count} lines dropped: the reader is too slow"}
