"""One start of one plugin: process, channel, back-channel and manifest, opened in order and closed in reverse."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc
import grpc.aio

from mc_host.config import HostConfig
from mc_host.install.layout import describe_file
from mc_host.supervisor.back_channel import HostMethod, open_server
from mc_host.supervisor.client import PluginClient
from mc_host.supervisor.launch import plugin_environment
from mc_host.supervisor.output import OutputLog
from mc_host.supervisor.process import PluginProcess, ProcessEnded, describe_exit
from mc_host.supervisor.registered import RegisteredPlugin
from mc_host.supervisor.socket_dirs import SocketDir, check_owner
from mc_wire.background import Background
from mc_wire.errors import NotRunning, OperationError
from mc_wire.handshake import CONTRACT_KEY, ENV_CLIENT_CERT, Handshake, HandshakeError
from mc_wire.model import JSON, Contract, Registration
from mc_wire.mtls import BadCertificate, Identity, MutualTls, create_identity, pem_of_field

log = logging.getLogger(__name__)
T = TypeVar("T")
HostMethods = Callable[[RegisteredPlugin], Mapping[str, HostMethod]]


class StartError(Exception):
    """The plugin did not come up; the text is for the operator."""


@dataclass(kw_only=True)
class Instance(RegisteredPlugin):
    """A running plugin process that has registered."""

    binary: Path
    process: PluginProcess
    background: Background
    stop_timeout_s: float
    was_asked_to_stop: bool = False
    handshake_s: float = 0.0
    """From before the process was started to its handshake line."""
    registered_s: float = 0.0
    """From before the process was started to the answer of RegisterPlugin."""

    async def describe_end(self, operation: str, text: str) -> NotRunning:
        """Return how the process ended under a call."""
        has_ended = await self.process.wait(1.0)  # the channel breaks a moment before the exit is seen
        how = describe_exit(self.process.exited.result()) if has_ended else text
        message = f'plugin "{self.name}" ended while it ran "{operation}": {how}'
        hint = None if self.was_asked_to_stop else "it is being restarted; try again"
        return NotRunning(message, hint=hint, plugin=self.name)

    async def stop(self) -> None:
        """Ask it to end, wait, and kill what does not listen."""
        self.was_asked_to_stop = True
        if self.process.exited.done():
            return
        deadline = asyncio.get_running_loop().time() + self.stop_timeout_s
        await self.client.shutdown(self.stop_timeout_s / 2)
        left_s = max(0.05, deadline - asyncio.get_running_loop().time())
        if not await self.process.wait(left_s):
            log.warning("plugin failed to exit gracefully", extra={"plugin": self.name, "pid": self.process.pid})
            self.process.kill()


@asynccontextmanager
async def open_instance(
    config: HostConfig,
    name: str,
    binary: Path,
    env: Mapping[str, JSON],
    output: OutputLog,
    host_methods: HostMethods | None,
    identity: Mapping[str, str] | None = None,
) -> AsyncIterator[Instance]:
    """Start `binary` and register it; without `host_methods` it gets no back-channel.

    `identity` is told to the plugin at registration: its id, and the key that signs its tokens. Raises: StartError.
    """
    async with AsyncExitStack() as stack:
        steps = _Steps("process start")
        try:
            async with asyncio.timeout(config.register_timeout_s):
                instance = await _start(stack, steps, config, name, binary, env, output, host_methods, identity or {})
        except TimeoutError as exc:
            text = f"no answer within the {config.register_timeout_s:g} s register deadline (waiting for {steps.now})"
            raise StartError(_with_output(text, output)) from exc
        except (HandshakeError, ProcessEnded) as exc:
            raise StartError(_with_output(f"{exc}; {await _describe(binary)}", output)) from exc
        except OSError as exc:
            raise StartError(f"cannot execute {binary}: {exc.strerror}; {await _describe(binary)}") from exc
        except (grpc.aio.AioRpcError, OperationError) as exc:
            text = exc.details() or "" if isinstance(exc, grpc.aio.AioRpcError) else str(exc)
            raise StartError(_with_output(f"{steps.now} failed: {text}", output)) from exc
        yield instance


async def _describe(binary: Path) -> str:
    return await asyncio.to_thread(describe_file, binary)


@dataclass
class _Steps:
    """What the start is waiting for, so that a deadline can say it."""

    now: str


def _with_output(text: str, output: OutputLog) -> str:
    last = output.last_lines()
    return f"{text}; last output: {last}" if last else text


async def _start(
    stack: AsyncExitStack,
    steps: _Steps,
    config: HostConfig,
    name: str,
    binary: Path,
    env: Mapping[str, JSON],
    output: OutputLog,
    host_methods: HostMethods | None,
    identity: Mapping[str, str],
) -> Instance:
    began = asyncio.get_running_loop().time()
    sockets = await asyncio.to_thread(SocketDir.create)
    stack.push_async_callback(asyncio.to_thread, sockets.remove)
    secret = secrets.token_urlsafe(32)
    environment = plugin_environment(config.environ, env, socket_dir=sockets.path, secret=secret)
    own = await asyncio.to_thread(create_identity) if config.is_automtls else None
    if own is not None:
        environment[ENV_CLIENT_CERT] = own.certificate.decode()
    process = await PluginProcess.open(binary, environment, output)
    stack.push_async_callback(process.aclose)
    background = Background()
    stack.push_async_callback(background.aclose)
    steps.now = "the handshake line"
    where = await process.read_handshake()
    if where.network == "unix":
        await asyncio.to_thread(check_owner, where.address)
    handshake_s = asyncio.get_running_loop().time() - began
    mutual = _open_mutual(own, where, sockets.path) if own is not None else None
    if mutual is not None:
        stack.push_async_callback(mutual.aclose)
    steps.now = "its gRPC server"
    client = PluginClient(await mutual.dial_target(where) if mutual else where.target)
    stack.push_async_callback(client.aclose)
    await unless_ended(process, background, client.ready())
    background.spawn(client.run_broker(), name=f"broker of {name}")
    background.spawn(client.follow_stdio(output), name=f"stdio of {name}")
    instance = Instance(
        name=name,
        binary=binary,
        output=output,
        process=process,
        client=client,
        background=background,
        stop_timeout_s=config.stop_timeout_s,
        http_secret=secret,
        handshake_s=handshake_s,
    )
    broker_id = await _open_back_channel(stack, instance, sockets.path, host_methods, mutual) if host_methods else 0
    steps.now = "RegisterPlugin"
    await unless_ended(process, background, _register(instance, config, broker_id, where, identity))
    instance.registered_s = asyncio.get_running_loop().time() - began
    return instance


async def unless_ended(process: PluginProcess, background: Background, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns. Raises: ProcessEnded as soon as the process ends, whatever `work` still waits for."""
    task = background.spawn(_quietly(work), name="start step")
    await asyncio.wait([task, process.exited], return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        raise ProcessEnded(f"plugin exited before we could connect ({describe_exit(process.exited.result())})")
    outcome = task.result()
    if isinstance(outcome, _Failed):
        raise outcome.error
    result: T = outcome
    return result


@dataclass
class _Failed:
    error: Exception


async def _quietly(work: Awaitable[T]) -> T | _Failed:
    """Carry a failure as a value: the one who waits reports it, the task's owner need not log it too."""
    try:
        return await work
    except (OperationError, grpc.aio.AioRpcError) as exc:
        return _Failed(exc)


def _open_mutual(own: Identity, where: Handshake, folder: Path) -> MutualTls:
    if not where.certificate:
        raise HandshakeError("the plugin answers without a certificate, and this host asks for AutoMTLS")
    try:
        return MutualTls(own, pem_of_field(where.certificate), folder)
    except BadCertificate as exc:
        raise HandshakeError(str(exc)) from exc


async def _open_back_channel(
    stack: AsyncExitStack, instance: Instance, folder: Path, host_methods: HostMethods, mutual: MutualTls | None
) -> int:
    socket = folder / "host"
    plain = folder / "plain" if mutual else socket
    server = await open_server(plain, host_methods(instance))
    stack.push_async_callback(server.stop, 0)
    if mutual is not None:
        await mutual.serve(socket, plain)
    broker_id = instance.client.outbox.allocate()
    instance.client.outbox.announce(broker_id, "unix", str(socket))
    return broker_id


async def _register(
    instance: Instance, config: HostConfig, broker_id: int, where: Handshake, identity: Mapping[str, str]
) -> None:
    env = {CONTRACT_KEY: Contract.DOCUMENTED.value, **identity}
    registration = Registration(host_version=config.version, broker_id=broker_id, env=env)
    await instance.register(registration, config.register_timeout_s)
    host = where.address.rpartition(":")[0] if where.network == "tcp" else "127.0.0.1"
    instance.http_base = f"http://{host}:{instance.manifest.ui_port}" if instance.manifest.ui_port else ""
