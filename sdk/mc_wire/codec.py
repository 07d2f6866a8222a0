"""Structs to bytes and back for every message whose layout the two contracts share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from mc_wire._pb import documented_pb2 as pb  # before google.protobuf: see there

# isort: split
from google.protobuf.message import DecodeError, Message
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from mc_wire.errors import InvalidParams
from mc_wire.model import (
    JSON,
    Artifact,
    ArtifactRef,
    Connection,
    Health,
    Item,
    ItemPage,
    LogEntry,
    Manifest,
    Operation,
    Outcome,
    Registration,
    Role,
    Tab,
)

M = TypeVar("M", bound=Message)


def parse(kind: type[M], data: bytes) -> M:
    """Return the message of `kind` in `data`. Raises: InvalidParams when the bytes are not one."""
    message = kind()
    try:
        message.ParseFromString(data)
    except DecodeError as exc:
        raise InvalidParams(f"not a valid {kind.DESCRIPTOR.name}: {exc}") from exc
    return message


# --- well-known types -------------------------------------------------------------------------------------------------


def to_struct(value: dict[str, JSON]) -> Struct:
    """Return `value` as a google.protobuf.Struct."""
    struct = Struct()
    for key, entry in value.items():
        _set_value(struct.fields[key], entry)
    return struct


def _set_value(target: Value, value: JSON) -> None:
    match value:
        case None:
            target.null_value = 0  # type: ignore[assignment]  # the stub wants the enum's alias, the runtime its number
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = value
        case str():
            target.string_value = value
        case dict():
            target.struct_value.SetInParent()
            for key, entry in value.items():
                _set_value(target.struct_value.fields[str(key)], entry)
        case list() | tuple():
            target.list_value.SetInParent()
            for entry in value:
                _set_value(target.list_value.values.add(), entry)
        case _:
            target.string_value = str(value)  # dates and ids of YAML files


def is_struct(data: bytes) -> bool:
    """Do these bytes decode as a google.protobuf.Struct?"""
    try:
        Struct().ParseFromString(data)
    except DecodeError:
        return False
    return True


def from_struct(struct: Struct) -> dict[str, JSON]:
    """Return the plain dict of a Struct; numbers without a fraction become int."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: Value) -> JSON:
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        number = value.number_value
        return int(number) if math.isfinite(number) and number.is_integer() else number
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return _from_list(value.list_value)
    return getattr(value, kind) if kind and kind != "null_value" else None


def _from_list(values: ListValue) -> list[JSON]:
    return [_from_value(value) for value in values.values]


def to_timestamp(at: datetime | None) -> Timestamp | None:
    """Return the Timestamp of an aware datetime."""
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at.astimezone(UTC))
    return stamp


def from_timestamp(message: Any, field: str) -> datetime | None:
    """Return a Timestamp field as an aware datetime; absent and epoch zero (a misread caller) both mean none."""
    if not message.HasField(field):
        return None
    stamp: Timestamp = getattr(message, field)
    if stamp.seconds == 0 and stamp.nanos == 0:
        return None
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as exc:
        raise InvalidParams(f"{field} is not a time: {stamp.seconds} s") from exc


# --- parts of the manifest --------------------------------------------------------------------------------------------


def operation_to_pb(operation: Operation) -> pb.OperationDef:
    """Return the OperationDef, the same in both contracts."""
    return pb.OperationDef(
        name=operation.name,
        description=operation.description,
        params_schema=to_struct(operation.params_schema) if operation.params_schema is not None else None,
        result_mime=operation.result_mime,
        scope=operation.scope,
        destructive=operation.is_destructive,
        required_permissions=operation.required_permissions,
        http=[pb.HTTPBinding(method=method) for method in operation.http_methods],
    )


def operation_from_pb(message: pb.OperationDef) -> Operation:
    """Return the neutral operation of an OperationDef."""
    return Operation(
        name=message.name,
        description=message.description,
        params_schema=from_struct(message.params_schema) if message.HasField("params_schema") else None,
        result_mime=message.result_mime,
        scope=message.scope,
        is_destructive=message.destructive,
        required_permissions=tuple(message.required_permissions),
        http_methods=tuple(binding.method.upper() for binding in message.http),
    )


def manifest_fields(manifest: Manifest) -> dict[str, Any]:
    """Return the fields of a PluginManifest: the two contracts number them differently, but call them the same."""
    return {
        "name": manifest.name,
        "version": manifest.version,
        "description": manifest.description,
        "protocol_version": manifest.protocol_version,
        "capabilities": manifest.capabilities,
        "tabs": [pb.TabSpec(name=tab.name, icon=tab.icon, path=tab.path, scope=tab.scope) for tab in manifest.tabs],
        "operations": [operation_to_pb(operation) for operation in manifest.operations],
        "ui_port": manifest.ui_port,
        "roles": [pb.PluginRole(name=role.name, description=role.description) for role in manifest.roles],
    }


def manifest_from_pb(message: Any) -> Manifest:
    """Return the neutral manifest of a PluginManifest of either contract."""
    return Manifest(
        name=message.name,
        version=message.version,
        description=message.description,
        protocol_version=message.protocol_version,
        capabilities=tuple(message.capabilities),
        tabs=tuple(Tab(name=tab.name, icon=tab.icon, path=tab.path, scope=tab.scope) for tab in message.tabs),
        operations=tuple(operation_from_pb(operation) for operation in message.operations),
        ui_port=message.ui_port,
        roles=tuple(Role(name=role.name, description=role.description) for role in message.roles),
    )


# --- PluginService ----------------------------------------------------------------------------------------------------

EMPTY = b""
"""The Empty message."""


def encode_registration(registration: Registration) -> bytes:
    """Return RegisterRequest bytes; fields 5 to 7 only when an address is offered."""
    return pb.RegisterRequest(
        host_protocol_version=registration.host_protocol_version,
        host_version=registration.host_version,
        host_broker_id=registration.broker_id,
        env=registration.env,
        host_grpc_address=registration.grpc_address,
        host_grpc_tls=registration.grpc_tls,
        host_grpc_ca_cert=registration.grpc_ca_cert,
    ).SerializeToString()


def decode_registration(data: bytes) -> Registration:
    """Return the registration in RegisterRequest bytes."""
    message = parse(pb.RegisterRequest, data)
    return Registration(
        host_protocol_version=message.host_protocol_version,
        host_version=message.host_version,
        broker_id=message.host_broker_id,
        env=dict(message.env),
        grpc_address=message.host_grpc_address,
        grpc_tls=message.host_grpc_tls,
        grpc_ca_cert=message.host_grpc_ca_cert,
    )


def encode_settings(settings: dict[str, JSON]) -> bytes:
    """Return ConfigureRequest bytes."""
    return pb.ConfigureRequest(settings=to_struct(settings)).SerializeToString()


def decode_settings(data: bytes) -> dict[str, JSON]:
    """Return the settings of ConfigureRequest bytes; absent means empty."""
    return from_struct(parse(pb.ConfigureRequest, data).settings)


def encode_warnings(warnings: Iterable[str]) -> bytes:
    """Return ConfigureResponse bytes."""
    return pb.ConfigureResponse(warnings=list(warnings)).SerializeToString()


def decode_warnings(data: bytes) -> tuple[str, ...]:
    """Return the warnings of ConfigureResponse bytes."""
    return tuple(parse(pb.ConfigureResponse, data).warnings)


def encode_operations(operations: Iterable[Operation]) -> bytes:
    """Return OperationList bytes."""
    return pb.OperationList(operations=[operation_to_pb(one) for one in operations]).SerializeToString()


def decode_operations(data: bytes) -> tuple[Operation, ...]:
    """Return the operations of OperationList bytes."""
    return tuple(operation_from_pb(one) for one in parse(pb.OperationList, data).operations)


def encode_health(health: Health) -> bytes:
    """Return HealthStatus bytes."""
    return pb.HealthStatus(ok=health.ok, message=health.message).SerializeToString()


def decode_health(data: bytes) -> Health:
    """Return the health in HealthStatus bytes."""
    message = parse(pb.HealthStatus, data)
    return Health(ok=message.ok, message=message.message)


def encode_outcome(outcome: Outcome) -> bytes:
    """Return InvokeResponse bytes."""
    return pb.InvokeResponse(
        result=outcome.result,
        mime=outcome.mime,
        error_message=outcome.error_message,
        error_code=outcome.error_code,
        logs=[_log_to_pb(entry) for entry in outcome.logs],
    ).SerializeToString()


def decode_outcome(data: bytes) -> Outcome:
    """Return the outcome in InvokeResponse bytes."""
    message = parse(pb.InvokeResponse, data)
    return Outcome(
        result=message.result,
        mime=message.mime,
        error_message=message.error_message,
        error_code=message.error_code,
        logs=tuple(_log_from_pb(entry) for entry in message.logs),
    )


# --- HostService ------------------------------------------------------------------------------------------------------


def _log_to_pb(entry: LogEntry) -> pb.LogEntry:
    return pb.LogEntry(level=entry.level, message=entry.message, fields=entry.fields, ts=to_timestamp(entry.at))


def _log_from_pb(message: pb.LogEntry) -> LogEntry:
    return LogEntry(
        level=message.level, message=message.message, fields=dict(message.fields), at=from_timestamp(message, "ts")
    )


def encode_log(entry: LogEntry) -> bytes:
    """Return LogEntry bytes."""
    return _log_to_pb(entry).SerializeToString()


def decode_log(data: bytes) -> LogEntry:
    """Return the record in LogEntry bytes."""
    return _log_from_pb(parse(pb.LogEntry, data))


def encode_item_id(item_id: str) -> bytes:
    """Return GetConfigItemRequest bytes."""
    return pb.GetConfigItemRequest(id=item_id).SerializeToString()


def decode_item_id(data: bytes) -> str:
    """Return the id of GetConfigItemRequest bytes."""
    return parse(pb.GetConfigItemRequest, data).id


def _item_to_pb(item: Item) -> pb.ConfigItem:
    return pb.ConfigItem(
        id=item.id,
        name=item.name,
        type=item.type,
        namespace=item.namespace,
        agent_id=item.agent_id,
        properties=to_struct(item.properties),
        config=to_struct(item.config) if item.config is not None else None,
        labels=item.labels,
        tags=item.tags,
        health=item.health,
        status=item.status,
    )


def _item_from_pb(message: pb.ConfigItem) -> Item:
    return Item(
        id=message.id,
        name=message.name,
        type=message.type,
        namespace=message.namespace,
        agent_id=message.agent_id,
        properties=from_struct(message.properties),
        config=from_struct(message.config) if message.HasField("config") else None,
        labels=dict(message.labels),
        tags=dict(message.tags),
        health=message.health,
        status=message.status,
    )


def encode_item(item: Item) -> bytes:
    """Return ConfigItem bytes."""
    return _item_to_pb(item).SerializeToString()


def decode_item(data: bytes) -> Item:
    """Return the item in ConfigItem bytes."""
    return _item_from_pb(parse(pb.ConfigItem, data))


def encode_item_page(page: ItemPage) -> bytes:
    """Return ConfigItemList bytes."""
    items = [_item_to_pb(item) for item in page.items]
    return pb.ConfigItemList(items=items, next_cursor=page.next_cursor).SerializeToString()


def decode_item_page(data: bytes) -> ItemPage:
    """Return the page in ConfigItemList bytes."""
    message = parse(pb.ConfigItemList, data)
    return ItemPage(items=tuple(_item_from_pb(item) for item in message.items), next_cursor=message.next_cursor)


def encode_connection(connection: Connection) -> bytes:
    """Return ResolvedConnection bytes."""
    return pb.ResolvedConnection(
        type=connection.type,
        url=connection.url,
        username=connection.username,
        password=connection.password,
        certificate=connection.certificate,
        token=connection.token,
        properties=to_struct(connection.properties),
        expires_at=to_timestamp(connection.expires_at),
    ).SerializeToString()


def decode_connection(data: bytes) -> Connection:
    """Return the connection in ResolvedConnection bytes."""
    message = parse(pb.ResolvedConnection, data)
    return Connection(
        type=message.type,
        url=message.url,
        username=message.username,
        password=message.password,
        certificate=message.certificate,
        token=message.token,
        properties=from_struct(message.properties),
        expires_at=from_timestamp(message, "expires_at"),
    )


def encode_artifact(artifact: Artifact) -> bytes:
    """Return Artifact bytes."""
    return pb.Artifact(
        name=artifact.name, content_type=artifact.content_type, data=artifact.data, metadata=artifact.metadata
    ).SerializeToString()


def decode_artifact(data: bytes) -> Artifact:
    """Return the artifact in Artifact bytes."""
    message = parse(pb.Artifact, data)
    return Artifact(
        name=message.name,
        content_type=message.content_type,
        data=message.data,
        metadata=dict(message.metadata),
    )


def encode_artifact_ref(ref: ArtifactRef) -> bytes:
    """Return ArtifactRef bytes."""
    return pb.ArtifactRef(id=ref.id, url=ref.url).SerializeToString()


def decode_artifact_ref(data: bytes) -> ArtifactRef:
    """Return the reference in ArtifactRef bytes."""
    message = parse(pb.ArtifactRef, data)
    return ArtifactRef(id=message.id, url=message.url)


def encode_nested(plugin: str, operation: str, params: bytes, item_id: str, deadline: datetime | None) -> bytes:
    """Return InvokePluginRequest bytes."""
    return pb.InvokePluginRequest(
        plugin=plugin,
        operation=operation,
        params_json=params,
        config_item_id=item_id,
        deadline=to_timestamp(deadline),
    ).SerializeToString()


def decode_nested(data: bytes) -> tuple[str, str, bytes, str, datetime | None]:
    """Return plugin, operation, params, item id and deadline of InvokePluginRequest bytes."""
    message = parse(pb.InvokePluginRequest, data)
    deadline = from_timestamp(message, "deadline")
    return message.plugin, message.operation, message.params_json, message.config_item_id, deadline
