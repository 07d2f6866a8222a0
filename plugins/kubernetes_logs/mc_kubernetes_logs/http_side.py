"""Lets some operations answer HTTP themselves, which the SDK has no hook for: other formats, headers, file names."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

from mc_sdk.serve import LazyHttp

LAST_WORDS_S = 0.4
"""A stopping plugin waits that long for its clients to take the reason; its host kills after two seconds."""


class LogsHttp(LazyHttp):
    """The SDK's HTTP side, with our server in the place of its own; aiohttp still loads at the first connection."""

    async def _start(self) -> None:
        await asyncio.to_thread(_install_server)
        await super()._start()

    async def aclose(self) -> None:
        """Tell open streams why they end, then close."""
        streams = getattr(self._runtime.plugin, "open_streams", lambda: ())()
        for stream in streams:
            stream.finish("shutdown")
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await asyncio.gather(*(stream.done.wait() for stream in streams))
        await super().aclose()


def install() -> None:
    """Make `serve` use it."""
    # By name: the package's attribute `serve` is the function of that name.
    sys.modules[LazyHttp.__module__].LazyHttp = LogsHttp  # type: ignore[attr-defined]  # a class for its parent


def _install_server() -> None:
    import mc_sdk.http_server
    from mc_kubernetes_logs.http_server import LogsHttpServer

    mc_sdk.http_server.HttpServer = LogsHttpServer  # type: ignore[misc]  # as above
