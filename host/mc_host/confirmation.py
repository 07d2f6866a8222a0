"""Which calls of a destructive operation somebody must have confirmed."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mc_wire.model import JSON

CONDITION_KEY = "x-destructive-when"
"""In a params schema: `{"mode": ["write"]}` limits an operation's destructiveness to those values of a param."""


def has_condition(schema: Mapping[str, JSON] | None) -> bool:
    """Does it depend on the params whether a call must be confirmed?"""
    return isinstance((schema or {}).get(CONDITION_KEY), dict)


def must_confirm(is_destructive: bool, schema: Mapping[str, JSON] | None, params: Mapping[str, JSON]) -> bool:
    """Must a call with these params be confirmed?

    Names and values are compared as loosely as plugins read them (case, underscores), so that no spelling of a
    destructive value passes for a harmless one.
    """
    if not is_destructive or not has_condition(schema):
        return is_destructive
    condition = {_folded(name): values for name, values in (schema or {})[CONDITION_KEY].items()}
    for name, value in params.items():
        values = condition.get(_folded(name))
        if isinstance(values, list) and _folded(value) in {_folded(one) for one in values}:
            return True
    return False


def parse_params(body: bytes) -> dict[str, JSON]:
    """Return the params in a body; one that is no JSON object has none, and its plugin will refuse it."""
    try:
        params: dict[str, JSON] = msgspec.json.decode(body, type=dict[str, JSON]) if body.strip() else {}
    except msgspec.MsgspecError:
        return {}
    return params


def _folded(value: JSON) -> str:
    return str(value).replace("_", "").replace("-", "").strip().casefold()
