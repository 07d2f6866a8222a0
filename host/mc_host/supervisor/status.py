"""Where a plugin stands, as the supervisor knows it and the operator sees it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PluginState(StrEnum):
    """Where a plugin stands; every one of them is shown to the operator."""

    STARTING = "starting"
    RUNNING = "running"
    UNHEALTHY = "unhealthy"
    BACKING_OFF = "backing_off"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass
class Status:
    """What the host says of a plugin."""

    state: PluginState = PluginState.STARTING
    last_error: str = ""
    restarts: int = 0
    started_at: datetime | None = None
    pid: int | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while the state is one that will not pass by itself: running, unhealthy, failed, stopped."""
