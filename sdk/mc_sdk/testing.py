"""The author's test kit: a plugin in this process, and a host that answers from plain values."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec

from mc_sdk.params import encode_result
from mc_sdk.plugin import Plugin
from mc_sdk.runtime import Call, Runtime, arguments_of
from mc_wire import codec, documented
from mc_wire.errors import InvalidParams, NotFound, decode_error
from mc_wire.model import JSON, Artifact, ArtifactRef, Caller, Connection, Contract, Item, ItemPage, LogEntry


class FakeHost:
    """A HostService that answers from dicts; override a method to make it answer otherwise.

    `connections` is keyed by item id, connection id, label or type: whichever the plugin asks by.
    """

    contract = Contract.DOCUMENTED

    def __init__(
        self, items: Mapping[str, Item] | None = None, connections: Mapping[str, Connection] | None = None
    ) -> None:
        self.items = dict(items or {})
        self.connections = dict(connections or {})
        self.artifacts: dict[str, Artifact] = {}
        self.logs: list[LogEntry] = []
        self.calls: list[str] = []

    async def call(self, name: str, request: bytes, metadata: tuple[tuple[str, str], ...]) -> bytes:
        """Answer one HostService call on bytes, as a real host does."""
        self.calls.append(name)
        match name:
            case "GetConfigItem":
                return codec.encode_item(await self.get_config_item(codec.decode_item_id(request)))
            case "ListConfigs":
                return codec.encode_item_page(ItemPage(items=tuple(self.items.values())))
            case "GetConnection":
                query = documented.decode_connection_query(request)
                keys = [query.connection_id, query.item_id, query.label, query.type]
                return codec.encode_connection(await self.get_connection([key for key in keys if key]))
            case "Log":
                self.logs.append(codec.decode_log(request))
                return codec.EMPTY
            case "WriteArtifact":
                ref = ArtifactRef(id=str(uuid.uuid4()))
                self.artifacts[ref.id] = codec.decode_artifact(request)
                return codec.encode_artifact_ref(ref)
            case "ReadArtifact":
                return codec.encode_artifact(self.artifacts[codec.decode_artifact_ref(request).id])
        raise NotFound(f"the fake host has no {name}")

    async def get_config_item(self, item_id: str) -> Item:
        """Return the item. Raises: NotFound."""
        if item_id not in self.items:
            raise NotFound(f"config item {item_id} not found")
        return self.items[item_id]

    async def get_connection(self, keys: list[str]) -> Connection:
        """Return the connection of the first key that has one. Raises: InvalidParams, NotFound."""
        if not keys:
            raise InvalidParams("connection lookup is required")
        for key in keys:
            if key in self.connections:
                return self.connections[key]
        raise NotFound(f"no connection for {keys[0]}")


class PluginHarness:
    """Runs a plugin's operations in this process, without sockets, exactly as the gRPC service runs them."""

    def __init__(self, plugin: Plugin[Any], *, host: FakeHost | None = None, settings: Any = None) -> None:
        self.plugin = plugin
        self.host = host or FakeHost()
        self.runtime = Runtime(plugin, settings if settings is not None else plugin.settings_type())
        self.runtime.transport = self.host

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.runtime.aclose()

    def _call(self, operation: str, item_id: str, roles: tuple[str, ...], user: str, timeout_s: float | None) -> Call:
        return Call(
            operation=operation,
            item_id=item_id,
            caller=Caller(user_id=user),
            roles=frozenset(roles),
            deadline=None if timeout_s is None else time.monotonic() + timeout_s,
        )

    async def invoke(
        self,
        operation: str,
        params: Mapping[str, JSON] | None = None,
        *,
        item_id: str = "",
        roles: tuple[str, ...] = (),
        user: str = "tester",
        timeout_s: float | None = 60.0,
    ) -> Any:
        """Return the decoded result of one invocation. Raises: the OperationError it ends in."""
        call = self._call(operation, item_id, roles, user, timeout_s)
        outcome = await self.runtime.invoke(call, msgspec.json.encode(dict(params or {})))
        if outcome.error_code:
            raise decode_error(outcome.error_code, outcome.error_message, outcome.result)
        return msgspec.json.decode(outcome.result)

    async def stream(
        self,
        operation: str,
        params: Mapping[str, JSON] | None = None,
        *,
        item_id: str = "",
        roles: tuple[str, ...] = (),
        user: str = "tester",
    ) -> AsyncIterator[Any]:
        """Yield the decoded lines of a streaming operation. Raises: the OperationError it ends in."""
        handler = self.runtime.handler(operation)
        ctx = await self.runtime.context(self._call(operation, item_id, roles, user, None))
        lines = handler.function(ctx, *arguments_of(handler, msgspec.json.encode(dict(params or {}))))
        try:
            async for value in lines:
                for line in value.splitlines() if isinstance(value, bytes) else [encode_result(value)]:
                    yield msgspec.json.decode(line)
        finally:
            await lines.aclose()
