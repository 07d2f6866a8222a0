"""The HTTP port of a plugin process: who may call, files, operations, streams."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from mc_sdk.testing import FakeHost
from mc_wire.errors import NotSignedIn
from mc_wire.handshake import TOKEN_METADATA
from mc_wire.model import Item
from tests.fixtures.fix_plugin_process import SECRET_HEADERS, PluginProcess, launched

ITEM = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
async def plugin(sample_plugin: list[str]) -> AsyncIterator[PluginProcess]:
    async with launched(sample_plugin) as process:
        await process.register()
        yield process


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield session


async def test_page_is_served_below_ui_and_at_the_root_of_a_documented_host(
    plugin: PluginProcess, http: aiohttp.ClientSession
) -> None:
    for path in ("/__mc/ui/", "/__mc/ui/index.html", "/", "/index.html"):
        async with http.get(plugin.url(path)) as response:
            assert (response.status, response.content_type) == (200, "text/html")
            assert response.headers["Cache-Control"] == "no-cache"
    async with http.get(plugin.url("/__mc/ui/assets/index-AbCd1234.js")) as response:
        assert (response.status, response.content_type) == (200, "text/javascript")
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "/__mc/ui/../sample_plugin.py",
        "/__mc/ui/%2e%2e/sample_plugin.py",
        "/__mc/ui/..%2fsample_plugin.py",
        "/__mc/ui/%2e%2e%2fsample_plugin.py",
        "/__mc/ui/%252e%252e%252fsample_plugin.py",
        "/__mc/ui/..%5csample_plugin.py",
        "/__mc/ui/assets/",
        "/__mc/ui/assets",
        "/__mc/ui/missing.js",
        "/../sample_plugin.py",
    ],
)
async def test_s8_no_path_leaves_the_folder_and_no_folder_is_listed(plugin: PluginProcess, path: str) -> None:
    assert plugin.manifest
    reader, writer = await asyncio.open_connection("127.0.0.1", plugin.manifest.ui_port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 404"), answer[:200]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "not_found"


async def test_operation_answers_only_to_the_host_that_launched_the_plugin(
    plugin: PluginProcess, http: aiohttp.ClientSession
) -> None:
    url = plugin.url("/__mc/operations/greet")
    for headers in ({}, {"X-Mission-Control-Secret": "guessed"}, {"X-Flanksource-Plugin-Invocation": "a.b.c"}):
        async with http.post(url, json={"name": "you"}, headers=headers) as response:
            assert response.status == 401
            assert (await response.json())["code"] == "unauthorized"
    # A host without a key of its own: who asks is believed, roles are not.
    headers = {**SECRET_HEADERS, "X-Mission-Control-User": "ann", "X-Mission-Control-Roles": "write"}
    async with http.post(f"{url}?config_id={ITEM}", json={"name": "you"}, headers=headers) as response:
        answer = await response.json(content_type=None)
    assert answer == {"text": "hello you", "roles": [], "user": "ann", "item": ITEM}


async def test_released_host_is_asked_whether_the_token_is_good(
    sample_plugin: list[str], http: aiohttp.ClientSession
) -> None:
    host = FakeHost(items={ITEM: Item(id=ITEM, name="app", type="T")})
    async with launched(sample_plugin, MISSION_CONTROL_PLUGIN_SECRET="") as plugin:
        await plugin.register(host)
        url = plugin.url("/__mc/operations/greet?config_id=")
        token = {"X-Flanksource-Plugin-Invocation": "token", "X-Mission-Control-Roles": "write"}
        async with http.post(url + ITEM, json={"name": "you"}) as response:
            assert response.status == 401
        async with http.post(url + "unknown", json={"name": "you"}, headers=token) as response:
            assert response.status == 404
        async with http.post(url + ITEM, json={"name": "you"}, headers=token) as response:
            assert (response.status, (await response.json(content_type=None))["roles"]) == (200, [])


class Judging(FakeHost):
    """A host that knows one token."""

    async def call(self, name: str, request: bytes, metadata: tuple[tuple[str, str], ...]) -> bytes:
        """Refuse other tokens, as a released host does."""
        if (TOKEN_METADATA, "good") not in metadata:
            raise NotSignedIn("plugin invocation token is required")
        return await super().call(name, request, metadata)


async def test_forged_token_is_refused_by_a_released_host_also_without_an_item(
    sample_plugin: list[str], http: aiohttp.ClientSession
) -> None:
    async with launched(sample_plugin, MISSION_CONTROL_PLUGIN_SECRET="") as plugin:
        await plugin.register(Judging())
        for token, status in (("good", 200), ("forged", 401), ("", 401)):
            headers = {"X-Flanksource-Plugin-Invocation": token}
            async with http.post(plugin.url("/__mc/operations/noop"), headers=headers) as response:
                assert response.status == status


async def test_secret_with_letters_outside_ascii_is_refused_and_not_a_fault(
    plugin: PluginProcess, http: aiohttp.ClientSession
) -> None:
    headers = {"X-Mission-Control-Secret": "geh\u00e9im"}
    async with http.post(plugin.url("/__mc/operations/noop"), headers=headers) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/__mc/operations/noop", 405),
        ("POST", "/__mc/operations/unknown", 404),
        ("POST", "/__mc/operations/noop/", 404),
        ("POST", "/__mc/operations/noop/more", 404),
        ("GET", "/__mc/operations/greet?name=you&times=2", 200),
        ("HEAD", "/__mc/operations/greet?name=you", 200),
        ("POST", "/__mc/ui/", 405),
    ],
)
async def test_only_declared_methods_and_exact_paths(
    plugin: PluginProcess, http: aiohttp.ClientSession, method: str, path: str, status: int
) -> None:
    async with http.request(method, plugin.url(path), headers=SECRET_HEADERS) as response:
        assert response.status == status
        if status >= 400:
            assert set(await response.json()) >= {"error", "code"}


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        (b"nonsense", None, "params are not JSON"),
        (b"[1]", None, "params must be a JSON object, got an array"),
        (b"{}", "name", "missing required field `name`"),
        (b'{"name": 1}', "name", "expected `str`, got `int`"),
        (b'{"name": "x", "times": "many"}', "times", "expected `int`, got `str`"),
        (b'{"name": "x", "times": 6}', "times", "expected `int` <= 5"),
        (b'{"name": "x", "colour": "red"}', "colour", "unknown field `colour`"),
    ],
)
async def test_bad_params_are_400_with_the_fields_name(
    plugin: PluginProcess, http: aiohttp.ClientSession, body: bytes, field: str | None, text: str
) -> None:
    async with http.post(plugin.url("/__mc/operations/greet"), data=body, headers=SECRET_HEADERS) as response:
        answer = await response.json()
    assert (response.status, answer["code"]) == (400, "invalid")
    assert text in answer["error"]
    assert answer.get("facts", {}).get("field") == field


async def test_old_callers_text_case_and_null_are_understood(plugin: PluginProcess) -> None:
    outcome = await plugin.invoke("greet", b'{"NAME": "you", "times": "2", "RowLimit": null}')
    assert json.loads(outcome.result)["text"] == "hello you you"


async def test_b6_first_line_leaves_at_once_and_leaving_cancels_the_handler(
    plugin: PluginProcess, http: aiohttp.ClientSession
) -> None:
    url = plugin.url("/__mc/operations/count?lines=1000&gapS=0.2")
    async with http.get(url, headers={**SECRET_HEADERS, "Accept": "text/event-stream"}) as response:
        assert response.content_type == "text/event-stream"
        line = await response.content.readline()
        assert time.time() - json.loads(line.removeprefix(b"data: "))["at"] < 0.2
    await plugin.eventually("cancelled", b"1", timeout_s=1.0)


async def test_stream_that_fails_in_the_middle_ends_with_the_error_as_its_last_line(
    plugin: PluginProcess, http: aiohttp.ClientSession
) -> None:
    body = {"lines": 5, "failAt": 2}
    async with http.post(plugin.url("/__mc/operations/count"), json=body, headers=SECRET_HEADERS) as response:
        assert (response.status, response.content_type) == (200, "application/x-ndjson")
        lines = [json.loads(line) for line in (await response.read()).splitlines()]
    assert [line.get("n") for line in lines[:2]] == [0, 1]
    assert lines[2] == {"error": "told to fail", "code": "invalid", "facts": {"field": "failAt"}}
    body["failAt"] = 0
    async with http.post(plugin.url("/__mc/operations/count"), json=body, headers=SECRET_HEADERS) as response:
        assert (response.status, (await response.json())["error"]) == (400, "told to fail")


async def test_file_has_its_type_and_name_and_breaks_off_when_it_fails(
    plugin: PluginProcess, http: aiohttp.ClientSession
) -> None:
    url = plugin.url("/__mc/operations/file")
    async with http.post(url, json={"lines": 3}, headers=SECRET_HEADERS) as response:
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        wanted = "attachment; filename=\"gr__e__1_.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe__1_.csv"
        assert response.headers["Content-Disposition"] == wanted
        assert await response.read() == b"0\n1\n2\n"
    with pytest.raises(aiohttp.ClientPayloadError):
        async with http.post(url, json={"lines": 3, "failAt": 2, "gapS": 0.05}, headers=SECRET_HEADERS) as response:
            assert response.status == 200
            await response.read()
    async with http.post(url, json={"failAt": 0}, headers=SECRET_HEADERS) as response:
        assert (response.status, (await response.json())["error"]) == (400, "told to fail")
    whole = json.loads((await plugin.invoke("file", b'{"lines": 3}')).result)
    assert (whole["content"], whole["truncated"]) == ("0\n1\n2\n", False)


async def test_stream_over_invoke_is_a_capped_collection(plugin: PluginProcess) -> None:
    small = json.loads((await plugin.invoke("count", b'{"lines": 3}')).result)
    assert ([item["n"] for item in small["items"]], small["truncated"]) == ([0, 1, 2], False)
