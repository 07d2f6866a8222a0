"""What all sources tell, brought together: items into the catalog, plugins merged, problems by source."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.store import Catalog
from mc_host.resources import ConnectionResource, PluginResource

log = logging.getLogger(__name__)


class Intake:
    """The sink of every source of one host."""

    def __init__(self, catalog: Catalog, apply_connections: Callable[[list[ConnectionResource]], None]) -> None:
        """`apply_connections` takes the connections of all sources, whenever one tells others than before."""
        self._catalog = catalog
        self._apply_connections = apply_connections
        self._connections: dict[str, list[ConnectionResource]] = {}
        self._plugins: dict[str, list[PluginResource]] = {}
        self._problems: dict[str, list[str]] = {}
        self.plugins_changed = asyncio.Event()
        """Set when a source declares other plugins than before; whoever applies them clears it first."""

    def update_items(self, source: str, upserted: Iterable[CatalogItem], removed_ids: Iterable[str] = ()) -> None:
        """Add or replace items of the source, and remove others."""
        self._catalog.update_source(source, upserted, removed_ids)

    def replace_items(self, source: str, items: Iterable[CatalogItem]) -> None:
        """Make `items` all that the source knows."""
        self._catalog.replace_source(source, items)

    def replace_connections(self, source: str, connections: Sequence[ConnectionResource]) -> None:
        """Make `connections` all that the source knows."""
        if self._connections.get(source, []) != list(connections):
            self._connections[source] = list(connections)
            self._apply_connections([one for name in sorted(self._connections) for one in self._connections[name]])

    def replace_plugins(self, source: str, plugins: Sequence[PluginResource]) -> None:
        """Make `plugins` all that the source declares."""
        if self._plugins.get(source, []) != list(plugins):
            self._plugins[source] = list(plugins)
            self.plugins_changed.set()

    def report_problems(self, source: str, problems: Sequence[str]) -> None:
        """Make `problems` all that is wrong with the source now."""
        for problem in problems:
            if problem not in self._problems.get(source, ()):
                log.warning("source problem", extra={"source": source, "problem": problem})
        self._problems[source] = list(problems)

    def list_problems(self) -> list[tuple[str, str]]:
        """Return what is wrong now, each with its source."""
        return [(source, problem) for source in sorted(self._problems) for problem in self._problems[source]]

    def merge_plugins(self) -> tuple[list[PluginResource], list[str]]:
        """Return what is to run, and an error for each name that two sources declare."""
        return merge_plugins(self._plugins)


def merge_plugins(by_source: Mapping[str, Sequence[PluginResource]]) -> tuple[list[PluginResource], list[str]]:
    """Return the plugins of all sources; of one name in two, the source that comes first stays, and both are named."""
    merged: dict[tuple[str, str], PluginResource] = {}
    problems = []
    for source in sorted(by_source):
        for plugin in by_source[source]:
            other = merged.setdefault((plugin.namespace, plugin.name), plugin)
            if other is not plugin:
                name = f"{plugin.namespace}/{plugin.name}"
                problems.append(f"plugin {name} is declared by {other.origin} and by {plugin.origin}: the first runs")
    return list(merged.values()), problems
