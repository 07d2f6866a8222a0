"""Where items, connections and plugins come from; one module per source, all behind the interface below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from mc_host.catalog.items import CatalogItem
from mc_host.resources import ConnectionResource, PluginResource


class SourceSink(Protocol):
    """What a source tells. Every call is quick and made on the loop; each source speaks of its own part only."""

    def update_items(self, source: str, upserted: Iterable[CatalogItem], removed_ids: Iterable[str] = ()) -> None:
        """Add or replace items, and remove others."""
        ...

    def replace_items(self, source: str, items: Iterable[CatalogItem]) -> None:
        """Make `items` all that the source knows."""
        ...

    def replace_connections(self, source: str, connections: Sequence[ConnectionResource]) -> None:
        """Make `connections` all that the source knows; items refer to them by `connection://namespace/name`."""
        ...

    def replace_plugins(self, source: str, plugins: Sequence[PluginResource]) -> None:
        """Make `plugins` all that the source declares."""
        ...

    def report_problems(self, source: str, problems: Sequence[str]) -> None:
        """Make `problems` all that is wrong with the source now; empty means well."""
        ...


class CatalogSource(Protocol):
    """Something that finds items or plugins by itself."""

    @property
    def name(self) -> str:
        """Unique among the host's sources; items carry it."""
        ...

    async def run(self, sink: SourceSink) -> None:
        """Tell `sink` what there is and what changes, until cancelled. Faults of the far end are waited out."""
        ...
