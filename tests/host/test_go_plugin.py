"""A plugin on the real hashicorp/go-plugin under our host, in both contracts, found out without a setting."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client


@pytest.fixture(params=["released", "documented"])
def contract(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def hasher(go_peers: Path, folder: HostFolder, contract: str) -> AsyncIterator[HostClient]:
    """The host with the Go plugin and one item."""
    installed = folder.plugin_root / "hasher" / "latest" / "hasher"
    installed.parent.mkdir(parents=True)
    shutil.copy2(go_peers / "goplugin", installed)
    spec = {"source": "hasher", "properties": {"colour": "blue"}, "env": {"GOPLUGIN_CONTRACT": contract}}
    folder.write("hasher.yaml", {"kind": "Plugin", "metadata": {"name": "hasher"}, "spec": spec})
    folder.write("items.yaml", folder.item("alpha"))
    async with open_client(folder.config()) as client:
        await client.reaches("running", "hasher")
        yield client


async def _item(client: HostClient) -> str:
    [item] = (await client.get("/api/catalog/items"))["items"]
    found: str = item["id"]
    return found


async def test_c1_go_plugin_answers_through_the_back_channel(hasher: HostClient, contract: str) -> None:
    assert (await hasher.status("hasher"))["contract"] == contract
    status, answer = await hasher.invoke("sha256", plugin="hasher", item=await _item(hasher))
    assert (status, answer) == (200, {"name": "alpha", "sha256": hashlib.sha256(b"alpha").hexdigest()})


async def test_c4_go_plugin_gets_a_deadline_in_the_future(hasher: HostClient) -> None:
    status, answer = await hasher.invoke("deadline", plugin="hasher", item=await _item(hasher))
    assert status == 200
    assert 30 < answer["seconds"] <= 60


async def test_manifest_tabs_and_bindings_of_a_go_plugin_are_listed(hasher: HostClient) -> None:
    [row] = await hasher.get(f"/api/plugins?config_id={await _item(hasher)}")
    assert (row["name"], row["version"], row["tabs"][0]["path"]) == ("hasher", "1.0.0", "/")
    assert {"name": "sha256", "http": [{"method": "GET"}]}.items() <= row["operations"][0].items()


async def test_x7_page_and_operation_route_of_a_go_plugin_are_reached(hasher: HostClient, contract: str) -> None:
    item = await _item(hasher)
    status, _, page = await hasher.request("GET", f"/api/plugins/hasher/ui/?config_id={item}")
    assert status == 200
    assert f"<p>{contract} at {'/__mc/ui/' if contract == 'released' else '/'}" in page.decode()
    answer = await hasher.get(f"/api/plugins/hasher/proxy/sha256?config_id={item}", headers={"Cookie": "a=b"})
    assert (answer["item"], answer["cookie"], answer["authorization"]) == (item, "", "")


async def test_b14_60_mib_of_a_go_plugin_pass(hasher: HostClient) -> None:
    status, answer = await hasher.invoke("big", plugin="hasher", item=await _item(hasher))
    assert (status, len(answer)) == (200, 60 * 1024 * 1024)


async def test_l1_properties_reach_a_go_plugin_by_configure(hasher: HostClient) -> None:
    status, answer = await hasher.invoke("settings", plugin="hasher", item=await _item(hasher))
    assert (status, answer) == (200, {"colour": "blue"})


async def test_go_handler_is_cancelled_when_the_caller_leaves(hasher: HostClient) -> None:
    item = await _item(hasher)
    call = asyncio.create_task(hasher.invoke("sleep", plugin="hasher", item=item))
    await eventually(lambda: _logged(hasher, "hasher sleeps"), "the Go handler runs", 5)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await eventually(lambda: _logged(hasher, "hasher sleep ended"), "the Go handler hears of it", 5)


def _logged(client: HostClient, text: str) -> bool:
    lines = client.host.fleet.list_log(client.host.registry.get("hasher").id)
    return any(text in line.message for line in lines)


async def test_b12_output_of_a_go_plugin_is_not_lost(hasher: HostClient) -> None:
    await hasher.invoke("noise", plugin="hasher", item=await _item(hasher))
    for text in ("hasher on stdout", "hasher on stderr"):
        await eventually(partial(_logged, hasher, text), f"{text!r} is in the plugin's log", 5)


async def test_handler_error_of_a_go_plugin_keeps_its_text(hasher: HostClient) -> None:
    status, answer = await hasher.invoke("fail", plugin="hasher", item=await _item(hasher))
    assert (status, answer["code"], answer["error"]) == (500, "HANDLER_ERROR", "the hasher failed")
