"""All plugins of the host: makes what runs equal to what is declared."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

import msgspec

from mc_host.config import HostConfig
from mc_host.connections.references import parse_declared
from mc_host.registry import Entry, PluginId, Registry
from mc_host.resources import PluginResource
from mc_host.supervisor.back_channel import HostMethod
from mc_host.supervisor.instance import Instance
from mc_host.supervisor.lifecycle import PluginRunner
from mc_host.supervisor.output import LogLine
from mc_host.supervisor.registered import RegisteredPlugin
from mc_host.supervisor.remote import RemoteRunner
from mc_host.supervisor.status import Status
from mc_wire.errors import NotRunning, OperationError
from mc_wire.handshake import JWK_KEY, PLUGIN_ID_KEY

log = logging.getLogger(__name__)
ServiceFactory = Callable[[PluginId, RegisteredPlugin], Mapping[str, HostMethod]]
AfterStart = Callable[[Entry, RegisteredPlugin], Awaitable[None]]
Runner = PluginRunner | RemoteRunner

_RESTARTING_FIELDS = ("source", "version", "checksum", "address", "host_grpc_address", "ca_cert", "env")


class Fleet:
    """Owns one runner per declared plugin, here or elsewhere."""

    def __init__(
        self,
        config: HostConfig,
        registry: Registry,
        host_service: ServiceFactory,
        after_start: AfterStart,
        after_removal: Callable[[str], Awaitable[None]],
        jwk: str,
    ) -> None:
        self._config = config
        self._registry = registry
        self._host_service = host_service
        self._after_start = after_start
        self._after_removal = after_removal
        self._jwk = jwk
        self._runners: dict[PluginId, Runner] = {}
        self._declared: dict[PluginId, PluginResource] = {}

    async def apply(self, resources: Iterable[PluginResource]) -> list[str]:
        """Start what is new, stop what is gone, change what differs; returns what could not be done."""
        wanted = {PluginId(resource.id): resource for resource in resources}
        for plugin_id in [known for known in self._declared if known not in wanted]:
            await self._remove(plugin_id)
        problems = []
        for plugin_id, resource in wanted.items():
            try:
                await self._apply_one(plugin_id, resource)
            except OperationError as exc:
                problems.append(f"{resource.origin}: plugin {resource.namespace}/{resource.name}: {exc.message}")
        return problems

    async def _apply_one(self, plugin_id: PluginId, resource: PluginResource) -> None:
        before = self._declared.get(plugin_id)
        if before == resource:
            return
        parse_declared(resource.spec)  # refused now rather than at the first lookup
        self._registry.upsert(plugin_id, resource.name, resource.namespace, resource.spec)
        # A copy, since the runner's own spec follows changed properties.
        self._declared[plugin_id] = msgspec.convert(msgspec.to_builtins(resource), PluginResource)
        if before is not None and not _needs_restart(before, resource):
            if before.spec.properties != resource.spec.properties:
                await self._runners[plugin_id].configure(resource.spec.properties)
            return
        # The new runner is in place before the old one ends, so that calls in between wait for it.
        previous, runner = self._runners.get(plugin_id), self._create_runner(plugin_id, resource)
        self._runners[plugin_id] = runner
        if previous is not None:
            await previous.aclose()
        runner.start()

    def _create_runner(self, plugin_id: PluginId, resource: PluginResource) -> Runner:
        async def note_running(plugin: RegisteredPlugin) -> None:
            path = plugin.binary if isinstance(plugin, Instance) else None
            self._registry.set_running(plugin_id, plugin.manifest, plugin, path)
            entry = self._registry.find_by_id(plugin_id)
            if entry is not None:
                await self._after_start(entry, plugin)

        identity = {JWK_KEY: self._jwk, PLUGIN_ID_KEY: plugin_id}
        if resource.spec.address:
            return RemoteRunner(
                self._config,
                resource.name,
                resource.spec,
                note_running,
                lambda: self._registry.set_stopped(plugin_id),
                identity,
            )
        return PluginRunner(
            self._config,
            resource.name,
            resource.spec,
            lambda instance: self._host_service(plugin_id, instance),
            note_running,
            lambda: self._registry.set_stopped(plugin_id),
            identity,
        )

    async def _remove(self, plugin_id: PluginId) -> None:
        runner = self._runners.pop(plugin_id, None)
        if runner is not None:
            await runner.aclose()
        declared = self._declared.pop(plugin_id, None)
        self._registry.remove(plugin_id)
        if declared is not None:
            await self._after_removal(declared.name)

    def find_status(self, plugin_id: PluginId) -> Status | None:
        """Return how a plugin stands."""
        runner = self._runners.get(plugin_id)
        return runner.status if runner else None

    def find_remote(self, plugin_id: PluginId) -> RegisteredPlugin | None:
        """Return a plugin that runs elsewhere and is registered now."""
        runner = self._runners.get(plugin_id)
        return runner.instance if isinstance(runner, RemoteRunner) else None

    def list_log(self, plugin_id: PluginId) -> list[LogLine]:
        """Return the newest records of a plugin's output, oldest first."""
        runner = self._runners.get(plugin_id)
        return list(runner.output.tail) if runner else []

    async def running(self, entry: Entry) -> Entry:
        """Return the entry once its plugin answers calls; a start under way is waited for.

        Raises: NotRunning, with the reason.
        """
        try:
            async with asyncio.timeout(self._config.settle_timeout_s):
                while (runner := self._runners.get(entry.id)) is not None:
                    await runner.status.settled.wait()
                    if runner is self._runners.get(entry.id):
                        break
        except TimeoutError as exc:
            raise self._not_running(entry, self._runners.get(entry.id)) from exc
        current = self._registry.find_by_id(entry.id)
        if current is None or current.runtime is None or current.manifest is None:
            raise self._not_running(entry, runner)
        return current

    def _not_running(self, entry: Entry, runner: Runner | None) -> NotRunning:
        if runner is None:
            return NotRunning(f'plugin "{entry.name}" is not running')
        status = runner.status
        reason = f": {status.last_error}" if status.last_error else ""
        message = f'plugin "{entry.name}" is not running ({status.state.value}){reason}'
        return NotRunning(message, state=status.state.value)

    async def aclose(self) -> None:
        """Stop every plugin, all at once."""
        runners, self._runners = list(self._runners.values()), {}
        await asyncio.gather(*(runner.aclose() for runner in runners))
        for plugin_id in list(self._declared):
            self._registry.set_stopped(plugin_id)


def _needs_restart(before: PluginResource, after: PluginResource) -> bool:
    names = [*_RESTARTING_FIELDS]
    return before.name != after.name or any(getattr(before.spec, n) != getattr(after.spec, n) for n in names)
