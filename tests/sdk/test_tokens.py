"""A plugin that was given its host's key: what it takes from a token, and which it refuses, on gRPC and HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mc_wire.handshake import JWK_KEY, PLUGIN_ID_KEY, TOKEN_HEADER, TOKEN_METADATA
from tests.fixtures.fix_plugin_process import SECRET_HEADERS, PluginProcess, launched
from tests.fixtures.fix_tokens import foreign_key, sign, signing_key

ITEM = "11111111-1111-4111-8111-11111111aaaa"
ID = "22222222-2222-4222-8222-222222222222"
GOOD: dict[str, Any] = {"pluginID": ID, "config": ITEM, "operation": "greet", "roles": ["write"]}
PARAMS = {"name": "you"}
REFUSED = [
    pytest.param("", 401, id="none"),
    pytest.param("a.b.c", 401, id="garbage"),
    pytest.param(lambda: sign(foreign_key(), **GOOD), 401, id="forged"),
    pytest.param(lambda: sign(**(GOOD | {"exp": int(time.time()) - 1})), 401, id="ended"),
    pytest.param(lambda: sign(**(GOOD | {"aud": ["x"]})), 401, id="audience"),
    pytest.param(lambda: sign(**(GOOD | {"pluginID": ITEM})), 403, id="another plugin"),
    pytest.param(lambda: sign(**(GOOD | {"config": ID})), 403, id="another item"),
    pytest.param(lambda: sign(**(GOOD | {"config": ""})), 403, id="no item"),
    pytest.param(lambda: sign(**(GOOD | {"operation": "count"})), 403, id="another operation"),
    pytest.param(lambda: sign(**(GOOD | {"operation": "ui"})), 403, id="a page's"),
]


@pytest.fixture
async def plugin(sample_plugin: list[str]) -> AsyncIterator[PluginProcess]:
    async with launched(sample_plugin) as process:
        await process.register(env={JWK_KEY: signing_key().jwk, PLUGIN_ID_KEY: ID})
        yield process


async def post(plugin: PluginProcess, token: str, *, item: str = ITEM, secret: bool = True) -> tuple[int, Any]:
    """Return status and JSON of the greeting over HTTP."""
    headers = {TOKEN_HEADER: token} | (SECRET_HEADERS if secret else {})
    url = plugin.url(f"/__mc/operations/greet?config_id={item}")
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json=PARAMS, headers={**headers, "X-Mission-Control-User": "eve"}) as response:
            return response.status, await response.json(content_type=None)


async def call(plugin: PluginProcess, token: str) -> Any:
    """Return the outcome of the greeting over gRPC."""
    metadata = ((TOKEN_METADATA, token),) if token else None
    body = json.dumps(PARAMS).encode()
    return await plugin.invoke("greet", body, item_id=ITEM, permissions=["plugin-role:sample:admin"], metadata=metadata)


async def test_user_and_roles_are_the_tokens_whatever_else_the_call_says(plugin: PluginProcess) -> None:
    wanted = {"text": "hello you", "roles": ["write"], "user": "ann", "item": ITEM}
    assert await post(plugin, sign(**GOOD)) == (200, wanted)
    assert await post(plugin, sign(**GOOD), item=ITEM.upper()) == (200, wanted)
    assert json.loads((await call(plugin, sign(**GOOD))).result) == wanted
    bare = sign(pluginID=ID)  # of a host that has none of our claims
    assert json.loads((await call(plugin, bare)).result) == wanted | {"roles": []}


@pytest.mark.parametrize(("token", "status"), REFUSED)
async def test_s3_bad_token_is_refused_over_http_and_grpc(plugin: PluginProcess, token: Any, status: int) -> None:
    text = token() if callable(token) else token
    found, answer = await post(plugin, text)
    assert (found, answer["code"]) == (status, "unauthorized" if status == 401 else "forbidden")
    assert (await call(plugin, text)).error_code == answer["code"]


async def test_s3_good_token_without_the_launch_secret_is_refused(plugin: PluginProcess) -> None:
    assert (await post(plugin, sign(**GOOD), secret=False))[0] == 401


async def test_token_that_was_good_is_refused_after_its_end(plugin: PluginProcess) -> None:
    token = sign(**(GOOD | {"exp": int(time.time()) + 2}))
    assert (await post(plugin, token))[0] == 200
    deadline = time.monotonic() + 10
    while (await post(plugin, token))[0] == 200:
        assert time.monotonic() < deadline


async def test_token_with_a_thousand_roles_arrives_over_http_and_grpc(plugin: PluginProcess) -> None:
    roles = [f"role-of-some-length-{number}" for number in range(1000)]
    token = sign(**(GOOD | {"roles": roles}))
    assert len(token) > 16 * 1024
    assert len((await post(plugin, token))[1]["roles"]) == 1000
    assert len(json.loads((await call(plugin, token)).result)["roles"]) == 1000


async def test_nothing_of_the_check_is_loaded_before_the_first_token(plugin: PluginProcess) -> None:
    maps = Path(f"/proc/{plugin.process.pid}/maps")
    assert "cryptography" not in maps.read_text()
    await call(plugin, sign(**GOOD))
    assert "cryptography" in maps.read_text()
