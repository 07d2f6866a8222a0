"""The kubelet's side of the scripted API server: container logs with rotation, restarts and broken streams."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

Key = tuple[str, str, str]
START = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)


class LogFailure(Exception):
    """An answer other than 200."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason = code, reason


@dataclass
class Instance:
    """One run of a container: all its lines, and where the file of now begins."""

    lines: list[bytes] = field(default_factory=list)
    """With stamp and newline."""
    file_start: int = 0
    is_ended: bool = False


@dataclass
class ContainerLog:
    """A container's runs and the faults in force."""

    instances: list[Instance] = field(default_factory=lambda: [Instance()])
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    waiting: str = ""
    """The 400's text while the container has not started."""
    failure: LogFailure | None = None
    reset_every: int = 0
    """Break the connection after so many lines."""
    end_every: int = 0
    """End the stream in order after so many lines."""
    is_stalled: bool = False
    """Open streams say nothing more, new ones do: what rotation does to a follow."""
    previous_is_gone: bool = False

    @property
    def current(self) -> Instance:
        """The newest run."""
        return self.instances[-1]


@dataclass
class PodLogs:
    """The logs of all containers."""

    containers: dict[Key, ContainerLog] = field(default_factory=dict)
    open_now: int = 0
    open_most: int = 0
    requests: list[dict[str, str]] = field(default_factory=list)
    """The query of every log request, with namespace and pod."""
    _clock: datetime = START
    _count: int = 0

    def of(self, pod: str, container: str = "main", namespace: str = "test") -> ContainerLog:
        """Return a container's log; it begins empty."""
        return self.containers.setdefault((namespace, pod, container), ContainerLog())

    def stamp(self, step_us: int = 10_000) -> bytes:
        """Return the next moment of a clock that only writing moves."""
        self._clock += timedelta(microseconds=step_us)
        self._count += 1
        return f"{self._clock:%Y-%m-%dT%H:%M:%S}.{self._clock.microsecond:06d}{self._count % 1000:03d}Z".encode()

    async def write(self, pod: str, *texts: str | bytes, container: str = "main", namespace: str = "test") -> None:
        """Let a container say lines, each ten milliseconds after the last."""
        raw = [text.encode() if isinstance(text, str) else text for text in texts]
        await self.write_raw(pod, [self.stamp() + b" " + text + b"\n" for text in raw], container, namespace)

    async def write_raw(self, pod: str, lines: list[bytes], container: str = "main", namespace: str = "test") -> None:
        """Add lines as the kubelet gives them."""
        log = self.of(pod, container, namespace)
        async with log.news:
            log.current.lines += lines
            log.news.notify_all()

    async def rotate(self, pod: str, container: str = "main", namespace: str = "test", *, keep: int = 0) -> None:
        """Begin a new file; lines that no follow has read yet are lost, as they are with a real kubelet."""
        log = self.of(pod, container, namespace)
        async with log.news:
            log.current.file_start = len(log.current.lines) - keep
            log.news.notify_all()

    async def stall(self, pod: str, container: str = "main", namespace: str = "test") -> None:
        """Silence the streams that are open."""
        log = self.of(pod, container, namespace)
        async with log.news:
            log.is_stalled = True
            log.news.notify_all()

    async def end(self, pod: str, container: str = "main", namespace: str = "test") -> None:
        """The container exits: follows end."""
        log = self.of(pod, container, namespace)
        async with log.news:
            log.current.is_ended = True
            log.news.notify_all()

    async def restart(self, pod: str, container: str = "main", namespace: str = "test") -> None:
        """A new run begins; the one before is the previous."""
        await self.end(pod, container, namespace)
        self.of(pod, container, namespace).instances.append(Instance())

    # -- HTTP

    async def answer(self, request: web.Request, pod: dict[str, Any]) -> web.StreamResponse:
        """Answer GET …/pods/<name>/log."""
        meta, query = pod["metadata"], request.query
        names = [one["name"] for one in pod["spec"]["containers"]]
        container = query.get("container") or names[0]
        self.requests.append({"namespace": meta["namespace"], "pod": meta["name"], **query})
        log = self.of(meta["name"], container, meta["namespace"])
        if log.failure is not None:
            raise log.failure
        if log.waiting:
            text = f'container "{container}" in pod "{meta["name"]}" is waiting to start: {log.waiting}'
            raise LogFailure(400, "BadRequest", text)
        instance = log.current
        if query.get("previous") == "true":
            if len(log.instances) < 2:
                text = f'previous terminated container "{container}" in pod "{meta["name"]}" not found'
                raise LogFailure(400, "BadRequest", text)
            instance = log.instances[-2]
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            return await self._send(request, log, instance)
        finally:
            self.open_now -= 1

    async def _send(self, request: web.Request, log: ContainerLog, instance: Instance) -> web.StreamResponse:
        query = request.query
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        if query.get("previous") == "true" and log.previous_is_gone:
            await response.write(b"unable to retrieve container logs for containerd://0123456789abcdef")
            return response
        is_following = query.get("follow") == "true" and query.get("previous") != "true"
        at = self._first(instance, query)
        since = query.get("sinceTime", "")[:19].encode()
        if limit := int(query.get("limitBytes", "0")):
            await response.write(b"".join(_since(instance.lines[at:], since))[:limit])
            return response
        was_stalled, sent = log.is_stalled, 0
        while True:
            if log.is_stalled and not was_stalled:
                await asyncio.Event().wait()  # until the client leaves
            at = max(at, instance.file_start)
            if since and not sent:
                while at < len(instance.lines) and instance.lines[at][:19] < since:
                    at += 1
            ready = instance.lines[at:]
            cut = log.reset_every or log.end_every
            if cut and sent + len(ready) >= cut:
                ready = ready[: cut - sent]
            at += len(ready)
            sent += len(ready)
            chosen = _since(ready, since)
            for start in range(0, len(chosen), 500):
                await response.write(b"".join(chosen[start : start + 500]))
            if cut and sent >= cut:
                if log.reset_every and request.transport is not None:
                    request.transport.close()
                return response
            async with log.news:
                if at < len(instance.lines):
                    continue
                if not is_following or instance.is_ended:
                    return response
                await log.news.wait()

    @staticmethod
    def _first(instance: Instance, query: Any) -> int:
        start = instance.file_start
        if "tailLines" in query:
            start = max(start, len(instance.lines) - int(query["tailLines"]))
        return start


def _since(lines: list[bytes], since: bytes) -> list[bytes]:
    """Whole seconds only, as the kubelet compares."""
    return [line for line in lines if line[:19] >= since] if since else lines
