"""The proxy to a plugin's HTTP side: headers, paths, policies, streams that end when the browser leaves."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import msgspec
import pytest

from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client
from tests.host.raw_http import raw_get

PAGE = "/api/plugins/helper/ui/"
OPERATION = "/api/plugins/helper/proxy/header-echo"

TRAVERSALS = [
    "../../../me",
    "%2e%2e/%2e%2e/x.txt",
    "..%2f..%2fx.txt",
    "%2e%2e%2f%2e%2e%2fx.txt",
    "%252e%252e%252fx.txt",
    "..%5c..%5cx.txt",
    "a/../b.txt",
    "a/./b.txt",
    "a%00.txt",
    "__mc/operations/header-echo",
    "%5f%5fmc/operations/header-echo",
]


async def test_s4_plugin_sees_neither_cookie_nor_credentials_nor_forged_identity(client: HostClient) -> None:
    forged = {
        "Cookie": "a=b",
        "Proxy-Authorization": "x",
        "X-Mission-Control-User": "root",
        "x-mission-control-roles": "admin",
        "X-Mission-Control-Secret": "guess",
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=1.2.3.4",
        "Connection": "X-Hop, keep-alive",
        "X-Hop": "1",
        "X-Kept": "yes",
    }
    [item] = (await client.get("/api/catalog/items?search=alpha"))["items"]
    operation, page = f"{OPERATION}?config_id={item['id']}", f"{PAGE}api/headers?config_id={item['id']}"
    forged_token = {"X-Flanksource-Plugin-Invocation": "forged"}
    assert (await client.request("GET", operation, headers=forged_token))[0] == 401
    for path, extra in ((operation, {}), (page, forged_token)):
        forged |= extra
        _, _, body = await client.request("GET", path, headers=forged)
        seen = {name.lower(): value for name, value in msgspec.json.decode(body)["headers"].items()}
        absent = "cookie authorization proxy-authorization x-hop x-forwarded-for forwarded origin"
        assert not set(absent.split()) & set(seen)
        assert seen["x-flanksource-plugin-invocation"].count(".") == 2
        assert (seen["x-mission-control-user"], seen["x-kept"]) == ("owner", "yes")
        assert seen["x-mission-control-config-id"] == item["id"]
        assert seen["x-forwarded-prefix"].startswith("/api/plugins/helper/")
        assert seen["x-mission-control-secret"] not in ("", "guess")
        assert "x-mission-control-roles" not in seen


async def test_answer_loses_what_would_act_on_the_whole_origin(client: HostClient) -> None:
    _, headers, _ = await client.request("GET", OPERATION)
    assert not {"Set-Cookie", "Access-Control-Allow-Origin"} & set(headers)
    assert "sandbox" in headers["Content-Security-Policy"]


async def test_operation_route_passes_method_body_and_query(client: HostClient) -> None:
    _, _, body = await client.request("POST", OPERATION + "?a=1&a=%26", data=b"payload" * 100_000)
    seen = msgspec.json.decode(body)
    assert (seen["method"], seen["query"], seen["body"]) == ("POST", "a=1&a=%26", "payload" * 100_000)


async def test_method_outside_the_bindings_is_403(client: HostClient) -> None:
    status, _, body = await client.request("DELETE", OPERATION)
    answer = msgspec.json.decode(body)
    assert (status, answer["error"]) == (403, 'operation "header-echo" does not allow HTTP DELETE')
    assert (await client.request("GET", "/api/plugins/helper/proxy/echo"))[0] == 403
    assert (await client.request("GET", "/api/plugins/helper/proxy/nothing"))[0] == 404


async def test_page_gets_a_fresh_nonce_and_a_policy_confined_to_its_plugin(client: HostClient) -> None:
    nonces = set()
    for _ in range(2):
        status, headers, body = await client.request("GET", PAGE, headers={"Accept": "text/html"})
        policy = headers["Content-Security-Policy"]
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert status == 200 and f'content="{nonce}"'.encode() in body and b"__CSP_NONCE__" not in body
        assert f"script-src {client.url}{PAGE.removesuffix('ui/')};" in policy and "frame-ancestors 'self'" in policy
        assert headers["Cache-Control"] == "no-store" and "Set-Cookie" not in headers
        nonces.add(nonce)
    assert len(nonces) == 2


async def test_page_without_slash_is_redirected_with_its_query(client: HostClient) -> None:
    status, headers, _ = await client.request("GET", "/api/plugins/helper/ui?config_id=1")
    assert (status, headers["Location"]) == (308, "/api/plugins/helper/ui/?config_id=1")


async def test_redirects_stay_below_the_page_and_foreign_ones_are_refused(client: HostClient) -> None:
    status, headers, _ = await client.request("GET", PAGE + "moved")
    assert (status, headers["Location"]) == (302, PAGE + "assets/app.js?x=1")
    assert (await client.request("GET", PAGE + "elsewhere"))[0] == 502


@pytest.mark.parametrize("behaviour", ["", "released"])
async def test_s8_traversal_of_a_page_is_404_in_every_encoding(folder: HostFolder, behaviour: str) -> None:
    folder.plugin(behaviour=behaviour)
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        for tail in TRAVERSALS:
            status, body = await raw_get(client.url, PAGE + tail, **client.owner)
            assert (status, msgspec.json.decode(body)["code"]) == (404, "not_found"), tail


async def test_b6_first_line_arrives_at_once_and_leaving_cancels_the_handler(
    client: HostClient, folder: HostFolder
) -> None:
    url = f"{client.url}/api/plugins/helper/proxy/events"
    async with client.session.get(url, headers=client.owner) as response:
        line = await response.content.readline()
        assert time.time() - msgspec.json.decode(line)["at"] < 0.2
        left_at = time.monotonic()
    await eventually(lambda: "events cancelled" in folder.note_lines(), "the handler is cancelled", 3.0)
    assert time.monotonic() - left_at < 1.0


async def test_slow_reader_holds_the_plugin_up_instead_of_filling_the_host(
    client: HostClient, folder: HostFolder
) -> None:
    url = f"{client.url}/api/plugins/helper/proxy/blocks?count=4096"  # 256 MiB
    async with client.session.get(url, headers=client.owner) as response:
        await response.content.read(1024)
        await asyncio.sleep(0.5)  # time in which an unbounded proxy would take it all
        sent = [line for line in folder.note_lines() if line.startswith("sent")]
        assert len(sent) < 8, sent  # 8 x 4 MiB: socket buffers and little else
        response.close()
    await eventually(lambda: any("blocks ended" in line for line in folder.note_lines()), "the plugin stops", 3.0)


async def test_whole_stream_passes_byte_for_byte(client: HostClient) -> None:
    status, headers, body = await client.request("GET", "/api/plugins/helper/proxy/blocks?count=300")
    assert (status, body == b"z" * 65536 * 300) == (200, True)
    assert headers["Cache-Control"] == "no-store"


async def test_answer_that_breaks_off_does_not_look_complete(client: HostClient) -> None:
    with pytest.raises(aiohttp.ClientError):
        await client.request("GET", "/api/plugins/helper/proxy/blocks?count=3&break=1")


async def test_dead_http_side_is_502_and_upgrade_is_501(client: HostClient) -> None:
    runtime = client.host.registry.get("helper").runtime
    assert runtime is not None
    upgrade = {"Connection": "Upgrade", "Upgrade": "h2c"}
    assert (await client.request("GET", PAGE, headers=upgrade))[0] == 501
    runtime.http_base = "http://127.0.0.1:9"
    status, _, body = await client.request("GET", PAGE)
    assert (status, msgspec.json.decode(body)["code"]) == (502, "unreachable")
    runtime.http_base = ""
    status, _, body = await client.request("GET", PAGE)
    assert status == 500 and b"did not advertise a UI port" in body


async def test_answer_one_waits_for_has_the_hosts_deadline_and_a_plugin_is_told(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config(invoke_timeout_s=0.3)) as client:
        await client.reaches("running")
        seen = msgspec.json.decode((await client.request("GET", OPERATION))[2])["headers"]
        assert seen["X-Mission-Control-Timeout"] == "0.3"
        status, _, body = await client.request("GET", "/api/plugins/helper/proxy/silent")
        assert (status, msgspec.json.decode(body)["code"]) == (504, "timeout")
        assert (
            "X-Mission-Control-Timeout"
            not in msgspec.json.decode((await client.request("GET", f"{PAGE}api/headers"))[2])["headers"]
        )
