"""What machines ask of the host: is it alive, is it ready, what does it count, what is wrong."""

from __future__ import annotations

import asyncio

from aiohttp import web

from mc_host.gateway.keys import HOST, SUBJECT
from mc_host.gateway.listings import json_response
from mc_wire.errors import Forbidden

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def get_health(request: web.Request) -> web.Response:
    """Answer that requests are answered."""
    return web.Response(text="ok\n", headers={"Cache-Control": "no-store"})


async def get_readiness(request: web.Request) -> web.Response:
    """Answer whether every plugin has had its first start, well or not, and the state can be written."""
    missing = await request.app[HOST].find_unready()
    text, status = (f"not ready: {missing}\n", 503) if missing else ("ok\n", 200)
    return web.Response(text=text, status=status, headers={"Cache-Control": "no-store"})


async def get_metrics(request: web.Request) -> web.Response:
    """Answer every metric, to whoever may read them."""
    host = request.app[HOST]
    if not host.permissions.can_read_metrics(request[SUBJECT]):
        raise Forbidden("not allowed to read metrics", hint="grant metrics:read, or send the owner's token")
    body = await asyncio.to_thread(host.metrics.render)
    return web.Response(body=body, headers={"Content-Type": _METRICS_TYPE, "Cache-Control": "no-store"})


async def list_problems(request: web.Request) -> web.Response:
    """Answer what could not be read or applied, and which sources are unwell, to who manages plugins."""
    host = request.app[HOST]
    if not host.permissions.can_manage_plugins(request[SUBJECT]):
        raise Forbidden("not allowed to see the host's problems")
    return json_response([{"source": source, "problem": text} for source, text in host.list_problems()])
