"""The HTTP side of a plugin: its page under /__mc/ui, its operations under /__mc/operations, an author's root."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from aiohttp import web

from mc_sdk.host_client import HostClient
from mc_sdk.operations import OperationHandler
from mc_sdk.params import convert_query, decode_params, encode_result
from mc_sdk.plugin import Plugin
from mc_sdk.runtime import Call, Runtime, as_operation_error
from mc_sdk.static import serve_asset
from mc_sdk.streams import BlockWriter, FileStart, attachment
from mc_wire.errors import Facts, NotFound, NotSignedIn, OperationError, encode_error
from mc_wire.handshake import TOKEN_HEADER
from mc_wire.headers import EMAIL_HEADER, REQUEST_HEADER, SECRET_HEADER, TIMEOUT_HEADER, USER_HEADER
from mc_wire.invocation_token import UI_OPERATION
from mc_wire.limits import MAX_MESSAGE_BYTES
from mc_wire.model import JSON_MIME, Caller, Contract
from mc_wire.paths import OPERATIONS_PREFIX, UI_PREFIX
from mc_wire.trace_context import CURRENT, TRACEPARENT, TRACESTATE, read_trace

NDJSON = "application/x-ndjson"
EVENT_STREAM = "text/event-stream"
_log = logging.getLogger(__name__)


class HttpServer:
    """Answers the host's proxied requests.

    `secret` is what our own host sends with every request, so that no other local process or page can call. User and
    roles come from the request's invocation token, checked with the host's key; without that key (a released host)
    the token must be one that the host itself accepts.
    """

    def __init__(self, runtime: Runtime, contract: Callable[[], Contract], secret: str) -> None:
        self._runtime = runtime
        self._contract = contract
        self._secret = secret

    def application(self) -> web.Application:
        """Return the routes."""
        app = web.Application(client_max_size=MAX_MESSAGE_BYTES, middlewares=[_json_errors])
        app.router.add_route("*", UI_PREFIX + "{path:(/.*)?}", self._ui)
        app.router.add_route("*", OPERATIONS_PREFIX + "/{operation}", self._operation)
        app.router.add_route("*", "/__mc/{path:.*}", _reserved)
        app.router.add_route("*", "/{path:.*}", self._root)
        return app

    async def _ui(self, request: web.Request) -> web.StreamResponse:
        return self._asset(request, request.match_info["path"])

    def _asset(self, request: web.Request, path: str) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD"):
            raise web.HTTPMethodNotAllowed(request.method, ["GET", "HEAD"])
        # raw_path keeps percent signs, so an encoded slash cannot become a separator on the way.
        response = serve_asset(self._runtime.plugin.assets, path)
        if response is None:
            raise NotFound(f"no such file: {path}")
        return response

    async def _root(self, request: web.Request) -> web.StreamResponse:
        plugin = self._runtime.plugin
        has_author = type(plugin).http_handler is not Plugin.http_handler
        if has_author:
            await self._check_host(request)
            await self._check_page_token(request)
            response = await plugin.http_handler(request)
            if response is not None and (response.prepared or response.status != 404):
                return response
        if not has_author and self._contract() is Contract.RELEASED:
            raise NotFound(f"no such path: {request.path}")
        return self._asset(request, request.path)

    async def _operation(self, request: web.Request) -> web.StreamResponse:
        handler = self._runtime.handler(request.match_info["operation"])
        methods = handler.declared.http
        method = "GET" if request.method == "HEAD" else request.method
        if method not in methods:
            raise web.HTTPMethodNotAllowed(request.method, methods)
        call = await self._authenticated(request, handler)
        arguments = await _arguments(handler, request)
        if handler.is_streaming:
            return await self._stream(request, handler, call, arguments)
        return await self._unary(handler, call, arguments)

    async def _unary(self, handler: OperationHandler, call: Call, arguments: tuple[Any, ...]) -> web.Response:
        try:
            async with asyncio.timeout(None if call.deadline is None else call.deadline - time.monotonic()):
                ctx = await self._runtime.context(call)
                result = encode_result(await handler.function(ctx, *arguments))
        except Exception as exc:  # border: whatever an author's code raises becomes an answer
            raise as_operation_error(exc, call) from exc
        return web.Response(body=result, content_type=handler.declared.mime)

    async def _stream(
        self, request: web.Request, handler: OperationHandler, call: Call, arguments: tuple[Any, ...]
    ) -> web.StreamResponse:
        is_sse = EVENT_STREAM in request.headers.get("Accept", "")
        response = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        response.content_type = EVENT_STREAM if is_sse else NDJSON
        try:
            ctx = await self._runtime.context(call)
            lines = handler.function(ctx, *arguments)
            first = await anext(lines, None)
            if isinstance(first, FileStart):
                return await _send_file(request, first, lines, call)
        except Exception as exc:  # border, as above; nothing is sent yet, so the status can still say it
            raise as_operation_error(exc, call) from exc
        await response.prepare(request)
        writer = BlockWriter(response.write)
        frame = _sse_frame if is_sse else _ndjson_frame
        try:
            await _pump(first, lines, writer, frame, call)
        finally:
            await lines.aclose()
        await response.write_eof()
        return response

    async def _authenticated(self, request: web.Request, handler: OperationHandler) -> Call:
        """Return the call that a request makes. Raises: NotSignedIn."""
        headers = request.headers
        CURRENT.set(read_trace(headers.get(TRACEPARENT, ""), headers.get(TRACESTATE, "")))
        item_id = request.query.get("config_id", "")
        token = headers.get(TOKEN_HEADER, "")
        await self._check_host(request)
        timeout_s = headers.get(TIMEOUT_HEADER, "") if self._secret else ""
        call = Call(
            operation=handler.name,
            item_id=item_id,
            caller=Caller(
                user_id=headers.get(USER_HEADER, ""),
                user_email=headers.get(EMAIL_HEADER, ""),
                request_id=headers.get(REQUEST_HEADER, ""),
            )
            if self._secret
            else Caller(),
            deadline=time.monotonic() + float(timeout_s) if timeout_s else None,
            token=token,
        )
        return await self._runtime.authenticated(call)

    async def _check_page_token(self, request: web.Request) -> None:
        """Refuse what does not come with the host's token for this page. Raises: NotSignedIn, Forbidden."""
        verifier = self._runtime.verifier
        if verifier is not None:
            item_id = request.query.get("config_id", "")
            await verifier.check(request.headers.get(TOKEN_HEADER, ""), operation=UI_OPERATION, item_id=item_id)

    async def _check_host(self, request: web.Request) -> None:
        """Refuse who is not the host. Raises: NotSignedIn, or what the host answers.

        Without the launch's secret and the host's key the host itself is the judge: in one callback it refuses a
        token that it did not make.
        """
        if self._secret:
            given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, self._secret.encode()):
                raise NotSignedIn("this address answers its own host only")
            return
        if self._runtime.verifier is not None:
            return
        token = request.headers.get(TOKEN_HEADER, "")
        if not token:
            raise NotSignedIn("invocation token is required")
        host = HostClient(self._runtime.transport, token)
        item_id = request.query.get("config_id", "")
        if item_id:
            await host.get_config_item(item_id)
        else:
            await host.list_configs({}, limit=1)


async def _reserved(request: web.Request) -> web.StreamResponse:
    raise NotFound(f"no such path: {request.path}")


async def _arguments(handler: OperationHandler, request: web.Request) -> tuple[Any, ...]:
    if handler.params_type is None:
        return ()
    if request.method in ("GET", "HEAD"):
        own = {"config_id", "confirm"} if handler.declared.destructive else {"config_id"}  # the host's, not the params'
        query = ((key, value) for key, value in request.query.items() if key not in own)
        return (convert_query(query, handler.params_type),)
    return (decode_params(await request.read(), handler.params_type),)


async def _pump(
    first: Any, lines: AsyncIterator[Any], writer: BlockWriter, frame: Callable[[bytes], bytes], call: Call
) -> None:
    """Send every line; a failure in the middle becomes the last line."""
    try:
        if first is not None:
            await writer.add(frame(_line(first)))
            async for value in lines:
                await writer.add(frame(_line(value)))
    except ConnectionError:
        return  # the client left
    except Exception as exc:  # noqa: BLE001  # border: the status is out, so the error is a line
        await writer.add(frame(encode_error(as_operation_error(exc, call)) + b"\n"))
    await writer.aclose()


async def _send_file(
    request: web.Request, start: FileStart, blocks: AsyncGenerator[bytes], call: Call
) -> web.StreamResponse:
    """Send a file as it is made; its first block is awaited before the status is. Raises: what that block raises."""
    async with aclosing(blocks):
        block = await anext(blocks, b"")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Type": start.content_type}
        if start.name:
            headers["Content-Disposition"] = attachment(start.name)
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        writer = BlockWriter(response.write)
        try:
            await writer.add(block)
            async for block in blocks:
                await writer.add(block)
            await writer.aclose()
        except ConnectionError:
            return response  # the client left
        except Exception as exc:  # noqa: BLE001  # border: the status is out; only the connection can say that this is not the whole
            error = as_operation_error(exc, call)
            _log.warning("%s broke off its file: %s", call.operation, error.message)
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write_eof()
        return response


def _line(value: Any) -> bytes:
    return value if isinstance(value, bytes) else encode_result(value) + b"\n"


def _ndjson_frame(block: bytes) -> bytes:
    return block


def _sse_frame(block: bytes) -> bytes:
    return b"".join(b"data: " + line + b"\n\n" for line in block.splitlines())


@web.middleware
async def _json_errors(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
    """Answer every failure as JSON with `error` and `code`."""
    try:
        return await handler(request)  # type: ignore[no-any-return]  # aiohttp's own handler type is a union with None
    except OperationError as exc:
        return web.Response(status=exc.http_status, body=encode_error(exc), content_type=JSON_MIME)
    except web.HTTPException as exc:
        facts: Facts = {"allow": exc.headers["Allow"]} if "Allow" in exc.headers else {}
        error = OperationError(exc.reason, **facts)
        return web.Response(status=exc.status, body=encode_error(error), content_type=JSON_MIME)
