"""HostService for one plugin process: what it may ask of the host, decoded, checked, answered."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from mc_host.acting import Acting
from mc_host.artifacts import ArtifactStore
from mc_host.catalog.items import CatalogItem, to_wire
from mc_host.catalog.selectors import parse_selector
from mc_host.catalog.store import Catalog
from mc_host.connections.resolve import ConnectionResolver
from mc_host.invocation_tokens import InvocationTokens
from mc_host.permissions import Permissions
from mc_host.registry import Entry, PluginId, Registry
from mc_host.subjects import Subject, plugin_subject
from mc_host.supervisor.back_channel import HostMethod
from mc_host.supervisor.registered import RegisteredPlugin
from mc_wire import codec, detect, documented
from mc_wire.errors import Forbidden, InvalidParams, NotFound, NotSignedIn
from mc_wire.model import Contract, ItemPage, Outcome

log = logging.getLogger(__name__)
MAX_PAGE = 500
_LEVELS = {"debug": logging.DEBUG, "warn": logging.WARNING, "warning": logging.WARNING, "error": logging.ERROR}


class Nested(Protocol):
    """Runs an operation of another plugin on behalf of one."""

    def __call__(
        self, plugin: str, operation: str, params: bytes, item_id: str, *, timeout_s: float | None, acting: Acting
    ) -> Awaitable[Outcome]:
        """Return the other plugin's outcome. Raises: OperationError."""
        ...


@dataclass(frozen=True)
class HostService:
    """Builds the RPC table of one plugin process; the socket it is served on is what identifies the plugin.

    The user is the one of the invocation token that comes with the call.
    """

    registry: Registry
    catalog: Catalog
    connections: ConnectionResolver
    artifacts: ArtifactStore
    permissions: Permissions
    tokens: InvocationTokens
    nested: Nested

    def methods(self, plugin_id: PluginId, instance: RegisteredPlugin) -> Mapping[str, HostMethod]:
        """Return every RPC, bound to the plugin behind `instance`."""
        calls = _PluginCalls(self, plugin_id, instance)
        return {
            "GetConfigItem": calls.get_config_item,
            "ListConfigs": calls.list_configs,
            "GetConnection": calls.get_connection,
            "Log": calls.log,
            "WriteArtifact": calls.write_artifact,
            "ReadArtifact": calls.read_artifact,
            "InvokePlugin": calls.invoke_plugin,
        }

    def route(self, name: str, token: str, find_remote: Callable[[PluginId], RegisteredPlugin | None]) -> HostMethod:
        """Return an RPC for a plugin that calls over the network; its token alone says which one it is.

        Raises: NotSignedIn (no token of ours), Forbidden (of a plugin that does not call this way).
        """
        if not token:
            raise NotSignedIn("plugin invocation token is required")
        plugin_id = PluginId(self.tokens.plugin_of(token))
        plugin = find_remote(plugin_id)
        if plugin is None:
            raise Forbidden("invocation token was made for a plugin that is not registered from elsewhere")
        return self.methods(plugin_id, plugin)[name]


@dataclass(frozen=True)
class _PluginCalls:
    """What one plugin process calls; each method is one RPC on request bytes and invocation token."""

    host: HostService
    plugin_id: PluginId
    instance: RegisteredPlugin

    async def get_config_item(self, request: bytes, token: str) -> bytes:
        """Answer one item, when the user may read it."""
        item_id = codec.decode_item_id(request)
        if not item_id:
            raise InvalidParams("config item id is required")
        acting = self._acting(token)
        return codec.encode_item(to_wire(self._readable_item(acting.subject, item_id)))

    async def list_configs(self, request: bytes, token: str) -> bytes:
        """Answer one page of the items that the user may read."""
        query = detect.decode_item_query(request)
        selector = parse_selector(query.selector)
        asked = query.limit or query.selector.get("limit") or MAX_PAGE
        limit = min(int(asked), MAX_PAGE)
        if limit < 1:
            raise InvalidParams(f"limit must be positive, got {asked}", field="limit")
        is_readable = self.host.permissions.readable_items(self._acting(token).subject)
        page = self.host.catalog.list_page(
            lambda item: selector.matches(item) and is_readable(item), limit, query.cursor
        )
        items = tuple(to_wire(item) for item in page.items)
        return codec.encode_item_page(ItemPage(items=items, next_cursor=page.next_cursor))

    async def get_connection(self, request: bytes, token: str) -> bytes:
        """Answer credentials the plugin declared; those of an item only for a user who may read the item."""
        query = documented.decode_connection_query(request)
        entry = self._entry()
        if query.item_id or token or self.instance.contract is Contract.RELEASED:
            acting = self._acting(token)
            if query.item_id:
                self._readable_item(acting.subject, query.item_id)
        found = await self.host.connections.resolve(entry, query, self.instance.contract)
        return codec.encode_connection(found)

    async def log(self, request: bytes, token: str) -> bytes:
        """Take one log record."""
        entry = codec.decode_log(request)
        level = _LEVELS.get(entry.level.lower(), logging.INFO)
        self.instance.output.record(level, entry.message, {**entry.fields, "plugin_id": self.plugin_id})
        return codec.EMPTY

    async def write_artifact(self, request: bytes, token: str) -> bytes:
        """Keep bytes."""
        return codec.encode_artifact_ref(await self.host.artifacts.write(codec.decode_artifact(request)))

    async def read_artifact(self, request: bytes, token: str) -> bytes:
        """Answer kept bytes."""
        return codec.encode_artifact(await self.host.artifacts.read(codec.decode_artifact_ref(request)))

    async def invoke_plugin(self, request: bytes, token: str) -> bytes:
        """Run another plugin's operation as the same user, one call deeper."""
        plugin, operation, params, item_id, deadline = codec.decode_nested(request)
        timeout_s = (deadline - datetime.now(UTC)).total_seconds() if deadline else None
        acting = self._acting(token)
        if acting.subject.is_plugin:
            raise Forbidden("a plugin calls another one for a user only, and it is not known for which")
        deeper = Acting(acting.subject, acting.depth + 1)
        outcome = await self.host.nested(plugin, operation, params, item_id, timeout_s=timeout_s, acting=deeper)
        return codec.encode_outcome(outcome)

    def _entry(self) -> Entry:
        entry = self.host.registry.find_by_id(self.plugin_id)
        if entry is None:
            raise NotFound(f"plugin {self.plugin_id} is not registered")
        return entry

    def _acting(self, token: str) -> Acting:
        """Return for whom the plugin calls. Raises: NotSignedIn, Forbidden.

        A plugin of the documented contract need not know tokens: its calls are held against what it is working on.
        When that is for nobody or for several users, it acts in its own name, which may nothing unless a policy says.
        """
        if token:
            proof = self.host.tokens.check(token, self.plugin_id)
            return Acting(proof.subject, proof.claims.depth)
        if self.instance.contract is Contract.RELEASED:
            raise NotSignedIn("plugin invocation token is required")
        return self.instance.calls.find_only() or Acting(plugin_subject(self._entry().full_name))

    def _readable_item(self, subject: Subject, item_id: str) -> CatalogItem:
        item = self.host.catalog.get(item_id)
        if not self.host.permissions.can_read_item(subject, item):
            raise Forbidden(f"not allowed to read config {item.id}")
        return item
