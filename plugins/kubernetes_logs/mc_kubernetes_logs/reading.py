"""From params to a running stream or a snapshot: what the operations and routes share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec

from mc_kube.targets import list_pods
from mc_kubernetes_logs.engine.cursor import Cursor, decode_cursor
from mc_kubernetes_logs.engine.filters import RowFilter, parse_levels
from mc_kubernetes_logs.engine.formats import Event, Format, FormatName, make_format
from mc_kubernetes_logs.engine.kube_feed import KubeFeed
from mc_kubernetes_logs.engine.levels import NAMES, ORDER
from mc_kubernetes_logs.engine.patterns import compile_patterns
from mc_kubernetes_logs.engine.rendering import Extra, Extras, add_fields
from mc_kubernetes_logs.engine.snapshot import SnapshotPlan, SourceLines, read_snapshot, wanted_sources
from mc_kubernetes_logs.engine.source_reader import ReaderPlan
from mc_kubernetes_logs.engine.stamps import floor_second, parse_time
from mc_kubernetes_logs.engine.stream import LogStream, StreamOptions
from mc_kubernetes_logs.items import KubeTarget, check_scope, get_item, is_local, open_target, selection_of
from mc_kubernetes_logs.params import LineParams, LogsParams, patterns
from mc_kubernetes_logs.settings import LogsSettings
from mc_kubernetes_logs.state import PluginState
from mc_sdk import Context, Item

DEFAULT_TAIL = 200


def filter_of(params: LineParams) -> RowFilter:
    """Return the filter that params mean. Raises: InvalidParams that names the field."""
    now = datetime.now(UTC)
    return RowFilter(
        grep=compile_patterns(patterns(params.grep), ignore_case=params.ignore_case, field="grep"),
        exclude=compile_patterns(patterns(params.exclude), ignore_case=params.ignore_case, field="exclude"),
        levels=parse_levels(params.level, hide_unknown=params.hide_unknown),
        since=parse_time(params.since, "since", now) if params.since else b"",
        until=parse_time(params.until, "until", now) if params.until else b"",
    )


def tail_of(params: LineParams, rows: RowFilter, default: int | None = DEFAULT_TAIL) -> int | None:
    """Return the last lines to ask for: with a start time all, else what was asked, else the default."""
    if params.tail_lines is None and rows.since:
        return None
    tail = params.tail_lines
    return default if tail is None or tail <= 0 else tail


async def snapshot(
    ctx: Context[PluginState], params: LineParams, *, tail: int | None = DEFAULT_TAIL, with_levels: bool = True
) -> list[SourceLines]:
    """Return the lines that an item's containers have now. Raises: Forbidden for pods that are not the item's."""
    settings: LogsSettings = ctx.settings
    item, rows, selection = await get_item(ctx), filter_of(params), selection_of(params)
    plan = SnapshotPlan(
        tail_lines=tail_of(params, rows, tail),
        is_previous=params.previous,
        head=params.head,
        with_levels=with_levels,
        max_bytes=settings.snapshot_bytes,
    )
    if is_local(item):
        from mc_kubernetes_logs.local.reading import read_local_snapshot

        return await read_local_snapshot(ctx, item, selection, rows, plan)
    async with open_target(ctx, item) as target:
        pods = await check_scope(target, selection)
        if pods is None:
            pods = await list_pods(target.client, target.query)
        return await read_snapshot(target.client, wanted_sources(pods, selection), rows, plan)


def chosen_format(params: LogsParams, *, is_following: bool, sources: int = 2) -> Format:
    """Return the format of a stream or snapshot over HTTP."""
    name: FormatName = params.format or ("sse" if is_following else "json")
    prefix = params.prefix == "true" or (params.prefix == "auto" and sources != 1)
    return make_format(name, is_compact=params.rows == "compact", prefix=prefix, timestamps=params.timestamps)


@asynccontextmanager
async def open_stream(
    ctx: Context[PluginState], params: LogsParams, format: Format, *, is_following: bool, tail: int | None
) -> AsyncIterator[LogStream]:
    """Yield a stream that is being fed; what is wrong with the call is raised before anything is sent."""
    item, rows, selection = await get_item(ctx), filter_of(params), selection_of(params)
    cursor = decode_cursor(params.cursor) if params.cursor else None
    options = _options(ctx.settings, params, format, is_following)
    stream = LogStream(format, rows, options, _meta(item, params, options), cursor)
    plan = ReaderPlan(
        tail_lines=tail,
        since_time=floor_second(rows.since) if rows.since else "",
        is_previous=params.previous,
        is_following=is_following,
        new_sources=frozenset(patterns(params.backlog_source)),
    )
    ctx.state.streams.add(stream)
    try:
        if is_local(item):
            from mc_kubernetes_logs.local.reading import open_local_feed

            async with open_local_feed(ctx, item, selection, plan, stream):
                yield stream
            return
        async with open_target(ctx, item) as target:
            await check_scope(target, selection)
            _tell_forgotten_cursor(stream, cursor, params)
            feed = KubeFeed(
                target.client, target.query, selection, plan, stream, rights_every_s=ctx.settings.rights_check_s
            )
            _watch_events(params, target, stream, feed)
            feed.start()
            yield stream
    finally:
        ctx.state.streams.discard(stream)
        await stream.background.aclose()


def _watch_events(params: LogsParams, target: KubeTarget, stream: LogStream, feed: KubeFeed) -> None:
    if params.events and stream.options.is_following:
        from mc_kubernetes_logs.engine.pod_events import tell_events

        stream.background.spawn(tell_events(target.client, target.query, stream, feed.has_pod), name="watch pod events")


def _tell_forgotten_cursor(stream: LogStream, cursor: Cursor | None, params: LogsParams) -> None:
    if cursor is not None and not cursor.watermark and not cursor.positions:
        text = "the cursor is of another version of this plugin: what came since is not known"
        stream.tell({"type": "gap", "source": None, "cause": "cursor", "text": text})


def _options(settings: LogsSettings, params: LogsParams, format: Format, is_following: bool) -> StreamOptions:
    by_time = params.order == "time" or (not params.order and format.name in ("text", "csv"))
    return StreamOptions(
        is_following=is_following,
        overflow=params.overflow,
        by_time=by_time,
        with_fields=params.fields,
        head=params.head,
        max_sources=settings.max_sources,
    )


def _meta(item: Item, params: LogsParams, options: StreamOptions) -> Event:
    return {
        "type": "meta",
        "protocol": 1,
        "serverTime": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "follow": options.is_following,
        "order": "time" if options.by_time else "arrival",
        "overflow": options.overflow,
        "item": {"id": item.id, "name": item.name, "type": item.type},
        "local": is_local(item),
        "limits": {"lineBytes": 256 * 1024, "maxSources": options.max_sources},
        "levels": [NAMES[level] for level in ORDER],
    }


def render_rows(found: list[SourceLines], format: Format, *, with_fields: bool = False) -> bytes:
    """Return the rows of a snapshot as a JSON array."""
    parts = []
    for one in found:
        for batch, lines, levels in one.batches:
            extras: Extras = {0: Extra(cut=batch.cut)} if batch.cut else {}
            if with_fields:
                add_fields(lines, extras)
            parts.append(format.rows(one.source, lines, levels, extras))
    rows = b"".join(parts)
    return b"[" + rows.rstrip(b",") + b"]"


def encode_notices(found: list[SourceLines]) -> str:
    """Return the notices of a snapshot as a header's value; empty without any."""
    notices = [one.notice for one in found if one.notice is not None]
    return msgspec.json.encode(notices).decode("ascii", "replace") if notices else ""
