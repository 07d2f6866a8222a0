"""Tasks with an owner: started here, named, awaited or cancelled when the owner closes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Background:
    """The tasks of one object. A task that fails is logged once, with its name; `aclose()` cancels the rest."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    def spawn(self, coro: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Start `coro` and keep it until it ends or this object is closed."""
        if self._is_closed:
            coro.close()
            raise RuntimeError(f"cannot start {name!r}: its owner is closed")
        task = asyncio.create_task(coro, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()) is not None:
            log.error("background task failed", extra={"task": task.get_name()}, exc_info=exc)

    async def join(self, timeout_s: float = 5.0) -> None:
        """Wait at most `timeout_s` for what runs, then close."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)
        await self.aclose()

    async def aclose(self, timeout_s: float = 5.0) -> None:
        """Cancel what still runs and wait at most `timeout_s` for it; calling it again does nothing."""
        self._is_closed = True
        current = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not current]
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=timeout_s)
            for task in late:
                log.warning("background task ignores cancellation", extra={"task": task.get_name()})
