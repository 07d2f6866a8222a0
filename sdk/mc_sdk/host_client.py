"""The way back to the host: one method per HostService RPC, errors with the host's own text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mc_wire import codec, documented, released
from mc_wire.errors import OperationError, decode_error, from_grpc
from mc_wire.handshake import TOKEN_METADATA
from mc_wire.model import (
    JSON,
    Artifact,
    ArtifactRef,
    Connection,
    ConnectionQuery,
    Contract,
    Item,
    ItemPage,
    ItemQuery,
    LogEntry,
)
from mc_wire.paths import HOST_SERVICE, method
from mc_wire.trace_context import CURRENT


class HostTransport(Protocol):
    """Carries one unary HostService call: a gRPC channel, or a fake in tests."""

    contract: Contract

    async def call(self, name: str, request: bytes, metadata: tuple[tuple[str, str], ...]) -> bytes:
        """Return the response bytes of method `name`. Raises: OperationError."""
        ...


class GrpcTransport:
    """HostService over a gRPC channel."""

    def __init__(self, channel: Any, contract: Contract) -> None:
        self.channel = channel
        self.contract = contract

    async def call(self, name: str, request: bytes, metadata: tuple[tuple[str, str], ...]) -> bytes:
        """Return the response bytes of method `name`. Raises: OperationError with the host's text."""
        import grpc

        try:
            response = await self.channel.unary_unary(method(HOST_SERVICE, name))(request, metadata=metadata)
        except grpc.aio.AioRpcError as exc:
            raise from_grpc(exc.code().name, exc.details() or exc.code().name) from exc
        return bytes(response)


class NoTransport:
    """Stands where a host offered no back-channel."""

    contract = Contract.DOCUMENTED

    async def call(self, name: str, request: bytes, metadata: tuple[tuple[str, str], ...]) -> bytes:
        """Raises: OperationError."""
        raise OperationError(f"the host offered no back-channel, so {name} cannot be asked", method=name)


class HostClient:
    """What a plugin may ask its host, on behalf of the user whose invocation token it carries."""

    def __init__(self, transport: HostTransport, token: str = "") -> None:
        self._transport = transport
        self._metadata: tuple[tuple[str, str], ...] = ((TOKEN_METADATA, token),) if token else ()

    async def _call(self, name: str, request: bytes) -> bytes:
        return await self._transport.call(name, request, self._metadata + CURRENT.get().items())

    async def get_config_item(self, item_id: str) -> Item:
        """Return the catalog item. Raises: NotFound, Forbidden."""
        return codec.decode_item(await self._call("GetConfigItem", codec.encode_item_id(item_id)))

    async def list_configs(self, selector: Mapping[str, JSON], *, limit: int = 0, cursor: str = "") -> ItemPage:
        """Return the items that `selector` admits (keys: types, namespace, labelSelector, …), a page at a time."""
        query = ItemQuery(selector=dict(selector), limit=limit, cursor=cursor)
        layout = released if self._transport.contract is Contract.RELEASED else documented
        return codec.decode_item_page(await self._call("ListConfigs", layout.encode_item_query(query)))

    async def get_connection(
        self, type: str = "", *, config_item_id: str = "", label: str = "", connection_id: str = ""
    ) -> Connection:
        """Return credentials by the most specific of the given lookups. Raises: what the host answers."""
        query = ConnectionQuery(type=type, item_id=config_item_id, label=label, connection_id=connection_id)
        layout = released if self._transport.contract is Contract.RELEASED else documented
        return codec.decode_connection(await self._call("GetConnection", layout.encode_connection_query(query)))

    async def log(self, level: str, message: str, fields: Mapping[str, str] | None = None) -> None:
        """Write one record to the host's log; `level` is debug, info, warn or error."""
        await self._call("Log", codec.encode_log(LogEntry(level=level, message=message, fields=dict(fields or {}))))

    async def write_artifact(self, artifact: Artifact) -> ArtifactRef:
        """Hand bytes to the host to keep (at most 64 MiB); return where they are."""
        return codec.decode_artifact_ref(await self._call("WriteArtifact", codec.encode_artifact(artifact)))

    async def read_artifact(self, ref: ArtifactRef) -> Artifact:
        """Return kept bytes. Raises: NotFound."""
        return codec.decode_artifact(await self._call("ReadArtifact", codec.encode_artifact_ref(ref)))

    async def invoke_plugin(self, plugin: str, operation: str, params: bytes = b"{}", *, item_id: str = "") -> bytes:
        """Invoke another plugin's operation as the same user; return its result bytes. Raises: its error."""
        request = codec.encode_nested(plugin, operation, params, item_id, None)
        outcome = codec.decode_outcome(await self._call("InvokePlugin", request))
        if outcome.error_code or outcome.error_message:
            raise decode_error(outcome.error_code, outcome.error_message, outcome.result)
        return outcome.result
