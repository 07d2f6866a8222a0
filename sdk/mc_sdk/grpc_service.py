"""The gRPC server of a plugin: PluginService and go-plugin's side services, one short method per RPC."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from mc_sdk.host_client import GrpcTransport
from mc_sdk.runtime import Call, Runtime, granted_roles
from mc_wire import codec, detect, documented, released
from mc_wire.broker import BrokerInbox, BrokerTimeout
from mc_wire.errors import OperationError
from mc_wire.handshake import JWK_KEY, PLUGIN_ID_KEY, TOKEN_METADATA
from mc_wire.limits import CHANNEL_OPTIONS, GRPC_OPTIONS
from mc_wire.model import Caller, Contract, Health, Invocation, Registration
from mc_wire.paths import (
    BROKER_SERVICE,
    CONTROLLER_SERVICE,
    HEALTH_NAME,
    HEALTH_SERVICE,
    PLUGIN_SERVICE,
    STDIO_SERVICE,
    method,
)
from mc_wire.trace_context import CURRENT, TRACEPARENT, TRACESTATE, read_trace

if TYPE_CHECKING:
    from mc_wire.mtls import MutualTls

Method = Callable[[bytes, Any], Awaitable[bytes]]


class PluginService:
    """The six RPCs of PluginService, on bytes."""

    def __init__(
        self,
        runtime: Runtime,
        inbox: BrokerInbox,
        ui_port: int,
        contract: Contract | None,
        stop: Callable[[], None],
        client_pair: tuple[bytes, bytes] | None = None,
    ) -> None:
        self._runtime = runtime
        self._inbox = inbox
        self._ui_port = ui_port
        self._setting = contract
        self._stop = stop
        self._client_pair = client_pair  # key and certificate, shown to a host that is dialled over TLS
        self._channel: grpc.aio.Channel | None = None
        self.contract = Contract.DOCUMENTED
        self.mutual: MutualTls | None = None
        """Set when the host asked for AutoMTLS, which holds for the way back as well."""

    async def register_plugin(self, data: bytes, context: Any) -> bytes:
        """Dial the host's back-channel, then answer the manifest in the layout that this host reads."""
        registration = codec.decode_registration(data)
        agent = _metadata(context, "user-agent")
        self.contract = detect.plugin_contract(registration, agent, self._setting)
        await self._dial_host(registration)
        self._take_key(registration)
        try:
            manifest = self._runtime.plugin.manifest(self._ui_port)
        except OperationError as exc:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, exc.message)
        if self.contract is Contract.RELEASED:
            return released.encode_manifest(manifest)
        return documented.encode_manifest(manifest)

    async def _dial_host(self, registration: Registration) -> None:
        if registration.broker_id:
            try:
                host = await self._inbox.address_of(registration.broker_id)
            except BrokerTimeout as exc:
                raise OperationError(f"dial host broker: {exc}") from exc
            target = await self.mutual.dial_target(host) if self.mutual else host.target
            channel = grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS)
        elif registration.grpc_address:
            channel = self._open_remote_channel(registration)
        else:
            return
        previous, self._channel = self._channel, channel
        self._runtime.transport = GrpcTransport(channel, self.contract)
        if previous:
            await previous.close()

    def _open_remote_channel(self, registration: Registration) -> grpc.aio.Channel:
        """Return a channel to a host on another machine, verified when the host says it speaks TLS."""
        if not registration.grpc_tls:
            return grpc.aio.insecure_channel(registration.grpc_address, options=GRPC_OPTIONS)
        key, certificate = self._client_pair or (None, None)
        credentials = grpc.ssl_channel_credentials(
            registration.grpc_ca_cert.encode() or None, private_key=key, certificate_chain=certificate
        )
        return grpc.aio.secure_channel(registration.grpc_address, credentials, options=GRPC_OPTIONS)

    def _take_key(self, registration: Registration) -> None:
        self._runtime.verifier = None
        if jwk := registration.env.get(JWK_KEY, ""):
            from mc_sdk.tokens import TokenVerifier

            self._runtime.verifier = TokenVerifier(jwk, registration.env.get(PLUGIN_ID_KEY, ""))

    async def configure(self, data: bytes, context: Any) -> bytes:
        """Apply the host's properties."""
        return codec.encode_warnings(await self._runtime.configure(codec.decode_settings(data)))

    async def list_operations(self, data: bytes, context: Any) -> bytes:
        """Answer the operations, in declaration order."""
        handlers = self._runtime.plugin.handlers.values()
        return codec.encode_operations([handler.definition() for handler in handlers])

    async def invoke(self, data: bytes, context: Any) -> bytes:
        """Run one operation; its failure is an answer, not a gRPC error."""
        invocation = detect.decode_invocation(data)
        caller = invocation.caller or Caller()
        CURRENT.set(read_trace(_metadata(context, TRACEPARENT), _metadata(context, TRACESTATE)))
        call = Call(
            operation=invocation.operation,
            item_id=invocation.item_id,
            caller=caller,
            roles=granted_roles(self._runtime.plugin.name, caller),
            deadline=_deadline(invocation, context),
            token=_metadata(context, TOKEN_METADATA),
        )
        return codec.encode_outcome(await self._runtime.invoke(call, invocation.params))

    async def health(self, data: bytes, context: Any) -> bytes:
        """Answer the plugin's own opinion of its state."""
        problem = await self._runtime.health()
        return codec.encode_health(Health(ok=problem is None, message=problem or ""))

    async def shutdown(self, data: bytes, context: Any) -> bytes:
        """Reply, then stop."""
        self._stop()
        return codec.EMPTY

    async def aclose(self) -> None:
        """Close the back-channel."""
        if self._channel:
            await self._channel.close()
        if self.mutual:
            await self.mutual.aclose()


class SideServices:
    """Broker, controller and stdio of go-plugin."""

    def __init__(self, inbox: BrokerInbox, stop: Callable[[], None], stopping: asyncio.Event) -> None:
        self._inbox = inbox
        self._stop = stop
        self._stopping = stopping

    async def start_stream(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        """Take the host's announcements until it closes the stream; this side announces nothing."""
        await self._inbox.read(requests)
        return
        yield  # what makes this an async generator

    async def controller_shutdown(self, data: bytes, context: Any) -> bytes:
        """Reply at once, then stop: the host waits two seconds for the exit and no longer."""
        self._stop()
        return codec.EMPTY

    async def stream_stdio(self, data: bytes, context: Any) -> AsyncIterator[bytes]:
        """Stay open without a chunk: output stays on the real stderr, where the host reads it."""
        await self._stopping.wait()
        return
        yield  # what makes this an async generator


def _unary(method: Method) -> grpc.RpcMethodHandler[Any, Any]:
    return grpc.unary_unary_rpc_method_handler(_answering(method))


def _answering(method: Method) -> Method:
    """Turn an OperationError of `method` into the gRPC status of its class."""

    async def answer(data: bytes, context: Any) -> bytes:
        try:
            return await method(data, context)
        except OperationError as exc:
            await context.abort(getattr(grpc.StatusCode, exc.grpc_status), exc.message)
            raise  # abort() raises; this tells the type checker

    return answer


def add_services(server: grpc.aio.Server, service: PluginService, side: SideServices | None) -> None:
    """Register every service that a go-plugin host calls; without `side` those of a plugin that runs by itself."""
    handlers: dict[str, dict[str, grpc.RpcMethodHandler[Any, Any]]] = {
        PLUGIN_SERVICE: {
            "RegisterPlugin": _unary(service.register_plugin),
            "Configure": _unary(service.configure),
            "ListOperations": _unary(service.list_operations),
            "Invoke": _unary(service.invoke),
            "Health": _unary(service.health),
            "Shutdown": _unary(service.shutdown),
        },
    }
    if side is not None:
        handlers |= {
            BROKER_SERVICE: {"StartStream": grpc.stream_stream_rpc_method_handler(side.start_stream)},
            CONTROLLER_SERVICE: {"Shutdown": _unary(side.controller_shutdown)},
            STDIO_SERVICE: {"StreamStdio": grpc.unary_stream_rpc_method_handler(side.stream_stdio)},
        }
    for name, methods in handlers.items():
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, methods),))
    server.add_generic_rpc_handlers((_HealthOnDemand(),))


class _HealthOnDemand(grpc.GenericRpcHandler):
    """The standard health service, loaded when somebody asks: our own host asks PluginService."""

    def __init__(self) -> None:
        self._handlers: dict[str, Any] = {}

    def service(self, details: Any) -> Any:
        """Return the handler of a health method, None for any other."""
        if not details.method.startswith(f"/{HEALTH_SERVICE}/"):
            return None
        if not self._handlers:
            self._handlers = _health_handlers()
        return self._handlers.get(details.method)


def _health_handlers() -> dict[str, Any]:
    from grpc_health.v1 import health_pb2
    from grpc_health.v1._async import HealthServicer

    servicer = HealthServicer()
    status = health_pb2.HealthCheckResponse.SERVING
    servicer._server_status.update({HEALTH_NAME: status, "": status})
    request, answer = health_pb2.HealthCheckRequest.FromString, health_pb2.HealthCheckResponse.SerializeToString
    return {
        method(HEALTH_SERVICE, "Check"): grpc.unary_unary_rpc_method_handler(servicer.Check, request, answer),
        method(HEALTH_SERVICE, "Watch"): grpc.unary_stream_rpc_method_handler(servicer.Watch, request, answer),
    }


def _metadata(context: Any, key: str) -> str:
    """Return the first value of `key` in the call's metadata, or an empty text."""
    for name, value in context.invocation_metadata() or ():
        if name == key:
            return value if isinstance(value, str) else value.decode("utf-8", "replace")
    return ""


def _deadline(invocation: Invocation, context: Any) -> float | None:
    """Return the earlier of gRPC's deadline and the request's own, in monotonic seconds."""
    now = time.monotonic()
    ends = []
    remaining = context.time_remaining()
    if remaining is not None:
        ends.append(now + remaining)
    if invocation.deadline is not None:
        ends.append(now + (invocation.deadline - datetime.now(UTC)).total_seconds())
    return min(ends) if ends else None
