"""The HTTP side: who is let in, what the listings say, how failures look."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from tests.fixtures.fix_host import HostClient, HostFolder, open_client

JSON_TYPE = {"Content-Type": "application/json"}
ECHO = "/api/plugins/helper/invoke/echo"


def port_of(client: HostClient) -> int:
    """Return the host's port."""
    return int(client.url.rpartition(":")[2])


async def signed_in_cookie(client: HostClient) -> str:
    """Return the cookie header of a browser that opened the printed address."""
    code = client.host.tokens.create_code()
    status, headers, _ = await client.request("GET", f"/?token={code}", signed_in=False)
    assert (status, headers["Location"]) == (303, "/")
    return headers["Set-Cookie"]


async def test_me_names_the_owner_and_the_version(client: HostClient) -> None:
    me = await client.get("/api/me")
    assert me["user"] == "owner" and me["version"] == "0.1.0" and me["host"]


@pytest.mark.parametrize("path", ["/api/me", "/api/catalog/items", "/api/plugins", "/api/plugins/helper/ui/", "/api/x"])
async def test_api_without_sign_in_answers_401_with_a_hint(client: HostClient, path: str) -> None:
    status, headers, body = await client.request("GET", path, signed_in=False)
    answer = msgspec.json.decode(body)
    assert (status, answer["code"]) == (401, "unauthorized") and "mission-control open" in answer["hint"]
    assert headers["Content-Type"].startswith("application/json")


async def test_wrong_token_and_forged_cookie_are_refused(client: HostClient) -> None:
    for headers in (
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {client.host.tokens.owner}"},
        {"Cookie": f"mission-control-{port_of(client)}=99999999999.a.b"},
    ):
        assert (await client.request("GET", "/api/me", signed_in=False, headers=headers))[0] == 401


async def test_sign_in_code_works_once_and_its_cookie_is_strict_and_http_only(client: HostClient) -> None:
    cookie = await signed_in_cookie(client)
    name = f"mission-control-{port_of(client)}"
    assert cookie.startswith(f"{name}=") and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    pair = cookie.split(";")[0]
    assert (await client.request("GET", "/api/me", signed_in=False, headers={"Cookie": pair}))[0] == 200
    code = client.host.tokens.create_code()
    first = await client.request("GET", f"/?token={code}", signed_in=False)
    second = await client.request("GET", f"/?token={code}", signed_in=False)
    assert "Set-Cookie" in first[1] and "Set-Cookie" not in second[1] and second[0] == 303


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1:1",
        "http://localhost:1",
        "null",
        "https://127.0.0.1:{port}",
        "http://evil:{port}",
    ],
)
async def test_foreign_origin_and_other_local_port_are_refused(client: HostClient, origin: str) -> None:
    headers = {"Origin": origin.format(port=port_of(client)), **JSON_TYPE}
    headers["Cookie"] = (await signed_in_cookie(client)).split(";")[0]
    for signed_in in (True, False):  # with the cookie a browser would send, and even with the token
        status, _, body = await client.request("POST", ECHO, data=b"{}", headers=headers, signed_in=signed_in)
        assert (status, msgspec.json.decode(body)["code"]) == (403, "forbidden")


async def test_own_origin_is_accepted(client: HostClient) -> None:
    headers = {"Origin": client.url, "Cookie": (await signed_in_cookie(client)).split(";")[0], **JSON_TYPE}
    status, _, _ = await client.request("POST", ECHO, data=b'{"text":"x"}', headers=headers, signed_in=False)
    assert status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_get_from_a_page_of_another_site_is_refused_without_any_origin(client: HostClient, site: str) -> None:
    status, _, _ = await client.request("GET", "/api/plugins/helper/ui/", headers={"Sec-Fetch-Site": site})
    assert status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.nip.io:{port}"]
)
async def test_rebound_host_name_is_refused_also_for_static_files(client: HostClient, host: str) -> None:
    for path in ("/api/me", "/"):
        status, _, _ = await client.request("GET", path, headers={"Host": host.format(port=port_of(client))})
        assert status == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_invoke_body_must_be_json_by_its_type(client: HostClient, kind: str) -> None:
    status, _, body = await client.request("POST", ECHO, data=b"{}", headers={"Content-Type": kind})
    assert (status, msgspec.json.decode(body)["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"{", b"1", b"{} {}", b"\xff"])
async def test_params_that_are_not_a_json_object_are_400(client: HostClient, body: bytes) -> None:
    status, _, answer = await client.request("POST", ECHO, data=body, headers=JSON_TYPE)
    assert (status, msgspec.json.decode(answer)["code"]) == (400, "invalid")


async def test_no_body_means_no_params(client: HostClient) -> None:
    status, _, body = await client.request("POST", ECHO, headers=JSON_TYPE)
    assert status == 200 and msgspec.json.decode(body)["params"] == {}


async def test_too_large_params_are_413(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config(max_params_bytes=1000)) as client:
        await client.reaches("running")
        status, answer = await client.invoke("echo", {"text": "x" * 2000})
        assert (status, answer["code"]) == (413, "too_large")


async def test_c7_operations_is_the_old_name_of_invoke(client: HostClient) -> None:
    path = "/api/plugins/helper/operations/fail"
    status, _, body = await client.request("POST", path, data=b'{"code":"conflict"}', headers=JSON_TYPE)
    assert (status, await client.invoke("fail", {"code": "conflict"})) == (409, (409, msgspec.json.decode(body)))


async def test_c8_global_operation_needs_no_item_and_config_operation_does(client: HostClient) -> None:
    assert (await client.invoke("echo", {"text": "x"}))[0] == 200
    status, answer = await client.invoke("sha256")
    assert (status, answer["facts"]) == (400, {"field": "config_id"})
    assert 'config_id is required for operation "sha256"' in answer["error"]


async def test_invoke_on_an_item(client: HostClient) -> None:
    [item] = (await client.get("/api/catalog/items?search=alpha"))["items"]
    status, answer = await client.invoke("sha256", item=item["id"])
    assert (status, answer["name"], answer["namespace"]) == (200, "alpha", "shop")
    assert (await client.invoke("sha256", item="not-a-uuid"))[0] == 400
    assert (await client.invoke("sha256", item="00000000-0000-0000-0000-000000000000"))[0] == 404


async def test_selector_limits_plugin_to_its_items(folder: HostFolder) -> None:
    folder.plugin(selector={"types": ["Test::Thing"]})
    folder.write("items.yaml", folder.item("alpha"), folder.item("beta", "Test::Other"))
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        ids = {item["name"]: item["id"] for item in (await client.get("/api/catalog/items"))["items"]}
        assert len(await client.get(f"/api/plugins?config_id={ids['alpha']}")) == 1
        assert await client.get(f"/api/plugins?config_id={ids['beta']}") == []
        status, answer = await client.invoke("sha256", item=ids["beta"])
        assert (status, answer["error"]) == (403, f'plugin "helper" is not enabled for config {ids["beta"]}')
        assert (await client.request("GET", f"/api/plugins/helper/ui/?config_id={ids['beta']}"))[0] == 403


async def test_error_keeps_code_hint_and_facts(client: HostClient) -> None:
    facts = {"sqlstate": "42703", "line": 1}
    sent = {"code": "invalid", "message": 'column "nme" does not exist', "hint": "check", "facts": facts}
    status, answer = await client.invoke("fail", sent)
    assert status == 400
    assert answer == {"error": sent["message"], "code": "invalid", "hint": "check", "facts": facts}
    assert (await client.invoke("fail", {"code": "SOMETHING_ELSE"}))[0] == 500
    assert (await client.invoke("fail", {"code": "SOMETHING_ELSE"}))[1]["code"] == "SOMETHING_ELSE"


async def test_unknown_plugin_and_operation_are_404(client: HostClient) -> None:
    assert (await client.invoke("echo", plugin="nobody"))[1]["error"] == 'plugin "nobody" not found'
    status, answer = await client.invoke("nothing")
    assert (status, answer["error"]) == (404, 'plugin "helper" operation "nothing" not found')


async def test_call_names_user_request_and_roles(client: HostClient) -> None:
    path, headers = ECHO, {**JSON_TYPE, "X-Request-Id": "req-7"}
    status, answered, body = await client.request("POST", path, data=b"{}", headers=headers)
    call = msgspec.json.decode(body)
    assert (status, answered["X-Request-Id"], call["request"], call["user"]) == (200, "req-7", "req-7", "owner")
    assert call["permissions"] == ["plugin-role:helper:write", "plugin-role:helper:operate"]
    assert 55 < call["leftS"] <= 60


async def test_deadline_ends_the_call_with_504_and_cancels_the_plugin(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config(invoke_timeout_s=0.3)) as client:
        await client.reaches("running")
        status, answer = await client.invoke("hang")
        assert (status, answer["code"]) == (504, "timeout")
        assert answer["error"] == 'plugin "helper" did not answer "hang" within 0.3 s'


async def test_b14_large_result_passes_and_a_larger_one_is_413_with_the_plugin_alive(client: HostClient) -> None:
    status, text = await client.invoke("big-result", {"bytes": 60 * 1024 * 1024})
    assert (status, len(text)) == (200, 60 * 1024 * 1024)
    status, answer = await client.invoke("big-result", {"bytes": 65 * 1024 * 1024})
    assert (status, answer["code"]) == (413, "too_large")
    assert (await client.invoke("echo", {"text": "x"}))[0] == 200
    assert (await client.status())["restarts"] == 0


async def test_b8_two_listings_are_byte_identical_and_sorted(folder: HostFolder) -> None:
    for name in ("zeta", "alpha", "middle"):
        folder.plugin(name)
    async with open_client(folder.config()) as client:
        for name in ("zeta", "alpha", "middle"):
            await client.reaches("running", name)
        first = await client.request("GET", "/api/plugins")
        second = await client.request("GET", "/api/plugins")
        assert first[2] == second[2]
        assert [row["name"] for row in msgspec.json.decode(first[2])] == ["alpha", "middle", "zeta"]


async def test_b10_every_refusal_below_api_is_json_with_error_and_code(client: HostClient) -> None:
    for method, path in (
        ("GET", "/api"),
        ("GET", "/api/"),
        ("DELETE", "/api/plugins"),
        ("GET", ECHO),
        ("POST", "/api/me"),
        ("GET", "/api/plugins/nobody/ui/"),
        ("PUT", "/api/plugins/helper/proxy/header-echo"),
        ("GET", "/api/plugins/helper/proxy/echo"),
        ("GET", "/api/catalog/items/x"),
        ("GET", "/api/catalog/items?cursor=%21"),
        ("GET", "/api/catalog/items?limit=-1"),
    ):
        status, headers, body = await client.request(method, path)
        answer: dict[str, Any] = msgspec.json.decode(body)
        assert status >= 400 and answer["error"] and answer["code"], (method, path)
        assert headers["Content-Type"].startswith("application/json")


async def test_items_page_filter_and_detail(folder: HostFolder) -> None:
    folder.write(
        "items.yaml",
        *(folder.item(f"thing-{n:02}", namespace="shop", labels={"n": n}) for n in range(7)),
        folder.item("db", "PostgreSQL::Database", health="unhealthy", config={"a": [1]}, properties={"p": 1}),
    )
    async with open_client(folder.config()) as client:
        page = await client.get("/api/catalog/items?limit=3")
        assert (page["total"], [row["name"] for row in page["items"]]) == (8, ["db", "thing-00", "thing-01"])
        page = await client.get(f"/api/catalog/items?limit=3&cursor={page['nextCursor']}")
        assert [row["name"] for row in page["items"]] == ["thing-02", "thing-03", "thing-04"]
        assert (await client.get("/api/catalog/items?type=PostgreSQL::*&health=unhealthy"))["total"] == 1
        assert (await client.get("/api/catalog/items?search=N%3D5%20SHOP"))["items"][0]["name"] == "thing-05"
        assert (await client.get("/api/catalog/items?namespace=shop&search=nothing"))["total"] == 0
        [row] = (await client.get("/api/catalog/items?search=db"))["items"]
        assert row["source"] == "directory" and "config" not in row
        detail = await client.get(f"/api/catalog/items/{row['id']}")
        assert (detail["config"], detail["properties"]) == ({"a": [1]}, {"p": 1})


async def test_client_that_leaves_cancels_the_invocation(client: HostClient, folder: HostFolder) -> None:
    call = asyncio.ensure_future(client.invoke("hang"))
    runtime = client.host.registry.get("helper").runtime
    from tests.fixtures.fix_host import eventually

    await eventually(lambda: runtime is not None and bool(runtime.calls), "the call is in flight")
    call.cancel()
    await eventually(lambda: "hang cancelled" in folder.note_lines(), "the plugin's work is cancelled", 3.0)


async def test_plugin_logs_are_listed(client: HostClient) -> None:
    records = await client.get("/api/plugins/helper/logs")
    assert records[0]["message"] == "plugin helper loading: version=1.0.0" and records[0]["level"] == "debug"


async def test_items_are_narrowed_by_tags_and_facets_say_to_what(folder: HostFolder) -> None:
    folder.write(
        "items.yaml",
        folder.item("a", "T::One", "shop", tags={"team": "pay"}, labels={"app": "x"}, health="healthy"),
        folder.item("b", "T::One", "shop", tags={"team": "web"}),
        folder.item("c", "T::Two", "", labels={"team": "pay"}),
    )

    async def names(query: str) -> list[str]:
        return [row["name"] for row in (await client.get(f"/api/catalog/items?{query}"))["items"]]

    async with open_client(folder.config()) as client:
        assert await names("tag=team%3Dpay") == ["a", "c"]
        assert await names("tag=team%3Dpay&tag=app") == ["a"]
        assert await names("tag=team%3Dp*&type=T::Two") == ["c"]
        assert await names("tagSelector=team+in+(pay,web)") == ["a", "b"]
        assert await names("labelSelector=team%3Dpay") == ["c"]
        facets = await client.get("/api/catalog/facets")
        assert facets["types"] == {"T::One": 2, "T::Two": 1}
        assert (facets["namespaces"], facets["healths"]) == ({"shop": 2}, {"healthy": 1})
        assert facets["tags"] == {"team=pay": 2, "app=x": 1, "team=web": 1}
        assert (await client.get("/api/catalog/facets?tag=team%3Dpay&type=T::One"))["tags"] == {
            "team=pay": 1,
            "app=x": 1,
        }


async def test_plugins_in_the_shape_of_the_manifest_cache(client: HostClient) -> None:
    [row] = await client.get("/api/plugins?format=clicky-rpc")
    assert row["name"] == "helper"
    [echo] = [one for one in row["service"]["operations"] if one["name"] == "echo"]
    assert [one["name"] for one in echo["parameters"]] == ["isLoud", "port", "tags", "text"]
    assert (echo["schema"]["type"], echo["schema"]["required"]) == ("object", ["text"])
