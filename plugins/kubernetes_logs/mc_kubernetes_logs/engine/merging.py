"""Lines of several sources by time: a short window while they come, all of them when they are history."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from mc_kubernetes_logs.engine.rendering import Extra, Extras
from mc_kubernetes_logs.engine.sources import Source

WINDOW_S = 0.25


class Run(msgspec.Struct):
    """Neighbouring lines of one source."""

    source: Source
    lines: list[bytes]
    levels: list[bytes]
    extras: Extras


class MergeWindow:
    """Holds lines back for `WINDOW_S`, then gives them in order of their stamps.

    A source's own lines keep their order even where its stamps go backwards.
    """

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._held: list[tuple[bytes, int, Source, bytes, bytes, Extra | None, float]] = []
        self._count = 0
        self._high: dict[int, bytes] = {}
        self._told = b""

    def add(self, run: Run) -> None:
        """Take lines that arrived now."""
        now = time.monotonic()
        index = run.source.index
        high = self._high.get(index, b"")
        levels: Sequence[bytes] = run.levels or [b""] * len(run.lines)
        for at, (line, level) in enumerate(zip(run.lines, levels, strict=True)):
            stamp = line[:30]
            high = stamp if stamp > high else high
            self._held.append((high, self._count, run.source, line, level, run.extras.get(at), now))
            self._count += 1
        self._high[index] = high

    @property
    def next_s(self) -> float | None:
        """Seconds until something is due; None when nothing is held."""
        if not self._held:
            return None
        oldest = min(one[6] for one in self._held)
        return max(0.0, oldest + self._window_s - time.monotonic())

    def take(self, *, everything: bool = False) -> list[Run]:
        """Return what is due, in order, as runs."""
        due_before = time.monotonic() - self._window_s
        self._held.sort(key=lambda one: (one[0], one[1]))
        if everything:
            due, self._held = self._held, []
        else:
            # What stands before a line that is due goes with it, or the order would break.
            last = max((at for at, one in enumerate(self._held) if one[6] <= due_before), default=-1)
            due, self._held = self._held[: last + 1], self._held[last + 1 :]
        return self._runs(due)

    def _runs(self, due: list[tuple[bytes, int, Source, bytes, bytes, Extra | None, float]]) -> list[Run]:
        runs: list[Run] = []
        for stamp, _, source, line, level, extra, _ in due:
            if not runs or runs[-1].source is not source:
                runs.append(Run(source, [], [], {}))
            run = runs[-1]
            if stamp < self._told:
                extra = extra or Extra()
                extra.late = True
            else:
                self._told = stamp
            if extra is not None:
                run.extras[len(run.lines)] = extra
            run.lines.append(line)
            if level:
                run.levels.append(level)
        return runs
