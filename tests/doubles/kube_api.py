"""An API server over real HTTP with the faults that a real one does not produce on demand.

`tests/kube/test_conformance.py` runs the same calls against it and against a real cluster. One file, since every
route shares the store.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiohttp import web

from mc_kube.kubeconfig import ClusterAccess
from mc_kube.resources import ResourceType
from tests.doubles.pod_logs import LogFailure, PodLogs

Json = dict[str, Any]
Key = tuple[str, str]
USER = "system:serviceaccount:test:reader"
_PATH = re.compile(
    r"^/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>status|log))?$"
)


@dataclass(frozen=True)
class _Event:
    version: int
    plural: str
    kind: str
    object: Json


class ApiFailure(Exception):
    """An answer that is a Status."""

    def __init__(self, code: int, reason: str, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code}
        self.body |= {"reason": reason, "message": message}
        if retry_after:
            self.body["details"] = {"retryAfterSeconds": retry_after}
        self.code, self.retry_after = code, retry_after

    def response(self) -> web.Response:
        """Return it as HTTP."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after else {}
        return web.json_response(self.body, status=self.code, headers=headers)


@dataclass
class KubeApi:
    """The store, its history, and the faults in force."""

    port: int = 0
    requests: list[str] = field(default_factory=list)
    """`METHOD path?query` of every request, in order."""
    denied: set[tuple[str, str]] = field(default_factory=set)
    """(verb, plural) that are forbidden; a verb on `plural/namespace` forbids it there only."""
    allowed_namespaces: set[str] | None = None
    """When set, nothing but these namespaces may be touched, and nothing cluster-wide."""
    token: str = ""
    """When set, other bearer tokens get 401."""
    throttle: list[int] = field(default_factory=list)
    """Retry-After of the next answers, which are 429."""
    is_frozen: bool = False
    """Open streams say nothing more; bookmarks neither."""
    expire_continue: int = 0
    """So many continue tokens are refused as expired."""
    bookmark_s: float = 60.0
    groups: set[str] = field(default_factory=lambda: {"", "apps", "batch", "mission-control.flanksource.com"})
    answer_garbage: bool = False
    """Answer with a page of HTML and status 200, as misguided proxies do."""
    watchers: int = 0
    """Streams that are open now."""
    bookmarks: int = 0
    """How many were sent."""

    logs: PodLogs = field(default_factory=PodLogs)
    """What containers have said."""

    def __post_init__(self) -> None:
        self._version = 100
        self._objects: dict[str, dict[Key, Json]] = {}
        self._history: list[_Event] = []
        self._oldest = 0
        self._news = asyncio.Condition()
        self._signs = asyncio.Condition()
        self._transports: set[asyncio.Transport] = set()
        self._cut_next = False
        self._runner: web.AppRunner | None = None

    # -- what tests do to it

    @property
    def access(self) -> ClusterAccess:
        """Return how a client reaches it."""
        return ClusterAccess(context="fake", cluster="fake", server=f"http://127.0.0.1:{self.port}", token=self.token)

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Vanish: connections break, the port refuses."""
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    def cut(self) -> None:
        """Break every open stream."""
        for transport in list(self._transports):
            transport.abort()

    def cut_half_way(self) -> None:
        """Send half of the next event, then break the stream."""
        self._cut_next = True

    def compact(self) -> None:
        """Forget the history: older resource versions are expired."""
        self._history.clear()
        self._oldest = self._version

    async def put(self, kind: ResourceType, name: str, namespace: str = "", **parts: Any) -> Json:
        """Create or change an object and tell the watchers."""
        stored = self._objects.setdefault(kind.plural, {})
        known = stored.get((namespace, name))
        meta = {"name": name, **({"namespace": namespace} if namespace else {})}
        meta["uid"] = known["metadata"]["uid"] if known else str(uuid4())
        meta["creationTimestamp"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        meta |= parts.pop("metadata", {})
        made = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, **parts}
        return await self._store(kind.plural, made, "MODIFIED" if known else "ADDED")

    async def remove(self, kind: ResourceType, name: str, namespace: str = "") -> None:
        """Delete an object and tell the watchers."""
        gone = self._objects[kind.plural].pop((namespace, name))
        await self._announce(kind.plural, gone, "DELETED")

    def stored(self, kind: ResourceType, name: str, namespace: str = "") -> Json:
        """Return an object as it is now."""
        return self._objects[kind.plural][(namespace, name)]

    def find(self, kind: ResourceType, name: str, namespace: str = "") -> Json | None:
        """Return an object as it is now, if there is one."""
        return self._objects.get(kind.plural, {}).get((namespace, name))

    def find_pod(self, namespace: str, name: str) -> Json:
        """Return a pod as it is now. Raises: ApiFailure."""
        known = self._objects.get("pods", {}).get((namespace, name))
        if known is None:
            raise ApiFailure(404, "NotFound", f'pods "{name}" not found')
        return known

    async def until(self, check: Callable[[], object], timeout_s: float = 10) -> None:
        """Wait until `check` holds; looked at after each request, opened stream and bookmark."""
        async with asyncio.timeout(timeout_s), self._signs:
            await self._signs.wait_for(lambda: bool(check()))

    async def _sign(self) -> None:
        async with self._signs:
            self._signs.notify_all()

    # -- the store

    async def _store(self, plural: str, made: Json, kind: str) -> Json:
        meta = made["metadata"]
        self._objects.setdefault(plural, {})[(meta.get("namespace", ""), meta["name"])] = made
        await self._announce(plural, made, kind)
        return made

    async def _announce(self, plural: str, made: Json, kind: str) -> None:
        self._version += 1
        made["metadata"]["resourceVersion"] = str(self._version)
        async with self._news:
            self._history.append(_Event(self._version, plural, kind, json.loads(json.dumps(made))))
            self._news.notify_all()

    # -- HTTP

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path_qs}")
        await self._sign()
        try:
            self._check(request)
            if self.answer_garbage:
                return web.Response(text="<html>please sign in</html>")
            if request.path == "/version":
                return web.json_response({"major": "1", "minor": "35", "gitVersion": "v1.35.0-double"})
            found = _PATH.match(request.path)
            if not found:
                return web.Response(status=404, text="404 page not found\n")
            return await self._answer(request, found)
        except ApiFailure as exc:
            return exc.response()

    def _check(self, request: web.Request) -> None:
        if self.throttle:
            wish = self.throttle.pop(0)
            raise ApiFailure(429, "TooManyRequests", "too many requests, please try again later", wish)
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            raise ApiFailure(401, "Unauthorized", "Unauthorized")

    async def _answer(self, request: web.Request, found: re.Match[str]) -> web.StreamResponse:
        plural, name, namespace = found["plural"], found["name"] or "", found["namespace"] or ""
        is_watch = request.query.get("watch") == "true"
        reads = "get" if name else "watch" if is_watch else "list"
        verbs = {"GET": reads, "POST": "create", "PATCH": "patch", "DELETE": "delete"}
        verb = verbs[request.method]
        if plural == "selfsubjectaccessreviews":
            return self._review(await request.json())
        if found["sub"] == "log":
            self._check_right("get", "pods/log", namespace, "")
            try:
                return await self.logs.answer(request, self.find_pod(namespace, name))
            except LogFailure as exc:
                raise ApiFailure(exc.code, exc.reason, str(exc)) from exc
        self._check_right(verb, plural, namespace, found["group"] or "")
        if (found["group"] or "") not in self.groups:
            return web.Response(status=404, text="404 page not found\n")
        match verb:
            case "list":
                return self._list(request, plural, namespace)
            case "watch":
                return await self._watch(request, plural, namespace)
            case "create":
                return await self._create(await request.json(), plural, namespace)
        known = self._objects.get(plural, {}).get((namespace, name))
        if known is None:
            raise ApiFailure(404, "NotFound", f'{_qualified(plural, found["group"])} "{name}" not found')
        if verb == "delete":
            self._objects[plural].pop((namespace, name))
            await self._announce(plural, known, "DELETED")
            return web.json_response(known)
        if verb == "patch":
            known = await self._patch(plural, known, await request.json(), found["sub"] == "status")
        return web.json_response(known)

    def _check_right(self, verb: str, plural: str, namespace: str, group: str) -> None:
        is_outside = self.allowed_namespaces is not None and namespace not in self.allowed_namespaces
        if is_outside or (verb, plural) in self.denied or (verb, f"{plural}/{namespace}") in self.denied:
            scope = f' in the namespace "{namespace}"' if namespace else " at the cluster scope"
            text = f'User "{USER}" cannot {verb} resource "{plural}" in API group "{group}"{scope}'
            raise ApiFailure(403, "Forbidden", f"{_qualified(plural, group)} is forbidden: {text}")

    def _review(self, body: Json) -> web.Response:
        asked = body["spec"].get("resourceAttributes", {})
        verb, plural, namespace = asked.get("verb"), asked.get("resource"), asked.get("namespace", "")
        plural = f"{plural}/{asked['subresource']}" if asked.get("subresource") else plural
        denied = (verb, plural) in self.denied or (verb, f"{plural}/{namespace}") in self.denied
        return web.json_response(body | {"status": {"allowed": not denied}}, status=201)

    def _select(self, request: web.Request, objects: Iterator[Json], namespace: str) -> list[Json]:
        terms = re.findall(r"(?:[^,(]|\([^)]*\))+", request.query.get("labelSelector", ""))
        named = dict(term.split("=", 1) for term in request.query.get("fieldSelector", "").split(",") if term)
        return [
            one
            for one in objects
            if namespace in ("", one["metadata"].get("namespace", ""))
            and all(_label_matches(term, one["metadata"].get("labels") or {}) for term in terms)
            and named.get("metadata.name", one["metadata"]["name"]) == one["metadata"]["name"]
        ]

    def _list(self, request: web.Request, plural: str, namespace: str) -> web.Response:
        stored = self._objects.get(plural, {})
        objects = self._select(request, (stored[key] for key in sorted(stored)), namespace)
        version, start = self._version, 0
        if token := request.query.get("continue"):
            if self.expire_continue:
                self.expire_continue -= 1
                text = "The provided continue parameter is too old to display a consistent list result."
                raise ApiFailure(410, "Expired", text)
            version, start = map(int, token.split("-"))
        size = int(request.query.get("limit", "0")) or len(objects) or 1
        meta: Json = {"resourceVersion": str(version)}
        if start + size < len(objects):
            meta |= {"continue": f"{version}-{start + size}", "remainingItemCount": len(objects) - start - size}
        kind = {"kind": "List", "apiVersion": "v1"}
        return web.json_response({**kind, "metadata": meta, "items": objects[start : start + size]})

    async def _create(self, body: Json, plural: str, namespace: str) -> web.Response:
        meta = body["metadata"] | ({"namespace": namespace} if namespace else {})
        if (namespace, meta["name"]) in self._objects.get(plural, {}):
            raise ApiFailure(409, "AlreadyExists", f'{plural} "{meta["name"]}" already exists')
        meta |= {"uid": str(uuid4()), "creationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        made = await self._store(plural, body | {"metadata": meta}, "ADDED")
        return web.json_response(made, status=201)

    async def _patch(self, plural: str, known: Json, patch: Json, is_status: bool) -> Json:
        patch.pop("spec" if is_status else "status", None)  # with a status subresource each side is its own
        changed: Json = _merge(known, patch)
        return known if changed == known else await self._store(plural, changed, "MODIFIED")

    async def _watch(self, request: web.Request, plural: str, namespace: str) -> web.StreamResponse:
        seen = int(request.query["resourceVersion"])
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        transport = request.transport
        assert isinstance(transport, asyncio.Transport)
        self._transports.add(transport)
        self.watchers += 1
        await self._sign()
        try:
            async with asyncio.timeout(float(request.query.get("timeoutSeconds", "300"))):
                if seen < self._oldest:
                    text = f"too old resource version: {seen} ({self._oldest})"
                    await _send(response, "ERROR", ApiFailure(410, "Expired", text).body)
                    return response
                await self._tell(request, response, plural, namespace, seen)
        except TimeoutError:
            pass  # the server's own end of a watch
        finally:
            self.watchers -= 1
            self._transports.discard(transport)
        return response

    async def _tell(
        self, request: web.Request, response: web.StreamResponse, plural: str, namespace: str, seen: int
    ) -> None:
        while True:
            news = [event for event in self._history if event.version > seen]
            if self.is_frozen or not news:
                await self._wait_for_news(response, plural, seen)
                continue
            for event in news:
                seen = event.version
                if event.plural != plural or not self._select(request, iter([event.object]), namespace):
                    continue
                if self._cut_next:
                    self._cut_next = False
                    line = json.dumps({"type": event.kind, "object": event.object}).encode()
                    await response.write(line[: len(line) // 2])
                    assert request.transport
                    request.transport.close()
                    return
                await _send(response, event.kind, event.object)

    async def _wait_for_news(self, response: web.StreamResponse, plural: str, seen: int) -> None:
        try:
            async with asyncio.timeout(self.bookmark_s), self._news:
                await self._news.wait()
        except TimeoutError:
            if not self.is_frozen:
                mark = {"kind": plural, "metadata": {"resourceVersion": str(max(seen, self._version))}}
                await _send(response, "BOOKMARK", mark)
                self.bookmarks += 1
                await self._sign()


async def _send(response: web.StreamResponse, kind: str, made: Json) -> None:
    await response.write(json.dumps({"type": kind, "object": made}).encode() + b"\n")


def _label_matches(term: str, labels: Json) -> bool:
    """Say whether labels meet one term of a selector: `a=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`."""
    if found := re.fullmatch(r"(\S+) (in|notin) \((.*)\)", term):
        is_in = labels.get(found[1]) in found[3].split(",")
        return is_in if found[2] == "in" else not is_in
    name, equals, value = term.partition("=")
    if equals:
        return bool(labels.get(name) == value)
    return term[1:] not in labels if term.startswith("!") else term in labels


def _qualified(plural: str, group: str | None) -> str:
    return f"{plural}.{group}" if group else plural


def _merge(known: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(known) if isinstance(known, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged


@asynccontextmanager
async def open_kube_api(**settings: Any) -> AsyncIterator[KubeApi]:
    """Run one on a free port."""
    api = KubeApi(**settings)
    await api.start()
    try:
        yield api
    finally:
        await api.stop()
