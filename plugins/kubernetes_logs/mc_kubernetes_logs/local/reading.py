"""Local items on the same engine: streams, snapshots and histories of files, the journal and containers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from functools import partial

from mc_kubernetes_logs.engine.batches import Batch
from mc_kubernetes_logs.engine.filters import RowFilter, SourceFilter
from mc_kubernetes_logs.engine.rendering import Extras, add_fields
from mc_kubernetes_logs.engine.snapshot import SnapshotPlan, SourceLines
from mc_kubernetes_logs.engine.source_reader import ReaderPlan
from mc_kubernetes_logs.engine.sources import Selection, Source
from mc_kubernetes_logs.engine.stream import LogStream
from mc_kubernetes_logs.history import History, Piece
from mc_kubernetes_logs.local.containers import find_container_log
from mc_kubernetes_logs.local.decoding import LineJoiner, pick_decoder
from mc_kubernetes_logs.local.files import DEFAULT_PATTERN, LogFile, find_file, list_files
from mc_kubernetes_logs.local.follow import FileFollower, read_last_lines
from mc_kubernetes_logs.local.journal import journal_command, read_journal
from mc_kubernetes_logs.local.lines import read_lines
from mc_kubernetes_logs.params import DownloadParams
from mc_kubernetes_logs.pods import Row
from mc_kubernetes_logs.state import PluginState
from mc_sdk import Context, InvalidParams, Item, OperationError

FOLDER_LOOK_S = 2.0
"""Between two looks for new files in a followed folder."""


def files_of(item: Item) -> list[LogFile]:
    """Return the files of an item; only the catalog says which. Raises: InvalidParams, NotFound."""
    path = item.properties.get("path")
    text = path if isinstance(path, str) else ""
    match item.type:
        case "Local::File":
            return [find_file(text)]
        case "Local::Folder":
            pattern = item.properties.get("pattern")
            return list_files(text, pattern if isinstance(pattern, str) and pattern else DEFAULT_PATTERN)
        case "Local::Container":
            return [find_container_log(item.properties)]
    raise InvalidParams(f"unsupported kind {item.type!r}")


def is_journal(item: Item) -> bool:
    """Is the item the system's journal?"""
    return item.type == "Local::Journal"


def _sources(item: Item, selection: Selection) -> list[tuple[Source, LogFile | None]]:
    if is_journal(item):
        return [(Source(0, "", item.name, item.id, "journal", kind="journal"), None)]
    chosen: list[tuple[Source, LogFile | None]] = []
    for file in files_of(item):
        name = file.name.encode()
        is_wanted = not selection.containers or any(
            one == file.name or (not isinstance(one, str) and one.fullmatch(name)) for one in selection.containers
        )
        excluded = selection.excluded_containers
        if is_wanted and (excluded is None or not excluded.fullmatch(name)):
            chosen.append((Source(len(chosen), "", item.name, item.id, file.name, kind="file"), file))
    return chosen


def _included(item: Item, selection: Selection) -> list[tuple[Source, LogFile | None]]:
    return [one for one in _sources(item, selection) if one[0].key not in selection.excluded_sources]


# -- streams


@asynccontextmanager
async def open_local_feed(
    ctx: Context[PluginState], item: Item, selection: Selection, plan: ReaderPlan, stream: LogStream
) -> AsyncIterator[None]:
    """Feed a stream while the context is open. Raises: NotFound, Forbidden, InvalidParams."""
    chosen = await asyncio.to_thread(_sources, item, selection)
    if is_journal(item) and chosen[0][0].key in selection.excluded_sources:
        stream.leave_out(chosen[0][0])
    elif is_journal(item):
        command = journal_command(item.properties, tail_lines=plan.tail_lines, is_following=plan.is_following)
        source = chosen[0][0]
        stream.add_reading(source)
        stream.spawn_reader(partial(_follow_journal, stream, source, command), source)
    else:
        for source, file in chosen:
            assert file is not None
            if source.key in selection.excluded_sources:
                stream.leave_out(source)
            else:
                _follow_file(stream, source, file, plan)
        if item.type == "Local::Folder" and plan.is_following:
            known = {source.container for source, _ in chosen}
            stream.background.spawn(_look_for_files(item, selection, plan, stream, known), name="look for new files")

    def look_for_end() -> None:
        if stream.active == 0 and not stream.options.is_following:
            stream.finish("complete")

    stream.when_idle = look_for_end
    if not chosen:
        stream.tell({"type": "notice", "code": "no_files", "text": "no file of this item can be shown now"})
        look_for_end()
    yield


def _follow_file(stream: LogStream, source: Source, file: LogFile, plan: ReaderPlan) -> None:
    reading = stream.add_reading(source)
    follower = FileFollower(stream, source, file)
    reading.position = follower.position
    cursor = stream.cursor
    is_new = cursor is None or source.key in plan.new_sources
    resumed = cursor.positions.get(source.key_hash) if cursor is not None and not is_new else None
    tail = None if plan.since_time else plan.tail_lines
    stream.spawn_reader(partial(follower.run, tail, resumed), source)


async def _look_for_files(
    item: Item, selection: Selection, plan: ReaderPlan, stream: LogStream, known: set[str]
) -> None:
    while True:
        await asyncio.sleep(FOLDER_LOOK_S)
        try:
            found = await asyncio.to_thread(_sources, item, selection)
        except OperationError:
            continue
        for source, file in found:
            if file is not None and source.container not in known:
                source.index = len(known)
                known.add(source.container)
                if source.key in selection.excluded_sources:
                    stream.leave_out(source)
                else:
                    _follow_file(stream, source, file, ReaderPlan(is_following=plan.is_following))


async def _follow_journal(stream: LogStream, source: Source, command: list[str]) -> None:
    stream.tell({"type": "source", "source": source.index, "change": "opened"})
    async with aclosing(read_journal(command)) as entries:
        async for line, _ in entries:
            await stream.deliver(source.index, Batch([line]))
    stream.tell({"type": "source", "source": source.index, "change": "ended"})


# -- snapshots and histories


async def read_local_snapshot(
    ctx: Context[PluginState], item: Item, selection: Selection, rows: RowFilter, plan: SnapshotPlan
) -> list[SourceLines]:
    """Return each file's lines; one that cannot be read has an error instead."""
    results, left = [], plan.max_bytes
    for source, file in await asyncio.to_thread(_included, item, selection):
        found = SourceLines(source)
        accepts = SourceFilter(rows, with_levels=plan.with_levels)
        try:
            async with aclosing(_read_lines(item, file, plan.tail_lines)) as blocks:
                async for lines in blocks:
                    kept, levels = accepts.apply(Batch(lines))
                    if kept:
                        found.batches.append((Batch(lines), kept, levels))
                        left -= sum(map(len, kept))
                    if left <= 0:
                        break
        except OperationError as exc:
            found.error = exc
        found.is_cut = left <= 0
        results.append(found)
    return results


async def _read_lines(item: Item, file: LogFile | None, tail_lines: int | None) -> AsyncGenerator[list[bytes]]:
    """Yield canonical lines in blocks."""
    if file is None:
        command = journal_command(item.properties, tail_lines=tail_lines, is_following=False)
        held: list[bytes] = []
        async with aclosing(read_journal(command)) as entries:
            async for line, _ in entries:
                held.append(line)
                if len(held) >= 500:
                    yield held
                    held = []
        if held:
            yield held
        return
    if tail_lines is None:
        async with aclosing(read_lines([*file.older, file.path])) as blocks:
            async for lines in blocks:
                yield lines
        return
    raw = await asyncio.to_thread(read_last_lines, file, tail_lines)
    if not raw:
        return
    joiner = LineJoiner(pick_decoder(raw[0]))
    for at in range(0, len(raw), 2000):
        lines = [line for line, _ in joiner.take(raw[at : at + 2000], None)]
        if lines:
            yield lines


@asynccontextmanager
async def open_local_history(
    ctx: Context[PluginState], item: Item, selection: Selection, rows: RowFilter, params: DownloadParams
) -> AsyncIterator[History]:
    """Yield the history of a local item."""
    chosen = await asyncio.to_thread(_included, item, selection)
    files = {source.index: file for source, file in chosen}

    async def read(source: Source) -> AsyncGenerator[Piece]:
        accepts, told = SourceFilter(rows, with_levels=True), 0
        tail = params.tail_lines if params.tail_lines and params.tail_lines > 0 else None
        async with aclosing(_read_lines(item, files[source.index], tail)) as blocks:
            async for lines in blocks:
                kept, levels = accepts.apply(Batch(lines))
                if params.head:
                    kept, levels = kept[: params.head - told], levels[: params.head - told]
                told += len(kept)
                if kept:
                    extras: Extras = {}
                    if params.fields:
                        add_fields(kept, extras)
                    yield Piece(kept, levels, extras)
                if params.head and told >= params.head:
                    return

    yield History(item.name, [source for source, _ in chosen], params, rows, read)


async def list_local_containers(item: Item) -> list[Row]:
    """Return the item as a pod with one container per file."""
    names = ["journal"] if is_journal(item) else [file.name for file in await asyncio.to_thread(files_of, item)]
    kind = "journal" if is_journal(item) else "file"
    files = [{"name": name, "kind": kind, "state": "running", "ready": True, "restarts": 0} for name in names]
    return [{"namespace": "", "pod": item.name, "podUid": item.id, "phase": "Running", "node": "", "containers": files}]
