"""Everything that the cluster still has, as a file: one source after another, or all by time."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from itertools import accumulate

import msgspec

from mc_kube.client import KubeClient
from mc_kube.pod_logs import LogRequest, is_not_kept, is_waiting, open_log
from mc_kube.targets import list_pods
from mc_kubernetes_logs.engine.batches import take_piece
from mc_kubernetes_logs.engine.cutting import LineCutter
from mc_kubernetes_logs.engine.filters import RowFilter, SourceFilter, find_hits
from mc_kubernetes_logs.engine.formats import Format, make_format
from mc_kubernetes_logs.engine.levels import UNKNOWN
from mc_kubernetes_logs.engine.recent import Recent
from mc_kubernetes_logs.engine.rendering import Extra, Extras, add_fields
from mc_kubernetes_logs.engine.snapshot import notice_of, wanted_sources
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stamps import NO_STAMP, STAMP_LEN, floor_second
from mc_kubernetes_logs.items import check_scope, get_item, is_local, open_target, selection_of
from mc_kubernetes_logs.params import DownloadParams, LineParams
from mc_kubernetes_logs.reading import filter_of
from mc_kubernetes_logs.state import PluginState
from mc_sdk import JSON, Context, NotFound, OperationError

INVOKE_BYTES = 8 * 1024 * 1024


class Piece(msgspec.Struct):
    """Neighbouring lines of one source that passed the filter."""

    lines: list[bytes]
    levels: list[bytes]
    extras: Extras
    missing: OperationError | None = None
    """Why lines are not there; such a piece has none."""


Opened = Callable[[Source], AsyncGenerator[Piece]]
OpenedRaw = Callable[[Source], AsyncGenerator[bytes] | None]
"""Reads a source's bytes as they are, where that can be, for a file that needs no change of them."""


class History:
    """An item's lines from the first to the last that there is now."""

    def __init__(
        self,
        name: str,
        sources: list[Source],
        params: DownloadParams,
        rows: RowFilter,
        read: Opened,
        read_raw: OpenedRaw = lambda _: None,
    ) -> None:
        self.name = name
        self._sources = sources
        self._params = params
        self._rows = rows
        self._read = read
        self._read_raw = read_raw

    @property
    def sources(self) -> list[Source]:
        """The containers."""
        return self._sources

    def pieces(self, source: Source) -> AsyncGenerator[Piece]:
        """Yield one source's lines."""
        return self._read(source)

    async def blocks(self, format: Format) -> AsyncGenerator[bytes]:
        """Yield the file. Raises: what the only source's first answer was, when it was a refusal."""
        head = format.head
        async with aclosing(self._body(format)) as body:
            async for block in body:
                yield head + block if head else block
                head = b""
        if head:
            yield head

    async def _body(self, format: Format) -> AsyncGenerator[bytes]:
        by_time = self._params.order == "time" or (not self._params.order and len(self._sources) > 1)
        if by_time and len(self._sources) > 1:
            async with aclosing(merge_by_time(self._sources, self._read, format)) as merged:
                async for block in merged:
                    yield block
            return
        for source in self._sources:
            verbatim = self._read_raw(source) if self._is_verbatim(format) else None
            if verbatim is not None:
                async with aclosing(verbatim):
                    try:
                        async for block in verbatim:
                            yield block
                    except OperationError as exc:
                        yield self._missing(format, source, exc)
                continue
            async with aclosing(self._read(source)) as pieces:
                async for piece in pieces:
                    if piece.missing is not None:
                        yield self._missing(format, source, piece.missing)
                    else:
                        yield format.rows(source, piece.lines, piece.levels, piece.extras)

    def _missing(self, format: Format, source: Source, error: OperationError) -> bytes:
        """Return the words for what is not there. Raises: the error itself, when nothing else was asked for."""
        if len(self._sources) == 1 and not is_waiting(error):
            raise error
        return _render_missing(format, source, error)

    def _is_verbatim(self, format: Format) -> bool:
        params = self._params
        has_prefix = params.prefix == "true" or (params.prefix == "auto" and len(self._sources) > 1)
        is_plain = format.name == "text" and params.timestamps and not has_prefix and not params.head
        return is_plain and self._rows.is_open


@asynccontextmanager
async def open_history(ctx: Context[PluginState], params: DownloadParams) -> AsyncIterator[History]:
    """Yield the history of a call's item. Raises: Forbidden for pods that are not the item's, what the host answers."""
    item, rows, selection = await get_item(ctx), filter_of(params), selection_of(params)
    if is_local(item):
        from mc_kubernetes_logs.local.reading import open_local_history

        async with open_local_history(ctx, item, selection, rows, params) as history:
            yield history
        return
    async with open_target(ctx, item) as target:
        pods = await check_scope(target, selection)
        if pods is None:
            pods = await list_pods(target.client, target.query)
        sources = wanted_sources(pods, selection)
        client = target.client

        def raw(source: Source) -> AsyncGenerator[bytes] | None:
            reaches_back = _reaches_back(source, rows, params)
            return None if reaches_back else _read_raw(client, request_of(source, rows, params))

        yield History(item.name, sources, params, rows, lambda one: _read_all(client, one, rows, params), raw)


def _reaches_back(source: Source, rows: RowFilter, params: LineParams) -> bool:
    """Say whether what is wanted may begin in the instance before the current one."""
    is_part = params.previous or params.head or (params.tail_lines or 0) > 0
    is_older = bool(rows.since) and floor_second(rows.since) > source.before_ended
    return bool(source.before_ended) and not is_part and not is_older


async def _read_all(client: KubeClient, source: Source, rows: RowFilter, params: LineParams) -> AsyncGenerator[Piece]:
    """Yield a source's lines, first those of the instance before, if they are still kept.

    One that has ended just now may answer for both: what was told is not told again.
    """
    recent = Recent()
    if _reaches_back(source, rows, params):
        before = msgspec.structs.replace(params, previous=True)
        async with aclosing(read_pieces(client, source, rows, before, recent=recent)) as pieces:
            async for piece in pieces:
                if piece.missing is None or not is_not_kept(piece.missing):
                    yield piece
        recent.begin_replay()
    async with aclosing(read_pieces(client, source, rows, params, recent=recent)) as pieces:
        async for piece in pieces:
            yield piece


def request_of(source: Source, rows: RowFilter, params: LineParams) -> LogRequest:
    """Return the request for all wanted lines of a source."""
    return LogRequest(
        source.namespace,
        source.pod,
        source.container,
        is_previous=params.previous,
        tail_lines=params.tail_lines if params.tail_lines and params.tail_lines > 0 else None,
        since_time=floor_second(rows.since) if rows.since else "",
    )


async def _read_raw(client: KubeClient, request: LogRequest) -> AsyncGenerator[bytes]:
    last = b"\n"
    async with open_log(client, request) as reader:
        while block := await reader.read():
            last = block[-1:]
            yield block
    if last != b"\n":
        yield b"\n"


async def read_pieces(
    client: KubeClient, source: Source, rows: RowFilter, params: LineParams, *, recent: Recent | None = None
) -> AsyncGenerator[Piece]:
    """Yield the lines of one source that pass, and last, for a source that cannot be read, why not."""
    recent, cutter, accepts, told = recent or Recent(), LineCutter(), SourceFilter(rows, with_levels=True), 0
    plain = rows.plain_grep
    try:
        async with open_log(client, request_of(source, rows, params)) as reader:
            while True:
                chunk = await reader.read()
                for part in cutter.feed(chunk) if chunk else cutter.end():
                    if plain is not None:
                        part.block = b"\n".join(find_hits(part.block, plain))
                        if not part.block:
                            continue
                    batch = take_piece(part, recent)
                    if batch.missing:
                        yield Piece([], [], {}, NotFound(batch.missing.decode("utf-8", "replace")))
                    lines, levels = accepts.apply(batch) if batch.lines else ([], [])
                    if params.head:
                        lines, levels = lines[: params.head - told], levels[: params.head - told]
                    told += len(lines)
                    if lines:
                        extras: Extras = {0: Extra(cut=batch.cut)} if batch.cut else {}
                        if params.fields:
                            add_fields(lines, extras)
                        yield Piece(lines, levels, extras)
                if not chunk or accepts.is_past_until or (params.head and told >= params.head):
                    return
    except OperationError as exc:
        yield Piece([], [], {}, exc)


def _render_missing(format: Format, source: Source, error: OperationError) -> bytes:
    notice = notice_of(source, error)
    return format.event({"type": "gap", "cause": notice.pop("code"), **notice}, source)


class _Lane:
    """One source in a merge: what was read and not yet told."""

    def __init__(self, source: Source, pieces: AsyncGenerator[Piece]) -> None:
        self.source = source
        self.is_ended = False
        self.missing: OperationError | None = None
        self._pieces = pieces
        self._stamps: list[bytes] = []
        self._piece = Piece([], [], {})
        self._high = b""

    @property
    def is_empty(self) -> bool:
        """Must more be read before this source can be compared?"""
        return not self._stamps

    @property
    def last(self) -> bytes:
        """The newest stamp at hand."""
        return self._stamps[-1]

    async def fill(self) -> None:
        """Read the next piece."""
        try:
            self._piece = await anext(self._pieces)
            while self._piece.missing is not None:
                self.missing = self._piece.missing
                self._piece = await anext(self._pieces)
        except StopAsyncIteration:
            self.is_ended = True
            return
        # A source's own order stays, also where its stamps go backwards or are missing.
        stamps = (line[:STAMP_LEN] for line in self._piece.lines)
        filled = (self._high if stamp == NO_STAMP else stamp for stamp in stamps)
        self._stamps = list(accumulate(filled, max, initial=self._high))[1:]
        self._high = self._stamps[-1]

    def take(self, until: bytes) -> list[tuple[bytes, int, int, bytes, bytes, Extra | None]]:
        """Return the lines up to a stamp, and keep the rest."""
        count = bisect_right(self._stamps, until)
        piece, index = self._piece, self.source.index
        levels = piece.levels or [UNKNOWN] * len(piece.lines)
        taken = [
            (self._stamps[at], index, at, piece.lines[at], levels[at], piece.extras.get(at)) for at in range(count)
        ]
        self._stamps = self._stamps[count:]
        extras = {at - count: extra for at, extra in piece.extras.items() if at >= count}
        self._piece = Piece(piece.lines[count:], levels[count:], extras)
        return taken


async def merge_by_time(sources: list[Source], read: Opened, format: Format) -> AsyncGenerator[bytes]:
    """Yield the lines of many sources in order of time; of each source one block is held."""
    async with AsyncExitStack() as stack:
        lanes = [_Lane(source, await stack.enter_async_context(aclosing(read(source)))) for source in sources]
        by_index = {lane.source.index: lane.source for lane in lanes}
        while True:
            await asyncio.gather(*(lane.fill() for lane in lanes if lane.is_empty and not lane.is_ended))
            for lane in lanes:
                if lane.missing is not None:
                    yield _render_missing(format, lane.source, lane.missing)
                    lane.missing = None
            lanes = [lane for lane in lanes if not (lane.is_ended and lane.is_empty)]
            if not lanes:
                return
            frontier = min(lane.last for lane in lanes)
            due = [line for lane in lanes for line in lane.take(frontier)]
            due.sort(key=lambda one: one[:3])
            if block := _render_due(due, by_index, format):
                yield block


def _render_due(
    due: list[tuple[bytes, int, int, bytes, bytes, Extra | None]], by_index: dict[int, Source], format: Format
) -> bytes:
    parts: list[bytes] = []
    at = 0
    while at < len(due):
        index, end = due[at][1], at
        while end < len(due) and due[end][1] == index:
            end += 1
        run = due[at:end]
        extras = {position: one[5] for position, one in enumerate(run) if one[5] is not None}
        parts.append(format.rows(by_index[index], [one[3] for one in run], [one[4] for one in run], extras))
        at = end
    return b"".join(parts)


async def download_text(ctx: Context[PluginState], params: DownloadParams) -> dict[str, JSON]:
    """Return the file as one text, cut at `INVOKE_BYTES`."""
    parts, size, is_truncated = [], 0, False
    async with open_history(ctx, params) as history:
        format = make_format(params.format, prefix=len(history.sources) > 1, timestamps=params.timestamps)
        async with aclosing(history.blocks(format)) as blocks:
            async for block in blocks:
                parts.append(block)
                size += len(block)
                if size > INVOKE_BYTES:
                    is_truncated = True
                    break
    content = b"".join(parts)[:INVOKE_BYTES].decode("utf-8", "replace")
    return {"contentType": format.mime, "content": content, "truncated": is_truncated}
