"""Which credentials a plugin gets: declared? found? permitted? then from the cache or read afresh, in that order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.store import Catalog
from mc_host.connections.cache import ConnectionCache
from mc_host.connections.cluster_values import read_cluster_values
from mc_host.connections.derived import declared_cluster, host_cluster
from mc_host.connections.references import Declared, Reference, parse_declared, parse_reference
from mc_host.connections.types import is_kind, shape_connection
from mc_host.connections.types.kubernetes import KIND as CLUSTER
from mc_host.connections.values import Sources, Values, list_refs, read_values
from mc_host.permissions import Permissions
from mc_host.registry import Entry
from mc_host.resources import ConnectionResource
from mc_wire.errors import Forbidden, InvalidParams, NotFound, NotSignedIn
from mc_wire.model import Connection, ConnectionQuery, Contract

_CLUSTER_ITEMS = "Kubernetes::"
# Of these the host has no identity of its own to hand on.
_UNDERIVABLE = ("aws", "gcp", "azure", "opensearch")


class ConnectionResolver:
    """Answers GetConnection for every plugin."""

    def __init__(
        self, catalog: Catalog, permissions: Permissions, environ: Mapping[str, str], cache: ConnectionCache
    ) -> None:
        self._catalog = catalog
        self._permissions = permissions
        self._environ = environ
        self._cache = cache
        self._resources: dict[str, ConnectionResource] = {}

    def replace_all(self, resources: Iterable[ConnectionResource]) -> None:
        """Make `resources` all there are."""
        fresh = {resource.id: resource for resource in resources}
        if fresh != self._resources:
            self._resources = fresh
            self._cache.clear()

    async def resolve(self, plugin: Entry, query: ConnectionQuery, contract: Contract) -> Connection:
        """Return the connection a plugin asks for.

        Raises: InvalidParams (not declared), Forbidden or NotSignedIn (not permitted), NotFound.
        """
        resource = self._find_for(plugin, query, contract) or await self._find_own_cluster(plugin, query.item_id)
        if not self._permissions.can_use_connection(plugin, f"connection://{resource.namespace}/{resource.name}"):
            refusal = NotSignedIn if query.connection_id else Forbidden
            raise refusal(f"plugin {plugin.full_name} may not read connection {resource.namespace}/{resource.name}")
        connection = self._cache.find(resource.id)
        if connection is None:
            values = await self._read_values(resource)
            connection = shape_connection(resource, values)
            connection.expires_at = datetime.now(UTC) + timedelta(minutes=5)
            self._cache.put(resource.id, connection)
        return connection

    async def _read_values(self, resource: ConnectionResource) -> Values:
        in_cluster = await read_cluster_values(self._environ, list_refs(resource), resource.namespace)
        return await asyncio.to_thread(read_values, resource, Sources(self._environ, in_cluster))

    async def _find_own_cluster(self, plugin: Entry, item_id: str) -> ConnectionResource:
        """Return the kubeconfig that the plugin declares, else the item's cluster as the host reaches it."""
        declared = parse_declared(plugin.spec).kubeconfig
        if declared is not None:
            return declared_cluster(declared)
        context = self._item_for(plugin, item_id).tags.get("context", "") if item_id else ""
        return await asyncio.to_thread(host_cluster, self._environ, context)

    def _find_for(self, plugin: Entry, query: ConnectionQuery, contract: Contract) -> ConnectionResource | None:
        """Return what is asked for; None: a cluster that nobody wrote a connection for."""
        declared = parse_declared(plugin.spec)
        if query.connection_id:
            return self._get(query.connection_id, plugin.namespace)
        if query.label:
            reference = declared.labels.get(query.label)
            if not reference:
                raise InvalidParams(f'plugin did not declare connection label "{query.label}"')
            return self._get(reference, plugin.namespace)
        if query.type and query.item_id:
            return self._find_by_type_and_item(plugin, declared, query)
        if query.item_id:
            return self._get_of_item(plugin, declared, query.item_id)
        if query.type:
            return self._find_by_type(plugin, declared, query.type, contract)
        raise InvalidParams("connection lookup is required")

    def _find_by_type(
        self, plugin: Entry, declared: Declared, kind: str, contract: Contract
    ) -> ConnectionResource | None:
        reference = declared.reference(kind)
        if reference:
            return self._get(reference, plugin.namespace)
        if declared.allows(kind) and kind == CLUSTER:
            return None
        if declared.allows(kind):
            raise self._underivable(kind)
        suffix = " mapping" if contract is Contract.RELEASED else ""
        raise InvalidParams(f"plugin did not declare a {kind} connection{suffix}")

    def _find_by_type_and_item(
        self, plugin: Entry, declared: Declared, query: ConnectionQuery
    ) -> ConnectionResource | None:
        """The documented contract's lookup: the type must be declared; the item's own connection comes first."""
        kind = query.type
        if not declared.allows(kind):
            raise InvalidParams(f"plugin did not declare a {kind} connection")
        item = self._item_for(plugin, query.item_id)
        own = self._get(item.connection, item.namespace) if item.connection else None
        fixed = declared.kinds.get(kind, "")
        if own is not None and is_kind(own, kind) and not fixed:
            return own
        reference = declared.reference(kind)
        if reference:
            return self._get(reference, plugin.namespace)
        if kind == CLUSTER:
            return None
        if kind in _UNDERIVABLE:
            raise self._underivable(kind)
        raise NotFound(f"config item {item.id} has no {kind} connection")

    def _underivable(self, kind: str) -> InvalidParams | NotFound:
        if kind in _UNDERIVABLE:
            return InvalidParams(f'unsupported connection type "{kind}"', hint=f"declare {kind}: {{connection: …}}")
        return NotFound(f"the declared {kind} connection names no reference and no item")

    def _item_for(self, plugin: Entry, item_id: str) -> CatalogItem:
        item = self._catalog.get(item_id)
        if not plugin.selector.matches(item):
            raise Forbidden(f'plugin "{plugin.name}" is not enabled for config {item.id}')
        return item

    def _get_of_item(self, plugin: Entry, declared: Declared, item_id: str) -> ConnectionResource | None:
        item = self._item_for(plugin, item_id)
        if not item.connection and declared.allows(CLUSTER) and item.type.startswith(_CLUSTER_ITEMS):
            return None
        if not item.connection:
            raise NotFound(f"config item {item.id} has no connection")
        return self._get(item.connection, item.namespace)

    def _get(self, reference: str, namespace: str) -> ConnectionResource:
        wanted = parse_reference(reference, namespace)
        found = next((one for one in self._resources.values() if _is_meant(one, wanted)), None)
        if found is None:
            raise NotFound(f"connection {reference} not found")
        return found


def _is_meant(resource: ConnectionResource, wanted: Reference) -> bool:
    if wanted.id:
        return resource.id == wanted.id
    return (resource.namespace, resource.name) == (wanted.namespace, wanted.name)
