"""Structs to bytes and back where the released contract has a layout of its own."""

from __future__ import annotations

from typing import Any

from mc_wire._pb import released_pb2 as pb
from mc_wire.codec import from_timestamp, manifest_fields, manifest_from_pb, parse, to_timestamp
from mc_wire.errors import InvalidParams
from mc_wire.model import JSON, ConnectionQuery, Invocation, ItemQuery, Manifest

# JSON key of a selector -> field of ResourceSelector.
_SELECTOR_FIELDS = {
    "agent": "agent",
    "scope": "scope",
    "cache": "cache",
    "search": "search",
    "limit": "limit",
    "includeDeleted": "include_deleted",
    "id": "id",
    "name": "name",
    "namespace": "namespace",
    "tagSelector": "tag_selector",
    "labelSelector": "label_selector",
    "fieldSelector": "field_selector",
    "health": "health",
    "types": "types",
    "statuses": "statuses",
}


def encode_manifest(manifest: Manifest) -> bytes:
    """Return PluginManifest bytes: operations 6, ui_port 7, tabs 8."""
    return pb.PluginManifest(**manifest_fields(manifest)).SerializeToString()


def decode_manifest(data: bytes) -> Manifest:
    """Return the manifest in PluginManifest bytes."""
    return manifest_from_pb(parse(pb.PluginManifest, data))


def encode_invocation(invocation: Invocation) -> bytes:
    """Return InvokeRequest bytes: deadline 4, and no caller, which a released plugin would read as 1970."""
    return pb.InvokeRequest(
        operation=invocation.operation,
        params_json=invocation.params,
        config_item_id=invocation.item_id,
        deadline=to_timestamp(invocation.deadline),
    ).SerializeToString()


def decode_invocation(data: bytes) -> Invocation:
    """Return the invocation in InvokeRequest bytes."""
    message = parse(pb.InvokeRequest, data)
    return Invocation(
        operation=message.operation,
        params=message.params_json,
        item_id=message.config_item_id,
        deadline=from_timestamp(message, "deadline"),
    )


def encode_item_query(query: ItemQuery) -> bytes:
    """Return ListConfigsRequest bytes with a typed selector. Raises: InvalidParams for an unknown selector key."""
    fields: dict[str, Any] = {}
    for key, value in query.selector.items():
        if key not in _SELECTOR_FIELDS:
            raise InvalidParams(f"unknown selector key {key!r}", field=key)
        fields[_SELECTOR_FIELDS[key]] = value
    selector = pb.ResourceSelector(**fields) if fields else None
    return pb.ListConfigsRequest(selector=selector, limit=query.limit, cursor=query.cursor).SerializeToString()


def decode_item_query(data: bytes) -> ItemQuery:
    """Return the query in ListConfigsRequest bytes; selector keys that are not set are left out."""
    message = parse(pb.ListConfigsRequest, data)
    selector: dict[str, JSON] = {}
    for key, field in _SELECTOR_FIELDS.items():
        value = getattr(message.selector, field)
        if value:
            selector[key] = list(value) if key in ("types", "statuses") else value
    return ItemQuery(selector=selector, limit=message.limit, cursor=message.cursor)


def encode_connection_query(query: ConnectionQuery) -> bytes:
    """Return GetConnectionRequest bytes with the one lookup that is most specific: this contract has a oneof."""
    for field, value in (
        ("connection_id", query.connection_id),
        ("label", query.label),
        ("config_item_id", query.item_id),
        ("type", query.type),
    ):
        if value:
            lookup: dict[str, Any] = {field: value}
            return pb.GetConnectionRequest(**lookup).SerializeToString()
    return b""
