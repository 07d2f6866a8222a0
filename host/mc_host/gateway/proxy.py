"""Streams a plugin's HTTP side to the browser: body bytes untouched, in blocks, as fast as the browser takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar
from urllib.parse import quote

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from mc_host.acting import Acting
from mc_host.audit import Asked
from mc_host.confirmation import has_condition, parse_params
from mc_host.gateway import headers
from mc_host.gateway.asking import read_request
from mc_host.gateway.invoke import read_params
from mc_host.gateway.keys import GUARD, HOST, REQUEST_ID, SESSION, SUBJECT
from mc_host.gateway.page_token import page_grant, page_item
from mc_host.gateway.policies import ANSWER_POLICY, NONCE_PLACEHOLDER, create_nonce, page_policy
from mc_host.gateway.ui_paths import browser_location, clean_path, forwarded_path
from mc_host.gateway.websocket import is_websocket, join_websocket, open_websocket
from mc_host.invocation import Permitted, Request, check_confirmed
from mc_host.metrics import CANCELED, OK
from mc_host.registry import Entry, Runtime
from mc_host.subjects import Subject
from mc_wire.errors import Forbidden, NotSupported, OperationError, TargetTimeout, TargetUnreachable, code_of
from mc_wire.model import Contract
from mc_wire.paths import OPERATIONS_PREFIX

Opened = TypeVar("Opened", aiohttp.ClientResponse, aiohttp.ClientWebSocketResponse)
MAX_PAGE_BYTES = 8 * 1024 * 1024
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_CONDITIONAL = ("If-None-Match", "If-Modified-Since", "If-Range", "Range", "Accept-Encoding")


async def proxy_operation(request: web.Request) -> web.StreamResponse:
    """Answer ANY /api/plugins/<name>/proxy/<op>: the operation's own HTTP route."""
    operation = request.match_info["operation"]
    invoker = request.app[HOST].invoker
    asked = read_request(request)
    permitted = await invoker.check(asked)
    methods = permitted.operation.http_methods
    method = "GET" if request.method == "HEAD" else request.method
    if method not in methods:
        raise Forbidden(f'operation "{operation}" does not allow HTTP {request.method}', allowed=list(methods))
    body = await _check_confirmed(request, permitted, asked)
    timeout_s = permitted.timeout_s if _has_deadline(permitted) else None
    own = headers.identity(
        permitted.subject,
        item_id=permitted.item_id,
        token=invoker.mint(permitted),
        request_id=request[REQUEST_ID],
        secret=permitted.runtime.http_secret,
        prefix=_prefix(request, "proxy"),
        timeout_s=timeout_s,
    )
    path = f"{OPERATIONS_PREFIX}/{quote(permitted.operation.name, safe='')}"
    with permitted.runtime.calls.note(permitted.acting):
        if is_websocket(request):
            opening = _open_socket(request, permitted.entry, permitted.runtime, path, own)
            return await join_websocket(request, await _on_record(request, permitted, opening, None))
        opened = _open(request, permitted.entry, permitted.runtime, path, own, body)
        upstream = await _on_record(request, permitted, opened, timeout_s)
        async with upstream:
            passed = headers.to_browser(upstream.headers)
            passed["Content-Security-Policy"] = ANSWER_POLICY
            passed.setdefault("Cache-Control", "no-store")
            return await _stream(request, upstream, passed)


async def _on_record(
    request: web.Request, permitted: Permitted, opening: Coroutine[None, None, Opened], timeout_s: float | None
) -> Opened:
    """Return the opened answer; the call is on record from then on. Raises: OperationError, TargetTimeout."""
    asked = Asked(method=request.method, query=tuple(request.query.items()))
    error, code = "the caller left", CANCELED
    try:
        async with asyncio.timeout(timeout_s):
            upstream = await opening
        status = upstream.status if isinstance(upstream, aiohttp.ClientResponse) else 101
        error, code = (f"HTTP {status}", f"http_{status}") if status >= 400 else ("", OK)
    except TimeoutError as exc:
        name, operation = permitted.entry.name, permitted.operation.name
        error, code = f'plugin "{name}" did not answer "{operation}" within {timeout_s:g} s', TargetTimeout.code
        raise TargetTimeout(error) from exc
    except OperationError as exc:
        error, code = exc.message, code_of(exc)
        raise
    finally:
        await request.app[HOST].invoker.note(permitted, asked, error, code)
    return upstream


async def _check_confirmed(request: web.Request, permitted: Permitted, asked: Request) -> bytes | None:
    """Refuse what nobody confirmed; returns the body when the params in it had to be read for that.

    Raises: ConfirmationNeeded, InvalidParams.
    """
    operation = permitted.operation
    if asked.is_confirmed or not operation.is_destructive or not has_condition(operation.params_schema):
        check_confirmed(permitted, asked, {})
        return None
    body = await read_params(request) if request.can_read_body else None
    check_confirmed(permitted, asked, parse_params(body) if body else dict(request.query))
    return body


def _has_deadline(permitted: Permitted) -> bool:
    """Is this an answer one waits for? A released plugin does not say which of its operations stream."""
    is_stream = (permitted.operation.params_schema or {}).get("x-stream") is True
    return permitted.runtime.contract is Contract.DOCUMENTED and not is_stream


async def proxy_page(request: web.Request) -> web.StreamResponse:
    """Answer /api/plugins/<name>/ui/…: the plugin's page and its files."""
    host = request.app[HOST]
    subject: Subject = request[SUBJECT]
    raw_tail = "/" + request.rel_url.raw_path.split("/", 5)[-1] if request.rel_url.raw_path.count("/") > 4 else ""
    if not raw_tail:
        # Relative addresses of the page need the slash.
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        return web.Response(status=308, headers={"Location": f"{request.rel_url.raw_path}/{query}"})
    path = clean_path(raw_tail)
    entry = await host.fleet.running(host.registry.get(request.match_info["name"]))
    assert entry.manifest is not None and entry.runtime is not None
    item = page_item(request, entry, subject)
    is_change = request.method not in _SAFE_METHODS or is_websocket(request)
    if is_change and not host.permissions.can_update_item(subject, item):
        raise Forbidden("not allowed to change the catalog")
    is_documented = entry.runtime.contract is Contract.DOCUMENTED
    own = headers.identity(
        subject,
        item_id=item.id if item else "",
        token=host.invocation_tokens.mint(page_grant(request, entry, subject, item)) if is_documented else "",
        request_id=request[REQUEST_ID],
        secret=entry.runtime.http_secret,
        prefix=_prefix(request, "ui"),
    )
    target = forwarded_path(path, entry.runtime.contract, entry.manifest)
    with entry.runtime.calls.note(Acting(subject)):
        if is_websocket(request):
            return await join_websocket(request, await _open_socket(request, entry, entry.runtime, target, own))
        upstream = await _open(request, entry, entry.runtime, target, own)
        async with upstream:
            return await _answer_page(request, upstream, target)


def _prefix(request: web.Request, kind: str) -> str:
    return f"/api/plugins/{quote(request.match_info['name'], safe='')}/{kind}"


async def _open(
    request: web.Request, entry: Entry, runtime: Runtime, path: str, own: dict[str, str], body: bytes | None = None
) -> aiohttp.ClientResponse:
    """Send the request on and return the answer's head. Raises: OperationError, TargetUnreachable, NotSupported."""
    if "upgrade" in request.headers.get("Connection", "").lower():
        raise NotSupported("of protocol upgrades only websockets are proxied")
    url = _plugin_url(request, entry, runtime, path)
    passed = headers.to_plugin(request.headers, own)
    if _is_page_request(request):
        for name in _CONDITIONAL:  # a page carries a fresh nonce each time, so no copy of it is ever good
            passed.popall(name, None)
    try:
        return await request.app[SESSION].request(
            request.method,
            url,
            headers=passed,
            data=body if body is not None else request.content if request.can_read_body else None,
            allow_redirects=False,
            ssl=runtime.tls if runtime.tls is not None else True,
        )
    except (aiohttp.ClientError, OSError) as exc:
        raise TargetUnreachable(f'plugin "{entry.name}" does not answer on its HTTP port: {exc}') from exc


def _plugin_url(request: web.Request, entry: Entry, runtime: Runtime, path: str) -> URL:
    """Return where the plugin answers `path`, with the request's own query. Raises: OperationError."""
    if not runtime.http_base:
        raise OperationError(f'plugin "{entry.name}" did not advertise a UI port')
    query = request.rel_url.raw_query_string
    return URL(f"{runtime.http_base}{path}" + (f"?{query}" if query else ""), encoded=True)


async def _open_socket(
    request: web.Request, entry: Entry, runtime: Runtime, path: str, own: dict[str, str]
) -> aiohttp.ClientWebSocketResponse:
    url = _plugin_url(request, entry, runtime, path)
    return await open_websocket(
        request, request.app[SESSION], url, headers.to_plugin(request.headers, own), entry.name, runtime.tls
    )


def _is_page_request(request: web.Request) -> bool:
    wanted = request.headers.get("Sec-Fetch-Dest", "")
    return wanted in ("document", "iframe") or (not wanted and "text/html" in request.headers.get("Accept", ""))


async def _answer_page(request: web.Request, upstream: aiohttp.ClientResponse, path: str) -> web.StreamResponse:
    passed = headers.to_browser(upstream.headers)
    nonce = create_nonce()
    name = quote(request.match_info["name"], safe="")
    origin = request.app[GUARD].origin(request.host)
    passed["Content-Security-Policy"] = page_policy(f"{origin}/api/plugins/{name}/", nonce)
    if 300 <= upstream.status < 400 and "Location" in upstream.headers:
        location = browser_location(upstream.headers["Location"], path, _prefix(request, "ui"))
        if location is None:
            raise TargetUnreachable("the plugin's page leads to another place; this host does not follow it")
        passed["Location"] = location
    is_plain_page = upstream.content_type == "text/html" and "Content-Encoding" not in upstream.headers
    if not is_plain_page or request.method == "HEAD" or upstream.status != 200:
        return await _stream(request, upstream, passed)
    return await _fill_nonce(upstream, passed, nonce)


async def _fill_nonce(upstream: aiohttp.ClientResponse, passed: CIMultiDict[str], nonce: str) -> web.Response:
    """Return the page with its nonce in place; the one body this proxy changes."""
    body = bytearray()
    try:
        async for block in upstream.content.iter_any():
            body += block
            if len(body) > MAX_PAGE_BYTES:
                raise TargetUnreachable(f"the plugin's page is larger than {MAX_PAGE_BYTES} bytes")
    except aiohttp.ClientError as exc:
        raise TargetUnreachable(f"the plugin's page broke off: {exc}") from exc
    for name in ("Content-Length", "ETag", "Last-Modified"):
        passed.popall(name, None)
    passed["Cache-Control"] = "no-store"
    return web.Response(body=bytes(body).replace(NONCE_PLACEHOLDER, nonce.encode()), headers=passed)


async def _stream(
    request: web.Request, upstream: aiohttp.ClientResponse, passed: CIMultiDict[str]
) -> web.StreamResponse:
    """Pass the body on block by block; each write waits for the browser, so nothing piles up here."""
    response = web.StreamResponse(status=upstream.status, reason=upstream.reason, headers=passed)
    await response.prepare(request)
    try:
        async for block in upstream.content.iter_any():
            await response.write(block)
    except (aiohttp.ClientError, ConnectionError):
        # Cut the connection: an orderly end would make a broken-off answer look complete.
        response.force_close()
        if request.transport is not None:
            request.transport.abort()
        return response
    await response.write_eof()
    return response


def open_session() -> aiohttp.ClientSession:
    """Return the client for plugins: no limits of its own, no cookies, no proxies, bodies as they come."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        read_bufsize=256 * 1024,
    )
