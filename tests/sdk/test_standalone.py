"""A plugin that runs by itself: flags, TLS, client certificates, the way back to its host, and an orderly stop."""

from __future__ import annotations

import asyncio
import re
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pytest

from mc_sdk.testing import FakeHost
from mc_wire import codec, detect, documented, paths
from mc_wire.limits import GRPC_OPTIONS
from mc_wire.model import Contract, Invocation, Item, Manifest, Registration
from tests.fixtures.fix_certificates import Authority, Pair
from tests.fixtures.fix_plugin_process import answer_from, plugin_env

ITEM = "11111111-1111-4111-8111-111111111111"
FREE = ("--serve", "127.0.0.1:0", "--serve-http", "127.0.0.1:0")


def _env() -> dict[str, str]:
    return {name: plugin_env()[name] for name in ("PATH", "HOME") if name in plugin_env()}


@asynccontextmanager
async def _served(command: Sequence[str], *flags: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Start a plugin in server mode; yields it with its address, as its banner says it."""
    process = await asyncio.create_subprocess_exec(
        *command, *flags, env=_env(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr
    try:
        async with asyncio.timeout(15):
            banner = (await process.stderr.readline()).decode().strip()
        found = re.fullmatch(r"plugin sample serving on (\S+): version=1\.2\.3", banner)
        assert found, banner
        yield process, found[1]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _call(channel: grpc.aio.Channel, name: str, request: bytes = b"") -> bytes:
    ask: Any = channel.unary_unary(paths.method(paths.PLUGIN_SERVICE, name))
    return bytes(await ask(request, timeout=10))


async def _register(channel: grpc.aio.Channel, registration: Registration | None = None) -> Manifest:
    data = await _call(channel, "RegisterPlugin", codec.encode_registration(registration or Registration()))
    return detect.decode_manifest(data, detect.manifest_contract(data) or Contract.DOCUMENTED)


async def _invoke(channel: grpc.aio.Channel, operation: str, params: bytes = b"{}", item: str = "") -> bytes:
    asked = documented.encode_invocation(Invocation(operation=operation, params=params, item_id=item))
    outcome = codec.decode_outcome(await _call(channel, "Invoke", asked))
    assert not outcome.error_message, outcome.error_message
    return outcome.result


def _secure_channel(address: str, authority: Authority, client: Pair | None = None) -> grpc.aio.Channel:
    credentials = grpc.ssl_channel_credentials(
        authority.path.read_bytes(),
        client.key.read_bytes() if client else None,
        client.certificate.read_bytes() if client else None,
    )
    return grpc.aio.secure_channel(address, credentials, options=GRPC_OPTIONS)


def _tls_flags(pair: Pair, client_ca: Path | None = None) -> list[str]:
    flags = [*FREE, "--serve-tls-cert", str(pair.certificate), "--serve-tls-key", str(pair.key)]
    return [*flags, "--serve-tls-client-ca", str(client_ca)] if client_ca else flags


@asynccontextmanager
async def _host_service(host: FakeHost, credentials: grpc.ServerCredentials | None) -> AsyncIterator[str]:
    """Serve HostService over TCP, as a host for plugins on other machines does."""
    server = grpc.aio.server(options=GRPC_OPTIONS)
    handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "GetConfigItem": grpc.unary_unary_rpc_method_handler(answer_from(host, "GetConfigItem"))
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(paths.HOST_SERVICE, handlers),))
    address = "127.0.0.1:0"
    port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--serve-tls-cert", "a"), "--serve-tls-cert and --serve-tls-key must be set together"),
        (("--serve-tls-key", "a"), "--serve-tls-cert and --serve-tls-key must be set together"),
        (("--serve-tls-client-ca", "a"), "--serve-tls-client-ca requires --serve-tls-cert and --serve-tls-key"),
        (("--serve-tls-cert", "/no/c", "--serve-tls-key", "/no/k"), "serve grpc: cannot read /no/c"),
        (("--serve", "nowhere"), "--serve must be host:port or :port, got 'nowhere'"),
        (("--serve", "192.0.2.1:9", "--insecure"), "serve grpc: "),
    ],
)
def test_server_mode_flags_that_do_not_fit_exit_1(sample_plugin: list[str], flags: Sequence[str], text: str) -> None:
    command = [*sample_plugin, *FREE, *flags]
    ended = subprocess.run(command, env=_env(), capture_output=True, text=True, timeout=15, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"sample: {text}" in ended.stderr  # gRPC may have said its own line before


@pytest.mark.parametrize("flags", [("--serve", ":0"), ("--serve-http", "0.0.0.0:0"), ("--serve", "[::]:0")])
def test_s11_other_machines_are_not_served_in_the_clear(sample_plugin: list[str], flags: Sequence[str]) -> None:
    command = [*sample_plugin, *FREE, *flags]
    ended = subprocess.run(command, env=_env(), capture_output=True, text=True, timeout=15, check=False)
    assert ended.returncode == 1
    assert "refusing to serve" in ended.stderr
    assert "--insecure" in ended.stderr


async def test_s11_a_certificate_of_the_server_alone_does_not_say_who_calls(
    sample_plugin: list[str], authority: Authority
) -> None:
    command = [*sample_plugin, *_tls_flags(authority.issue("plugin")), "--serve", ":0"]
    ended = subprocess.run(command, env=_env(), capture_output=True, text=True, timeout=15, check=False)
    assert (ended.returncode, "refusing to serve" in ended.stderr) == (1, True)
    async with _served(command, "--insecure") as (_, address):
        port = address.rpartition(":")[2]
        async with _secure_channel(f"127.0.0.1:{port}", authority) as channel:
            assert (await _register(channel)).name == "sample"


async def test_server_mode_registers_answers_health_and_ends_by_shutdown(sample_plugin: list[str]) -> None:
    async with _served(sample_plugin, *FREE) as (process, address):
        async with grpc.aio.insecure_channel(address, options=GRPC_OPTIONS) as channel:
            manifest = await _register(channel)
            assert codec.decode_health(await _call(channel, "Health")).ok
            check: Any = channel.unary_unary(paths.method(paths.HEALTH_SERVICE, "Check"))
            assert await check(b"\x0a\x06plugin") == b"\x08\x01"
            async with (
                aiohttp.ClientSession() as http,
                http.get(f"http://127.0.0.1:{manifest.ui_port}/__mc/ui/") as page,
            ):
                assert page.status == 200
            broker: Any = channel.stream_stream(paths.method(paths.BROKER_SERVICE, "StartStream"))
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await broker([]).read()
            assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
            await _call(channel, "Shutdown")
        async with asyncio.timeout(5):
            assert await process.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_server_mode_lets_calls_finish_before_it_stops(sample_plugin: list[str], number: signal.Signals) -> None:
    async with _served(sample_plugin, *FREE) as (process, address):
        async with grpc.aio.insecure_channel(address, options=GRPC_OPTIONS) as channel:
            await _invoke(channel, "noop")
            slow = asyncio.create_task(_invoke(channel, "sleep", b'{"seconds": 0.7}'))
            await _invoke(channel, "noop")  # the slow one was sent before it on the same connection
            process.send_signal(number)
            assert await slow == b'"rested"'
        async with asyncio.timeout(5):
            assert await process.wait() == 0


async def test_server_mode_mtls_lets_in_only_clients_of_the_authority(
    sample_plugin: list[str], authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other", "stranger").issue("client")
    flags = _tls_flags(authority.issue("plugin"), authority.path)
    async with _served(sample_plugin, *flags) as (_, address):
        for client in (None, stranger):
            async with _secure_channel(address, authority, client) as channel:
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await _register(channel)
                assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        known = authority.issue("host")
        async with _secure_channel(address, authority, known) as channel:
            manifest = await _register(channel)
        page = f"https://127.0.0.1:{manifest.ui_port}/__mc/ui/"
        async with aiohttp.ClientSession() as http:
            context = ssl.create_default_context(cafile=str(authority.path))
            with pytest.raises(aiohttp.ClientError):
                await http.get(page, ssl=context)
            context.load_cert_chain(known.certificate, known.key)
            async with http.get(page, ssl=context) as response:
                assert response.status == 200
            with pytest.raises(aiohttp.ClientError):
                await http.get(page.replace("https", "http"))


@pytest.mark.parametrize("mode", ["plain", "tls", "mtls"])
async def test_server_mode_reaches_its_host_over_the_address_it_was_given(
    sample_plugin: list[str], authority: Authority, mode: str
) -> None:
    credentials = None
    if mode != "plain":
        pair = authority.issue("host")
        chain = [(pair.key.read_bytes(), pair.certificate.read_bytes())]
        root = authority.path.read_bytes() if mode == "mtls" else None
        credentials = grpc.ssl_server_credentials(chain, root, require_client_auth=mode == "mtls")
    host = FakeHost(items={ITEM: Item(id=ITEM, name="alpha", type="Test::Thing")})
    flags = FREE if mode == "plain" else _tls_flags(authority.issue("plugin"))
    async with _host_service(host, credentials) as back, _served(sample_plugin, *flags) as (_, address):
        plain = grpc.aio.insecure_channel(address, options=GRPC_OPTIONS)
        async with plain if mode == "plain" else _secure_channel(address, authority) as channel:
            ca = authority.path.read_text()
            await _register(channel, Registration(grpc_address=back, grpc_tls=mode != "plain", grpc_ca_cert=ca))
            assert await _invoke(channel, "item-name", item=ITEM) == b'"alpha"'
