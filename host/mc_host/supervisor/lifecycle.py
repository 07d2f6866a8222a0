"""The life of one plugin: start, watch, restart within the budget, stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import grpc.aio

from mc_host.config import HostConfig
from mc_host.install.layout import check_checksum, find_binary
from mc_host.resources import PluginSpec
from mc_host.supervisor.binary_watch import FileStamp, read_stamp, wait_until_replaced
from mc_host.supervisor.budget import Backoff, RestartBudget
from mc_host.supervisor.health import watch_health
from mc_host.supervisor.instance import HostMethods, Instance, StartError, open_instance
from mc_host.supervisor.output import OutputLog
from mc_host.supervisor.process import describe_exit
from mc_host.supervisor.status import PluginState, Status
from mc_wire.background import Background
from mc_wire.errors import InvalidParams, NotFound, NotRunning
from mc_wire.model import JSON

log = logging.getLogger(__name__)
_REPLACED = "binary was replaced"


class PluginRunner:
    """Keeps one declared plugin running.

    `on_running` and `on_stopped` tell the rest of the host; they are awaited before calls are let in.
    """

    def __init__(
        self,
        config: HostConfig,
        name: str,
        spec: PluginSpec,
        host_methods: HostMethods | None,
        on_running: Callable[[Instance], Awaitable[None]],
        on_stopped: Callable[[], None],
        identity: Mapping[str, str],
    ) -> None:
        self._config = config
        self._name = name
        self._spec = spec
        self._host_methods = host_methods
        self._on_running = on_running
        self._on_stopped = on_stopped
        self._identity = identity
        self._budget = RestartBudget(config.restart_limit, config.restart_window_s)
        self._backoff = Backoff(config.backoff_first_s, config.backoff_max_s)
        self._background = Background()
        self._seen: tuple[Path, FileStamp | None] | None = None
        self.status = Status()
        self.output = OutputLog(name, spec.source or name, config.log_tail)
        self.instance: Instance | None = None
        self.warnings: tuple[str, ...] = ()

    def start(self) -> None:
        """Begin; returns at once, `status.settled` tells when it is decided."""
        self._background.spawn(self._run(), name=f"plugin {self._name}")

    async def configure(self, properties: Mapping[str, JSON]) -> None:
        """Hand new properties to the running plugin; a later start sends them as well."""
        self._spec.properties = dict(properties)
        if self.instance is not None:
            await self._send_properties(self.instance)

    async def aclose(self) -> None:
        """Stop the plugin and leave nothing behind."""
        instance = self.instance
        self.status.settled.clear()
        if instance is not None:
            self._on_stopped()
            await instance.stop()
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
        """Start again and again, as long as the budget lasts and nobody asked the plugin to stop."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                reason = await self._run_once()
            except (StartError, NotFound, InvalidParams) as exc:
                reason = f"start failed: {exc}"
            except Exception as exc:  # border: a fault in our own supervision must not end it
                log.exception("plugin supervision failed", extra={"plugin": self._name})
                reason = f"start failed: {exc!r}"
            if reason is None:
                self._set_state(PluginState.STOPPED)
                return
            level = logging.INFO if reason == _REPLACED else logging.WARNING
            log.log(level, "plugin starts again", extra={"plugin": self._name, "reason": reason})
            if loop.time() - began >= self._config.steady_after_s:
                self._backoff.reset()
            await self._pause(reason)

    async def _pause(self, reason: str) -> None:
        """Wait until the next start is due; a spent budget is `failed` until time or a new binary helps."""
        loop = asyncio.get_running_loop()
        while not self._budget.spend(loop.time()):
            limit, window_min = self._config.restart_limit, self._config.restart_window_s / 60
            spent = f"{reason}; {limit} restarts within {window_min:g} min are spent"
            if self.status.state is not PluginState.FAILED:
                log.error("plugin stays down", extra={"plugin": self._name, "reason": spent})
            self._set_state(PluginState.FAILED, spent)
            if await self._is_replaced_within(self._budget.wait_s(loop.time())):
                # Another program: what the old one did is not held against it.
                self._budget, reason = RestartBudget(limit, self._config.restart_window_s), _REPLACED
                break
        self.status.restarts += 1
        self._set_state(PluginState.BACKING_OFF, reason)
        if reason != _REPLACED:
            await asyncio.sleep(self._backoff.next_s())

    async def _is_replaced_within(self, timeout_s: float) -> bool:
        """Wait for another binary; False when none came in time."""
        if self._seen is None:
            await asyncio.sleep(timeout_s)
            return False
        try:
            async with asyncio.timeout(timeout_s):
                await wait_until_replaced(*self._seen, self._config.binary_quiet_s)
        except TimeoutError:
            return False
        return True

    async def _run_once(self) -> str | None:
        """Run the plugin until it ends; returns why it must start again, None when it may rest."""
        self._set_state(PluginState.STARTING)
        binary, stamp = self._seen = await asyncio.to_thread(self._find_binary)
        async with AsyncExitStack() as stack:
            instance = await stack.enter_async_context(
                open_instance(
                    self._config,
                    self._name,
                    binary,
                    self._spec.env,
                    self.output,
                    self._host_methods,
                    self._identity,
                )
            )
            stack.callback(self._note_stopped)
            await self._note_running(instance)
            reason = await self._watch(instance, binary, stamp)
            self._close_to_calls(reason or "")
            await instance.stop()
        return reason

    def _close_to_calls(self, reason: str) -> None:
        self._set_state(PluginState.BACKING_OFF, reason)
        self._on_stopped()

    def _find_binary(self) -> tuple[Path, FileStamp | None]:
        """Return the binary, checked, and what tells a later one from it. Raises: NotFound, InvalidParams."""
        binary = find_binary(self._config.plugin_root, self._spec.source or self._name, self._spec.version)
        stamp = read_stamp(binary)
        if self._spec.checksum:
            check_checksum(binary, self._spec.checksum)
        return binary, stamp

    async def _note_running(self, instance: Instance) -> None:
        self.instance = instance  # first, so that properties that change from here on are sent by `configure`
        await self._send_properties(instance)
        # At once, before any caller of the dead process hears of it: the next call must wait for the restart.
        instance.process.exited.add_done_callback(lambda _: self._close_to_calls("process ended"))
        self.status.pid, self.status.started_at = instance.process.pid, instance.started_at
        await self._on_running(instance)
        self._set_state(PluginState.RUNNING, "")
        manifest = instance.manifest
        log.info(
            f"plugin {self._name} loaded",  # noqa: G004  # the spec fixes this text
            extra={
                "plugin": self._name,
                "version": manifest.version,
                "ops": len(manifest.operations),
                "ui_port": manifest.ui_port,
                "contract": instance.contract.value,
                "pid": instance.process.pid,
            },
        )

    def _note_stopped(self) -> None:
        self.instance = None
        self.status.pid = None
        self._on_stopped()

    async def _send_properties(self, instance: Instance) -> None:
        """Configure the plugin; one that cannot be configured still runs."""
        try:
            self.warnings = await instance.client.configure(self._spec.properties, self._config.register_timeout_s)
        except grpc.aio.AioRpcError as exc:
            if exc.code() is grpc.StatusCode.UNIMPLEMENTED:
                return
            self.warnings = (f"configuration refused: {exc.details()}",)
        except NotRunning:
            return  # it ended meanwhile; the next start sends them
        for warning in self.warnings:
            log.warning("plugin settings", extra={"plugin": self._name, "warning": warning})

    async def _watch(self, instance: Instance, binary: Path, stamp: FileStamp | None) -> str | None:
        """Return why the running plugin must start again, None after a stop that was asked for."""
        watchers = Background()
        replaced = watchers.spawn(
            wait_until_replaced(binary, stamp, self._config.binary_quiet_s), name=f"binary of {self._name}"
        )
        hangs = watchers.spawn(
            watch_health(
                instance.client, self._config.health_interval_s, self._config.health_timeout_s, self._report_health
            ),
            name=f"health of {self._name}",
        )
        try:
            await asyncio.wait([instance.process.exited, replaced, hangs], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await watchers.aclose()
        if instance.process.exited.done():
            status = instance.process.exited.result()
            return None if instance.was_asked_to_stop else f"ended unasked ({describe_exit(status)})"
        if hangs.done() and not hangs.cancelled():
            reason: str = hangs.result()
            instance.process.kill()  # it does not answer, so asking it to stop is a waste of two seconds
            return reason
        return _REPLACED

    def _report_health(self, problem: str) -> None:
        state = PluginState.UNHEALTHY if problem else PluginState.RUNNING
        if self.status.state is not state:
            log.log(
                logging.WARNING if problem else logging.INFO,
                "plugin health changed",
                extra={"plugin": self._name, "state": state.value, "problem": problem},
            )
        self._set_state(state, problem)
