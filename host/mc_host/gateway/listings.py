"""What the page and the command line read: items, plugins, their state and logs."""

from __future__ import annotations

import asyncio
import socket

import msgspec
from aiohttp import web

from mc_host.catalog.items import CatalogItem, read_detail
from mc_host.catalog.selectors import parse_selector, word_condition
from mc_host.gateway.keys import HOST, SUBJECT
from mc_host.registry import Entry
from mc_host.supervisor.process import resident_bytes
from mc_host.supervisor.status import PluginState
from mc_wire.errors import Forbidden, InvalidParams
from mc_wire.model import JSON, JSON_MIME, Manifest, Operation, Tab

_DEFAULT_PAGE = 500


def json_response(value: JSON) -> web.Response:
    """Return a JSON answer that is not kept by caches."""
    body = msgspec.json.encode(value, enc_hook=str)
    return web.Response(body=body, content_type=JSON_MIME, headers={"Cache-Control": "no-store"})


async def get_me(request: web.Request) -> web.Response:
    """Answer who is signed in, on which machine."""
    version = request.app[HOST].config.version
    return json_response({"user": request[SUBJECT].user_id, "host": socket.gethostname(), "version": version})


async def list_items(request: web.Request) -> web.Response:
    """Answer one page of the catalog."""
    host, query, subject = request.app[HOST], request.query, request[SUBJECT]
    selector = parse_selector(
        {
            "types": [text for text in query.getall("type", []) if text],
            "namespace": query.get("namespace", ""),
            "health": query.get("health", ""),
        }
    )
    is_readable = host.permissions.readable_items(subject)
    has_words = word_condition(query.get("search", ""))

    def is_meant(item: CatalogItem) -> bool:
        return selector.matches(item) and has_words(item) and is_readable(item)

    page = host.catalog.list_page(is_meant, _limit(query.get("limit", "")), query.get("cursor", ""))
    body = {"items": [_item_row(item) for item in page.items], "total": page.total}
    return json_response({**body, "nextCursor": page.next_cursor} if page.next_cursor else body)


def _limit(text: str) -> int:
    if not text:
        return _DEFAULT_PAGE
    if not text.isdigit() or int(text) < 1:
        raise InvalidParams(f"limit must be a positive number, got {text!r}", field="limit")
    return int(text)


def _item_row(item: CatalogItem) -> dict[str, JSON]:
    row: dict[str, JSON] = {"id": item.id, "name": item.name, "type": item.type}
    optional = {"namespace": item.namespace, "health": item.health, "status": item.status}
    row |= {key: value for key, value in optional.items() if value}
    return row | {"labels": item.labels, "tags": item.tags, "source": item.source}


async def get_item(request: web.Request) -> web.Response:
    """Answer one item with everything known of it."""
    item = request.app[HOST].readable_item(request[SUBJECT], request.match_info["id"])
    detail = read_detail(item)
    return json_response(_item_row(item) | {"properties": detail.properties, "config": detail.config})


async def list_plugins(request: web.Request) -> web.Response:
    """Answer the running plugins, with an item only those that serve it."""
    host = request.app[HOST]
    item_id = request.query.get("config_id", "")
    item = host.readable_item(request[SUBJECT], item_id) if item_id else None
    rows = [
        _plugin_row(entry, entry.manifest)
        for entry in host.registry.list_all()
        if entry.manifest is not None and (item is None or entry.selector.matches(item))
    ]
    return json_response(rows)


def _present(**fields: JSON) -> dict[str, JSON]:
    return {key: value for key, value in fields.items() if value}


def _plugin_row(entry: Entry, manifest: Manifest) -> dict[str, JSON]:
    return _present(
        name=entry.name,
        description=manifest.description,
        version=manifest.version,
        agent=entry.agent_id,
        tabs=[_tab_row(tab) for tab in manifest.tabs],
        operations=[_operation_row(operation) for operation in manifest.operations],
    )


def _tab_row(tab: Tab) -> dict[str, JSON]:
    return _present(name=tab.name, icon=tab.icon, path=tab.path, scope=tab.scope)


def _operation_row(operation: Operation) -> dict[str, JSON]:
    return _present(
        name=operation.name,
        description=operation.description,
        params_schema=operation.params_schema,
        result_mime=operation.result_mime,
        scope=operation.scope,
        destructive=operation.is_destructive,
        required_permissions=list(operation.required_permissions),
        http=[{"method": method} for method in operation.http_methods],
    )


async def list_plugin_status(request: web.Request) -> web.Response:
    """Answer every declared plugin with its state, running or not; why one fails only to who manages plugins."""
    host = request.app[HOST]
    is_manager = host.permissions.can_manage_plugins(request[SUBJECT])
    entries = host.registry.list_all()
    # Memory is read from /proc, file by file.
    return json_response(
        await asyncio.to_thread(lambda: [_status_row(request, entry, is_manager) for entry in entries])
    )


def _status_row(request: web.Request, entry: Entry, is_manager: bool) -> dict[str, JSON]:
    status = request.app[HOST].fleet.find_status(entry.id)
    row: dict[str, JSON] = {"id": entry.id, "name": entry.name, "namespace": entry.namespace}
    row |= _present(source=entry.spec.source)
    row["state"] = status.state.value if status else PluginState.STOPPED.value
    row |= _present(
        version=entry.manifest.version if entry.manifest else "",
        contract=entry.runtime.contract.value if entry.runtime else "",
        pid=status.pid if status else None,
    )
    row["restarts"] = status.restarts if status else 0
    return row | _present(
        memoryBytes=resident_bytes(status.pid) if status and status.pid else None,
        startedAt=status.started_at.isoformat() if status and status.started_at and status.pid else None,
        lastError=status.last_error if status and is_manager else "",
    )


async def list_plugin_logs(request: web.Request) -> web.Response:
    """Answer the newest records of a plugin's output, oldest first."""
    host = request.app[HOST]
    if not host.permissions.can_manage_plugins(request[SUBJECT]):
        raise Forbidden("not allowed to read what plugins print")
    entry = host.registry.get(request.match_info["name"])
    return json_response(host.fleet.list_log(entry.id))


async def create_code(request: web.Request) -> web.Response:
    """Answer a fresh one-time sign-in code, for `mission-control open`: to the owner alone, as whom it signs in."""
    if not request[SUBJECT].is_owner:
        raise Forbidden("only the owner of this host makes sign-in codes")
    return json_response({"code": request.app[HOST].tokens.create_code()})
