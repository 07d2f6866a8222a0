"""What the operations share: clients by kubeconfig, for minutes, and the pods that items were seen to have."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from mc_kubernetes_logs.settings import LogsSettings
from mc_sdk import Background

if TYPE_CHECKING:
    from mc_kube.client import KubeClient
    from mc_kube.kubeconfig import ClusterAccess
    from mc_kubernetes_logs.engine.stream import LogStream

CLIENT_TTL_S = 300.0
"""A client is opened anew after that: whoever lost the permission to a connection shall not keep it."""


class _Kept(msgspec.Struct):
    client: KubeClient
    until: float
    users: int = 0
    is_evicted: bool = False


class PluginState(msgspec.Struct):
    """Lives as long as the plugin."""

    background: Background
    clients: dict[str, _Kept] = {}
    streams: set[LogStream] = set()
    """Open streams, which are told when the plugin stops."""

    @asynccontextmanager
    async def client(self, access: ClusterAccess, text: str) -> AsyncIterator[KubeClient]:
        """Yield the client of a kubeconfig; it stays open while somebody uses it."""
        from mc_kube.client import KubeClient

        key = hashlib.sha256(text.encode()).hexdigest()
        kept = self.clients.get(key)
        if kept is None or kept.until <= time.monotonic():
            if kept is not None:
                await self._evict(key, kept)
            kept = self.clients[key] = _Kept(KubeClient(access, os.environ), time.monotonic() + CLIENT_TTL_S)
        kept.users += 1
        try:
            yield kept.client
        finally:
            kept.users -= 1
            if kept.is_evicted and not kept.users:
                await kept.client.aclose()

    async def _evict(self, key: str, kept: _Kept) -> None:
        kept.is_evicted = True
        self.clients.pop(key, None)
        if not kept.users:
            await kept.client.aclose()


@asynccontextmanager
async def open_state(settings: LogsSettings) -> AsyncIterator[PluginState]:
    """Yield the plugin's state."""
    state = PluginState(Background())
    try:
        yield state
    finally:
        await state.background.aclose()
        for kept in list(state.clients.values()):
            await kept.client.aclose()
