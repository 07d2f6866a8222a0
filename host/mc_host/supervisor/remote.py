"""Plugins that run elsewhere: dialled, registered, watched, and dialled again when they or the way to them fail."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import grpc
import grpc.aio

from mc_host.config import HostConfig
from mc_host.resources import PluginSpec
from mc_host.supervisor.back_channel import is_loopback
from mc_host.supervisor.budget import Backoff
from mc_host.supervisor.client import PluginClient
from mc_host.supervisor.health import watch_health
from mc_host.supervisor.output import OutputLog
from mc_host.supervisor.registered import RegisteredPlugin
from mc_host.supervisor.status import PluginState, Status
from mc_wire.background import Background
from mc_wire.errors import InvalidParams, NotRunning, OperationError
from mc_wire.handshake import CONTRACT_KEY
from mc_wire.model import JSON, Contract, Registration

log = logging.getLogger(__name__)
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.25, 5.0
"""A plugin that is being rolled out answers again within seconds, and an idle dial costs next to nothing."""
STEADY_AFTER_S = 30.0


class RemoteRunner:
    """Keeps one remote plugin registered; the same to the fleet as one that runs here."""

    def __init__(
        self,
        config: HostConfig,
        name: str,
        spec: PluginSpec,
        on_running: Callable[[RegisteredPlugin], Awaitable[None]],
        on_stopped: Callable[[], None],
        identity: Mapping[str, str],
    ) -> None:
        self._config = config
        self._name = name
        self._spec = spec
        self._on_running = on_running
        self._on_stopped = on_stopped
        self._identity = identity
        self._background = Background()
        self._backoff = Backoff(BACKOFF_FIRST_S, BACKOFF_MAX_S)
        self.status = Status()
        self.output = OutputLog(name, name, config.log_tail)
        self.instance: RegisteredPlugin | None = None
        self.warnings: tuple[str, ...] = ()

    def start(self) -> None:
        """Begin; returns at once, `status.settled` tells when it is decided."""
        self._background.spawn(self._run(), name=f"remote plugin {self._name}")

    async def configure(self, properties: Mapping[str, JSON]) -> None:
        """Hand new properties to the plugin; a later registration sends them as well."""
        self._spec.properties = dict(properties)
        if self.instance is not None:
            await self._send_properties(self.instance)

    async def aclose(self) -> None:
        """Let go of the plugin, which runs on: it may serve other hosts."""
        self.status.settled.clear()
        await self._background.aclose()
        self._set_state(PluginState.STOPPED)

    def _set_state(self, state: PluginState, error: str | None = None) -> None:
        self.status.state = state
        if error is not None:
            self.status.last_error = error
        if state in (PluginState.STARTING, PluginState.BACKING_OFF):
            self.status.settled.clear()
        else:
            self.status.settled.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self._set_state(PluginState.STARTING)
        while True:
            began = loop.time()
            try:
                reason = await self._run_once()
            except InvalidParams as exc:  # the resource itself is wrong, and another try would not help
                self._set_state(PluginState.FAILED, exc.message)
                return
            except (grpc.aio.AioRpcError, OperationError, TimeoutError, OSError) as exc:
                reason = f"{self._spec.address} cannot be registered: {_describe(exc)}"
            if loop.time() - began >= STEADY_AFTER_S:
                self._backoff.reset()
            self.status.restarts += 1
            log.warning("remote plugin is dialled again", extra={"plugin": self._name, "reason": reason})
            self._set_state(PluginState.BACKING_OFF, reason)
            await asyncio.sleep(self._backoff.next_s())

    async def _run_once(self) -> str:
        """Register and watch; returns why the plugin must be registered anew."""
        tls = await asyncio.to_thread(read_tls, self._config, self._spec)
        client = PluginClient(self._spec.address, tls.channel if tls else None)
        plugin = RegisteredPlugin(name=self._name, output=self.output, client=client, tls=tls.context if tls else None)
        try:
            async with asyncio.timeout(self._config.register_timeout_s):
                await client.ready()
            await plugin.register(self._registration(), self._config.register_timeout_s)
            plugin.http_base = self._http_base(plugin)
            self.instance = plugin
            await self._send_properties(plugin)
            self.status.started_at = plugin.started_at
            await self._on_running(plugin)
            self._set_state(PluginState.RUNNING, "")
            log.info(f"plugin {self._name} loaded", extra=self._facts(plugin))  # noqa: G004
            return await self._watch(client)
        finally:
            self.instance = None
            self._on_stopped()
            await client.aclose()

    def _registration(self) -> Registration:
        """Return what the plugin is told: who this host is, and where it is reached, if it can be."""
        env = {CONTRACT_KEY: Contract.DOCUMENTED.value, **self._identity}
        network = self._config.network
        address = self._spec.host_grpc_address or (network.listen if network.listen else "")
        if not address:
            return Registration(host_version=self._config.version, env=env)
        return Registration(
            host_version=self._config.version,
            env=env,
            grpc_address=address,
            grpc_tls=network.has_tls,
            grpc_ca_cert=network.ca.read_text() if network.ca else "",
        )

    def _http_base(self, plugin: RegisteredPlugin) -> str:
        host = self._spec.address.rpartition(":")[0]
        scheme = "https" if plugin.tls else "http"
        return f"{scheme}://{host}:{plugin.manifest.ui_port}" if plugin.manifest.ui_port else ""

    def _facts(self, plugin: RegisteredPlugin) -> dict[str, JSON]:
        return {
            "plugin": self._name,
            "address": self._spec.address,
            "version": plugin.manifest.version,
            "ops": len(plugin.manifest.operations),
            "ui_port": plugin.manifest.ui_port,
            "contract": plugin.contract.value,
        }

    async def _send_properties(self, plugin: RegisteredPlugin) -> None:
        try:
            self.warnings = await plugin.client.configure(self._spec.properties, self._config.register_timeout_s)
        except grpc.aio.AioRpcError as exc:
            if exc.code() is grpc.StatusCode.UNIMPLEMENTED:
                return
            self.warnings = (f"configuration refused: {exc.details()}",)
        except NotRunning:
            return  # gone meanwhile; the next registration sends them
        for warning in self.warnings:
            log.warning("plugin settings", extra={"plugin": self._name, "warning": warning})

    async def _watch(self, client: PluginClient) -> str:
        """Return why the plugin must be registered anew: another process behind the address has another UI port."""
        watchers = Background()
        lost = watchers.spawn(client.wait_lost(), name=f"connection to {self._name}")
        interval_s, timeout_s = self._config.health_interval_s, self._config.health_timeout_s
        hangs = watchers.spawn(
            watch_health(client, interval_s, timeout_s, self._report_health), name=f"health of {self._name}"
        )
        try:
            await asyncio.wait([lost, hangs], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await watchers.aclose()
        if lost.done() and not lost.cancelled():
            return f"the connection to {self._spec.address} was lost"
        reason: str = hangs.result()
        return reason

    def _report_health(self, problem: str) -> None:
        self._set_state(PluginState.UNHEALTHY if problem else PluginState.RUNNING, problem)


class Tls:
    """How one remote plugin is reached: for gRPC, and for its HTTP side."""

    def __init__(self, authority: str, certificate: Path | None, key: Path | None) -> None:
        self.context = ssl.create_default_context(cadata=authority)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        own: tuple[bytes | None, bytes | None] = (None, None)
        if certificate and key:
            self.context.load_cert_chain(certificate, key)
            own = (key.read_bytes(), certificate.read_bytes())
        self.channel = grpc.ssl_channel_credentials(authority.encode(), *own)


def read_tls(config: HostConfig, spec: PluginSpec) -> Tls | None:
    """Return how the plugin's certificate is checked and ours shown; None for one on this machine in the clear.

    It reads files. Raises: InvalidParams (off this machine without a certificate to check, or a bad one).
    """
    if not spec.ca_cert:
        host = spec.address.rpartition(":")[0].strip("[]")
        if not is_loopback(host) and not config.network.is_insecure:
            raise InvalidParams(
                f"plugin at {spec.address} is not dialled in the clear: set spec.caCert",
                hint="or start the host with MISSION_CONTROL_INSECURE_PLUGINS=on, which lets anybody on the way listen",
            )
        return None
    try:
        return Tls(spec.ca_cert, config.network.plugin_certificate, config.network.plugin_key)
    except (ssl.SSLError, OSError) as exc:
        raise InvalidParams(f"spec.caCert, or the host's own certificate, cannot be used: {exc}") from exc


def _describe(exc: Exception) -> str:
    if isinstance(exc, grpc.aio.AioRpcError):
        return exc.details() or exc.code().name
    return str(exc) or ("no answer in time" if isinstance(exc, TimeoutError) else type(exc).__name__)
