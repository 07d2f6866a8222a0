"""Structs to bytes and back where the documented contract has a layout of its own."""

from __future__ import annotations

import msgspec

from mc_wire._pb import documented_pb2 as pb
from mc_wire.codec import from_timestamp, manifest_fields, manifest_from_pb, parse, to_timestamp
from mc_wire.errors import InvalidParams
from mc_wire.model import Caller, ConnectionQuery, Invocation, ItemQuery, Manifest


def encode_manifest(manifest: Manifest) -> bytes:
    """Return PluginManifest bytes: tabs 6, operations 7, ui_port 8."""
    return pb.PluginManifest(**manifest_fields(manifest)).SerializeToString()


def decode_manifest(data: bytes) -> Manifest:
    """Return the manifest in PluginManifest bytes."""
    return manifest_from_pb(parse(pb.PluginManifest, data))


def encode_invocation(invocation: Invocation) -> bytes:
    """Return InvokeRequest bytes: caller 4, deadline 5."""
    caller = invocation.caller
    return pb.InvokeRequest(
        operation=invocation.operation,
        params_json=invocation.params,
        config_item_id=invocation.item_id,
        caller=pb.CallerContext(
            user_id=caller.user_id,
            user_email=caller.user_email,
            permissions=caller.permissions,
            trace_id=caller.trace_id,
            request_id=caller.request_id,
        )
        if caller
        else None,
        deadline=to_timestamp(invocation.deadline),
    ).SerializeToString()


def decode_invocation(data: bytes) -> Invocation:
    """Return the invocation in InvokeRequest bytes."""
    message = parse(pb.InvokeRequest, data)
    caller = message.caller
    return Invocation(
        operation=message.operation,
        params=message.params_json,
        item_id=message.config_item_id,
        caller=Caller(
            user_id=caller.user_id,
            user_email=caller.user_email,
            permissions=tuple(caller.permissions),
            trace_id=caller.trace_id,
            request_id=caller.request_id,
        )
        if message.HasField("caller")
        else None,
        deadline=from_timestamp(message, "deadline"),
    )


def encode_item_query(query: ItemQuery) -> bytes:
    """Return ListConfigsRequest bytes with the selector as JSON text."""
    selector = msgspec.json.encode(query.selector).decode() if query.selector else ""
    return pb.ListConfigsRequest(selector_json=selector, limit=query.limit, cursor=query.cursor).SerializeToString()


def decode_item_query(data: bytes) -> ItemQuery:
    """Return the query in ListConfigsRequest bytes."""
    message = parse(pb.ListConfigsRequest, data)
    try:
        selector = msgspec.json.decode(message.selector_json or "{}", type=dict)
    except msgspec.MsgspecError as exc:
        raise InvalidParams(f"selector is not a JSON object: {exc}") from exc
    return ItemQuery(selector=selector, limit=message.limit, cursor=message.cursor)


def encode_connection_query(query: ConnectionQuery) -> bytes:
    """Return GetConnectionRequest bytes; fields are independent of each other."""
    return pb.GetConnectionRequest(
        type=query.type, config_item_id=query.item_id, label=query.label, connection_id=query.connection_id
    ).SerializeToString()


def decode_connection_query(data: bytes) -> ConnectionQuery:
    """Return the query in GetConnectionRequest bytes, decoded without the released contract's oneof."""
    message = parse(pb.GetConnectionRequest, data)
    return ConnectionQuery(
        type=message.type,
        item_id=message.config_item_id,
        label=message.label,
        connection_id=message.connection_id,
    )
