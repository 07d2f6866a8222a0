"""Tells clusters how the plugins they declare fare: the supervisor's states as conditions of Plugin resources."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from mc_host.catalog.sources.plugin_crd import PluginCrdSource
from mc_host.catalog.sources.plugin_status import Accepted, Ready
from mc_host.registry import Entry, PluginId, Registry
from mc_host.resources import PluginResource
from mc_host.supervisor.fleet import Fleet
from mc_host.supervisor.status import PluginState, Status
from mc_wire.errors import OperationError

log = logging.getLogger(__name__)
INTERVAL_S = 1.0
"""Between two looks at the supervisor's states; nothing is written where they say what the resource says already."""

_REASONS: Mapping[PluginState, tuple[bool | None, str]] = {
    PluginState.STARTING: (None, "Starting"),
    PluginState.RUNNING: (True, "Running"),
    PluginState.UNHEALTHY: (False, "Unhealthy"),
    PluginState.BACKING_OFF: (False, "BackingOff"),
    PluginState.FAILED: (False, "Failed"),
    PluginState.STOPPED: (False, "Stopped"),
}


def describe_plugin(status: Status | None, entry: Entry | None) -> Ready:
    """Return the Ready condition that a supervisor's state means."""
    if status is None:
        return Ready(None, "Pending")
    is_ready, reason = _REASONS[status.state]
    manifest = entry.manifest if entry else None
    path = entry.installed_path if entry else None
    return Ready(
        is_ready,
        reason,
        message="" if is_ready else status.last_error,
        installed_path=str(path or ""),
        version=manifest.version if manifest else "",
    )


def find_refusal(plugin: PluginResource, problems: Iterable[str]) -> str:
    """Return why the host could not take up this declaration, empty when it did."""
    begin = f"{plugin.origin}: plugin {plugin.namespace}/{plugin.name}: "
    named = f"plugin {plugin.namespace}/{plugin.name} is declared by "
    for problem in problems:
        if problem.startswith(begin):
            return problem.removeprefix(begin)
        if problem.startswith(named) and f" and by {plugin.origin}:" in problem:
            return problem
    return ""


async def report_plugins(
    list_sources: Callable[[], Sequence[PluginCrdSource]],
    registry: Registry,
    fleet: Fleet,
    list_problems: Callable[[], Sequence[str]],
    interval_s: float = INTERVAL_S,
) -> None:
    """Keep the resources' statuses true until cancelled; a status that cannot be written is logged once."""
    refused: dict[str, str] = {}
    while True:
        problems = list_problems()
        for source in list_sources():
            for plugin in source.list_declared():
                plugin_id = PluginId(plugin.id)
                accepted = Accepted(find_refusal(plugin, problems))
                ready = describe_plugin(fleet.find_status(plugin_id), registry.find_by_id(plugin_id))
                try:
                    await source.write_status(plugin.id, ready, accepted)
                    refused.pop(plugin.id, None)
                except OperationError as exc:
                    if refused.get(plugin.id) != exc.message:
                        refused[plugin.id] = exc.message
                        extra = {"plugin": plugin.name, "error": exc.message, "hint": exc.hint}
                        log.warning("plugin status not written", extra=extra)
        await asyncio.sleep(interval_s)
