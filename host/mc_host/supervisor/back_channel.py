"""The gRPC server a plugin calls back on: one per plugin process, on a unix socket only it is told of."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from mc_host.config import NetworkConfig
from mc_wire import paths
from mc_wire.errors import InvalidParams, OperationError
from mc_wire.handshake import TOKEN_METADATA
from mc_wire.limits import GRPC_OPTIONS
from mc_wire.trace_context import CURRENT, TRACEPARENT, TRACESTATE, read_trace

HostMethod = Callable[[bytes, str], Awaitable[bytes]]
"""A HostService RPC on request bytes and invocation token (or ""). Raises: OperationError, which becomes its status."""


Route = Callable[[str, str], HostMethod]
"""Finds the RPC of a name for whoever holds a token. Raises: OperationError."""
HOST_METHODS = (
    "GetConfigItem",
    "ListConfigs",
    "GetConnection",
    "Log",
    "WriteArtifact",
    "ReadArtifact",
    "InvokePlugin",
)


async def open_server(socket: Path, methods: Mapping[str, HostMethod]) -> grpc.aio.Server:
    """Start HostService on a unix socket; the caller stops it with `stop(0)`."""
    server = grpc.aio.server(options=GRPC_OPTIONS)
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        name: grpc.unary_unary_rpc_method_handler(_answering(method)) for name, method in methods.items()
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(paths.HOST_SERVICE, handlers),))
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    return server


async def open_network_server(network: NetworkConfig, route: Route) -> grpc.aio.Server:
    """Start HostService on the configured address, where a token says which plugin calls. Raises: InvalidParams."""
    host = network.listen.rpartition(":")[0].strip("[]")
    if not network.has_tls and not is_loopback(host) and not network.is_insecure:
        raise InvalidParams(
            f"plugins are not answered in the clear on {network.listen}: set MISSION_CONTROL_GRPC_TLS_CERT and _KEY"
        )
    server = grpc.aio.server(options=GRPC_OPTIONS)
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        name: grpc.unary_unary_rpc_method_handler(_answering(partial(_routed, route, name))) for name in HOST_METHODS
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(paths.HOST_SERVICE, handlers),))
    try:
        _bind(server, network)
    except (RuntimeError, OSError) as exc:
        raise InvalidParams(f"cannot answer plugins on {network.listen}: {exc}") from exc
    await server.start()
    return server


def is_loopback(host: str) -> bool:
    """Is this a name or address of this machine alone?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _routed(route: Route, name: str, request: bytes, token: str) -> bytes:
    return await route(name, token)(request, token)


def _bind(server: grpc.aio.Server, network: NetworkConfig) -> None:
    if network.certificate is None or network.key is None:
        server.add_insecure_port(network.listen)
        return
    credentials = grpc.ssl_server_credentials(
        [(network.key.read_bytes(), network.certificate.read_bytes())],
        root_certificates=network.client_ca.read_bytes() if network.client_ca else None,
        require_client_auth=network.client_ca is not None,
    )
    server.add_secure_port(network.listen, credentials)


def _answering(method: HostMethod) -> Any:
    async def answer(request: bytes, context: Any) -> bytes:
        try:
            CURRENT.set(read_trace(_metadata(context, TRACEPARENT), _metadata(context, TRACESTATE)))
            return await method(request, _metadata(context, TOKEN_METADATA))
        except OperationError as exc:
            await context.abort(getattr(grpc.StatusCode, exc.grpc_status), exc.message)
            raise  # abort has raised; this line is for the type checker

    return answer


def _metadata(context: Any, key: str) -> str:
    for name, value in context.invocation_metadata() or ():
        if name == key:
            return value if isinstance(value, str) else value.decode("utf-8", "replace")
    return ""
