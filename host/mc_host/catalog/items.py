"""A catalog entry: a slim row for lists, and its larger parts compressed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import msgspec

from mc_host.resources import ItemResource
from mc_wire.model import JSON, Item

SortKey = tuple[str, str, str, str, str]


class CatalogItem(msgspec.Struct, kw_only=True, frozen=True):
    """What lists, filters and selectors read of an item."""

    id: str
    name: str
    type: str
    source: str
    namespace: str = ""
    agent_id: str = ""
    health: str = ""
    status: str = ""
    labels: dict[str, str] = {}
    tags: dict[str, str] = {}
    connection: str = ""
    """Reference of the connection that reaches this item."""
    haystack: str = ""
    """Folded text that free search looks through."""
    detail: bytes = b""
    """Properties and config: compressed JSON, since lists of ten thousand items never need them."""

    @property
    def sort_key(self) -> SortKey:
        """The order of every list."""
        return (self.source, self.type, self.name, self.namespace, self.id)


class Detail(msgspec.Struct, kw_only=True):
    """The parts of an item that only its own page shows."""

    properties: dict[str, JSON] = {}
    config: dict[str, JSON] | None = None


def read_detail(item: CatalogItem) -> Detail:
    """Return properties and config of `item`."""
    return msgspec.json.decode(zlib.decompress(item.detail), type=Detail) if item.detail else Detail()


def _texts(values: Mapping[str, JSON]) -> dict[str, str]:
    """Return a YAML map with its scalars as text; `true` stays lower case as written."""
    return {str(key): str(value).lower() if isinstance(value, bool) else str(value) for key, value in values.items()}


def from_resource(resource: ItemResource, source: str) -> CatalogItem:
    """Return the row of a ConfigItem resource."""
    spec = resource.spec
    labels, tags = _texts(spec.labels), _texts(spec.tags)
    detail = Detail(properties=spec.properties, config=spec.config)
    namespace = resource.namespace or tags.get("namespace", "")
    words = (resource.name, spec.type, namespace, spec.status, *_pairs(labels), *_pairs(tags))
    return CatalogItem(
        id=resource.id,
        name=resource.name,
        type=spec.type,
        source=source,
        namespace=namespace,
        health=spec.health,
        status=spec.status,
        labels=labels,
        tags=tags,
        connection=spec.connection,
        haystack="\n".join(words).casefold(),
        detail=zlib.compress(msgspec.json.encode(detail, enc_hook=str), 3),
    )


def _pairs(values: Mapping[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in values.items()]


def to_wire(item: CatalogItem) -> Item:
    """Return the item as plugins see it."""
    detail = read_detail(item)
    return Item(
        id=item.id,
        name=item.name,
        type=item.type,
        namespace=item.namespace,
        agent_id=item.agent_id,
        properties=detail.properties,
        config=detail.config,
        labels=item.labels,
        tags=item.tags,
        health=item.health,
        status=item.status,
    )
