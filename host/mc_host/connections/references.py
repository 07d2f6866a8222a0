"""How a connection is named, and which ones a Plugin resource declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec

from mc_host.resources import PluginSpec, Value
from mc_wire.errors import InvalidParams
from mc_wire.model import JSON

_SCHEME = "connection://"
_FLAGS = ("fromConfigItem", "eksPodIdentity", "serviceAccount")
SQL = "sql"


@dataclass(frozen=True)
class Reference:
    """A parsed reference: an id, or a name within a namespace."""

    id: str = ""
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True)
class Declared:
    """What a plugin may ask for: references by type and by label, and the documented contract's kinds."""

    types: Mapping[str, str]
    labels: Mapping[str, str]
    kinds: Mapping[str, str]
    """Type to reference; an empty reference means: derived from the item."""

    kubeconfig: Value | None = None
    """Declared in place of a reference: `{kubernetes: {kubeconfig: …}}`."""

    @property
    def names(self) -> list[str]:
        """Every type and label that may be asked for."""
        return sorted({*self.types, *self.labels, *self.kinds})

    def allows(self, kind: str) -> bool:
        """Is this type declared in either shape?"""
        return bool(self.types.get(kind)) or kind in self.kinds

    def reference(self, kind: str) -> str:
        """Return the declared reference of a type, or nothing."""
        return self.types.get(kind, "") or self.kinds.get(kind, "")


def parse_reference(text: str, namespace: str) -> Reference:
    """Return what `connection://ns/name`, `connection://name` or a UUID names. Raises: InvalidParams."""
    stripped = text.strip()
    if stripped.startswith(_SCHEME):
        path = stripped.removeprefix(_SCHEME).split("/")
        if len(path) <= 2 and all(path):
            return Reference(namespace=path[0] if len(path) == 2 else namespace, name=path[-1])
    else:
        try:
            return Reference(id=str(UUID(stripped)))
        except ValueError:
            pass
    raise InvalidParams(f"not a connection reference: {text[:200]!r}", hint="use connection://<namespace>/<name>")


def parse_declared(spec: PluginSpec) -> Declared:
    """Return what a Plugin resource declares, whichever shape it uses. Raises: InvalidParams."""
    types = _references(spec.connections.get("types"), "types")
    labels = _references(spec.connections.get("labels"), "labels")
    kinds: dict[str, str] = {}
    for key, value in spec.connections.items():
        if key not in ("types", "labels", *_FLAGS):
            kinds[key] = _kind_reference(key, value)
    if spec.sql_connection is not None:
        kinds[SQL] = _kind_reference("sqlConnection", spec.sql_connection)
    return Declared(types=types, labels=labels, kinds=kinds, kubeconfig=_kubeconfig(spec.connections.get("kubernetes")))


def _kubeconfig(declared: JSON) -> Value | None:
    found = declared.get("kubeconfig") if isinstance(declared, dict) else None
    try:
        return None if found is None else msgspec.convert(found, Value)
    except msgspec.ValidationError as exc:
        raise InvalidParams(f"spec.connections.kubernetes.kubeconfig: {exc}") from exc


def _references(value: JSON, key: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise InvalidParams(f"spec.connections.{key} must map names to references, got {value!r}")
    return {str(name): reference for name, reference in value.items()}


def _kind_reference(key: str, value: JSON) -> str:
    reference = value.get("connection", "") if isinstance(value, dict) else value
    if value is None or value is True:
        return ""
    if not isinstance(reference, str):
        raise InvalidParams(f"spec.connections.{key} must be an object, got {value!r}")
    return reference
