"""HostService for one plugin process: what it may ask of the host, decoded, checked, answered."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from mc_host.artifacts import ArtifactStore
from mc_host.catalog.items import CatalogItem, to_wire
from mc_host.catalog.selectors import parse_selector
from mc_host.catalog.store import Catalog
from mc_host.connections.resolve import ConnectionResolver
from mc_host.permissions import OWNER, Permissions
from mc_host.registry import Entry, PluginId, Registry
from mc_host.supervisor.back_channel import HostMethod
from mc_host.supervisor.instance import Instance
from mc_wire import codec, detect, documented
from mc_wire.errors import Forbidden, InvalidParams, NotFound
from mc_wire.model import ItemPage, Outcome

log = logging.getLogger(__name__)
MAX_PAGE = 500
_LEVELS = {"debug": logging.DEBUG, "warn": logging.WARNING, "warning": logging.WARNING, "error": logging.ERROR}


class Nested(Protocol):
    """Runs an operation of another plugin on behalf of one."""

    def __call__(
        self, plugin: str, operation: str, params: bytes, item_id: str, *, timeout_s: float | None, depth: int
    ) -> Awaitable[Outcome]:
        """Return the other plugin's outcome. Raises: OperationError."""
        ...


class HostService:
    """Builds the RPC table of one plugin process; the socket it is served on is what identifies the plugin.

    The user is the owner: a host with one user needs no correlation of calls with invocations.
    """

    def __init__(
        self,
        registry: Registry,
        catalog: Catalog,
        connections: ConnectionResolver,
        artifacts: ArtifactStore,
        permissions: Permissions,
        nested: Nested,
    ) -> None:
        self._registry = registry
        self._catalog = catalog
        self._connections = connections
        self._artifacts = artifacts
        self._permissions = permissions
        self._nested = nested

    def methods(self, plugin_id: PluginId, instance: Instance) -> Mapping[str, HostMethod]:
        """Return every RPC, bound to the plugin behind `instance`."""

        async def get_config_item(request: bytes) -> bytes:
            return codec.encode_item(to_wire(self._readable_item(codec.decode_item_id(request))))

        async def list_configs(request: bytes) -> bytes:
            return self._list_configs(request)

        async def get_connection(request: bytes) -> bytes:
            query = documented.decode_connection_query(request)
            found = await self._connections.resolve(self._entry(plugin_id), query, instance.contract)
            return codec.encode_connection(found)

        async def take_log(request: bytes) -> bytes:
            return self._log(plugin_id, instance, request)

        async def write_artifact(request: bytes) -> bytes:
            return codec.encode_artifact_ref(await self._artifacts.write(codec.decode_artifact(request)))

        async def read_artifact(request: bytes) -> bytes:
            return codec.encode_artifact(await self._artifacts.read(codec.decode_artifact_ref(request)))

        async def invoke_plugin(request: bytes) -> bytes:
            return await self._invoke_plugin(instance, request)

        return {
            "GetConfigItem": get_config_item,
            "ListConfigs": list_configs,
            "GetConnection": get_connection,
            "Log": take_log,
            "WriteArtifact": write_artifact,
            "ReadArtifact": read_artifact,
            "InvokePlugin": invoke_plugin,
        }

    def _entry(self, plugin_id: PluginId) -> Entry:
        entry = self._registry.find_by_id(plugin_id)
        if entry is None:
            raise NotFound(f"plugin {plugin_id} is not registered")
        return entry

    def _readable_item(self, item_id: str) -> CatalogItem:
        if not item_id:
            raise InvalidParams("config item id is required")
        item = self._catalog.get(item_id)
        if not self._permissions.can_read_item(OWNER, item):
            raise Forbidden(f"not allowed to read config {item.id}")
        return item

    def _list_configs(self, request: bytes) -> bytes:
        query = detect.decode_item_query(request)
        selector = parse_selector(query.selector)
        asked = query.limit or query.selector.get("limit") or MAX_PAGE
        limit = min(int(asked), MAX_PAGE)
        if limit < 1:
            raise InvalidParams(f"limit must be positive, got {asked}", field="limit")
        page = self._catalog.list_page(
            lambda item: selector.matches(item) and self._permissions.can_read_item(OWNER, item), limit, query.cursor
        )
        items = tuple(to_wire(item) for item in page.items)
        return codec.encode_item_page(ItemPage(items=items, next_cursor=page.next_cursor))

    def _log(self, plugin_id: PluginId, instance: Instance, request: bytes) -> bytes:
        entry = codec.decode_log(request)
        level = _LEVELS.get(entry.level.lower(), logging.INFO)
        instance.output.record(level, entry.message, {**entry.fields, "plugin_id": plugin_id})
        return codec.EMPTY

    async def _invoke_plugin(self, instance: Instance, request: bytes) -> bytes:
        plugin, operation, params, item_id, deadline = codec.decode_nested(request)
        timeout_s = (deadline - datetime.now(UTC)).total_seconds() if deadline else None
        depth = max(instance.depths, default=0) + 1
        outcome = await self._nested(plugin, operation, params, item_id, timeout_s=timeout_s, depth=depth)
        return codec.encode_outcome(outcome)
