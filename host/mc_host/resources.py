"""The YAML resources an operator writes: plugins, connections, catalog items."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeVar
from uuid import UUID, uuid5

import msgspec

from mc_wire.errors import InvalidParams
from mc_wire.model import JSON

API_GROUP = "mission-control.flanksource.com"
ID_SPACE = UUID("6c0f3c1e-1d0b-5a52-9c0e-6f6d632d6d63")
"""Name space of every id this host derives; changing it would orphan stored references."""

S = TypeVar("S", bound=msgspec.Struct)
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=253)]


class Metadata(msgspec.Struct, kw_only=True, rename="camel"):
    """A resource's own name; `namespace` may be empty."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    labels: dict[str, JSON] = {}


class KeyRef(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """A key of a Secret or ConfigMap in the connection's namespace of the host's own cluster."""

    name: Name
    key: Name


class ValueFrom(msgspec.Struct, kw_only=True, rename="camel"):
    """Where a value is read from when it is needed."""

    env: str = ""
    file: str = ""
    secret_key_ref: KeyRef | None = None
    config_map_key_ref: KeyRef | None = None


class ValueSource(msgspec.Struct, kw_only=True, rename="camel"):
    """A value that is either literal or read from elsewhere."""

    value: str | None = None
    value_from: ValueFrom | None = None


Value = str | ValueSource


class PluginSpec(msgspec.Struct, kw_only=True, rename="camel"):
    """Which binary a plugin is, which items it serves, and what it may ask for."""

    source: str = ""
    """Name of the binary below the plugin root; empty means the resource's name."""
    version: str = ""
    """Version folder; empty or `latest` follows the newest."""
    checksum: str = ""
    """`sha256:<hex>` or bare hex; another binary is not started."""
    address: str = ""
    """host:port of a plugin that runs elsewhere."""
    host_grpc_address: str = msgspec.field(default="", name="hostGRPCAddress")
    ca_cert: str = ""
    selector: dict[str, JSON] = {}
    """Which catalog items the plugin serves; empty means all."""
    connections: dict[str, JSON] = {}
    """Either shape: `{types: {t: ref}, labels: {l: ref}}`, `{kubernetes: {}, sql: {connection: ref}}`, or both."""
    sql_connection: JSON = None
    """`{connection: ref}` or a reference; the documented contract's older way to declare type `sql`."""
    audit: tuple[str, ...] = ()
    properties: dict[str, JSON] = {}
    """Sent to the plugin by Configure."""
    env: dict[str, JSON] = {}
    """Added to the plugin's environment."""


class ConnectionSpec(msgspec.Struct, kw_only=True, rename="camel"):
    """Address and credentials of one target."""

    type: Name
    url: Value = ""
    username: Value = ""
    password: Value = ""
    certificate: Value = ""
    insecure_tls: bool = msgspec.field(default=False, name="insecureTLS")
    properties: dict[str, JSON] = {}

    def __repr__(self) -> str:
        """Show the type alone: values may be literal secrets."""
        return f"ConnectionSpec(type={self.type!r}, …)"


class ItemSpec(msgspec.Struct, kw_only=True, rename="camel"):
    """A catalog item as HostService's ConfigItem has it, plus the connection that reaches it."""

    type: Name
    name: str = ""
    namespace: str = ""
    id: str = ""
    """A UUID; empty means derived from file and name."""
    health: str = ""
    status: str = ""
    labels: dict[str, JSON] = {}
    tags: dict[str, JSON] = {}
    properties: dict[str, JSON] = {}
    config: dict[str, JSON] | None = None
    connection: str = ""
    """`connection://namespace/name`, answered when a plugin asks for this item's connection."""


class PermissionSpec(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Who may (or, with `deny`, may not) do what on which objects; a field that is not known here grants nothing."""

    subjects: tuple[str, ...]
    """User ids, `email:…`, `group:…`, `role:…`, `plugin:<namespace>/<name>`, or `*` for every user."""
    actions: tuple[str, ...] = ()
    """`catalog:read`, `invoke:<plugin>:<operation>`, `plugin-role:<plugin>:<role>`, `plugin:manage`, `metrics:read`,
    `connection:read`; `*` in parts."""
    selector: dict[str, JSON] | None = None
    """Items; without it and without connections everything is meant."""
    connections: tuple[str, ...] = ()
    """`connection://<namespace>/<name>`, `*` in parts."""
    roles: tuple[str, ...] = ()
    """Roles that the subjects hold besides."""
    deny: bool = False


class IssuerSpec(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Whose signed tokens let users in."""

    issuer: Name
    """The `iss` claim, exactly; without `jwks` also where the keys are found (OIDC discovery)."""
    audiences: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """One of them must be in the `aud` claim."""
    jwks: str = ""
    """File or https URL of the keys."""
    ca_file: str = ""
    """PEM file of the authorities that the key server's certificate is checked against; empty: the system's."""
    user_claim: Name = "sub"
    groups_claim: Name = "groups"
    user_prefix: str = ""
    """Put before every user id, so that two issuers' users differ."""
    group_prefix: str = ""


class _Document(msgspec.Struct, kw_only=True, rename="camel"):
    """What every resource has; `spec` is converted by kind."""

    api_version: str
    kind: str
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: dict[str, JSON] = {}


class PluginResource(msgspec.Struct, kw_only=True, rename="camel"):
    """A Plugin resource with the id its runtime state is keyed by."""

    kind: Literal["Plugin"] = "Plugin"
    id: str
    name: str
    namespace: str
    spec: PluginSpec
    origin: str
    """Where it was read, for messages."""


class ConnectionResource(msgspec.Struct, kw_only=True, rename="camel"):
    """A Connection resource."""

    kind: Literal["Connection"] = "Connection"
    id: str
    name: str
    namespace: str
    spec: ConnectionSpec
    origin: str


class ItemResource(msgspec.Struct, kw_only=True, rename="camel"):
    """A ConfigItem resource."""

    kind: Literal["ConfigItem"] = "ConfigItem"
    id: str
    name: str
    namespace: str
    spec: ItemSpec
    origin: str


class PermissionResource(msgspec.Struct, kw_only=True, rename="camel"):
    """A Permission resource."""

    kind: Literal["Permission"] = "Permission"
    id: str
    name: str
    namespace: str
    spec: PermissionSpec
    origin: str


class IssuerResource(msgspec.Struct, kw_only=True, rename="camel"):
    """An Issuer resource."""

    kind: Literal["Issuer"] = "Issuer"
    id: str
    name: str
    namespace: str
    spec: IssuerSpec
    origin: str


Resource = PluginResource | ConnectionResource | ItemResource | PermissionResource | IssuerResource


def parse_resource(document: JSON, origin: Path) -> Resource | None:
    """Return the resource in a YAML document; None when it is of somebody else's API group or kind.

    Raises: InvalidParams with the path of the wrong field.
    """
    if not isinstance(document, dict) or "kind" not in document:
        raise InvalidParams("not a resource: apiVersion and kind are missing")
    group = str(document.get("apiVersion", "")).split("/")[0]
    if group != API_GROUP:
        return None
    try:
        head = msgspec.convert(document, _Document)
        return _convert(head, str(origin))
    except msgspec.ValidationError as exc:
        raise InvalidParams(str(exc)) from exc


def _convert(head: _Document, origin: str) -> Resource | None:
    name, namespace = head.metadata.name.strip(), head.metadata.namespace.strip()
    if head.kind == "Plugin":
        spec = _spec(head, PluginSpec)
        if not spec.source and not spec.address:
            raise InvalidParams("spec.source is required (or spec.address for a remote plugin)")
        plugin_id = _uuid(head.metadata.uid) or derived_id("plugin", _required(name), namespace)
        return PluginResource(id=plugin_id, name=_required(name), namespace=namespace, spec=spec, origin=origin)
    if head.kind == "Connection":
        target = _spec(head, ConnectionSpec)
        connection_id = _uuid(head.metadata.uid) or derived_id("connection", _required(name), namespace)
        return ConnectionResource(
            id=connection_id, name=_required(name), namespace=namespace, spec=target, origin=origin
        )
    if head.kind == "Permission":
        rights = _spec(head, PermissionSpec)
        own_id = derived_id("permission", _required(name), namespace)
        return PermissionResource(id=own_id, name=name, namespace=namespace, spec=rights, origin=origin)
    if head.kind == "Issuer":
        own_id = derived_id("issuer", _required(name), namespace)
        return IssuerResource(id=own_id, name=name, namespace=namespace, spec=_spec(head, IssuerSpec), origin=origin)
    if head.kind in ("ConfigItem", "Item"):
        item = _spec(head, ItemSpec)
        item.labels = {**head.metadata.labels, **item.labels}
        item_name, item_namespace = _required(item.name or name), item.namespace or namespace
        item_id = _uuid(item.id or head.metadata.uid) or derived_id(origin, item_name, item_namespace)
        return ItemResource(id=item_id, name=item_name, namespace=item_namespace, spec=item, origin=origin)
    return None


def _spec(head: _Document, kind: type[S]) -> S:
    try:
        return msgspec.convert(head.spec, kind)
    except msgspec.ValidationError as exc:
        raise InvalidParams(f"spec: {exc}") from exc


def _required(name: str) -> str:
    if not name:
        raise InvalidParams("metadata.name is required")
    return name


def _uuid(text: str) -> str:
    if not text:
        return ""
    try:
        return str(UUID(text))
    except ValueError as exc:
        raise InvalidParams(f"{text!r} is not a UUID") from exc


def derived_id(space: str, name: str, namespace: str) -> str:
    """Return the id of what `space` (a source, a file) calls `namespace/name`; the same on every start."""
    return str(uuid5(ID_SPACE, f"{space}\0{namespace}/{name}"))
