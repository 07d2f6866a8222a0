"""Follows one container: through ends of connections, rotation, restarts, and streams that fell silent."""

from __future__ import annotations

import asyncio
import zlib
from contextlib import AsyncExitStack
from typing import Protocol

import msgspec

from mc_kube.client import KubeClient
from mc_kube.pod_logs import LogReader, LogRequest, count_lines, is_not_kept, is_waiting, open_log
from mc_kube.pods import ContainerStatus, Pod, Terminated, decode_pod
from mc_kube.resources import PODS
from mc_kube.watch import Backoff
from mc_kubernetes_logs.engine.batches import Batch, take_piece
from mc_kubernetes_logs.engine.cursor import Position
from mc_kubernetes_logs.engine.cutting import LineCutter
from mc_kubernetes_logs.engine.probing import HoleProbe
from mc_kubernetes_logs.engine.recent import Recent
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stamps import floor_second, split_stamp
from mc_sdk import JSON, Forbidden, NotFound, OperationError

SILENCE_S = 3.0
"""Below the kubelet's ten seconds between two rotation checks: a stream that rotation killed is found in time."""
QUIET_S = 8.0
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.25, 15.0
SETTLE_S = 10.0
"""A pod that is being deleted may still write; so long its log is asked for again."""


class ReaderPlan(msgspec.Struct, frozen=True):
    """How much of its log a source starts with."""

    tail_lines: int | None = None
    """None: all that there is."""
    since_time: str = ""
    is_previous: bool = False
    position: Position | None = None
    watermark: bytes = b""
    is_following: bool = True
    resume_text: str = ""
    new_sources: frozenset[str] = frozenset()
    """Keys of sources that a cursor says nothing of, although it is there."""


class Sink(Protocol):
    """Where batches and events of a source go."""

    async def deliver(self, index: int, batch: Batch) -> None:
        """Take lines; may wait."""
        ...

    def tell(self, event: dict[str, JSON]) -> None:
        """Take an event."""
        ...

    async def probe_turn(self) -> None:
        """Wait until a probe of a quiet source may be made."""
        ...

    @property
    def opening(self) -> asyncio.Semaphore:
        """Held while a log is being opened."""
        ...


class _Reopen(Exception):
    """The stream is stuck: open it again from where it stands."""


class SourceReader:
    """One source from its first line to its last. `run` ends when there will be no more."""

    def __init__(self, client: KubeClient, source: Source, pod: Pod, plan: ReaderPlan, sink: Sink) -> None:
        self.source = source
        self.recent = Recent()
        self.instance = ""
        self._has_progress = False
        self._client = client
        self._pod = pod
        self._plan = plan
        self._sink = sink
        self._cutter = LineCutter()
        self._changed = asyncio.Event()
        self._is_gone = False
        self._is_first = True
        self._is_fresh = False
        self._drained = ""
        self._waiting_told = ""
        self._backoff = Backoff(BACKOFF_FIRST_S, BACKOFF_MAX_S)
        self._probe = HoleProbe(client, source, self.recent, self._gap)
        if plan.position is not None:
            self.recent.resume(plan.position)
        elif plan.watermark:
            self.recent.high = self.recent.start = plan.watermark

    # -- what the stream says of the pod

    def update(self, pod: Pod) -> None:
        """Take the pod as it is now."""
        self._pod = pod
        self._changed.set()

    def pod_gone(self) -> None:
        """The pod is no more; what the kubelet still gives is read."""
        self._is_gone = True
        self._changed.set()

    def position(self) -> Position | None:
        """Return where this source stands, for the cursor."""
        return self.recent.position(zlib.crc32(self.instance.encode()))

    # -- the life of the source

    async def run(self) -> None:
        """Read until the container will say no more. Raises: Forbidden when reading logs is not allowed."""
        while True:
            status = self._status()
            instance = status.instance if status is not None else ""
            if not instance or instance == self._drained:
                if self._is_over(status):
                    self._end(status)
                    return
                self._tell_waiting(status)
                await self._wait_for_change()
                continue
            if self._is_first:
                await self._read_before(status)
            await self._switch(status, instance)
            await self._read_instance()
            if not self._plan.is_following:
                self._tell("ended", reason="read")
                return

    def _status(self) -> ContainerStatus | None:
        return self._pod.find_status(self.source.container)

    def _is_over(self, status: ContainerStatus | None) -> bool:
        if self._is_gone or self._pod.is_finished or not self._plan.is_following:
            return True
        return self.source.kind != "main" and status is not None and status.state.terminated is not None

    def _end(self, status: ContainerStatus | None) -> None:
        ended = status.state.terminated if status is not None else None
        if self._is_gone:
            self._tell("removed", reason="the pod is gone")
        elif ended is not None:
            self._tell("ended", reason=ended.reason or "terminated", exitCode=ended.exit_code)
        else:
            self._tell("ended", reason=self._pod.status.reason or "never started")

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _read_before(self, status: ContainerStatus | None) -> None:
        """Begin with the instance before, where history reaches back to it and the kubelet still has its log."""
        plan, last = self._plan, status.before if status is not None else None
        has_begun = plan.position is not None or bool(plan.watermark)
        if last is None or has_begun or plan.is_previous or not plan.is_following or self.instance:
            return
        if plan.tail_lines == 0 or plan.since_time > (last.finished_at or ""):
            return
        if plan.tail_lines is not None:
            try:
                async with self._sink.opening:
                    count = await count_lines(self._client, self._request(is_following=False, is_previous=False))
            except OperationError:
                return  # whoever reads it in earnest says why it cannot be
            if count >= plan.tail_lines:
                return
            self._plan = msgspec.structs.replace(plan, tail_lines=plan.tail_lines - count)
        if await self._drain(is_previous=True, is_expected=False):
            self.instance = self._drained = last.container_id
        self._plan = plan

    async def _switch(self, status: ContainerStatus | None, instance: str) -> None:
        """Go on to another instance of the container: first what the one before still has to say."""
        resumed = self._plan.position.instance if self._is_first and self._plan.position else 0
        is_other = bool(resumed) and resumed != zlib.crc32(instance.encode())
        if not is_other and (not self.instance or self.instance == instance):
            self.instance = instance
            return
        last = status.last_state.terminated if status is not None else None
        before = self.instance
        was_last = last is not None and (
            last.container_id == before or (is_other and zlib.crc32(last.container_id.encode()) == resumed)
        )
        if before and before == self._drained and was_last:
            pass  # it was read to its end
        elif was_last:
            await self._drain(is_previous=True)
        else:
            self._gap("restarted", self.recent.high, b"", "an instance came and went while nobody looked")
        if before:
            self._tell_restarted(status, last)
        self.instance = instance
        self._is_first, self._is_fresh = False, True  # a new instance is read from its first line
        self._plan = msgspec.structs.replace(self._plan, tail_lines=None, since_time="", position=None, watermark=b"")

    def _tell_restarted(self, status: ContainerStatus | None, last: Terminated | None) -> None:
        facts: dict[str, JSON] = {"restarts": status.restart_count if status is not None else 0}
        if last is not None:
            # The cluster knows the second alone; the instance's last line was said before its end.
            at = max(split_stamp((last.finished_at or "").encode())[0], self.recent.high).decode()
            facts |= {"exitCode": last.exit_code, "reason": last.reason, "finishedAt": last.finished_at, "at": at}
            if last.signal:
                facts["signal"] = last.signal
        self._tell("restarted", **facts)

    async def _read_instance(self) -> None:
        """Read the current instance until its log ends for good or there is another one."""
        while True:
            self._has_progress = False
            try:
                await self._read_once()
            except _Reopen:
                continue
            except Forbidden:
                raise
            except OperationError as exc:
                if is_waiting(exc):
                    self._drained = self.instance
                    return
                if not self._plan.is_following:
                    raise
                # A kubelet that has just started does not know its pods yet: the API server's word counts.
                if isinstance(exc, NotFound) and await self._is_pod_gone():
                    self._drained = self.instance
                    return
                await self._pause(str(exc), has_progress=self._has_progress)
                continue
            if not self._plan.is_following:
                self._drained = self.instance
                return
            if await self._is_read_out():
                await self._drain(is_previous=False)
                self._drained = self.instance
                return
            if self._status_instance() != self.instance:
                return
            await self._pause("the stream ended", has_progress=self._has_progress)

    def _status_instance(self) -> str:
        status = self._status()
        return status.instance if status is not None else ""

    async def _is_read_out(self) -> bool:
        """After the end of a stream: has the container ended? The API server is asked, since watches come late."""
        if await self._is_pod_gone():
            return True
        status = self._status()
        return status is not None and status.instance == self.instance and status.state.running is None

    async def _is_pod_gone(self) -> bool:
        """Ask for the pod, and take it as it is now."""
        try:
            pod = decode_pod(await self._client.get(PODS, self.source.pod, self.source.namespace))
        except NotFound:
            self._is_gone = True
            return True
        except OperationError:
            return False
        if pod.metadata.uid != self.source.pod_uid:
            self._is_gone = True
            return True
        self._pod = pod
        return False

    async def _pause(self, reason: str, *, has_progress: bool) -> None:
        if has_progress:
            self._backoff.reset()
        retry_s = self._backoff.next_s()
        self._sink.tell({"type": "state", "state": "reconnecting", "source": self.source.index, "reason": reason,
                         "retryInMs": round(retry_s * 1000)})  # fmt: skip
        await asyncio.sleep(retry_s)

    # -- one request

    def _request(self, *, is_following: bool, is_previous: bool) -> LogRequest:
        source, plan = self.source, self._plan
        is_again = bool(self.recent.high) and not (self._is_fresh and not is_previous)
        since = floor_second(self.recent.high) if is_again else plan.since_time
        tail = plan.tail_lines if not self.recent.high else None
        return LogRequest(
            source.namespace,
            source.pod,
            source.container,
            is_following=is_following,
            is_previous=is_previous,
            since_time=since,
            tail_lines=tail,
        )

    async def _read_once(self) -> None:
        """Read one answer to its end."""
        if self.recent.high:
            self.recent.begin_replay()
            if not self._is_fresh:
                # Before the stream is open: what waits in it while we ask is lost when it breaks.
                is_resumed = self._is_first and self._plan.position is not None
                await self._probe.before_reopening("cursor" if is_resumed else "rotated")
        request = self._request(is_following=self._plan.is_following, is_previous=self._plan.is_previous)
        async with AsyncExitStack() as stack:
            async with self._sink.opening:
                reader = await stack.enter_async_context(open_log(self._client, request))
            self._tell_opened()
            self._is_first = self._is_fresh = False
            await self._read_blocks(reader)

    async def _read_blocks(self, reader: LogReader) -> None:
        self._cutter.forget()
        silence_s = SILENCE_S
        while True:
            try:
                async with asyncio.timeout(silence_s if self._plan.is_following else None):
                    chunk = await reader.read()
            except TimeoutError:
                await self._sink.probe_turn()
                if await self._probe.is_stream_dead():
                    raise _Reopen from None
                silence_s = min(silence_s * 2, QUIET_S)
                continue
            if not chunk:
                break
            silence_s, self._has_progress = SILENCE_S, True
            for piece in self._cutter.feed(chunk):
                await self._sink.deliver(self.source.index, take_piece(piece, self.recent))
            await self._probe.after_reading(len(chunk))
        for piece in self._cutter.end():
            await self._sink.deliver(self.source.index, take_piece(piece, self.recent))

    async def _drain(self, *, is_previous: bool, is_expected: bool = True) -> bool:
        """Read what an ended instance has beyond what was told, and say whether that was anything."""
        if not self.recent.high and not is_previous:
            return False
        before = self.recent.high
        if self.recent.high:
            self.recent.begin_replay()
        self._cutter.forget()
        try:
            async with AsyncExitStack() as stack:
                request = self._request(is_following=False, is_previous=is_previous)
                async with self._sink.opening:
                    reader = await stack.enter_async_context(open_log(self._client, request))
                chunk = b"\n"
                while chunk:
                    chunk = await reader.read()
                    for piece in self._cutter.feed(chunk) if chunk else self._cutter.end():
                        batch = take_piece(piece, self.recent)
                        if batch.lines or is_expected:
                            await self._sink.deliver(self.source.index, batch)
        except NotFound:
            pass
        except OperationError as exc:
            if isinstance(exc, Forbidden):
                raise
            if is_expected or not is_not_kept(exc):
                self._gap("unavailable", self.recent.high, b"", exc.message)
        return self.recent.high > before

    # -- telling

    def _tell(self, change: str, **facts: JSON) -> None:
        kept = {name: value for name, value in facts.items() if value not in (None, "")}
        self._sink.tell({"type": "source", "source": self.source.index, "change": change, **kept})

    def _tell_waiting(self, status: ContainerStatus | None) -> None:
        waiting = status.state.waiting if status is not None else None
        reason = waiting.reason if waiting is not None else self._pod.status.phase or "Pending"
        if self._drained and (status is None or status.state.running is None) and waiting is None:
            reason = "terminated"
        if reason != self._waiting_told:
            self._waiting_told = reason
            self._tell("waiting", reason=reason, message=waiting.message if waiting is not None else "")

    def _tell_opened(self) -> None:
        self._waiting_told = ""
        status = self._status()
        running = status.state.running if status is not None else None
        self._tell(
            "opened",
            restarts=status.restart_count if status is not None else 0,
            startedAt=running.started_at if running is not None else None,
            containerId=self.instance,
        )

    def _gap(self, cause: str, start: bytes, end: bytes, text: str) -> None:
        gap: dict[str, JSON] = {"type": "gap", "source": self.source.index, "cause": cause}
        if start:
            gap["from"] = start.decode()
        if end:
            gap["to"] = end.decode()
        self._sink.tell(gap | {"text": text})
