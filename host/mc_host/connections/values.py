"""The values of a connection: literals, variables, files, and templates that name its own fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec

from mc_host.resources import ConnectionResource, Value, ValueFrom
from mc_wire.errors import OperationError
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


def read_values(resource: ConnectionResource, environ: Mapping[str, str]) -> Values:
    """Return the values of a connection. Raises: OperationError that names the missing variable or file."""
    spec = resource.spec
    where = f"connection {resource.namespace}/{resource.name}"
    values = Values(
        username=_read(spec.username, environ, f"{where}: username"),
        password=_read(spec.password, environ, f"{where}: password"),
        certificate=_read(spec.certificate, environ, f"{where}: certificate"),
        properties={key: _read_property(value, environ, where, key) for key, value in spec.properties.items()},
    )
    values.url = _fill(_read(spec.url, environ, f"{where}: url"), values)
    return values


def _read(value: Value, environ: Mapping[str, str], where: str) -> str:
    if isinstance(value, str):
        return value
    if value.value is not None or value.value_from is None:
        return value.value or ""
    return _read_from(value.value_from, environ, where)


def _read_property(value: JSON, environ: Mapping[str, str], where: str, key: str) -> JSON:
    if not isinstance(value, dict) or not isinstance(value.get("valueFrom"), dict):
        return value
    source = value["valueFrom"]
    origin = ValueFrom(env=str(source.get("env", "")), file=str(source.get("file", "")))
    return _read_from(origin, environ, f"{where}: properties.{key}")


def _read_from(origin: ValueFrom, environ: Mapping[str, str], where: str) -> str:
    if origin.env:
        if origin.env not in environ:
            raise OperationError(f"{where}: variable {origin.env} is not set in the host's environment")
        return environ[origin.env]
    if not origin.file:
        raise OperationError(f"{where}: valueFrom needs env or file")
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
