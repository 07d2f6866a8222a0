"""The catalog in memory: items by id and in list order, replaced source by source."""

from __future__ import annotations

import base64
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterable
from operator import attrgetter
from uuid import UUID

import msgspec

from mc_host.catalog.items import CatalogItem, SortKey
from mc_wire.errors import InvalidParams, NotFound

MAX_PAGE = 1000
_FEW = 20  # fewer changes than that part of the list are put in place one by one, which sorting anew would outrun
_sort_key = attrgetter("sort_key")


class Page(msgspec.Struct, kw_only=True):
    """Some items in order, how many match in all, and where the next page starts (empty: no more)."""

    items: list[CatalogItem]
    total: int
    next_cursor: str = ""


class Facets(msgspec.Struct, kw_only=True):
    """How many of some items have each value; tags are `key=value` of tags and labels."""

    types: Counter[str] = msgspec.field(default_factory=Counter)
    namespaces: Counter[str] = msgspec.field(default_factory=Counter)
    healths: Counter[str] = msgspec.field(default_factory=Counter)
    tags: Counter[str] = msgspec.field(default_factory=Counter)


class Catalog:
    """All items this host knows."""

    def __init__(self) -> None:
        self._by_id: dict[str, CatalogItem] = {}
        self._ordered: list[CatalogItem] = []

    def replace_source(self, source: str, items: Iterable[CatalogItem]) -> None:
        """Make `items` all that `source` knows; items of other sources stay."""
        kept = {item.id: item for item in self._by_id.values() if item.source != source}
        self._by_id = kept | {item.id: item for item in items}
        self._ordered = sorted(self._by_id.values(), key=_sort_key)

    def update_source(self, source: str, upserted: Iterable[CatalogItem], removed_ids: Iterable[str] = ()) -> None:
        """Add or replace items of `source` and remove others of its items; ids it does not own are left alone."""
        fresh = {item.id: item for item in upserted}
        removed = (self._by_id.get(item_id) for item_id in removed_ids)
        stale = [item for item in removed if item is not None and item.source == source and item.id not in fresh]
        stale += [known for item_id in fresh if (known := self._by_id.get(item_id)) is not None]
        for item in stale:
            del self._by_id[item.id]
        self._by_id |= fresh
        if (len(stale) + len(fresh)) * _FEW > len(self._ordered):
            self._ordered = sorted(self._by_id.values(), key=_sort_key)
            return
        for item in stale:
            del self._ordered[bisect_left(self._ordered, item.sort_key, key=_sort_key)]
        for item in fresh.values():
            insort(self._ordered, item, key=_sort_key)

    def count_values(self, matches: Callable[[CatalogItem], bool]) -> Facets:
        """Return the values of what `matches`."""
        facets = Facets()
        for item in filter(matches, self._ordered):
            facets.types[item.type] += 1
            if item.namespace:
                facets.namespaces[item.namespace] += 1
            if item.health:
                facets.healths[item.health] += 1
            for name, value in (item.labels | item.tags).items():
                facets.tags[f"{name}={value}"] += 1
        return facets

    def count_by_source(self) -> Counter[str]:
        """Return how many items each source has."""
        return Counter(item.source for item in self._ordered)

    def find(self, item_id: str) -> CatalogItem | None:
        """Return the item of that id, if there is one."""
        return self._by_id.get(item_id.lower())

    def get(self, item_id: str) -> CatalogItem:
        """Return the item of that id. Raises: InvalidParams (not a UUID), NotFound."""
        item = self.find(check_item_id(item_id))
        if item is None:
            raise NotFound(f"config item {item_id} not found")
        return item

    def list_page(self, matches: Callable[[CatalogItem], bool], limit: int = 0, cursor: str = "") -> Page:
        """Return one page of what `matches`; a page starts behind its cursor's item, also when that is gone."""
        size = min(limit, MAX_PAGE) if limit > 0 else MAX_PAGE
        found = [item for item in self._ordered if matches(item)]
        start = bisect_right(found, _read_cursor(cursor), key=_sort_key) if cursor else 0
        items = found[start : start + size]
        is_last = start + size >= len(found)
        return Page(items=items, total=len(found), next_cursor="" if is_last else _write_cursor(items[-1].sort_key))


def check_item_id(item_id: str) -> str:
    """Return the id in its canonical spelling. Raises: InvalidParams."""
    try:
        return str(UUID(item_id))
    except ValueError as exc:
        raise InvalidParams(f"config_id must be a UUID, got {item_id[:80]!r}", field="config_id") from exc


def _write_cursor(key: SortKey) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def _read_cursor(cursor: str) -> SortKey:
    try:
        key: SortKey = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=SortKey)
        return key
    except (ValueError, msgspec.MsgspecError) as exc:
        raise InvalidParams("cursor is not one of this host", field="cursor") from exc
