"""Ports of a pod: a stream in this process, and a local port whose end is told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from mc_kube.client import KubeClient
from mc_kube.portforward import forward_port, open_port
from mc_kube.resources import PODS
from mc_wire.errors import Forbidden, NotFound, TargetUnreachable
from tests.doubles.kube_channels import open_channels_double
from tests.fixtures.fix_cluster import Cluster, pod
from tests.fixtures.fix_host import eventually
from tests.kube.test_exec import until_running

SERVER = "while true; do echo answer | nc -l -p 8080; done"


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def echo_server() -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        await close(writer)

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@dataclass
class Far:
    """A pod with a port that echoes."""

    client: KubeClient
    port: int


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with open_channels_double() as api, KubeClient(api.access, {}) as client, echo_server() as port:
        yield Far(client, port)


async def test_a27_stream_carries_bytes_both_ways(far: Far) -> None:
    sent = os.urandom(300_000)
    async with open_port(far.client, "n", "p", far.port) as stream:
        await stream.write(sent)
        found = bytearray()
        async for data in stream.blocks():
            found += data
            if len(found) == len(sent):
                break
    assert found == sent


async def test_a27_port_that_nobody_listens_on_is_told(far: Far) -> None:
    async with open_port(far.client, "n", "p", 1) as stream:
        with pytest.raises(TargetUnreachable, match="port 1 of pod n/p: an error occurred forwarding 1"):
            async for _ in stream.blocks():
                pass


async def test_a27_local_port_serves_many_and_leaves_nothing(far: Far) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    for _ in range(100):
        async with forward_port(far.client, "n", "p", far.port) as forward:
            reader, writer = await asyncio.open_connection("127.0.0.1", forward.local_port)
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"hello"
            await close(writer)
    await eventually(lambda: len(os.listdir("/proc/self/fd")) <= descriptors + 5, "the sockets are closed")


async def test_a27_forward_to_nowhere_fails_at_once(far: Far) -> None:
    with pytest.raises(NotFound):
        async with forward_port(far.client, "n", "x", far.port):
            pass


async def test_a27_forward_without_the_right_names_it() -> None:
    async with open_channels_double(denied={("create", "portforward")}) as api, KubeClient(api.access, {}) as client:
        with pytest.raises(Forbidden, match="create pods/portforward"):
            async with forward_port(client, "n", "p", 80):
                pass


@pytest.mark.live
async def test_a27_forward_to_a_real_pod_ends_with_it(cluster: Cluster) -> None:
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(PODS, pod("p", "sh", "-c", SERVER), namespace)
        await until_running(client, namespace, "p")
        async with forward_port(client, namespace, "p", 8080) as forward:
            async with asyncio.timeout(20):
                while True:
                    reader, writer = await asyncio.open_connection("127.0.0.1", forward.local_port)
                    answer = await reader.readline()
                    await close(writer)
                    if answer == b"answer\n":
                        break
                await client.delete(PODS, "p", namespace)
                error = await forward.wait_end()
            assert str(error) == f"pod {namespace}/p is gone"
            with pytest.raises(OSError):
                await asyncio.open_connection("127.0.0.1", forward.local_port)
