"""A sink that keeps what sources tell, and lets a test wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.sources import CatalogSource
from mc_host.resources import ConnectionResource, PluginResource
from mc_wire.background import Background


class Sink:
    """Everything told so far."""

    def __init__(self) -> None:
        self.items: dict[str, CatalogItem] = {}
        self.plugins: dict[str, list[PluginResource]] = {}
        self.problems: dict[str, list[str]] = {}
        self._waiting: list[tuple[Callable[[], object], asyncio.Future[None]]] = []

    def update_items(self, source: str, upserted: Iterable[CatalogItem], removed_ids: Iterable[str] = ()) -> None:
        for one in removed_ids:
            assert self.items.pop(one).source == source
        self.items |= {item.id: item for item in upserted}
        self._look()

    def replace_items(self, source: str, items: Iterable[CatalogItem]) -> None:
        kept = {key: item for key, item in self.items.items() if item.source != source}
        self.items = kept | {item.id: item for item in items}
        self._look()

    def replace_connections(self, source: str, connections: Sequence[ConnectionResource]) -> None:
        raise AssertionError("clusters tell no connections")

    def replace_plugins(self, source: str, plugins: Sequence[PluginResource]) -> None:
        self.plugins[source] = list(plugins)
        self._look()

    def report_problems(self, source: str, problems: Sequence[str]) -> None:
        self.problems[source] = list(problems)
        self._look()

    def _look(self) -> None:
        for check, waiter in self._waiting:
            if not waiter.done() and check():
                waiter.set_result(None)

    async def until(self, check: Callable[[], object], timeout_s: float = 15) -> None:
        """Wait until `check` holds; looked at whenever a source tells something."""
        if check():
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append((check, waiter))
        try:
            await asyncio.wait_for(waiter, timeout_s)
        except TimeoutError:
            shown = sorted((item.type, item.name, item.status) for item in self.items.values())
            raise AssertionError(f"not within {timeout_s:g} s; items {shown}, problems {self.problems}") from None

    def find(self, kind: str, name: str) -> CatalogItem | None:
        """Return the item of that type and name, if there is one."""
        found = [item for item in self.items.values() if (item.type, item.name) == (f"Kubernetes::{kind}", name)]
        return found[0] if found else None

    def get(self, kind: str, name: str) -> CatalogItem:
        """Return the item of that type and name."""
        found = self.find(kind, name)
        assert found is not None, (kind, name)
        return found

    def has(self, kind: str, name: str, health: str = "", status: str = "") -> bool:
        """Is there such an item, in that state?"""
        found = self.find(kind, name)
        return found is not None and health in ("", found.health) and status in ("", found.status)

    def all_problems(self) -> list[str]:
        """Return what is wrong with all sources."""
        return [text for texts in self.problems.values() for text in texts]


@asynccontextmanager
async def running(*sources: CatalogSource, sink: Sink | None = None) -> AsyncIterator[Sink]:
    """Run sources into one sink."""
    told, background = sink or Sink(), Background()
    for source in sources:
        background.spawn(source.run(told), name=source.name)
    try:
        yield told
    finally:
        await background.aclose()
