"""A client for one API server: objects as raw JSON over our own aiohttp session, streams on a pool of their own."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec
from multidict import CIMultiDict

from mc_kube.connections import open_connector, pick_proxy
from mc_kube.credentials import Credentials
from mc_kube.errors import Ask, ResourceExpired, Throttled, parse_status, status_error, translated, transport_error
from mc_kube.kubeconfig import ClusterAccess
from mc_kube.resources import ResourceType
from mc_wire.errors import TargetError, TargetRefused
from mc_wire.model import JSON

Params = Mapping[str, str]
REST_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 10.0
PAGE_SIZE = 500
MAX_REST_CONNECTIONS = 20
MAX_RETRIES = 4
MAX_RETRY_WAIT_S = 10.0
_READ_BUFFER_BYTES = 32 * 1024  # per stream; hundreds may be open
_JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


class _ListMeta(msgspec.Struct):
    resource_version: str = msgspec.field(default="", name="resourceVersion")
    next_token: str = msgspec.field(default="", name="continue")


class Page(msgspec.Struct):
    """One page of a list; objects stay undecoded, since every reader wants other parts of them."""

    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)
    items: list[msgspec.Raw] | None = None

    @property
    def objects(self) -> list[msgspec.Raw]:
        """The page's objects; the API says null for none."""
        return self.items or []

    @property
    def resource_version(self) -> str:
        """The version the whole list is of: a watch goes on from there."""
        return self.metadata.resource_version


_PAGE = msgspec.json.Decoder(Page)


class KubeClient:
    """One context's API server. Open it with `async with`, or call `aclose`."""

    def __init__(self, access: ClusterAccess, environ: Mapping[str, str], *, timeout_s: float = REST_TIMEOUT_S) -> None:
        self.access = access
        self.credentials = Credentials(access, environ)
        self._proxy = pick_proxy(access, environ)
        self._timeout_s = timeout_s
        self._rest: aiohttp.ClientSession | None = None
        self._streams: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close both pools; open streams end with an error."""
        for session in (self._rest, self._streams):
            if session is not None:
                await session.close()
        self._rest = self._streams = None

    async def get(self, kind: ResourceType, name: str, namespace: str = "") -> msgspec.Raw:
        """Return one object. Raises: NotFound, Forbidden, …"""
        ask = Ask("get", kind, namespace, name)
        return msgspec.Raw(await self.request("GET", kind.path(namespace, name), ask))

    async def get_path(self, path: str) -> bytes:
        """Return what a path that is no resource answers (`/version`, `/readyz`)."""
        return await self.request("GET", path, Ask("get", path=path))

    async def list_page(self, kind: ResourceType, namespace: str = "", *, params: Params | None = None) -> Page:
        """Return one page as the API server cuts it."""
        body = await self.request("GET", kind.path(namespace), Ask("list", kind, namespace), params=params)
        try:
            return await asyncio.to_thread(_PAGE.decode, body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise TargetError(f"{self.access.server} answers something that is no list of {kind.qualified}") from exc

    async def list_pages(
        self, kind: ResourceType, namespace: str = "", *, params: Params | None = None, page_size: int = PAGE_SIZE
    ) -> AsyncGenerator[Page]:
        """Yield a whole list page by page.

        Raises: ResourceExpired when it took longer than the server keeps a version: start again, forgetting the pages.
        """
        token = ""
        while True:
            wanted = {**(params or {}), "limit": str(page_size)} | ({"continue": token} if token else {})
            page = await self.list_page(kind, namespace, params=wanted)
            yield page
            token = page.metadata.next_token
            if not token:
                return

    async def list_all(
        self, kind: ResourceType, namespace: str = "", *, params: Params | None = None
    ) -> list[msgspec.Raw]:
        """Return every object; a list that expires half-way is read once more in one piece."""
        try:
            pages = [page.objects async for page in self.list_pages(kind, namespace, params=params)]
        except ResourceExpired:
            return (await self.list_page(kind, namespace, params=params)).objects
        return [one for page in pages for one in page]

    async def create(self, kind: ResourceType, body: JSON, namespace: str = "") -> msgspec.Raw:
        """Create an object and return it as stored. Raises: Conflict when there is one of that name."""
        ask = Ask("create", kind, namespace)
        return msgspec.Raw(await self.request("POST", kind.path(namespace), ask, body=body))

    async def patch(
        self,
        kind: ResourceType,
        name: str,
        patch: JSON,
        namespace: str = "",
        *,
        subresource: str = "",
        patch_type: str = MERGE_PATCH,
        params: Params | None = None,
    ) -> msgspec.Raw:
        """Change an object, or its status with `subresource="status"`, and return it as stored."""
        ask = Ask("patch", kind, namespace, name, subresource)
        path = kind.path(namespace, name, subresource)
        return msgspec.Raw(await self.request("PATCH", path, ask, body=patch, content_type=patch_type, params=params))

    async def delete(self, kind: ResourceType, name: str, namespace: str = "", *, params: Params | None = None) -> None:
        """Delete an object; it may linger until its finalizers are done."""
        await self.request("DELETE", kind.path(namespace, name), Ask("delete", kind, namespace, name), params=params)

    async def request(
        self,
        method: str,
        path: str,
        ask: Ask,
        *,
        params: Params | None = None,
        body: JSON = None,
        content_type: str = _JSON,
    ) -> bytes:
        """Return a successful answer's body. Throttling is waited out, rotated credentials are tried once.

        Raises: the OperationError of the answer, TargetUnreachable, TargetTimeout.
        """
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Accept": _JSON} | ({"Content-Type": content_type} if data is not None else {})
        timeout = aiohttp.ClientTimeout(total=self._timeout_s, connect=CONNECT_TIMEOUT_S)
        if self._rest is None:
            self._rest = _open_session(open_connector(MAX_REST_CONNECTIONS), 64 * 1024)
        for attempt in range(MAX_RETRIES):
            try:
                async with self._send(
                    self._rest, method, path, ask, params=params, data=data, headers=headers, timeout=timeout
                ) as response:
                    with translated(self.access.server):
                        return await response.read()
            except Throttled as exc:
                if attempt == MAX_RETRIES - 1:
                    raise
                await asyncio.sleep(_retry_wait_s(exc.retry_after_s, attempt))
        raise AssertionError("the last attempt returns or raises")

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        ask: Ask,
        *,
        params: Params | None = None,
        silence_s: float | None = None,
        total_s: float | None = None,
    ) -> AsyncIterator[aiohttp.StreamReader]:
        """Open a response that is read while it comes (watch, logs); `silence_s` without a byte ends it.

        Reading raises aiohttp's errors: read inside `errors.translated`.
        """
        timeout = aiohttp.ClientTimeout(total=total_s, connect=CONNECT_TIMEOUT_S, sock_read=silence_s)
        if self._streams is None:
            self._streams = _open_session(open_connector(0), _READ_BUFFER_BYTES)
        headers = {"Accept": f"{_JSON}, */*"}
        async with self._send(
            self._streams, method, path, ask, params=params, headers=headers, timeout=timeout
        ) as response:
            yield response.content

    @asynccontextmanager
    async def websocket(
        self, path: str, protocols: Sequence[str], *, params: Sequence[tuple[str, str]] = ()
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Open a WebSocket (exec, port-forward); `protocol` of what is yielded is the one that the server chose.

        Raises: aiohttp.WSServerHandshakeError, whose status the caller knows how to read; TargetUnreachable.
        """
        if self._streams is None:
            self._streams = _open_session(open_connector(0), _READ_BUFFER_BYTES)
        try:
            socket = await self._upgrade(self._streams, path, protocols, params)
        except aiohttp.WSServerHandshakeError as exc:
            if exc.status != 401:
                raise
            self.credentials.refuse()
            socket = await self._upgrade(self._streams, path, protocols, params)
        try:
            yield socket
        finally:
            await socket.close()

    async def _upgrade(
        self,
        session: aiohttp.ClientSession,
        path: str,
        protocols: Sequence[str],
        params: Sequence[tuple[str, str]],
    ) -> aiohttp.ClientWebSocketResponse:
        presented, context = await self.credentials.get()
        try:
            return await session.ws_connect(
                self.access.server + path,
                params=params,
                protocols=protocols,
                headers=CIMultiDict(presented),
                ssl=context if context is not None else True,
                server_hostname=self.access.tls_server_name or None,
                proxy=self._proxy,
                timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
                max_msg_size=0,
            )
        except aiohttp.WSServerHandshakeError:
            raise
        except (aiohttp.ClientError, ssl.SSLError, OSError, TimeoutError) as exc:
            raise transport_error(exc, self.access.server) from exc

    @asynccontextmanager
    async def _send(
        self, session: aiohttp.ClientSession, method: str, path: str, ask: Ask, *, headers: Mapping[str, str], **kw: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield the successful response. A 401 is answered once with credentials read anew."""
        try:
            response = await self._open(session, method, path, ask, headers, kw)
        except TargetRefused as exc:
            if exc.facts.get("status") != 401:
                raise
            self.credentials.refuse()
            response = await self._open(session, method, path, ask, headers, kw)
        try:
            yield response
        finally:
            _end(response)

    async def _open(
        self,
        session: aiohttp.ClientSession,
        method: str,
        path: str,
        ask: Ask,
        headers: Mapping[str, str],
        kw: Mapping[str, Any],
    ) -> aiohttp.ClientResponse:
        presented, context = await self.credentials.get()
        with translated(self.access.server):
            response = await session.request(
                method,
                self.access.server + path,
                headers=[*headers.items(), *presented],
                ssl=context if context is not None else True,
                server_hostname=self.access.tls_server_name or None,
                proxy=self._proxy,
                allow_redirects=False,
                **kw,
            )
            if response.status < 300:
                return response
            async with response:
                body = await response.content.read(64 * 1024)
        raise status_error(parse_status(body, response.status), ask, _retry_after_s(response))


def _open_session(connector: aiohttp.TCPConnector, read_bufsize: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector, read_bufsize=read_bufsize, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    )


def _end(response: aiohttp.ClientResponse) -> None:
    """Give the connection back, or break it where the answer was not read to its end."""
    connection = response.connection
    if connection is not None and connection.transport is not None and not response.content.is_eof():
        # A polite end of TLS waits for the server's, and this server may be the frozen one that we are leaving.
        connection.transport.abort()
        response.close()
    else:
        response.release()


def _retry_after_s(response: aiohttp.ClientResponse) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0


def _retry_wait_s(wish_s: float, attempt: int) -> float:
    """The server's wish, or a doubling pause; spread, since all of its clients wait for the same moment."""
    return min(wish_s or 0.5 * 2.0**attempt, MAX_RETRY_WAIT_S) * random.uniform(1.0, 1.25)
