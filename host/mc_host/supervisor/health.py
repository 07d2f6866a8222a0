"""Asks a plugin how it is, again and again; silence twice in a row means it hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import grpc.aio

from mc_host.supervisor.client import PluginClient
from mc_wire.errors import NotRunning

SILENCES_BEFORE_RESTART = 2


async def watch_health(client: PluginClient, interval_s: float, timeout_s: float, report: Callable[[str], None]) -> str:
    """Return why the plugin must be restarted; meanwhile `report` what is wrong (empty: nothing).

    A plugin that answers "not ok" is reported, not restarted: its database may be away, and a restart cures nothing.
    """
    silences = 0
    while True:
        await asyncio.sleep(interval_s if not silences else min(interval_s, 1.0))
        try:
            health = await client.health(timeout_s)
        except (grpc.aio.AioRpcError, NotRunning) as exc:
            silences += 1
            detail = exc.code().name if isinstance(exc, grpc.aio.AioRpcError) else exc.message
            reason = f"no answer to Health within {timeout_s:g} s ({detail})"
            report(reason)
            if silences >= SILENCES_BEFORE_RESTART:
                return reason
            continue
        silences = 0
        report("" if health.ok else health.message or "plugin says it is not healthy")
