"""Answers that cost the server something, kept for a while and shown with their age."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

import msgspec

from mc_postgres.answers import CachedAnswer

A = TypeVar("A", bound=CachedAnswer)

KEEP_S = 60.0
COST_FACTOR = 100
"""An answer is kept at least a hundred times as long as it took."""
MAX_KEPT = 100


class _Kept(msgspec.Struct):
    lock: asyncio.Lock
    answer: CachedAnswer | None = None
    at: float = 0.0

    def is_fresh(self, keep_s: float) -> bool:
        """Say whether the answer may still be given."""
        if self.answer is None:
            return False
        return time.monotonic() - self.at < max(keep_s, self.answer.cost_ms * COST_FACTOR / 1000)


class SlowLane:
    """One answer per key; callers that come together wait for the one that measures.

    The key must hold everything that decides who may see the answer: item, server, role, database, params. That the
    caller may ask at all is for the caller of `get` to have checked with the host.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}

    async def get(
        self,
        kind: type[A],
        key: Hashable,
        make: Callable[[], Awaitable[A]],
        *,
        refresh: bool,
        keep_s: float = KEEP_S,
    ) -> A:
        """Return the kept answer with its age, or make one; `keep_s` is the least that it is kept."""
        kept = self._kept.setdefault(key, _Kept(asyncio.Lock()))
        asked = time.monotonic()
        async with kept.lock:
            # Somebody may have measured while this caller waited.
            began = time.monotonic()
            if not kept.is_fresh(keep_s) or (refresh and kept.at < asked):
                made = await make()
                kept.at = time.monotonic()
                kept.answer = msgspec.structs.replace(made, cost_ms=round((kept.at - began) * 1000, 1))
                self._trim()
            answer = kept.answer
            assert isinstance(answer, kind)
            age_ms = int((time.monotonic() - kept.at) * 1000)
            return msgspec.structs.replace(answer, age_ms=age_ms)

    def _trim(self) -> None:
        while len(self._kept) > MAX_KEPT:
            oldest = min(self._kept, key=lambda key: self._kept[key].at)
            if self._kept[oldest].lock.locked():
                return
            del self._kept[oldest]
