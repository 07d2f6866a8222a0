"""Operations that answer HTTP in several formats: streams, files, and the released plugin's own bytes."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from mc_kubernetes_logs.engine.formats import Format, make_format
from mc_kubernetes_logs.params import DownloadParams, LogsParams
from mc_kubernetes_logs.reading import chosen_format, encode_notices, open_stream, render_rows, snapshot
from mc_kubernetes_logs.state import PluginState
from mc_sdk import Context
from mc_sdk.streams import attachment

NOTICES_HEADER = "X-Log-Notices"
STREAM_HEADERS = {
    "Cache-Control": "no-cache, no-transform",
    "Content-Encoding": "identity",
    "X-Accel-Buffering": "no",
}
"""Keep boxes on the way from compressing or holding back what is to be seen at once."""
Answer = Callable[[Context[PluginState], Any, web.Request], Awaitable[web.StreamResponse]]


async def logs_answer(ctx: Context[PluginState], params: LogsParams, request: web.Request) -> web.StreamResponse:
    """Answer `logs`: a JSON array once, or a stream."""
    is_seed = ctx.settings.compatibility == "seed"
    is_following = params.follow if params.follow is not None else is_seed
    if is_seed and not params.format:
        params.format = "sse"
    params.cursor = params.cursor or request.headers.get("Last-Event-ID", "")
    if not is_following and params.format in ("", "json"):
        return await _array(ctx, params)
    tail = backlog_of(params, is_seed=is_seed) if is_following else _tail(params)
    format = chosen_format(params, is_following=is_following)
    if is_seed:
        format.head = b""
    return await _send(ctx, params, request, format, is_following=is_following, tail=tail)


def backlog_of(params: LogsParams, *, is_seed: bool = False) -> int | None:
    """Return the lines before the live ones: none unless asked for, as in the released plugin."""
    if params.since or params.backlog < 0:
        return None
    if is_seed and not params.backlog:
        return params.tail_lines if params.tail_lines and params.tail_lines > 0 else 200
    return params.backlog


def _tail(params: LogsParams) -> int | None:
    if params.tail_lines is None and (params.since or params.backlog < 0):
        return None
    return params.tail_lines if params.tail_lines and params.tail_lines > 0 else 200


async def _array(ctx: Context[PluginState], params: LogsParams) -> web.Response:
    found = await snapshot(ctx, params)
    if len(found) == 1 and found[0].error is not None and not found[0].is_waiting:
        raise found[0].error
    notices = encode_notices(found)
    headers = {NOTICES_HEADER: notices} if notices else {}
    body = render_rows(found, make_format("json"), with_fields=params.fields) + b"\n"
    return web.Response(body=body, content_type="application/json", headers=headers)


async def tail_answer(ctx: Context[PluginState], params: LogsParams, request: web.Request) -> web.StreamResponse:
    """Answer `tail` to a terminal: it follows, after the last ten lines of each container."""
    is_following = params.follow is not False
    if not params.format:
        params.format = "ndjson"
    params.order = params.order or "time"
    tail: int | None = params.tail_lines if params.tail_lines is not None else 10
    if params.since or params.backlog < 0:
        tail = None
    format = chosen_format(params, is_following=is_following)
    return await _send(ctx, params, request, format, is_following=is_following and not params.previous, tail=tail)


async def download_answer(
    ctx: Context[PluginState], params: DownloadParams, request: web.Request
) -> web.StreamResponse:
    """Answer `log-download`: a file, as it is read; nothing is kept."""
    from mc_kubernetes_logs.history import open_history

    async with open_history(ctx, params) as history:
        prefix = params.prefix == "true" or (params.prefix == "auto" and len(history.sources) > 1)
        format = make_format(params.format, prefix=prefix, timestamps=params.timestamps)
        name = f"{history.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}.{_ENDINGS[params.format]}"
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        if params.gzip:
            name += ".gz"
        headers["Content-Disposition"] = attachment(name)
        response = web.StreamResponse(headers=headers)
        response.content_type = "application/gzip" if params.gzip else format.mime
        if request.method == "HEAD":
            await response.prepare(request)
            return response
        async with (
            aclosing(history.blocks(format)) as file,
            aclosing(_gzipped(file) if params.gzip else file) as blocks,
        ):
            first = await anext(blocks, b"")  # what cannot be read at all is an error, not an empty file
            await response.prepare(request)
            await response.write(first)
            await _write(response, blocks)
        await response.write_eof()
        return response


_ENDINGS = {"text": "log", "ndjson": "ndjson", "csv": "csv"}


async def _gzipped(blocks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    async for block in blocks:
        if packed := packer.compress(block):
            yield packed
    yield packer.flush()


async def _send(
    ctx: Context[PluginState],
    params: LogsParams,
    request: web.Request,
    format: Format,
    *,
    is_following: bool,
    tail: int | None,
) -> web.StreamResponse:
    async with open_stream(ctx, params, format, is_following=is_following, tail=tail) as stream:
        response = web.StreamResponse(headers=STREAM_HEADERS)
        response.content_type = format.mime
        if format.name == "text":
            response.charset = "utf-8"
        await response.prepare(request)
        async with aclosing(stream.blocks()) as blocks:
            await _write(response, blocks)
        await response.write_eof()
        return response


async def _write(response: web.StreamResponse, blocks: AsyncIterator[bytes]) -> None:
    async for block in blocks:
        await response.write(block)


ANSWERS: dict[str, tuple[type[Any], Answer]] = {
    "logs": (LogsParams, logs_answer),
    "tail": (LogsParams, tail_answer),
    "log-download": (DownloadParams, download_answer),
}
