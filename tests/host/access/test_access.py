"""Users with policies on a running host: what they see, call, and are refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from mc_wire.model import JSON
from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client
from tests.fixtures.fix_issuer import Issuer, issuer_document, open_issuer

JSON_TYPE = {"Content-Type": "application/json"}
TOKEN = "X-Flanksource-Plugin-Invocation"
POLICY = """
p, ann, catalog:read, namespace=shop
p, ann, invoke:helper:*, namespace=shop
p, ann, invoke:helper:*, *
p, ann, plugin-role:helper:write, namespace=shop
p, viewer, catalog:read, *
p, plugin:default/helper, connection:read, connection://default/db
"""


@dataclass
class Setting:
    """A host with policies, its items, and an issuer of users."""

    client: HostClient
    issuer: Issuer
    folder: HostFolder
    ids: dict[str, str]

    async def ask(self, user: str, method: str, path: str, body: JSON = None, **headers: str) -> tuple[int, Any]:
        """Return status and JSON of a request as `user`."""
        sent = {**JSON_TYPE, "Authorization": f"Bearer {self.issuer.sign(sub=user)}", **headers}
        data = msgspec.json.encode(body) if body is not None else None
        status, _, answer = await self.client.request(method, path, signed_in=False, headers=sent, data=data)
        return status, msgspec.json.decode(answer)

    async def invoke(self, user: str, operation: str, item: str = "", body: JSON = None) -> tuple[int, Any]:
        """Return status and JSON of an invocation as `user`."""
        query = f"?config_id={self.ids[item]}" if item else ""
        return await self.ask(user, "POST", f"/api/plugins/helper/invoke/{operation}{query}", body or {})


@pytest.fixture(params=[""])
async def setting(folder: HostFolder, request: pytest.FixtureRequest) -> AsyncIterator[Setting]:
    folder.plugin(behaviour=request.param, connections={"types": {"sql": "connection://db", "x": "connection://other"}})
    folder.write("items.yaml", folder.item("alpha", namespace="shop"), folder.item("beta", namespace="bank"))
    for name in ("db", "other"):
        spec = {"type": "postgres", "url": f"postgres://h/{name}"}
        folder.write(
            f"{name}.yaml", {"kind": "Connection", "metadata": {"name": name, "namespace": "default"}, "spec": spec}
        )
    (folder.config_dir / "policy.csv").write_text(POLICY)
    async with open_issuer() as issuer:
        folder.write("issuer.yaml", issuer_document(issuer))
        async with open_client(folder.config()) as client:
            await client.reaches("running")
            ids = {row["name"]: row["id"] for row in (await client.get("/api/catalog/items"))["items"]}
            yield Setting(client, issuer, folder, ids)


async def test_user_signs_in_by_token_and_a_bad_one_says_why(setting: Setting) -> None:
    status, me = await setting.ask("ann", "GET", "/api/me")
    assert (status, me["user"]) == (200, "ann")
    bad = {"Authorization": f"Bearer {setting.issuer.sign(aud='else')}"}
    status, _, body = await setting.client.request("GET", "/api/me", signed_in=False, headers=bad)
    assert status == 401 and "bearer token refused" in msgspec.json.decode(body)["error"]


async def test_user_with_a_thousand_groups_gets_in(setting: Setting) -> None:
    token = setting.issuer.sign(groups=[f"group-{number}" for number in range(1000)])
    headers = {"Authorization": f"Bearer {token}"}
    assert len(token) > 12 * 1024
    assert (await setting.client.request("GET", "/api/me", signed_in=False, headers=headers))[0] == 200


async def test_lists_and_items_show_what_the_policy_admits(setting: Setting) -> None:
    for user, names in (("ann", ["alpha"]), ("viewer", ["alpha", "beta"]), ("stranger", [])):
        page = (await setting.ask(user, "GET", "/api/catalog/items"))[1]
        assert ([row["name"] for row in page["items"]], page["total"]) == (names, len(names))
    assert (await setting.ask("ann", "GET", f"/api/catalog/items/{setting.ids['beta']}"))[0] == 403
    assert (await setting.ask("ann", "GET", f"/api/plugins?config_id={setting.ids['beta']}"))[0] == 403


async def test_invoking_needs_read_on_the_item_and_the_operation(setting: Setting) -> None:
    status, answer = await setting.invoke("ann", "sha256", "alpha")
    assert (status, answer["name"]) == (200, "alpha")
    status, answer = await setting.invoke("ann", "sha256", "beta")
    assert (status, answer["error"]) == (403, f"not allowed to read config {setting.ids['beta']}")
    status, answer = await setting.invoke("viewer", "sha256", "alpha")
    assert (status, answer["error"]) == (403, "not allowed to invoke plugin helper operation sha256")
    status, _ = await setting.ask(
        "viewer", "GET", f"/api/plugins/helper/proxy/header-echo?config_id={setting.ids['alpha']}"
    )
    assert status == 403


async def test_roles_are_those_of_the_policy_on_that_item(setting: Setting) -> None:
    echoed = (await setting.invoke("ann", "echo", "alpha"))[1]
    assert (echoed["user"], echoed["permissions"]) == ("ann", ["plugin-role:helper:write"])
    assert (await setting.invoke("ann", "echo"))[1]["permissions"] == []


async def test_s1_page_token_gives_no_right_that_its_user_lacks(setting: Setting) -> None:
    path = f"/api/plugins/helper/ui-token?config_id={setting.ids['alpha']}"
    status, answer = await setting.ask("viewer", "GET", path)
    assert status == 200
    headers = {**JSON_TYPE, TOKEN: answer["token"]}
    for route in ("invoke/sha256", "operations/sha256", "proxy/header-echo"):
        target = f"/api/plugins/helper/{route}?config_id={setting.ids['alpha']}"
        status, _, body = await setting.client.request("POST", target, signed_in=False, headers=headers, data=b"{}")
        assert status == 403, body
    assert (await setting.ask("stranger", "GET", path))[0] == 403
    assert (await setting.ask("ann", "GET", path.replace(setting.ids["alpha"], setting.ids["beta"])))[0] == 403


@pytest.mark.parametrize("setting", ["", "released", "tokenless"], indirect=True)
async def test_s12_plugin_reads_what_its_user_may_read(setting: Setting) -> None:
    assert (await setting.invoke("ann", "list-configs", "alpha"))[1]["names"] == ["alpha"]
    assert (await setting.invoke("ann", "read-item", "alpha", {"id": setting.ids["alpha"]}))[1] == "alpha"
    answer = (await setting.invoke("ann", "read-item", "alpha", {"id": setting.ids["beta"]}))[1]
    assert answer["error"] == f"PERMISSION_DENIED: not allowed to read config {setting.ids['beta']}"
    answer = (await setting.invoke("ann", "get-connection", "alpha", {"item": setting.ids["beta"]}))[1]
    assert answer["error"].startswith("PERMISSION_DENIED")


@pytest.mark.parametrize("setting", ["tokenless"], indirect=True)
async def test_s12_plugin_without_tokens_reads_nothing_while_it_works_for_two_users(setting: Setting) -> None:
    import asyncio

    waiting = asyncio.ensure_future(setting.client.invoke("hang"))  # the owner's
    runtime = setting.client.host.registry.get("helper").runtime
    await eventually(lambda: runtime is not None and bool(runtime.calls), "the owner's call runs")
    answer = (await setting.invoke("ann", "read-item", "alpha", {"id": setting.ids["alpha"]}))[1]
    assert answer["error"].startswith("PERMISSION_DENIED")
    assert (await setting.invoke("ann", "list-configs", "alpha"))[1]["names"] == []
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_connection_needs_a_grant_once_there_is_a_policy(setting: Setting) -> None:
    found = (await setting.invoke("ann", "get-connection", "alpha", {"type": "sql"}))[1]
    assert found["url"] == "postgres://h/db"
    refused = (await setting.invoke("ann", "get-connection", "alpha", {"type": "x"}))[1]
    assert refused["error"].startswith("PERMISSION_DENIED: plugin default/helper may not read connection default/other")


async def test_b13_nested_call_acts_as_the_same_user(setting: Setting) -> None:
    params = {"plugin": "helper", "operation": "echo", "params": {"text": "in"}}
    inner = (await setting.invoke("ann", "nested", "alpha", params))[1]["result"]
    assert (inner["user"], inner["permissions"]) == ("ann", ["plugin-role:helper:write"])


async def test_users_cannot_become_the_owner_nor_read_logs(setting: Setting) -> None:
    assert (await setting.ask("ann", "POST", "/api/sign-in-codes", {}))[0] == 403
    assert (await setting.ask("ann", "GET", "/api/plugins/helper/logs"))[0] == 403
    [row] = (await setting.ask("ann", "GET", "/api/plugin-status"))[1]
    assert row["state"] == "running" and "lastError" not in row


async def test_changed_policy_is_followed_and_a_broken_one_changes_nothing(setting: Setting) -> None:
    path = setting.folder.config_dir / "policy.csv"
    names = setting.client.host.permissions

    async def sees(count: int) -> bool:
        return bool((await setting.ask("stranger", "GET", "/api/catalog/items"))[1]["total"] == count)

    path.write_text(POLICY + "p, stranger, catalog:read, *\n")
    policy = names._policy
    await eventually(lambda: names._policy is not policy, "the new policy is in force")
    assert await sees(2)
    path.write_text(POLICY + "p, stranger, catalog:read, *\np, stranger, catalog:read, namespace=bank, dney\n")
    await eventually(lambda: setting.client.host.problems, "the problem is noticed")
    assert await sees(2)


async def test_policy_that_cannot_be_read_at_the_start_grants_nothing(folder: HostFolder) -> None:
    folder.plugin(connections={"types": {"sql": "connection://db"}})
    folder.write("items.yaml", folder.item("alpha"))
    (folder.config_dir / "policy.csv").write_text("p, ann, *, *\np, broken")
    async with open_issuer() as issuer:
        folder.write("issuer.yaml", issuer_document(issuer))
        async with open_client(folder.config()) as client:
            await client.reaches("running")
            sent = {"Authorization": f"Bearer {issuer.sign()}"}
            _, _, body = await client.request("GET", "/api/catalog/items", signed_in=False, headers=sent)
            assert msgspec.json.decode(body)["total"] == 0
            assert (await client.get("/api/catalog/items"))["total"] == 1


async def test_proxy_in_front_lets_users_in_and_never_the_owner(folder: HostFolder) -> None:
    folder.plugin()
    folder.write("items.yaml", folder.item("alpha"))
    (folder.config_dir / "policy.csv").write_text("p, ann, *, *")
    async with open_issuer() as issuer:
        folder.write("issuer.yaml", issuer_document(issuer))
        async with open_client(folder.config(public_url="https://mc.example.org")) as client:
            await client.reaches("running")
            public = {"Host": "mc.example.org", "Origin": "https://mc.example.org"}
            user = public | {"Authorization": f"Bearer {issuer.sign()}"}
            path = "/api/plugins/helper/invoke/echo"
            ask = client.request
            assert (await ask("POST", path, data=b"{}", signed_in=False, headers=JSON_TYPE | user))[0] == 200
            foreign = user | {"Origin": "http://mc.example.org"}
            assert (await ask("POST", path, data=b"{}", signed_in=False, headers=JSON_TYPE | foreign))[0] == 403
            assert (await ask("GET", "/api/me", headers=public))[0] == 401
            cookie = {"Cookie": f"mission-control-{client.url.rpartition(':')[2]}={client.host.tokens.create_cookie()}"}
            assert (await ask("GET", "/api/me", signed_in=False, headers=public | cookie))[0] == 401
            assert (await ask("GET", "/api/me", signed_in=False, headers=cookie))[0] == 200
            code = client.host.tokens.create_code()
            assert "Set-Cookie" not in (await ask("GET", f"/?token={code}", signed_in=False, headers=public))[1]
            _, headers, _ = await ask("GET", "/api/plugins/helper/ui/", signed_in=False, headers=user)
            base = "https://mc.example.org/api/plugins/helper/"
            assert f"script-src {base};" in headers["Content-Security-Policy"]
            assert (await ask("GET", "/api/me", headers={"Host": "other.example.org"}))[0] == 403


async def test_s7_required_permissions_are_enforced(setting: Setting) -> None:
    assert (await setting.invoke("ann", "needs-role", "alpha"))[0] == 200
    status, answer = await setting.invoke("ann", "needs-role")
    assert (status, answer["facts"]) == (403, {"permission": "write"})
    assert (await setting.invoke("ann", "needs-read", "alpha"))[0] == 403
    assert (await setting.invoke("ann", "needs-unheard-of", "alpha"))[0] == 403
    for operation, status in (("needs-role", 200), ("needs-read", 200), ("needs-unheard-of", 403)):
        assert (await setting.client.invoke(operation))[0] == status
