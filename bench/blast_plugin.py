"""A plugin that answers fast: blocks as large as asked for, small answers, an operation that does nothing."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from aiohttp import web

from mc_sdk import Context, Plugin, operation, serve


@operation("noop", scope="global")
async def noop(ctx: Context[None]) -> None:
    """Do nothing."""


@operation("clock", scope="global", http=("GET",))
async def clock(ctx: Context[None]) -> AsyncIterator[dict[str, float]]:
    """Say the time once."""
    yield {"at": time.time()}


class BlastPlugin(Plugin[None]):
    """Serves `small`, `stream` and, for peers that stand in the host's place, what the host sends and where to."""

    name = "blast"
    version = "1.0.0"
    description = "Answers fast."
    operations = (noop, clock)

    async def http_handler(self, request: web.Request) -> web.StreamResponse | None:
        """Answer one of the three paths."""
        if request.path == "/api/small":
            return web.Response(text="x" * 200)
        if request.path == "/api/request":
            assert request.transport is not None
            port = request.transport.get_extra_info("sockname")[1]
            return web.json_response({"port": port, "headers": dict(request.headers)})
        if request.path != "/api/stream":
            return None
        block = b"x" * int(request.query["block"])
        response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        await response.prepare(request)
        for _ in range(int(request.query["count"])):
            await response.write(block)
        await response.write_eof()
        return response


if __name__ == "__main__":
    serve(BlastPlugin())
