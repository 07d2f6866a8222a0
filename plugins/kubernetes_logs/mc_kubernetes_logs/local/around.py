"""Reads a local log until the lines around a wanted one are found: block by block, packed files too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

from mc_kubernetes_logs.engine.cutting import LineCutter
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stamps import NO_STAMP, parse_stamp
from mc_kubernetes_logs.engine.surroundings import Surroundings
from mc_kubernetes_logs.local.decoding import LineJoiner, pick_decoder
from mc_kubernetes_logs.local.files import LogFile, read_blocks
from mc_kubernetes_logs.local.journal import journal_around
from mc_kubernetes_logs.local.reading import files_of, is_journal
from mc_sdk import Forbidden, Item

_SLACK_S = 3600.0
"""A file last written to that long before the wanted line does not have it, whatever zone its stamps are of."""
_ZONES_S = 14 * 3600.0


async def read_local_around(item: Item, name: str, stamp: bytes, around: Surroundings) -> Source:
    """Let `around` see the log that has `name`, and return its source. Raises: Forbidden, NotFound."""
    if is_journal(item):
        source = Source(0, "", item.name, item.id, "journal", kind="journal")
        lines = journal_around(item.properties, stamp)
    else:
        found = await asyncio.to_thread(files_of, item)
        file = next((one for one in found if one.name == name), None)
        if file is None:
            raise Forbidden(f"{name!r} is not a log of {item.type} {item.name}")
        source = Source(0, "", item.name, item.id, file.name, kind="file")
        lines = _read_files(await asyncio.to_thread(_worth_reading, file, stamp))
    async with aclosing(lines) as blocks:
        async for block in blocks:
            around.take(block)
            if around.is_done:
                break
    return source


def _worth_reading(file: LogFile, stamp: bytes) -> list[Path]:
    """Return the files that may have the line, and the one before them for the lines above it."""
    paths = [*file.older, file.path]
    if stamp == NO_STAMP:
        return paths
    earliest = parse_stamp(stamp).timestamp() - _SLACK_S - _ZONES_S
    first = next((at for at, path in enumerate(paths) if path.stat().st_mtime >= earliest), len(paths) - 1)
    return paths[max(0, first - 1) :]


async def _read_files(paths: list[Path]) -> AsyncGenerator[list[bytes]]:
    """Yield canonical lines; what one block holds is all that is in memory."""
    joiner: LineJoiner | None = None
    for path in paths:
        cutter = LineCutter()
        async for raw in _raw_lines(path, cutter):
            if joiner is None:
                joiner = LineJoiner(pick_decoder(raw[0]))
            yield [line for line, _ in joiner.take(raw, None)]


async def _raw_lines(path: Path, cutter: LineCutter) -> AsyncIterator[list[bytes]]:
    blocks: Iterator[bytes] = read_blocks(path)
    while (block := await asyncio.to_thread(next, blocks, None)) is not None:
        for piece in cutter.feed(block):
            yield piece.block.split(b"\n")
    for piece in cutter.end():
        yield piece.block.split(b"\n")
