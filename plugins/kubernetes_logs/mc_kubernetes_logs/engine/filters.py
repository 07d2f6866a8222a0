"""Which lines of a batch are told: time, pattern, level; decided on whole blocks where that is possible."""

from __future__ import annotations

import msgspec

from mc_kubernetes_logs.engine.batches import TEXT_AT, Batch
from mc_kubernetes_logs.engine.levels import BY_NAME, CONTINUED, ORDER, UNKNOWN, LevelReader
from mc_kubernetes_logs.engine.patterns import Pattern
from mc_kubernetes_logs.engine.stamps import NO_STAMP, STAMP_LEN
from mc_sdk import InvalidParams


class RowFilter(msgspec.Struct):
    """What a caller asked for; shared by all sources of a stream."""

    grep: Pattern | None = None
    exclude: Pattern | None = None
    levels: frozenset[bytes] | None = None
    since: bytes = b""
    until: bytes = b""

    @property
    def plain_grep(self) -> Pattern | None:
        """The pattern, where lines without it need not even be split from their block."""
        has_more = self.exclude or self.levels or self.since or self.until
        return self.grep if self.grep is not None and self.grep.can_prefilter and not has_more else None

    @property
    def is_open(self) -> bool:
        """Does every line pass?"""
        return not (self.grep or self.exclude or self.levels or self.since or self.until)


def parse_levels(text: str, *, hide_unknown: bool) -> frozenset[bytes] | None:
    """Return the levels in `error,fatal` or `>=warn`; None for all. Raises: InvalidParams."""
    text = text.strip().lower()
    if not text and not hide_unknown:
        return None
    names = [name.strip() for name in text.removeprefix(">=").split(",") if name.strip()]
    unknown = [name for name in names if name not in BY_NAME]
    if unknown or (text.startswith(">=") and len(names) != 1):
        known = ", ".join(BY_NAME)
        raise InvalidParams(f"level: {text!r} is none of {known}, nor >= one of them", field="level")
    if text.startswith(">="):
        chosen = set(ORDER[ORDER.index(BY_NAME[names[0]]) :])
    else:
        chosen = {BY_NAME[name] for name in names} or set(ORDER)
    return frozenset(chosen - {UNKNOWN} if hide_unknown else chosen)


class SourceFilter:
    """The filter at one source: knows whether the last whole line passed, which its continuations follow."""

    def __init__(self, rows: RowFilter, *, with_levels: bool) -> None:
        self._rows = rows
        self._reader = LevelReader() if with_levels or rows.levels is not None else None
        self._head_passes = True
        self.is_past_until = False

    def apply(self, batch: Batch) -> tuple[list[bytes], list[bytes]]:
        """Return the lines that pass and their levels (empty when levels are not read)."""
        rows, lines = self._rows, batch.lines
        if rows.since or rows.until:
            lines = self._in_time(lines)
        if rows.grep is not None and rows.exclude is None and rows.levels is None:
            # Levels of lines nobody sees are not read; a continuation is then told by its own look alone.
            block = batch.block if lines is batch.lines else b""
            lines = _grep(lines, block, rows.grep)
        elif rows.grep is not None or rows.exclude is not None:
            lines = [line for line in lines if self._matches(line[TEXT_AT:])]
        if not lines:
            return [], []
        levels = self._reader.read(lines, TEXT_AT) if self._reader is not None else []
        if rows.levels is not None:
            return self._of_levels(lines, levels, rows.levels)
        return lines, levels

    def _in_time(self, lines: list[bytes]) -> list[bytes]:
        since, until = self._rows.since, self._rows.until
        if since and lines and (lines[0] < since or lines[0][:STAMP_LEN] == NO_STAMP):
            lines = [line for line in lines if line >= since]
        if until and lines and max(lines[-1], lines[0])[:STAMP_LEN] > until:
            self.is_past_until = True
            lines = [line for line in lines if line[:STAMP_LEN] <= until]
        return lines

    def _matches(self, text: bytes) -> bool:
        grep, exclude = self._rows.grep, self._rows.exclude
        return (grep is None or grep.matches(text)) and (exclude is None or not exclude.matches(text))

    def _of_levels(
        self, lines: list[bytes], levels: list[bytes], wanted: frozenset[bytes]
    ) -> tuple[list[bytes], list[bytes]]:
        kept: list[bytes] = []
        kept_levels: list[bytes] = []
        for line, level in zip(lines, levels, strict=True):
            if level != CONTINUED:
                self._head_passes = level in wanted
            if self._head_passes:
                kept.append(line)
                kept_levels.append(level)
        return kept, kept_levels


def _grep(lines: list[bytes], block: bytes, pattern: Pattern) -> list[bytes]:
    """Return the lines that match. A plain pattern is looked for in the whole block, and hits are confirmed."""
    if not block or not pattern.can_prefilter:
        return [line for line in lines if pattern.matches(line[TEXT_AT:])]
    return [line for line in find_hits(block, pattern) if pattern.matches(line[TEXT_AT:])]


def find_hits(block: bytes, pattern: Pattern) -> list[bytes]:
    """Return the lines of a block in which a plain pattern is found, be it in their stamps."""
    found: list[bytes] = []
    at, end = 0, len(block)
    while at < end and (hit := pattern.find(block, at)) >= 0:
        start = block.rfind(b"\n", 0, hit) + 1
        stop = block.find(b"\n", hit)
        stop = end if stop < 0 else stop
        found.append(block[start:stop])
        at = stop + 1
    return found
