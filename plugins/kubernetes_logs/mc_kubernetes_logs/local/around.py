"""Reads a local log until the lines around a wanted one are found: block by block, packed files too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stamps import NO_STAMP, parse_stamp
from mc_kubernetes_logs.engine.surroundings import Surroundings
from mc_kubernetes_logs.local.files import LogFile
from mc_kubernetes_logs.local.journal import journal_around
from mc_kubernetes_logs.local.lines import find_start, read_lines
from mc_kubernetes_logs.local.reading import files_of, is_journal
from mc_sdk import Forbidden, Item

_SLACK_S = 3600.0
"""A file last written to that long before the wanted line does not have it, whatever zone its stamps are of."""
_ZONES_S = 14 * 3600.0


async def read_local_around(
    item: Item, name: str, stamp: bytes, make: Callable[[], Surroundings]
) -> tuple[Source, Surroundings]:
    """Return the source of the log that has `name`, and what was seen around the line by one that `make` made.

    Raises: Forbidden, NotFound.
    """
    if is_journal(item):
        source = Source(0, "", item.name, item.id, "journal", kind="journal")
        return source, await _look(make(), journal_around(item.properties, stamp))
    found = await asyncio.to_thread(files_of, item)
    file = next((one for one in found if one.name == name), None)
    if file is None:
        raise Forbidden(f"{name!r} is not a log of {item.type} {item.name}")
    source = Source(0, "", item.name, item.id, file.name, kind="file")
    paths = await asyncio.to_thread(_worth_reading, file, stamp)
    first, start = await asyncio.to_thread(find_start, paths, stamp) if stamp != NO_STAMP else (0, 0)
    around = await _look(make(), read_lines(paths[first:], start))
    if (first or start) and (around.index < 0 or not around.has_all_before):
        around = await _look(make(), read_lines(paths))  # its stamps are out of order, or its lines far apart
    return source, around


async def _look(around: Surroundings, lines: AsyncGenerator[list[bytes]]) -> Surroundings:
    async with aclosing(lines) as blocks:
        async for block in blocks:
            around.take(block)
            if around.is_done:
                break
    return around


def _worth_reading(file: LogFile, stamp: bytes) -> list[Path]:
    """Return the files that may have the line, and the one before them for the lines above it."""
    paths = [*file.older, file.path]
    if stamp == NO_STAMP:
        return paths
    earliest = parse_stamp(stamp).timestamp() - _SLACK_S - _ZONES_S
    first = next((at for at, path in enumerate(paths) if path.stat().st_mtime >= earliest), len(paths) - 1)
    return paths[max(0, first - 1) :]
