"""go-plugin's broker: how one side tells the other, over one stream, where a further gRPC server listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from mc_wire._pb import goplugin_pb2 as pb
from mc_wire.codec import parse
from mc_wire.handshake import Handshake

DIAL_TIMEOUT_S = 5.0
"""go-plugin waits that long for an announcement, and forgets one that nobody picked up."""


class BrokerTimeout(Exception):
    """No announcement came for the id that was dialled."""


def encode_announcement(service_id: int, network: str, address: str) -> bytes:
    """Return ConnInfo bytes."""
    return pb.ConnInfo(service_id=service_id, network=network, address=address).SerializeToString()


class BrokerInbox:
    """Announcements that have come in, each handed out once; a plugin's end of the broker."""

    def __init__(self) -> None:
        self._announced: dict[int, asyncio.Future[Handshake]] = {}

    async def read(self, messages: AsyncIterator[bytes]) -> None:
        """Take announcements until the peer closes the stream; a later one for the same id replaces the first."""
        async for data in messages:
            info = parse(pb.ConnInfo, data)
            if info.HasField("knock") or not info.service_id:
                continue  # multiplexing is not offered
            future = self._future(info.service_id)
            if future.done():
                future = self._announced[info.service_id] = asyncio.get_running_loop().create_future()
            future.set_result(Handshake(network=info.network, address=info.address))
            self._forget_later(info.service_id, future)

    def _forget_later(self, service_id: int, future: asyncio.Future[Handshake]) -> None:
        def forget() -> None:
            if self._announced.get(service_id) is future:
                del self._announced[service_id]

        asyncio.get_running_loop().call_later(DIAL_TIMEOUT_S, forget)

    def _future(self, service_id: int) -> asyncio.Future[Handshake]:
        if service_id not in self._announced:
            self._announced[service_id] = asyncio.get_running_loop().create_future()
        return self._announced[service_id]

    async def address_of(self, service_id: int, timeout_s: float = DIAL_TIMEOUT_S) -> Handshake:
        """Return where service `service_id` listens; it may be announced before or after this call.

        Raises: BrokerTimeout.
        """
        future = self._future(service_id)
        try:
            async with asyncio.timeout(timeout_s):
                found = await asyncio.shield(future)
        except TimeoutError as exc:
            raise BrokerTimeout("timeout waiting for connection info") from exc
        finally:
            self._announced.pop(service_id, None)
        return found


class BrokerOutbox:
    """Announcements that go out, with their own counter of ids; a host's end of the broker."""

    def __init__(self) -> None:
        self._next_id = 1
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def allocate(self) -> int:
        """Return a fresh service id; 0 is never one."""
        service_id, self._next_id = self._next_id, self._next_id + 1
        return service_id

    def announce(self, service_id: int, network: str, address: str) -> None:
        """Tell the peer where service `service_id` listens."""
        self._queue.put_nowait(encode_announcement(service_id, network, address))

    def close(self) -> None:
        """End the stream of `messages()`."""
        self._queue.put_nowait(None)

    async def messages(self) -> AsyncIterator[bytes]:
        """Yield announcements until `close()`: the request side of StartStream."""
        while (data := await self._queue.get()) is not None:
            yield data
