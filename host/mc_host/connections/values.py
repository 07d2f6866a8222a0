"""The values of a connection: literals, variables, files, and templates that name its own fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import msgspec

from mc_host.resources import ConnectionResource, KeyRef, Value, ValueFrom, ValueSource
from mc_kube.resources import CONFIG_MAPS, SECRETS, ResourceType
from mc_wire.errors import InvalidParams, OperationError
from mc_wire.model import JSON

_TEMPLATE = re.compile(r"\$\(([\w.]+)\)")
_MAX_FILE_BYTES = 1024 * 1024


class Values(msgspec.Struct, kw_only=True):
    """A connection with every value read; never logged."""

    url: str = ""
    username: str = ""
    password: str = ""
    certificate: str = ""
    properties: dict[str, JSON] = {}

    def __repr__(self) -> str:
        """Show nothing: a message or a traceback may show this."""
        return "Values(…)"


@dataclass(frozen=True)
class Sources:
    """Where values that are not literal come from."""

    environ: Mapping[str, str]
    in_cluster: Mapping[tuple[ResourceType, KeyRef], str] = field(default_factory=dict)
    """Keys of Secrets and ConfigMaps, read beforehand."""


def read_values(resource: ConnectionResource, sources: Sources) -> Values:
    """Return the values of a connection. It reads files. Raises: OperationError that names what is missing."""
    spec = resource.spec
    where = f"connection {resource.namespace}/{resource.name}"
    values = Values(
        username=_read(spec.username, sources, f"{where}: username"),
        password=_read(spec.password, sources, f"{where}: password"),
        certificate=_read(spec.certificate, sources, f"{where}: certificate"),
        properties={key: _read_property(value, sources, where, key) for key, value in spec.properties.items()},
    )
    values.url = _fill(_read(spec.url, sources, f"{where}: url"), values)
    return values


def list_refs(resource: ConnectionResource) -> list[tuple[ResourceType, KeyRef]]:
    """Return the keys of Secrets and ConfigMaps that a connection's values come from. Raises: InvalidParams."""
    spec = resource.spec
    origins = [
        value.value_from
        for value in (spec.url, spec.username, spec.password, spec.certificate)
        if isinstance(value, ValueSource) and value.value is None and value.value_from is not None
    ]
    where = f"connection {resource.namespace}/{resource.name}"
    origins += [found for key, one in spec.properties.items() if (found := _origin(one, f"{where}: properties.{key}"))]
    pairs = [pair for one in origins for pair in ((SECRETS, one.secret_key_ref), (CONFIG_MAPS, one.config_map_key_ref))]
    return [(kind, ref) for kind, ref in pairs if ref is not None]


def _read(value: Value, sources: Sources, where: str) -> str:
    if isinstance(value, str):
        return value
    if value.value is not None or value.value_from is None:
        return value.value or ""
    return _read_from(value.value_from, sources, where)


def _origin(value: JSON, where: str) -> ValueFrom | None:
    if not isinstance(value, dict) or not isinstance(value.get("valueFrom"), dict):
        return None
    try:
        return msgspec.convert(value["valueFrom"], ValueFrom)
    except msgspec.ValidationError as exc:
        raise InvalidParams(f"{where}: {exc}") from exc


def _read_property(value: JSON, sources: Sources, where: str, key: str) -> JSON:
    origin = _origin(value, f"{where}: properties.{key}")
    return value if origin is None else _read_from(origin, sources, f"{where}: properties.{key}")


def _read_from(origin: ValueFrom, sources: Sources, where: str) -> str:
    if origin.env:
        if origin.env not in sources.environ:
            raise OperationError(f"{where}: variable {origin.env} is not set in the host's environment")
        return sources.environ[origin.env]
    for kind, ref in ((SECRETS, origin.secret_key_ref), (CONFIG_MAPS, origin.config_map_key_ref)):
        if ref is not None:
            return sources.in_cluster[kind, ref]
    if not origin.file:
        raise OperationError(f"{where}: valueFrom needs env, file, secretKeyRef or configMapKeyRef")
    try:
        with Path(origin.file).open("rb") as stream:
            return stream.read(_MAX_FILE_BYTES).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise OperationError(f"{where}: cannot read {origin.file}: {exc}") from exc


def _fill(url: str, values: Values) -> str:
    """Return `url` with `$(username)`, `$(password)` and `$(properties.x)` filled in, percent-encoded in a URL."""
    is_url = "://" in url

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        if name in ("username", "password", "certificate"):
            text = str(getattr(values, name))
        elif name.startswith("properties."):
            text = str(values.properties.get(name.removeprefix("properties."), ""))
        else:
            return match[0]
        return quote(text, safe="" if name in ("username", "password") else "/:") if is_url else text

    return _TEMPLATE.sub(replacement, url)
