"""Who may open a plugin's page on an item, and the token such a page calls operations with."""

from __future__ import annotations

from aiohttp import web

from mc_host.catalog.items import CatalogItem
from mc_host.gateway.keys import HOST, SUBJECT
from mc_host.gateway.listings import json_response
from mc_host.invocation_tokens import Grant
from mc_host.registry import Entry
from mc_host.subjects import Subject
from mc_wire.errors import Forbidden, InvalidParams
from mc_wire.invocation_token import LIFE_S, UI_OPERATION


async def get_ui_token(request: web.Request) -> web.Response:
    """Answer a fresh token for the plugin's page; it proves who asks, and every right is asked for again."""
    host, subject = request.app[HOST], request[SUBJECT]
    entry = host.registry.get(request.match_info["name"])
    if not request.query.get("config_id"):
        raise InvalidParams("config_id is required", field="config_id")
    item = page_item(request, entry, subject)
    token = host.invocation_tokens.mint(page_grant(request, entry, subject, item), is_fresh=True)
    return json_response({"token": token, "expiresInSeconds": LIFE_S})


def page_grant(request: web.Request, entry: Entry, subject: Subject, item: CatalogItem | None) -> Grant:
    """Return what a page's token stands for."""
    roles = request.app[HOST].permissions.list_roles(subject, entry, item)
    return Grant(subject, entry.id, UI_OPERATION, item.id if item else "", roles)


def page_item(request: web.Request, entry: Entry, subject: Subject) -> CatalogItem | None:
    """Return the item a page is for, when plugin and user go with it. Raises: Forbidden, NotFound, InvalidParams."""
    host = request.app[HOST]
    text = request.query.get("config_id", "")
    item = host.catalog.get(text) if text else None
    if item is not None and not entry.selector.matches(item):
        raise Forbidden(f'plugin "{entry.name}" is not enabled for config {item.id}')
    if item is not None and not host.permissions.can_read_item(subject, item):
        raise Forbidden(f"not allowed to read config {item.id}")
    return item
