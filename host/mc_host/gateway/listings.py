"""What the page and the command line read: items, plugins, their state and logs."""

from __future__ import annotations

import asyncio
import socket

import msgspec
from aiohttp import web

from mc_host.catalog.items import CatalogItem, read_detail
from mc_host.catalog.selectors import Predicate, parse_query
from mc_host.gateway.keys import HOST, SUBJECT
from mc_host.install.layout import LATEST
from mc_host.install.place import find_record
from mc_host.manifests import to_service
from mc_host.registry import Entry
from mc_host.supervisor.process import resident_bytes
from mc_host.supervisor.status import PluginState
from mc_wire.errors import Forbidden, InvalidParams
from mc_wire.model import JSON, JSON_MIME, Manifest, Operation, Tab

_DEFAULT_PAGE = 500
_MAX_TAGS = 500


def json_response(value: JSON) -> web.Response:
    """Return a JSON answer that is not kept by caches."""
    body = msgspec.json.encode(value, enc_hook=str)
    return web.Response(body=body, content_type=JSON_MIME, headers={"Cache-Control": "no-store"})


async def get_me(request: web.Request) -> web.Response:
    """Answer who is signed in, on which machine."""
    version = request.app[HOST].config.version
    return json_response({"user": request[SUBJECT].user_id, "host": socket.gethostname(), "version": version})


def _meant_items(request: web.Request) -> Predicate:
    """Return what tells whether an item is among those that the query names and the user may see."""
    query = request.query
    types = [text for text in query.getall("type", []) if text]
    tags = [text for text in query.getall("tag", []) if text]
    is_meant = parse_query(query, types=types, tags=tags)
    is_readable = request.app[HOST].permissions.readable_items(request[SUBJECT])
    return lambda item: is_meant(item) and is_readable(item)


async def list_items(request: web.Request) -> web.Response:
    """Answer one page of the catalog."""
    query = request.query
    page = request.app[HOST].catalog.list_page(
        _meant_items(request), _limit(query.get("limit", "")), query.get("cursor", "")
    )
    body = {"items": [_item_row(item) for item in page.items], "total": page.total}
    return json_response({**body, "nextCursor": page.next_cursor} if page.next_cursor else body)


async def list_facets(request: web.Request) -> web.Response:
    """Answer by which values the items that the query names can be narrowed further, with how many have each."""
    facets = request.app[HOST].catalog.count_values(_meant_items(request))
    return json_response(
        {
            "types": dict(sorted(facets.types.items())),
            "namespaces": dict(sorted(facets.namespaces.items())),
            "healths": dict(sorted(facets.healths.items())),
            "tags": dict(facets.tags.most_common(_MAX_TAGS)),
        }
    )


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
    as_row = _service_row if request.query.get("format") == "clicky-rpc" else _plugin_row
    rows = [
        as_row(entry, entry.manifest)
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


def _service_row(entry: Entry, manifest: Manifest) -> dict[str, JSON]:
    """The shape in which command lines keep manifests."""
    return {"name": entry.name, "service": msgspec.to_builtins(to_service(entry.name, manifest))}


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
    # Memory is read from /proc, and where a plugin came from out of the plugin folder, file by file.
    return json_response(
        await asyncio.to_thread(lambda: [_status_row(request, entry, is_manager) for entry in entries])
    )


def _status_row(request: web.Request, entry: Entry, is_manager: bool) -> dict[str, JSON]:
    status = request.app[HOST].fleet.find_status(entry.id)
    row: dict[str, JSON] = {"id": entry.id, "name": entry.name, "namespace": entry.namespace}
    row |= _present(source=entry.spec.source, address=entry.spec.address)
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
        installedFrom=_origin(request, entry) if is_manager else "",
    )


def _origin(request: web.Request, entry: Entry) -> str:
    """Return where an upgrade would come from; nothing for a plugin that is not upgraded here."""
    if entry.spec.address or entry.spec.version not in ("", LATEST):
        return ""
    try:
        record = find_record(request.app[HOST].config.plugin_root, entry.spec.source or entry.name)
    except InvalidParams:
        return ""
    return record.source if record else ""


async def create_code(request: web.Request) -> web.Response:
    """Answer a fresh one-time sign-in code, for `mission-control open`: to the owner alone, as whom it signs in."""
    if not request[SUBJECT].is_owner:
        raise Forbidden("only the owner of this host makes sign-in codes")
    return json_response({"code": request.app[HOST].tokens.create_code()})
