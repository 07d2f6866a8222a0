"""Plugins on other machines: TLS both ways, the way back by token, and registered anew whenever they start again."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import msgspec
import pytest

from mc_host.config import ConfigError, NetworkConfig, read_config
from mc_wire import codec, paths
from mc_wire.model import JSON
from tests.fixtures.fix_certificates import Authority
from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client
from tests.fixtures.fix_plugin_process import plugin_env


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@asynccontextmanager
async def served(command: Sequence[str], port: int, *flags: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a plugin in server mode on a port, its HTTP side on any."""
    env = {name: value for name, value in plugin_env().items() if name in ("PATH", "HOME")}
    words = [*command, "--serve", f"127.0.0.1:{port}", "--serve-http", "127.0.0.1:0", *flags]
    process = await asyncio.create_subprocess_exec(*words, env=env, stderr=asyncio.subprocess.PIPE)
    assert process.stderr
    try:
        async with asyncio.timeout(15):
            banner = (await process.stderr.readline()).decode()
        assert re.match(r"plugin sample serving on ", banner), banner
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def tls_flags(authority: Authority, *, is_mutual: bool = False) -> list[str]:
    pair = authority.issue("plugin")
    flags = ["--serve-tls-cert", str(pair.certificate), "--serve-tls-key", str(pair.key)]
    return [*flags, "--serve-tls-client-ca", str(authority.path)] if is_mutual else flags


def declare(folder: HostFolder, port: int, **spec: JSON) -> None:
    """Declare the remote plugin and an item."""
    spec = {"address": f"127.0.0.1:{port}", **spec}
    folder.write("all.yaml", {"kind": "Plugin", "metadata": {"name": "sample"}, "spec": spec}, folder.item("alpha"))


async def greeting(client: HostClient) -> Any:
    [item] = (await client.get("/api/catalog/items"))["items"]
    return await client.invoke("greet", {"name": "you"}, plugin="sample", item=item["id"])


async def test_s9_plugin_over_mutual_tls_is_invoked_and_its_page_proxied_encrypted(
    folder: HostFolder, authority: Authority, sample_plugin: list[str]
) -> None:
    own, port = authority.issue("host"), free_port()
    declare(folder, port, caCert=authority.path.read_text())
    network = NetworkConfig(plugin_certificate=own.certificate, plugin_key=own.key)
    async with (
        served(sample_plugin, port, *tls_flags(authority, is_mutual=True)),
        open_client(folder.config(network=network)) as client,
    ):
        await client.reaches("running", "sample")
        status, answer = await greeting(client)
        assert (status, answer["text"], answer["user"], answer["roles"]) == (200, "hello you", "owner", ["write"])
        runtime = client.host.registry.get("sample").runtime
        assert runtime is not None and runtime.http_base.startswith("https://127.0.0.1:")
        status, headers, body = await client.request("GET", "/api/plugins/sample/ui/")
        assert status == 200 and b"<title>" in body and "default-src 'none'" in headers["Content-Security-Policy"]
        [item] = (await client.get("/api/catalog/items"))["items"]
        path = f"/api/plugins/sample/proxy/count?config_id={item['id']}&lines=2"
        status, _, body = await client.request("GET", path)
        assert status == 200 and [msgspec.json.decode(line)["n"] for line in body.splitlines()] == [0, 1]
        [row] = await client.get("/api/plugin-status")
        assert (row["address"], row["state"], row["contract"]) == (f"127.0.0.1:{port}", "running", "documented")


async def test_s9_certificate_of_another_authority_is_not_believed(
    folder: HostFolder, authority: Authority, sample_plugin: list[str], tmp_path: Path
) -> None:
    stranger, port = Authority(tmp_path, "stranger"), free_port()
    declare(folder, port, caCert=authority.path.read_text())
    config = folder.config(register_timeout_s=1.0)
    async with served(sample_plugin, port, *tls_flags(stranger), "--insecure"), open_client(config) as client:
        row = await client.reaches("backing_off", "sample")
        assert "cannot be registered" in row["lastError"]
        assert await client.get("/api/plugins") == []


async def test_s11_plugin_elsewhere_is_not_dialled_in_the_clear(folder: HostFolder) -> None:
    folder.write("all.yaml", {"kind": "Plugin", "metadata": {"name": "far"}, "spec": {"address": "192.0.2.1:9"}})
    async with open_client(folder.config()) as client:
        row = await client.reaches("failed", "far")
        assert "not dialled in the clear: set spec.caCert" in row["lastError"]


async def test_l9_plugin_that_starts_again_is_registered_again(folder: HostFolder, sample_plugin: list[str]) -> None:
    port = free_port()
    declare(folder, port, properties={"greeting": "ahoy"})
    async with open_client(folder.config(register_timeout_s=2.0, settle_timeout_s=10.0)) as client:
        async with served(sample_plugin, port):
            await client.reaches("running", "sample")
            assert (await greeting(client))[1]["text"] == "ahoy you"
            before = client.host.registry.get("sample").runtime
        await client.reaches("backing_off", "sample")
        async with served(sample_plugin, port):
            began = time.monotonic()
            status, answer = await greeting(client)
            assert (status, answer["text"]) == (200, "ahoy you")
            assert time.monotonic() - began < 10
            after = client.host.registry.get("sample").runtime
            assert before is not None and after is not None and after.http_base != before.http_base
            assert (await client.request("GET", "/api/plugins/sample/ui/"))[0] == 200
            assert (await client.reaches("running", "sample"))["restarts"] >= 1


async def test_l9_plugin_that_is_there_later_than_the_host_is_found(
    folder: HostFolder, sample_plugin: list[str]
) -> None:
    port = free_port()
    declare(folder, port)
    async with open_client(folder.config(register_timeout_s=0.5)) as client:
        await client.reaches("backing_off", "sample")
        async with served(sample_plugin, port):
            await client.reaches("running", "sample")


async def test_remote_plugin_asks_its_host_by_token_over_tls(
    folder: HostFolder, authority: Authority, sample_plugin: list[str]
) -> None:
    own, port, listen = authority.issue("host"), free_port(), f"127.0.0.1:{free_port()}"
    declare(folder, port, caCert=authority.path.read_text())
    network = NetworkConfig(
        plugin_certificate=own.certificate,
        plugin_key=own.key,
        listen=listen,
        certificate=own.certificate,
        key=own.key,
        client_ca=authority.path,
        ca=authority.path,
    )
    async with (
        served(sample_plugin, port, *tls_flags(authority, is_mutual=True)),
        open_client(folder.config(network=network)) as client,
    ):
        await client.reaches("running", "sample")
        [item] = (await client.get("/api/catalog/items"))["items"]
        assert await client.invoke("item-name", plugin="sample", item=item["id"]) == (200, "alpha")
        assert await client.invoke("keep", {"lines": 2}, plugin="sample") == (200, True)
        secure = grpc.ssl_channel_credentials(
            authority.path.read_bytes(), own.key.read_bytes(), own.certificate.read_bytes()
        )
        for credentials, metadata, code in (
            (secure, (), grpc.StatusCode.UNAUTHENTICATED),
            (secure, (("x-flanksource-plugin-invocation", "forged"),), grpc.StatusCode.UNAUTHENTICATED),
            (grpc.ssl_channel_credentials(authority.path.read_bytes()), (), grpc.StatusCode.UNAVAILABLE),
        ):
            async with grpc.aio.secure_channel(listen, credentials) as channel:
                ask: Any = channel.unary_unary(paths.method(paths.HOST_SERVICE, "GetConfigItem"))
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await ask(codec.encode_item_id(item["id"]), metadata=metadata, timeout=5)
                assert caught.value.code() is code


async def test_remote_plugin_is_let_go_when_its_resource_goes(folder: HostFolder, sample_plugin: list[str]) -> None:
    port = free_port()
    declare(folder, port)
    async with served(sample_plugin, port) as process, open_client(folder.config()) as client:
        await client.reaches("running", "sample")
        (folder.config_dir / "all.yaml").unlink()
        await eventually(lambda: client.host.registry.list_all() == [], "it is forgotten")
        assert process.returncode is None


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"GRPC_TLS_CERT": __file__}, "GRPC_TLS_CERT and MISSION_CONTROL_GRPC_TLS_KEY must be set together"),
        ({"PLUGIN_TLS_KEY": __file__}, "PLUGIN_TLS_CERT and MISSION_CONTROL_PLUGIN_TLS_KEY must be set together"),
        ({"GRPC_TLS_CLIENT_CA": __file__}, "CLIENT_CA requires MISSION_CONTROL_GRPC_TLS_CERT"),
        ({"GRPC_TLS_CA": "/no/such/file"}, "there is no file /no/such/file"),
        ({"INSECURE_PLUGINS": "perhaps"}, "must be on or off"),
    ],
)
def test_settings_of_the_network_that_do_not_fit(given: dict[str, str], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        read_config({f"MISSION_CONTROL_{name}": value for name, value in given.items()})
