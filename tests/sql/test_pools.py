"""The pools without a database: caps, eviction, waiting, idle close, one open at a time."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from mc_sdk import TargetTimeout
from mc_sql.pools import Pools


@dataclass
class Connection:
    """A connection that remembers what became of it."""

    key: str
    is_closed: bool = False
    is_broken: bool = False


@dataclass
class Opener:
    """Opens connections, and counts how many are being opened at once."""

    made: list[Connection] = field(default_factory=list)
    opening: int = 0
    opening_peak: int = 0
    failure: Exception | None = None
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self, key: str) -> Connection:
        """Return a new connection after others had a chance to ask for one as well."""
        self.opening += 1
        self.opening_peak = max(self.opening_peak, self.opening)
        try:
            await asyncio.sleep(0)
            if self.failure is not None:
                raise self.failure
            self.made.append(Connection(key))
            return self.made[-1]
        finally:
            self.opening -= 1

    def is_usable(self, connection: Connection) -> bool:
        """Say whether it works."""
        return not connection.is_broken

    def close(self, connection: Connection) -> None:
        """Close it."""
        connection.is_closed = True
        self.closed.set()

    def is_full(self, failure: BaseException) -> bool:
        """Say whether the server takes no more connections."""
        return isinstance(failure, ServerFull)


class ServerFull(Exception):
    """The server takes no more connections."""


async def use(pools: Pools[Connection], opener: Opener, key: str, *, keep: bool = True) -> Connection:
    """Take and give back one connection."""
    async with pools.lease(key, lambda: opener.open(key)) as lease:
        await asyncio.sleep(0)
        if keep:
            lease.keep()
        return lease.connection


@pytest.fixture
def opener() -> Opener:
    """A driver of plain objects."""
    return Opener()


async def test_a_kept_connection_is_used_again_and_another_is_closed(opener: Opener) -> None:
    pools = Pools(opener)
    first = await use(pools, opener, "a")
    assert await use(pools, opener, "a", keep=False) is first
    assert first.is_closed
    assert await use(pools, opener, "a") is not first
    await pools.aclose()
    assert (pools.open_count, opener.made[-1].is_closed) == (0, True)


async def test_a_broken_idle_connection_is_replaced(opener: Opener) -> None:
    pools = Pools(opener)
    first = await use(pools, opener, "a")
    first.is_broken = True
    assert await use(pools, opener, "a") is not first
    assert first.is_closed
    await pools.aclose()


async def test_a7_caps_hold_and_everybody_is_served(opener: Opener) -> None:
    pools = Pools(opener, max_per_key=4, max_total=6)
    peak = 0

    async def one(number: int) -> None:
        nonlocal peak
        await use(pools, opener, f"key{number % 5}")
        peak = max(peak, pools.open_count)

    await asyncio.gather(*(one(number) for number in range(200)))
    assert peak <= 6
    alive = [connection for connection in opener.made if not connection.is_closed]
    assert len(alive) == pools.open_count <= 6
    assert max(sum(one.key == f"key{number}" for one in alive) for number in range(5)) <= 4
    await pools.aclose()


async def test_one_connection_per_key_is_opened_at_a_time(opener: Opener) -> None:
    pools = Pools(opener)
    await asyncio.gather(*(use(pools, opener, "a") for _ in range(4)))
    assert opener.opening_peak == 1
    await pools.aclose()


async def test_the_longest_idle_connection_makes_room(opener: Opener) -> None:
    pools = Pools(opener, max_total=2)
    first, second = await use(pools, opener, "a"), await use(pools, opener, "b")
    await use(pools, opener, "c")
    assert (first.is_closed, second.is_closed) == (True, False)
    await pools.aclose()


async def test_waiting_has_an_end(opener: Opener) -> None:
    pools = Pools(opener, max_per_key=1)
    async with pools.lease("a", lambda: opener.open("a")):
        with pytest.raises(TargetTimeout, match="in use") as caught:
            async with pools.lease("a", lambda: opener.open("a"), timeout_s=0.01):
                pass
    assert caught.value.facts["reason"] == "pool_exhausted"
    assert pools.open_count == 0


async def test_a_connection_that_cannot_be_opened_leaves_its_place_free(opener: Opener) -> None:
    pools = Pools(opener, max_per_key=1)
    opener.failure = OSError("refused")
    for _ in range(3):
        with pytest.raises(OSError, match="refused"):
            await use(pools, opener, "a")
    opener.failure = None
    await use(pools, opener, "a")
    await pools.aclose()


async def test_a_failing_call_does_not_keep_its_connection(opener: Opener) -> None:
    pools = Pools(opener)
    with pytest.raises(RuntimeError):
        async with pools.lease("a", lambda: opener.open("a")):
            raise RuntimeError
    assert opener.made[0].is_closed


async def test_idle_connections_are_closed_after_a_while(opener: Opener) -> None:
    pools = Pools(opener, idle_s=0.0, sweep_s=0.001)
    connection = await use(pools, opener, "a")
    await asyncio.wait_for(opener.closed.wait(), 2)
    assert connection.is_closed
    assert pools.open_count == 0
    await pools.aclose()


async def test_what_is_given_back_after_the_end_is_closed(opener: Opener) -> None:
    pools = Pools(opener)
    async with AsyncExitStack() as stack:
        lease = await stack.enter_async_context(pools.lease("a", lambda: opener.open("a")))
        lease.keep()
        await pools.aclose()
        assert not lease.connection.is_closed
    assert lease.connection.is_closed


async def test_a_full_server_goes_on_with_the_connections_that_are_there() -> None:
    opener = Opener()
    pools = Pools(opener)
    async with pools.lease("a", lambda: opener.open("a")) as first:
        opener.failure = ServerFull()
        waiting = asyncio.ensure_future(use(pools, opener, "a"))
        for _ in range(20):  # until it has met the full server, and waits
            await asyncio.sleep(0)
        first.keep()
    assert await waiting is first.connection
    assert len(opener.made) == 1
    with pytest.raises(ServerFull):
        await use(pools, opener, "b")
    await pools.aclose()
