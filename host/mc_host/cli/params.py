"""Command-line text to typed params, by the operation's JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click
import msgspec

from mc_host.manifests import CachedOperation, schema_type
from mc_wire.model import JSON

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def parse_pairs(pairs: Iterable[str]) -> list[tuple[str, str]]:
    """Return the name and text of each `key=value`."""
    parsed = []
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name.strip():
            raise click.ClickException(f'expected key=value, got "{pair}"')
        parsed.append((name.strip(), text))
    return parsed


def build_params(operation: CachedOperation, pairs: Iterable[tuple[str, str]]) -> dict[str, JSON]:
    """Return the params object; a name given twice makes a list where the schema wants one.

    Raises: ClickException for text that is not of the schema's type, and for what is required and missing.
    """
    properties: Mapping[str, dict[str, JSON]] = operation.schema.get("properties", {})
    params: dict[str, JSON] = {}
    for name, text in pairs:
        value = coerce(name, text, properties.get(name, {}))
        if isinstance(value, list) and isinstance(params.get(name), list):
            params[name] = [*params[name], *value]
        else:
            params[name] = value
    missing = sorted(name for name in operation.schema.get("required", ()) if _is_blank(params.get(name)))
    if missing:
        raise click.ClickException(f"missing required parameter(s): {', '.join(missing)}; pass with --param key=value")
    return params


def _is_blank(value: JSON) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def coerce(name: str, text: str, prop: Mapping[str, JSON]) -> JSON:
    """Return `text` as the type that a property's schema names; without one it stays text."""
    kind = schema_type(dict(prop))
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
        if kind == "boolean":
            return _boolean(text)
        if kind == "array":
            return _array(name, text, prop)
        if kind == "object":
            return msgspec.json.decode(text, type=dict[str, JSON])
    except (ValueError, msgspec.MsgspecError) as exc:
        raise click.ClickException(f'parameter "{name}" must be of type {kind}, got "{text}"') from exc
    return text


def _boolean(text: str) -> bool:
    folded = text.strip().lower()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise ValueError(text)


def _array(name: str, text: str, prop: Mapping[str, JSON]) -> list[JSON]:
    if text.lstrip().startswith("["):
        return msgspec.json.decode(text, type=list[JSON])
    items = prop.get("items")
    return [coerce(name, part.strip(), items if isinstance(items, dict) else {}) for part in text.split(",") if part]
