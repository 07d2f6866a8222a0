"""A plugin process from its first line to its exit: cookie, stdout guard, listeners, handshake, shutdown order."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mc_sdk.guard import take_stdout
from mc_sdk.settings import BadSetting
from mc_wire import handshake
from mc_wire.background import Background
from mc_wire.headers import SECRET_ENV
from mc_wire.model import Contract

if TYPE_CHECKING:
    import ssl

    from mc_sdk.plugin import Plugin
    from mc_sdk.runtime import Runtime

log = logging.getLogger(__name__)

STOP_TIMEOUT_S = 1.0
"""Closing one thing (streams, connections) may take that long."""
EXIT_TIMEOUT_S = 1.5
"""After that the process ends whatever hangs: a host kills after two seconds, and a dead one must not be outlived."""
_MAX_FOLDER_CHARS = 90  # a socket's whole path must stay below 104 characters
_REPLY_S = 0.05  # lets the reply to Shutdown leave before the server goes


def serve(plugin: Plugin[Any]) -> None:
    """Run `plugin` as the child of a host, by itself with `--serve`, or in a pipe with `--stdin`; never returns.

    Started by hand without it, it explains itself and exits with 1.
    """
    if any(one.startswith("--serve") for one in sys.argv[1:]):
        from mc_sdk import standalone

        sys.exit(standalone.run(plugin, sys.argv[1:]))
    if sys.argv[1:2] == ["--stdin"]:
        from mc_sdk import piped

        sys.exit(piped.run(plugin, sys.argv[2:]))
    if os.environ.get(handshake.COOKIE_NAME) != handshake.COOKIE_VALUE:
        sys.stderr.write(handshake.NOT_A_PROGRAM)
        sys.exit(1)
    # What a parent exports into every child would reach the children of this process too.
    del os.environ[handshake.COOKIE_NAME]
    host_certificate = os.environ.pop(handshake.ENV_CLIENT_CERT, "")
    stdout = take_stdout()
    from mc_sdk.logs import start_logging

    start_logging()
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"  # with it, one forked child in ten crashes
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to host and plugin alike
    asyncio.run(_run_and_exit(plugin, stdout, host_certificate))


async def _run_and_exit(plugin: Plugin[Any], stdout: int, host_certificate: str) -> None:
    """End the process from inside the loop: what still runs in a driver's thread must not hold up the exit."""
    code = await _run(plugin, stdout, host_certificate)
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


async def _run(plugin: Plugin[Any], stdout: int, host_certificate: str) -> int:
    from mc_sdk.runtime import Runtime

    try:
        settings = plugin.settings_type.from_environment()
    except BadSetting as exc:
        sys.stderr.write(f"{plugin.name}: {exc}\n")
        return 1
    stopping = asyncio.Event()
    exit_code = 0
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not stopping.is_set():
            stopping.set()
            threading.Timer(EXIT_TIMEOUT_S, os._exit, (exit_code,)).start()

    def host_gone() -> None:
        nonlocal exit_code
        exit_code = 1
        stop()
        with suppress(OSError):  # stderr was the host's, and went with it
            print("plugin: host process exited; shutting down", file=sys.stderr, flush=True)

    loop.add_signal_handler(signal.SIGTERM, stop)

    background = Background()
    runtime = Runtime(plugin, settings)
    watch = _watch_parent(host_gone, background)
    try:
        await _serve_until(stopping, stop, runtime, stdout, background, host_certificate)
    except OSError as exc:
        sys.stderr.write(f"plugin sdk: bind listener: {exc}\n")
        return 1
    finally:
        watch()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await runtime.aclose()
        await background.aclose(STOP_TIMEOUT_S)
    return exit_code


async def _serve_until(
    stopping: asyncio.Event,
    stop: Callable[[], None],
    runtime: Runtime,
    stdout: int,
    background: Background,
    host_certificate: str,
) -> None:
    """Listen, print the handshake, and serve until `stopping` is set; `stop` is what a Shutdown call leads to.

    With the certificate of a host that asks for AutoMTLS, TLS stands before the gRPC socket.
    """
    http_socket = socket.create_server(("127.0.0.1", 0))
    http_socket.setblocking(False)
    import grpc.aio

    from mc_sdk.grpc_service import PluginService, SideServices, add_services
    from mc_wire.broker import BrokerInbox
    from mc_wire.limits import GRPC_OPTIONS

    inbox = BrokerInbox()
    loop = asyncio.get_running_loop()

    def stop_soon() -> None:
        loop.call_later(_REPLY_S, stop)

    forced = os.environ.get(handshake.ENV_CONTRACT, "")
    setting = Contract(forced) if forced in list(Contract) else None
    service = PluginService(runtime, inbox, http_socket.getsockname()[1], setting, stop_soon)
    server = grpc.aio.server(options=GRPC_OPTIONS)
    add_services(server, service, SideServices(inbox, stop_soon, stopping))
    folder, path = _socket_path()
    plain, certificate = (os.path.join(folder, "plain.sock") if host_certificate else path), ""
    try:
        if not server.add_insecure_port(f"unix:{plain}"):
            raise OSError(f"cannot listen on {plain}")
        await server.start()
        if host_certificate:
            from mc_sdk.mutual import open_mutual

            service.mutual, certificate = await open_mutual(host_certificate, folder, path, plain)
        _share_socket(path)
        http = LazyHttp(runtime, http_socket, lambda: service.contract, os.environ.pop(SECRET_ENV, ""), background)
        _print_handshake(stdout, path, certificate)
        _ = runtime.plugin.definitions  # made while the host connects, instead of while it waits for the manifest
        gc.freeze()  # modules and classes are never garbage
        gc.enable()  # the bootstrap had it off
        log.info("plugin serving", extra={"plugin": runtime.plugin.name, "version": runtime.plugin.version})
        await stopping.wait()
        await http.aclose()
        await service.aclose()
        await server.stop(0)  # no grace: broker and stdio streams never end by themselves
    finally:
        _remove_sockets(folder)


def _socket_path() -> tuple[str, str]:
    """Return (a private folder to remove at the end, a fresh socket path in it)."""
    # What tempfile does, without its 6 ms of imports.
    name = "plugin" + os.urandom(8).hex()
    base = os.environ.get(handshake.ENV_SOCKET_DIR) or os.environ.get("TMPDIR") or "/tmp"
    if len(base) + len(name) > _MAX_FOLDER_CHARS and not os.environ.get(handshake.ENV_SOCKET_DIR):
        base = "/tmp"
    folder = os.path.join(base, name)
    os.mkdir(folder, 0o700)
    return folder, os.path.join(folder, "plugin.sock")


def _remove_sockets(folder: str) -> None:
    with suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def _share_socket(path: str) -> None:
    """Give the socket to the group that a host with another user asked for."""
    group = os.environ.get(handshake.ENV_SOCKET_GROUP, "")
    if group:
        import grp

        os.chown(path, -1, int(group) if group.isdigit() else grp.getgrnam(group).gr_gid)
        os.chmod(path, 0o660)
        os.chmod(os.path.dirname(path), 0o711)


def _print_handshake(stdout: int, path: str, certificate: str) -> None:
    line = handshake.format_line(
        handshake.Handshake(network="unix", address=path, certificate=certificate),
        multiplex_asked=bool(os.environ.get(handshake.ENV_MULTIPLEX)),
    )
    os.write(stdout, (line + "\n").encode())
    os.close(stdout)


class LazyHttp:
    """The HTTP server behind a socket that is bound from the start; aiohttp loads at the first connection."""

    def __init__(
        self,
        runtime: Runtime,
        listener: socket.socket,
        contract: Any,
        secret: str,
        background: Background,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._runtime = runtime
        self._listener = listener
        self._contract = contract
        self._secret = secret
        self._background = background
        self._tls = tls
        self._runner: Any = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(listener, self._first_connection)

    def _first_connection(self) -> None:
        self._loop.remove_reader(self._listener)
        self._background.spawn(self._start(), name="start http")

    async def _start(self) -> None:
        web = await asyncio.to_thread(_import_http)
        from mc_sdk.http_server import HttpServer
        from mc_wire.limits import MAX_METADATA_BYTES

        app = HttpServer(self._runtime, self._contract, self._secret).application()
        # A client that leaves cancels its handler, so an abandoned stream ends its query.
        self._runner = web.AppRunner(
            app,
            handler_cancellation=True,
            access_log=None,
            shutdown_timeout=STOP_TIMEOUT_S,
            max_field_size=MAX_METADATA_BYTES,
        )
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener, ssl_context=self._tls).start()

    async def aclose(self) -> None:
        """Stop accepting, end what runs."""
        self._loop.remove_reader(self._listener)
        if self._runner:
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await self._runner.cleanup()
        self._listener.close()


def _import_http() -> Any:
    from aiohttp import web

    import mc_sdk.http_server  # noqa: F401  # loaded here so that the loop does not wait for it
    from mc_wire.allocator import keep_freed_blocks

    keep_freed_blocks()  # pages, streams and files go this way
    return web


def _watch_parent(gone: Any, background: Background) -> Any:
    """Call `gone()` once when the process that started this one is no more; return what ends the watch."""
    parent = os.getppid()
    loop = asyncio.get_running_loop()
    try:
        pidfd = os.pidfd_open(parent)
    except OSError:  # an older kernel, or a parent that is gone already
        background.spawn(_poll_parent(parent, gone), name="watch parent")
        return lambda: None

    def ended() -> None:
        loop.remove_reader(pidfd)
        gone()

    loop.add_reader(pidfd, ended)
    if os.getppid() != parent:  # it went before the watch stood
        loop.call_soon(ended)

    def end() -> None:
        loop.remove_reader(pidfd)
        os.close(pidfd)

    return end


async def _poll_parent(parent: int, gone: Any) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110  # nothing announces it without a pidfd
        await asyncio.sleep(1.0)
    gone()
