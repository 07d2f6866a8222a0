"""A plugin that runs by itself: `--serve ADDRESS`, where hosts reach it over TCP instead of starting it."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import logging
import os
import signal
import socket
import ssl
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mc_sdk.guard import take_stdout
from mc_sdk.settings import BadSetting
from mc_wire import handshake
from mc_wire.background import Background
from mc_wire.headers import SECRET_ENV
from mc_wire.model import Contract

if TYPE_CHECKING:
    import grpc.aio

    from mc_sdk.plugin import Plugin
    from mc_sdk.runtime import Runtime

log = logging.getLogger(__name__)

HTTP_PORT = 9001
"""Where page and streams are served unless `--serve-http` says otherwise; a Service can only name a fixed port."""
GRACE_S = 25.0
"""Calls in flight may take that long to finish after SIGTERM; Kubernetes kills after thirty seconds."""


class BadFlags(Exception):
    """The flags cannot be served with; the text is for the operator."""


class ServeFlags(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asked for, checked."""

    host: str
    port: int
    http_host: str
    http_port: int
    certificate: bytes = b""
    key: bytes = b""
    client_ca: bytes = b""
    certificate_path: str = ""
    key_path: str = ""

    @property
    def has_tls(self) -> bool:
        """Is a certificate shown to hosts?"""
        return bool(self.certificate)


def run(plugin: Plugin[Any], arguments: list[str]) -> int:
    """Serve until SIGINT, SIGTERM or Shutdown; returns the exit code."""
    os.close(take_stdout())
    try:
        flags = read_flags(arguments)
        settings = plugin.settings_type.from_environment()
    except (BadFlags, BadSetting) as exc:
        sys.stderr.write(f"{plugin.name}: {exc}\n")
        return 1
    from mc_sdk.logs import start_logging

    start_logging()
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    os.environ.pop(SECRET_ENV, None)  # the secret of a launch; nobody launched this one
    return asyncio.run(_serve(plugin, settings, flags))


def read_flags(arguments: list[str]) -> ServeFlags:
    """Return the checked flags. Raises: BadFlags."""
    parser = argparse.ArgumentParser(add_help=True, allow_abbrev=False, description="Serve this plugin over TCP.")
    parser.add_argument("--serve", metavar="ADDRESS", default="", help="host:port or :port of the gRPC server")
    parser.add_argument(
        "--serve-http", metavar="ADDRESS", default="", help=f"of page and streams; default :{HTTP_PORT}"
    )
    parser.add_argument("--serve-tls-cert", metavar="FILE", default="", help="PEM certificate chain of this server")
    parser.add_argument("--serve-tls-key", metavar="FILE", default="", help="PEM private key of this server")
    parser.add_argument("--serve-tls-client-ca", metavar="FILE", default="", help="PEM authorities of hosts (mTLS)")
    parser.add_argument("--insecure", action="store_true", help="serve other machines without knowing who calls")
    given = parser.parse_args(arguments)
    if bool(given.serve_tls_cert) != bool(given.serve_tls_key):
        raise BadFlags("--serve-tls-cert and --serve-tls-key must be set together")
    if given.serve_tls_client_ca and not given.serve_tls_cert:
        raise BadFlags("--serve-tls-client-ca requires --serve-tls-cert and --serve-tls-key")
    host, port = _split("--serve", given.serve)
    http_host, http_port = _split("--serve-http", given.serve_http or f"{_bracketed(host)}:{HTTP_PORT}")
    if not given.insecure and not given.serve_tls_client_ca and not (_is_loopback(host) and _is_loopback(http_host)):
        raise BadFlags(
            f"serve grpc: refusing to serve {_bracketed(host)}:{port} to other machines without knowing who calls: "
            "set --serve-tls-cert, --serve-tls-key and --serve-tls-client-ca, or bind a loopback address, "
            "or say --insecure"
        )
    return ServeFlags(
        host=host,
        port=port,
        http_host=http_host,
        http_port=http_port,
        certificate=_read(given.serve_tls_cert),
        key=_read(given.serve_tls_key),
        client_ca=_read(given.serve_tls_client_ca),
        certificate_path=given.serve_tls_cert,
        key_path=given.serve_tls_key,
    )


def _split(flag: str, address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise BadFlags(f"{flag} must be host:port or :port, got {address!r}")
    return host.strip("[]") or "0.0.0.0", int(port)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes() if path else b""
    except OSError as exc:
        raise BadFlags(f"serve grpc: cannot read {path}: {exc.strerror}") from exc


async def _serve(plugin: Plugin[Any], settings: Any, flags: ServeFlags) -> int:
    from mc_sdk.runtime import Runtime

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    runtime, background = Runtime(plugin, settings), Background()
    try:
        await _serve_until(stopping, runtime, flags, background)
    except (OSError, RuntimeError) as exc:  # gRPC reports an address it cannot bind, and a bad key, as RuntimeError
        sys.stderr.write(f"{plugin.name}: serve grpc: {exc}\n")
        return 1
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await runtime.aclose()
        await background.aclose()
    return 0


async def _serve_until(stopping: asyncio.Event, runtime: Runtime, flags: ServeFlags, background: Background) -> None:
    import grpc.aio

    from mc_sdk.grpc_service import PluginService, add_services
    from mc_sdk.serve import LazyHttp
    from mc_wire.broker import BrokerInbox
    from mc_wire.limits import GRPC_OPTIONS

    tls = _open_tls(flags)
    http_socket = socket.create_server((flags.http_host, flags.http_port), family=_family(flags.http_host))
    http_socket.setblocking(False)
    forced = os.environ.get(handshake.ENV_CONTRACT, "")
    service = PluginService(
        runtime,
        BrokerInbox(),
        http_socket.getsockname()[1],
        Contract(forced) if forced in list(Contract) else None,
        stopping.set,
        client_pair=(flags.key, flags.certificate) if flags.has_tls else None,
    )
    server = grpc.aio.server(options=GRPC_OPTIONS)
    add_services(server, service, None)
    address = f"{_bracketed(flags.host)}:{_bind(server, flags)}"
    http = LazyHttp(runtime, http_socket, lambda: service.contract, "", background, tls)
    try:
        await server.start()
        plugin = runtime.plugin
        sys.stderr.write(f"plugin {plugin.name} serving on {address}: version={plugin.version}\n")
        sys.stderr.flush()
        await stopping.wait()
        await server.stop(GRACE_S)
    finally:
        await http.aclose()
        await service.aclose()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _open_tls(flags: ServeFlags) -> ssl.SSLContext | None:
    """Return what the HTTP side is served with; it asks for the same client certificate as the gRPC side."""
    if not flags.has_tls:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(flags.certificate_path, flags.key_path)
    if flags.client_ca:
        context.load_verify_locations(cadata=flags.client_ca.decode())
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _bind(server: grpc.aio.Server, flags: ServeFlags) -> int:
    """Bind the gRPC server and return its port. Raises: RuntimeError."""
    import grpc

    address = f"{_bracketed(flags.host)}:{flags.port}"
    if not flags.has_tls:
        return server.add_insecure_port(address)
    credentials = grpc.ssl_server_credentials(
        [(flags.key, flags.certificate)],
        root_certificates=flags.client_ca or None,
        require_client_auth=bool(flags.client_ca),
    )
    return server.add_secure_port(address, credentials)
