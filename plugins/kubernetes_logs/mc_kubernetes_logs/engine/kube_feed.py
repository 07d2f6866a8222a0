"""Feeds a stream from a cluster: the item's pods as they come and go, and a reader for each wanted container."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from mc_kube.access import is_allowed
from mc_kube.client import KubeClient
from mc_kube.errors import Ask
from mc_kube.pod_watch import PodGone, PodSeen, PodsListed, watch_pods
from mc_kube.pods import ContainerKind, Pod
from mc_kube.resources import PODS
from mc_kube.targets import PodQuery, list_pods
from mc_kube.watched import Interrupted, Resumed
from mc_kubernetes_logs.engine.source_reader import ReaderPlan, SourceReader
from mc_kubernetes_logs.engine.sources import Selection, Source, make_source
from mc_kubernetes_logs.engine.stamps import floor_second, parse_stamp
from mc_kubernetes_logs.engine.stream import LogStream
from mc_sdk import Forbidden, NotFound, OperationError

RIGHTS_EVERY_S = 15.0
POLL_EVERY_S = 10.0
"""Without the right to watch pods they are listed that often."""


class KubeFeed:
    """Owns the readers of one stream."""

    def __init__(
        self,
        client: KubeClient,
        query: PodQuery,
        selection: Selection,
        plan: ReaderPlan,
        stream: LogStream,
        *,
        rights_every_s: float = RIGHTS_EVERY_S,
    ) -> None:
        self._client = client
        self._query = query
        self._selection = selection
        self._plan = plan
        self._stream = stream
        self._rights_every_s = rights_every_s
        self._readers: dict[str, dict[str, SourceReader]] = {}
        self._left_out: set[str] = set()
        self._has_listed = False
        self._is_capped = False
        self._next_index = 0
        stream.when_idle = self._look_for_end

    def has_pod(self, uid: str) -> bool:
        """Is this one of the stream's pods?"""
        return uid in self._readers

    def start(self) -> None:
        """Begin in the background."""
        self._stream.background.spawn(self._run(), name="feed a log stream")
        if self._stream.options.is_following:
            self._stream.background.spawn(self._watch_rights(), name="watch the right to read logs")
            if self._stream.rows.until:
                self._stream.background.spawn(self._end_at(self._stream.rows.until), name="end a log stream in time")

    async def _run(self) -> None:
        try:
            if not self._stream.options.is_following:
                await self._read_once()
            else:
                await self._follow_pods()
        except OperationError as exc:
            self._stream.fail(exc)

    async def _read_once(self) -> None:
        for pod in await list_pods(self._client, self._query):
            self._take_pod(pod)
        self._has_listed = True
        self._look_for_end()

    async def _follow_pods(self) -> None:
        try:
            async with aclosing(watch_pods(self._client, self._query)) as events:
                async for event in events:
                    self._take_event(event)
        except Forbidden as exc:
            if exc.facts.get("verb") != "watch":
                raise
            self._notice("cannot_watch", f"{exc.message}; pods are listed every {POLL_EVERY_S:g} s instead", exc.hint)
            await self._poll_pods()

    def _take_event(self, event: object) -> None:
        match event:
            case PodSeen(pod):
                self._take_pod(pod)
            case PodGone(uid=uid):
                self._forget_pod(uid)
            case PodsListed(count):
                self._has_listed = True
                if count == 0:
                    self._notice("no_pods", "there is no pod now; its lines come when there is one")
                self._look_for_end()
            case Interrupted(error, retry_s):
                state = {"type": "state", "state": "reconnecting", "reason": error.message}
                self._stream.tell(state | {"retryInMs": round(retry_s * 1000)})
            case Resumed():
                self._stream.tell({"type": "state", "state": "live"})

    async def _poll_pods(self) -> None:
        while True:
            pods = await list_pods(self._client, self._query, missing_ok=True)
            for uid in set(self._readers) - {pod.metadata.uid for pod in pods}:
                self._forget_pod(uid)
            for pod in pods:
                self._take_pod(pod)
            self._has_listed = True
            self._look_for_end()
            await asyncio.sleep(POLL_EVERY_S)

    # -- pods and their containers

    def _take_pod(self, pod: Pod) -> None:
        if not self._selection.admits_pod(pod):
            return
        readers = self._readers.setdefault(pod.metadata.uid, {})
        for kind, name in self._selection.containers_of(pod):
            if name in readers:
                readers[name].update(pod)
            elif make_source(-1, pod, kind, name).key in self._selection.excluded_sources:
                self._leave_out(pod, kind, name)
            else:
                self._add_reader(readers, pod, kind, name)

    def _leave_out(self, pod: Pod, kind: ContainerKind, name: str) -> None:
        source = make_source(self._next_index, pod, kind, name)
        if source.key not in self._left_out:
            self._left_out.add(source.key)
            self._next_index += 1
            self._stream.leave_out(source)

    def _add_reader(self, readers: dict[str, SourceReader], pod: Pod, kind: ContainerKind, name: str) -> None:
        if self._stream.active >= self._stream.options.max_sources:
            if not self._is_capped:
                self._is_capped = True
                limit = self._stream.options.max_sources
                self._notice("too_many_sources", f"only {limit} containers are read at once: choose pods or containers")
            return
        source = make_source(self._next_index, pod, kind, name)
        self._next_index += 1
        reading = self._stream.add_reading(source)
        reader = SourceReader(self._client, source, pod, self._plan_of(source), self._stream)
        reading.position = reader.position
        readers[name] = reader
        self._stream.spawn_reader(reader.run, source)

    def _plan_of(self, source: Source) -> ReaderPlan:
        """A pod that joins later is read from its first line, a known source from where the client stands."""
        cursor = self._stream.cursor
        if cursor is not None and source.key not in self._plan.new_sources:
            position = cursor.positions.get(source.key_hash)
            if position is not None:
                return msgspec.structs.replace(self._plan, tail_lines=None, since_time="", position=position)
            if cursor.watermark:
                since = floor_second(cursor.watermark)
                return msgspec.structs.replace(
                    self._plan, tail_lines=None, since_time=since, watermark=cursor.watermark
                )
        if self._has_listed and self._stream.options.is_following and source.key not in self._plan.new_sources:
            return msgspec.structs.replace(self._plan, tail_lines=None, since_time="")
        return self._plan

    def _forget_pod(self, uid: str) -> None:
        for reader in self._readers.pop(uid, {}).values():
            reader.pod_gone()
        self._look_for_end()

    # -- the end

    def _look_for_end(self) -> None:
        """End when nothing can come any more."""
        stream = self._stream
        if not self._has_listed:
            return
        readings = stream.readings.values()
        if readings and all(reading.is_past for reading in readings):
            stream.finish("head" if stream.options.head else "until")
        elif stream.active == 0:
            if not stream.options.is_following:
                stream.finish("complete")
            elif self._query.pod and readings:
                stream.finish("complete" if self._readers else "deleted")

    async def _end_at(self, until: bytes) -> None:
        await asyncio.sleep(max(0.0, (parse_stamp(until) - datetime.now(UTC)).total_seconds()) + 0.5)
        self._stream.finish("until")

    async def _watch_rights(self) -> None:
        """A right that is taken away ends no open stream of the kubelet: ask for it again and again."""
        while True:
            await asyncio.sleep(self._rights_every_s)
            ask = Ask("get", PODS, self._query.namespace, subresource="log")
            try:
                if await is_allowed(self._client, ask):
                    continue
            except Forbidden:
                continue  # may not even ask; the requests themselves will tell
            except NotFound:
                continue
            except OperationError as exc:
                if exc.facts.get("status") == 401:
                    self._stream.finish("reauth", exc.message)
                    return
                continue
            self._stream.finish("forbidden", f"not allowed any more to {ask}; check with: {ask.check_command()}")
            return

    def _notice(self, code: str, text: str, hint: str | None = None) -> None:
        self._stream.tell({"type": "notice", "code": code, "text": text} | ({"hint": hint} if hint else {}))
