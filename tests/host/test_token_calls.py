"""Tokens on the way: to the plugin, back from it, and from a page."""

from __future__ import annotations

from typing import Any

import jwt
import msgspec
import pytest

from tests.fixtures.fix_host import HostClient, HostFolder, open_client
from tests.fixtures.fix_tokens import sign

JSON_TYPE = {"Content-Type": "application/json"}
HEADER = "X-Flanksource-Plugin-Invocation"


async def ids_of(client: HostClient) -> dict[str, str]:
    """Return the items' ids by name."""
    return {row["name"]: row["id"] for row in (await client.get("/api/catalog/items"))["items"]}


async def page_token(client: HostClient, item: str, plugin: str = "helper") -> str:
    """Return a token for the plugin's page on an item."""
    answer = await client.get(f"/api/plugins/{plugin}/ui-token?config_id={item}")
    assert answer["expiresInSeconds"] == 300
    return str(answer["token"])


async def call_with(client: HostClient, path: str, token: str) -> tuple[int, Any]:
    """Return status and JSON of a POST that proves its caller by token alone."""
    headers = {**JSON_TYPE, HEADER: token}
    status, _, body = await client.request("POST", path, data=b"{}", headers=headers, signed_in=False)
    return status, msgspec.json.decode(body)


async def test_invocation_and_proxied_request_carry_a_token_bound_to_them(client: HostClient) -> None:
    item = (await ids_of(client))["alpha"]
    entry = client.host.registry.get("helper")
    echoed = (await client.invoke("echo", item=item))[1]
    claims = jwt.decode(echoed["token"], options={"verify_signature": False})
    assert (claims["sub"], claims["pluginID"], claims["operation"]) == ("owner", entry.id, "echo")
    assert (claims["config"], claims["roles"]) == (item, ["write", "operate"])
    assert (await client.invoke("echo", item=item))[1]["token"] == echoed["token"]
    _, _, body = await client.request("GET", f"/api/plugins/helper/proxy/header-echo?config_id={item.upper()}")
    claims = jwt.decode(msgspec.json.decode(body)["headers"][HEADER], options={"verify_signature": False})
    assert (claims["operation"], claims["config"]) == ("header-echo", item)


async def test_plugin_gets_the_hosts_public_key_and_its_own_id(client: HostClient) -> None:
    env = (await client.invoke("echo-settings"))[1]["registration"]["env"]
    jwk = msgspec.json.decode(env["mission-control/jwk"])
    assert (jwk["kty"], jwk["alg"]) == ("RSA", "RS256") and not {"d", "p", "q"} & set(jwk)
    assert env["mission-control/plugin-id"] == client.host.registry.get("helper").id


async def test_page_token_calls_operations_on_its_item_only(client: HostClient, folder: HostFolder) -> None:
    ids = await ids_of(client)
    token = await page_token(client, ids["alpha"])
    base = "/api/plugins/helper"
    for route in ("invoke/echo", "operations/echo", "proxy/header-echo"):
        assert (await call_with(client, f"{base}/{route}?config_id={ids['alpha']}", token))[0] == 200
        status, answer = await call_with(client, f"{base}/{route}?config_id={ids['beta']}", token)
        assert (status, answer["code"]) == (403, "forbidden")
        assert (await call_with(client, f"{base}/{route}", token))[0] == 403


async def test_page_token_opens_nothing_else(client: HostClient) -> None:
    item = (await ids_of(client))["alpha"]
    token = await page_token(client, item)
    for path in ("/api/plugins", "/api/me", f"/api/plugins/helper/ui/?config_id={item}", "/api/plugins/helper/logs"):
        assert (await client.request("GET", path, headers={HEADER: token}, signed_in=False))[0] == 401
    assert (await call_with(client, "/api/sign-in-codes", token))[0] == 401


async def test_s2_token_of_one_operation_does_not_call_another(client: HostClient) -> None:
    item = (await ids_of(client))["alpha"]
    token = (await client.invoke("echo", item=item))[1]["token"]
    assert (await call_with(client, f"/api/plugins/helper/invoke/echo?config_id={item}", token))[0] == 200
    assert (await call_with(client, f"/api/plugins/helper/invoke/sha256?config_id={item}", token))[0] == 403


async def test_s2_token_of_one_plugin_does_not_call_another(folder: HostFolder) -> None:
    folder.plugin()
    folder.plugin("second")
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        await client.reaches("running", "second")
        item = (await ids_of(client))["alpha"]
        token = await page_token(client, item)
        assert (await call_with(client, f"/api/plugins/second/invoke/echo?config_id={item}", token))[0] == 403


async def test_s3_forged_token_is_401_even_for_the_signed_in(client: HostClient) -> None:
    item = (await ids_of(client))["alpha"]
    path = f"/api/plugins/helper/invoke/echo?config_id={item}"
    forged = sign(pluginID=client.host.registry.get("helper").id, config=item, operation="echo", sub="owner")
    assert (await call_with(client, path, forged))[0] == 401
    status, _, _ = await client.request("POST", path, data=b"{}", headers={**JSON_TYPE, HEADER: forged})
    assert status == 401


async def test_page_token_needs_an_item_that_the_plugin_serves(folder: HostFolder) -> None:
    folder.plugin(selector={"types": ["Test::Thing"]})
    folder.write("items.yaml", folder.item("alpha"), folder.item("beta", "Test::Other"))
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        ids = await ids_of(client)
        path = "/api/plugins/helper/ui-token"
        assert (await client.request("GET", path))[0] == 400
        assert (await client.request("GET", f"{path}?config_id={ids['beta']}"))[0] == 403
        assert (await client.request("GET", f"{path}?config_id={ids['alpha']}", signed_in=False))[0] == 401
        _, headers, _ = await client.request("GET", f"{path}?config_id={ids['alpha']}")
        assert headers["Cache-Control"] == "no-store"


async def test_released_plugin_without_its_token_is_unauthenticated(folder: HostFolder) -> None:
    folder.plugin("forgetful", behaviour="released-tokenless")
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config()) as client:
        await client.reaches("running", "forgetful")
        item = (await ids_of(client))["alpha"]
        answer = (await client.invoke("sha256", plugin="forgetful", item=item))[1]
        assert answer["error"] == "UNAUTHENTICATED: plugin invocation token is required"


async def test_documented_plugin_without_tokens_acts_for_the_user_it_works_for(folder: HostFolder) -> None:
    folder.plugin(behaviour="tokenless")
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        item = (await ids_of(client))["alpha"]
        assert (await client.invoke("sha256", item=item))[1]["name"] == "alpha"
        deep = (await client.invoke("deeper"))[1]
        assert deep == {"depth": 5, "refused": "maximum plugin invocation depth 5 exceeded"}


@pytest.mark.parametrize("behaviour", ["", "released"])
async def test_b13_depth_travels_in_the_token(folder: HostFolder, behaviour: str) -> None:
    folder.plugin(behaviour=behaviour)
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        deep = (await client.invoke("deeper"))[1]
        assert deep == {"depth": 5, "refused": "maximum plugin invocation depth 5 exceeded"}


async def test_key_survives_a_restart_of_the_host(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        jwk = client.host.invocation_tokens.jwk
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        assert client.host.invocation_tokens.jwk == jwk
