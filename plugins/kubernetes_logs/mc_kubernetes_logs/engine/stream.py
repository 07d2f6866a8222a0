"""One client's stream over all sources of an item: who joins and leaves, what is told, what waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime

import msgspec

from mc_kubernetes_logs.engine.batches import Batch
from mc_kubernetes_logs.engine.cursor import Cursor, Position, encode_cursor
from mc_kubernetes_logs.engine.filters import RowFilter, SourceFilter
from mc_kubernetes_logs.engine.formats import Event, Format
from mc_kubernetes_logs.engine.merging import MergeWindow, Run
from mc_kubernetes_logs.engine.outbox import Outbox, Overflow, gap_of
from mc_kubernetes_logs.engine.rendering import Extra, Extras, add_fields
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stamps import format_stamp, shift
from mc_sdk import JSON, Background, OperationError, encode_error

HEARTBEAT_S = 15.0
CURSOR_EVERY_S = 1.0
STATS_EVERY_S = 5.0
OPEN_AT_ONCE = 50
"""Upstream requests that are being opened, or snapshots being read, at the same time."""
PROBE_SPACING_S = 0.05
MAX_SOURCES = 500


class StreamOptions(msgspec.Struct, frozen=True):
    """What a caller wants of a stream beside which lines."""

    is_following: bool = False
    overflow: Overflow = "drop"
    by_time: bool = False
    with_fields: bool = False
    with_levels: bool = True
    head: int = 0
    max_sources: int = MAX_SOURCES
    heartbeat_s: float = HEARTBEAT_S


class Reading(msgspec.Struct):
    """A source that is read: its state for cursor and filter."""

    source: Source
    rows: SourceFilter
    position: Callable[[], Position | None]
    told: int = 0
    is_past: bool = False


class LogStream:
    """Owns the readers' tasks and the outbox. Use `blocks()` once; closing the iterator ends everything."""

    def __init__(
        self, format: Format, rows: RowFilter, options: StreamOptions, meta: Event, cursor: Cursor | None
    ) -> None:
        self.format = format
        self.rows = rows
        self.options = options
        self.cursor = cursor
        self.background = Background()
        self.outbox = Outbox(options.overflow)
        self.opening = asyncio.Semaphore(OPEN_AT_ONCE)
        self.readings: dict[int, Reading] = {}
        self._left_out: set[int] = set()
        self._meta = meta
        self._started = format_stamp(datetime.now(UTC))
        self._caught_up_after = shift(self._started, -2.0)
        self._merge = MergeWindow() if options.by_time else None
        self._counts = {"rows": 0, "lines": 0, "bytes": 0}
        self._states: dict[int, str] = {}
        self._cursor_sent = ""
        self._stats_sent: dict[str, JSON] = {}
        self._end: Event | None = None
        self._failure: OperationError | None = None
        self._next_probe = 0.0
        self._active = 0
        self._stats_at = 0.0
        self.done = asyncio.Event()
        """Set when the client has everything, or left."""
        self.when_idle: Callable[[], None] | None = None
        """Called whenever a reader has come to its end."""

    # -- sources

    def add_reading(self, source: Source) -> Reading:
        """Introduce a source and return where its state is kept."""
        reading = Reading(
            source,
            SourceFilter(self.rows, with_levels=self.options.with_levels and self.format.has_levels),
            lambda: None,
        )
        self.readings[source.index] = reading
        self.introduce(source)
        return reading

    def introduce(self, source: Source) -> None:
        """Tell of a source, be it read or left out."""
        event: Event = {"type": "source", "source": source.index, "change": "added", "key": source.key}
        named = {
            "namespace": source.namespace, "pod": source.pod, "podUid": source.pod_uid, "container": source.container,
            "kind": source.kind, "node": source.node, "owner": source.owner, "revision": source.revision,
        }  # fmt: skip
        self.tell(event | {name: value for name, value in named.items() if value})

    def leave_out(self, source: Source) -> None:
        """Tell of a source that the client does not want to read now."""
        self._left_out.add(source.key_hash)
        self.introduce(source)
        self.tell({"type": "source", "source": source.index, "change": "excluded"})

    def spawn_reader(self, run: Callable[[], Awaitable[None]], source: Source) -> None:
        """Run one source's reader to its end; its failure ends the source, not the stream."""
        self._active += 1
        self.background.spawn(self._run_reader(run, source), name=f"read {source.key}")

    async def _run_reader(self, run: Callable[[], Awaitable[None]], source: Source) -> None:
        try:
            await run()
        except OperationError as exc:
            facts: Event = {"code": exc.code, "text": exc.message}
            if exc.hint:
                facts["hint"] = exc.hint
            self.tell({"type": "source", "source": source.index, "change": "refused", **facts})
        finally:
            self._active -= 1
            if self.when_idle is not None:
                self.when_idle()

    @property
    def active(self) -> int:
        """Readers that are not at their end."""
        return self._active

    # -- what readers call

    async def deliver(self, index: int, batch: Batch, *, stream: str = "") -> None:
        """Filter, render and queue the lines of a batch; may wait for the client."""
        reading = self.readings[index]
        if batch.missing:
            text = batch.missing.decode("utf-8", "replace")
            self.tell({"type": "gap", "source": index, "cause": "unavailable", "text": text})
        if not batch.lines or reading.is_past:
            return
        self._counts["lines"] += len(batch.lines)
        if not self.outbox.has_room:
            is_live = self.options.is_following and batch.lines[-1] > self._caught_up_after
            if is_live and self.options.overflow == "drop":
                self._drop(reading, batch)
                return
            await self.outbox.wait_for_room()
        lines, levels = reading.rows.apply(batch)
        if reading.rows.is_past_until:
            reading.is_past = True
        if self.options.head and len(lines) + reading.told > self.options.head:
            room = max(0, self.options.head - reading.told)
            lines, levels = lines[:room], levels[:room]
            reading.is_past = True
        if lines:
            self._tell_dropped(index)
            reading.told += len(lines)
            self._put(Run(reading.source, lines, levels, self._extras(batch, lines, stream)))

    def _extras(self, batch: Batch, lines: list[bytes], stream: str) -> Extras:
        extras: Extras = {}
        if batch.cut:
            extras[0] = Extra(cut=batch.cut)
        if batch.is_partial:
            extras.setdefault(0, Extra()).partial = True
        if stream:
            for at in range(len(lines)):
                extras.setdefault(at, Extra()).stream = stream
        if self.options.with_fields:
            add_fields(lines, extras)
        return extras

    def _drop(self, reading: Reading, batch: Batch) -> None:
        rows = self.rows
        lines = batch.lines if rows.is_open else reading.rows.apply(batch)[0]
        if lines:
            self.outbox.drop(reading.source.index, lines)

    def _tell_dropped(self, index: int) -> None:
        dropped = self.outbox.dropped.pop(index, None)
        if dropped is not None:
            self.tell(gap_of(dropped) | {"source": index})

    def _put(self, run: Run) -> None:
        self._counts["rows"] += len(run.lines)
        if self._merge is not None:
            self._merge.add(run)
            return
        self._render(run)

    def _render(self, run: Run) -> None:
        block = self.format.rows(run.source, run.lines, run.levels, run.extras)
        self._counts["bytes"] += len(block)
        self.outbox.put(block)

    def tell(self, event: Event) -> None:
        """Queue an event."""
        if event["type"] == "source":
            self._states[event["source"]] = event["change"]
        reading = self.readings.get(event.get("source", -1))
        self.outbox.put(self.format.event(event, reading.source if reading is not None else None))

    async def probe_turn(self) -> None:
        """Space the probes of quiet sources, so that hundreds of them do not weigh on the API server."""
        now = time.monotonic()
        self._next_probe = max(self._next_probe, now) + PROBE_SPACING_S
        await asyncio.sleep(self._next_probe - PROBE_SPACING_S - now)

    # -- the end

    def finish(self, reason: str, text: str = "") -> None:
        """End the stream in order: the client is told why."""
        if self._end is None:
            self._end = {"type": "end", "reason": reason} | ({"text": text} if text else {})
            self._flush_merge(everything=True)
            self.outbox.put(self._last_words())
            self.outbox.close()

    def fail(self, exc: OperationError) -> None:
        """End the stream with an error."""
        if self._end is None:
            self._failure = exc
            self.finish("error")

    def _last_words(self) -> bytes:
        for index in list(self.outbox.dropped):
            self._tell_dropped(index)
        if self._failure is not None:
            return self.format.failure(encode_error(self._failure), self._failure.message)
        assert self._end is not None
        cursor = self.render_cursor()
        words = self.format.event({"type": "cursor", "cursor": cursor}) if self.format.name == "sse" else b""
        return words + self.format.event(self._end | {"cursor": cursor})

    def render_cursor(self) -> str:
        """Return where the client stands after all that is queued."""
        positions = dict(self.cursor.positions) if self.cursor is not None else {}
        for reading in self.readings.values():
            position = reading.position()
            if position is not None:
                positions[reading.source.key_hash] = position
        before = self.cursor.watermark if self.cursor is not None else b""
        watermark = max(before, self._started if self.options.is_following and not self.cursor else before)
        return encode_cursor(watermark, positions, self._left_out)

    # -- the client's side

    async def blocks(self) -> AsyncGenerator[bytes]:
        """Yield bytes for the client until the end; ends all readers when closed."""
        try:
            self.background.spawn(self._tick(), name="tick of a log stream")
            yield self.format.head + self.format.event(self._meta)
            while (block := await self.outbox.take(self.options.heartbeat_s)) is not None:
                yield block or self._heartbeat()
        finally:
            self.done.set()
            self.outbox.close()
            await self.background.aclose()

    def _heartbeat(self) -> bytes:
        return self.format.event({"type": "heartbeat", "at": datetime.now(UTC).isoformat()})

    async def _tick(self) -> None:
        """Cursor, statistics, what the merge holds, and gaps that nobody follows up."""
        at = 0.0
        while True:
            pause = CURSOR_EVERY_S
            if self._merge is not None:
                pause = min(pause, self._merge.next_s or 0.05)
            await asyncio.sleep(max(pause, 0.01))
            self._flush_merge(everything=False)
            now = time.monotonic()
            if now - at < CURSOR_EVERY_S:
                continue
            at = now
            if self.outbox.has_room:
                for index in list(self.outbox.dropped):
                    self._tell_dropped(index)
            self._tell_cursor()
            self._tell_stats()

    def _flush_merge(self, *, everything: bool) -> None:
        if self._merge is not None:
            for run in self._merge.take(everything=everything):
                self._render(run)

    def _tell_cursor(self) -> None:
        if not self.format.has_events or self._merge is not None:
            return
        cursor = self.render_cursor()
        if cursor != self._cursor_sent:
            self._cursor_sent = cursor
            self.tell({"type": "cursor", "cursor": cursor})

    def _tell_stats(self) -> None:
        states = list(self._states.values())
        stats: dict[str, JSON] = {
            **self._counts,
            "dropped": self.outbox.dropped_total,
            "sources": {
                "open": sum(one in ("opened", "restarted") for one in states),
                "waiting": states.count("waiting"),
                "ended": sum(one in ("ended", "removed", "refused") for one in states),
            },
        }
        now = time.monotonic()
        if self.format.has_events and stats != self._stats_sent and now - self._stats_at >= STATS_EVERY_S:
            self._stats_sent, self._stats_at = stats, now
            self.tell({"type": "stats", **stats})
