"""What a host counts about itself, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from mc_host.catalog.store import Catalog
from mc_host.registry import Entry, PluginId, Registry
from mc_host.supervisor.process import resident_bytes
from mc_host.supervisor.status import PluginState, Status

OK, CANCELED = "ok", "canceled"
"""Codes of invocations beside those of errors: answered, and left by the caller before the answer."""
_PLUGIN = ("plugin", "plugin_namespace")
_LATENCY_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """Counts invocations as they end."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        labels = (*_PLUGIN, "operation")
        self._invocations = Counter(
            "mission_control_plugin_invocations",
            "Invocations that ended, by how: ok, canceled by the caller, or the error's code.",
            (*labels, "code"),
            registry=self._registry,
        )
        self._latency = Histogram(
            "mission_control_plugin_invocation_seconds",
            "Time to the plugin's answer; for an operation over HTTP to the answer's first byte.",
            labels,
            buckets=_LATENCY_BOUNDS_S,
            registry=self._registry,
        )

    def note_invocation(self, entry: Entry, operation: str, code: str, seconds: float) -> None:
        """Count one invocation; `operation` is one of the manifest, so that labels stay few."""
        labels = (entry.name, entry.namespace, operation)
        self._invocations.labels(*labels, code).inc()
        self._latency.labels(*labels).observe(seconds)

    def add(self, collector: Collector) -> None:
        """Ask this one too, whenever somebody reads."""
        self._registry.register(collector)

    def render(self) -> bytes:
        """Return everything in Prometheus' text format. It reads /proc."""
        return generate_latest(self._registry)


@dataclass(frozen=True)
class HostCollector(Collector):
    """What is so at the moment of reading: plugins, catalog, problems."""

    version: str
    registry: Registry
    find_status: Callable[[PluginId], Status | None]
    catalog: Catalog
    count_problems: Callable[[], int]

    def describe(self) -> list[Metric]:
        """Nothing is known before it is asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        build = GaugeMetricFamily("mission_control_build_info", "Always 1.", labels=["version"])
        build.add_metric([self.version], 1)
        yield build
        yield GaugeMetricFamily(
            "mission_control_problems", "Sources and resources that something is wrong with.", self.count_problems()
        )
        items = GaugeMetricFamily("mission_control_catalog_items", "Items of the catalog.", labels=["source"])
        for source, count in self.catalog.count_by_source().items():
            items.add_metric([source], count)
        yield items
        yield from self._plugins()

    def _plugins(self) -> Iterator[Metric]:
        state = GaugeMetricFamily(
            "mission_control_plugin_state", "1 for the state that the plugin is in.", labels=[*_PLUGIN, "state"]
        )
        restarts = CounterMetricFamily(
            "mission_control_plugin_restarts", "Restarts since the plugin was declared.", labels=_PLUGIN
        )
        memory = GaugeMetricFamily(
            "mission_control_plugin_resident_memory_bytes", "Resident memory of the process.", labels=_PLUGIN
        )
        for entry in self.registry.list_all():
            labels = [entry.name, entry.namespace]
            status = self.find_status(entry.id)
            current = status.state if status else PluginState.STOPPED
            for one in PluginState:
                state.add_metric([*labels, one.value], float(one is current))
            restarts.add_metric(labels, status.restarts if status else 0)
            resident = resident_bytes(status.pid) if status and status.pid else None
            if resident is not None:
                memory.add_metric(labels, resident)
        yield from (state, restarts, memory)
