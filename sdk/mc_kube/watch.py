"""List and watch one kind of resource for ever: through restarts, expired versions and frozen connections."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from mc_kube.client import PAGE_SIZE, KubeClient
from mc_kube.errors import Ask, ResourceExpired, Throttled, translated
from mc_kube.resources import ResourceType
from mc_kube.watched import Change, Changes, Following, Interrupted, Resumed, WatchEvent, WatchState
from mc_wire.errors import (
    Forbidden,
    InvalidParams,
    NotFound,
    NotSupported,
    OperationError,
    TargetTimeout,
    TargetUnreachable,
)

log = logging.getLogger(__name__)
FINAL = (Forbidden, NotFound, InvalidParams, NotSupported)
"""Asking again at once would not help; the caller knows whether it is worth asking later."""


@dataclass(frozen=True)
class WatchTimes:
    """How patient a watch is, in seconds."""

    server_s: float = 300.0
    """Asked of the server as the length of one stream; spread by a fifth, so that streams do not end together."""
    silence_s: float = 100.0
    """No byte for that long and the connection counts as frozen; servers send bookmarks about every minute."""
    grace_s: float = 30.0
    """How much later than asked the server may end a stream."""
    backoff_first_s: float = 0.5
    backoff_max_s: float = 10.0
    steady_s: float = 5.0
    """A stream that stayed open for that long was a good one: the next failure starts with a short pause again."""


@dataclass
class Backoff:
    """Growing pauses with jitter: half to all of a doubling limit."""

    first_s: float
    max_s: float
    failures: int = 0

    def next_s(self, wish_s: float = 0.0) -> float:
        """Return the next pause; never shorter than the server's wish."""
        limit = min(self.first_s * 2.0 ** min(self.failures, 30), self.max_s)
        self.failures += 1
        return max(limit * random.uniform(0.5, 1.0), wish_s)

    def reset(self) -> None:
        """Start small again."""
        self.failures = 0


@dataclass
class _Progress:
    """Where one watch stands between its streams."""

    backoff: Backoff
    reason: str = ""
    """Why the next step must be a list; empty when the watch can go on from its version."""
    is_interrupted: bool = False
    has_listed: bool = False
    """A list was read and no stream opened since."""
    alive_at: float = field(default_factory=time.monotonic)


async def watch_objects(
    client: KubeClient,
    kind: ResourceType,
    namespace: str = "",
    *,
    params: Mapping[str, str] | None = None,
    times: WatchTimes | None = None,
    page_size: int = PAGE_SIZE,
) -> AsyncGenerator[WatchEvent]:
    """Yield every object, then every change, until closed (`contextlib.aclosing`, or the connection lingers).

    Raises: Forbidden (list or watch is not granted: the error names which), NotFound (the type does not exist),
    InvalidParams, NotSupported. Everything else is waited out and told as `Interrupted`.
    """
    times = times or WatchTimes()
    state = WatchState(Ask("watch", kind, namespace))
    progress = _Progress(Backoff(times.backoff_first_s, times.backoff_max_s), reason="first list")
    wanted = dict(params or {})
    while True:
        try:
            if progress.reason:
                async with aclosing(_list(client, kind, namespace, wanted, state, progress, page_size)) as events:
                    async for event in events:
                        yield event
            async with aclosing(_follow(client, kind, namespace, wanted, state, progress, times)) as events:
                async for event in events:
                    yield event
        except FINAL:
            raise
        except ResourceExpired as exc:
            progress.reason = exc.message
            if progress.backoff.failures:
                await asyncio.sleep(progress.backoff.next_s())
            else:
                progress.backoff.failures = 1  # the first list comes at once, a second in a row waits
        except OperationError as exc:
            retry_s = progress.backoff.next_s(exc.retry_after_s if isinstance(exc, Throttled) else 0.0)
            progress.is_interrupted = True
            yield Interrupted(exc, retry_s)
            await asyncio.sleep(retry_s)


async def _list(
    client: KubeClient,
    kind: ResourceType,
    namespace: str,
    params: Mapping[str, str],
    state: WatchState,
    progress: _Progress,
    page_size: int,
) -> AsyncGenerator[WatchEvent]:
    """Read the whole list; one that expires between two pages is read again in one piece."""
    for size in (page_size, 0):
        state.begin_list()
        version = ""
        try:
            async for page in client.list_pages(kind, namespace, params=params, page_size=size):
                version = version or page.resource_version
                changes = await asyncio.to_thread(state.take_page, page.objects)
                if changes:
                    yield Changes(changes)
            break
        except ResourceExpired:
            if not size:
                raise
    gone, listed = state.end_list(version, progress.reason, time.monotonic() - progress.alive_at)
    if gone:
        yield Changes(gone)
    progress.reason, progress.is_interrupted, progress.has_listed = "", False, True
    progress.alive_at = time.monotonic()
    yield listed


async def _follow(
    client: KubeClient,
    kind: ResourceType,
    namespace: str,
    params: Mapping[str, str],
    state: WatchState,
    progress: _Progress,
    times: WatchTimes,
) -> AsyncGenerator[WatchEvent]:
    """Read one stream to its end. A stream that falls silent ends quietly: the next one goes on from its version."""
    length_s = max(1, round(times.server_s * random.uniform(0.8, 1.2)))
    query = {
        **params,
        "watch": "true",
        "allowWatchBookmarks": "true",
        "resourceVersion": state.resource_version,
        "timeoutSeconds": str(length_s),
    }
    opened_at, has_spoken = time.monotonic(), False
    ask, path = Ask("watch", kind, namespace), kind.path(namespace)
    async with client.stream(
        "GET", path, ask, params=query, silence_s=times.silence_s, total_s=length_s + times.grace_s
    ) as content:
        if progress.is_interrupted:
            yield Resumed(time.monotonic() - progress.alive_at)
        if progress.has_listed:
            yield Following()
        progress.is_interrupted = progress.has_listed = False
        rest = b""
        while True:
            try:
                with translated(client.access.server):
                    chunk = await content.readany()
            except TargetTimeout:
                log.info("watch fell silent", extra={"resource": kind.qualified, "silence_s": times.silence_s})
                return
            if not chunk:
                break
            progress.alive_at, has_spoken = time.monotonic(), True
            rest, changes, failure = _read_lines(rest + chunk, state)
            if changes:
                progress.backoff.reset()
                yield Changes(changes)
            if failure is not None:
                raise failure
    if time.monotonic() - opened_at >= times.steady_s:
        progress.backoff.reset()
    elif not has_spoken:
        raise TargetUnreachable(f"{client.access.server} ends every watch on {kind.qualified} at once")


def _read_lines(received: bytes, state: WatchState) -> tuple[bytes, list[Change], OperationError | None]:
    """Return the unfinished rest, the changes of the finished lines, and the error that stands behind them."""
    *lines, rest = received.split(b"\n")
    changes: list[Change] = []
    for line in lines:
        try:
            change = state.take_line(line) if line.strip() else None
        except OperationError as exc:
            return b"", changes, exc
        if change is not None:
            changes.append(change)
    return rest, changes, None
