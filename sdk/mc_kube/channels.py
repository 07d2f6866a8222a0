"""Several byte channels in one WebSocket, as exec and port-forward speak them: each message begins with its channel.

Source: k8s.io/apimachinery/pkg/util/remotecommand, protocols v4.channel.k8s.io and v5.channel.k8s.io.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp

from mc_kube.access import require
from mc_kube.client import KubeClient
from mc_kube.errors import Ask, parse_status, status_error, translated
from mc_kube.resources import PODS
from mc_wire.errors import TargetError

V4, V5 = "v4.channel.k8s.io", "v5.channel.k8s.io"
_CLOSE = 255
BLOCK_BYTES = 64 * 1024


class Channels:
    """One open WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, server: str) -> None:
        self._socket = socket
        self._server = server

    @property
    def can_half_close(self) -> bool:
        """Can one channel be closed while the others go on? Only version 5 knows how to say so."""
        return self._socket.protocol == V5

    async def send(self, channel: int, data: bytes) -> None:
        """Send bytes, in blocks; waits as long as the other side does not take them."""
        with translated(self._server):
            for at in range(0, len(data), BLOCK_BYTES):
                await self._socket.send_bytes(bytes([channel]) + data[at : at + BLOCK_BYTES])

    async def close(self, channel: int) -> None:
        """Say that nothing more comes on a channel, where the protocol has a word for it."""
        if self.can_half_close:
            with translated(self._server):
                await self._socket.send_bytes(bytes([_CLOSE, channel]))

    async def messages(self) -> AsyncIterator[tuple[int, memoryview]]:
        """Yield channel and bytes until the other side closes. Raises: TargetError when the connection breaks."""
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.BINARY and message.data and message.data[0] != _CLOSE:
                yield message.data[0], memoryview(message.data)[1:]
            elif message.type is aiohttp.WSMsgType.ERROR:
                raise TargetError(f"the connection to {self._server} broke: {self._socket.exception()}")


@asynccontextmanager
async def open_channels(
    client: KubeClient,
    namespace: str,
    pod: str,
    subresource: str,
    protocols: Sequence[str],
    params: Sequence[tuple[str, str]],
) -> AsyncIterator[Channels]:
    """Open a pod's `exec` or `portforward`.

    Raises: NotFound (no such pod), Forbidden that names every right that is missing, InvalidParams (no such container),
    TargetUnreachable, TargetError.
    """
    path = PODS.path(namespace, pod, subresource)
    try:
        async with client.websocket(path, protocols, params=params) as socket:
            yield Channels(socket, client.access.server)
    except aiohttp.WSServerHandshakeError as exc:
        await _explain(client, namespace, pod, subresource, exc)


async def _explain(
    client: KubeClient, namespace: str, pod: str, subresource: str, exc: aiohttp.WSServerHandshakeError
) -> None:
    """Raise what a refused upgrade means; its body is not to be had, so the API server is asked again."""
    asks = [Ask(verb, PODS, namespace, pod, subresource) for verb in ("get", "create")]
    if exc.status == 403:
        await require(client, asks)  # a WebSocket needs both since 1.35, and the refusal names one or none
    if exc.status in (400, 404):
        await client.get(PODS, pod, namespace)
    raise status_error(parse_status(exc.message.encode(), exc.status), asks[1]) from exc
