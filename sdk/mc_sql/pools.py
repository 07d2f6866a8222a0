"""Connections kept for the next call: few per (server, database), few altogether, closed when nobody asks for a minute.

Knows nothing of a driver: it opens, checks and closes through a `Driver`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from mc_sdk import Background, TargetTimeout

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)

MAX_PER_KEY = 4
MAX_TOTAL = 20
IDLE_S = 45.0
SWEEP_S = 10.0
"""Idle connections are looked at that often, so that none is idle for more than a minute."""
WAIT_S = 30.0


class Driver(Protocol[C_contra]):
    """What the pools need of a kind of connection; neither method waits."""

    def is_usable(self, connection: C_contra) -> bool:
        """Say whether an idle connection still works."""

    def close(self, connection: C_contra) -> None:
        """Close it; never raises."""

    def is_full(self, failure: BaseException) -> bool:
        """Say whether opening failed because the server takes no more connections."""


@dataclass
class _Idle(Generic[C]):
    connection: C
    since: float


@dataclass
class _Shelf(Generic[C]):
    """The connections of one key; `opening` lets one caller at a time open another."""

    idle: list[_Idle[C]] = field(default_factory=list)
    open_count: int = 0
    callers: int = 0
    """Calls that hold or want one of these connections."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Lease(Generic[C]):
    """A connection in use by one call, closed afterwards unless `keep()` says that it is clean."""

    connection: C
    is_fresh: bool
    is_kept: bool = False

    def keep(self) -> None:
        """Let later calls use this connection: it is idle and nothing of this call is left on it."""
        self.is_kept = True

    def discard(self) -> None:
        """Close it after this call, whatever was said before."""
        self.is_kept = False


class Pools(Generic[C]):
    """All connections of a plugin. `aclose()` closes them."""

    def __init__(
        self,
        driver: Driver[C],
        *,
        max_per_key: int = MAX_PER_KEY,
        max_total: int = MAX_TOTAL,
        idle_s: float = IDLE_S,
        sweep_s: float = SWEEP_S,
    ) -> None:
        self._driver = driver
        self.max_per_key, self.max_total = max_per_key, max_total
        self._idle_s, self._sweep_s = idle_s, sweep_s
        self._shelves: dict[Hashable, _Shelf[C]] = {}
        self._total = 0
        self._waiters: set[asyncio.Future[None]] = set()
        self._background = Background()
        self._sweeper: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def open_count(self) -> int:
        """Connections that are open or being opened."""
        return self._total

    @asynccontextmanager
    async def lease(
        self, key: Hashable, open_connection: Callable[[], Awaitable[C]], *, timeout_s: float = WAIT_S
    ) -> AsyncIterator[Lease[C]]:
        """Yield a connection for `key`, opened if none is idle. Raises: TargetTimeout when all stay in use."""
        shelf = self._shelves.setdefault(key, _Shelf())
        shelf.callers += 1
        try:
            lease = await self._take(shelf, open_connection, timeout_s)
            try:
                yield lease
            finally:
                self._give_back(shelf, lease)
        finally:
            shelf.callers -= 1
            self._drop_empty_shelves()

    async def aclose(self) -> None:
        """Close what is idle, stop sweeping, and close what is given back later."""
        self._is_closed = True
        await self._background.aclose()
        self._close_idle(older_than=float("inf"))

    async def _take(self, shelf: _Shelf[C], open_connection: Callable[[], Awaitable[C]], timeout_s: float) -> Lease[C]:
        limit = time.monotonic() + timeout_s
        while True:
            idle = await self._idle_or_reserved(shelf, limit, timeout_s)
            if idle is not None:
                return Lease(idle, is_fresh=False)
            try:
                async with shelf.opening:
                    return Lease(await open_connection(), is_fresh=True)
            except BaseException as exc:
                self._release(shelf)
                # A server that is full goes on with the connections that are there already.
                if not (self._driver.is_full(exc) and shelf.open_count > 0):
                    raise
            await self._wait_until(limit, timeout_s)

    async def _idle_or_reserved(self, shelf: _Shelf[C], limit: float, timeout_s: float) -> C | None:
        """Return an idle connection, or None once another may be opened. Raises: TargetTimeout."""
        while True:
            idle = self._pop_idle(shelf)
            if idle is not None:
                return idle
            if shelf.open_count < self.max_per_key and self._reserve(shelf):
                return None
            await self._wait_until(limit, timeout_s)

    async def _wait_until(self, limit: float, timeout_s: float) -> None:
        """Wait until a connection was given back or closed. Raises: TargetTimeout at monotonic second `limit`."""
        try:
            async with asyncio.timeout(limit - time.monotonic()):
                await self._wait_for_change()
        except TimeoutError as exc:
            busy = "all connections to this database are in use"
            raise TargetTimeout(f"{busy}; waited {timeout_s:g} s", reason="pool_exhausted") from exc

    async def _wait_for_change(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _reserve(self, shelf: _Shelf[C]) -> bool:
        """Count one more connection in, closing the one that was idle longest when the plugin has its fill."""
        if self._total >= self.max_total:
            shelves = [other for other in self._shelves.values() if other.idle]
            if not shelves:
                return False
            oldest = min(shelves, key=lambda other: other.idle[0].since)
            self._driver.close(oldest.idle.pop(0).connection)
            oldest.open_count -= 1
            self._total -= 1
        shelf.open_count += 1
        self._total += 1
        return True

    def _pop_idle(self, shelf: _Shelf[C]) -> C | None:
        while shelf.idle:
            connection = shelf.idle.pop().connection  # the one used last, so that the others can age
            if self._driver.is_usable(connection):
                return connection
            self._driver.close(connection)
            self._release(shelf)
        return None

    def _give_back(self, shelf: _Shelf[C], lease: Lease[C]) -> None:
        if not lease.is_kept or self._is_closed:
            self._driver.close(lease.connection)
            self._release(shelf)
            return
        shelf.idle.append(_Idle(lease.connection, time.monotonic()))
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = self._background.spawn(self._sweep(), name="close idle database connections")
        self._wake()

    def _release(self, shelf: _Shelf[C]) -> None:
        shelf.open_count -= 1
        self._total -= 1
        self._wake()

    async def _sweep(self) -> None:
        while self._total:
            await asyncio.sleep(self._sweep_s)
            self._close_idle(older_than=time.monotonic() - self._idle_s)

    def _close_idle(self, *, older_than: float) -> None:
        for shelf in self._shelves.values():
            while shelf.idle and shelf.idle[0].since <= older_than:
                self._driver.close(shelf.idle.pop(0).connection)
                self._release(shelf)
        self._drop_empty_shelves()

    def _drop_empty_shelves(self) -> None:
        empty = [key for key, shelf in self._shelves.items() if shelf.open_count == 0 and shelf.callers == 0]
        for key in empty:
            del self._shelves[key]
