"""Connections to a port of a pod: one as a stream in this process, or a local port that others dial."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

import msgspec

from mc_kube.channels import BLOCK_BYTES, V4, Channels, open_channels
from mc_kube.client import KubeClient
from mc_kube.resources import PODS
from mc_kube.watch import watch_objects
from mc_kube.watched import ChangeKind, Changes
from mc_wire.background import Background
from mc_wire.errors import NotFound, OperationError, TargetError, TargetUnreachable
from mc_wire.model import JSON

_DATA, _ERROR = 0, 1
_PORT_BYTES = 2
_END_PHASES = ("Succeeded", "Failed")


class PortStream:
    """One connection to a port of a pod."""

    def __init__(self, channels: Channels, what: str) -> None:
        self._channels = channels
        self._what = what

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        await self._channels.send(_DATA, data)

    async def blocks(self) -> AsyncIterator[memoryview]:
        """Yield what arrives until the far end closes. Raises: TargetUnreachable when nobody listens there."""
        seen: set[int] = set()
        async for channel, data in self._channels.messages():
            if channel not in seen:  # the first message of each channel repeats the port
                seen.add(channel)
                data = data[_PORT_BYTES:]
            if channel == _ERROR and data:
                raise TargetUnreachable(f"{self._what}: {bytes(data).decode(errors='replace').strip()[:512]}")
            if channel == _DATA and data:
                yield data


@asynccontextmanager
async def open_port(client: KubeClient, namespace: str, pod: str, port: int) -> AsyncIterator[PortStream]:
    """Connect to a pod's port without a local one.

    Raises: NotFound, Forbidden (needs `get` and `create` on pods/portforward), TargetError, TargetUnreachable.
    """
    async with open_channels(client, namespace, pod, "portforward", (V4,), [("ports", str(port))]) as channels:
        yield PortStream(channels, f"port {port} of pod {namespace}/{pod}")


class PortForward:
    """A local port for a pod's; every connection to it is one of its own. It pins one pod and ends with it."""

    def __init__(self, client: KubeClient, namespace: str, pod: str, port: int) -> None:
        self._client = client
        self._namespace, self._pod, self._port = namespace, pod, port
        self._background = Background()
        self._server: asyncio.Server | None = None
        self._ended = asyncio.Event()
        self.local_port = 0
        """Where it listens on loopback, once it is started."""
        self.error: OperationError | None = None
        """Why it has ended by itself; None while it runs."""

    async def start(self, local_port: int = 0) -> None:
        """Listen, once the API server has shown that it forwards to this pod. Raises: as `open_port`; OSError."""
        pod: JSON = msgspec.json.decode(await self._client.get(PODS, self._pod, self._namespace))
        phase = pod.get("status", {}).get("phase", "")
        if phase in _END_PHASES:
            raise TargetUnreachable(f"pod {self._namespace}/{self._pod} has ended ({phase})")
        async with open_port(self._client, self._namespace, self._pod, self._port):
            pass
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", local_port)
        self.local_port = self._server.sockets[0].getsockname()[1]
        self._background.spawn(self._follow_pod(pod["metadata"]["uid"]), name=f"forward to {self._pod}")

    async def wait_end(self) -> OperationError:
        """Return why it ended, when it does."""
        await self._ended.wait()
        assert self.error is not None
        return self.error

    async def aclose(self) -> OperationError | None:
        """Stop listening and cut its connections; returns what had ended it before."""
        if self._server is not None:
            self._server.close()
        await self._background.aclose()
        return self.error

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._background.spawn(self._serve(reader, writer), name=f"connection to {self._pod}")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with open_port(self._client, self._namespace, self._pod, self._port) as stream:
                sending = asyncio.create_task(_send_all(reader, stream))
                try:
                    async for data in stream.blocks():
                        writer.write(data)
                        await writer.drain()
                finally:
                    sending.cancel()
                    await asyncio.wait([sending])
        except NotFound as exc:
            self._end(exc)
        except (OperationError, ConnectionError):
            pass  # of this connection alone: whoever dialled sees it closed
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _follow_pod(self, uid: str) -> None:
        only = {"fieldSelector": f"metadata.name={self._pod}"}
        async with aclosing(watch_objects(self._client, PODS, self._namespace, params=only)) as events:
            try:
                async for event in events:
                    for change in event.changes if isinstance(event, Changes) else ():
                        if change.uid != uid or change.kind is ChangeKind.DELETED:
                            self._end(TargetError(f"pod {self._namespace}/{self._pod} is gone"))
                            return
            except OperationError:
                return  # without the right to watch, its end shows with the next connection

    def _end(self, error: OperationError) -> None:
        if self.error is None:
            self.error = error
            self._ended.set()
            if self._server is not None:
                self._server.close()


async def _send_all(reader: asyncio.StreamReader, stream: PortStream) -> None:
    while data := await reader.read(BLOCK_BYTES):
        await stream.write(data)


@asynccontextmanager
async def forward_port(
    client: KubeClient, namespace: str, pod: str, port: int, *, local_port: int = 0
) -> AsyncIterator[PortForward]:
    """Run a port-forward for as long as the block runs. Raises: as `PortForward.start`."""
    forward = PortForward(client, namespace, pod, port)
    try:
        await forward.start(local_port)
        yield forward
    finally:
        await forward.aclose()
