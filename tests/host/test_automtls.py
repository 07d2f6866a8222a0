"""AutoMTLS between host and plugin: ours with ours, and with peers on the real go-plugin, whose keys are P-521."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import ssl
import sys
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from mc_wire import handshake, paths
from mc_wire.mtls import BadCertificate, MutualTls, create_identity, pem_of_field
from tests.fixtures.fix_host import HostFolder, open_client

MIB = 1024 * 1024


async def test_b16_plugin_of_ours_serves_a_host_that_asks(folder: HostFolder, sample_plugin: list[str]) -> None:
    script = folder.install(text=f"#!/bin/sh\nexec {' '.join(sample_plugin)}\n")
    folder.write("all.yaml", {"kind": "Plugin", "metadata": {"name": "sample"}, "spec": {"source": script.name}})
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config(is_automtls=True)) as client:
        await client.reaches("running", "sample")
        [item] = (await client.get("/api/catalog/items"))["items"]
        assert await client.invoke("item-name", plugin="sample", item=item["id"]) == (200, "alpha")
        assert await client.invoke("keep", {"lines": 8}, plugin="sample") == (200, True)
        status, answer = await client.invoke("big", {"lines": 60}, plugin="sample")
        assert (status, len(answer)) == (200, 60 * MIB)
        calls = (client.invoke("sleep", {"seconds": 0.1}, plugin="sample") for _ in range(100))
        assert {status for status, _ in await asyncio.gather(*calls)} == {200}


async def test_b16_go_plugin_with_p521_keys_answers_a_host_of_ours(go_peers: Path, folder: HostFolder) -> None:
    installed = folder.plugin_root / "hasher" / "latest" / "hasher"
    installed.parent.mkdir(parents=True)
    shutil.copy2(go_peers / "goplugin", installed)
    folder.write("hasher.yaml", {"kind": "Plugin", "metadata": {"name": "hasher"}, "spec": {"source": "hasher"}})
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config(is_automtls=True)) as client:
        await client.reaches("running", "hasher")
        [item] = (await client.get("/api/catalog/items"))["items"]
        status, answer = await client.invoke("sha256", plugin="hasher", item=item["id"])
        assert (status, answer["sha256"]) == (200, hashlib.sha256(b"alpha").hexdigest())


async def test_b16_plugin_that_answers_without_a_certificate_is_refused(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config(is_automtls=True, restart_limit=0)) as client:
        assert "answers without a certificate" in (await client.reaches("failed"))["lastError"]


async def _launch(certificate: str, sample_plugin: list[str]) -> tuple[asyncio.subprocess.Process, str]:
    env = {
        handshake.COOKIE_NAME: handshake.COOKIE_VALUE,
        handshake.ENV_CLIENT_CERT: certificate,
        "PATH": str(Path(sys.executable).parent),
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*sample_plugin, env=env, stdout=pipe, stderr=pipe)
    assert process.stdout
    return process, (await process.stdout.readline()).decode()


async def _health(target: str) -> None:
    async with grpc.aio.insecure_channel(target, options=[("grpc.default_authority", "localhost")]) as channel:
        ask: Any = channel.unary_unary(paths.method(paths.PLUGIN_SERVICE, "Health"))
        await ask(b"", timeout=5)


async def test_b16_third_process_does_not_get_through(sample_plugin: list[str], tmp_path: Path) -> None:
    own = create_identity()
    process, line = await _launch(own.certificate.decode(), sample_plugin)
    try:
        where = handshake.parse_line(line)
        assert len(line.split("|")[5].strip()) > 50 and "=" not in line.split("|")[5]
        peer = pem_of_field(where.certificate)
        rightful = MutualTls(own, peer, tmp_path)
        await _health(await rightful.dial_target(where))
        stranger = MutualTls(create_identity(), peer, tmp_path)
        with pytest.raises(grpc.aio.AioRpcError):
            await _health(f"unix:{where.address}")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context = stranger._client_side
            reader, writer = await asyncio.open_unix_connection(where.address, ssl=context, server_hostname="localhost")
            writer.write(b"x")
            await writer.drain()
            if not await reader.read(1):
                raise ConnectionError("closed")
        await rightful.aclose()
        await stranger.aclose()
    finally:
        process.kill()
        await process.communicate()


async def test_certificate_that_cannot_be_read_ends_the_start(sample_plugin: list[str]) -> None:
    process, line = await _launch("nonsense", sample_plugin)
    _, errors = await process.communicate()
    assert (process.returncode, line) == (1, "")
    assert b"the other end's certificate cannot be used" in errors
    with pytest.raises(BadCertificate):
        pem_of_field("ä")
