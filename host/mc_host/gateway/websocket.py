"""Joins a browser's websocket to a plugin's: messages, pings and close codes pass either way, one at a time."""

from __future__ import annotations

import asyncio
import ssl

import aiohttp
from aiohttp import WSMsgType, web
from multidict import CIMultiDict
from yarl import URL

from mc_wire.errors import Forbidden, NotFound, OperationError, TargetUnreachable
from mc_wire.limits import MAX_MESSAGE_BYTES

_PROTOCOLS = "Sec-WebSocket-Protocol"
_SOCKET_HEADERS = "sec-websocket-"
_CLOSE_TIMEOUT_S = 2.0
_NO_CODE = (0, 1005)  # a close frame without a code
_LEFT = 1001
_UNSENDABLE = (1004, 1006, 1015)  # these say how a connection ended, and never travel


def is_websocket(request: web.Request) -> bool:
    """Does the request ask to become a websocket?"""
    names = {part.strip().lower() for part in request.headers.get("Connection", "").split(",")}
    return "upgrade" in names and request.headers.get("Upgrade", "").strip().lower() == "websocket"


async def open_websocket(
    request: web.Request,
    session: aiohttp.ClientSession,
    url: URL,
    passed: CIMultiDict[str],
    plugin: str,
    tls: ssl.SSLContext | None,
) -> aiohttp.ClientWebSocketResponse:
    """Return the plugin's websocket for what the browser offers. Raises: OperationError, when the plugin refuses."""
    offered = tuple(part.strip() for part in request.headers.get(_PROTOCOLS, "").split(",") if part.strip())
    own = CIMultiDict((name, value) for name, value in passed.items() if not name.lower().startswith(_SOCKET_HEADERS))
    try:
        return await session.ws_connect(
            url,
            ssl=tls if tls is not None else True,
            headers=own,
            protocols=offered,
            autoclose=False,
            autoping=False,
            max_msg_size=MAX_MESSAGE_BYTES,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_TIMEOUT_S),
        )
    except aiohttp.WSServerHandshakeError as exc:
        raise _refusal(plugin, exc) from exc
    except (aiohttp.ClientError, OSError) as exc:
        raise TargetUnreachable(f'plugin "{plugin}" does not answer on its HTTP port: {exc}') from exc


async def join_websocket(request: web.Request, upstream: aiohttp.ClientWebSocketResponse) -> web.StreamResponse:
    """Open the browser's side and carry messages until one side closes.

    Each message waits for the other side to take the one before, so nothing piles up here.
    """
    async with upstream:
        browser = web.WebSocketResponse(
            timeout=_CLOSE_TIMEOUT_S,
            autoclose=False,
            autoping=False,
            protocols=(upstream.protocol,) if upstream.protocol else (),
            compress=False,
            max_msg_size=MAX_MESSAGE_BYTES,
        )
        await browser.prepare(request)
        await _carry_both(browser, upstream)
        return browser


def _refusal(plugin: str, exc: aiohttp.WSServerHandshakeError) -> OperationError:
    text = f'plugin "{plugin}" refuses the websocket: HTTP {exc.status}'
    if exc.status in (401, 403):
        return Forbidden(text)
    return NotFound(text) if exc.status == 404 else TargetUnreachable(text)


Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


async def _carry_both(browser: Socket, upstream: Socket) -> None:
    """Carry both ways; the first side that closes decides with which code the other is closed."""
    down = asyncio.create_task(_carry(upstream, browser), name="websocket to the browser")
    up = asyncio.create_task(_carry(browser, upstream), name="websocket to the plugin")
    try:
        await asyncio.wait((down, up), return_when=asyncio.FIRST_COMPLETED)
        code, reason = (up if up.done() else down).result()
    except BaseException:
        code, reason = _LEFT, b""
        raise
    finally:
        for task in (down, up):
            task.cancel()
        await asyncio.gather(down, up, return_exceptions=True)
        await asyncio.gather(
            upstream.close(code=code, message=reason), browser.close(code=code, message=reason), return_exceptions=True
        )


async def _carry(source: Socket, target: Socket) -> tuple[int, bytes]:
    """Pass messages on until `source` closes; return the code and reason to close the other side with."""
    while True:
        message = await source.receive()
        try:
            if message.type is WSMsgType.TEXT:
                await target.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await target.send_bytes(message.data)
            elif message.type is WSMsgType.PING:
                await target.ping(message.data)
            elif message.type is WSMsgType.PONG:
                await target.pong(message.data)
            elif message.type is WSMsgType.CLOSE:
                return _sendable(message.data), (message.extra or "").encode()
            elif message.type is WSMsgType.ERROR:
                return (source.close_code or 1011), b""
            else:
                return _LEFT, b""  # gone without a word
        except (ConnectionError, aiohttp.ClientError):
            return _LEFT, b""


def _sendable(code: int) -> int:
    if code in _NO_CODE:
        return 1000
    return _LEFT if code in _UNSENDABLE else code
