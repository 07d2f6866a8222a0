"""Lines to a client in blocks: up to 64 KiB together, at once when the source pauses; never one write per line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from mc_wire.background import Background
from mc_wire.model import Struct

BLOCK_BYTES = 64 * 1024
IDLE_FLUSH_S = 0.003
"""How long a line may wait for company; a person does not notice, and a burst still leaves in one write."""

Write = Callable[[bytes], Awaitable[None]]


class FileStart(Struct):
    """What a streaming operation yields first when its blocks are a file's bytes instead of lines of JSON.

    A failure before the first block is an error answer; one after it breaks the transfer off, so that nobody takes
    half a file for a whole one.
    """

    content_type: str
    """Such as `text/csv; charset=utf-8`."""
    name: str = ""
    """What the browser saves it as."""


def attachment(name: str) -> str:
    """Return a Content-Disposition that saves under `name` (RFC 6266); path separators and controls become `_`."""
    clean = "".join("_" if char in '/\\"' or not char.isprintable() else char for char in name) or "download"
    plain = clean.encode("ascii", "replace").decode().replace("?", "_")
    extended = "" if plain == clean else f"; filename*=UTF-8''{quote(clean, safe='')}"
    return f'attachment; filename="{plain}"{extended}'


class BlockWriter:
    """Collects lines and writes them in blocks; `write` is awaited by the source, so a slow client holds it up."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._pending: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._background = Background()
        self._flushing: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def add(self, line: bytes) -> None:
        """Take a line (with its newline); waits while the client is slow."""
        self._pending.append(line)
        self._size += len(line)
        if self._size >= BLOCK_BYTES:
            await self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(IDLE_FLUSH_S, self._flush_idle)

    def _flush_idle(self) -> None:
        self._timer = None
        # At most one at a time: a second flush would only wait for the first one's lock.
        if self._flushing is None or self._flushing.done():
            self._flushing = self._background.spawn(self._flush_while_idle(), name="flush idle stream")

    async def _flush_while_idle(self) -> None:
        try:
            await self.flush()
        except ConnectionError:
            self._pending = []  # the client left; the server cancels the source

    async def flush(self) -> None:
        """Write what is pending."""
        async with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._pending:
                block, self._pending, self._size = b"".join(self._pending), [], 0
                await self._write(block)

    async def aclose(self) -> None:
        """Write the rest; raises what the last write raises."""
        try:
            await self.flush()
        finally:
            await self._background.aclose()
