"""The neutral structs of the wire: what host and SDK mean, whichever contract carries it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

JSON = Any
"""A value of JSON: null, bool, number, string, list, object."""

CLICKY_MIME = "application/clicky+json"
JSON_MIME = "application/json"


class Contract(StrEnum):
    """Which of the two layouts of the plugin protocol a peer speaks."""

    DOCUMENTED = "documented"
    RELEASED = "released"


class Struct(msgspec.Struct, kw_only=True, rename="camel"):
    """Base of every struct that crosses JSON: snake case in Python, camel case in JSON, unknown keys ignored."""


class WireStruct(msgspec.Struct, kw_only=True):
    """Base of the structs that mirror a protobuf message."""


class Tab(WireStruct):
    """A page that a plugin adds to catalog items."""

    name: str
    icon: str = ""
    """`lucide:<name>` or a name of the host's icon set."""
    path: str = "/"
    scope: str = "config"


class Role(WireStruct):
    """A permission level that a plugin knows and the host may grant per item."""

    name: str
    description: str = ""


class Operation(WireStruct):
    """What a caller needs to know to invoke one operation."""

    name: str
    description: str = ""
    params_schema: dict[str, JSON] | None = None
    """JSON Schema of the params object; `x-stream: true` marks a streaming operation."""
    result_mime: str = CLICKY_MIME
    scope: str = "config"
    """`config` (needs a catalog item) or `global`."""
    is_destructive: bool = False
    required_permissions: tuple[str, ...] = ()
    http_methods: tuple[str, ...] = ()
    """Methods under which the plugin's HTTP server also serves it."""


class Manifest(WireStruct):
    """What a plugin says of itself when it registers."""

    name: str
    version: str
    description: str = ""
    protocol_version: int = 0
    capabilities: tuple[str, ...] = ()
    tabs: tuple[Tab, ...] = ()
    operations: tuple[Operation, ...] = ()
    ui_port: int = 0
    roles: tuple[Role, ...] = ()


class Registration(WireStruct):
    """What a host says of itself when it registers a plugin."""

    host_protocol_version: int = 1
    host_version: str = ""
    broker_id: int = 0
    """0: the host offers no back-channel through the broker."""
    env: dict[str, str] = {}
    grpc_address: str = ""
    grpc_tls: bool = False
    grpc_ca_cert: str = ""


class Caller(WireStruct):
    """The user on whose behalf an operation runs; only the documented contract carries it."""

    user_id: str = ""
    user_email: str = ""
    permissions: tuple[str, ...] = ()
    trace_id: str = ""
    request_id: str = ""


class Invocation(WireStruct):
    """One call of an operation."""

    operation: str
    params: bytes = b""
    """JSON object; empty means all defaults."""
    item_id: str = ""
    """Catalog item; empty for global operations."""
    caller: Caller | None = None
    deadline: datetime | None = None


class LogEntry(WireStruct):
    """One log record on the wire."""

    level: str
    message: str
    fields: dict[str, str] = {}
    at: datetime | None = None


class Outcome(WireStruct):
    """Answer to an invocation: a result with its MIME type, or an error code and message (never both)."""

    result: bytes = b""
    """The result; on failure the JSON error body, or nothing from a foreign plugin."""
    mime: str = ""
    error_message: str = ""
    error_code: str = ""
    logs: tuple[LogEntry, ...] = ()


class Health(WireStruct):
    """A plugin's own opinion of its state."""

    ok: bool = True
    message: str = ""


class Item(WireStruct):
    """A catalog entry as plugins see it."""

    id: str
    name: str
    type: str
    namespace: str = ""
    agent_id: str = ""
    properties: dict[str, JSON] = {}
    config: dict[str, JSON] | None = None
    labels: dict[str, str] = {}
    tags: dict[str, str] = {}
    health: str = ""
    status: str = ""


class ItemPage(WireStruct):
    """Some catalog entries, and where the next ones start (empty: no more)."""

    items: tuple[Item, ...] = ()
    next_cursor: str = ""


class ItemQuery(WireStruct):
    """Which catalog entries a plugin asks for."""

    selector: dict[str, JSON] = {}
    limit: int = 0
    cursor: str = ""


class ConnectionQuery(WireStruct):
    """Which credentials a plugin asks for; the documented contract may combine type and item."""

    type: str = ""
    item_id: str = ""
    label: str = ""
    connection_id: str = ""


class Connection(WireStruct):
    """Credentials and address of a target."""

    type: str
    url: str = ""
    username: str = ""
    password: str = ""
    certificate: str = ""
    token: str = ""
    properties: dict[str, JSON] = {}
    expires_at: datetime | None = None


class Artifact(WireStruct):
    """Bytes that a plugin hands to the host to keep."""

    name: str
    content_type: str = ""
    data: bytes = b""
    metadata: dict[str, str] = {}


class ArtifactRef(WireStruct):
    """Where the host keeps an artifact."""

    id: str
    url: str = ""
