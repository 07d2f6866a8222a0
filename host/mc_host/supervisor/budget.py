"""How often a plugin may be restarted, and how long to wait before it is. Pure: time is passed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass
class RestartBudget:
    """At most `limit` restarts in any `window_s` seconds; the first start is free."""

    limit: int
    window_s: float
    _spent: deque[float] = field(default_factory=deque)

    def spend(self, now: float) -> bool:
        """Take one restart at monotonic second `now`; False means stay down."""
        self._forget(now)
        if len(self._spent) >= self.limit:
            return False
        self._spent.append(now)
        return True

    def wait_s(self, now: float) -> float:
        """Return the seconds until `spend` succeeds again; 0 when it would now."""
        self._forget(now)
        if len(self._spent) < self.limit:
            return 0.0
        return self._spent[0] + self.window_s - now if self._spent else self.window_s

    def _forget(self, now: float) -> None:
        while self._spent and now - self._spent[0] >= self.window_s:
            self._spent.popleft()


@dataclass
class Backoff:
    """Pauses that double from `first_s` to `max_s`; a long run starts them over."""

    first_s: float
    max_s: float
    _failures: int = 0

    def next_s(self) -> float:
        """Return the pause before the next restart in a row."""
        pause = min(self.first_s * 2.0**self._failures, self.max_s)
        self._failures = min(self._failures + 1, 32)
        return pause

    def reset(self) -> None:
        """Start over: the plugin ran well for a while."""
        self._failures = 0
