"""A container's log as the API server hands it out: one request, read in blocks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from mc_kube.client import KubeClient
from mc_kube.errors import Ask, translated
from mc_kube.resources import PODS
from mc_wire.errors import NotFound, OperationError

WAITING = ("is waiting to start", "is not available", "ContainerCreating", "PodInitializing")


@dataclass(frozen=True)
class LogRequest:
    """Which lines of which container. `tail_lines` counts 16 KiB chunks of the file, which is not always lines."""

    namespace: str
    pod: str
    container: str
    is_following: bool = False
    is_previous: bool = False
    since_time: str = ""
    """RFC 3339; the kubelet honours whole seconds only."""
    tail_lines: int | None = None
    limit_bytes: int | None = None

    @property
    def params(self) -> dict[str, str]:
        """The query; stamps are always asked for."""
        query = {"container": self.container, "timestamps": "true"}
        if self.is_following:
            query["follow"] = "true"
        if self.is_previous:
            query["previous"] = "true"
        if self.since_time:
            query["sinceTime"] = self.since_time
        if self.tail_lines is not None:
            query["tailLines"] = str(self.tail_lines)
        if self.limit_bytes is not None:
            query["limitBytes"] = str(self.limit_bytes)
        return query


class LogReader:
    """The blocks of one answer, as they come."""

    def __init__(self, content: aiohttp.StreamReader, server: str) -> None:
        self._content = content
        self._server = server

    async def read(self) -> bytes:
        """Return what has arrived, at least a byte; empty at the end. Raises: TargetUnreachable."""
        with translated(self._server):
            return await self._content.readany()


@asynccontextmanager
async def open_log(client: KubeClient, request: LogRequest) -> AsyncIterator[LogReader]:
    """Open a container's log.

    Raises: NotFound (pod or container), Forbidden (names the missing right), InvalidParams (`is_waiting` says when the
    container has not started), TargetUnreachable, TargetError.
    """
    ask = Ask("get", PODS, request.namespace, request.pod, "log")
    path = PODS.path(request.namespace, request.pod, "log")
    async with client.stream("GET", path, ask, params=request.params) as content:
        yield LogReader(content, client.access.server)


async def read_log(client: KubeClient, request: LogRequest, max_bytes: int) -> bytes:
    """Return a log, or its first `max_bytes`."""
    parts, size = [], 0
    async with open_log(client, request) as reader:
        while size < max_bytes and (block := await reader.read()):
            parts.append(block)
            size += len(block)
    return b"".join(parts)[:max_bytes]


async def count_lines(client: KubeClient, request: LogRequest) -> int:
    """Return how many lines a log has, as far as the request asks for them."""
    count = 0
    async with open_log(client, request) as reader:
        while block := await reader.read():
            count += block.count(b"\n")
    return count


def is_not_kept(exc: OperationError) -> bool:
    """Does the answer to a request for the previous instance mean that the kubelet has its log no more?"""
    return isinstance(exc, NotFound) or (exc.facts.get("status") == 400 and "not found" in exc.message)


def is_waiting(exc: OperationError) -> bool:
    """Does an answer mean that the container has not started yet?"""
    return exc.facts.get("status") == 400 and any(text in exc.message for text in WAITING)
