"""Lines of local files in order, block by block: what one block holds is all that is in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from typing import IO

from mc_kubernetes_logs.engine.stamps import NO_STAMP, shift
from mc_kubernetes_logs.local.decoding import Decoder, LineJoiner, pick_decoder
from mc_kubernetes_logs.local.files import open_any, read_blocks

_STEP_BYTES = 1024 * 1024
_LEAD_BYTES, _LEAD_S = 4 * 1024 * 1024, 60.0
"""Reading begins that far before a line: for those above it, and since stamps go back a little."""
_PROBE_BYTES = 64 * 1024


async def read_lines(paths: Sequence[Path], start: int = 0) -> AsyncGenerator[list[bytes]]:
    """Yield the canonical lines of files, one file after another, the first from an offset on."""
    joiner: LineJoiner | None = None
    for at, path in enumerate(paths):
        blocks = _raw_lines(path, 0 if at else start)
        while (raw := await asyncio.to_thread(next, blocks, None)) is not None:
            if joiner is None:
                joiner = LineJoiner(pick_decoder(raw[0]))
            if lines := [line for line, _ in joiner.take(raw, None)]:
                yield lines


def _raw_lines(path: Path, start: int) -> Iterator[list[bytes]]:
    rest: list[bytes] = []
    for block in read_blocks(path, start):
        end = block.rfind(b"\n")
        if end < 0:
            rest.append(block)
            continue
        yield b"".join([*rest, block[:end]]).split(b"\n")
        rest = [block[end + 1 :]]
    if last := b"".join(rest):
        yield [last]


def find_start(paths: Sequence[Path], stamp: bytes) -> tuple[int, int]:
    """Return in which file, and at which offset in it, reading has to begin to meet a stamp with lines before it.

    Found by bisection, since logs are sorted by time; (0, 0) where that cannot be said of them, or they are packed.
    """
    wanted = shift(stamp, -_LEAD_S)
    for at in reversed(range(len(paths))):
        if paths[at].suffix == ".gz":
            return 0, 0
        with open_any(paths[at]) as opened:
            decode = pick_decoder(opened.readline())
            first = _stamp_behind(opened, 0, decode)
            if not first:
                return 0, 0
            if first <= wanted:
                return at, _bisect(opened, wanted, decode)
    return 0, 0


def _bisect(opened: IO[bytes], wanted: bytes, decode: Decoder) -> int:
    low, high = 0, opened.seek(0, 2)
    while high - low > _STEP_BYTES:
        middle = (low + high) // 2
        found = _stamp_behind(opened, middle, decode)
        if found and found <= wanted:
            low = middle
        else:
            high = middle
    opened.seek(max(0, low - _LEAD_BYTES))
    if opened.tell():
        opened.readline()
    return opened.tell()


def _stamp_behind(opened: IO[bytes], offset: int, decode: Decoder) -> bytes:
    """Return the first stamp behind an offset; empty where none is near."""
    opened.seek(offset)
    lines = opened.read(_PROBE_BYTES).split(b"\n")[1 if offset else 0 :]
    stamps = (decode(line.rstrip(b"\r")).stamp for line in lines)
    return next((stamp for stamp in stamps if stamp != NO_STAMP), b"")
