"""The composition root: builds the parts of a host, and starts and stops them in order."""

from __future__ import annotations

import asyncio
import copy
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mc_host.address import Address, hold_state, write_address
from mc_host.artifacts import ArtifactStore
from mc_host.catalog.items import CatalogItem, from_resource
from mc_host.catalog.sources.directory import SOURCE, Resources, read_folders, watch_folders
from mc_host.catalog.store import Catalog
from mc_host.config import HostConfig
from mc_host.connections.cache import ConnectionCache
from mc_host.connections.resolve import ConnectionResolver
from mc_host.host_service import HostService
from mc_host.invocation import Invoker
from mc_host.manifests import ManifestCache
from mc_host.permissions import OwnerPermissions, Permissions, Subject
from mc_host.registry import Entry, Registry
from mc_host.supervisor.fleet import Fleet
from mc_host.supervisor.instance import Instance
from mc_host.supervisor.socket_dirs import clear_abandoned
from mc_host.tokens import Tokens, open_owner_token
from mc_wire.background import Background
from mc_wire.errors import Forbidden, InvalidParams

log = logging.getLogger(__name__)


@dataclass
class Host:
    """The parts of one host."""

    config: HostConfig
    permissions: Permissions
    catalog: Catalog
    connections: ConnectionResolver
    registry: Registry
    fleet: Fleet
    invoker: Invoker
    manifests: ManifestCache
    tokens: Tokens
    problems: list[str] = field(default_factory=list)
    """What could not be read or applied at the last look at the configuration."""

    def readable_item(self, subject: Subject, item_id: str) -> CatalogItem:
        """Return an item the user may see. Raises: InvalidParams, NotFound, Forbidden."""
        item = self.catalog.get(item_id)
        if not self.permissions.can_read_item(subject, item):
            raise Forbidden(f"not allowed to read config {item.id}")
        return item


def build_host(config: HostConfig, owner_token: str) -> Host:
    """Return the parts, connected but not started."""
    permissions, catalog, registry = OwnerPermissions(), Catalog(), Registry()
    connections = ConnectionResolver(catalog, permissions, config.environ, ConnectionCache(config.connection_ttl_s))
    manifests = ManifestCache(config.cache_dir)

    async def keep_manifest(entry: Entry, instance: Instance) -> None:
        try:
            await asyncio.to_thread(manifests.write_local, entry.name, instance.manifest, instance.binary)
        except (OSError, InvalidParams) as exc:
            log.warning("manifest not cached", extra={"plugin": entry.name, "error": str(exc)})

    async def forget_manifest(name: str) -> None:
        await asyncio.to_thread(manifests.delete, name)

    fleet = Fleet(
        config,
        registry,
        lambda plugin_id, instance: service.methods(plugin_id, instance),
        keep_manifest,
        forget_manifest,
    )
    invoker = Invoker(config, registry, fleet, catalog, permissions)
    artifacts = ArtifactStore(config.artifacts_root)
    service = HostService(registry, catalog, connections, artifacts, permissions, invoker.invoke_nested)
    return Host(config, permissions, catalog, connections, registry, fleet, invoker, manifests, Tokens(owner_token))


async def apply_resources(host: Host, resources: Resources) -> None:
    """Make catalog, connections and plugins what the folders say."""
    host.catalog.replace_source(SOURCE, (from_resource(item, SOURCE) for item in resources.items))
    host.connections.replace_all(resources.connections)
    host.problems = [*resources.problems, *await host.fleet.apply(resources.plugins)]
    for problem in host.problems:
        log.warning("configuration problem", extra={"problem": problem})
    counts = {name: len(getattr(resources, name)) for name in ("plugins", "connections", "items")}
    log.info("configuration read", extra=counts)


async def _follow_folders(host: Host, known: Resources) -> None:
    """Apply what changes, and what changed between the first reading and the moment the watch was up."""
    folders = host.config.config_dirs
    async for _ in watch_folders(folders):
        found = await asyncio.to_thread(read_folders, folders)
        if found != known:
            known = found
            await apply_resources(host, found)


@asynccontextmanager
async def open_host(config: HostConfig, *, only_plugin: str = "") -> AsyncIterator[Host]:
    """Run a host without its HTTP side; with `only_plugin` just that one is started and changes are not followed."""
    host = build_host(config, await asyncio.to_thread(open_owner_token, config.state_dir))
    background = Background()
    try:
        resources = await asyncio.to_thread(read_folders, config.config_dirs)
        if only_plugin:
            resources.plugins = [
                one for one in resources.plugins if only_plugin in (one.name, f"{one.namespace}/{one.name}")
            ]
        else:
            await asyncio.to_thread(clear_abandoned)
        await apply_resources(host, resources)
        if not only_plugin:
            background.spawn(_follow_folders(host, copy.deepcopy(resources)), name="configuration folders")
        yield host
    finally:
        await background.aclose()
        await host.fleet.aclose()


@asynccontextmanager
async def open_server(config: HostConfig) -> AsyncIterator[tuple[Host, str]]:
    """Run a host with page and API; yields it with its address. Raises: AlreadyRunning, OSError (the port is taken)."""
    from mc_host.gateway.routes import open_gateway

    async with hold_state(config.state_dir), open_host(config) as host, open_gateway(host) as url:
        address = Address(url=url, token=host.tokens.owner, pid=os.getpid())
        await asyncio.to_thread(write_address, config.state_dir, address)
        yield host, url
