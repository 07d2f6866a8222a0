"""What was done to items: the audit records, for whoever may read the item."""

from __future__ import annotations

import msgspec
from aiohttp import web

from mc_host.gateway.keys import HOST, SUBJECT
from mc_host.gateway.listings import json_response
from mc_wire.errors import Forbidden


async def list_item_changes(request: web.Request) -> web.Response:
    """Answer the newest changes of an item."""
    host = request.app[HOST]
    item = host.readable_item(request[SUBJECT], request.match_info["id"])
    found = await host.changes.list_newest(item.id)
    return json_response(msgspec.to_builtins(found))


async def list_changes(request: web.Request) -> web.Response:
    """Answer the newest changes of all items and of none, for who manages plugins."""
    host = request.app[HOST]
    if not host.permissions.can_manage_plugins(request[SUBJECT]):
        raise Forbidden("not allowed to read all changes")
    return json_response(msgspec.to_builtins(await host.changes.list_newest(None)))
