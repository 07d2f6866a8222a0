"""The gRPC server a plugin calls back on: one per plugin process, on a unix socket only it is told of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from mc_wire import paths
from mc_wire.errors import OperationError
from mc_wire.handshake import TOKEN_METADATA
from mc_wire.limits import GRPC_OPTIONS
from mc_wire.trace_context import CURRENT, TRACEPARENT, TRACESTATE, read_trace

HostMethod = Callable[[bytes, str], Awaitable[bytes]]
"""A HostService RPC on request bytes and invocation token (or ""). Raises: OperationError, which becomes its status."""


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
