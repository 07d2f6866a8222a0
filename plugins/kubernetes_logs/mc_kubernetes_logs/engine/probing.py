"""Looks at a container's log beside its stream: the kubelet skips files without a word, and falls silent."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from mc_kube.client import KubeClient
from mc_kube.pod_logs import LogRequest, read_log
from mc_kubernetes_logs.engine.recent import Recent
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stamps import NO_STAMP, STAMP_LEN, split_stamp
from mc_sdk import OperationError

PROBE_EVERY_BYTES = 1024 * 1024
PROBE_EVERY_S = 1.0
HEAD_BYTES = 4096
SHORT_HEAD_BYTES = 60
NEWEST_BYTES = 256 * 1024

TellGap = Callable[[str, bytes, bytes, str], None]
"""(cause, from, to, text)"""


class HoleProbe:
    """Finds what a source's stream left out. A probe that fails says nothing: the stream itself will."""

    def __init__(self, client: KubeClient, source: Source, recent: Recent, tell_gap: TellGap) -> None:
        self._client = client
        self._source = source
        self._recent = recent
        self._tell_gap = tell_gap
        self._bytes_since = 0
        self._probed_at = 0.0
        self._last_head = b""
        self._heads: deque[bytes] = deque()

    async def before_reopening(self, cause: str) -> None:
        """Is the current file's first line newer than what was told? Then the log was rotated away meanwhile."""
        high = self._recent.high
        head = await self._read_head(SHORT_HEAD_BYTES)
        if head and head[:STAMP_LEN] > high:
            self._tell_gap(cause, high, head[:STAMP_LEN], "the log was rotated away before it could be read")

    async def after_reading(self, size: int) -> None:
        """Look once in a while during a busy stream; `size` bytes came."""
        if self._heads:
            self._check_heads()
        self._bytes_since += size
        now = time.monotonic() if self._bytes_since >= PROBE_EVERY_BYTES else self._probed_at
        if now - self._probed_at >= PROBE_EVERY_S:
            self._probed_at, self._bytes_since = now, 0
            await self._look_for_hole()

    async def is_stream_dead(self) -> bool:
        """After a silence: does the log have a line that is newer than what was told?"""
        source = self._source
        request = LogRequest(source.namespace, source.pod, source.container, tail_lines=1)
        try:
            raw = await read_log(self._client, request, NEWEST_BYTES)
        except OperationError:
            return False
        stamp, _ = split_stamp(raw)
        if stamp == NO_STAMP:
            return False
        if not self._recent.high:  # nothing was told yet: what was newest at the first look must stay so
            self._recent.high = self._recent.start = stamp
            return False
        if stamp > self._recent.high:
            return True
        await self._look_for_hole()
        return False

    async def _look_for_hole(self) -> None:
        head = await self._read_head(HEAD_BYTES)
        if len(head) <= STAMP_LEN or head == self._last_head:
            return
        self._last_head = head
        self._heads.append(head)
        self._check_heads()

    def _check_heads(self) -> None:
        """Files' first lines that the stream has passed by now must have been told; one that was not proves a hole."""
        while self._heads and self._heads[0][:STAMP_LEN] < self._recent.high:
            hole = self._recent.find_hole(self._heads.popleft())
            if hole is not None:
                text = "the log was rotated faster than the kubelet hands it out"
                self._tell_gap("rotated", hole[0], hole[1], text)

    async def _read_head(self, limit_bytes: int) -> bytes:
        """Return the first line of the file as the kubelet has it now, or its beginning; empty when it has none."""
        source = self._source
        request = LogRequest(source.namespace, source.pod, source.container, limit_bytes=limit_bytes)
        try:
            raw = await read_log(self._client, request, limit_bytes)
        except OperationError:
            return b""
        stamp, _ = split_stamp(raw)
        if stamp == NO_STAMP:
            return b""
        line, newline, _ = raw.partition(b"\n")
        return stamp + b" " + split_stamp(line.rstrip(b"\r"))[1] if newline else stamp
