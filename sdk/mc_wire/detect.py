"""Which contract are these bytes? Decided on the raw fields, before any message is decoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from mc_wire import documented, released
from mc_wire.codec import is_struct
from mc_wire.errors import InvalidParams
from mc_wire.handshake import CONTRACT_KEY
from mc_wire.model import Contract, Invocation, ItemQuery, Manifest, Registration

VARINT, FIXED64, LEN, FIXED32 = 0, 1, 2, 5
_OPERATION_ONLY_FIELDS = range(5, 9)


def scan_fields(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (field number, wire type, payload) of a message's top level; a varint's payload is its raw bytes.

    Raises: InvalidParams when the bytes are not a protobuf message.
    """
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        start = at
        if wire == VARINT:
            _, at = _varint(data, at)
        elif wire in (FIXED64, FIXED32):
            at += 8 if wire == FIXED64 else 4
        elif wire == LEN:
            length, at = _varint(data, at)
            start, at = at, at + length
        else:
            raise InvalidParams(f"not a protobuf message: wire type {wire} at byte {start}")
        if at > end or number == 0:
            raise InvalidParams(f"not a protobuf message: field {number} runs past the end")
        yield number, wire, data[start:at]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise InvalidParams("not a protobuf message: unfinished varint")


def manifest_contract(data: bytes, setting: Contract | None = None) -> Contract | None:
    """Return the contract of PluginManifest bytes; None means: only ListOperations can tell.

    `setting` is an explicit choice by the operator; it decides when the evidence is contradictory.
    """
    seen = list(scan_fields(data))
    kinds = {(number, wire) for number, wire, _ in seen}
    is_documented = (8, VARINT) in kinds or (7, LEN) in kinds
    is_released = (7, VARINT) in kinds or (8, LEN) in kinds
    if is_documented and is_released:
        return setting or Contract.RELEASED
    if is_documented:
        return Contract.DOCUMENTED
    if is_released:
        return Contract.RELEASED
    entries = [payload for number, wire, payload in seen if number == 6 and wire == LEN]
    if not entries:
        return Contract.DOCUMENTED
    for entry in entries:
        found = _entry_contract(entry)
        if found:
            return found
    return setting


def _entry_contract(entry: bytes) -> Contract | None:
    """Is this entry of field 6 a tab (documented) or an operation (released)?"""
    try:
        fields = list(scan_fields(entry))
    except InvalidParams:
        return None
    if any(number in _OPERATION_ONLY_FIELDS for number, _, _ in fields):
        return Contract.RELEASED
    third = next((payload for number, wire, payload in fields if number == 3 and wire == LEN), None)
    if third is None:
        return None
    if third.startswith(b"/"):
        return Contract.DOCUMENTED
    return Contract.RELEASED if is_struct(third) else Contract.DOCUMENTED


def decode_manifest(data: bytes, contract: Contract) -> Manifest:
    """Return the manifest in the layout of `contract`."""
    return documented.decode_manifest(data) if contract is Contract.DOCUMENTED else released.decode_manifest(data)


def field_six_names(data: bytes) -> set[str]:
    """Return the names of field 6's entries, for the tie-break against ListOperations."""
    names = set()
    for number, wire, payload in scan_fields(data):
        if number == 6 and wire == LEN:
            first = next((value for n, w, value in scan_fields(payload) if n == 1 and w == LEN), b"")
            names.add(first.decode("utf-8", "replace"))
    return names


def invocation_contract(data: bytes) -> Contract:
    """Return the contract of InvokeRequest bytes: field 4 is a caller (documented) or a deadline (released)."""
    fields = list(scan_fields(data))
    if any(number == 5 for number, _, _ in fields):
        return Contract.DOCUMENTED
    fourth = next((payload for number, wire, payload in fields if number == 4 and wire == LEN), None)
    if not fourth:
        return Contract.DOCUMENTED  # no caller, no deadline: both read it alike
    number, wire, _ = next(scan_fields(fourth))
    return Contract.RELEASED if (number in (1, 2) and wire == VARINT) else Contract.DOCUMENTED


def decode_invocation(data: bytes) -> Invocation:
    """Return the invocation, in whichever layout it came."""
    if invocation_contract(data) is Contract.DOCUMENTED:
        return documented.decode_invocation(data)
    return released.decode_invocation(data)


def decode_item_query(data: bytes) -> ItemQuery:
    """Return the query of ListConfigsRequest bytes: field 1 is JSON text (documented) or a message (released)."""
    first = next((payload for number, wire, payload in scan_fields(data) if number == 1 and wire == LEN), b"")
    if not first or _is_json_object(first):
        return documented.decode_item_query(data)
    return released.decode_item_query(data)


def _is_json_object(data: bytes) -> bool:
    if not data.lstrip(b" \t\r\n").startswith(b"{"):
        return False
    try:
        return isinstance(msgspec.json.decode(data), dict)
    except msgspec.DecodeError:
        return False


def plugin_contract(registration: Registration, peer_agent: str, setting: Contract | None) -> Contract:
    """Return the layout in which a plugin answers RegisterPlugin: the first signal that speaks decides."""
    if setting:
        return setting
    named = _named_contract(registration.env)
    if named:
        return named
    if registration.grpc_address or registration.grpc_tls or registration.grpc_ca_cert:
        return Contract.RELEASED
    return Contract.RELEASED if peer_agent.startswith("grpc-go/") else Contract.DOCUMENTED


def _named_contract(env: Mapping[str, str]) -> Contract | None:
    value = env.get(CONTRACT_KEY, "")
    return Contract(value) if value in list(Contract) else None
