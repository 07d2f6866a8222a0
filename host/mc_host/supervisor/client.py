"""The host's end of one plugin connection: PluginService and go-plugin's side services, bytes in, structs out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import grpc
import grpc.aio

from mc_host.supervisor.output import OutputLog
from mc_wire import codec, documented, paths, released, stdio
from mc_wire.broker import BrokerOutbox
from mc_wire.errors import NotRunning
from mc_wire.handshake import TOKEN_METADATA
from mc_wire.limits import CHANNEL_OPTIONS
from mc_wire.model import Contract, Health, Invocation, Operation, Outcome, Registration
from mc_wire.trace_context import CURRENT

_GONE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.CANCELLED)


class PluginClient:
    """Calls one plugin over one channel."""

    def __init__(self, target: str, credentials: grpc.ChannelCredentials | None = None) -> None:
        """`target` is gRPC's spelling of an address; without credentials nothing is encrypted."""
        if credentials is None:
            self._channel = grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS)
        else:
            self._channel = grpc.aio.secure_channel(target, credentials, options=CHANNEL_OPTIONS)
        self.outbox = BrokerOutbox()
        names = ("RegisterPlugin", "Configure", "ListOperations", "Invoke", "Health", "Shutdown")
        self._calls: dict[str, Any] = {
            name: self._channel.unary_unary(paths.method(paths.PLUGIN_SERVICE, name)) for name in names
        }

    async def ready(self) -> None:
        """Wait until the plugin accepts connections."""
        await self._channel.channel_ready()

    async def wait_lost(self) -> None:
        """Return when the connection is lost."""
        state = self._channel.get_state()
        while state is grpc.ChannelConnectivity.READY:
            await self._channel.wait_for_state_change(state)
            state = self._channel.get_state()

    async def _call(self, name: str, request: bytes, timeout_s: float, token: str = "") -> bytes:
        metadata = (((TOKEN_METADATA, token),) if token else ()) + CURRENT.get().items()
        return await _answered(self._calls[name](request, timeout=timeout_s, metadata=metadata))

    async def register(self, registration: Registration, timeout_s: float) -> bytes:
        """Return the manifest's bytes, undecoded: only they tell which contract it is."""
        return await self._call("RegisterPlugin", codec.encode_registration(registration), timeout_s)

    async def configure(self, settings: dict[str, Any], timeout_s: float) -> tuple[str, ...]:
        """Send the settings; returns the plugin's warnings."""
        return codec.decode_warnings(await self._call("Configure", codec.encode_settings(settings), timeout_s))

    async def list_operations(self, timeout_s: float) -> tuple[Operation, ...]:
        """Return the operations as they are now."""
        return codec.decode_operations(await self._call("ListOperations", codec.EMPTY, timeout_s))

    async def invoke(self, invocation: Invocation, contract: Contract, timeout_s: float, token: str) -> Outcome:
        """Run one operation in the plugin's own layout; the token is what it may call back with."""
        layout = released if contract is Contract.RELEASED else documented
        return codec.decode_outcome(await self._call("Invoke", layout.encode_invocation(invocation), timeout_s, token))

    async def health(self, timeout_s: float) -> Health:
        """Return the plugin's opinion of its state; a plugin without the call counts as well."""
        try:
            return codec.decode_health(await self._call("Health", codec.EMPTY, timeout_s))
        except grpc.aio.AioRpcError as exc:
            if exc.code() is grpc.StatusCode.UNIMPLEMENTED:
                return Health()
            raise

    async def shutdown(self, timeout_s: float) -> None:
        """Ask the plugin to end: its own RPC, then go-plugin's; one that ends at once may fail to answer either."""
        with contextlib.suppress(grpc.aio.AioRpcError, NotRunning):
            await self._call("Shutdown", codec.EMPTY, timeout_s)
        self.outbox.close()
        with contextlib.suppress(grpc.aio.AioRpcError, grpc.aio.UsageError, NotRunning):
            controller: Any = self._channel.unary_unary(paths.method(paths.CONTROLLER_SERVICE, "Shutdown"))
            await _answered(controller(codec.EMPTY, timeout=timeout_s))

    async def run_broker(self) -> None:
        """Keep the broker stream open; announcements leave through `outbox`."""
        stream: Any = self._channel.stream_stream(paths.method(paths.BROKER_SERVICE, "StartStream"))
        await _drain(stream(self.outbox.messages()))

    async def follow_stdio(self, output: OutputLog) -> None:
        """Log what a Go plugin prints after its handshake."""
        stream: Any = self._channel.unary_stream(paths.method(paths.STDIO_SERVICE, "StreamStdio"))
        pending = {stdio.STDOUT: b"", stdio.STDERR: b""}
        try:
            async for data in stream(codec.EMPTY):
                channel, chunk = stdio.decode_chunk(data)
                *lines, pending[channel] = (pending[channel] + chunk).split(b"\n")
                for line in lines:
                    output.take(line)
        except grpc.aio.AioRpcError as exc:
            if exc.code() not in _GONE:
                raise

    async def aclose(self) -> None:
        """Close the channel; calls in flight fail."""
        self.outbox.close()
        await self._channel.close()


async def _answered(call: Awaitable[bytes]) -> bytes:
    """Return a call's answer. Raises: NotRunning when the channel is closed under it.

    gRPC reports that as a cancellation, which would look as if our own task had been cancelled.
    """
    try:
        return await call
    except grpc.aio.UsageError as exc:
        raise NotRunning("the connection to the plugin is closed") from exc
    except asyncio.CancelledError as exc:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise NotRunning("the connection to the plugin was closed") from exc


async def _drain(responses: AsyncIterator[bytes]) -> None:
    try:
        async for _ in responses:
            pass  # a plugin offers the host no services
    except grpc.aio.AioRpcError as exc:
        if exc.code() not in _GONE:
            raise
