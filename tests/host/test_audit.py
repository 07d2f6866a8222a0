"""Audit: what is recorded, under which fingerprint, and what equal calls become."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from mc_host.audit import Asked, fingerprint, is_audited
from mc_host.state.changes import Change, ChangeStore
from mc_host.state.database import open_database
from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client


def test_params_hash_of_http_is_the_specifications_vector() -> None:
    query = (("pod", "b"), ("config_id", "x"), ("level", "info"), ("pod", "a"))
    wanted = "ae84ead7e537ed3653cb190cd76c6fde9be187119cdb40471512998868511f5c"
    assert Asked(method="GET", query=query).params_hash == wanted
    assert Asked(method="GET", query=query[::-1]).params_hash == wanted
    assert Asked(method="POST", query=query).params_hash != wanted


def test_fingerprint_is_the_specifications_vector_and_depends_on_the_user() -> None:
    body_hash = Asked(body=b'{"pod":"api"}').params_hash
    assert body_hash == hashlib.sha256(b'{"pod":"api"}').hexdigest()
    wanted = "d241d163cbcfba2f0ca53cb571c1167d94b22c4c850165ae01fa7d885c59a611"
    assert fingerprint("plugin-id", "tail", "user-id", body_hash) == wanted
    assert fingerprint("plugin-id", "tail", "other", body_hash) != wanted


@pytest.mark.parametrize(
    ("patterns", "operation", "expected"),
    [
        ((), "query", False),
        (("query",), "query", True),
        (("query",), "query-stream", False),
        (("*",), "anything", True),
        (("query*",), "query-stream", True),
        (("*-stream",), "query-stream", True),
        (("*", "!debug"), "debug", False),
        (("*", "!debug"), "query", True),
        (("!debug",), "query", True),
        (("!debug",), "debug", False),
        (("a%2Cb",), "a,b", True),
    ],
)
def test_match_expressions(patterns: tuple[str, ...], operation: str, expected: bool) -> None:
    assert is_audited(patterns, operation) is expected


async def test_equal_changes_are_one_row_whose_window_slides(tmp_path: Path) -> None:
    now = [1000.0]
    database = open_database(tmp_path)
    store = ChangeStore(database, 60, lambda: now[0])

    async def add(item: str = "i", mark: str = "f", user: str = "u") -> None:
        change = Change(item_id=item, change_type="t", source="s", summary="x", created_by=user, fingerprint=mark)
        await store.add(change)

    await add()
    for _ in range(3):  # each within a window of the one before, all together longer than one
        now[0] += 50
        await add()
    await add("other")
    await add(mark="g")
    rows = await store.list_newest("i")
    assert sorted((row.fingerprint, row.count) for row in rows) == [("f", 4), ("g", 1)]
    [row] = [one for one in rows if one.fingerprint == "f"]
    assert (row.first_at.timestamp(), row.created_at.timestamp()) == (1000.0, 1150.0)
    now[0] += 61
    await add()
    assert [one.count for one in await store.list_newest("i") if one.fingerprint == "f"] == [1, 4]
    await store.forget_older(60)
    assert [one.count for one in await store.list_newest(None)] == [1]
    database.close()


async def item_id(client: HostClient) -> str:
    """Return the item's id."""
    [row] = (await client.get("/api/catalog/items"))["items"]
    return str(row["id"])


async def test_calls_are_recorded_with_user_item_and_request_and_survive_a_restart(folder: HostFolder) -> None:
    folder.plugin(audit=["*", "!rest"])
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        item = await item_id(client)
        for _ in range(2):
            await client.invoke("echo", {"text": "x", "password": "hunter2"}, item=item)
        await client.invoke("fail", {"message": "no luck"}, item=item)
        await client.invoke("rest", {"ms": 1}, item=item)
        await client.request("GET", f"/api/plugins/helper/proxy/header-echo?a=1&apiKey=k&config_id={item}")
        await client.invoke("echo", {"text": "global"})
        entry = client.host.registry.get("helper")
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        rows: dict[str, Any] = {row["summary"]: row for row in await client.get(f"/api/catalog/items/{item}/changes")}
        assert set(rows) == {"helper.echo", "helper.fail", "helper.header-echo"}
        echo = rows["helper.echo"]
        assert (echo["count"], echo["createdBy"], echo["changeType"]) == (2, "owner", "InvokePlugin")
        assert (echo["source"], echo["severity"]) == ("mission-control/plugin/default/helper", "info")
        plugin = {"id": entry.id, "name": "helper", "namespace": "default"}
        request = {"body": {"text": "x", "password": "***"}}
        assert echo["details"] == {"plugin": plugin, "operation": "echo", "source": "grpc", "request": request}
        assert rows["helper.fail"]["details"]["error"] == "no luck"
        http = rows["helper.header-echo"]["details"]
        assert (http["source"], http["method"]) == ("http", "GET")
        assert http["request"] == {"queryParam": {"a": ["1"], "apiKey": ["***"]}}
        everything = await client.get("/api/changes")
        assert len(everything) == 4 and "" in {row["itemId"] for row in everything}


async def test_b13_nested_calls_are_recorded_for_the_user_who_began(folder: HostFolder) -> None:
    folder.plugin(audit=["*"])
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        item = await item_id(client)
        assert (await client.invoke("deeper", item=item))[1]["depth"] == 5
        [row] = await client.get(f"/api/catalog/items/{item}/changes")
        assert (row["summary"], row["createdBy"], row["count"]) == ("helper.deeper", "owner", 6)


async def test_nothing_is_recorded_without_patterns(client: HostClient) -> None:
    await client.invoke("echo", {"text": "x"})
    assert await client.get("/api/changes") == []


async def test_call_whose_caller_left_is_recorded(folder: HostFolder) -> None:
    import asyncio

    folder.plugin(audit=["hang"])
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        call = asyncio.ensure_future(client.invoke("hang"))
        runtime = client.host.registry.get("helper").runtime
        await eventually(lambda: runtime is not None and bool(runtime.calls), "the call runs")
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await eventually(lambda: runtime is not None and not runtime.calls, "the call is over")
        async with asyncio.timeout(5):
            while not (rows := await client.get("/api/changes")):
                pass
        assert rows[0]["details"]["error"] == "the caller left"


async def test_full_disk_fails_no_call(folder: HostFolder, caplog: pytest.LogCaptureFixture) -> None:
    folder.plugin(audit=["*"])
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        state = client.host.changes._database
        await state.run(lambda c: c.execute("pragma max_page_count = 1").fetchone())
        for number in range(40):
            assert (await client.invoke("echo", {"text": f"{number}" * 2000}))[0] == 200
        assert any(one.getMessage() == "invocation not recorded" for one in caplog.records)
        assert any("the disk is full" in one.__dict__.get("error", "") for one in caplog.records)
