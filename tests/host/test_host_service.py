"""What a plugin may ask of its host, asked over the real back-channel."""

from __future__ import annotations

import pytest

from mc_host.registry import PluginId
from tests.fixtures.fix_host import HostClient, HostFolder, open_client


async def test_b3_item_carries_its_namespace(client: HostClient) -> None:
    [item] = (await client.get("/api/catalog/items?search=alpha"))["items"]
    assert (await client.invoke("sha256", item=item["id"]))[1]["namespace"] == "shop"


@pytest.mark.parametrize("behaviour", ["", "released"])
async def test_b2_list_configs_pages_without_duplicates(folder: HostFolder, behaviour: str) -> None:
    folder.plugin(behaviour=behaviour)
    folder.write("items.yaml", *(folder.item(f"i{n:02}") for n in range(25)), folder.item("other", "Test::Other"))
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        names, cursor, sizes = [], "", []
        while True:
            params = {"selector": {"types": ["Test::Thing"]}, "limit": 10, "cursor": cursor}
            page = (await client.invoke("list-configs", params))[1]
            names += page["names"]
            sizes.append(len(page["names"]))
            cursor = page["cursor"]
            if not cursor:
                break
        assert (sizes, names) == ([10, 10, 5], [f"i{n:02}" for n in range(25)])


async def test_bad_selector_is_invalid_argument(client: HostClient) -> None:
    answer = (await client.invoke("list-configs", {"selector": {"nmae": "x"}}))[1]
    assert answer["error"] == "INVALID_ARGUMENT: selector key 'nmae' is not supported"


async def test_b1_artifacts_keep_bytes_type_and_metadata_through_a_restart(folder: HostFolder) -> None:
    folder.plugin()
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        kept = (await client.invoke("artifacts", {"bytes": 5 * 1024 * 1024}))[1]
        assert kept["url"] == f"artifact://{kept['id']}"
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        found = (await client.invoke("artifacts", {"id": kept["id"]}))[1]
        assert (found["sha256"], found["type"]) == (kept["sha256"], "application/x-test")
        assert (found["name"], found["metadata"]) == ("a.bin", {"k": "v"})
        for unknown in ("00000000-0000-0000-0000-000000000000", "../../etc", ""):
            assert "NOT_FOUND" in (await client.invoke("artifacts", {"id": unknown}))[1]["error"]


async def test_get_connection_reaches_the_plugin_with_its_text_on_refusal(folder: HostFolder) -> None:
    folder.plugin(connections={"types": {"sql": "connection://db"}})
    spec = {"type": "postgres", "url": "postgres://h/app", "username": "u", "password": {"valueFrom": {"env": "HOME"}}}
    folder.write("db.yaml", {"kind": "Connection", "metadata": {"name": "db", "namespace": "default"}, "spec": spec})
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        found = (await client.invoke("get-connection", {"type": "sql"}))[1]
        assert (found["type"], found["username"], found["password"]) == ("postgres", "u", str(folder.root))
        assert found["properties"]["type"] == "postgres" and found["hasEnd"]
        refused = (await client.invoke("get-connection", {"type": "kubernetes"}))[1]
        assert refused["error"] == "INVALID_ARGUMENT: plugin did not declare a kubernetes connection"


async def test_b13_nested_calls_act_as_the_user_and_stop_at_depth_five(client: HostClient) -> None:
    params = {"plugin": "helper", "operation": "echo", "params": {"text": "in"}}
    inner = (await client.invoke("nested", params))[1]["result"]
    assert (inner["user"], inner["params"]) == ("owner", {"text": "in"})
    deep = (await client.invoke("deeper"))[1]
    assert deep == {"depth": 5, "refused": "maximum plugin invocation depth 5 exceeded"}


async def test_nested_failure_stays_an_outcome(client: HostClient) -> None:
    params = {"plugin": "helper", "operation": "fail", "params": {"code": "conflict", "message": "no"}}
    answer = (await client.invoke("nested", params))[1]
    assert (answer["code"], answer["message"]) == ("conflict", "no")
    params = {"plugin": "nobody", "operation": "x"}
    assert 'NOT_FOUND: plugin "nobody" not found' in (await client.invoke("nested", params))[1]["error"]


async def test_s13_log_of_a_plugin_is_one_structured_record(
    client: HostClient, caplog: pytest.LogCaptureFixture
) -> None:
    text = "100%d\n[ERROR] x"
    assert (await client.invoke("host-log", {"message": text, "level": "warn"}))[0] == 200
    [record] = [one for one in caplog.records if one.getMessage() == text]
    entry = client.host.registry.get("helper")
    assert (record.levelname, record.name) == ("WARNING", "plugin.helper")
    assert record.__dict__["fields"] == {"k": "v", "plugin_id": PluginId(entry.id)}


async def test_b5_records_of_an_invocation_reach_the_log_with_plugin_and_request(
    client: HostClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await client.invoke("echo", {"text": "x"})
    [record] = [one for one in caplog.records if one.getMessage() == "operation done"]
    assert (record.__dict__["plugin"], record.__dict__["operation"]) == ("helper", "echo")
    assert record.__dict__["request_id"]
