"""Websockets through the host's proxy: messages both ways, close codes, and the checks that every request passes."""

from __future__ import annotations

import aiohttp
import msgspec
import pytest
from aiohttp import WSMsgType

from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client

PATHS = ("/api/plugins/helper/ui/socket", "/api/plugins/helper/proxy/socket")
BLOCK = 1024 * 1024


def _connect(client: HostClient, path: str, **headers: str) -> aiohttp.client._WSRequestContextManager:
    own = client.owner | headers
    return client.session.ws_connect(client.url + path, headers=own, protocols=("other", "echo"), max_msg_size=0)


@pytest.mark.parametrize("path", PATHS)
async def test_s4_websocket_carries_messages_and_identity_and_no_credentials(client: HostClient, path: str) -> None:
    async with _connect(client, f"{path}?a=%26b", Cookie="a=b", **{"X-Mission-Control-User": "root"}) as socket:
        first = msgspec.json.decode((await socket.receive()).data)
        seen = {name.lower(): value for name, value in first["headers"].items()}
        assert not {"cookie", "authorization", "origin"} & set(seen)
        assert (seen["x-mission-control-user"], first["query"]) == ("owner", "a=%26b")
        assert seen["x-flanksource-plugin-invocation"].count(".") == 2
        assert socket.protocol == "echo"
        await socket.send_str("grüße")
        assert (await socket.receive()).data == "grüße"
        for size in (0, 1, BLOCK, 8 * BLOCK):
            data = bytes([size % 251]) * size
            await socket.send_bytes(data)
            message = await socket.receive()
            assert (message.type, message.data) == (WSMsgType.BINARY, data)


@pytest.mark.parametrize("path", PATHS)
async def test_close_code_and_reason_of_the_plugin_reach_the_browser(client: HostClient, path: str) -> None:
    async with _connect(client, path) as socket:
        await socket.receive()
        await socket.send_str("close 4001 had enough")
        message = await socket.receive()
        assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 4001, "had enough")


async def test_close_code_of_the_browser_reaches_the_plugin(client: HostClient, folder: HostFolder) -> None:
    async with _connect(client, PATHS[0]) as socket:
        await socket.receive()
        await socket.close(code=4002)
    await eventually(lambda: "socket ended 4002" in folder.notes.read_text(), "the plugin hears the code", 5)


async def test_b6_plugin_hears_of_a_browser_that_leaves_without_a_word(client: HostClient, folder: HostFolder) -> None:
    async with _connect(client, PATHS[0]) as socket:
        await socket.receive()
        transport = socket._response.connection and socket._response.connection.transport
        assert transport is not None
        transport.abort()
        await eventually(lambda: "socket ended" in folder.notes.read_text(), "the plugin hears of it", 1)


@pytest.mark.parametrize("path", PATHS)
async def test_websocket_of_another_site_and_of_nobody_is_refused(client: HostClient, path: str) -> None:
    for headers, status in (
        ({**client.owner, "Origin": "https://example.org"}, 403),
        ({**client.owner, "Host": "rebound.example:80"}, 403),
        ({}, 401),
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await client.session.ws_connect(client.url + path, headers=headers)
        assert caught.value.status == status


async def test_route_that_is_no_websocket_is_not_found_and_other_upgrades_are_refused(client: HostClient) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await client.session.ws_connect(f"{client.url}/api/plugins/helper/ui/nothing", headers=client.owner)
    assert caught.value.status == 404
    upgrade = {"Connection": "Upgrade", "Upgrade": "h2c"}
    status, _, body = await client.request("GET", PATHS[0], headers=upgrade)
    assert (status, b"only websockets" in body) == (501, True)


async def test_host_stops_with_a_websocket_open(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        socket = await _connect(client, PATHS[0])
        await socket.receive()
