"""What a source said in the last seconds, by hash, so that nothing is told twice and holes are found."""

from __future__ import annotations

import zlib
from array import array
from collections import Counter, deque

import msgspec

from mc_kubernetes_logs.engine.cursor import Position
from mc_kubernetes_logs.engine.stamps import STAMP_LEN, shift

SPAN_S = 2.0
MAX_LINES = 200_000
"""At full speed two seconds hold more; older lines are then known by their stamps alone."""
JITTER_S = 0.001
"""Stamps of one file go backwards by up to 0.3 ms (stdout against stderr): that far back is no repetition by itself."""
_JITTER_LINES = 4096


class _Block(msgspec.Struct):
    first: bytes
    last: bytes
    hashes: array[int]


class Recent:
    """Hashes of whole lines (stamp included) of one source."""

    def __init__(self) -> None:
        self.high = b""
        """The newest stamp seen."""
        self.start = b""
        """The first stamp that was told: nothing older was asked for."""
        self._blocks: deque[_Block] = deque()
        self._count = 0
        self._replay: Counter[int] | None = None
        self._replay_until = b""
        self._resumed: Position | None = None
        self._origin: Position | None = None
        self._equal_left = 0
        self._last = b""
        self._last_count = 0

    def resume(self, position: Position) -> None:
        """Go on behind a position of an earlier connection: what is read again up to there is not new."""
        self._resumed = self._origin = position
        self._equal_left = position.count
        self.high = self.start = position.stamp

    def position(self, instance: int) -> Position | None:
        """Return where this source stands; None before its first line."""
        if not self._last:
            return self._origin
        return Position(self._last[:STAMP_LEN], zlib.crc32(self._last), self._last_count, instance)

    @property
    def has_missed_resume(self) -> bool:
        """Is the place to go on from still not found?"""
        return self._resumed is not None

    def note(self, lines: list[bytes]) -> None:
        """Remember lines with stamps, in order."""
        first, last = lines[0][:STAMP_LEN], lines[-1][:STAMP_LEN]
        self.start = self.start or first
        self.high = max(self.high, last)
        newest = lines[-1]
        self._last_count = lines.count(newest) if newest != self._last else self._last_count + lines.count(newest)
        self._last = newest
        self._blocks.append(_Block(first, last, array("q", map(hash, lines))))
        self._count += len(lines)
        if len(self._blocks) > 1 and (self._count > MAX_LINES or self._blocks[0].last < shift(self.high, -SPAN_S)):
            self._prune()

    def _prune(self) -> None:
        oldest = shift(self.high, -SPAN_S)
        while len(self._blocks) > 1 and (self._count > MAX_LINES or self._blocks[0].last < oldest):
            self._count -= len(self._blocks.popleft().hashes)

    def begin_replay(self) -> None:
        """What comes next was partly told already: the source is read again from before its newest line."""
        if self._resumed is not None:
            self._equal_left = self._resumed.count
            return
        self._replay = Counter()
        for block in self._blocks:
            self._replay.update(block.hashes)
        self._replay_until = self.high

    @property
    def is_replaying(self) -> bool:
        """Must each line be looked up?"""
        return self._replay is not None or self._resumed is not None

    def is_new(self, line: bytes) -> bool:
        """Was a line that is not newer than all others not told yet? Asked once per line, in order."""
        stamp = line[:STAMP_LEN]
        if self._resumed is not None:
            return self._is_behind_resumed(line, stamp)
        if self._replay is not None and stamp > self._replay_until:
            self._replay = None
        if stamp >= self.high and self._replay is None:
            return True
        if self._replay is None:
            if stamp >= shift(self.high, -JITTER_S):
                return not self._is_among_last(hash(line))
            self.begin_replay()
        assert self._replay is not None
        known = hash(line)
        if self._replay[known] > 0:
            self._replay[known] -= 1
            return False
        # Older than what is remembered: told long ago, or from before the first line that was asked for.
        return not self._blocks or stamp >= self._blocks[0].first

    def _is_behind_resumed(self, line: bytes, stamp: bytes) -> bool:
        """Skip up to and including the line last told; well past its stamp the rest is new, found or not."""
        resumed = self._resumed
        assert resumed is not None
        if stamp > shift(resumed.stamp, JITTER_S):
            self._resumed = None
            return True
        if stamp == resumed.stamp and zlib.crc32(line) == resumed.line_hash:
            self._equal_left -= 1
            if self._equal_left <= 0:
                self._resumed = None
        return False

    def _is_among_last(self, known: int) -> bool:
        looked = 0
        for block in reversed(self._blocks):
            if known in block.hashes:
                return True
            looked += len(block.hashes)
            if looked > _JITTER_LINES:
                return False
        return False

    def find_hole(self, head: bytes) -> tuple[bytes, bytes] | None:
        """Return the bounds of a hole that `head`, the first line of the file as it is now, proves.

        There is one when the line is older than what was told last and was never told.
        """
        stamp = head[:STAMP_LEN]
        if not self._blocks or stamp >= self.high or stamp <= self.start or stamp <= self._blocks[0].first:
            return None
        known, before = hash(head), self._blocks[0].first
        for block in self._blocks:
            if known in block.hashes:
                return None
        for block in self._blocks:
            if block.first > stamp:
                return before, block.first
            before = block.last if block.last < stamp else block.first
        return before, self._blocks[-1].last
