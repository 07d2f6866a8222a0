"""Lines once: every wanted container read at its own pace, told in the order of pods and containers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from mc_kube.client import KubeClient
from mc_kube.pod_logs import LogRequest, is_waiting, open_log
from mc_kube.pods import ContainerKind, Pod
from mc_kubernetes_logs.engine.batches import Batch, take_piece
from mc_kubernetes_logs.engine.cutting import LineCutter
from mc_kubernetes_logs.engine.filters import RowFilter, SourceFilter
from mc_kubernetes_logs.engine.recent import Recent
from mc_kubernetes_logs.engine.sources import Selection, Source, make_source
from mc_kubernetes_logs.engine.stamps import floor_second
from mc_kubernetes_logs.engine.stream import OPEN_AT_ONCE
from mc_sdk import JSON, OperationError

CUT = "the answer is full and lines are missing: ask for fewer of them, or download"


class SourceLines(msgspec.Struct):
    """What one container said: batches of lines with levels, or why there are none."""

    source: Source
    batches: list[tuple[Batch, list[bytes], list[bytes]]] = []
    error: OperationError | None = None
    is_cut: bool = False
    """The answer was full before this source was read to its end."""
    size: int = 0

    @property
    def is_waiting(self) -> bool:
        """Has the container not started yet?"""
        return self.error is not None and is_waiting(self.error)

    @property
    def notice(self) -> dict[str, JSON] | None:
        """What a caller must know of a source whose lines are not here, or not all."""
        if self.error is not None:
            return notice_of(self.source, self.error)
        return {"code": "cut", "text": CUT, **_names(self.source)} if self.is_cut else None


def notice_of(source: Source, error: OperationError) -> dict[str, JSON]:
    """Return what a caller must know of a source that could not be read."""
    return {"code": "waiting" if is_waiting(error) else error.code, "text": error.message, **_names(source)}


def _names(source: Source) -> dict[str, JSON]:
    return {"namespace": source.namespace, "pod": source.pod, "container": source.container}


class SnapshotPlan(msgspec.Struct, frozen=True):
    """Which part of each log."""

    tail_lines: int | None = None
    is_previous: bool = False
    head: int = 0
    with_levels: bool = True
    max_bytes: int = 48 * 1024 * 1024
    """Of all sources together."""


def wanted_sources(pods: Sequence[Pod], selection: Selection) -> list[Source]:
    """Return the sources of pods, in order."""
    sources: list[Source] = []
    for pod in pods:
        if selection.admits_pod(pod):
            chosen = selection.containers_of(pod) or [(ContainerKind.MAIN, name) for name in selection.plain_names]
            for kind, name in chosen:
                source = make_source(len(sources), pod, kind, name)
                if source.key not in selection.excluded_sources:
                    sources.append(source)
    return sources


async def read_snapshot(
    client: KubeClient, sources: Sequence[Source], rows: RowFilter, plan: SnapshotPlan
) -> list[SourceLines]:
    """Return each source's lines; a source that cannot be read has an error instead."""
    turn, left = asyncio.Semaphore(OPEN_AT_ONCE), [plan.max_bytes]

    async def read(source: Source) -> SourceLines:
        async with turn:
            return await _read_source(client, source, rows, plan, left)

    return list(await asyncio.gather(*(read(source) for source in sources)))


async def _read_source(
    client: KubeClient, source: Source, rows: RowFilter, plan: SnapshotPlan, left: list[int]
) -> SourceLines:
    found = SourceLines(source)
    recent, cutter, accepts = Recent(), LineCutter(), SourceFilter(rows, with_levels=plan.with_levels)
    request = LogRequest(
        source.namespace,
        source.pod,
        source.container,
        is_previous=plan.is_previous,
        tail_lines=plan.tail_lines,
        since_time=floor_second(rows.since) if rows.since else "",
    )
    told = 0
    try:
        async with open_log(client, request) as reader:
            while left[0] > 0:
                chunk = await reader.read()
                for piece in cutter.feed(chunk) if chunk else cutter.end():
                    batch = take_piece(piece, recent)
                    lines, levels = accepts.apply(batch) if batch.lines else ([], [])
                    if plan.head:
                        lines, levels = lines[: plan.head - told], levels[: plan.head - told]
                    told += len(lines)
                    if lines:
                        found.batches.append((batch, lines, levels))
                        found.size += sum(map(len, lines))
                        left[0] -= sum(map(len, lines))
                if not chunk or (plan.head and told >= plan.head) or accepts.is_past_until:
                    break
            else:
                found.is_cut = True
    except OperationError as exc:
        found.error = exc
    return found
