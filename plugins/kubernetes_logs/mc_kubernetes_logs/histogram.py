"""Lines over time and level: counted while they are read, never kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime

from mc_kubernetes_logs.engine.cursor import nanos_of, stamp_of
from mc_kubernetes_logs.engine.levels import CONTINUED, NAMES, ORDER, UNKNOWN
from mc_kubernetes_logs.engine.snapshot import notice_of
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stamps import NO_STAMP, STAMP_LEN, format_stamp, parse_stamp
from mc_kubernetes_logs.engine.stream import OPEN_AT_ONCE
from mc_kubernetes_logs.history import History, open_history
from mc_kubernetes_logs.params import DownloadParams, HistogramParams
from mc_kubernetes_logs.state import PluginState
from mc_sdk import JSON, Context, OperationError

_TENTH = 21  # characters of a stamp up to its first decimal: what is counted together before buckets are known
_TENTH_NS = 10**8


class SourceCount:
    """Lines of one source by tenth of a second and level."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tenths: Counter[tuple[bytes, bytes]] = Counter()
        self.first = b""
        self.last = b""
        self.missing: OperationError | None = None
        self._level = UNKNOWN

    def add(self, lines: list[bytes], levels: list[bytes]) -> None:
        """Count lines; a continuation has the level of its head."""
        if CONTINUED in levels:
            filled = []
            for level in levels:
                self._level = self._level if level == CONTINUED else level
                filled.append(self._level)
            levels = filled
        elif levels:
            self._level = levels[-1]
        self.tenths.update(zip([line[:_TENTH] for line in lines], levels, strict=True))
        first, last = lines[0][:STAMP_LEN], lines[-1][:STAMP_LEN]
        if first != NO_STAMP and not self.first:
            self.first = first
        if last != NO_STAMP:
            self.last = max(self.last, last)

    @property
    def lines(self) -> int:
        """How many."""
        return sum(self.tenths.values())


async def count_lines(ctx: Context[PluginState], params: HistogramParams) -> dict[str, JSON]:
    """Return buckets by level over the range that the lines, or `since` and `until`, give."""
    wanted = DownloadParams(
        **{name: getattr(params, name) for name in params.__struct_fields__ if name != "buckets"},
        format="ndjson",
    )
    async with open_history(ctx, wanted) as history:
        counts = await _count_all(history)
    return _render(counts, params)


async def _count_all(history: History) -> list[SourceCount]:
    turn = asyncio.Semaphore(OPEN_AT_ONCE)

    async def count(source: Source) -> SourceCount:
        counted = SourceCount(source)
        async with turn, aclosing(history.pieces(source)) as pieces:
            async for piece in pieces:
                if piece.missing is not None:
                    counted.missing = piece.missing
                else:
                    counted.add(piece.lines, piece.levels)
        return counted

    return list(await asyncio.gather(*(count(source) for source in history.sources)))


def _render(counts: list[SourceCount], params: HistogramParams) -> dict[str, JSON]:
    firsts = [one.first for one in counts if one.first]
    lasts = [one.last for one in counts if one.last]
    now = format_stamp(datetime.now(UTC))
    start = nanos_of(min(firsts, default=now)) // _TENTH_NS * _TENTH_NS
    end = nanos_of(max(lasts, default=now)) // _TENTH_NS * _TENTH_NS + _TENTH_NS
    width = max(_TENTH_NS, -(-(end - start) // params.buckets) // _TENTH_NS * _TENTH_NS)
    while start + width * params.buckets < end:
        width += _TENTH_NS
    number = {level: at for at, level in enumerate(ORDER)}
    buckets = [[0] * len(ORDER) for _ in range(max(1, -(-(end - start) // width)))]
    for one in counts:
        for (tenth, level), count in one.tenths.items():
            if tenth[:1] == b" ":
                continue
            at = (nanos_of(tenth + b"00000000Z") - start) // width
            buckets[min(max(at, 0), len(buckets) - 1)][number[level]] += count
    return {
        "from": _iso(start),
        "to": _iso(start + width * len(buckets)),
        "bucketMs": width // 10**6,
        "levels": [NAMES[level] for level in ORDER],
        "buckets": buckets,
        "total": sum(map(sum, buckets)),
        "sources": [_render_source(one) for one in counts],
        "complete": not any(one.missing for one in counts),
        "notices": [notice_of(one.source, one.missing) for one in counts if one.missing],
    }


def _render_source(one: SourceCount) -> dict[str, JSON]:
    source = one.source
    row: dict[str, JSON] = {"key": source.key, "pod": source.pod, "container": source.container, "lines": one.lines}
    if one.first:
        row |= {"from": one.first.decode(), "to": one.last.decode()}
    return row


def _iso(nanos: int) -> str:
    return parse_stamp(stamp_of(nanos)).isoformat().replace("+00:00", "Z")
