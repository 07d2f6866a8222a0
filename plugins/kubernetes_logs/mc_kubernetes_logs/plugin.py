"""The kubernetes-logs plugin: manifest, settings, and the list of its operations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from os.path import dirname, join
from typing import Any

from mc_kubernetes_logs.build import BUILD
from mc_kubernetes_logs.operations.containers import container_death, containers, list_pods, pod_events, rollout
from mc_kubernetes_logs.operations.history import log_context, log_download, log_histogram
from mc_kubernetes_logs.operations.lines import logs, tail
from mc_kubernetes_logs.operations.version import version as version_operation
from mc_kubernetes_logs.settings import LogsSettings
from mc_kubernetes_logs.state import PluginState, open_state
from mc_sdk import Plugin, Tab, format_version
from mc_sdk.operations import OperationHandler


class KubernetesLogsPlugin(Plugin[PluginState]):
    """Logs of pods and everything above them, and of this machine."""

    name = "kubernetes-logs"
    version = format_version(BUILD.version, BUILD.build_date, BUILD.ui_checksum)
    description = "All logs of a pod, workload or namespace in one stream, live, searched and kept through restarts."
    tabs = (Tab(name="Logs", icon="lucide:scroll-text", path="/", scope="config"),)
    operations = (
        logs,
        list_pods,
        containers,
        tail,
        log_histogram,
        log_context,
        log_download,
        container_death,
        pod_events,
        rollout,
        version_operation,
    )
    settings_type = LogsSettings
    assets = join(dirname(__file__), "ui")

    def __init__(self) -> None:
        super().__init__()
        followed = self.handlers["tail"]
        self._state: PluginState | None = None
        self.handlers["tail"] = FollowedHandler(followed.declared, followed.function, followed.params_type)

    @asynccontextmanager
    async def open_state(self, settings: Any) -> AsyncIterator[PluginState]:
        """Yield the state that operations share."""
        async with open_state(settings) as self._state:
            yield self._state

    def read_stdin(self, operation: str, params: Any) -> Iterator[bytes]:
        """Yield rows for the lines on standard input."""
        from mc_kubernetes_logs.local.piped import read_piped

        return read_piped(params) if operation == "tail" else super().read_stdin(operation, params)

    def open_streams(self) -> list[Any]:
        """Return the streams that clients read now."""
        return list(self._state.streams) if self._state is not None else []


class FollowedHandler(OperationHandler, frozen=True):
    """An operation that answers once over Invoke, and streams over HTTP: a terminal follows it there."""

    def definition(self) -> Any:
        """Return the definition with the streaming mark in its schema."""
        found = super().definition()
        assert found.params_schema is not None
        found.params_schema |= {"x-stream": True, "x-widget": "log"}
        return found
