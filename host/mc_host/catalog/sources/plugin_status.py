"""The status of a Plugin resource: pure, so that equal facts give equal text and are not written twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

MAX_MESSAGE = 1024


class PluginCondition(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """One condition by Kubernetes' conventions."""

    type: str
    status: str
    reason: str
    message: str = ""
    observed_generation: int = 0
    last_transition_time: str = ""


class PluginStatusBody(msgspec.Struct, kw_only=True, rename="camel"):
    """`status` of a Plugin resource."""

    observed_generation: int = 0
    conditions: list[PluginCondition] = []
    installed_path: str = ""
    plugin_version: str = ""


@dataclass(frozen=True)
class Accepted:
    """Whether the host can use the declaration; an error text means no."""

    error: str = ""


@dataclass(frozen=True)
class Ready:
    """Whether the plugin answers calls."""

    is_ready: bool | None
    """None while that is not decided (it starts)."""
    reason: str
    """One CamelCase word: Running, Starting, Unhealthy, BackingOff, Failed, Stopped."""
    message: str = ""
    installed_path: str = ""
    version: str = ""


def make_status(
    known: PluginStatusBody, generation: int, ready: Ready, accepted: Accepted, now: datetime
) -> PluginStatusBody:
    """Return the status to write; equal to `known` when there is nothing new, times of transitions included."""
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    is_ready = "Unknown" if ready.is_ready is None else str(ready.is_ready and not accepted.error)
    wanted = [
        PluginCondition(
            type="Accepted",
            status=str(not accepted.error),
            reason="Invalid" if accepted.error else "Valid",
            message=accepted.error[:MAX_MESSAGE],
        ),
        PluginCondition(
            type="Ready",
            status="False" if accepted.error else is_ready,
            reason="NotAccepted" if accepted.error else ready.reason,
            message=ready.message[:MAX_MESSAGE],
        ),
    ]
    before = {one.type: one for one in known.conditions}
    conditions = [_dated(one, before.pop(one.type, None), generation, stamp) for one in wanted]
    return PluginStatusBody(
        observed_generation=generation,
        conditions=[*conditions, *before.values()],  # conditions of others stay theirs
        installed_path=ready.installed_path or known.installed_path,
        plugin_version=ready.version or known.plugin_version,
    )


def _dated(wanted: PluginCondition, before: PluginCondition | None, generation: int, stamp: str) -> PluginCondition:
    is_same = before is not None and before.status == wanted.status
    since = before.last_transition_time if before is not None and is_same else stamp
    return msgspec.structs.replace(wanted, observed_generation=generation, last_transition_time=since)
