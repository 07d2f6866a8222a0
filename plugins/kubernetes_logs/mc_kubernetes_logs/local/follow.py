"""Follows one local file through additions, truncation and rotation."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import IO

from mc_kubernetes_logs.engine.batches import Batch
from mc_kubernetes_logs.engine.cursor import Position, nanos_of, stamp_of
from mc_kubernetes_logs.engine.cutting import LineCutter, Piece
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stream import LogStream
from mc_kubernetes_logs.local.decoding import LineJoiner, decode_plain, pick_decoder
from mc_kubernetes_logs.local.files import BLOCK_BYTES, LogFile, find_tail, identify, open_any
from mc_sdk import NotFound

POLL_FIRST_S, POLL_MAX_S = 0.02, 0.25
"""Between two looks at a file that says nothing: short after a line, longer when it is quiet."""


class FileFollower:
    """Tells a file's lines to a stream. A cursor's position is the offset, carried where others have a stamp."""

    def __init__(self, stream: LogStream, source: Source, file: LogFile) -> None:
        self._stream = stream
        self._source = source
        self._file = file
        self._cutter = LineCutter()
        self._joiner = LineJoiner(decode_plain)
        self._has_decoder = False
        self._offset = 0
        self._rest = 0
        self._inode = 0
        self._head_hash = 0

    def position(self) -> Position | None:
        """Return where the file was read to, at the start of a line."""
        if not self._inode:
            return None
        return Position(stamp_of(self._offset - self._rest), self._head_hash, 1, self._inode)

    async def run(self, tail_lines: int | None, resumed: Position | None) -> None:
        """Read what is asked for of the past, then follow for as long as the stream follows."""
        opened = await self._open_start(tail_lines, resumed)
        try:
            self._stream.tell({"type": "source", "source": self._source.index, "change": "opened"})
            pause_s = POLL_FIRST_S
            while True:
                if await self._read_more(opened):
                    pause_s = POLL_FIRST_S
                    continue
                if not self._stream.options.is_following:
                    await self._deliver(self._cutter.end(), is_live=False)
                    self._stream.tell({"type": "source", "source": self._source.index, "change": "ended"})
                    return
                replaced = await asyncio.to_thread(self._find_replacement, opened)
                if replaced is not None:
                    await self._read_more(opened)
                    await self._deliver(self._cutter.end(), is_live=True)
                    opened.close()
                    opened = replaced
                    self._begin(opened, 0)
                    continue
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 1.5, POLL_MAX_S)
        finally:
            opened.close()

    async def _open_start(self, tail_lines: int | None, resumed: Position | None) -> IO[bytes]:
        if resumed is not None:
            return await self._open_resumed(resumed)
        if tail_lines is None:
            for path in self._file.older:
                await self._tell_whole(open_any(path), 0)
        opened = open_any(self._file.path)
        self._begin(opened, 0 if tail_lines is None else await asyncio.to_thread(find_tail, opened, tail_lines))
        return opened

    async def _open_resumed(self, resumed: Position) -> IO[bytes]:
        """Go on in the file that was read, under whatever name it has now; then in those after it."""
        names = [*self._file.older, self._file.path]
        for at, path in enumerate(names):
            opened = open_any(path)
            found = identify(opened) if path.suffix != ".gz" else None
            if found is None or (found.inode, found.head_hash) != (resumed.instance, resumed.line_hash):
                opened.close()
                continue
            offset = nanos_of(resumed.stamp)
            if path == self._file.path:
                self._begin(opened, offset)
                return opened
            await self._tell_whole(opened, offset)
            for later in names[at + 1 : -1]:
                await self._tell_whole(open_any(later), 0)
            break
        else:
            text = "the file was replaced, and what was written between is gone"
            self._stream.tell({"type": "gap", "source": self._source.index, "cause": "cursor", "text": text})
        opened = open_any(self._file.path)
        self._begin(opened, 0)
        return opened

    async def _tell_whole(self, opened: IO[bytes], offset: int) -> None:
        with opened:
            opened.seek(offset)
            while chunk := await asyncio.to_thread(opened.read, BLOCK_BYTES):
                await self._deliver(self._cutter.feed(chunk), is_live=False)
        await self._deliver(self._cutter.end(), is_live=False)

    def _begin(self, opened: IO[bytes], offset: int) -> None:
        found = identify(opened)
        opened.seek(offset)
        self._offset, self._rest = offset, 0
        self._inode, self._head_hash = found.inode, found.head_hash
        self._cutter.forget()

    async def _read_more(self, opened: IO[bytes]) -> bool:
        chunk = await asyncio.to_thread(opened.read, BLOCK_BYTES)
        if not chunk:
            return False
        if self._offset == 0:
            self._head_hash = identify(opened).head_hash  # the first line is whole only now
        end = chunk.rfind(b"\n")
        self._offset += len(chunk)
        self._rest = len(chunk) - end - 1 if end >= 0 else self._rest + len(chunk)
        await self._deliver(self._cutter.feed(chunk), is_live=len(chunk) < BLOCK_BYTES)
        return True

    def _find_replacement(self, opened: IO[bytes]) -> IO[bytes] | None:
        """Return the file opened anew when it was rotated or cut."""
        try:
            now = os.stat(self._file.path)
        except FileNotFoundError:
            return None  # between two names
        own = os.fstat(opened.fileno())
        if (now.st_ino, now.st_dev) == (own.st_ino, own.st_dev) and now.st_size >= self._offset:
            return None
        try:
            return open_any(self._file.path)
        except NotFound:
            return None

    async def _deliver(self, pieces: list[Piece], *, is_live: bool) -> None:
        for piece in pieces:
            raw = piece.block.split(b"\n")
            if not self._has_decoder:
                self._joiner, self._has_decoder = LineJoiner(pick_decoder(raw[0])), True
            await deliver_lines(self._stream, self._source.index, self._joiner, raw, piece.cut, is_live=is_live)


async def deliver_lines(
    stream: LogStream, index: int, joiner: LineJoiner, raw: list[bytes], cut: int = 0, *, is_live: bool
) -> None:
    """Hand raw lines to a stream, neighbours of one output stream together."""
    run: list[bytes] = []
    run_stream = ""
    for line, name in joiner.take(raw, datetime.now(UTC) if is_live else None):
        if run and name != run_stream:
            await stream.deliver(index, Batch(run, cut=cut), stream=run_stream)
            run = []
        run_stream = name
        run.append(line)
    if run:
        await stream.deliver(index, Batch(run, cut=cut), stream=run_stream)


def read_last_lines(file: LogFile, count: int) -> list[bytes]:
    """Return the last raw lines of a log."""
    with open_any(file.path) as opened:
        opened.seek(find_tail(opened, count))
        raw = opened.read()
    lines = raw.split(b"\n")
    return lines[:-1] if lines and not lines[-1] else lines
