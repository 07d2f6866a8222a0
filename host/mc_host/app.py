"""The composition root: builds the parts of a host, and starts and stops them in order."""

from __future__ import annotations

import asyncio
import copy
import logging
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from mc_host.access.issuers import Issuers
from mc_host.access.policy import Policy
from mc_host.address import Address, hold_state, write_address
from mc_host.artifacts import ArtifactStore
from mc_host.audit import Audit
from mc_host.catalog.intake import Intake
from mc_host.catalog.items import CatalogItem, from_resource
from mc_host.catalog.sources import CatalogSource
from mc_host.catalog.sources.directory import SOURCE, Resources, read_folders, watch_folders
from mc_host.catalog.sources.kubernetes_clusters import ClusterSources
from mc_host.catalog.sources.postgres_servers import PostgresServerSource
from mc_host.catalog.sources.processes import ProcessSource
from mc_host.catalog.store import Catalog
from mc_host.config import HostConfig
from mc_host.connections.cache import ConnectionCache
from mc_host.connections.resolve import ConnectionResolver
from mc_host.host_service import HostService
from mc_host.invocation import Invoker
from mc_host.invocation_tokens import InvocationTokens
from mc_host.manifests import ManifestCache
from mc_host.metrics import HostCollector, Metrics
from mc_host.permissions import PolicyPermissions
from mc_host.plugin_reports import report_plugins
from mc_host.registry import Entry, PluginId, Registry
from mc_host.signing import SigningKey, open_signing_key
from mc_host.state.changes import ChangeStore
from mc_host.state.database import StateDatabase, open_database
from mc_host.subjects import Subject
from mc_host.supervisor.back_channel import open_network_server
from mc_host.supervisor.fleet import Fleet
from mc_host.supervisor.instance import Instance
from mc_host.supervisor.registered import RegisteredPlugin
from mc_host.supervisor.socket_dirs import clear_abandoned
from mc_host.supervisor.status import PluginState
from mc_host.tokens import Tokens, open_owner_token
from mc_wire.background import Background
from mc_wire.errors import Forbidden, InvalidParams, OperationError

log = logging.getLogger(__name__)


@dataclass
class Host:
    """The parts of one host."""

    config: HostConfig
    permissions: PolicyPermissions
    issuers: Issuers
    catalog: Catalog
    connections: ConnectionResolver
    registry: Registry
    fleet: Fleet
    invoker: Invoker
    manifests: ManifestCache
    tokens: Tokens
    invocation_tokens: InvocationTokens
    changes: ChangeStore
    audit: Audit
    metrics: Metrics
    state: StateDatabase
    service: HostService
    intake: Intake
    """Takes what the sources tell."""
    clusters: ClusterSources | None
    plugin_problems: list[str] = field(default_factory=list)
    """What could not be applied of the plugins declared now."""
    applying: asyncio.Lock = field(default_factory=asyncio.Lock)
    upgrading: set[PluginId] = field(default_factory=set)
    """Plugins whose newer version is being installed."""
    has_settled: bool = False
    """Whether every plugin has once been started, well or not; one that starts again later changes nothing."""

    @property
    def problems(self) -> list[str]:
        """What could not be read or applied, and which sources are unwell."""
        return [problem for _, problem in self.list_problems()]

    def list_problems(self) -> list[tuple[str, str]]:
        """Return the problems, each with the source that has it."""
        return [*self.intake.list_problems(), *(("plugins", problem) for problem in self.plugin_problems)]

    async def find_unready(self) -> str:
        """Return what still has to be there before this host is of use, or nothing."""
        if not self.has_settled:
            statuses = ((entry.name, self.fleet.find_status(entry.id)) for entry in self.registry.list_all())
            starting = [name for name, status in statuses if status and status.state is PluginState.STARTING]
            if starting:
                return f"plugins are starting: {', '.join(starting)}"
            self.has_settled = True
        try:
            await self.state.run(lambda connection: connection.execute("select 1").fetchone())
        except OperationError as exc:
            return exc.message
        return ""

    @property
    def sources(self) -> list[CatalogSource]:
        """What finds items and plugins by itself."""
        found: list[CatalogSource] = []
        if self.config.is_machine_shown:
            found += [ProcessSource(), PostgresServerSource(self.config.environ)]
        if self.clusters is not None:
            found.append(self.clusters)
        return found

    def readable_item(self, subject: Subject, item_id: str) -> CatalogItem:
        """Return an item the user may see. Raises: InvalidParams, NotFound, Forbidden."""
        item = self.catalog.get(item_id)
        if not self.permissions.can_read_item(subject, item):
            raise Forbidden(f"not allowed to read config {item.id}")
        return item


def build_host(config: HostConfig, owner_token: str, key: SigningKey, state: StateDatabase) -> Host:
    """Return the parts, connected but not started."""
    permissions, catalog, registry = PolicyPermissions(), Catalog(), Registry()
    connections = ConnectionResolver(catalog, permissions, config.environ, ConnectionCache(config.connection_ttl_s))
    manifests = ManifestCache(config.cache_dir)

    async def keep_manifest(entry: Entry, plugin: RegisteredPlugin) -> None:
        try:
            if isinstance(plugin, Instance):
                await asyncio.to_thread(manifests.write_local, entry.name, plugin.manifest, plugin.binary)
            else:
                await asyncio.to_thread(manifests.write_remote, entry.name, plugin.manifest, entry.spec.address)
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
        key.jwk,
    )
    tokens = InvocationTokens(key)
    changes = ChangeStore(state, config.change_window_s)
    audit = Audit(changes)
    metrics = Metrics()
    invoker = Invoker(config, registry, fleet, catalog, permissions, tokens, audit, metrics)
    artifacts = ArtifactStore(config.artifacts_root)
    service = HostService(registry, catalog, connections, artifacts, permissions, tokens, invoker.invoke_nested)
    host = Host(
        config,
        permissions,
        Issuers(),
        catalog,
        connections,
        registry,
        fleet,
        invoker,
        manifests,
        Tokens(owner_token),
        tokens,
        changes,
        audit,
        metrics,
        state,
        service,
        Intake(catalog, connections.replace_all),
        _open_clusters(config),
    )
    count = HostCollector(config.version, registry, fleet.find_status, catalog, lambda: len(host.list_problems()))
    metrics.add(count)
    return host


def _open_clusters(config: HostConfig) -> ClusterSources | None:
    if config.kube_contexts is None:
        return None
    return ClusterSources(
        config.environ,
        config.kube_contexts,
        plugin_context=config.plugin_context,
        plugin_namespace=config.plugin_namespace,
    )


async def apply_resources(host: Host, resources: Resources) -> None:
    """Make policy, catalog, connections and plugins what the folders say; the policy first."""
    policy = await asyncio.to_thread(Policy, resources.policy_texts) if resources.is_policy_known else None
    host.permissions.replace_policy(policy)
    problems = [*resources.problems, *host.issuers.replace_all(resources.issuers)]
    host.intake.replace_items(SOURCE, (from_resource(item, SOURCE) for item in resources.items))
    host.intake.replace_connections(SOURCE, resources.connections)
    host.intake.replace_plugins(SOURCE, resources.plugins)
    host.intake.report_problems(SOURCE, problems)
    await apply_plugins(host)
    counts = {name: len(getattr(resources, name)) for name in ("plugins", "connections", "items", "permissions")}
    log.info("configuration read", extra=counts)


async def apply_plugins(host: Host) -> None:
    """Make the fleet what all sources declare together."""
    async with host.applying:
        host.intake.plugins_changed.clear()
        plugins, clashes = host.intake.merge_plugins()
        host.plugin_problems = [*clashes, *await host.fleet.apply(plugins)]
    for problem in host.plugin_problems:
        log.warning("configuration problem", extra={"problem": problem})


async def _follow_sources(host: Host, background: Background) -> None:
    """Run what finds items and plugins by itself, and apply the plugins it declares."""
    for source in host.sources:
        background.spawn(source.run(host.intake), name=f"source {source.name}")
    if host.clusters is not None:
        reports = report_plugins(
            host.clusters.list_plugin_sources, host.registry, host.fleet, lambda: host.plugin_problems
        )
        background.spawn(reports, name="plugin reports")
    while True:
        await host.intake.plugins_changed.wait()
        await apply_plugins(host)


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
    """Run a host without its HTTP side; with `only_plugin` just that one is started and changes are not followed.

    Raises: KeyFileError, StateError, InvalidParams (the address for remote plugins).
    """
    key = await asyncio.to_thread(open_signing_key, config.state_dir, config.signing_private_key)
    owner_token = await asyncio.to_thread(open_owner_token, config.state_dir)
    state = await asyncio.to_thread(open_database, config.state_dir)
    host = build_host(config, owner_token, key, state)
    background, stack = Background(), AsyncExitStack()
    try:
        resources = await asyncio.to_thread(read_folders, config.config_dirs)
        if only_plugin:
            resources.plugins = [
                one for one in resources.plugins if only_plugin in (one.name, f"{one.namespace}/{one.name}")
            ]
        else:
            await asyncio.to_thread(clear_abandoned)
        await host.changes.forget_older(config.change_keep_s)
        await apply_resources(host, resources)
        if config.network.listen and not only_plugin:
            network = await open_network_server(
                config.network, lambda name, token: host.service.route(name, token, host.fleet.find_remote)
            )
            stack.push_async_callback(network.stop, 0)
        if not only_plugin:
            background.spawn(_follow_folders(host, copy.deepcopy(resources)), name="configuration folders")
            background.spawn(_follow_sources(host, background), name="catalog sources")
        yield host
    finally:
        await background.aclose()
        await host.fleet.aclose()
        await stack.aclose()
        await host.audit.aclose()
        await asyncio.to_thread(state.close)


@asynccontextmanager
async def open_server(config: HostConfig) -> AsyncIterator[tuple[Host, str]]:
    """Run a host with page and API; yields it with its address. Raises: AlreadyRunning, OSError (the port is taken)."""
    from mc_host.gateway.routes import open_gateway

    async with hold_state(config.state_dir), open_host(config) as host, open_gateway(host) as url:
        address = Address(url=url, token=host.tokens.owner, pid=os.getpid())
        await asyncio.to_thread(write_address, config.state_dir, address)
        yield host, url
